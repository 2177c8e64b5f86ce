/*
 * Reads JSON text into a small tree, in one pass that checks the grammar, the UTF-8 and the keys
 * while it builds. The only reader of request bodies. It knows nothing of messages: what a body
 * must look like is written in fields.def.
 */
#ifndef UNDERSTUDY_GRAPH_JSON_H
#define UNDERSTUDY_GRAPH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/str.h"
#include "world/arena.h"

enum jtype { J_NULL, J_FALSE, J_TRUE, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT };

/*
 * `text` of a string: decoded, always UTF-8, may hold NUL bytes; of a number: the literal as
 * written; of the rest: the exact slice of the source (STR_NONE when the tree was not read).
 */
struct jnode {
    enum jtype type;
    uint32_t count; /* children of an array or object */
    struct str key; /* of a member of an object: its name, decoded; else STR_NONE */
    struct str text;
    struct jnode *first; /* first child */
    struct jnode *next;  /* next sibling */
};

/* Deepest nesting of arrays and objects that is read. */
#define JSON_DEPTH_MAX 64

/*
 * Without a flag: RFC 8259, and the same name twice in an object is refused.
 *
 * JSON_LAST_WINS: of values with the same name the last one counts, in the place of the first, as
 * a PHP server has it. JSON_LENIENT: strings and names may stand in single quotes, {'id':'1'}, and
 * names of letters, digits and _ in none, {id:'1'}, as in the platform's own examples. JSON_NO_NUL: \u0000 is refused like other things that are no text;
 * what people send is kept, shown and written down in places that have no such character.
 */
enum json_flag { JSON_LAST_WINS = 1, JSON_LENIENT = 2, JSON_NO_NUL = 4 };

struct json_error {
    size_t offset;      /* bytes from the start */
    unsigned line;      /* from 1 */
    const char *reason; /* a constant */
};

/*
 * The tree of text, or NULL with *error filled (error may be NULL). After success its reason is
 * NULL, or a constant that says why other readers may refuse the same text: a name given twice, a
 * number beyond 64 bits. flags: json_flag, or-ed. The
 * tree lies in the arena and its strings point into text wherever they needed no decoding, so text
 * must live as long. Lone surrogates in \u escapes, bytes that are not UTF-8 and NUL bytes that are
 * not escaped are refused. Recursion is bounded by JSON_DEPTH_MAX.
 */
const struct jnode *json_read(struct arena *, struct str text, unsigned flags,
                              struct json_error *error);

/*
 * The member of that name, or NULL; also NULL when object is NULL or no object. Of trees with
 * JSON_LAST_WINS names are unique.
 */
const struct jnode *json_get_str(const struct jnode *object, struct str name);
static inline const struct jnode *
json_get(const struct jnode *object, const char *name)
{
    return json_get_str(object, str_of(name)); /* inline: the length of a constant is one */
}

/* The array's element at that index, or NULL. */
const struct jnode *json_at(const struct jnode *array, size_t index);

/* Each is false for NULL. (jansson owns the names json_is_*; there are files that include both.) */
static inline bool
jnode_is_string(const struct jnode *node)
{
    return node != NULL && node->type == J_STRING;
}

static inline bool
jnode_is_object(const struct jnode *node)
{
    return node != NULL && node->type == J_OBJECT;
}

static inline bool
jnode_is_array(const struct jnode *node)
{
    return node != NULL && node->type == J_ARRAY;
}

static inline bool
jnode_is_bool(const struct jnode *node)
{
    return node != NULL && (node->type == J_TRUE || node->type == J_FALSE);
}

/* The text of a string or number node (an id may come as either), else STR_NONE. */
struct str json_text(const struct jnode *);

/*
 * A whole number, as a number or as a string of digits; false (and *out untouched) when it is none
 * or does not fit.
 */
bool json_int64(const struct jnode *, int64_t *out);

/* true, false, "true", "false", 0, 1, "0", "1"; false (and *out untouched) for anything else. */
bool json_bool(const struct jnode *, bool *out);

/*
 * Nodes for trees that are built, not read. Strings are borrowed. json_append adds last; key is
 * STR_NONE for arrays.
 */
struct jnode *json_node_new(struct arena *, enum jtype);
struct jnode *json_string_new(struct arena *, struct str text);
void json_append(struct jnode *parent, struct str key, struct jnode *child);

#endif
