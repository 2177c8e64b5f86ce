#include "shop.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

enum { ARABIC_MARKS_FIRST = 0x64b, ARABIC_MARKS_LAST = 0x652 };

enum text {
#define TEXT(name, en, tr, ar, ru, fi) TEXT_##name,
#include "texts.def"
#undef TEXT
};

static const char *const texts[][SHOP_LANGS] = {
#define TEXT(name, en, tr, ar, ru, fi) {en, tr, ar, ru, fi},
#include "texts.def"
#undef TEXT
};

static const struct {
    enum shop_intent intent;
    enum shop_lang lang;
    const wchar_t *word;
} words[] = {
#define WORD(intent, lang, word) {SHOP_##intent, SHOP_##lang, L##word},
#include "words.def"
#undef WORD
};

/* Payloads of our buttons; what follows a colon belongs to the button. */
static const struct {
    const char *payload;
    enum shop_intent intent;
} payloads[] = {
    {"GET_STARTED", SHOP_START}, {"MENU", SHOP_MENU},   {"ORDER", SHOP_ORDER},
    {"HOURS", SHOP_HOURS},       {"HUMAN", SHOP_HUMAN}, {"PRODUCTS", SHOP_PRODUCTS},
    {"NOTIFY", SHOP_NOTIFY},     {"STOP", SHOP_STOP},
};

/* Letters that only one of our languages uses; words decide first. */
static const struct {
    const wchar_t *letters;
    enum shop_lang lang;
} alphabets[] = {{L"абвгдежзийклмнопрстуфхцчшщыэюя", SHOP_RU},
                 {L"ابتثجحخدذرزسشصضطظعغفقكلمنهوي", SHOP_AR},
                 {L"ığş", SHOP_TR},
                 {L"ä", SHOP_FI}};

static bool
word_fits(const wchar_t *word, const wchar_t *said)
{
    size_t length = wcslen(word);

    if (word[length - 1] == L'*')
        return wcsncmp(word, said, length - 1) == 0;
    return wcscmp(word, said) == 0;
}

/* UTF-8 to lower-case wide characters, whatever the locale of the process. Free it. */
static wchar_t *
lower_case_new(const char *text)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = uselocale(utf8);
    size_t room = strlen(text) + 1;
    wchar_t *wide = calloc(room, sizeof *wide);

    if (!wide)
        abort();
    if (mbstowcs(wide, text, room) == (size_t)-1)
        wide[0] = L'\0';
    wchar_t *to = wide;
    for (const wchar_t *at = wide; *at; at++)
        if (*at < ARABIC_MARKS_FIRST ||
            *at > ARABIC_MARKS_LAST) /* vowel signs are rarely written, and never matter here */
            *to++ = iswalpha((wint_t)*at) ? (wchar_t)towlower((wint_t)*at) : L' ';
    *to = L'\0';
    uselocale(before);
    freelocale(utf8);
    return wide;
}

enum shop_intent
shop_understand(const char *text, enum shop_lang *lang)
{
    enum shop_intent best = SHOP_UNCLEAR;
    wchar_t *lower = lower_case_new(text);
    wchar_t *rest;

    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        if (wcspbrk(lower, alphabets[i].letters)) {
            *lang = alphabets[i].lang;
            break;
        }
    }
    for (wchar_t *said = wcstok(lower, L" ", &rest); said; said = wcstok(NULL, L" ", &rest)) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (word_fits(words[i].word, said) && words[i].intent < best) {
                best = words[i].intent;
                *lang = words[i].lang;
            }
        }
    }
    free(lower);
    return best;
}

enum shop_intent
shop_payload(const char *payload)
{
    size_t length = strcspn(payload, ":");

    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
        if (strlen(payloads[i].payload) == length &&
            strncmp(payloads[i].payload, payload, length) == 0)
            return payloads[i].intent;
    return SHOP_UNCLEAR;
}

static json_t *
quick_reply_new(enum text title, const char *payload, enum shop_lang lang)
{
    return json_pack("{s:s, s:s, s:s}", "content_type", "text", "title", texts[title][lang],
                     "payload", payload);
}

static json_t *
text_with_menu_new(enum text text, enum shop_lang lang)
{
    return json_pack("{s:s, s:[o, o, o, o]}", "text", texts[text][lang], "quick_replies",
                     quick_reply_new(TEXT_BUTTON_ORDER, "ORDER", lang),
                     quick_reply_new(TEXT_BUTTON_HOURS, "HOURS", lang),
                     quick_reply_new(TEXT_BUTTON_PRODUCTS, "PRODUCTS", lang),
                     quick_reply_new(TEXT_BUTTON_HUMAN, "HUMAN", lang));
}

static json_t *
products_new(enum shop_lang lang)
{
    json_t *kettle =
        json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "title", texts[TEXT_TITLE_KETTLE][lang],
                  "subtitle", texts[TEXT_ABOUT_KETTLE][lang], "image_url",
                  "https://shop.example/img/kettle.jpg", "buttons", "type", "postback", "title",
                  texts[TEXT_BUTTON_NOTIFY][lang], "payload", "NOTIFY:kettle");
    json_t *tea =
        json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "title", texts[TEXT_TITLE_TEA][lang],
                  "subtitle", texts[TEXT_ABOUT_TEA][lang], "image_url",
                  "https://shop.example/img/tea.jpg", "buttons", "type", "web_url", "title",
                  texts[TEXT_BUTTON_SHOP][lang], "url", "https://shop.example/tea");

    return json_pack("{s:{s:s, s:{s:s, s:[o, o]}}}", "attachment", "type", "template", "payload",
                     "template_type", "generic", "elements", kettle, tea);
}

static json_t *
notify_request_new(enum shop_lang lang)
{
    return json_pack("{s:{s:s, s:{s:s, s:s, s:s}}}", "attachment", "type", "template", "payload",
                     "template_type", "one_time_notif_req", "title", texts[TEXT_TITLE_NOTIFY][lang],
                     "payload", "RESTOCK:kettle");
}

static json_t *
plain_new(enum text text, enum shop_lang lang)
{
    return json_pack("{s:s}", "text", texts[text][lang]);
}

json_t *
shop_answer_new(enum shop_intent intent, enum shop_lang lang)
{
    switch (intent) {
    case SHOP_STOP:
        return NULL;
    case SHOP_START:
    case SHOP_GREET:
        return text_with_menu_new(TEXT_HELLO, lang);
    case SHOP_MENU:
        return text_with_menu_new(TEXT_MENU, lang);
    case SHOP_UNCLEAR:
        return text_with_menu_new(TEXT_UNCLEAR, lang);
    case SHOP_HUMAN:
        return plain_new(TEXT_HUMAN, lang);
    case SHOP_NOTIFY:
        return notify_request_new(lang);
    case SHOP_ORDER:
        return plain_new(TEXT_ORDER, lang);
    case SHOP_HOURS:
        return plain_new(TEXT_HOURS, lang);
    case SHOP_PRODUCTS:
        return products_new(lang);
    case SHOP_THANKS:
        return plain_new(TEXT_THANKS, lang);
    case SHOP_NOTED:
        return plain_new(TEXT_NOTED, lang);
    case SHOP_RESTOCKED:
        return plain_new(TEXT_RESTOCKED, lang);
    case SHOP_COMMENTED:
        return plain_new(TEXT_COMMENTED, lang);
    }
    return NULL;
}
