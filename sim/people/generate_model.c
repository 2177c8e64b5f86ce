#include "people/generate_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "people/nearest.h"

const struct kind_row kind_rows[KIND_COUNT] = {
#define KIND(symbol, act, in_session, weight, fill)                                                \
    [KIND_##symbol] = {act, PART_##in_session, weight},
#include "people/generate_kinds.def"
#undef KIND
};

static const struct {
    const char *locale;
    double timezone;
    unsigned weight;
} languages[LANG_COUNT] = {
    [LANG_TR] = {"tr_TR", 3, 30}, [LANG_AR] = {"ar_AR", 3, 20}, [LANG_RU] = {"ru_RU", 3, 15},
    [LANG_FI] = {"fi_FI", 2, 10}, [LANG_EN] = {"en_GB", 0, 25},
};

/* A page's day: quiet at night, a bump at noon, most in the evening. */
static const unsigned default_hours[24] = {12, 6,  3,  2,  2,  4,  10, 20, 32, 42, 48, 52,
                                           60, 54, 48, 46, 50, 58, 70, 84, 92, 80, 54, 28};
static const unsigned default_weekdays[7] = {90, 105, 100, 98, 100, 110, 97};

const char *
language_locale(enum language language)
{
    return languages[language].locale;
}

double
language_timezone(enum language language)
{
    return languages[language].timezone;
}

static void
model_default(struct model *model)
{
    *model = (struct model){.sessions_a_day = 0.35,
                            .acts_a_session = 3.2,
                            .reaction_seconds = 35,
                            .block_permille = 4,
                            .unblock_permille = 50,
                            .utc_offset = 2};
    memcpy(model->hours, default_hours, sizeof default_hours);
    memcpy(model->weekdays, default_weekdays, sizeof default_weekdays);
    for (unsigned i = 0; i < LANG_COUNT; i++)
        model->languages[i] = languages[i].weight;
    for (unsigned i = 0; i < KIND_COUNT; i++)
        model->kinds[i] = kind_rows[i].weight;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------------- */

struct reader {
    struct model *model;
    char *problem;
    size_t size;
};

static int refuse(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
refuse(struct reader *reader, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the analyzer loses va_start */
    vsnprintf(reader->problem, reader->size, format, args);
    va_end(args);
    return -1;
}

/* A weight or a permille. */
static int
read_weight(struct reader *reader, const json_t *value, const char *where, unsigned most,
            unsigned *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > (json_int_t)most)
        return refuse(reader, "%s: expected a whole number from 0 to %u", where, most);
    *out = (unsigned)json_integer_value(value);
    return 0;
}

static int
read_list(struct reader *reader, const json_t *value, const char *name, unsigned *out, size_t count)
{
    char where[64];
    unsigned sum = 0;

    if (json_array_size(value) != count)
        return refuse(reader, "/%s: expected a list of %zu weights", name, count);
    for (size_t i = 0; i < count; i++) {
        snprintf(where, sizeof where, "/%s/%zu", name, i);
        if (read_weight(reader, json_array_get(value, i), where, 1000000, &out[i]) < 0)
            return -1;
        sum |= out[i];
    }
    return sum != 0 ? 0 : refuse(reader, "/%s: expected at least one weight above 0", name);
}

static int
read_languages(struct reader *reader, const json_t *value)
{
    json_t *object = json_to_iterate(value);
    unsigned sum = 0;
    char where[80];

    if (!json_is_object(value))
        return refuse(reader, "/languages: expected {\"tr_TR\":30,...}");
    memset(reader->model->languages, 0, sizeof reader->model->languages);
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        unsigned i = 0;

        while (i < LANG_COUNT && strcmp(json_object_iter_key(at), languages[i].locale) != 0)
            i++;
        if (i == LANG_COUNT)
            return refuse(reader,
                          "/languages/%.20s: unknown, expected tr_TR, ar_AR, ru_RU, fi_FI or en_GB",
                          json_object_iter_key(at));
        snprintf(where, sizeof where, "/languages/%s", languages[i].locale);
        if (read_weight(reader, json_object_iter_value(at), where, 1000000,
                        &reader->model->languages[i]) < 0)
            return -1;
        sum |= reader->model->languages[i];
    }
    return sum != 0 ? 0 : refuse(reader, "/languages: expected at least one weight above 0");
}

static const char *const part_names[PART_COUNT] = {"first", "opening", "then"};

/* {"message":48,"read":16}: acts that are not named do not happen in this part of a session. */
static int
read_part(struct reader *reader, const json_t *value, enum session_part part)
{
    json_t *object = json_to_iterate(value);
    unsigned sum = 0;
    char where[80];

    if (!json_is_object(value))
        return refuse(reader, "/%s: expected {\"message\":48,...}", part_names[part]);
    for (unsigned i = 0; i < KIND_COUNT; i++)
        if (kind_rows[i].part == part)
            reader->model->kinds[i] = 0;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        struct nearest best = {str_of(json_object_iter_key(at)), NULL, 0};
        unsigned i = 0;

        for (; i < KIND_COUNT; i++) {
            if (kind_rows[i].part != part)
                continue;
            if (strcmp(kind_rows[i].act, json_object_iter_key(at)) == 0)
                break;
            nearest_try(&best, kind_rows[i].act);
        }
        snprintf(where, sizeof where, "/%s/%.40s", part_names[part], json_object_iter_key(at));
        if (i == KIND_COUNT)
            return refuse(reader, "%s: no such act here%s%s", where,
                          best.name != NULL ? ", nearest is " : "",
                          best.name != NULL ? best.name : "");
        if (read_weight(reader, json_object_iter_value(at), where, 1000000,
                        &reader->model->kinds[i]) < 0)
            return -1;
        sum |= reader->model->kinds[i];
    }
    return sum != 0 ? 0
                    : refuse(reader, "/%s: expected at least one weight above 0", part_names[part]);
}

static int
read_number(struct reader *reader, const json_t *value, const char *name, double least, double most,
            double *out)
{
    if (!json_is_number(value) || json_number_value(value) < least ||
        json_number_value(value) > most)
        return refuse(reader, "/%s: expected a number from %g to %g", name, least, most);
    *out = json_number_value(value);
    return 0;
}

static int
read_member(struct reader *reader, const char *key, const json_t *value)
{
    static const char *const names[] = {"hours",          "weekdays",         "languages",
                                        "first",          "opening",          "then",
                                        "sessions_a_day", "acts_a_session",   "reaction_seconds",
                                        "block_permille", "unblock_permille", "utc_offset"};
    struct model *model = reader->model;
    struct nearest best = {str_of(key), NULL, 0};

    for (unsigned part = 0; part < PART_COUNT; part++)
        if (strcmp(key, part_names[part]) == 0)
            return read_part(reader, value, (enum session_part)part);
    if (strcmp(key, "hours") == 0)
        return read_list(reader, value, key, model->hours, 24);
    if (strcmp(key, "weekdays") == 0)
        return read_list(reader, value, key, model->weekdays, 7);
    if (strcmp(key, "languages") == 0)
        return read_languages(reader, value);
    if (strcmp(key, "sessions_a_day") == 0)
        return read_number(reader, value, key, 0.0001, 1000, &model->sessions_a_day);
    if (strcmp(key, "acts_a_session") == 0)
        return read_number(reader, value, key, 1, 1000, &model->acts_a_session);
    if (strcmp(key, "reaction_seconds") == 0)
        return read_number(reader, value, key, 0.01, 86400, &model->reaction_seconds);
    if (strcmp(key, "utc_offset") == 0)
        return read_number(reader, value, key, -14, 14, &model->utc_offset);
    if (strcmp(key, "block_permille") == 0)
        return read_weight(reader, value, "/block_permille", 1000, &model->block_permille);
    if (strcmp(key, "unblock_permille") == 0)
        return read_weight(reader, value, "/unblock_permille", 1000, &model->unblock_permille);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_try(&best, names[i]);
    return refuse(reader, "/%.40s: a model has no such member%s%s", key,
                  best.name != NULL ? ", nearest is " : "", best.name != NULL ? best.name : "");
}

int
model_read(struct model *model, const json_t *spec, char *problem, size_t size)
{
    struct reader reader = {model, problem, size};
    json_t *object = json_to_iterate(spec);

    model_default(model);
    if (spec == NULL || (json_is_string(spec) && strcmp(json_string_value(spec), "default") == 0))
        return 0;
    if (!json_is_object(spec))
        return refuse(&reader, "/: expected a model: an object, or \"default\"");
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        if (read_member(&reader, json_object_iter_key(at), json_object_iter_value(at)) < 0)
            return -1;
    return 0;
}
