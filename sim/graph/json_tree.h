/*
 * A small tree that JSON text was read into, or that is made piece by piece: looking at its nodes, and making them. It lies in an arena. Knows no text but the pieces that
 * its nodes stand for.
 */
#ifndef UNDERSTUDY_GRAPH_JSON_TREE_H
#define UNDERSTUDY_GRAPH_JSON_TREE_H

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
