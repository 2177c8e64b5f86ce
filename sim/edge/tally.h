/* tally.h - what the journal of one world says about rules: which were broken, which were consulted at all. Simple counts for whoever asks the server; the
 * reports count the same from journal files, with everything else. */
#ifndef UNDERSTUDY_EDGE_TALLY_H
#define UNDERSTUDY_EDGE_TALLY_H

#include <jansson.h>

#include "world/world.h"

/* {"violations":[{rule, severity, title, count, first_seq, why, advice, cite}]}, the most frequent first; a new reference. */
json_t *tally_violations_new(const struct world *world);

/* {"rules":[{id, kind, consulted, permitted, refused}], "endpoints":[{id, calls, refused}], "fields":.., "templates":.., "events":.., "errors":[..],
 * "never":[ids of rules in force that were never consulted]}; a new reference. */
json_t *tally_coverage_new(const struct world *world);

#endif
