/* Which dates the worlds of the journals lived in. Rules come and go by date, and a rule is owed to
 * coverage only if it was in force for somebody; the day on which the report is made has no say in
 * it. */
#ifndef REPORTS_ERA_H
#define REPORTS_ERA_H

#include <stdbool.h>

#include <jansson.h>

#include "reports/evidence.h"

struct era;

struct era *era_new(void);
void era_free(struct era *era);

/* A world lives from its first record to its last; one whose policy_date is a date lives on that
 * date. */
void era_record(struct era *era, const struct place *place, const json_t *record);

/* Whether a row with "from" and "until" (instants or null, the latter exclusive) was in force in
 * any world. */
bool era_has(const struct era *era, const json_t *row);

#endif
