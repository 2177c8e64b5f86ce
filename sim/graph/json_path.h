/* json_path.h - picks values out of an answer, as elements of a batch refer to each other: $.id, $.data.*.id, $.data[0].name. */
#ifndef UNDERSTUDY_GRAPH_JSON_PATH_H
#define UNDERSTUDY_GRAPH_JSON_PATH_H

#include "graph/json.h"
#include "graph/jwrite.h"

/* Appends the texts of all values that the path finds, with commas between them; objects and arrays as JSON. False when it finds none or is no path. */
bool json_path_put(struct buf *out, const struct jnode *root, struct str path);

#endif
