#include "conformance/scope.h"

#include <ctype.h>

#include "conformance/alloc.h"
#include "conformance/loan.h"

/* ---- references ---- */

/* One part of a reference, up to a character that is not of a name. False when it is empty or too long. */
static bool
read_part(const char **at, char part[static REFERENCE_PART_MAX + 1])
{
    size_t length = 0;

    while (islower((unsigned char)(*at)[length]) || isdigit((unsigned char)(*at)[length]) ||
           (*at)[length] == '_')
        length++;
    if (length == 0 || length > REFERENCE_PART_MAX)
        return false;
    memcpy(part, *at, length);
    part[length] = '\0';
    *at += length;
    return true;
}

bool
reference_next(const char *text, struct reference *reference)
{
    const char *start = strstr(text, "${");

    if (start == NULL)
        return false;
    *reference = (struct reference){.start = start, .end = start + 2};
    if (start > text && start[-1] == '$') {
        reference->start = start - 1;
        reference->is_escape = true;
        return true;
    }
    const char *at = start + 2;
    bool is_good = read_part(&at, reference->name);
    if (is_good && *at == '.') {
        at++;
        is_good = read_part(&at, reference->field);
    }
    if (is_good && *at == ':') {
        at++;
        is_good = read_part(&at, reference->type);
    }
    reference->is_broken = !is_good || *at != '}';
    if (!reference->is_broken)
        reference->end = at + 1;
    return true;
}

bool
reference_whole(const char *text, struct reference *reference)
{
    return reference_next(text, reference) && !reference->is_escape && !reference->is_broken &&
           reference->start == text && *reference->end == '\0';
}

/* ---- the scope ---- */

void
scope_init(struct scope *scope)
{
    scope->values = alloc_checked(json_object());
    scope->things = alloc_checked(json_object());
    scope->absents = alloc_checked(json_object());
}

void
scope_fini(struct scope *scope)
{
    json_decref(scope->values);
    json_decref(scope->things);
    json_decref(scope->absents);
    *scope = (struct scope){0};
}

void
scope_bind_new(struct scope *scope, const char *name, json_t *value)
{
    json_object_set_new(scope->values, name, alloc_checked(value));
}

void
scope_bind(struct scope *scope, const char *name, const json_t *value)
{
    scope_bind_new(scope, name, json_deep_copy(value));
}

void
scope_bind_thing(struct scope *scope, const char *name, const json_t *thing)
{
    json_object_set_new(scope->things, name, alloc_checked(json_deep_copy(thing)));
}

void
scope_bind_absent(struct scope *scope, const char *name)
{
    json_object_set_new(scope->absents, name, json_true());
}

enum found
scope_find(const struct scope *scope, const struct reference *reference, json_t **value)
{
    if (json_object_get(scope->absents, reference->name) != NULL)
        return FOUND_ABSENT;
    *value =
        reference->field[0] == '\0'
            ? json_object_get(scope->values, reference->name)
            : json_object_get(json_object_get(scope->things, reference->name), reference->field);
    return *value == NULL ? FOUND_NOTHING : FOUND;
}

/* ---- texts ---- */

char *
scope_text_of(const json_t *value)
{
    if (json_is_string(value))
        return alloc_text(json_string_value(value));
    return alloc_checked(json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT));
}

static void
append(char **text, size_t *length, const char *more, size_t size)
{
    *text = alloc_checked(realloc(*text, *length + size + 1));
    memcpy(*text + *length, more, size);
    *length += size;
    (*text)[*length] = '\0';
}

static enum found
append_value(const struct scope *scope, const struct reference *reference,
             char *(*shape)(const char *), char **text, size_t *length)
{
    json_t *value = NULL;
    enum found found = reference->is_broken ? FOUND_NOTHING : scope_find(scope, reference, &value);

    if (found != FOUND)
        return found;
    char *plain = scope_text_of(value);
    if (shape != NULL) {
        char *shaped = shape(plain);
        free(plain);
        plain = shaped;
    }
    append(text, length, plain, strlen(plain));
    free(plain);
    return FOUND;
}

/* `*had_absent` NULL: a reference to an absent cell ends it; else the cell is an empty text and is noted. */
static enum found
expand_text(const struct scope *scope, const char *from, char *(*shape)(const char *), char **text,
            bool *had_absent)
{
    struct reference reference;
    char *out = alloc_text("");
    size_t length = 0;

    while (reference_next(from, &reference)) {
        append(&out, &length, from, (size_t)(reference.start - from));
        from = reference.end;
        if (reference.is_escape) {
            append(&out, &length, "${", 2);
            continue;
        }
        enum found found = append_value(scope, &reference, shape, &out, &length);
        if (found == FOUND_ABSENT && had_absent != NULL) {
            *had_absent = true;
        } else if (found != FOUND) {
            free(out);
            *text = found == FOUND_ABSENT
                        ? NULL
                        : alloc_slice(reference.start, (size_t)(reference.end - reference.start));
            return found;
        }
    }
    append(&out, &length, from, strlen(from));
    *text = out;
    return FOUND;
}

enum found
scope_expand_text(const struct scope *scope, const char *from, char *(*shape)(const char *),
                  char **text)
{
    return expand_text(scope, from, shape, text, NULL);
}

char *
scope_percent_encode(const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = alloc_zero(strlen(text) * 3 + 1, 1);
    size_t length = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (isalnum(*c) || strchr("-._~", *c) != NULL) {
            out[length++] = (char)*c;
        } else {
            out[length++] = '%';
            out[length++] = hex[*c >> 4];
            out[length++] = hex[*c & 15];
        }
    }
    return out;
}

/* ---- JSON ---- */

static bool
is_absent(const struct scope *scope, const json_t *value)
{
    struct reference reference;
    json_t *held;

    return json_is_string(value) && reference_whole(json_string_value(value), &reference) &&
           scope_find(scope, &reference, &held) == FOUND_ABSENT;
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
json_t *
scope_prune_new(const struct scope *scope, const json_t *from)
{
    if (is_absent(scope, from))
        return NULL;
    if (json_is_object(from)) {
        json_t *to = json_object();
        const char *key;
        json_t *member;
        json_object_foreach(loan(from), key, member)
        {
            json_t *kept = scope_prune_new(scope, member);
            if (kept != NULL)
                json_object_set_new(to, key, kept);
        }
        if (json_object_size(to) == 0 && json_object_size(from) > 0) {
            json_decref(to);
            return NULL;
        }
        return to;
    }
    if (json_is_array(from)) {
        json_t *to = json_array();
        for (size_t i = 0; i < json_array_size(from); i++) {
            json_t *kept = scope_prune_new(scope, json_array_get(from, i));
            if (kept != NULL)
                json_array_append_new(to, kept);
        }
        return to;
    }
    return json_deep_copy(from);
}
/* NOLINTEND(misc-no-recursion) */

static enum found expand_value(const struct scope *scope, const json_t *from, json_t **to,
                               char **missing);

static enum found
expand_string(const struct scope *scope, const json_t *from, json_t **to, char **missing)
{
    const char *text = json_string_value(from);
    struct reference reference;
    json_t *held = NULL;

    if (strstr(text, "${") == NULL) { /* keeps strings with \u0000 whole */
        *to = json_deep_copy(from);
        return FOUND;
    }
    if (reference_whole(text, &reference) && reference.type[0] == '\0' &&
        scope_find(scope, &reference, &held) == FOUND) {
        *to = json_deep_copy(held);
        return FOUND;
    }
    char *expanded = NULL;
    bool had_absent = false;
    if (expand_text(scope, text, NULL, &expanded, &had_absent) == FOUND_NOTHING) {
        *missing = expanded;
        return FOUND_NOTHING;
    }
    *to = json_string(expanded);
    free(expanded);
    return FOUND;
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
static enum found
expand_object(const struct scope *scope, const json_t *from, json_t **to, char **missing)
{
    const char *key;
    json_t *member;

    *to = json_object();
    json_object_foreach(loan(from), key, member)
    {
        json_t *value = NULL;
        if (expand_value(scope, member, &value, missing) == FOUND_NOTHING)
            return FOUND_NOTHING;
        json_object_set_new(*to, key, value);
    }
    return FOUND;
}

static enum found
expand_array(const struct scope *scope, const json_t *from, json_t **to, char **missing)
{
    *to = json_array();
    for (size_t i = 0; i < json_array_size(from); i++) {
        json_t *value = NULL;
        if (expand_value(scope, json_array_get(from, i), &value, missing) == FOUND_NOTHING)
            return FOUND_NOTHING;
        json_array_append_new(*to, value);
    }
    return FOUND;
}

static enum found
expand_value(const struct scope *scope, const json_t *from, json_t **to, char **missing)
{
    enum found found = FOUND;

    *to = NULL;
    if (json_is_string(from))
        found = expand_string(scope, from, to, missing);
    else if (json_is_object(from))
        found = expand_object(scope, from, to, missing);
    else if (json_is_array(from))
        found = expand_array(scope, from, to, missing);
    else
        *to = json_deep_copy(from);
    if (found != FOUND) {
        json_decref(*to);
        *to = NULL;
    }
    return found;
}
/* NOLINTEND(misc-no-recursion) */

enum found
scope_expand_new(const struct scope *scope, const json_t *from, json_t **to, char **missing)
{
    json_t *kept = scope_prune_new(scope, from);

    if (kept == NULL) {
        *to = json_is_object(from) ? json_object() : json_null();
        return FOUND;
    }
    enum found found = expand_value(scope, kept, to, missing);
    json_decref(kept);
    return found;
}

json_t *
scope_value_of_word_new(const char *text, bool is_quoted)
{
    if (!is_quoted) {
        json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
        if (json_is_number(value) || json_is_boolean(value) || json_is_null(value))
            return value;
        json_decref(value);
    }
    return json_string(text);
}
