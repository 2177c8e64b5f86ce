/* node.h - objects as Graph shows them: `fields=` picks rows of a table, and the default set when it is left out. A name may be followed by arguments and a
 * selection of its own, messages.limit(2){id,from}; a name that is no row but an edge of the object is expanded by the edge's own handler. */
#ifndef UNDERSTUDY_GRAPH_NODE_H
#define UNDERSTUDY_GRAPH_NODE_H

#include "graph/api.h"
#include "graph/selection.h"

/* Writes one field's value of `object` (what it points to is the table's own affair); writes nothing at all to leave the field out. What follows the name in the
 * request is in call->selection: a row that looks into it leaves it empty; for all others the value is cut down to the fields asked. */
typedef void node_field_fn(struct buf *out, struct call *call, const void *object, const char *key);

struct node_field {
    const char *name;
    node_field_fn *write;
    bool is_default;     /* shown without fields= */
    unsigned permission; /* left out when the token lacks it; 0: none */
};

/* Rows of many tables: a field that exists and has nothing to show, which Graph leaves out; and what a struct node has. */
node_field_fn node_put_nothing, node_put_id, node_put_text, node_put_text2;

/* {"a":..,"b":..} of the asked fields, in the order asked, `id` last unless it was asked for (always there except when without_id). A field that no row has
 * is (#100) Tried accessing nonexisting field. wanted: the `fields` value (text with commas or list), NULL: the default set. */
enum graph_err node_write(struct call *call, struct buf *out, const struct node_field *rows, size_t count, const void *object, const struct jnode *wanted,
                          bool without_id);

/* The same with the fields as text; STR_NONE: the default set. */
enum graph_err node_write_text(struct call *call, struct buf *out, const struct node_field *rows, size_t count, const void *object, struct str wanted,
                               bool without_id);

/* What the platform calls the kind of object that is being written; before the edge is known to exist, of the object in the path. */
const char *node_type_text(const struct call *call);
/* The error of a name that is neither a field nor an edge of what is being written. */
enum graph_err node_no_field(struct call *call, struct str name);
/* Whether the `fields` of the call can be read as names with selections; else the platform's syntax error. */
enum graph_err node_check_fields(struct call *call);

/* Walks the names in a value: a text with commas (and spaces), or a list of texts. Sub-selections stay with their name. */
struct names {
    const struct jnode *item; /* of a list */
    struct str rest;          /* of a text */
};
void names_open(struct names *names, const struct jnode *value);
bool names_next(struct names *names, struct str *name); /* false at the end; empty names are skipped */

#endif
