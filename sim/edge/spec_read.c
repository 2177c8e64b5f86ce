#include "edge/spec_read.h"

#include <stdio.h>
#include <string.h>

#include "core/calendar.h"
#include "core/datetime.h"
#include "edge/pace.h"
#include "edge/unconst.h"
#include "people/nearest.h"

struct reading
reading_at(struct problem *problem, const char *pointer)
{
    struct reading reading = {.problem = problem};
    int n = snprintf(reading.pointer, sizeof reading.pointer, "%s", pointer);

    reading.pointer_n = n > 0 && (size_t)n < sizeof reading.pointer - 4 ? (size_t)n : 0;
    return reading;
}

/* Goes one step down; gives what pop takes back. A pointer that is too long stays where it is. */
static size_t
push(struct reading *reading, const char *token)
{
    size_t before = reading->pointer_n, n = before;
    char *pointer = reading->pointer;

    pointer[n++] = '/';
    for (; *token != '\0' && n + 3 < sizeof reading->pointer; token++) {
        if (*token == '/' || *token == '~') { /* RFC 6901 */
            pointer[n++] = '~';
            pointer[n++] = *token == '/' ? '1' : '0';
        } else {
            pointer[n++] = *token;
        }
    }
    if (*token != '\0')
        n = before;
    pointer[n] = '\0';
    reading->pointer_n = n;
    return before;
}

struct reading
reading_below(const struct reading *reading, const char *key)
{
    struct reading deeper = *reading;

    push(&deeper, key);
    return deeper;
}

static void
pop(struct reading *reading, size_t before)
{
    reading->pointer_n = before;
    reading->pointer[before] = '\0';
}

static const char *
kind_of(const json_t *value)
{
    static const char *const kinds[] = {"an object", "an array", "a text", "an integer",
                                        "a number",  "true",     "false",  "null"};

    return value == NULL ? "nothing" : kinds[json_typeof(value)];
}

bool
read_expected(struct reading *reading, const json_t *value, const char *expected)
{
    const char *where = reading->pointer[0] != '\0' ? reading->pointer : "the body";

    if (json_is_string(value))
        return problem_set(reading->problem, PROBLEM_BAD_VALUE, reading->pointer,
                           "%s is \"%.80s\", expected %s", where, json_string_value(value),
                           expected);
    return problem_set(reading->problem, PROBLEM_BAD_VALUE, reading->pointer,
                       "%s is %s, expected %s", where, kind_of(value), expected);
}

static bool
unknown_member(struct reading *reading, const char *key, const struct member *members, size_t count)
{
    struct nearest nearest = {str_of(key), NULL, 0};
    size_t before = push(reading, key);

    for (size_t i = 0; i < count; i++)
        nearest_try(&nearest, members[i].key);
    if (nearest.name != NULL)
        problem_set(reading->problem, PROBLEM_UNKNOWN_FIELD, reading->pointer,
                    "%s is not understood; did you mean \"%s\"?", reading->pointer, nearest.name);
    else
        problem_set(reading->problem, PROBLEM_UNKNOWN_FIELD, reading->pointer,
                    "%s is not understood", reading->pointer);
    pop(reading, before);
    return false;
}

bool
read_object(struct reading *reading, void *into, const json_t *object, const struct member *members,
            size_t count)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return read_expected(reading, object, "an object");
    json_object_foreach(unconst(object), key, value)
    {
        size_t i = 0;

        while (i < count && strcmp(members[i].key, key) != 0)
            i++;
        if (i == count)
            return unknown_member(reading, key, members, count);
        size_t before = push(reading, key);
        if (!members[i].read(reading, (char *)into + members[i].offset, value))
            return false;
        pop(reading, before);
    }
    return true;
}

bool
read_array(struct reading *reading, void *into, const json_t *array, member_reader *read,
           size_t *index)
{
    char token[24];
    size_t i;
    json_t *value;

    if (!json_is_array(array))
        return read_expected(reading, array, "an array");
    json_array_foreach(array, i, value)
    {
        snprintf(token, sizeof token, "%zu", i);
        size_t before = push(reading, token);
        if (index != NULL)
            *index = i;
        if (!read(reading, into, value))
            return false;
        pop(reading, before);
    }
    return true;
}

/* ---- the common kinds ------------------------------------------------------------------------------------------------------- */

bool
read_text(struct reading *reading, void *into, const json_t *value)
{
    const char **text = into;

    if (!json_is_string(value) || json_string_length(value) == 0 ||
        strlen(json_string_value(value)) != json_string_length(value))
        return read_expected(reading, value, "a text that is not empty");
    *text = json_string_value(value);
    return true;
}

bool
read_digits(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);

    if (text == NULL || strspn(text, "0123456789") != json_string_length(value) ||
        text[0] == '\0' || text[0] == '0' || strlen(text) > 18)
        return read_expected(reading, value, "an id: a text of 1 to 18 digits");
    *(const char **)into = text;
    return true;
}

bool
read_flag(struct reading *reading, void *into, const json_t *value)
{
    if (!json_is_boolean(value))
        return read_expected(reading, value, "true or false");
    *(bool *)into = json_is_true(value);
    return true;
}

bool
read_count(struct reading *reading, void *into, const json_t *value)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return read_expected(reading, value, "an integer from 0");
    *(uint64_t *)into = (uint64_t)json_integer_value(value);
    return true;
}

bool
read_time(struct reading *reading, void *into, const json_t *value)
{
    ms_t at;

    if (!json_is_string(value) ||
        !datetime_read((struct str){json_string_value(value), json_string_length(value)}, &at) ||
        at < CIVIL(2016, 1, 1) || at > PACE_END)
        return read_expected(reading, value,
                             "an ISO 8601 time from 2016 on, as in 2024-03-01T09:00:00.000Z");
    *(ms_t *)into = at;
    return true;
}

bool
read_json(struct reading *reading, void *into, const json_t *value)
{
    (void)reading;
    *(const json_t **)into = value;
    return true;
}
