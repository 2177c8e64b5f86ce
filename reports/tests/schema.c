#include "reports/tests/schema.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 512 };

struct check {
    json_t *root;
    char *why;
    size_t why_size;
};

static bool fits(const struct check *check, json_t *schema, json_t *value, const char *path);

static bool
misfit(const struct check *check, const char *path, const char *what)
{
    snprintf(check->why, check->why_size, "%s: %s", *path ? path : "/", what);
    return false;
}

static bool
is_of_type(const json_t *value, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
           (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
           (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool
check_type(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    json_t *type;
    size_t i;

    if (json_is_string(wanted))
        return is_of_type(value, json_string_value(wanted)) ||
               misfit(check, path, json_string_value(wanted));
    json_array_foreach(wanted, i, type) if (is_of_type(value, json_string_value(type))) return true;
    return misfit(check, path, "none of the types");
}

static bool
check_const(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    return json_equal(wanted, value) || misfit(check, path, "another constant");
}

static bool
check_enum(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    json_t *one;
    size_t i;

    json_array_foreach(wanted, i, one) if (json_equal(one, value)) return true;
    return misfit(check, path, "not in the enum");
}

static bool
check_required(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    json_t *key;
    size_t i;

    json_array_foreach(
        wanted, i,
        key) if (json_is_object(value) &&
                 !json_object_get(value,
                                  json_string_value(key))) return misfit(check, path,
                                                                         json_string_value(key));
    return true;
}

static bool
check_properties(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    const char *key;
    json_t *schema;

    json_object_foreach(wanted, key, schema)
    {
        char below[PATH_SIZE];

        snprintf(below, sizeof below, "%s/%s", path, key);
        if (json_object_get(value, key) && !fits(check, schema, json_object_get(value, key), below))
            return false;
    }
    return true;
}

static bool
check_additional(const struct check *check, json_t *schema, json_t *value, const char *path)
{
    json_t *wanted = json_object_get(schema, "additionalProperties"), *member;
    json_t *properties = json_object_get(schema, "properties");
    const char *key;

    json_object_foreach(value, key, member)
    {
        char below[PATH_SIZE];

        snprintf(below, sizeof below, "%s/%s", path, key);
        if (json_object_get(properties, key))
            continue;
        if (json_is_false(wanted))
            return misfit(check, below, "not foreseen");
        if (json_is_object(wanted) && !fits(check, wanted, member, below))
            return false;
    }
    return true;
}

static bool
check_items(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    json_t *item;
    size_t i;

    json_array_foreach(value, i, item)
    {
        char below[PATH_SIZE];

        snprintf(below, sizeof below, "%s/%zu", path, i);
        if (!fits(check, wanted, item, below))
            return false;
    }
    return true;
}

static bool
check_pattern(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    regex_t pattern;

    if (!json_is_string(value))
        return true;
    if (regcomp(&pattern, json_string_value(wanted), REG_EXTENDED | REG_NOSUB) != 0)
        return misfit(check, path, "a pattern that cannot be read");

    bool matches = regexec(&pattern, json_string_value(value), 0, NULL, 0) == 0;

    regfree(&pattern);
    return matches || misfit(check, path, json_string_value(wanted));
}

static bool
check_any_of(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    json_t *schema;
    size_t i;

    json_array_foreach(wanted, i, schema) if (fits(check, schema, value, path)) return true;
    return false;
}

static bool
check_ref(const struct check *check, json_t *wanted, json_t *value, const char *path)
{
    static const char start[] = "#/$defs/";
    const char *ref = json_string_value(wanted);
    json_t *schema = NULL;

    if (strncmp(ref, start, sizeof start - 1) == 0)
        schema = json_object_get(json_object_get(check->root, "$defs"), ref + sizeof start - 1);
    return schema ? fits(check, schema, value, path) : misfit(check, path, ref);
}

static bool
check_bound(const struct check *check, const char *keyword, json_t *wanted, json_t *value,
            const char *path)
{
    double bound = json_number_value(wanted), number = json_number_value(value);
    size_t size = json_array_size(value);

    if (strcmp(keyword, "minItems") == 0)
        return !json_is_array(value) || (double)size >= bound || misfit(check, path, keyword);
    if (strcmp(keyword, "maxItems") == 0)
        return !json_is_array(value) || (double)size <= bound || misfit(check, path, keyword);
    if (!json_is_number(value))
        return true;
    if (strcmp(keyword, "minimum") == 0)
        return number >= bound || misfit(check, path, keyword);
    return number <= bound || misfit(check, path, keyword);
}

/* clang-format off */
static const struct keyword {
    const char *name;
    bool (*check)(const struct check *, json_t *wanted, json_t *value, const char *path);
} keywords[] = {
    {"type", check_type},   {"const", check_const},     {"enum", check_enum},    {"required", check_required},
    {"properties", check_properties}, {"items", check_items}, {"pattern", check_pattern}, {"anyOf", check_any_of},
    {"$ref", check_ref},
};
/* clang-format on */

static bool
check_keyword(const struct check *check, const char *name, json_t *schema, json_t *value,
              const char *path)
{
    static const char *const bounds[] = {"minItems", "maxItems", "minimum", "maximum"};
    static const char *const silent[] = {"title", "description", "$schema", "$id", "$defs"};
    json_t *wanted = json_object_get(schema, name);

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(keywords[i].name, name) == 0)
            return keywords[i].check(check, wanted, value, path);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (strcmp(bounds[i], name) == 0)
            return check_bound(check, name, wanted, value, path);
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(silent[i], name) == 0)
            return true;
    if (strcmp(name, "additionalProperties") == 0)
        return check_additional(check, schema, value, path);
    return misfit(check, name, "a keyword that this checker does not know");
}

static bool
fits(const struct check *check, json_t *schema, json_t *value, const char *path)
{
    const char *name;
    json_t *wanted;

    json_object_foreach(schema, name,
                        wanted) if (!check_keyword(check, name, schema, value, path)) return false;
    return true;
}

bool
schema_fits(json_t *schema, json_t *value, char *why, size_t why_size)
{
    struct check check = {.root = schema, .why = why, .why_size = why_size};

    return fits(&check, schema, value, "");
}
