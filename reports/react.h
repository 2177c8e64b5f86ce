/* Error codes, and how a client reacts to each: what it does next in the thread in which it was
 * refused. */
#ifndef REPORTS_REACT_H
#define REPORTS_REACT_H

#include <jansson.h>

#include "reports/evidence.h"

struct react;

/* `errors`: the "errors" of the rule table, NULL = none. */
struct react *react_new(json_t *errors);

void react_record(struct react *react, const struct place *place, json_t *record);

/* {"total","reached","percent","rows","never","unknown"}; frees. A row counts how often the error
 * was answered, how often a fault made it ("injected"), how often to a scenario's own call
 * ("scripted"), and of the others how many were followed by the same request ("retried", with
 * "retry_after_ms":{"min","median","max"}), by another one ("sent_other"), by nothing ("gave_up").
 * Errors that the simulator says it cannot reach are in "unreachable", with the reason. */
json_t *react_finish_new(struct react *react);

#endif
