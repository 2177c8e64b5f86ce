#include "edge/tenant.h"

#include <assert.h>
#include <stdlib.h>

#include "edge/clock_file.h"
#include "edge/drive.h"
#include "edge/lanes.h"
#include "edge/registry.h"
#include "world/xalloc.h"

struct tenant *
tenant_new(const char *name)
{
    struct tenant *tenant = xcalloc(1, sizeof *tenant);

    tenant->name = xstrdup(name);
    tenant->planned = MS_ALWAYS;
    atomic_init(&tenant->refs, 1);
    pthread_mutex_init(&tenant->lock, NULL);
    return tenant;
}

void
tenant_hold(struct tenant *tenant)
{
    atomic_fetch_add_explicit(&tenant->refs, 1, memory_order_relaxed);
}

void
tenant_release(struct tenant *tenant)
{
    if (atomic_fetch_sub_explicit(&tenant->refs, 1, memory_order_acq_rel) != 1)
        return;
    lanes_free(&tenant->lanes);
    world_free(&tenant->world);
    clock_file_free(&tenant->clock);
    pthread_mutex_destroy(&tenant->lock);
    free(tenant->name);
    free(tenant);
}

/* ---- entering and leaving ----------------------------------------------------------------------------------------------------- */

static void
put_into_lanes(struct tenant *tenant, struct delivery *delivery)
{
    if (tenant->lanes == NULL)
        tenant->lanes = lanes_new();
    lanes_push(tenant->lanes, delivery);
}

void
tenant_catch_up(struct tenant *tenant)
{
    struct world *world = tenant->world;
    struct outbox_item item;

    if (tenant->pace.times == 0 || tenant->is_stepping)
        return;
    ms_t target = pace_now(&tenant->pace);
    while (outbox_pop(&world->outbox, target, &item)) {
        if (item.due > world->now)
            world_set_now(world, item.due);
        if (item.fire != NULL)
            item.fire(world, &item);
        else
            put_into_lanes(tenant, item.delivery);
    }
    if (target > world->now)
        world_set_now(world, target);
    tenant_show_clock(tenant);
}

void
tenant_show_clock(struct tenant *tenant)
{
    clock_file_show(tenant->clock, tenant->world->now);
}

bool
tenant_enter(struct tenant *tenant)
{
    pthread_mutex_lock(&tenant->lock);
    if (tenant->world == NULL) {
        pthread_mutex_unlock(&tenant->lock);
        return false;
    }
    tenant_catch_up(tenant);
    return true;
}

/* Whether the driver has something to do here that it does not know of. */
static bool
needs_driver(struct tenant *tenant)
{
    const struct world *world = tenant->world;
    ms_t due = outbox_next_due(&world->outbox);

    if (tenant->polling != NULL && world_journal_next(world) != tenant->recorded)
        return true;
    if (tenant->pace.times == 0 || tenant->is_stepping)
        return due <= world->now && tenant->in_flight == 0;
    return due < tenant->planned || due <= world->now || lanes_waiting(tenant->lanes) > 0;
}

void
tenant_leave(struct tenant *tenant)
{
    if (tenant->world->credential_count != tenant->indexed_credentials)
        registry_index(tenant->registry, tenant);
    bool wakes = needs_driver(tenant);
    tenant->recorded = world_journal_next(tenant->world);
    pthread_mutex_unlock(&tenant->lock);
    if (wakes)
        driver_flag(tenant->driver, tenant);
}

void
tenant_set_pace(struct tenant *tenant, unsigned times)
{
    tenant->pace = pace_from(times, tenant->world->now);
    tenant->planned = MS_ALWAYS;
    tenant_show_clock(tenant);
}

/* ---- calls -------------------------------------------------------------------------------------------------------------------- */

void
tenant_call_begins(struct tenant *tenant)
{
    atomic_fetch_add(&tenant->calls, 1);
}

void
tenant_call_ends(struct tenant *tenant)
{
    if (atomic_fetch_sub(&tenant->calls, 1) == 1 && atomic_load(&tenant->wants_quiet))
        driver_flag(tenant->driver, tenant);
}
