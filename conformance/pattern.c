#include "conformance/pattern.h"

#include <ctype.h>
#include <regex.h>

#include "conformance/alloc.h"
#include "conformance/loan.h"

/* ---- types and markers ---- */

static bool
is_any(const json_t *value)
{
    return value != NULL;
}

static bool
is_string(const json_t *value)
{
    return json_is_string(value);
}

static bool
is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

static bool
is_number(const json_t *value)
{
    return json_is_number(value);
}

static bool
is_integer(const json_t *value)
{
    return json_is_integer(value);
}

static bool
is_boolean(const json_t *value)
{
    return json_is_boolean(value);
}

static bool
is_object(const json_t *value)
{
    return json_is_object(value);
}

static bool
is_array(const json_t *value)
{
    return json_is_array(value);
}

static bool
is_id(const json_t *value)
{
    if (!is_text(value))
        return false;
    const char *text = json_string_value(value);
    return text[strspn(text, "0123456789")] == '\0';
}

static bool
is_absent(const json_t *value)
{
    return value == NULL;
}

/* A row serves as the marker <name> and, all but `absent`, as the type in ${x:name}. */
static const struct kind {
    const char *name;
    bool (*holds)(const json_t *);
} kinds[] = {
    {"any", is_any},         {"string", is_string},   {"text", is_text},     {"number", is_number},
    {"integer", is_integer}, {"boolean", is_boolean}, {"object", is_object}, {"array", is_array},
    {"id", is_id},           {"absent", is_absent},
};

static const struct kind *
kind_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    return NULL;
}

enum marker {
    MARKER_NONE,
    MARKER_KIND,
    MARKER_REGEX,
    MARKER_LITERAL,
    MARKER_COUNT,
    MARKER_UNKNOWN
};

/* What a string of a pattern means. `*rest` is the part behind the colon, up to the last `>`. */
static enum marker
marker_of(const char *text, const struct kind **kind, char **rest)
{
    size_t length = strlen(text);
    size_t name = 1;

    *rest = NULL;
    *kind = NULL;
    if (length < 3 || text[0] != '<' || text[length - 1] != '>')
        return MARKER_NONE;
    while (islower((unsigned char)text[name]))
        name++;
    if (name == 1 || (text[name] != ':' && text[name] != '>'))
        return MARKER_NONE;
    if (text[name] == '>') {
        if (text[name + 1] != '\0')
            return MARKER_NONE;
        *kind = kind_find(text + 1, name - 1);
        return *kind != NULL ? MARKER_KIND : MARKER_UNKNOWN;
    }
    enum marker marker = strncmp(text, "<re:", 4) == 0      ? MARKER_REGEX
                         : strncmp(text, "<is:", 4) == 0    ? MARKER_LITERAL
                         : strncmp(text, "<array:", 7) == 0 ? MARKER_COUNT
                                                            : MARKER_UNKNOWN;
    if (marker != MARKER_UNKNOWN)
        *rest = alloc_slice(text + name + 1, length - name - 2);
    return marker;
}

static char *
escape_regex(const char *text)
{
    char *out = alloc_zero(strlen(text) * 2 + 1, 1);
    size_t length = 0;

    for (; *text != '\0'; text++) {
        if (strchr("^.[]$()|*+?{}\\", *text) != NULL)
            out[length++] = '\\';
        out[length++] = *text;
    }
    return out;
}

/* ---- checking ---- */

static char *
check_regex(const char *expression)
{
    /* A variable may hold anything; a letter stands for it while we check. */
    char *plain = alloc_text("");
    struct reference reference;
    while (reference_next(expression, &reference)) {
        char *longer =
            alloc_print("%s%.*sx", plain, (int)(reference.start - expression), expression);
        free(plain);
        plain = longer;
        expression = reference.end;
    }
    char *whole = alloc_print("%s%s", plain, expression);
    free(plain);

    regex_t regex;
    int result = regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB);
    free(whole);
    if (result == 0) {
        regfree(&regex);
        return NULL;
    }
    char reason[128];
    regerror(result, &regex, reason, sizeof reason);
    return alloc_print("a bad regular expression: %s", reason);
}

static char *
check_references(const char *text)
{
    struct reference reference;

    while (reference_next(text, &reference)) {
        if (reference.is_broken)
            return alloc_print("a broken variable in \"%s\", expected ${name} or ${name:type}",
                               text);
        if (reference.type[0] != '\0') {
            if (!(reference.start == text && *reference.end == '\0'))
                return alloc_print("\"%s\" binds inside a text, expected ${%s:%s} alone", text,
                                   reference.name, reference.type);
            if (reference.field[0] != '\0')
                return alloc_print("\"%s\" binds a field, expected a plain name", text);
            const struct kind *kind = kind_find(reference.type, strlen(reference.type));
            if (kind == NULL || kind->holds == is_absent)
                return alloc_print(
                    "unknown type `%s` in \"%s\", expected any, string, text, number, "
                    "integer, boolean, object, array or id",
                    reference.type, text);
        }
        text = reference.end;
    }
    return NULL;
}

static char *
check_string(const char *text)
{
    const struct kind *kind;
    char *rest;
    char *wrong = NULL;

    switch (marker_of(text, &kind, &rest)) {
    case MARKER_UNKNOWN:
        wrong =
            alloc_print("unknown marker \"%s\"; for that very text write \"<is:%s>\"", text, text);
        break;
    case MARKER_REGEX:
        wrong = check_regex(rest);
        break;
    case MARKER_COUNT:
        if (rest[0] == '\0' || strlen(rest) > 6 || rest[strspn(rest, "0123456789")] != '\0')
            wrong = alloc_print("\"%s\", expected a number as in \"<array:3>\"", text);
        break;
    case MARKER_NONE:
    case MARKER_KIND:
    case MARKER_LITERAL:
        break;
    }
    free(rest);
    return wrong != NULL ? wrong : check_references(text);
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
char *
pattern_check(const json_t *pattern)
{
    char *wrong = NULL;

    if (json_is_string(pattern))
        return check_string(json_string_value(pattern));
    if (json_is_object(pattern)) {
        const char *key;
        json_t *member;
        json_object_foreach(loan(pattern), key, member)
        {
            wrong = pattern_check(member);
            if (wrong != NULL)
                return wrong;
        }
    }
    for (size_t i = 0; wrong == NULL && i < json_array_size(pattern); i++) {
        const char *text = json_string_value(json_array_get(pattern, i));
        if (i == 0 && text != NULL && strcmp(text, "<some>") == 0)
            continue;
        wrong = pattern_check(json_array_get(pattern, i));
    }
    return wrong;
}
/* NOLINTEND(misc-no-recursion) */

/* ---- matching ---- */

/* One matching: what is bound on the way, and where it went wrong first. */
struct matching {
    const struct scope *scope;
    json_t *bound; /* name -> value, kept only when all matches */
    bool is_exact;
    struct mismatch *mismatch; /* may be NULL */
    char path[PATTERN_PATH_MAX];
};

static bool match_value(struct matching *matching, const json_t *pattern, const json_t *actual);

static char *
shown(const json_t *value)
{
    enum { SHOWN_MAX = 300 };

    if (value == NULL)
        return alloc_text("nothing");
    char *text = alloc_checked(json_dumps(value, JSON_ENCODE_ANY));
    if (strlen(text) <= SHOWN_MAX)
        return text;
    size_t cut = SHOWN_MAX;
    while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80) /* not inside a character */
        cut--;
    char *shorter = alloc_print("%.*s...", (int)cut, text);
    free(text);
    return shorter;
}

/* Notes a difference; takes `expected`. Always false, so that it can be returned. */
static bool
differs(struct matching *matching, char *expected, const json_t *actual)
{
    struct mismatch *mismatch = matching->mismatch;

    if (mismatch == NULL || mismatch->expected != NULL) {
        free(expected);
        return false;
    }
    memcpy(mismatch->path, matching->path, sizeof mismatch->path);
    mismatch->expected = expected;
    mismatch->actual = shown(actual);
    return false;
}

static bool
match_regex(struct matching *matching, const char *expression, const json_t *pattern,
            const json_t *actual)
{
    char *expanded = NULL;
    regex_t regex;

    if (scope_expand_text(matching->scope, expression, escape_regex, &expanded) != FOUND) {
        free(expanded);
        return differs(matching, alloc_print("%s (not bound)", json_string_value(pattern)), actual);
    }
    bool is_match = false;
    if (json_is_string(actual) && regcomp(&regex, expanded, REG_EXTENDED | REG_NOSUB) == 0) {
        is_match = regexec(&regex, json_string_value(actual), 0, NULL, 0) == 0;
        regfree(&regex);
    }
    free(expanded);
    return is_match || differs(matching, alloc_text(json_string_value(pattern)), actual);
}

/* A text without markers: literal, or with variables in it, or one variable alone. */
static bool
match_literal(struct matching *matching, const char *text, const json_t *actual)
{
    struct reference reference;
    json_t *held = NULL;

    if (reference_whole(text, &reference)) {
        if (reference.type[0] != '\0') {
            const struct kind *kind = kind_find(reference.type, strlen(reference.type));
            if (kind == NULL || !kind->holds(actual))
                return differs(matching, alloc_text(text), actual);
            json_object_set_new(matching->bound, reference.name, json_deep_copy(actual));
            return true;
        }
        held = reference.field[0] == '\0' ? json_object_get(matching->bound, reference.name) : NULL;
        if (held == NULL && scope_find(matching->scope, &reference, &held) != FOUND)
            return differs(matching, alloc_print("%s (not bound)", text), actual);
        return (actual != NULL && json_equal(held, actual)) ||
               differs(matching, shown(held), actual);
    }
    char *expanded = NULL;
    if (scope_expand_text(matching->scope, text, NULL, &expanded) != FOUND) {
        free(expanded);
        return differs(matching, alloc_print("%s (not bound)", text), actual);
    }
    json_t *wanted = json_string(expanded);
    free(expanded);
    bool is_match = json_is_string(actual) && json_equal(wanted, actual);
    if (!is_match)
        differs(matching, shown(wanted), actual);
    json_decref(wanted);
    return is_match;
}

static bool
match_string(struct matching *matching, const json_t *pattern, const json_t *actual)
{
    const char *text = json_string_value(pattern);
    const struct kind *kind;
    char *rest;
    enum marker marker = marker_of(text, &kind, &rest);
    bool is_match = false;

    switch (marker) {
    case MARKER_KIND:
        is_match = kind->holds(actual) || differs(matching, alloc_text(text), actual);
        break;
    case MARKER_COUNT:
        is_match = (json_is_array(actual) && json_array_size(actual) == strtoul(rest, NULL, 10)) ||
                   differs(matching, alloc_text(text), actual);
        break;
    case MARKER_REGEX:
        is_match = match_regex(matching, rest, pattern, actual);
        break;
    case MARKER_LITERAL:
        is_match = match_literal(matching, rest, actual);
        break;
    case MARKER_NONE:
    case MARKER_UNKNOWN:
        if (strstr(text, "${") != NULL)
            is_match = match_literal(matching, text, actual);
        else
            is_match = (actual != NULL && json_equal(pattern, actual)) ||
                       differs(matching, shown(pattern), actual);
        break;
    }
    free(rest);
    return is_match;
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
/* Matches one member or element under a longer path. */
static bool
match_below(struct matching *matching, const char *key, size_t index, const json_t *pattern,
            const json_t *actual)
{
    size_t length = strlen(matching->path);
    char *end = matching->path + length;
    size_t room = sizeof matching->path - length;

    if (key != NULL)
        snprintf(end, room, "%s%s", length == 0 ? "" : ".", key);
    else
        snprintf(end, room, "[%zu]", index);
    bool is_match = match_value(matching, pattern, actual);
    *end = '\0';
    return is_match;
}

static bool
match_object(struct matching *matching, const json_t *pattern, const json_t *actual)
{
    const char *key, *surplus = NULL;
    json_t *member;

    if (!json_is_object(actual))
        return differs(matching, alloc_text("an object"), actual);
    json_object_foreach(loan(pattern), key, member)
    {
        if (!match_below(matching, key, 0, member, json_object_get(actual, key)))
            return false;
    }
    if (!matching->is_exact)
        return true;
    json_object_foreach(loan(actual), key, member)
    {
        if (json_object_get(pattern, key) == NULL)
            surplus = surplus == NULL ? key : surplus;
    }
    if (surplus == NULL)
        return true;
    json_t *absent = json_string("<absent>");
    match_below(matching, surplus, 0, absent, json_object_get(actual, surplus));
    json_decref(absent);
    return false;
}

static bool
match_some(struct matching *matching, const json_t *pattern, const json_t *actual)
{
    struct mismatch *mismatch = matching->mismatch;

    for (size_t i = 1; i < json_array_size(pattern); i++) {
        const json_t *wanted = json_array_get(pattern, i);
        bool is_there = false;

        matching->mismatch = NULL;
        for (size_t j = 0; !is_there && j < json_array_size(actual); j++)
            is_there = match_below(matching, NULL, j, wanted, json_array_get(actual, j));
        matching->mismatch = mismatch;
        if (!is_there) {
            char *text = shown(wanted);
            differs(matching, alloc_print("some element %s", text), actual);
            free(text);
            return false;
        }
    }
    return true;
}

static bool
match_array(struct matching *matching, const json_t *pattern, const json_t *actual)
{
    size_t count = json_array_size(pattern);
    const char *first = json_string_value(json_array_get(pattern, 0));

    if (!json_is_array(actual))
        return differs(matching, alloc_text("an array"), actual);
    if (first != NULL && strcmp(first, "<some>") == 0)
        return match_some(matching, pattern, actual);
    for (size_t i = 0; i < count && i < json_array_size(actual); i++)
        if (!match_below(matching, NULL, i, json_array_get(pattern, i), json_array_get(actual, i)))
            return false;
    if (count != json_array_size(actual))
        return differs(matching, alloc_print("%zu element%s", count, count == 1 ? "" : "s"),
                       actual);
    return true;
}

static bool
match_value(struct matching *matching, const json_t *pattern, const json_t *actual)
{
    if (json_is_string(pattern))
        return match_string(matching, pattern, actual);
    if (json_is_object(pattern))
        return match_object(matching, pattern, actual);
    if (json_is_array(pattern))
        return match_array(matching, pattern, actual);
    if (json_is_number(pattern) && json_is_number(actual) &&
        json_number_value(pattern) == json_number_value(actual) &&
        (!json_is_integer(pattern) || !json_is_integer(actual) || json_equal(pattern, actual)))
        return true;
    return (actual != NULL && json_equal(pattern, actual)) ||
           differs(matching, shown(pattern), actual);
}
/* NOLINTEND(misc-no-recursion) */

bool
pattern_match(const json_t *pattern, const json_t *actual, bool is_exact, struct scope *scope,
              struct mismatch *mismatch)
{
    struct matching matching = {
        .scope = scope, .bound = json_object(), .is_exact = is_exact, .mismatch = mismatch};
    json_t *pruned = scope_prune_new(scope, pattern);

    if (mismatch != NULL)
        *mismatch = (struct mismatch){0};
    bool is_match = pruned == NULL || match_value(&matching, pruned, actual);
    if (is_match)
        json_object_update(scope->values, matching.bound);
    json_decref(pruned);
    json_decref(matching.bound);
    return is_match;
}

bool
pattern_match_text(const char *pattern, const char *actual, struct scope *scope,
                   struct mismatch *mismatch)
{
    json_t *wanted = json_string(pattern);
    json_t *given = actual == NULL ? NULL : json_string(actual);
    bool is_match = pattern_match(wanted, given, false, scope, mismatch);

    json_decref(wanted);
    json_decref(given);
    return is_match;
}

void
mismatch_fini(struct mismatch *mismatch)
{
    free(mismatch->expected);
    free(mismatch->actual);
    *mismatch = (struct mismatch){0};
}
