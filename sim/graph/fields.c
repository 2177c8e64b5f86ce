#include "graph/fields.h"

#include <stdio.h>
#include <string.h>

#include "core/utf8.h"
#include "graph/content.h"

/* ---- tables --------------------------------------------------------------------------------------------------------------- */

static const char *const schema_names[SCHEMA_COUNT] = {
#define SCHEMA(symbol, name) [SCHEMA_##symbol] = name,
#define FIELD(symbol, ...)
#include "graph/fields.def"
#undef SCHEMA
#undef FIELD
};

/* ref is a schema for OBJECT and LIST rows and a list of words for ENUM rows: one column, two readings. */
#define REQUIRED FIELD_REQUIRED
#define NON_EMPTY FIELD_NON_EMPTY
#define ANY_CASE FIELD_ANY_CASE
#define CSV FIELD_CSV
#define SOFT FIELD_SOFT
#define TEXT_LENGTH FIELD_TEXT_LENGTH
#define DATED FIELD_DATED
#define UNTOLD FIELD_UNTOLD
#define REF_ANY(x) .ref = SCHEMA_##x
#define REF_STRING(x) .ref = SCHEMA_##x
#define REF_TEXT(x) .ref = SCHEMA_##x
#define REF_ID(x) .ref = SCHEMA_##x
#define REF_INT(x) .ref = SCHEMA_##x
#define REF_NUMBER(x) .ref = SCHEMA_##x
#define REF_BOOL(x) .ref = SCHEMA_##x
#define REF_URL(x) .ref = SCHEMA_##x
#define REF_OBJECT(x) .ref = SCHEMA_##x
#define REF_LIST(x) .ref = SCHEMA_##x
#define REF_STRINGS(x) .ref = SCHEMA_##x
#define REF_PAYLOAD(x) .ref = SCHEMA_##x
#define REF_ENUM(list) .words = list

static const struct field_row rows[F_COUNT] = {
#define SCHEMA(symbol, name)
#define FIELD(symbol, in, name, kind, reference, bits, least, most, sure, source)                                              \
    [F_##symbol] = { .schema = SCHEMA_##in, .key = name, .key_n = sizeof(name) - 1, .type = FT_##kind, REF_##kind(reference), .flags = bits, .min = least, \
                     .max = most, .fidelity = FIDELITY_##sure, .cite = source },
#include "graph/fields.def"
#undef SCHEMA
#undef FIELD
};

static const struct template_row templates[] = {
#define TEMPLATE(symbol, name, in, check, from, to, in_era, sure, source) \
    { name, SCHEMA_##in, check, from, to, ERA_##in_era, FIDELITY_##sure, source },
#include "graph/templates.def"
#undef TEMPLATE
};

/* First row of each schema, and one past its last: rows of a schema stand together. Filled once by fields_init. */
static struct {
    unsigned first, end;
} spans[SCHEMA_COUNT];

/* When a field is in force; fields without a row of field_spans.def always are. */
static const struct {
    version_t since, until;
    enum era era;
    bool is_bound;
} field_spans[F_COUNT] = {
#define FIELD_SPAN(symbol, from, to, in) [F_##symbol] = { from, to, ERA_##in, true },
#define FIELD_MAX(symbol, most, in)
#include "graph/field_spans.def"
#undef FIELD_SPAN
#undef FIELD_MAX
};

/* What the limits of DATED fields were in earlier eras. */
static const struct {
    enum field field;
    unsigned max;
    enum era era;
} field_maxes[] = {
#define FIELD_SPAN(symbol, from, to, in)
#define FIELD_MAX(symbol, most, in) { F_##symbol, most, ERA_##in },
#include "graph/field_spans.def"
#undef FIELD_SPAN
#undef FIELD_MAX
};

bool
field_is_in_force(enum field f, version_t version, ms_t as_of)
{
    return !field_spans[f].is_bound ||
           (field_spans[f].since <= version && version < field_spans[f].until && span_has(era_row(field_spans[f].era)->span, as_of));
}

static inline bool
is_in_force(const struct call *c, unsigned f)
{
    return field_is_in_force((enum field)f, c->version, c->as_of);
}

static unsigned
max_of(const struct call *c, const struct field_row *row)
{
    if (row->flags & FIELD_DATED)
        for (size_t i = 0; i < sizeof field_maxes / sizeof *field_maxes; i++)
            if (&rows[field_maxes[i].field] == row && span_has(era_row(field_maxes[i].era)->span, c->as_of))
                return field_maxes[i].max;
    return row->max;
}

void
fields_init(void)
{
    for (unsigned f = F_COUNT; f-- > 0;) {
        if (spans[rows[f].schema].end == 0)
            spans[rows[f].schema].end = f + 1;
        spans[rows[f].schema].first = f;
    }
}

const struct field_row *
field_row(enum field f)
{
    return &rows[f];
}

const char *
schema_name(enum schema schema)
{
    return schema_names[schema];
}

const struct template_row *
template_rows(unsigned *count)
{
    *count = sizeof templates / sizeof *templates;
    return templates;
}

const struct template_row *
template_named(struct str name, version_t version, ms_t as_of)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
        if (str_eq(name, str_of(templates[i].name)) && templates[i].since <= version && version < templates[i].until &&
            span_has(era_row(templates[i].era)->span, as_of))
            return &templates[i];
    return NULL;
}

/* ---- paths: message[quick_replies][0][title] -------------------------------------------------------------------------------- */

/* Where the walk is: a chain of names and indexes from the leaf to the root, rendered only when something is wrong. */
struct place {
    const struct place *up;
    const char *name; /* NULL: an element of a list */
    unsigned index;
};

static void
place_write(char **at, const char *end, const struct place *place)
{
    char text[16];
    const char *name = place->name;

    if (place->up != NULL)
        place_write(at, end, place->up);
    if (name == NULL) {
        snprintf(text, sizeof text, "%u", place->index);
        name = text;
    }
    int n = snprintf(*at, (size_t)(end - *at), place->up != NULL ? "[%s]" : "%s", name);
    *at += n > 0 && n < end - *at ? n : 0;
}

static char *
place_text(struct call *c, const struct place *place)
{
    size_t size = 16;

    for (const struct place *p = place; p != NULL; p = p->up)
        size += p->name != NULL ? strlen(p->name) + 2 : 14;
    char *text = arena_alloc(c->arena, size), *at = text;
    *at = '\0';
    place_write(&at, text + size, place);
    return text;
}

static enum graph_err
wrong(struct call *c, enum rule_id rule, enum graph_err error, const struct place *place)
{
    return call_fail(c, rule, error, place_text(c, place), NULL);
}

/* ---- values ------------------------------------------------------------------------------------------------------------------- */

static enum graph_err check_object(struct call *c, enum schema schema, const struct jnode *object, const struct place *place, bool is_listed);

static bool
is_text(const struct jnode *value)
{
    return value->type == J_STRING || value->type == J_NUMBER;
}

static bool
is_digits(struct str text)
{
    if (text.n == 0 || text.n > 20)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (text.s[i] < '0' || text.s[i] > '9')
            return false;
    return true;
}

/* scheme://host..., as far as the platform is known to look. */
static bool
is_url(struct str text)
{
    size_t scheme = str_starts(text, STR("https://")) ? 8 : str_starts(text, STR("http://")) ? 7 : 0;

    if (scheme == 0 || text.n <= scheme)
        return false;
    for (size_t i = scheme; i < text.n; i++)
        if ((unsigned char)text.s[i] <= ' ')
            return false;
    return text.s[scheme] != '/' && text.s[scheme] != '?' && text.s[scheme] != '#';
}

static bool
is_word_of(const char *words, struct str text, bool any_case)
{
    while (*words != '\0') {
        size_t n = strcspn(words, "|");
        struct str word = { words, n };

        if (any_case ? str_eq_nocase(word, text) : str_eq(word, text))
            return true;
        words += n + (words[n] == '|');
    }
    return false;
}

/* "A|B" as the platform prints it: "A, B". */
static char *
words_text(struct call *c, const char *words)
{
    char *text = arena_alloc(c->arena, strlen(words) * 2 + 1), *at = text;

    for (; *words != '\0'; words++) {
        *at++ = *words == '|' ? ',' : *words;
        if (*words == '|')
            *at++ = ' ';
    }
    *at = '\0';
    return text;
}

static enum graph_err
check_length(struct call *c, const struct field_row *row, struct str text, const struct place *place)
{
    enum rule_id rule = row->flags & FIELD_TEXT_LENGTH ? RULE_FORM_TEXT_LEN : RULE_FORM_LENGTH;
    unsigned max = max_of(c, row);

    if (max == 0 || row->flags & FIELD_SOFT)
        return ERR_NONE;
    call_saw(c, rule);
    if (text.n <= max || utf8_length(text) <= max) /* bytes are never fewer than characters */
        return ERR_NONE;
    return call_fail(c, rule, ERR_TEXT_LENGTH, place_text(c, place), call_printf(c, "%u", max), NULL);
}

static enum graph_err
check_text(struct call *c, const struct field_row *row, const struct jnode *value, const struct place *place)
{
    call_saw(c, RULE_FORM_TYPE);
    if (!is_text(value))
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_STRING, place);
    if (row->type == FT_TEXT) {
        call_saw(c, RULE_FORM_STRING);
        if (value->text.n == 0)
            return wrong(c, RULE_FORM_STRING, ERR_NON_EMPTY_STRING, place);
    }
    return check_length(c, row, value->text, place);
}

/* A number, or a text like -12 or 12.50. */
static bool
is_number(const struct jnode *value)
{
    struct str text = value->text;
    size_t i = text.n > 0 && *text.s == '-', digits = 0;

    if (value->type == J_NUMBER)
        return true;
    for (bool has_dot = false; value->type == J_STRING && i < text.n; i++) {
        if (text.s[i] == '.' && !has_dot)
            has_dot = true;
        else if (text.s[i] >= '0' && text.s[i] <= '9')
            digits++;
        else
            return false;
    }
    return digits > 0;
}

static enum graph_err
check_number(struct call *c, const struct field_row *row, const struct jnode *value, const struct place *place)
{
    int64_t number = 0;

    call_saw(c, RULE_FORM_TYPE);
    if (row->type == FT_NUMBER)
        return is_number(value) ? ERR_NONE : wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_NUMBER, place);
    if (!json_int64(value, &number))
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_INTEGER, place);
    if (row->max != 0 && (number < (int64_t)row->min || number > (int64_t)row->max))
        return call_fail(c, RULE_FORM_TYPE, number < (int64_t)row->min ? ERR_MUST_BE_POSITIVE : ERR_MUST_BE_AT_MOST, place_text(c, place),
                         call_printf(c, "%u", number < (int64_t)row->min ? row->min : row->max), NULL);
    return ERR_NONE;
}

static enum graph_err
check_word(struct call *c, const struct field_row *row, const struct jnode *value, const struct place *place)
{
    call_saw(c, RULE_FORM_ENUM);
    if (is_text(value) && is_word_of(row->words, value->text, row->flags & FIELD_ANY_CASE))
        return ERR_NONE;
    if (!is_text(value))
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_STRING, place);
    if (row->flags & FIELD_UNTOLD)
        return wrong(c, RULE_FORM_ENUM, ERR_NOT_SUPPORTED, place);
    return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, place_text(c, place), words_text(c, row->words),
                     arena_strndup(c->arena, value->text.s, value->text.n), NULL);
}

static enum graph_err
check_list(struct call *c, const struct field_row *row, const struct jnode *value, const struct place *place)
{
    unsigned index = 0, max = max_of(c, row);

    call_saw(c, RULE_FORM_TYPE);
    /* One card in the place of a list of cards is a list to the platform, and each of its members a card that lacks everything [observed]. */
    if (value->type == J_OBJECT && value->count > 0 && row->ref == SCHEMA_ELEMENT)
        return call_fail(c, RULE_FORM_ELEMENT, ERR_ELEMENT_INCOMPLETE, NULL);
    if (value->type != J_ARRAY)
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_ARRAY, place);
    if (row->min > 0) {
        enum rule_id rule = row->flags & FIELD_NON_EMPTY ? RULE_FORM_NON_EMPTY : RULE_FORM_TOO_FEW;

        call_saw(c, rule);
        if (value->count == 0 || value->count < row->min)
            return wrong(c, rule, value->count == 0 && row->flags & FIELD_NON_EMPTY ? ERR_PARAM_NON_EMPTY : ERR_TOO_FEW, place);
    }
    if (max > 0) {
        call_saw(c, RULE_FORM_TOO_MANY);
        if (value->count > max)
            return wrong(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, place);
    }
    for (const struct jnode *item = value->first; item != NULL; item = item->next, index++) {
        struct place here = { place, NULL, index };
        enum graph_err error = check_object(c, row->ref, item, &here, true);

        if (error != ERR_NONE)
            return error;
    }
    return ERR_NONE;
}

static enum graph_err
check_strings(struct call *c, const struct field_row *row, const struct jnode *value, const struct place *place)
{
    call_saw(c, RULE_FORM_TYPE);
    if (is_text(value) && row->flags & FIELD_CSV) {
        if (value->text.n > 0 || !(row->flags & FIELD_REQUIRED))
            return ERR_NONE;
        return wrong(c, RULE_FORM_NON_EMPTY, ERR_PARAM_NON_EMPTY, place);
    }
    if (value->type != J_ARRAY)
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_ARRAY, place);
    for (const struct jnode *item = value->first; item != NULL; item = item->next)
        if (!is_text(item))
            return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_STRING, place);
    return ERR_NONE;
}

/* An object inside a form may come as JSON text: then the node becomes what it says, so that everybody after us meets the object. NULL when it is no object. */
static const struct jnode *
read_object(struct call *c, const struct jnode *value)
{
    const struct jnode *read = json_read(c->arena, value->text, JSON_LENIENT | JSON_LAST_WINS | JSON_NO_NUL, NULL);
    struct jnode *node = (struct jnode *)(uintptr_t)value; /* of the call's own arena */

    if (read == NULL || read->type != J_OBJECT)
        return NULL;
    node->type = J_OBJECT;
    node->count = read->count;
    node->text = read->text;
    node->first = read->first;
    return node;
}

/* The payload of an attachment: of a template the schema of its kind, its paths printed as name_placeholder[...] [observed]; of media the media payload. The type
 * stands in the row before, so it has been checked. */
static enum graph_err
check_payload(struct call *c, const struct jnode *attachment, const struct jnode *value, const struct place *place, bool is_listed)
{
    static const struct place placeholder = { NULL, "name_placeholder", 0 };

    call_saw(c, RULE_FORM_TYPE);
    if (value->type == J_STRING)
        value = read_object(c, value);
    if (value == NULL || (value->type != J_OBJECT && !(value->type == J_ARRAY && value->count == 0)))
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_OBJECT, place);
    if (!str_eq_lit(json_text(json_get(attachment, "type")), "template"))
        return check_object(c, SCHEMA_MEDIA_PAYLOAD, value, place, is_listed);

    call_saw(c, RULE_FORM_TEMPLATE);
    const struct template_row *row = template_named(json_text(json_get(value, "template_type")), c->version, c->as_of);
    if (row == NULL)
        return call_fail(c, RULE_FORM_TEMPLATE, ERR_INVALID_TEMPLATE_TYPE, NULL);
    c->template_kind = row->name;
    return check_object(c, row->schema, value, &placeholder, is_listed);
}

static enum graph_err
check_nested(struct call *c, const struct field_row *row, const struct jnode *value, const struct place *place, bool is_listed)
{
    call_saw(c, RULE_FORM_TYPE);
    bool is_empty = value->type == J_STRING ? value->text.n == 0 : (value->type == J_ARRAY || value->type == J_OBJECT) && value->count == 0;

    if (is_empty && row->flags & FIELD_NON_EMPTY)
        return wrong(c, RULE_FORM_NON_EMPTY, ERR_PARAM_NON_EMPTY, place);
    return check_object(c, row->ref, value, place, is_listed);
}

static enum graph_err
check_value(struct call *c, const struct field_row *row, const struct jnode *object, const struct jnode *value, const struct place *place,
            bool is_listed)
{
    bool truth;

    switch (row->type) {
    case FT_ANY:
        return ERR_NONE;
    case FT_STRING:
    case FT_TEXT:
        return check_text(c, row, value, place);
    case FT_ID:
        call_saw(c, RULE_FORM_ID);
        return is_text(value) && is_digits(value->text) ? ERR_NONE : wrong(c, RULE_FORM_ID, ERR_INVALID_ID, place);
    case FT_INT:
    case FT_NUMBER:
        return check_number(c, row, value, place);
    case FT_BOOL:
        call_saw(c, RULE_FORM_TYPE);
        return json_bool(value, &truth) ? ERR_NONE : wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_BOOLEAN, place);
    case FT_URL:
        call_saw(c, RULE_FORM_URL);
        return is_text(value) && is_url(value->text) ? ERR_NONE : wrong(c, RULE_FORM_URL, ERR_BAD_URL, place);
    case FT_ENUM:
        return check_word(c, row, value, place);
    case FT_OBJECT:
        return check_nested(c, row, value, place, is_listed);
    case FT_LIST:
        return check_list(c, row, value, place);
    case FT_STRINGS:
        return check_strings(c, row, value, place);
    case FT_PAYLOAD:
        return check_payload(c, object, value, place, is_listed);
    }
    return ERR_NONE;
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------ */

static struct str
key_of(unsigned f)
{
    return (struct str){ rows[f].key, rows[f].key_n };
}

/* Most rows of a schema are about fields that are not there. */
static inline bool
is_absent(unsigned f, const struct jnode *value)
{
    return (value == NULL || value->type == J_NULL) && !(rows[f].flags & FIELD_REQUIRED);
}

static enum graph_err
check_member(struct call *c, unsigned f, const struct jnode *object, const struct jnode *value, const struct place *place, bool is_listed)
{
    const struct field_row *row = &rows[f];

    if (value == NULL || value->type == J_NULL) {
        if (!(row->flags & FIELD_REQUIRED))
            return ERR_NONE;
        call_saw(c, RULE_FORM_REQUIRED);
        return wrong(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, place);
    }
    if (row->flags & FIELD_REQUIRED)
        call_saw(c, RULE_FORM_REQUIRED);
    c->fields_seen[f / 8] |= (uint8_t)(1u << (f % 8));
    if (!is_listed)
        c->fields[f] = value;
    return check_value(c, row, object, value, place, is_listed);
}

static bool
is_known_key(const struct call *c, enum schema schema, struct str key)
{
    for (unsigned f = spans[schema].first; f < spans[schema].end; f++)
        if ((str_eq(key, key_of(f)) && is_in_force(c, f)) || strcmp(rows[f].key, "*") == 0)
            return true;
    return false;
}

/* The keys that no row of the schema has, all in one text as the platform lists them [observed: pimax 90]. */
static enum graph_err
check_keys(struct call *c, enum schema schema, const struct jnode *object, const struct place *place)
{
    size_t n = 0;

    for (const struct jnode *member = object->first; member != NULL; member = member->next)
        n += is_known_key(c, schema, member->key) ? 0 : member->key.n + 2;
    if (n == 0)
        return ERR_NONE;
    char *names = arena_alloc(c->arena, n + 1), *at = names;
    for (const struct jnode *member = object->first; member != NULL; member = member->next)
        if (!is_known_key(c, schema, member->key)) {
            at = mempcpy(at, member->key.s, member->key.n);
            at = mempcpy(at, ", ", 2);
        }
    at[-2] = '\0'; /* the last comma */
    return call_fail(c, RULE_FORM_KEYS, ERR_INVALID_KEYS, names, place_text(c, place), NULL);
}

static enum graph_err
check_object(struct call *c, enum schema schema, const struct jnode *object, const struct place *place, bool is_listed)
{
    unsigned known = 0;

    if (object->type == J_STRING && object->text.n > 0 && read_object(c, object) == NULL)
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_OBJECT, place);
    if (object->type != J_OBJECT && object->type != J_STRING && !(object->type == J_ARRAY && object->count == 0))
        return wrong(c, RULE_FORM_TYPE, ERR_MUST_BE_OBJECT, place);
    for (unsigned f = spans[schema].first; f < spans[schema].end; f++) {
        bool may_be_there = known < object->count && is_in_force(c, f); /* once each member has its row, no other row has one */
        const struct jnode *value = may_be_there ? json_get_str(object, key_of(f)) : NULL;

        known += value != NULL;
        if (is_absent(f, value))
            continue;
        struct place here = { place, rows[f].key, 0 };
        enum graph_err error = check_member(c, f, object, value, &here, is_listed);
        if (error == ERR_NONE)
            continue;
        /* An object with strange keys is told of them, not of what it lacks [observed: pimax 90]. */
        enum graph_err strange = value == NULL && object->type == J_OBJECT ? check_keys(c, schema, object, place) : ERR_NONE;
        return strange != ERR_NONE ? strange : error;
    }
    call_saw(c, RULE_FORM_KEYS);
    return known == object->count ? ERR_NONE : check_keys(c, schema, object, place);
}

enum graph_err
fields_check(struct call *c, enum schema schema)
{
    for (unsigned f = spans[schema].first; f < spans[schema].end; f++) {
        const struct jnode *value = is_in_force(c, f) ? params_find(c->params, key_of(f)) : NULL;

        if (is_absent(f, value))
            continue;
        struct place here = { NULL, rows[f].key, 0 };
        enum graph_err error = check_member(c, f, NULL, value, &here, false);
        if (error != ERR_NONE)
            return error;
    }
    return ERR_NONE;
}

struct str
field_text(const struct call *c, enum field symbol)
{
    return json_text(c->fields[symbol]);
}

bool
field_bool(const struct call *c, enum field symbol, bool otherwise)
{
    bool truth = otherwise;

    json_bool(c->fields[symbol], &truth);
    return truth;
}
