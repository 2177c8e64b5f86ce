/* selection.h - what may stand behind a name in `fields`: `.limit(2).as(last){id,from{name}}`. Reads it, says where its grammar breaks, and keeps of a value what
 * was asked for. Knows texts only, no object and no call. */
#ifndef UNDERSTUDY_GRAPH_SELECTION_H
#define UNDERSTUDY_GRAPH_SELECTION_H

#include "graph/json.h"
#include "graph/jwrite.h"

/* The fields asked for inside: the text between the braces, or the argument of .fields(); STR_NONE when there is neither. */
struct str selection_fields(struct str selection);
/* An argument by name; STR_NONE when it is not there. */
struct str selection_argument(struct str selection, const char *name);
/* Walks all arguments: cuts the next one off *selection; false when the braces or the end have come. */
bool selection_next(struct str *selection, struct str *name, struct str *value);

/* Where a value of `fields` breaks off being a list of names. `expected` is what the platform says it expected: "name.", or "end of string instead of "{"." (in an
 * arena). False when all of it reads. */
struct selection_mistake {
    size_t at;
    const char *expected;
};
bool selection_mistake(struct str fields, struct arena *arena, struct selection_mistake *mistake);

/* Writes of a value that is JSON already the members that `fields` names, in the order asked, and `id`; of lists, and of {"data":[...]}, of each element.
 * What the value does not have is left out. */
void selection_keep(struct buf *out, struct arena *arena, struct str json, struct str fields);

#endif
