/* act.h - what people, a page's staff and ads do: one act a row of acts.def, one family a file act_*.c. An act changes the world, stores what was said, queues
 * the webhook events and writes a journal record. It knows no sockets and no clock; JSON comes in through jansson. */
#ifndef UNDERSTUDY_PEOPLE_ACT_H
#define UNDERSTUDY_PEOPLE_ACT_H

#include <jansson.h>
#include <stddef.h>

#include "world/world.h"

/* Somebody does something: spec is one object {"act":"message","user":"<psid or alias>",...}, the same keys as a line of a recording. Returns 0 and what the act
 * made in *made (a new reference; an object, `timestamp` among its members), or -1 with the reason in problem: an unknown act, field or type with its JSON pointer
 * and the nearest name, or why the act is impossible in the person's state or at this date. A refused act changes nothing but the journal. `made` may be NULL. */
int people_act(struct world *world, const json_t *spec, json_t **made, char *problem, size_t size);

/* The table for GET /_sim/acts: a new array of {"name","summary","by","fields":[{"name","type","required","doc"}],"opens_window","since","until","fidelity","cite"}. */
json_t *acts_json(void);

#endif
