/* send.h - POST /{page}/messages: whom it goes to, whether the policy lets it out, and what then happens. */
#ifndef UNDERSTUDY_GRAPH_SEND_H
#define UNDERSTUDY_GRAPH_SEND_H

#include "graph/api.h"

/* The stage: fills c->ask, c->thread, c->grant and asks the policy. Routes without ROUTE_SEND pass. */
enum graph_err decide_policy(struct call *call);

/* Whether notification tokens go on working after 2026-02-10 where the call's person lives (send.md 5.2). */
bool region_keeps_tokens(const struct call *call);

/* When a notification token dies. Those that were alive on 2023-08-10 live for ever from then on [documented: send.md 5.2]. */
ms_t recurring_until(const struct node *token, ms_t as_of);

#endif
