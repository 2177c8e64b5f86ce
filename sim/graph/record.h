/* record.h - the journal line of a call (docs/design.md): everything that happened, no secret, nothing of the real world. */
#ifndef UNDERSTUDY_GRAPH_RECORD_H
#define UNDERSTUDY_GRAPH_RECORD_H

#include "graph/api.h"

void record_call(struct call *call);

#endif
