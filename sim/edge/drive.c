#include "edge/drive.h"

#include <stdlib.h>

#include <pthread.h>
#include <stdatomic.h>

#include "edge/deliver.h"
#include "edge/exchange.h"
#include "edge/handshake.h"
#include "edge/lanes.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "edge/wallclock.h"
#include "edge/reactor.h"
#include "graph/event.h"
#include "people/faults.h"
#include "world/subscription.h"
#include "world/xalloc.h"

enum { IN_FLIGHT_MAX = 64, CLOCK_FILE_US = 100000, WAIT_US_MAX = 60000000 };

struct driver {
    struct server *server;
    pthread_t thread;
    struct reactor *reactor;
    struct deliverer *deliverer;
    struct handshakes *shaking;
    unsigned on_the_wire;

    struct tenant **alarmed; /* held; those whose clock or patience runs out some day */
    size_t alarmed_count, alarmed_room;

    pthread_mutex_t lock;        /* guards what follows */
    struct tenant *flagged;      /* held */
    struct exchange *handshakes; /* waiting for their turn */
    struct exchange *delayed;    /* waiting for their deadline */
    bool has_delayed;            /* some have come since the driver last looked */
    bool is_ending;

    atomic_bool is_asleep;
    atomic_bool is_winding_down;
};

static int64_t
earlier(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

/* ---- being woken ---------------------------------------------------------------------------------------------------------------- */

static void
wake(struct driver *driver)
{
    if (atomic_load(&driver->is_asleep))
        reactor_wake(driver->reactor);
}

void
driver_flag(struct driver *driver, struct tenant *tenant)
{
    if (atomic_exchange(&tenant->is_flagged, true))
        return;
    tenant_hold(tenant);
    pthread_mutex_lock(&driver->lock);
    tenant->next_flagged = driver->flagged;
    driver->flagged = tenant;
    pthread_mutex_unlock(&driver->lock);
    wake(driver);
}

void
driver_shake_hands(struct driver *driver, struct exchange *exchange)
{
    pthread_mutex_lock(&driver->lock);
    exchange->next = driver->handshakes;
    driver->handshakes = exchange;
    pthread_mutex_unlock(&driver->lock);
    wake(driver);
}

void
driver_delay(struct driver *driver, struct exchange *exchange)
{
    pthread_mutex_lock(&driver->lock);
    exchange->next = driver->delayed;
    driver->delayed = exchange;
    driver->has_delayed = true;
    pthread_mutex_unlock(&driver->lock);
    wake(driver);
}

/* Wakes those whose time has come; gives the real time of the next one. */
static int64_t
wake_delayed(struct driver *driver)
{
    int64_t now_us = wallclock_ticks_us(), next = INT64_MAX;
    bool is_over = atomic_load(&driver->is_winding_down);

    pthread_mutex_lock(&driver->lock);
    driver->has_delayed = false;
    for (struct exchange **link = &driver->delayed; *link != NULL;) {
        struct exchange *exchange = *link;

        if (is_over || exchange->deadline_us <= now_us) {
            *link = exchange->next;
            exchange_wake(exchange);
            continue;
        }
        if (exchange->deadline_us < next)
            next = exchange->deadline_us;
        link = &exchange->next;
    }
    pthread_mutex_unlock(&driver->lock);
    return next;
}

/* ---- posting -------------------------------------------------------------------------------------------------------------------- */

/* What became of a delivery that cannot even be posted is an outcome like any other. The tenant is locked. */
static void
post(struct driver *driver, struct tenant *tenant, struct delivery *delivery, uint32_t lane)
{
    struct world *world = tenant->world;
    const struct app *app = world->apps[delivery->app];
    version_t version = app->webhook.version != 0 ? app->webhook.version
                                                  : version_serving(0, world_policy_date(world));

    event_stamp(world, delivery);
    if (app->webhook.url == NULL) {
        if (tenant->lanes != NULL)
            lanes_done(tenant->lanes, lane);
        event_outcome(world, delivery, 0, "the app has no callback");
        return;
    }
    struct seal seal = {app->webhook.url, app->secret, version,
                        subscription_patience(world_policy_date(world))};
    tenant_show_clock(tenant);
    struct post *sent = deliver_event(driver->deliverer, delivery, &seal);
    sent->tenant = tenant;
    sent->lane = lane;
    sent->generation = tenant->generation;
    tenant_hold(tenant);
    tenant->in_flight++;
    driver->on_the_wire++;
    atomic_fetch_add_explicit(&driver->server->counts.deliveries, 1, memory_order_relaxed);
}

/* ---- waiting -------------------------------------------------------------------------------------------------------------------- */

static void
wake_all(struct exchange **list, bool is_refused)
{
    while (*list != NULL) {
        struct exchange *exchange = *list;

        *list = exchange->next;
        exchange->is_refused = is_refused;
        exchange_wake(exchange);
    }
}

void
driver_refuse_waiting(struct tenant *tenant)
{
    tenant->lets_go = false;
    wake_all(&tenant->settling, true);
    wake_all(&tenant->polling, true);
}

/* Journal calls that have something to tell, or have waited long enough. Returns the real time when the next one has; INT64_MAX for never. */
static int64_t
wake_polling(struct tenant *tenant)
{
    int64_t now_us = wallclock_ticks_us(), next = INT64_MAX;
    struct exchange **link = &tenant->polling;

    while (*link != NULL) {
        struct exchange *exchange = *link;

        if (world_journal_next(tenant->world) > exchange->after + 1 ||
            exchange->deadline_us <= now_us) {
            *link = exchange->next;
            exchange_wake(exchange);
            continue;
        }
        if (exchange->deadline_us < next)
            next = exchange->deadline_us;
        link = &exchange->next;
    }
    return next;
}

/* Whether no Graph call of the world is being answered. If one is, its end flags the tenant. */
static bool
is_quiet(struct tenant *tenant)
{
    if (atomic_load(&tenant->calls) == 0)
        return true;
    atomic_store(&tenant->wants_quiet, true);
    if (atomic_load(&tenant->calls) != 0)
        return false;
    atomic_store(&tenant->wants_quiet, false);
    return true;
}

bool
driver_is_idle(struct tenant *tenant, long long at)
{
    return tenant->in_flight == 0 && !tenant->is_stepping && tenant->settling == NULL &&
           lanes_waiting(tenant->lanes) == 0 && atomic_load(&tenant->calls) == 0 &&
           outbox_next_due(&tenant->world->outbox) > at;
}

/* ---- worlds that stand still ------------------------------------------------------------------------------------------------------ */

/* Lets the next thing happen. False when there is nothing until `limit`. */
static bool
next_thing(struct driver *driver, struct tenant *tenant, ms_t limit)
{
    struct world *world = tenant->world;
    struct outbox_item item;

    if (!outbox_pop(&world->outbox, limit, &item))
        return false;
    if (item.due > world->now)
        world_set_now(world, item.due);
    if (item.fire != NULL)
        item.fire(world, &item);
    else
        post(driver, tenant, item.delivery, LANE_NONE);
    return true;
}

/* A delivery that a fault wants beside the one before it. */
static bool
next_is_concurrent(const struct tenant *tenant)
{
    const struct outbox *outbox = &tenant->world->outbox;

    return outbox->count > 0 && outbox->heap[0].due <= tenant->world->now &&
           outbox->heap[0].fire == NULL &&
           (outbox->heap[0].delivery->tricks & TRICK_CONCURRENT) != 0;
}

/* An event that a fault holds back for company is in flight too: a settle waits for it, so when no company can come any more it leaves. */
static bool
let_go(struct tenant *tenant)
{
    return tenant->lets_go && tenant->settling != NULL && faults_let_go(tenant->world);
}

static void
wake_settling(struct tenant *tenant)
{
    tenant->lets_go = false;
    wake_all(&tenant->settling, false);
}

static void
arrive(struct tenant *tenant)
{
    struct world *world = tenant->world;

    if (tenant->is_stepping) {
        if (tenant->goal > world->now)
            world_set_now(world, tenant->goal);
        tenant->is_stepping = false;
        tenant_set_pace(tenant, tenant->pace.times);
    }
    wake_settling(tenant);
}

/* What was due when the clock still ran. */
static void
post_lanes(struct driver *driver, struct tenant *tenant)
{
    struct delivery *delivery;
    uint32_t lane;

    while (tenant->in_flight < IN_FLIGHT_MAX && tenant->lanes != NULL &&
           (delivery = lanes_take(tenant->lanes, &lane)) != NULL)
        post(driver, tenant, delivery, lane);
}

static void
step(struct driver *driver, struct tenant *tenant)
{
    post_lanes(driver, tenant);
    for (;;) {
        ms_t limit = tenant->is_stepping ? tenant->goal : tenant->world->now;

        if (tenant->in_flight > 0) {
            if (!next_is_concurrent(tenant))
                return;
        } else if (!is_quiet(tenant)) {
            return;
        }
        if (!next_thing(driver, tenant, limit) && (tenant->in_flight > 0 || !let_go(tenant)))
            break;
    }
    if (tenant->in_flight == 0)
        arrive(tenant);
}

/* ---- worlds whose clock runs -------------------------------------------------------------------------------------------------------- */

static void
run_on(struct driver *driver, struct tenant *tenant)
{
    tenant_catch_up(tenant);
    post_lanes(driver, tenant);
    if (tenant->settling == NULL || tenant->in_flight > 0 || lanes_waiting(tenant->lanes) > 0 ||
        !is_quiet(tenant))
        return;
    if (let_go(tenant)) {
        tenant_catch_up(tenant);
        post_lanes(driver, tenant);
    } else {
        wake_settling(tenant);
    }
}

/* ---- looking at a tenant -------------------------------------------------------------------------------------------------------------- */

static void
set_alarm(struct driver *driver, struct tenant *tenant, int64_t at_us)
{
    tenant->alarm_us = at_us;
    if (at_us == INT64_MAX || tenant->has_alarm)
        return;
    if (driver->alarmed_count == driver->alarmed_room) {
        driver->alarmed_room = driver->alarmed_room == 0 ? 16 : driver->alarmed_room * 2;
        driver->alarmed = xrealloc(driver->alarmed, driver->alarmed_room * sizeof(struct tenant *));
    }
    driver->alarmed[driver->alarmed_count++] = tenant;
    tenant->has_alarm = true;
    tenant_hold(tenant);
}

/* The tenant is locked and has a world. */
static void
look(struct driver *driver, struct tenant *tenant)
{
    int64_t alarm_us = INT64_MAX;

    atomic_store(&tenant->wants_quiet, false);
    if (atomic_load(&driver->is_winding_down)) {
        driver_refuse_waiting(tenant);
        return;
    }
    if (tenant->pace.times == 0 || tenant->is_stepping)
        step(driver, tenant);
    if (tenant->pace.times > 0 && !tenant->is_stepping) {
        run_on(driver, tenant);
        tenant->planned = outbox_next_due(&tenant->world->outbox);
        int64_t wait_us = pace_wait_us(&tenant->pace, tenant->planned);
        if (wait_us >= 0)
            alarm_us = wallclock_ticks_us() + wait_us;
        if (tenant->clock != NULL && tenant->pace.times > 1) /* it drifts from the wall's */
            alarm_us = earlier(alarm_us, wallclock_ticks_us() + CLOCK_FILE_US);
    }
    int64_t patience_us = wake_polling(tenant);
    set_alarm(driver, tenant, earlier(patience_us, alarm_us));
    if (tenant->world->credential_count != tenant->indexed_credentials)
        registry_index(tenant->registry, tenant);
    tenant->recorded = world_journal_next(tenant->world);
}

static void
lock_and_look(struct driver *driver, struct tenant *tenant)
{
    pthread_mutex_lock(&tenant->lock);
    if (tenant->world != NULL)
        look(driver, tenant);
    else
        tenant->alarm_us = INT64_MAX;
    pthread_mutex_unlock(&tenant->lock);
}

static struct tenant *
take_flagged(struct driver *driver)
{
    pthread_mutex_lock(&driver->lock);
    struct tenant *list = driver->flagged;
    driver->flagged = NULL;
    pthread_mutex_unlock(&driver->lock);
    return list;
}

static void
look_at_flagged(struct driver *driver)
{
    for (struct tenant *tenant = take_flagged(driver), *next; tenant != NULL; tenant = next) {
        next = tenant->next_flagged;
        atomic_store(&tenant->is_flagged, false);
        lock_and_look(driver, tenant);
        tenant_release(tenant);
    }
}

/* Looks at those whose alarm rings, and gives the real time of the next one. */
static int64_t
look_at_alarmed(struct driver *driver)
{
    int64_t now_us = wallclock_ticks_us(), next = INT64_MAX;

    for (size_t i = 0; i < driver->alarmed_count;) {
        struct tenant *tenant = driver->alarmed[i];

        if (tenant->alarm_us <= now_us)
            lock_and_look(driver, tenant);
        if (tenant->alarm_us == INT64_MAX) {
            driver->alarmed[i] = driver->alarmed[--driver->alarmed_count];
            tenant->has_alarm = false;
            tenant_release(tenant);
            continue;
        }
        if (tenant->alarm_us < next)
            next = tenant->alarm_us;
        i++;
    }
    return next;
}

/* ---- what comes back -------------------------------------------------------------------------------------------------------------------- */

static void
begin_handshakes(struct driver *driver)
{
    pthread_mutex_lock(&driver->lock);
    struct exchange *list = driver->handshakes;
    driver->handshakes = NULL;
    pthread_mutex_unlock(&driver->lock);
    while (list != NULL) {
        struct exchange *exchange = list;

        list = exchange->next;
        handshakes_begin(driver->shaking, exchange);
        driver->on_the_wire++;
    }
}

static void
handshake_came_back(void *into, struct exchange *exchange)
{
    struct driver *driver = into;

    driver->on_the_wire--;
    exchange_wake(exchange);
}

static void
event_came_back(struct driver *driver, struct post *sent)
{
    struct tenant *tenant = sent->tenant;
    struct delivery *delivery = sent->delivery;
    const char *reason = sent->sending.reason;
    int status = sent->sending.status;
    uint32_t lane = sent->lane;
    uint64_t generation = sent->generation;

    driver->on_the_wire--;
    deliver_done(driver->deliverer, sent);
    if (status != 200)
        atomic_fetch_add_explicit(&driver->server->counts.deliveries_failed, 1,
                                  memory_order_relaxed);
    pthread_mutex_lock(&tenant->lock);
    tenant->in_flight--;
    if (tenant->world != NULL && tenant->generation == generation) {
        if (tenant->lanes != NULL)
            lanes_done(tenant->lanes, lane);
        tenant_catch_up(tenant);
        event_outcome(tenant->world, delivery, status, reason);
    } else { /* its world has gone */
        delivery_free(delivery);
    }
    if (tenant->world != NULL)
        look(driver, tenant);
    pthread_mutex_unlock(&tenant->lock);
    tenant_release(tenant);
}

/* Those that come back while we look at others too. Gives the real time when posts that are still on the wire have to be given up. */
static int64_t
take_back(struct driver *driver)
{
    int64_t next_us = deliver_expire(driver->deliverer);
    struct post *sent;

    while ((sent = deliver_ended(driver->deliverer)) != NULL)
        event_came_back(driver, sent);
    return next_us;
}

/* ---- the thread -------------------------------------------------------------------------------------------------------------------------- */

static bool
has_work(struct driver *driver)
{
    pthread_mutex_lock(&driver->lock);
    bool has = driver->flagged != NULL || driver->handshakes != NULL || driver->has_delayed ||
               (driver->is_ending && driver->on_the_wire == 0);
    pthread_mutex_unlock(&driver->lock);
    return has;
}

/* Until something is ready, we are called, or that time has come. */
static void
wait_until(struct driver *driver, int64_t at_us)
{
    int64_t wait_us = at_us != INT64_MAX ? at_us - wallclock_ticks_us() : WAIT_US_MAX;

    atomic_store(&driver->is_asleep, true);
    reactor_wait(driver->reactor, has_work(driver)        ? 0
                                  : wait_us < WAIT_US_MAX ? wait_us
                                                          : WAIT_US_MAX);
    atomic_store(&driver->is_asleep, false);
}

static bool
may_end(struct driver *driver)
{
    pthread_mutex_lock(&driver->lock);
    bool may = driver->is_ending && driver->flagged == NULL && driver->handshakes == NULL;
    pthread_mutex_unlock(&driver->lock);
    return may && driver->on_the_wire == 0;
}

static void *
drive(void *given)
{
    struct driver *driver = given;

    while (!may_end(driver)) {
        begin_handshakes(driver);
        look_at_flagged(driver);
        int64_t next_us = earlier(look_at_alarmed(driver), wake_delayed(driver));
        wait_until(driver, earlier(next_us, take_back(driver)));
    }
    return NULL;
}

struct driver *
driver_new(struct server *server)
{
    struct driver *driver = xcalloc(1, sizeof *driver);

    driver->server = server;
    pthread_mutex_init(&driver->lock, NULL);
    driver->reactor = reactor_new();
    driver->deliverer = deliverer_new(driver->reactor);
    driver->shaking = handshakes_new(driver->reactor, handshake_came_back, driver);
    if (pthread_create(&driver->thread, NULL, drive, driver) != 0)
        abort();
    return driver;
}

void
driver_wind_down(struct driver *driver)
{
    size_t count;
    struct tenant **all = registry_all(driver->server->registry, &count);

    atomic_store(&driver->is_winding_down, true);
    pthread_mutex_lock(&driver->lock);
    driver->has_delayed = true;
    pthread_mutex_unlock(&driver->lock);
    wake(driver);
    for (size_t i = 0; i < count; i++) {
        driver_flag(driver, all[i]);
        tenant_release(all[i]);
    }
    free(all);
}

void
driver_free(struct driver **given)
{
    struct driver *driver = *given;

    pthread_mutex_lock(&driver->lock);
    driver->is_ending = true;
    pthread_mutex_unlock(&driver->lock);
    reactor_wake(driver->reactor);
    pthread_join(driver->thread, NULL);
    for (size_t i = 0; i < driver->alarmed_count; i++)
        tenant_release(driver->alarmed[i]);
    free(driver->alarmed);
    deliverer_free(&driver->deliverer);
    handshakes_free(&driver->shaking);
    reactor_free(&driver->reactor);
    pthread_mutex_destroy(&driver->lock);
    free(driver);
    *given = NULL;
}
