#include "world/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/quota.h"
#include "world/pool.h"
#include "world/world.h"
#include "world/xalloc.h"

/* One key of one limit. A key of which nothing is in the window may stay for a while; the sweep takes it away. It is small and knows how many count, because with
 * many keys a decision costs what it costs to fetch this from memory, and most decisions need nothing else. */
struct slot {
    uint64_t key;           /* 0: free */
    ms_t newest;            /* the last instant charged */
    uint32_t log;           /* exact: ring_name of an array, or NO_RING when `newest` is all there is; others: a block of the limit's slices */
    struct quota_ring ring; /* exact: what of the array counts, or did when it was last looked at */
};

/* Arrays of instants come in powers of two; which one, and its number in the pool of that size. */
#define NO_RING 0
#define RING_BITS_FIRST 2u
#define RING_BITS_LAST 13u
#define RING_SHIFT 28u

/* What deciding needs of a limit, in one place. */
struct limit {
    ms_t window;
    int64_t max;
    unsigned charged, refused;
    enum limit_key key;
    enum limit_counts counts;
    bool is_on, is_per_person, is_exact, is_mark;
    ms_t idle_after;    /* once the newest is so old, the key is idle */
    struct slot *slots; /* owned; open addressing, linear */
    uint32_t size, held, hand;
    struct pool slices;
    struct pool rings[RING_BITS_LAST + 1]; /* by size */
};

struct world_limits {
    struct limit at[LIMIT_COUNT];
    uint32_t engaged_min;
    uint64_t in_force; /* bits of the limits that are on and of the date's era */
    ms_t from, until;  /* policy dates for which in_force is right */
};

/* ---- the logs of a key ------------------------------------------------------------------------------------------------------------ */

static uint32_t
ring_room(const struct slot *slot)
{
    return UINT32_C(1) << (slot->log >> RING_SHIFT);
}

static ms_t *
ring_at(const struct limit *limit, const struct slot *slot)
{
    return pool_at(&limit->rings[slot->log >> RING_SHIFT], slot->log & ((1u << RING_SHIFT) - 1));
}

static uint32_t
ring_take(struct limit *limit, uint32_t bits)
{
    return bits << RING_SHIFT | pool_take(&limit->rings[bits]);
}

static struct quota_slices *
slices_at(const struct limit *limit, const struct slot *slot)
{
    return pool_at(&limit->slices, slot->log);
}

static void
log_give(struct limit *limit, const struct slot *slot)
{
    if (!limit->is_exact)
        pool_give(&limit->slices, slot->log);
    else if (slot->log != NO_RING)
        pool_give(&limit->rings[slot->log >> RING_SHIFT], slot->log & ((1u << RING_SHIFT) - 1));
}

/* ---- the set of a world ------------------------------------------------------------------------------------------------------ */

static void
limit_settle(struct limit *limit)
{
    limit->is_mark = limit->charged != limit->refused;
    limit->is_exact = !limit->is_per_person && limit->max <= LIMIT_EXACT_MAX;
    limit->idle_after = limit->window + (limit->is_exact ? 0 : quota_slices_error(limit->window));
    pool_init(&limit->slices, quota_slices_size(limit->window));
    for (unsigned bits = 0; bits <= RING_BITS_LAST; bits++)
        pool_init(&limit->rings[bits], sizeof(ms_t) << bits);
}

static void
limit_publish(struct limit *limit, const struct limit_row *row)
{
    limit->window = row->window;
    limit->max = row->max;
    limit->charged = row->charged;
    limit->refused = row->refused;
    limit->key = row->key;
    limit->counts = row->counts;
    limit->is_on = row->is_on;
    limit->is_per_person = row->is_per_person;
    limit_settle(limit);
}

static void
limit_clear(struct limit *limit)
{
    if (limit->slots == NULL)
        return;
    free(limit->slots);
    pool_fini(&limit->slices);
    for (unsigned bits = 0; bits <= RING_BITS_LAST; bits++)
        pool_fini(&limit->rings[bits]);
    limit->slots = NULL;
    limit->size = limit->held = limit->hand = 0;
}

static struct world_limits *
limits_of(struct world *world)
{
    if (world->limits == NULL) {
        world->limits = xcalloc(1, sizeof *world->limits);
        limits_publish(world);
    }
    return world->limits;
}

void
limits_publish(struct world *world)
{
    struct world_limits *limits = limits_of(world);

    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        limit_clear(&limits->at[i]);
        limit_publish(&limits->at[i], limit_row((enum limit_id)i));
    }
    limits->engaged_min = LIMIT_ENGAGED_MIN;
    limits->from = limits->until = MS_NEVER;
}

void
limits_free(struct world_limits *limits)
{
    if (limits == NULL)
        return;
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        limit_clear(&limits->at[i]);
    free(limits);
}

static bool
number_is_good(const char *name, int64_t number, int64_t most, const char *most_text, char *problem, size_t size)
{
    if ((number > 0 && number <= most) || number == LIMIT_AS_PUBLISHED)
        return true;
    snprintf(problem, size, "%s is %lld%s, expected 1 to %s", name, (long long)number, most == YEAR ? " ms" : "", most_text);
    return false;
}

static bool
is_known(const char *id, char *problem, size_t size)
{
    if (strcmp(id, "*") == 0 || limit_named(id) != LIMIT_COUNT)
        return true;
    snprintf(problem, size, "there is no limit \"%s\"; GET /_sim/rules lists those there are, and \"*\" means all", id);
    return false;
}

#define LIMIT_MAX_MOST 1000000000

bool
limits_configure(struct world *world, const char *id, int64_t max, ms_t window, char *problem, size_t size)
{
    struct world_limits *limits = limits_of(world);

    if (!is_known(id, problem, size) || !number_is_good("max", max, LIMIT_MAX_MOST, "1000000000", problem, size) ||
        !number_is_good("window", window, YEAR, "31536000000 ms (a year)", problem, size))
        return false;
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        struct limit *limit = &limits->at[i];

        if (strcmp(id, "*") != 0 && i != limit_named(id))
            continue;
        limit_clear(limit);
        limit_publish(limit, limit_row((enum limit_id)i));
        if (max != LIMIT_AS_PUBLISHED) {
            limit->max = max;
            limit->is_per_person = false;
        }
        if (window != LIMIT_AS_PUBLISHED)
            limit->window = window;
        limit->is_on = true;
        limit_settle(limit);
    }
    limits->from = limits->until = MS_NEVER;
    return true;
}

bool
limits_switch(struct world *world, const char *id, bool is_on, char *problem, size_t size)
{
    struct world_limits *limits = limits_of(world);

    if (!is_known(id, problem, size))
        return false;
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        if (strcmp(id, "*") == 0 || i == limit_named(id))
            limits->at[i].is_on = is_on;
    limits->from = limits->until = MS_NEVER;
    return true;
}

void
limits_set_engaged_min(struct world *world, uint32_t people)
{
    limits_of(world)->engaged_min = people;
}

/* Which limits are in force: worked out again only when the date passes the end of an era. */
static uint64_t
in_force(struct world *world, struct world_limits *limits)
{
    ms_t at = world_policy_date(world);

    if (at >= limits->from && at < limits->until)
        return limits->in_force;
    limits->in_force = 0;
    limits->from = MS_NEVER;
    limits->until = MS_ALWAYS;
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        struct span span = era_row(policy_rules[limit_row((enum limit_id)i)->rule].era)->span;

        if (span_has(span, at) && limits->at[i].is_on)
            limits->in_force |= UINT64_C(1) << i;
        ms_t edges[] = { span.from, span.until };
        for (unsigned e = 0; e < 2; e++) {
            if (edges[e] <= at && edges[e] > limits->from)
                limits->from = edges[e];
            if (edges[e] > at && edges[e] < limits->until)
                limits->until = edges[e];
        }
    }
    return limits->in_force;
}

/* ---- the keys of a limit -------------------------------------------------------------------------------------------------------- */

static uint32_t
home(const struct limit *limit, uint64_t key)
{
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (limit->size - 1);
}

static struct slot *
find(const struct limit *limit, uint64_t key)
{
    if (limit->size == 0)
        return NULL;
    for (uint32_t i = home(limit, key);; i = (i + 1) & (limit->size - 1)) {
        if (limit->slots[i].key == key)
            return &limit->slots[i];
        if (limit->slots[i].key == 0)
            return NULL;
    }
}

static void
resize(struct limit *limit, uint32_t size)
{
    struct slot *old = limit->slots;
    uint32_t old_size = limit->size;

    limit->slots = xcalloc(size, sizeof *limit->slots);
    limit->size = size;
    limit->hand = 0;
    for (uint32_t i = 0; i < old_size; i++) {
        if (old[i].key == 0)
            continue;
        uint32_t to = home(limit, old[i].key);
        while (limit->slots[to].key != 0)
            to = (to + 1) & (size - 1);
        limit->slots[to] = old[i];
    }
    free(old);
}

/* Moves all logs together into fresh pools, so that what idle keys have held goes back. */
static void
repack(struct limit *limit)
{
    struct limit old = *limit;

    pool_init(&limit->slices, old.slices.block);
    for (unsigned bits = 0; bits <= RING_BITS_LAST; bits++)
        pool_init(&limit->rings[bits], old.rings[bits].block);
    for (uint32_t i = 0; i < limit->size; i++) {
        struct slot *slot = &limit->slots[i], before = *slot;

        if (slot->key == 0 || (limit->is_exact && slot->log == NO_RING))
            continue;
        if (limit->is_exact) {
            slot->log = ring_take(limit, before.log >> RING_SHIFT);
            memcpy(ring_at(limit, slot), ring_at(&old, &before), ring_room(slot) * sizeof(ms_t));
        } else {
            slot->log = pool_take(&limit->slices);
            memcpy(slices_at(limit, slot), slices_at(&old, &before), limit->slices.block);
        }
    }
    pool_fini(&old.slices);
    for (unsigned bits = 0; bits <= RING_BITS_LAST; bits++)
        pool_fini(&old.rings[bits]);
}

/* Takes a slot out and closes the gap behind it. */
static void
drop(struct limit *limit, uint32_t gap)
{
    uint32_t mask = limit->size - 1;

    log_give(limit, &limit->slots[gap]);
    limit->held--;
    for (uint32_t i = (gap + 1) & mask; limit->slots[i].key != 0; i = (i + 1) & mask) {
        if (((i - home(limit, limit->slots[i].key)) & mask) < ((i - gap) & mask))
            continue; /* it would lie before its home */
        limit->slots[gap] = limit->slots[i];
        gap = i;
    }
    limit->slots[gap] = (struct slot){ 0 };
}

/* How many keys are looked at with each charge: more than a charge can add, so the sweep outruns the growth. */
#define SWEEP 4

static void
sweep(struct limit *limit, ms_t now)
{
    for (unsigned n = 0; n < SWEEP; n++) {
        uint32_t i = limit->hand & (limit->size - 1);

        if (limit->slots[i].key != 0 && limit->slots[i].newest + limit->idle_after <= now)
            drop(limit, i); /* what moved into the gap is looked at next time */
        else
            limit->hand = i + 1;
    }
    if (limit->size > 16 && limit->held < limit->size / 8) {
        resize(limit, limit->size / 2);
        repack(limit);
    }
}

static struct slot *
make(struct limit *limit, uint64_t key)
{
    if (limit->held + limit->held / 2 >= limit->size)
        resize(limit, limit->size == 0 ? 4 : limit->size * 2);
    uint32_t i = home(limit, key);
    while (limit->slots[i].key != 0)
        i = (i + 1) & (limit->size - 1);
    limit->held++;
    limit->slots[i] = (struct slot){ .key = key };
    return &limit->slots[i];
}

/* ---- one counter ------------------------------------------------------------------------------------------------------------------ */

static int64_t
used(const struct limit *limit, struct slot *slot, ms_t now)
{
    if (slot == NULL)
        return 0;
    if (!limit->is_exact)
        return quota_slices_used(slices_at(limit, slot), now, limit->window);
    if (slot->log == NO_RING)
        return slot->ring.count = slot->newest > now - limit->window;
    return quota_ring_used(&slot->ring, ring_at(limit, slot), ring_room(slot), now, limit->window);
}

/* Whether one more would be one too many. Looks at the log only when the slot does not tell. */
static bool
is_full(const struct limit *limit, struct slot *slot, int64_t max, ms_t now)
{
    int64_t most = limit->is_mark ? max : max - 1;

    if (slot == NULL || (limit->is_exact && slot->ring.count <= most))
        return false;
    return used(limit, slot, now) > most;
}

static ms_t
free_at(const struct limit *limit, const struct slot *slot, int64_t max)
{
    if (slot == NULL)
        return MS_NEVER;
    if (!limit->is_exact)
        return quota_slices_free_at(slices_at(limit, slot), limit->window, max);
    if (slot->log == NO_RING)
        return max > 1 ? MS_NEVER : slot->newest + limit->window;
    return quota_ring_free_at(&slot->ring, ring_at(limit, slot), ring_room(slot), limit->window, max);
}

/* Makes room for one more: by forgetting what has left the window, of a mark also what is beyond showing that it is passed, else by growing. (Nobody charges what would be one
 * too many; if somebody does, the oldest goes.) */
static void
ring_make_room(struct limit *limit, struct slot *slot, ms_t now)
{
    uint32_t room = ring_room(slot);
    struct slot larger = *slot;

    if (slot->ring.count < room || quota_ring_used(&slot->ring, ring_at(limit, slot), room, now, limit->window) < room)
        return;
    if (slot->ring.count > limit->max) {
        quota_ring_drop_oldest(&slot->ring, room);
        return;
    }
    larger.log = ring_take(limit, (slot->log >> RING_SHIFT) + 1);
    quota_ring_move(&larger.ring, ring_at(limit, &larger), ring_at(limit, slot), room);
    log_give(limit, slot);
    *slot = larger;
}

static void
add_exact(struct limit *limit, struct slot *slot, ms_t now)
{
    if (slot->log == NO_RING) {
        if (slot->ring.count == 0 || slot->newest <= now - limit->window) {
            slot->ring.count = 1; /* `newest` says the rest */
            return;
        }
        slot->log = ring_take(limit, RING_BITS_FIRST);
        slot->ring = (struct quota_ring){ 0 };
        quota_ring_add(&slot->ring, ring_at(limit, slot), ring_room(slot), slot->newest);
    }
    ring_make_room(limit, slot, now);
    quota_ring_add(&slot->ring, ring_at(limit, slot), ring_room(slot), now);
}

static void
charge(struct limit *limit, uint64_t key, ms_t now)
{
    struct slot *slot = find(limit, key);

    if (slot == NULL) {
        slot = make(limit, key);
        if (!limit->is_exact) {
            slot->log = pool_take(&limit->slices);
            quota_slices_init(slices_at(limit, slot), limit->window);
        }
    }
    if (limit->is_exact)
        add_exact(limit, slot, now);
    else
        quota_slices_add(slices_at(limit, slot), now, limit->window);
    slot->newest = now;
    sweep(limit, now);
}

/* ---- the decision ----------------------------------------------------------------------------------------------------------------- */

static int64_t
max_of(const struct world *world, const struct world_limits *limits, const struct limit *limit, uint32_t page)
{
    if (!limit->is_per_person)
        return limit->max;
    uint32_t people = page < world->page_count ? world->pages[page]->thread_count : world->thread_count;
    return limit->max * (people > limits->engaged_min ? people : limits->engaged_min);
}

enum limit_id
limits_look(struct world *world, const struct limit_ask *ask, enum limit_counts counts, struct rule_set *seen)
{
    struct world_limits *limits = limits_of(world);

    for (uint64_t left = in_force(world, limits); left != 0; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        const struct limit *limit = &limits->at[i];

        /* A mark refuses before anything else happens, whatever it counts. */
        if ((limit->refused & ask->classes) == 0 || ask->keys[limit->key] == 0 || (limit->is_mark ? COUNTS_CALLS : limit->counts) != counts)
            continue;
        rule_set_add(seen, limit_row((enum limit_id)i)->rule);
        if (is_full(limit, find(limit, ask->keys[limit->key]), max_of(world, limits, limit, ask->page), world->now))
            return (enum limit_id)i;
    }
    return LIMIT_COUNT;
}

void
limits_charge(struct world *world, const struct limit_ask *ask, enum limit_counts counts)
{
    struct world_limits *limits = limits_of(world);

    for (uint64_t left = in_force(world, limits); left != 0; left &= left - 1) {
        struct limit *limit = &limits->at[__builtin_ctzll(left)];

        if ((limit->charged & ask->classes) != 0 && ask->keys[limit->key] != 0 && limit->counts == counts)
            charge(limit, ask->keys[limit->key], world->now);
    }
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------------- */

bool
limit_is_on(struct world *world, enum limit_id limit)
{
    return in_force(world, limits_of(world)) >> limit & 1;
}

bool
limit_is_exact(struct world *world, enum limit_id limit)
{
    const struct limit *l = &limits_of(world)->at[limit];

    return l->is_exact || quota_slices_error(l->window) == 0;
}

struct limit_state
limit_state(struct world *world, enum limit_id limit, uint64_t key, uint32_t page)
{
    struct world_limits *limits = limits_of(world);
    const struct limit *l = &limits->at[limit];
    struct slot *slot = find(l, key);
    struct limit_state state = { .max = max_of(world, limits, l, page), .window = l->window };

    state.used = used(l, slot, world->now);
    if (l->is_mark && state.used > state.max + 1)
        state.used = state.max + 1; /* how far above is not kept */
    state.free_at = state.used >= state.max + l->is_mark ? free_at(l, slot, state.max + l->is_mark) : MS_NEVER;
    return state;
}

void
limits_held(struct world *world, enum limit_id limit, size_t *keys, size_t *bytes)
{
    const struct world_limits *limits = limits_of(world);

    *keys = *bytes = 0;
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        const struct limit *l = &limits->at[i];

        if (limit != LIMIT_COUNT && i != limit)
            continue;
        *keys += l->held;
        *bytes += l->size * sizeof(struct slot) + pool_bytes(&l->slices);
        for (unsigned bits = 0; bits <= RING_BITS_LAST; bits++)
            *bytes += pool_bytes(&l->rings[bits]);
    }
}

bool
limits_inbox_is_blind(struct world *world, uint32_t page)
{
    const struct world_limits *limits = limits_of(world);
    const struct limit *mark = &limits->at[LIMIT_HIGH_VOLUME];

    return limit_is_on(world, LIMIT_HIGH_VOLUME) && is_full(mark, find(mark, limit_key_of(page)), mark->max, world->now);
}
