/*
 * Reads application/x-www-form-urlencoded text, and names with brackets as PHP writes them, into a
 * tree whose leaves are texts. It does not look into the values.
 */
#ifndef UNDERSTUDY_GRAPH_FORM_H
#define UNDERSTUDY_GRAPH_FORM_H

#include "core/str.h"
#include "graph/json.h"
#include "world/arena.h"

/* Fields that are read of one form. */
#define FORM_FIELDS_MAX 2000

/* A form in the making. {root, 0}, root being an empty J_OBJECT. */
struct form {
    struct jnode *root;
    unsigned fields;
};

/*
 * Adds a field: `a` sets root.a, `a[b][0]` sets root.a.b.0, `a[]` appends. A later field wins over
 * an earlier one of the same name. Both are already decoded and are borrowed. NULL, or why it was
 * left out (a constant).
 */
const char *form_add(struct form *, struct str name, struct str value, struct arena *);

/* Makes arrays of all objects whose keys are 0, 1, 2 ... in order. To be called once, last. */
void form_finish(struct form *);

/*
 * All of a query or form text, finished. NULL, or what was wrong first; the rest is read
 * nevertheless.
 */
const char *form_read(struct jnode *root, struct str text, struct arena *);

#endif
