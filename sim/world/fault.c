#include "world/fault.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/webhook_field.h"
#include "world/delivery.h"
#include "world/fault_list.h"
#include "world/ids.h"
#include "world/world.h"
#include "world/xalloc.h"

/* An event that is held back for company (batch) or to change places (reorder) leaves alone after this time. */
#define HOLD_MS (1 * SECOND)

static const struct fault_row rows[FAULT_COUNT] = {
#define FAULT(symbol, name, side, fields, summary)                                                 \
    [FAULT_##symbol] = {name, FAULT_SIDE_##side, fields, summary},
#include "world/faults.def"
#undef FAULT
};

const struct fault_row *
fault_row(enum fault_kind kind)
{
    return &rows[kind];
}

enum fault_kind
fault_named(struct str name)
{
    unsigned i = 0;

    while (i < FAULT_COUNT && !str_eq(name, str_of(rows[i].name)))
        i++;
    return (enum fault_kind)i;
}

static bool on_call(struct world *world, struct str method, struct str path, int *code,
                    int *subcode);

/* ---- the list --------------------------------------------------------------------------------------------------------------- */

static void
free_list(struct world_faults *faults)
{
    for (unsigned i = 0; i < faults->count; i++)
        free(faults->list[i].only);
    for (unsigned i = 0; i < faults->held_count; i++)
        delivery_free(faults->held[i].delivery);
    free(faults->list);
    free(faults->held);
    free(faults);
}

void
fault_add(struct world *world, const struct fault *fault)
{
    if (world->faults == NULL) {
        world->faults = xcalloc(1, sizeof *world->faults);
        world->faults_free = free_list;
        world->fault_on_call = on_call;
    }
    struct world_faults *faults = world->faults;

    faults->list = xrealloc(faults->list, (faults->count + 1) * sizeof *faults->list);
    faults->list[faults->count] = *fault;
    if (faults->list[faults->count].every == 0)
        faults->list[faults->count].every = 1;
    faults->count++;
}

bool
faults_hold_any(const struct world *world)
{
    return world->faults != NULL && world->faults->held_count > 0;
}

static int
by_number(const void *a, const void *b)
{
    const struct held *x = a, *y = b;

    return x->number < y->number ? -1 : 1;
}

bool
faults_release(struct world *world)
{
    struct world_faults *faults = world->faults;

    if (!faults_hold_any(world))
        return false;
    qsort(faults->held, faults->held_count, sizeof *faults->held, by_number);
    for (unsigned i = 0; i < faults->held_count; i++)
        outbox_push_delivery(&world->outbox, world->now, faults->held[i].delivery);
    faults->held_count = 0;
    return true;
}

void
faults_clear(struct world *world)
{
    struct world_faults *faults = world->faults;

    if (faults == NULL)
        return;
    faults_release(world);
    world->faults = NULL;
    world->faults_free = NULL;
    world->fault_on_call = NULL;
    free_list(faults);
}

/* ---- drawing ---------------------------------------------------------------------------------------------------------------- */

static bool
hits(struct fault *fault)
{
    fault->seen++;
    if (fault->seen <= fault->after || (fault->times != 0 && fault->hits >= fault->times))
        return false;
    unsigned n = fault->seen - fault->after;
    if (fault->is_seeded ? mix64(fault->seed, n) % fault->every != 0 : n % fault->every != 0)
        return false;
    fault->hits++;
    return true;
}

static void
record_hit(struct world *world, const struct fault *fault, const char *what)
{
    char text[256];
    int n =
        snprintf(text, sizeof text, ",\"fault\":\"%s\",\"hit\":%u,\"seen\":%u,\"on\":\"%.160s\"}",
                 rows[fault->kind].name, fault->hits, fault->seen, what != NULL ? what : "");

    assert(n > 0 && (size_t)n < sizeof text);
    world_record(world, "fault", (struct str){text, (size_t)n});
}

const struct fault *
fault_draw(struct world *world, enum fault_kind kind, const char *what)
{
    struct world_faults *faults = world->faults;

    for (unsigned i = 0; faults != NULL && i < faults->count; i++) {
        struct fault *fault = &faults->list[i];

        if (fault->kind != kind ||
            (fault->only != NULL && (what == NULL || strstr(what, fault->only) == NULL)) ||
            !hits(fault))
            continue;
        record_hit(world, fault, what);
        return fault;
    }
    return NULL;
}

/* Calls are narrowed by any part of "POST /v19.0/me/messages". */
static const struct fault *
draw_call(struct world *world, enum fault_kind kind, struct str method, struct str path)
{
    char what[160];

    snprintf(what, sizeof what, "%.*s %.*s", STR_ARG(method), (int)(path.n < 140 ? path.n : 140),
             path.s);
    for (char *c = what; *c != '\0'; c++) /* it stands in the journal as it is */
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~' || *c == '"' || *c == '\\')
            *c = '?';
    return fault_draw(world, kind, what);
}

static bool
on_call(struct world *world, struct str method, struct str path, int *code, int *subcode)
{
    const struct fault *fault = draw_call(world, FAULT_ERROR, method, path);

    if (fault == NULL)
        return false;
    *code = fault->code;
    *subcode = fault->subcode;
    return true;
}

bool
faults_on_answer(struct world *world, struct str method, struct str path, struct fault_hit *hit)
{
    const struct fault *fault;

    *hit = (struct fault_hit){0};
    if (world->faults == NULL)
        return false;
    if ((fault = draw_call(world, FAULT_LATENCY, method, path)) != NULL)
        hit->latency_ms = fault->by_ms;
    hit->closes = draw_call(world, FAULT_CLOSE, method, path) != NULL;
    hit->echo_first = draw_call(world, FAULT_ECHO_FIRST, method, path) != NULL;
    return hit->latency_ms != 0 || hit->closes || hit->echo_first;
}

/* ---- deliveries -------------------------------------------------------------------------------------------------------------- */

static int
container_of_field(enum webhook_field field)
{
    return webhook_field_container(field) == CONTAINER_CHANGES ? 2 : field == FIELD_STANDBY ? 1 : 0;
}

static struct held *
find_held(struct world_faults *faults, const struct delivery *delivery, enum fault_kind kind)
{
    for (unsigned i = 0; i < faults->held_count; i++) {
        const struct delivery *other = faults->held[i].delivery;

        if (faults->held[i].kind == kind && other->app == delivery->app &&
            other->page == delivery->page &&
            (kind != FAULT_BATCH ||
             container_of_field(other->field) == container_of_field(delivery->field)))
            return &faults->held[i];
    }
    return NULL;
}

/* Takes it out of the list. */
static struct held
release(struct world_faults *faults, struct held *held)
{
    struct held taken = *held;

    *held = faults->held[--faults->held_count];
    return taken;
}

static void
release_alone(struct world *world, const struct outbox_item *item)
{
    struct world_faults *faults = world->faults;

    for (unsigned i = 0; faults != NULL && i < faults->held_count; i++)
        if (faults->held[i].number == item->a) {
            outbox_push_delivery(&world->outbox, world->now,
                                 release(faults, &faults->held[i]).delivery);
            return;
        }
}

static void
hold(struct world *world, const struct fault *fault, ms_t due, struct delivery *delivery)
{
    struct world_faults *faults = world->faults;

    faults->held = xrealloc(faults->held, (faults->held_count + 1) * sizeof *faults->held);
    faults->held[faults->held_count++] =
        (struct held){.number = ++faults->next_held,
                      .kind = fault->kind,
                      .delivery = delivery,
                      .events = 1,
                      .events_wanted = (fault->entries > 0 ? fault->entries : 1) *
                                       (fault->events > 0 ? fault->events : 1),
                      .events_an_entry = fault->events > 0 ? fault->events : 1};
    outbox_push_timer(&world->outbox, due + HOLD_MS, release_alone, faults->next_held, 0);
}

/* Adds the events of a delivery to one that is held: to its last entry, or as an entry more. */
static void
join(struct held *held, struct delivery *delivery)
{
    struct delivery *first = held->delivery;
    bool is_full = held->events % held->events_an_entry == 0 ||
                   memchr(first->items, DELIVERY_BESIDE, first->items_n) != NULL;
    char separator = is_full ? '\n' : ',';

    first->items = xrealloc(first->items, first->items_n + 1 + delivery->items_n + 1);
    first->items[first->items_n] = separator;
    memcpy(first->items + first->items_n + 1, delivery->items, delivery->items_n + 1);
    first->items_n += 1 + delivery->items_n;
    first->tricks |= delivery->tricks;
    held->events++;
    delivery_free(delivery);
}

/* True when the delivery has found its place: held, or together with another. */
static bool
batched(struct world *world, ms_t due, struct delivery *delivery)
{
    struct held *held = find_held(world->faults, delivery, FAULT_BATCH);
    const struct fault *fault;

    if (held != NULL) {
        join(held, delivery);
        if (held->events >= held->events_wanted)
            outbox_push_delivery(&world->outbox, due, release(world->faults, held).delivery);
        return true;
    }
    if ((fault = fault_draw(world, FAULT_BATCH, delivery->event)) == NULL)
        return false;
    hold(world, fault, due, delivery);
    return true;
}

static bool
reordered(struct world *world, ms_t due, struct delivery *delivery)
{
    struct held *held = find_held(world->faults, delivery, FAULT_REORDER);
    const struct fault *fault;

    if (held != NULL) {
        outbox_push_delivery(&world->outbox, due, delivery);
        outbox_push_delivery(&world->outbox, due, release(world->faults, held).delivery);
        return true;
    }
    if ((fault = fault_draw(world, FAULT_REORDER, delivery->event)) == NULL)
        return false;
    hold(world, fault, due, delivery);
    return true;
}

static void
play_tricks(struct world *world, ms_t *due, struct delivery *delivery)
{
    static const struct {
        enum fault_kind kind;
        unsigned trick;
    } tricks[] = {{FAULT_FORGE, TRICK_FORGED},
                  {FAULT_UNSIGNED, TRICK_UNSIGNED},
                  {FAULT_CONCURRENT, TRICK_CONCURRENT},
                  {FAULT_FEW_ESCAPES, TRICK_PLAIN}};
    const struct fault *fault;

    for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++)
        if (fault_draw(world, tricks[i].kind, delivery->event) != NULL)
            delivery->tricks |= tricks[i].trick;
    if ((fault = fault_draw(world, FAULT_LATE, delivery->event)) != NULL)
        *due += fault->by_ms;
    if ((fault = fault_draw(world, FAULT_DUPLICATE, delivery->event)) != NULL ||
        (fault = fault_draw(world, FAULT_STALE_REPLAY, delivery->event)) != NULL)
        delivery->again_after = fault->by_ms;
}

void
faults_push(struct world *world, ms_t due, struct delivery *delivery)
{
    if (world->faults == NULL) {
        outbox_push_delivery(&world->outbox, due, delivery);
        return;
    }
    if (fault_draw(world, FAULT_DROP_EVENT, delivery->event) != NULL) {
        delivery_free(delivery);
        return;
    }
    play_tricks(world, &due, delivery);
    if (!batched(world, due, delivery) && !reordered(world, due, delivery))
        outbox_push_delivery(&world->outbox, due, delivery);
}

void
faults_delivered(struct world *world, struct delivery *delivery)
{
    if (delivery->again_after == MS_NEVER) {
        delivery_free(delivery);
        return;
    }
    ms_t due = world->now + delivery->again_after;
    delivery->again_after = MS_NEVER;
    delivery->number = world->next_delivery++;
    delivery->attempt = 0;
    delivery->first_attempt = MS_NEVER;
    outbox_push_delivery(&world->outbox, due, delivery);
}
