/* Answers to special templates, shopping, games (webhooks.md 2.14 to 2.20). */
#include <math.h>
#include <string.h>

#include "people/act_family.h"

/* ---- customer feedback ------------------------------------------------------------------------------------------------------------------ */

static const json_t *
find_feedback(const struct act *act, const json_t *message)
{
    (void)act;
    return message_template(message, "customer_feedback");
}

static int
check_score(struct act *act, const json_t *question)
{
    static const struct {
        const char *option;
        unsigned least, most;
    } options[] = {{"one_to_five", 1, 5},
                   {"five_stars", 1, 5},
                   {"five_emojis", 1, 5},
                   {"zero_to_ten", 0, 10},
                   {"one_to_seven", 1, 7}};
    struct str rating = act_text(act, AF_RATING), option = json_member(question, "score_option");

    for (size_t i = 0; rating.s != NULL && i < sizeof options / sizeof *options; i++) {
        if (!str_eq(option, str_of(options[i].option)))
            continue;
        bool is_zero = str_eq_lit(rating, "0");
        uint64_t score = digits_read(rating.s, rating.n);

        if ((!is_zero && score == 0) || score < options[i].least || score > options[i].most)
            return act_refuse(act, "/rating: expected %u to %u", options[i].least, options[i].most);
    }
    return 0;
}

/* {"type":"csat","payload":"4","follow_up":{"type":"free_form","payload":"nice"}} */
static void
put_feedback(struct buf *out, const struct act *act, const json_t *question)
{
    struct str type = json_member(question, "type");
    bool is_free = str_eq_lit(type, "free_form");

    jw_open(out, '{');
    jw_kv_str(out, "type", type);
    jw_kv_str(out, "payload",
              is_free                   ? act_text(act, AF_TEXT)
              : act_has(act, AF_RATING) ? act_text(act, AF_RATING)
                                        : STR("5"));
    if (!is_free && act_has(act, AF_TEXT)) {
        jw_key(out, "follow_up");
        jw_open(out, '{');
        jw_kv_text(out, "type", "free_form");
        jw_kv_str(out, "payload", act_text(act, AF_TEXT));
        jw_close(out, '}');
    }
    jw_close(out, '}');
}

static int
check_life(struct act *act, const struct message *message, const json_t *template)
{
    const json_t *days = json_object_get(template, "expires_in_days");
    ms_t life = (json_is_integer(days) ? json_integer_value(days) : 1) * DAY;

    if (act->world->now - message->at >= life)
        return act_refuse(act, "feedback: the template has expired");
    if (act_text(act, AF_TEXT).n > (size_t)4 * 400)
        return act_refuse(act, "/text: longer than 400 characters");
    return 0;
}

int
act_feedback(struct act *act)
{
    const json_t *template;
    json_t *json;
    struct buf answer = {0};
    struct message *message = act_newest_fitting(act, find_feedback, &json, &template);

    if (message == NULL)
        return act_refuse(act,
                          "feedback: the page has sent this person no customer feedback template");
    const json_t *screen = json_array_get(json_object_get(template, "feedback_screens"), 0);
    const json_t *question = json_array_get(json_object_get(screen, "questions"), 0);
    if (check_life(act, message, template) < 0 || check_score(act, question) < 0) {
        json_decref(json);
        return -1;
    }
    struct str id = json_member(question, "id");
    jw_open(&answer, '{');
    jw_key(&answer, "feedback_screens");
    jw_open(&answer, '[');
    jw_open(&answer, '{');
    jw_kv_int(&answer, "screen_id", 0);
    jw_key(&answer, "questions");
    jw_open(&answer, '{');
    jw_key_str(&answer, id.s != NULL ? id : STR("q1"), JW_GRAPH);
    put_feedback(&answer, act, question);
    buf_adds(&answer, "}}]}");
    event_plain(act->world, act->thread, EVENT_FEEDBACK, "messaging_feedback", buf_view(&answer));
    buf_fini(&answer);
    json_decref(json);
    return 0;
}

/* ---- forms ----------------------------------------------------------------------------------------------------------------------------------- */

int
act_structured_information(struct act *act)
{
    struct buf answer = {0};
    json_t *answers = json_to_iterate(act_json(act, AF_ANSWERS));

    if (!json_is_object(answers) && !json_is_array(answers))
        return act_refuse(
            act, "/answers: expected {\"key\":\"value\"} or a list of {\"key\",\"value\"}");
    buf_adds(&answer, "{\"screens\":[{\"responses\":");
    if (json_is_array(answers)) {
        put_json(&answer, answers, JW_GRAPH);
    } else {
        jw_open(&answer, '[');
        for (void *at = json_object_iter(answers); at != NULL;
             at = json_object_iter_next(answers, at)) {
            jw_open(&answer, '{');
            jw_kv_text(&answer, "key", json_object_iter_key(at));
            jw_key(&answer, "value");
            put_json(&answer, json_object_iter_value(at), JW_GRAPH);
            jw_close(&answer, '}');
        }
        jw_close(&answer, ']');
    }
    buf_adds(&answer, "}]}");
    event_plain(act->world, act->thread, EVENT_CUSTOMER_INFORMATION,
                "messaging_customer_information", buf_view(&answer));
    buf_fini(&answer);
    return 0;
}

int
act_instant_form(struct act *act)
{
    struct buf id = {0};

    jw_string(&id, act_text(act, AF_FORM_ID), JW_GRAPH);
    event_plain(act->world, act->thread, EVENT_LEAD_FORM, "form_id", buf_view(&id));
    buf_fini(&id);
    return 0;
}

int
act_response_feedback(struct act *act)
{
    struct str rating = act_text(act, AF_RATING);
    bool is_good = str_eq_lit(rating, "good") || str_eq_lit(rating, "Good response");
    uint64_t number;
    struct message *message;
    struct buf json = {0};

    if (!is_good && !str_eq_lit(rating, "bad") && !str_eq_lit(rating, "Bad response"))
        return act_refuse(act, "/rating: expected good or bad");
    if (act_find_message(act, AF_MID, "last", &number, &message) < 0)
        return -1;
    if ((message->flags & MESSAGE_FROM_PAGE) == 0)
        return act_refuse(act, "/mid: this message is the person's own");
    jw_open(&json, '{');
    jw_kv_text(&json, "feedback", is_good ? "Good response" : "Bad response");
    jw_key(&json, "mid");
    event_put_mid(&json, act->world, number);
    jw_close(&json, '}');
    event_plain(act->world, act->thread, EVENT_RESPONSE_FEEDBACK, "response_feedback",
                buf_view(&json));
    made_mid(act, number);
    buf_fini(&json);
    return 0;
}

/* ---- shopping and games ---------------------------------------------------------------------------------------------------------------------- */

static int
check_products(struct act *act)
{
    const json_t *products = act_json(act, AF_PRODUCTS);

    if (json_array_size(products) == 0)
        return act_refuse(act, "/products: expected at least one");
    for (size_t i = 0; i < json_array_size(products); i++)
        if (!json_is_object(json_array_get(products, i)))
            return act_refuse(act, "/products/%zu: wrong type, expected object", i);
    return 0;
}

int
act_cart(struct act *act)
{
    struct buf order = {0};

    if (check_products(act) < 0)
        return -1;
    jw_open(&order, '{');
    jw_key(&order, "products");
    put_json(&order, act_json(act, AF_PRODUCTS), JW_GRAPH);
    if (act_has(act, AF_NOTE))
        jw_kv_str(&order, "note", act_text(act, AF_NOTE));
    jw_close(&order, '}');
    event_plain(act->world, act->thread, EVENT_CART, "order", buf_view(&order));
    buf_fini(&order);
    return 0;
}

int
act_game_play(struct act *act)
{
    struct buf game = {0};
    struct person person;
    struct str type = act_has(act, AF_TYPE) ? act_text(act, AF_TYPE) : STR("SOLO");
    uint64_t key = act->world->key;
    char number[UINT64_SIZE];

    if (!str_eq_lit(type, "SOLO") && !str_eq_lit(type, "THREAD") && !str_eq_lit(type, "GROUP"))
        return act_refuse(act, "/type: expected SOLO, THREAD or GROUP");
    thread_person(act->world, act->thread, &person);
    jw_open(&game, '{');
    format_uint64(number, id_number(key, ID_OTHER, 1, 15));
    jw_kv_str(&game, "game_id",
              act_has(act, AF_GAME_ID) ? act_text(act, AF_GAME_ID) : str_of(number));
    format_uint64(number, id_number(key, ID_OTHER, act->thread->psid, 16));
    jw_kv_text(&game, "player_id", number);
    jw_kv_text(&game, "locale", person.locale);
    jw_kv_str(&game, "context_type", type);
    format_uint64(number, id_number(key, ID_OTHER, act->thread->psid ^ 1, 16));
    jw_kv_text(&game, "context_id", number);
    if (act_has(act, AF_SCORE))
        jw_kv_int(&game, "score", (int64_t)floor(act_number(act, AF_SCORE)));
    if (act_has(act, AF_PAYLOAD))
        jw_kv_str(&game, "payload", act_text(act, AF_PAYLOAD));
    jw_close(&game, '}');
    event_plain(act->world, act->thread, EVENT_GAME_PLAY, "game_play", buf_view(&game));
    buf_fini(&game);
    return 0;
}

int
act_purchase(struct act *act)
{
    struct buf payment = {0};

    put_json(&payment, act_json(act, AF_VALUE), JW_GRAPH);
    event_plain(act->world, act->thread, EVENT_PAYMENT, "payment", buf_view(&payment));
    buf_fini(&payment);
    return 0;
}

int
act_appointment(struct act *act)
{
    struct buf members = {0};

    jw_key(&members, "attachments");
    buf_adds(&members, "[{\"type\":\"appointment_booking\",\"payload\":");
    put_json(&members, act_json(act, AF_VALUE), JW_GRAPH);
    buf_adds(&members, "}]");
    act_say(act, &members, NULL);
    buf_fini(&members);
    return 0;
}
