/* fields.h - the shapes of request bodies: checks a call's parameters against the rows of fields.def in one walk and remembers where each field is. The only
 * description of a body; handlers read what it found. */
#ifndef UNDERSTUDY_GRAPH_FIELDS_H
#define UNDERSTUDY_GRAPH_FIELDS_H

#include "graph/api.h"

enum schema {
#define SCHEMA(symbol, name) SCHEMA_##symbol,
#define FIELD(symbol, ...)
#include "graph/fields.def"
#undef SCHEMA
#undef FIELD
    SCHEMA_COUNT
};

enum field {
#define SCHEMA(symbol, name)
#define FIELD(symbol, ...) F_##symbol,
#include "graph/fields.def"
#undef SCHEMA
#undef FIELD
    F_COUNT
};

enum field_type {
    FT_ANY, FT_STRING, FT_TEXT, FT_ID, FT_INT, FT_NUMBER, FT_BOOL, FT_URL, FT_ENUM, FT_OBJECT, FT_LIST, FT_STRINGS, FT_PAYLOAD
};

enum field_flag {
    FIELD_REQUIRED = 1,
    FIELD_NON_EMPTY = 2,     /* empty list or object: "must be non-empty" */
    FIELD_ANY_CASE = 4,
    FIELD_CSV = 8,
    FIELD_SOFT = 16,         /* over-long texts are accepted: the apps cut them on screen [inferred, send.md 11.6] */
    FIELD_TEXT_LENGTH = 32,  /* its length is rule FORM-TEXT-LEN */
    FIELD_DATED = 64,        /* its max was another one before (field_spans.def) */
    FIELD_UNTOLD = 128       /* "is not supported", without the list of words */
};

struct field_row {
    enum schema schema;
    const char *key;
    unsigned key_n;
    enum field_type type;
    enum schema ref;         /* of OBJECT and LIST */
    const char *words;       /* of ENUM, separated by '|' */
    unsigned flags;
    unsigned min, max;
    enum fidelity fidelity;
    const char *cite;
};

/* Once, before the first call: the look-up of schemas. */
void fields_init(void);

const struct field_row *field_row(enum field field);
/* Whether a field is known to that version on that policy date. */
bool field_is_in_force(enum field field, version_t version, ms_t as_of);
const char *schema_name(enum schema schema);

/* Checks the parameters of the call against a schema: types, limits, required fields, unknown keys, in the order of the rows. Fills c->fields (values of fields that
 * stand outside lists) and c->fields_seen. Unknown top-level parameters are ignored, as the platform does; unknown keys inside objects are refused. */
enum graph_err fields_check(struct call *call, enum schema schema);

/* The value of a field found by fields_check, NULL when absent. */
static inline const struct jnode *
field(const struct call *call, enum field symbol)
{
    return call->fields[symbol];
}

/* Its text (STR_NONE when absent) or truth. */
struct str field_text(const struct call *call, enum field symbol);
bool field_bool(const struct call *call, enum field symbol, bool otherwise);

/* The template rows. */
#define VERSION_END 999999
struct template_row {
    const char *name;
    enum schema schema;
    enum graph_err (*content)(struct call *call, const struct jnode *payload);
    version_t since, until;
    enum era era;
    enum fidelity fidelity;
    const char *cite;
};
const struct template_row *template_rows(unsigned *count);
/* The row of a template_type in force in a version and at a policy date, NULL otherwise. */
const struct template_row *template_named(struct str name, version_t version, ms_t as_of);

#endif
