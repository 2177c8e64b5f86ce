/* The limits of a world and their counters. */
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/tenant.h"
#include "graph/limits.h"

void
control_limits(struct control *control)
{
    if (!control_enter(control))
        return;
    buf_reset(&control->reply->body);
    limits_json(&control->reply->body, control->tenant->world);
    control->reply->status = 200;
    control->reply->content_type = "application/json";
    control_leave(control);
}
