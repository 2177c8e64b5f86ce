/* conduct.h - findings that look at what a message says, at what the page was told before, or at what did not happen. findings.c judges a call by itself; this
 * judges the conduct behind it. */
#ifndef UNDERSTUDY_GRAPH_CONDUCT_H
#define UNDERSTUDY_GRAPH_CONDUCT_H

#include "graph/api.h"
#include "world/delivery.h"

/* Adds the findings of a finished call: after those of findings.c. */
void conduct_of_call(struct call *call);
/* A webhook was posted: from now on an answer is waited for, or, when it was forged, none. Before event_outcome gives the delivery away. */
void conduct_of_delivery(struct world *world, const struct delivery *delivery, int status);

#endif
