/* Violations: what a client did that it must not. A refused call counts by the severity of the
 * deciding rule, a finding by its own; errors that a fault injected never do. */
#ifndef REPORTS_VIOLATIONS_H
#define REPORTS_VIOLATIONS_H

#include <jansson.h>

#include "reports/evidence.h"

struct violations;

/* `rules`: the "rules" of the rule table, NULL = none: then every refusal by a rule is taken for an
 * error. */
struct violations *violations_new(json_t *rules);

void violations_record(struct violations *violations, const struct place *place, json_t *record);

/* Sets three lists in `tree`, worst first: "violations" (error and warning, by a client), "remarks"
 * (findings of severity note) and "provoked" (what scenarios did on purpose); and "violated", the
 * rules broken, in each of its "results". Frees. */
void violations_finish(struct violations *violations, json_t *tree);

#endif
