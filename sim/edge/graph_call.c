#include "edge/graph_call.h"

#include <stdlib.h>
#include <string.h>

#include "edge/drive.h"
#include "edge/exchange.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "edge/wallclock.h"
#include "world/delivery.h"
#include "world/fault.h"

/* ---- whose it is --------------------------------------------------------------------------------------------------------------- */

/* Parameters that name a credential or an app, best first; access_token is looked at before. */
static const char *const telling[] = {"input_token", "client_id", "fb_exchange_token"};

static struct tenant *
find_by_parameters(struct exchange *exchange)
{
    struct registry *registry = exchange->server->registry;
    struct str token = params_token(&exchange->params, &exchange->request);
    struct tenant *tenant = token.s != NULL ? registry_find_key(registry, token) : NULL;

    for (size_t i = 0; i < sizeof telling / sizeof *telling && tenant == NULL; i++) {
        struct str text = params_text(&exchange->params, telling[i]);

        if (text.s != NULL)
            tenant = registry_find_key(registry, text);
    }
    return tenant;
}

/* A page or an app in the path. */
static struct tenant *
find_by_path(struct exchange *exchange)
{
    struct str rest = exchange->request.path;
    struct tenant *tenant = NULL;

    for (unsigned i = 0; i < 3 && rest.n > 0 && tenant == NULL; i++) {
        while (rest.n > 0 && *rest.s == '/')
            rest = str_from(rest, 1);
        const char *slash = rest.n > 0 ? memchr(rest.s, '/', rest.n) : NULL;
        struct str word = {rest.s, slash != NULL ? (size_t)(slash - rest.s) : rest.n};

        if (word.n > 0)
            tenant = registry_find_key(exchange->server->registry, word);
        rest = str_from(rest, word.n);
    }
    return tenant;
}

/* A test that sends no credential, or a wrong one on purpose, may name the world in a header. */
static struct tenant *
find_by_header(struct exchange *exchange)
{
    return exchange->world.s != NULL
               ? registry_find_name(exchange->server->registry, exchange->world)
               : NULL;
}

static struct tenant *
find_tenant(struct exchange *exchange)
{
    struct tenant *tenant = find_by_parameters(exchange);

    if (tenant == NULL)
        tenant = find_by_path(exchange);
    if (tenant == NULL)
        tenant = find_by_header(exchange);
    if (tenant == NULL)
        tenant = registry_find_name(exchange->server->registry, STR("default"));
    return tenant;
}

/* Enters the world of the call; the one without anything in it when there is none, or it has just gone. */
static void
enter_world(struct exchange *exchange)
{
    struct tenant *tenant = find_tenant(exchange);

    if (tenant != NULL) {
        tenant_call_begins(tenant);
        exchange->tenant = tenant;
        exchange->is_call = true;
        if (tenant_enter(tenant))
            return;
        tenant_call_ends(tenant);
        tenant_release(tenant);
    }
    exchange->tenant = exchange->server->nowhere;
    tenant_hold(exchange->tenant);
    tenant_call_begins(exchange->tenant);
    exchange->is_call = true;
    tenant_enter(exchange->tenant);
}

/* ---- answering ------------------------------------------------------------------------------------------------------------------ */

static void
count(struct exchange *exchange)
{
    struct server_counts *counts = &exchange->server->counts;

    atomic_fetch_add_explicit(&counts->graph_calls, 1, memory_order_relaxed);
    if (exchange->reply.is_error)
        atomic_fetch_add_explicit(&counts->graph_errors, 1, memory_order_relaxed);
}

/* ---- what faults want of the edge ------------------------------------------------------------------------------------------------- */

enum { LATENCY_MS_MAX = 60000, ECHO_MS_MAX = 1000 };

static void
go_on(struct exchange *exchange)
{
    (void)exchange; /* the reply is there; it only had to wait */
}

/* The echo of this send goes out beside whatever is on the wire. False when there is none. */
static bool
hurry_echo(struct world *world)
{
    struct delivery *echo = NULL;

    for (size_t i = 0; i < world->outbox.count; i++) {
        struct delivery *delivery = world->outbox.heap[i].delivery;

        if (delivery != NULL && delivery->attempt == 0 && delivery->field == FIELD_MESSAGE_ECHOES &&
            (echo == NULL || delivery->number > echo->number))
            echo = delivery;
    }
    if (echo != NULL)
        echo->tricks |= TRICK_CONCURRENT;
    return echo != NULL;
}

/* Sleeps until the journal goes on, which it does with the echo's post. The tenant is locked. The call does not count as being answered meanwhile, because a frozen world
 * posts nothing while one is. */
static void
wait_for_echo(struct exchange *exchange)
{
    struct tenant *tenant = exchange->tenant;

    if (!hurry_echo(tenant->world) || !exchange_sleep(exchange, go_on))
        return;
    exchange->is_call = false;
    exchange->after = world_journal_next(tenant->world) - 1;
    exchange->deadline_us = wallclock_ticks_us() + (int64_t)ECHO_MS_MAX * 1000;
    exchange->next = tenant->polling;
    tenant->polling = exchange;
    tenant_call_ends(tenant);
}

static void
hold_back(struct exchange *exchange, ms_t latency_ms)
{
    if (!exchange_sleep(exchange, go_on))
        return;
    exchange->deadline_us =
        wallclock_ticks_us() + (latency_ms < LATENCY_MS_MAX ? latency_ms : LATENCY_MS_MAX) * 1000;
    driver_delay(exchange->server->driver, exchange);
}

/* Many answers are of one second. */
static void
write_date(struct exchange *exchange)
{
    struct tenant *tenant = exchange->tenant;
    ms_t now = tenant->world->now;

    if (tenant->date[0] == '\0' || now < tenant->date_second ||
        now >= tenant->date_second + SECOND) {
        tenant->date_second = now - (now % SECOND + SECOND) % SECOND;
        datetime_http(tenant->date, now);
    }
    memcpy(exchange->date, tenant->date, sizeof exchange->date);
}

static void
leave_world(struct exchange *exchange)
{
    struct tenant *tenant = exchange->tenant;
    struct fault_hit fault;

    faults_on_answer(tenant->world, exchange->request.method_text, exchange->request.path, &fault);
    write_date(exchange);
    exchange->closes = fault.closes;
    count(exchange);
    if (!fault.echo_first) {
        tenant_leave(tenant);
    } else { /* from here on the exchange may have gone */
        tenant_hold(tenant);
        wait_for_echo(exchange);
        tenant_leave(tenant);
        driver_flag(tenant->driver, tenant);
        tenant_release(tenant);
        return;
    }
    if (fault.latency_ms > 0)
        hold_back(exchange, fault.latency_ms);
}

/* The callback has answered the handshake or has not. */
static void
after_handshake(struct exchange *exchange)
{
    const struct handshake *got = &exchange->handshake;
    struct handshake_outcome outcome = {.status = got->status,
                                        .reason = got->reason,
                                        .body_matches = got->is_right,
                                        .curl_errno = got->curl_errno,
                                        .curl_error = got->status == 0 ? got->reason : NULL};

    if (!tenant_enter(exchange->tenant)) { /* the world went meanwhile */
        exchange->closes = true;
        return;
    }
    graph_handshake_done(exchange->tenant->world, &exchange->request, &exchange->params,
                         &exchange->arena, &exchange->reply, &outcome);
    leave_world(exchange);
}

static void
shake_hands(struct exchange *exchange)
{
    struct handshake *handshake = &exchange->handshake;
    struct reply *reply = &exchange->reply;

    handshake->url = reply->handshake_url;
    handshake->verify_token = reply->handshake_token;
    reply->handshake_url = reply->handshake_token = NULL;
    memcpy(handshake->challenge, reply->handshake_challenge, sizeof handshake->challenge);
    if (exchange_sleep(exchange, after_handshake))
        driver_shake_hands(exchange->server->driver, exchange);
    else
        exchange->closes = true;
}

static void
handle(struct exchange *exchange)
{
    exchange->is_graph = true;
    exchange->request.is_too_large = exchange->is_body_too_large;
    params_read(&exchange->params, &exchange->request, &exchange->arena);
    enter_world(exchange);
    graph_handle(exchange->tenant->world, &exchange->request, &exchange->params, &exchange->arena,
                 &exchange->reply);
}

void
graph_call(struct exchange *exchange)
{
    handle(exchange);
    if (exchange->reply.wants_handshake) {
        tenant_leave(exchange->tenant);
        shake_hands(exchange);
        return;
    }
    leave_world(exchange);
}

void
graph_call_cut(struct exchange *exchange)
{
    exchange->request.is_cut = true;
    handle(exchange);
    write_date(exchange);
    count(exchange);
    tenant_leave(exchange->tenant);
}

struct tenant *
graph_call_world(struct exchange *exchange)
{
    params_read(&exchange->params, &exchange->request, &exchange->arena);
    return find_tenant(exchange);
}
