/* What the shop understands and says, in five languages. */
#include "clients/shop/shop.h"

#include <check.h>
#include <string.h>

static const struct {
    const char *text;
    enum shop_intent intent;
    enum shop_lang lang;
} heard[] = {
    {"hello", SHOP_GREET, SHOP_EN},
    {"Merhaba!", SHOP_GREET, SHOP_TR},
    {"Siparişim nerede?", SHOP_ORDER, SHOP_TR},
    {"KARGOM NEREDE", SHOP_ORDER, SHOP_TR},
    {"متى تفتحون؟", SHOP_HOURS, SHOP_AR},
    {"Где мой ЗАКАЗ?", SHOP_ORDER, SHOP_RU},
    {"Milloin olette auki?", SHOP_HOURS, SHOP_FI},
    {"what do kettles cost, and where is my order?", SHOP_ORDER,
     SHOP_EN},                                        /* the more pressing one */
    {"Ne var ne yok, ağabey", SHOP_UNCLEAR, SHOP_TR}, /* by its letters */
    {"Что нового", SHOP_UNCLEAR, SHOP_RU},
    {"\xf0\x9f\x98\x80", SHOP_UNCLEAR, SHOP_EN},
    {"", SHOP_UNCLEAR, SHOP_EN},
    {"شُكْرًا جَزِيلًا", SHOP_THANKS, SHOP_AR}, /* with vowel signs */
    {"Ymmärsitkö", SHOP_UNCLEAR, SHOP_FI},
    /* the whole word stops us, a word that begins so does not */
    {"stop", SHOP_STOP, SHOP_EN},
    {"please STOP!!!", SHOP_STOP, SHOP_EN},
    {"stopping by tomorrow", SHOP_UNCLEAR, SHOP_EN},
    {"Dur.", SHOP_STOP, SHOP_TR},
    {"durum nedir", SHOP_UNCLEAR, SHOP_EN},
    {"توقف", SHOP_STOP, SHOP_AR},
    {"СТОП", SHOP_STOP, SHOP_RU},
    {"Lopeta!", SHOP_STOP, SHOP_FI},
    {"stop, I want a human", SHOP_STOP, SHOP_EN}, /* before anything else */
};

START_TEST(a_text_is_understood)
{
    enum shop_lang lang = SHOP_EN;

    ck_assert_msg(shop_understand(heard[_i].text, &lang) == heard[_i].intent, "%s", heard[_i].text);
    ck_assert_msg(lang == heard[_i].lang, "language of %s", heard[_i].text);
}
END_TEST

START_TEST(a_language_stays_until_another_is_heard)
{
    enum shop_lang lang = SHOP_FI;

    shop_understand("42", &lang);
    ck_assert_int_eq(lang, SHOP_FI);
    shop_understand("menu", &lang);
    ck_assert_int_eq(lang, SHOP_EN);
}
END_TEST

static const struct {
    const char *payload;
    enum shop_intent intent;
} tapped[] = {
    {"ORDER", SHOP_ORDER},    {"NOTIFY:kettle", SHOP_NOTIFY}, {"GET_STARTED", SHOP_START},
    {"ORDERS", SHOP_UNCLEAR}, {"ORDE", SHOP_UNCLEAR},         {"", SHOP_UNCLEAR},
    {"order", SHOP_UNCLEAR},  {":ORDER", SHOP_UNCLEAR},
};

START_TEST(a_payload_is_understood)
{
    ck_assert_msg(shop_payload(tapped[_i].payload) == tapped[_i].intent, "%s", tapped[_i].payload);
}
END_TEST

static size_t
letters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void
check_title(const json_t *object, size_t letters_max)
{
    const char *title = json_string_value(json_object_get(object, "title"));

    if (title)
        ck_assert_msg(*title && letters(title) <= letters_max, "%s", title);
}

/* All that can be said in all languages, within the limits of the platform. */
START_TEST(an_answer_keeps_within_the_limits)
{
    enum shop_intent intent = (enum shop_intent)(_i / SHOP_LANGS);
    json_t *message = shop_answer_new(intent, (enum shop_lang)(_i % SHOP_LANGS));
    json_t *payload = json_object_get(json_object_get(message, "attachment"), "payload");
    json_t *part, *button;
    size_t i, k;

    if (intent == SHOP_STOP) {
        ck_assert_ptr_null(message);
        return;
    }
    ck_assert(json_object_get(message, "text") || payload);
    json_array_foreach(json_object_get(message, "quick_replies"), i, part) check_title(part, 20);
    json_array_foreach(json_object_get(payload, "elements"), i, part)
    {
        check_title(part, 80);
        json_array_foreach(json_object_get(part, "buttons"), k, button) check_title(button, 20);
    }
    check_title(payload, 65);
    json_decref(message);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("shop");
    TCase *tests = tcase_create("shop");

    tcase_add_loop_test(tests, a_text_is_understood, 0, (int)(sizeof heard / sizeof heard[0]));
    tcase_add_test(tests, a_language_stays_until_another_is_heard);
    tcase_add_loop_test(tests, a_payload_is_understood, 0, (int)(sizeof tapped / sizeof tapped[0]));
    tcase_add_loop_test(tests, an_answer_keeps_within_the_limits, 0,
                        (SHOP_COMMENTED + 1) * (int)SHOP_LANGS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
