/* Worlds: making, listing, showing, dropping, resetting. */
#include <stdlib.h>

#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/tenancy.h"
#include "edge/tenant.h"
#include "edge/world_show.h"

void
control_health(struct control *control)
{
    json_t *health = json_object();

    json_object_set_new(health, "status", json_string("ok"));
    json_object_set_new(health, "version", json_string(UNDERSTUDY_VERSION));
    json_object_set_new(health, "worlds",
                        json_integer((json_int_t)registry_count(control->server->registry)));
    json_reply(control->reply, 200, health);
}

void
control_worlds(struct control *control)
{
    json_t *shown = json_array();
    size_t count;
    struct tenant **all = registry_all(control->server->registry, &count);

    for (size_t i = 0; i < count; i++) {
        if (tenant_enter(all[i])) {
            json_array_append_new(shown, world_show_short_new(all[i]));
            tenant_leave(all[i]);
        }
        tenant_release(all[i]);
    }
    free(all);
    json_t *list = json_object();
    json_object_set_new(list, "worlds", shown);
    json_reply(control->reply, 200, list);
}

static void
show(struct control *control, int status)
{
    if (!control_enter(control))
        return;
    json_t *world = world_show_new(control->tenant);
    control_leave(control);
    json_reply(control->reply, status, world);
}

void
control_world_make(struct control *control)
{
    struct problem problem;
    struct tenant *tenant =
        tenancy_begin(control->server, control->body, &control->server->defaults, &problem);

    if (tenant == NULL) {
        problem_answer(control->reply, &problem, NULL);
        return;
    }
    control->tenant = control->exchange->tenant = tenant;
    show(control, 201);
}

void
control_world_show(struct control *control)
{
    show(control, 200);
}

void
control_world_drop(struct control *control)
{
    if (!tenancy_end(control->tenant)) {
        problem_say(control->reply, PROBLEM_NO_WORLD, "the world \"%s\" has been dropped",
                    control->tenant->name);
        return;
    }
    control->reply->status = 204;
    buf_reset(&control->reply->body);
}

void
control_world_reset(struct control *control)
{
    if (!tenancy_reset(control->tenant)) {
        problem_say(control->reply, PROBLEM_NO_WORLD, "the world \"%s\" has been dropped",
                    control->tenant->name);
        return;
    }
    show(control, 200);
}
