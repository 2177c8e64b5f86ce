/* The limits of a world and their counters. */
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/tenant.h"
#include "graph/limits.h"

void
control_limits(struct control *control)
{
    struct reply *reply = control->reply;

    if (!control_enter(control))
        return;
    buf_reset(&reply->body);
    limits_json(&reply->body, control->tenant->world);
    reply->status = 200;
    reply->content_type = "application/json";
    control_leave(control);
}
