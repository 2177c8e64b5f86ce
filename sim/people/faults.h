/* faults.h - reads POST /_sim/worlds/{w}/faults: JSON into rows of world/fault.h. */
#ifndef UNDERSTUDY_PEOPLE_FAULTS_H
#define UNDERSTUDY_PEOPLE_FAULTS_H

#include <jansson.h>

#include "world/fault.h"
#include "world/world.h"

/* Sets one fault ({"fault":"error","code":613,"times":1}) or a list of them, in order; {"fault":"none"} forgets all,
 * {"fault":"release"} lets go what they hold back. Returns 0, or -1 with the reason (JSON pointer, what
 * is wrong, the nearest name); then nothing was set. */
int faults_set(struct world *world, const json_t *spec, char *problem, size_t size);

/* Lets go what batch and reorder hold back, with a record as if {"fault":"release"} had been set; false, and no record, when they hold nothing. */
bool faults_let_go(struct world *world);

/* The faults in force, with how often each has hit: a new array. */
json_t *faults_json(const struct world *world);

#endif
