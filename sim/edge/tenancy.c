#include "edge/tenancy.h"

#include <stdlib.h>
#include <string.h>

#include "edge/clock_file.h"
#include "edge/drive.h"
#include "edge/journal_file.h"
#include "edge/lanes.h"
#include "edge/pace.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "edge/wallclock.h"
#include "edge/world_show.h"
#include "graph/jwrite.h"

/* The journal's line about the world itself. Its spec says what was asked for, its secrets masked. */
static void
record(struct tenant *tenant, const char *event)
{
    struct world *world = tenant->world;
    struct buf rest = {0};
    char pace[PACE_TEXT_SIZE];
    json_t *spec = json_loads(world->spec, 0, NULL), *policy_date = world_policy_date_new(world);

    world_mask_secrets(spec);
    char *text = json_dumps(spec, JSON_COMPACT);
    pace_write(pace, tenant->pace.times);
    buf_char(&rest, ',');
    jw_kv_text(&rest, "event", event);
    jw_kv_raw(&rest, "spec", str_of(text));
    jw_kv_int(&rest, "seed", (int64_t)world->seed);
    jw_kv_text(&rest, "clock", pace);
    jw_kv_text(&rest, "policy_date", json_string_value(policy_date));
    buf_char(&rest, '}');
    world_record(world, "world", buf_view(&rest));
    buf_fini(&rest);
    free(text);
    json_decref(spec);
    json_decref(policy_date);
}

/* The tenant gets its world; its lock is held, or nobody else has it. */
static void
move_in(struct tenant *tenant, struct world *world, unsigned times, const char *event)
{
    tenant->world = world;
    if (tenant->file != NULL) {
        world->on_record = journal_file_add;
        world->record_sink = tenant->file;
    }
    tenant_set_pace(tenant, times);
    record(tenant, event);
    registry_index(tenant->registry, tenant);
}

static struct spec_head
head_of(const struct spec_head *defaults)
{
    struct spec_head head = *defaults;

    head.name = STR_NONE;
    if (head.now == MS_NEVER)
        head.now = wallclock_now();
    return head;
}

struct tenant *
tenancy_begin(struct server *server, const json_t *spec, const struct spec_head *defaults,
              struct problem *problem)
{
    struct spec_head head = head_of(defaults);
    struct world *world;
    uint64_t salt;

    if (defaults->name.s != NULL)
        head.name = defaults->name;
    if (!spec_read_head(spec, &head, problem))
        return NULL;
    struct tenant *tenant = registry_reserve(server->registry, head.name, head.seed, &salt);
    if (tenant == NULL) {
        problem_set(problem, PROBLEM_TAKEN, "/name",
                    "there is a world named \"%.*s\", expected another name", STR_ARG(head.name));
        return NULL;
    }
    if (!spec_make_world(spec, &head, tenant->name, salt, &world, problem)) {
        registry_drop(server->registry, tenant);
        tenant_release(tenant);
        return NULL;
    }
    pthread_mutex_lock(&tenant->lock);
    tenant->first_times = defaults->times;
    tenant->first_now = defaults->now;
    tenant->clock = clock_file_new();
    move_in(tenant, world, head.times, "created");
    pthread_mutex_unlock(&tenant->lock);
    if (tenant->clock != NULL)
        driver_flag(tenant->driver, tenant); /* which keeps the file of a pace up to date */
    atomic_fetch_add_explicit(&server->counts.worlds_made, 1, memory_order_relaxed);
    return tenant;
}

bool
tenancy_reset(struct tenant *tenant)
{
    struct problem problem;
    struct world *fresh;

    if (!tenant_enter(tenant))
        return false;
    struct spec_head head = head_of(&(struct spec_head){
        .seed = tenant->world->seed, .times = tenant->first_times, .now = tenant->first_now});
    json_t *spec = json_loads(tenant->world->spec, 0, NULL);
    bool is_made =
        spec_read_head(spec, &head, &problem) &&
        spec_make_world(spec, &head, tenant->name, tenant->world->salt, &fresh, &problem);
    json_decref(spec);
    if (is_made) {
        driver_refuse_waiting(tenant);
        registry_unindex(tenant->registry, tenant);
        lanes_free(&tenant->lanes);
        world_free(&tenant->world);
        tenant->generation++;
        tenant->is_stepping = false;
        tenant->recorded = 0;
        move_in(tenant, fresh, head.times, "reset");
    }
    tenant_leave(tenant);
    return is_made;
}

bool
tenancy_end(struct tenant *tenant)
{
    pthread_mutex_lock(&tenant->lock);
    bool is_ours = tenant->world != NULL && registry_drop(tenant->registry, tenant);
    if (is_ours) {
        record(tenant, "dropped");
        driver_refuse_waiting(tenant);
        lanes_free(&tenant->lanes);
        world_free(&tenant->world);
        clock_file_free(&tenant->clock);
    }
    pthread_mutex_unlock(&tenant->lock);
    if (is_ours)
        journal_file_flush(tenant->file);
    return is_ours;
}

struct tenant *
tenancy_nowhere(struct server *server)
{
    struct tenant *tenant = tenant_new("nowhere");

    tenant->driver = server->driver;
    tenant->registry = server->registry;
    tenant->slot = 0;
    tenant->world = world_new("nowhere", 0, 0, wallclock_now());
    tenant->world->journal.bytes_max = 0; /* the newest few are kept, for nobody */
    tenant_set_pace(tenant, 1);
    return tenant;
}
