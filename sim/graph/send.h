/* send.h - POST /{page}/messages: whom it goes to, whether the policy lets it out, and what then happens. */
#ifndef UNDERSTUDY_GRAPH_SEND_H
#define UNDERSTUDY_GRAPH_SEND_H

#include "graph/api.h"

/* The stage: fills c->ask, c->thread, c->grant and asks the policy. Routes without ROUTE_SEND pass. */
enum graph_err decide_policy(struct call *call);

/* The message as events and conversations show it: the members of the object, without braces, mid and quick replies. attachment_id is set when the send made one. */
void message_members(struct buf *out, struct call *call, const struct jnode *message);

#endif
