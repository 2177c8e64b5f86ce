/* How the pages stood at the end of each part, taken out of the verdicts: one row a page. Knows what the server says of a page,
 * and nothing of how it comes to it. */
#ifndef REPORTS_STANDING_H
#define REPORTS_STANDING_H

#include <stdbool.h>

#include <jansson.h>

/* Moves "pages" of each result into rows {"result","file","played_by","page","inbox","health","restriction","oracle"}. */
json_t *standing_rows_new(json_t *results);

/* Whether the row is of a client, or something was amiss: what a short list shows first. */
bool standing_is_telling(const json_t *row);

/* Sentences for people; the caller frees them. */
char *standing_health_new(
    const json_t *row); /* "9 of 10 answered (90 %), after 12 s on average: very responsive; .." */
char *standing_restriction_new(const json_t *row); /* "free", "restricted until .." */
char *standing_sends_new(
    const json_t *row); /* "12 sent, at most 3 at once; 2 refusals that waiting avoids; .." */

#endif
