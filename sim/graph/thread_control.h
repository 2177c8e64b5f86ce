/* thread_control.h - giving a conversation away along with a send: `thread_control` of POST /{page}/messages (webhooks.md 4.6). Knows nothing of messages. */
#ifndef UNDERSTUDY_GRAPH_THREAD_CONTROL_H
#define UNDERSTUDY_GRAPH_THREAD_CONTROL_H

#include "graph/api.h"

/* Before anything is sent: whether the app to pass to can be found. Nothing is wrong with a send that gives nothing away. */
enum graph_err control_check(struct call *call);
/* After the send: passes the thread, or releases it. The call must have a thread. */
void control_apply(struct call *call);

#endif
