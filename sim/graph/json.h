/*
 * Reads JSON text into a small tree, in one pass that checks the grammar, the UTF-8 and the keys
 * while it builds. The only reader of request bodies. It knows nothing of messages: what a body
 * must look like is written in fields.def.
 */
#ifndef UNDERSTUDY_GRAPH_JSON_H
#define UNDERSTUDY_GRAPH_JSON_H

#include <stddef.h>

#include "graph/json_tree.h"

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

#endif
