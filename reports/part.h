/* One part of coverage: the rows of a table and how often each was met. Knows nothing of what the
 * rows mean. */
#ifndef REPORTS_PART_H
#define REPORTS_PART_H

#include <jansson.h>

struct part {
    json_t *rows;    /* in the order of the table */
    json_t *index;   /* id -> the rows of that id; a bare path can belong to several schemas */
    json_t *unknown; /* id -> count, of what is in no row */
};

/* `table`: the rows, NULL = none. A row is known by its "id", else its "path", "kind" or "name";
 * one with a "schema" by schema.path, and journals may call it by its path alone. */
void part_init(struct part *part, json_t *table);

/* Adds one to "count" of the rows called `id`, and to `also` unless it is NULL; or to the unknown
 * ones. */
void part_hit(struct part *part, const char *id, const char *also);

/* {"total","reached","percent","rows","never":[id..],"unknown":[{"id","count"}..]}; ends the part.
 */
json_t *part_finish_new(struct part *part);

/* [{"id","count"}..] in order of ids. */
json_t *part_unknown_new(json_t *counts);

/* Sets total, reached and percent; percent has one decimal, is rounded down, and is null when the
 * total is 0. */
void part_set_share(json_t *object, json_int_t reached, json_int_t total);

#endif
