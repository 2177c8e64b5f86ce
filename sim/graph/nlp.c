#include "graph/nlp.h"

#include <stdio.h>
#include <string.h>

#include "core/calendar.h"
#include "core/datetime.h"
#include "core/str.h"
#include "core/utf8.h"
#include "graph/json.h"

/* The days of change are not public: entities alone in captures of 2017 to January 2019, with detected_locales in October 2020, with intents and traits in 2022
 * [observed; the days inferred]. */
#define LOCALES_FROM CIVIL(2019, 7, 1)
#define TRAITS_FROM CIVIL(2021, 1, 1)
#define TEXT_MAX 1024

enum meaning { GREETINGS, BYE, THANKS, POSITIVE, NEGATIVE, TODAY, TOMORROW };

static const struct {
    enum meaning meaning;
    const char *text;
} words[] = {
#define WORD(meaning, text) {meaning, text},
#include "graph/nlp_words.def"
#undef WORD
};

/* What was found in a text: bytes [at, at + n). */
struct found {
    size_t at, n;
};

/* ---- finding ---------------------------------------------------------------------------------------------------------------- */

static bool
goes_on(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static bool
stands_alone(struct str text, size_t at, size_t n)
{
    return (at == 0 || !goes_on(text.s[at - 1])) && (at + n == text.n || !goes_on(text.s[at + n]));
}

static bool
find_word(struct str text, enum meaning meaning, struct found *found)
{
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        struct str word = str_of(words[w].text);

        for (size_t at = 0; words[w].meaning == meaning && at + word.n <= text.n; at++)
            if (str_eq_nocase((struct str){text.s + at, word.n}, word) &&
                stands_alone(text, at, word.n)) {
                *found = (struct found){at, word.n};
                return true;
            }
    }
    return false;
}

/* A run without spaces that has an @ and a dot behind it. */
static bool
find_email(struct str text, struct found *found)
{
    for (size_t at = 0; at < text.n; at++) {
        size_t n = 0;
        const char *sign = NULL, *dot = NULL;

        while (at + n < text.n && text.s[at + n] > ' ') {
            sign = text.s[at + n] == '@' ? text.s + at + n : sign;
            dot = text.s[at + n] == '.' && sign != NULL ? text.s + at + n : dot;
            n++;
        }
        if (sign != NULL && sign > text.s + at && dot != NULL && dot > sign + 1 &&
            dot + 1 < text.s + at + n) {
            *found = (struct found){at, n};
            return true;
        }
        at += n;
    }
    return false;
}

/* The language of the letters; of Latin ones the profile's, when that is written with them. */
static struct str
locale_of(struct str text, struct str profile)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.s[i];

        if (c == 0xD0 || c == 0xD1)
            return STR("ru_RU");
        if (c >= 0xD8 && c <= 0xDB)
            return STR("ar_AR");
    }
    bool is_latin = !str_starts_lit(profile, "ru_") && !str_starts_lit(profile, "ar_");
    return is_latin && !str_starts_lit(profile, "en_") ? profile : STR("en_XX");
}

/* ---- the parts -------------------------------------------------------------------------------------------------------------- */

static void
put_day(char out[DATETIME_SIZE + 8], const struct nlp_speaker *speaker, int days)
{
    int minutes = (int)(speaker->timezone * 60);
    struct civil day = civil_of(speaker->now + minutes * MINUTE + days * DAY);
    int off = minutes < 0 ? -minutes : minutes;

    snprintf(out, DATETIME_SIZE + 8, "%04d-%02d-%02dT00:00:00.000%c%02d:%02d", day.year % 10000,
             day.month, day.day, minutes < 0 ? '-' : '+', off / 60 % 24, off % 60);
}

static void
put_values(struct buf *out, const char *day)
{
    jw_key(out, "values");
    buf_printf(out, "[{\"value\":\"%s\",\"grain\":\"day\",\"type\":\"value\"}]", day);
}

static void
put_day_value(struct buf *out, const char *day)
{
    jw_kv_text(out, "value", day);
    jw_kv_text(out, "grain", "day");
    jw_kv_text(out, "type", "value");
}

/* A list of one under a key: "greetings":[{"confidence":..,"value":"true"}]. */
static void
put_old_value(struct buf *out, const char *key, const char *confidence, struct str value)
{
    jw_key(out, key);
    jw_open(out, '[');
    jw_open(out, '{');
    jw_kv_raw(out, "confidence", str_of(confidence));
    jw_kv_str(out, "value", value);
    jw_close(out, '}');
    jw_close(out, ']');
}

static void
put_trait(struct buf *out, const char *key, const char *id, const char *value,
          const char *confidence)
{
    jw_key(out, key);
    jw_open(out, '[');
    jw_open(out, '{');
    jw_kv_text(out, "id", id);
    jw_kv_text(out, "value", value);
    jw_kv_raw(out, "confidence", str_of(confidence));
    jw_close(out, '}');
    jw_close(out, ']');
}

/* Opens "wit$email:email":[{"id":..,..,"entities":[] ; the caller adds the value and closes both. Places count characters. */
static void
open_entity(struct buf *out, const char *name, const char *id, struct str text,
            const struct found *found)
{
    struct buf key = {0};
    int64_t start = (int64_t)utf8_length((struct str){text.s, found->at});
    struct str body = {text.s + found->at, found->n};

    buf_printf(&key, "wit$%s:%s", name, name);
    jw_key_str(out, buf_view(&key), JW_GRAPH);
    jw_open(out, '[');
    jw_open(out, '{');
    jw_kv_text(out, "id", id);
    buf_reset(&key);
    buf_printf(&key, "wit$%s", name);
    jw_kv_str(out, "name", buf_view(&key));
    jw_kv_text(out, "role", name);
    jw_kv_int(out, "start", start);
    jw_kv_int(out, "end", start + (int64_t)utf8_length(body));
    jw_kv_str(out, "body", body);
    jw_kv_raw(out, "confidence", STR("0.9684"));
    jw_kv_raw(out, "entities", STR("[]"));
    buf_fini(&key);
}

static bool
find_day(struct str text, const struct nlp_speaker *speaker, struct found *found,
         char day[DATETIME_SIZE + 8])
{
    bool is_tomorrow = find_word(text, TOMORROW, found);

    if (!is_tomorrow && !find_word(text, TODAY, found))
        return false;
    put_day(day, speaker, is_tomorrow);
    return true;
}

/* ---- the forms -------------------------------------------------------------------------------------------------------------- */

static void
write_entities_2017(struct buf *out, struct str text, const struct nlp_speaker *speaker)
{
    struct found found;
    char day[DATETIME_SIZE + 8];

    jw_open(out, '{');
    if (find_day(text, speaker, &found, day)) {
        jw_key(out, "datetime");
        jw_open(out, '[');
        jw_open(out, '{');
        jw_kv_raw(out, "confidence", STR("0.99557711676036"));
        put_values(out, day);
        put_day_value(out, day);
        jw_close(out, '}');
        jw_close(out, ']');
    }
    if (find_email(text, &found))
        put_old_value(out, "email", "1", (struct str){text.s + found.at, found.n});
    if (find_word(text, BYE, &found))
        put_old_value(out, "bye", "0.99361163394536", STR("true"));
    if (find_word(text, THANKS, &found))
        put_old_value(out, "thanks", "0.99986784536321", STR("true"));
    if (find_word(text, GREETINGS, &found))
        put_old_value(out, "greetings", "0.99982774257166", STR("true"));
    jw_close(out, '}');
}

static void
write_entities(struct buf *out, struct str text, const struct nlp_speaker *speaker)
{
    struct found found;
    char day[DATETIME_SIZE + 8];

    jw_open(out, '{');
    if (find_day(text, speaker, &found, day)) {
        open_entity(out, "datetime", "1716498931872216", text, &found);
        put_day_value(out, day);
        put_values(out, day);
        jw_close(out, '}');
        jw_close(out, ']');
    }
    if (find_email(text, &found)) {
        open_entity(out, "email", "1178473862525841", text, &found);
        jw_kv_str(out, "value", (struct str){text.s + found.at, found.n});
        jw_close(out, '}');
        jw_close(out, ']');
    }
    jw_close(out, '}');
}

/* The ids of sentiment and greetings are those of every capture [observed]; the others are made up [inferred]. */
static void
write_traits(struct buf *out, struct str text)
{
    struct found found;
    const char *sentiment = find_word(text, NEGATIVE, &found)    ? "negative"
                            : find_word(text, POSITIVE, &found)  ? "positive"
                            : find_word(text, GREETINGS, &found) ? "positive"
                                                                 : "neutral";

    jw_open(out, '{');
    put_trait(out, "wit$sentiment", "5ac2b50a-44e4-466e-9d49-bad6bd40092c", sentiment, "0.5435");
    if (find_word(text, GREETINGS, &found))
        put_trait(out, "wit$greetings", "5900cc2d-41b7-45b2-b21f-b950d3ae3c5c", "true", "0.9998");
    if (find_word(text, BYE, &found))
        put_trait(out, "wit$bye", "5900cc2d-6c1a-4c7b-9f0e-2f8a8d2f61b3", "true", "0.9936");
    if (find_word(text, THANKS, &found))
        put_trait(out, "wit$thanks", "5900cc2d-9d27-4a5e-8c54-5b0d7c41e2aa", "true", "0.9999");
    jw_close(out, '}');
}

void
nlp_write(struct buf *out, struct str text, const struct nlp_speaker *speaker, ms_t as_of)
{
    size_t length = utf8_length(text);

    if (length == 0 || length > TEXT_MAX) {
        buf_adds(out, "{\"errors\":[{\"code\":\"msg-invalid\",\"message\":\"Message is either too "
                      "short or too long (max is 1024)\"}]}");
        return;
    }
    jw_open(out, '{');
    if (as_of >= TRAITS_FROM)
        jw_kv_raw(out, "intents", STR("[]"));
    jw_key(out, "entities");
    if (as_of >= TRAITS_FROM) {
        write_entities(out, text, speaker);
        jw_key(out, "traits");
        write_traits(out, text);
    } else {
        write_entities_2017(out, text, speaker);
    }
    if (as_of >= LOCALES_FROM) {
        jw_key(out, "detected_locales");
        jw_open(out, '[');
        jw_open(out, '{');
        jw_kv_str(out, "locale", locale_of(text, speaker->locale));
        jw_kv_raw(out, "confidence", STR("0.9954"));
        jw_close(out, '}');
        jw_close(out, ']');
    }
    jw_close(out, '}');
}
