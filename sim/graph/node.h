/* node.h - objects as Graph shows them: `fields=` picks rows of a table, and the default set when it is left out. */
#ifndef UNDERSTUDY_GRAPH_NODE_H
#define UNDERSTUDY_GRAPH_NODE_H

#include "graph/api.h"

/* Writes one field's value of `object` (what it points to is the table's own affair); writes nothing at all to leave the field out. */
typedef void node_field_fn(struct buf *out, struct call *call, const void *object, const char *key);

struct node_field {
    const char *name;
    node_field_fn *write;
    bool is_default;     /* shown without fields= */
    unsigned permission; /* left out when the token lacks it; 0: none */
};

/* {"a":..,"b":..} of the asked fields, in the order asked, `id` last unless it was asked for (always there except when without_id). A field that no row has
 * is (#100) Tried accessing nonexisting field. wanted: the `fields` value (text with commas or list), NULL: the default set. */
enum graph_err node_write(struct call *call, struct buf *out, const struct node_field *rows, size_t count, const void *object, const struct jnode *wanted,
                          bool without_id);

#endif
