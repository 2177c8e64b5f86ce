/* Time: moving a world's clock, and waiting until everything that fell due has settled. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "edge/control.h"
#include "edge/drive.h"
#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/server.h"
#include "edge/spec_read.h"
#include "edge/tenant.h"
#include "world/fault.h"

/* ---- the answer ---------------------------------------------------------------------------------------------------------------- */

void
control_refuse(struct exchange *exchange)
{
    if (atomic_load(&exchange->server->is_stopping))
        problem_say(&exchange->reply, PROBLEM_STOPPING, "the server is stopping");
    else
        problem_say(&exchange->reply, PROBLEM_NO_WORLD,
                    "the world \"%s\" has been dropped or reset", exchange->tenant->name);
}

/* The tenant is locked. */
static void
show_time(struct exchange *exchange)
{
    const struct tenant *tenant = exchange->tenant;
    json_t *time = json_object();
    char pace[PACE_TEXT_SIZE];

    pace_write(pace, tenant->pace.times);
    json_object_set_new(time, "now", json_time_new(tenant->world->now));
    json_object_set_new(time, "mode", json_string(pace));
    json_reply(&exchange->reply, 200, time);
}

static void
after_waiting(struct exchange *exchange)
{
    if (exchange->is_refused || !tenant_enter(exchange->tenant)) {
        control_refuse(exchange);
        return;
    }
    show_time(exchange);
    tenant_leave(exchange->tenant);
}

/* Sleeps until the world has settled, at its goal if it has one. The tenant is locked, and is left. */
static void
wait_for_settling(struct control *control)
{
    struct exchange *exchange = control->exchange;
    struct tenant *tenant = control->tenant;

    if (exchange_sleep(exchange, after_waiting)) {
        struct exchange **last = &tenant->settling;

        while (*last != NULL)
            last = &(*last)->next;
        exchange->next = NULL;
        *last = exchange;
    } else {
        control_refuse(exchange);
    }
    control_leave(control);
    driver_flag(
        control->server->driver,
        tenant); /* the exchange may be gone by now, the tenant is held by it or by the driver */
}

/* keep_held: what faults hold back for company is not waited for. */
struct settle_spec {
    bool keeps_held;
};

static const struct member settle_members[] = {
    {"keep_held", read_flag, offsetof(struct settle_spec, keeps_held)},
};

void
control_world_settle(struct control *control)
{
    struct tenant *tenant = control->tenant;
    struct reading reading;
    struct problem problem;
    struct settle_spec spec = {0};

    reading = reading_at(&problem, "");
    if (!read_object(&reading, &spec, control->body, settle_members,
                     sizeof settle_members / sizeof *settle_members)) {
        problem_answer(control->reply, &problem, NULL);
        return;
    }

    if (!control_enter(control))
        return;
    bool lets_go = !spec.keeps_held && faults_hold_any(tenant->world);
    if (!lets_go && driver_is_idle(tenant, tenant->world->now)) {
        show_time(control->exchange);
        control_leave(control);
        return;
    }
    tenant->lets_go = tenant->lets_go || !spec.keeps_held;
    tenant_hold(tenant);
    wait_for_settling(control);
    tenant_release(tenant);
}

/* ---- the clock ------------------------------------------------------------------------------------------------------------------ */

struct clock_spec {
    ms_t advance, now; /* MS_NEVER: not given */
    unsigned times;
    bool has_mode;
};

static bool
read_advance(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);

    return (text != NULL && duration_read(str_of(text), &((struct clock_spec *)into)->advance)) ||
           read_expected(reading, value,
                         "a duration, as in \"24h\", \"1d2h\", \"23:59:59.999\" or \"500ms\"");
}

static bool
read_mode(struct reading *reading, void *into, const json_t *value)
{
    struct clock_spec *spec = into;

    spec->has_mode = true;
    return pace_read((struct str){json_string_value(value), json_string_length(value)},
                     &spec->times) ||
           read_expected(reading, value, "\"wall\", \"frozen\" or \"xN\" with N from 1 to 1000000");
}

static const struct member clock_members[] = {
    {"advance", read_advance, 0},
    {"now", read_time, offsetof(struct clock_spec, now)},
    {"mode", read_mode, 0},
};

static bool
read_clock(const json_t *body, struct clock_spec *spec, struct problem *problem)
{
    struct reading reading = reading_at(problem, "");

    *spec = (struct clock_spec){.advance = MS_NEVER, .now = MS_NEVER};
    if (!read_object(&reading, spec, body, clock_members,
                     sizeof clock_members / sizeof *clock_members))
        return false;
    if (spec->advance != MS_NEVER && spec->now != MS_NEVER)
        return problem_set(problem, PROBLEM_BAD_VALUE, "/now",
                           "there is both \"advance\" and \"now\", expected one of them");
    if (spec->advance == MS_NEVER && spec->now == MS_NEVER && !spec->has_mode)
        return problem_set(problem, PROBLEM_BAD_VALUE, "",
                           "expected one of \"advance\", \"now\" and \"mode\"");
    return true;
}

/* Where the call wants to go from where time stands, or is on its way to. */
static bool
find_goal(const struct tenant *tenant, const struct clock_spec *spec, ms_t *goal,
          struct problem *problem)
{
    ms_t now = tenant->is_stepping ? tenant->goal : tenant->world->now;
    char at[DATETIME_SIZE];

    datetime_iso(at, now);
    *goal = spec->now != MS_NEVER       ? spec->now
            : spec->advance != MS_NEVER ? now + spec->advance
                                        : now;
    if (*goal < now)
        return problem_set(problem, PROBLEM_BACKWARDS, spec->now != MS_NEVER ? "/now" : "/advance",
                           "it is %s, expected that or later", at);
    if (*goal > PACE_END)
        return problem_set(problem, PROBLEM_BAD_VALUE, "/advance",
                           "time ends with the year 9999, and it is %s", at);
    return true;
}

static void
record_clock(struct world *world, ms_t from, ms_t to, unsigned times)
{
    char rest[160], from_text[DATETIME_SIZE], to_text[DATETIME_SIZE], pace[PACE_TEXT_SIZE];

    datetime_iso(from_text, from);
    datetime_iso(to_text, to);
    pace_write(pace, times);
    int n = snprintf(rest, sizeof rest, ",\"from\":\"%s\",\"to\":\"%s\",\"mode\":\"%s\"}",
                     from_text, to_text, pace);
    world_record(world, "clock", (struct str){rest, (size_t)n});
}

/* The tenant is locked, and is left. */
static void
go(struct control *control, ms_t goal, const struct clock_spec *spec)
{
    struct tenant *tenant = control->tenant;
    struct world *world = tenant->world;

    if (spec->has_mode)
        tenant_set_pace(tenant, spec->times);
    record_clock(world, world->now, goal, tenant->pace.times);
    if (driver_is_idle(tenant, goal)) {
        world_set_now(world, goal);
        tenant_set_pace(tenant, tenant->pace.times);
        show_time(control->exchange);
        control_leave(control);
        driver_flag(control->server->driver, tenant); /* its alarm is another one now */
        return;
    }
    tenant->is_stepping = true;
    tenant->goal = goal;
    wait_for_settling(control);
}

void
control_clock(struct control *control)
{
    struct tenant *tenant = control->tenant;
    struct clock_spec spec;
    struct problem problem;
    ms_t goal;

    if (!read_clock(control->body, &spec, &problem)) {
        problem_answer(control->reply, &problem, NULL);
        return;
    }
    if (!control_enter(control))
        return;
    if (!find_goal(tenant, &spec, &goal, &problem)) {
        problem_answer(control->reply, &problem, NULL);
        control_leave(control);
        return;
    }
    tenant_hold(tenant);
    go(control, goal, &spec);
    tenant_release(tenant);
}
