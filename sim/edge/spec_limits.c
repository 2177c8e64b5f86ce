/* The limits in a world's spec: "published", "off", or some of them otherwise. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "edge/spec_parts.h"
#include "world/limits.h"
#include "edge/unconst.h"

/* Numbers of one limit, LIMIT_AS_PUBLISHED where nothing is said. */
struct numbers {
    int64_t max, window;
};

static bool
refuse(const struct reading *reading, const char *why)
{
    return problem_set(reading->problem, PROBLEM_BAD_VALUE, reading->pointer, "%s: %s",
                       reading->pointer, why);
}

#define MAX_MOST 1000000000

static bool
read_whole(struct reading *reading, void *into, const json_t *value)
{
    char why[96];

    if (!json_is_integer(value))
        return read_expected(reading, value, "a whole number from 1 to 1000000000");
    *(int64_t *)into = json_integer_value(value);
    if (json_integer_value(value) >= 1 && json_integer_value(value) <= MAX_MOST)
        return true;
    snprintf(why, sizeof why, "%lld is not possible, expected 1 to %d",
             (long long)json_integer_value(value), MAX_MOST);
    return refuse(reading, why);
}

static bool
read_window(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);
    ms_t length;

    if (text == NULL || !duration_read(str_of(text), &length) || length < 1 || length > YEAR)
        return read_expected(reading, value, "a duration (1s, 10m, 24h) of 1ms to 365d, a year");
    *(int64_t *)into = length;
    return true;
}

static const struct member numbers_members[] = {
    {"max", read_whole, offsetof(struct numbers, max)},
    {"window", read_window, offsetof(struct numbers, window)},
};

/* How many people a page counts as at least. */
static bool
make_engaged_min(struct making *making, struct reading *reading, const json_t *value)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > 1000000000)
        return read_expected(reading, value, "a whole number from 1 to 1000000000");
    limits_set_engaged_min(making->world, (uint32_t)json_integer_value(value));
    return true;
}

/* One limit, or with "*" all: "off", "published" or its numbers. */
static bool
make_limit(struct making *making, struct reading *reading, const char *id, const json_t *value)
{
    struct numbers numbers = {LIMIT_AS_PUBLISHED, LIMIT_AS_PUBLISHED};
    const char *text = json_string_value(value);
    char why[256];
    bool is_off = text != NULL && strcmp(text, "off") == 0;

    if (text != NULL ? !is_off && strcmp(text, "published") != 0 : !json_is_object(value))
        return read_expected(reading, value, "\"off\", \"published\" or {\"max\", \"window\"}");
    if (text == NULL && !read_object(reading, &numbers, value, numbers_members,
                                     sizeof numbers_members / sizeof *numbers_members))
        return false;
    if (is_off ? limits_switch(making->world, id, false, why, sizeof why)
               : limits_configure(making->world, id, numbers.max, numbers.window, why, sizeof why))
        return true;
    return refuse(reading, why);
}

/* Ids may be written in any case of letters; a limit that is set twice is a contradiction. */
static bool
is_set_before(const json_t *limits, const void *iter)
{
    const char *id = json_object_iter_key(unconst(iter));

    for (void *at = json_object_iter(unconst(limits)); at != iter;
         at = json_object_iter_next(unconst(limits), at))
        if (str_eq_nocase(str_of(json_object_iter_key(at)), str_of(id)))
            return true;
    return false;
}

/* "*" first, so that what is said of one limit wins whatever the order. */
static bool
make_some(struct making *making, const struct reading *reading, const json_t *limits)
{
    const json_t *all = json_object_get(limits, "*"), *value;
    const char *id;
    struct reading below;

    if (all != NULL) {
        below = reading_below(reading, "*");
        if (!make_limit(making, &below, "*", all))
            return false;
    }
    for (void *at = json_object_iter(unconst(limits)); at != NULL;
         at = json_object_iter_next(unconst(limits), at)) {
        id = json_object_iter_key(at);
        value = json_object_iter_value(at);
        below = reading_below(reading, id);
        if (is_set_before(limits, at))
            return refuse(&below, "the limit is set twice, expected one value");
        bool is_made = strcmp(id, "*") == 0 ||
                       (strcmp(id, "engaged_min") == 0 ? make_engaged_min(making, &below, value)
                                                       : make_limit(making, &below, id, value));
        if (!is_made)
            return false;
    }
    return true;
}

bool
spec_make_limits(struct making *making, const json_t *limits)
{
    struct reading reading = reading_at(making->problem, "/limits");
    const char *text = json_string_value(limits);
    char why[256];

    if (json_is_object(limits))
        return make_some(making, &reading, limits);
    if (text != NULL && strcmp(text, "published") == 0)
        return true;
    if (text != NULL && strcmp(text, "off") == 0)
        return limits_switch(making->world, "*", false, why, sizeof why);
    return read_expected(&reading, limits, "\"published\", \"off\" or an object of limits");
}
