/* ahead.h - what lets a call pass today and will not be there in so long a time: the same decision, asked for the days to come. For worlds that look ahead. */
#ifndef UNDERSTUDY_GRAPH_AHEAD_H
#define UNDERSTUDY_GRAPH_AHEAD_H

#include "graph/api.h"

/* Adds the findings of a call that passed: whatever will refuse it within world->look_ahead, and from which day on. */
void ahead_of_call(struct call *call);

#endif
