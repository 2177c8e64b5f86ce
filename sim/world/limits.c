#include "world/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/limit_table.h"
#include "world/world.h"
#include "world/xalloc.h"

struct limit {
    int64_t max;
    enum rule_id rule;
    enum limit_key key;
    bool is_per_person;
    bool is_mark;      /* full above max, not at it */
    bool is_on;
    struct limit_table table;
};

#define CLASS_BITS 24

struct world_limits {
    struct limit at[LIMIT_COUNT];
    /* Bits of limits, so that a call finds those that are about it without looking at the others. */
    uint64_t refusing[CLASS_BITS], charging[CLASS_BITS]; /* by class of call */
    uint64_t looked_at[2];                               /* before the policy, after it */
    uint64_t charged[2];                                 /* by enum limit_counts */
    uint64_t by_key[LIMIT_KEY_COUNT];
    uint64_t in_force;                                   /* those that are on and of the date's era */
    ms_t from, until;                                    /* policy dates for which in_force is right */
    uint32_t engaged_min;
};

/* ---- the set of a world ------------------------------------------------------------------------------------------------------ */

/* As published; nothing counted. */
static void
limit_publish(struct limit *limit, const struct limit_row *row)
{
    limit_table_fini(&limit->table);
    limit_table_init(&limit->table, row->window);
    limit->max = row->max;
    limit->rule = row->rule;
    limit->key = row->key;
    limit->is_on = row->is_on;
    limit->is_per_person = row->is_per_person;
    limit->is_mark = row->charged != row->refused;
}

static void
index_classes(struct world_limits *limits)
{
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = limit_row((enum limit_id)i);
        uint64_t bit = UINT64_C(1) << i;

        for (unsigned c = 0; c < CLASS_BITS; c++) {
            if (row->refused >> c & 1)
                limits->refusing[c] |= bit;
            if (row->charged >> c & 1)
                limits->charging[c] |= bit;
        }
        limits->looked_at[(row->refused & CLASSES_OF_CONSENT) != 0 || (row->counts == COUNTS_SENT && row->charged == row->refused)] |= bit;
        limits->charged[row->counts] |= bit;
        limits->by_key[row->key] |= bit;
    }
}

/* As they were published: the state of a new world. */
static void
publish(struct world_limits *limits)
{
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        limit_publish(&limits->at[i], limit_row((enum limit_id)i));
    limits->engaged_min = LIMIT_ENGAGED_MIN;
    limits->from = limits->until = MS_NEVER;
}

static struct world_limits *
limits_new(struct world *world)
{
    world->limits = xcalloc(1, sizeof *world->limits);
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        limit_table_init(&world->limits->at[i].table, SECOND);
    index_classes(world->limits);
    publish(world->limits);
    return world->limits;
}

static inline struct world_limits *
limits_of(struct world *world)
{
    return world->limits != NULL ? world->limits : limits_new(world);
}

void
limits_free(struct world_limits *limits)
{
    if (limits == NULL)
        return;
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        limit_table_fini(&limits->at[i].table);
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
        limit_publish(limit, limit_row((enum limit_id)i));
        if (max != LIMIT_AS_PUBLISHED) {
            limit->max = max;
            limit->is_per_person = false;
        }
        if (window != LIMIT_AS_PUBLISHED)
            limit_table_init(&limit->table, window); /* it is empty */
        limit->is_on = true;
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

static uint64_t
work_out_in_force(struct world_limits *limits, ms_t at)
{
    limits->in_force = 0;
    limits->from = MS_NEVER;
    limits->until = MS_ALWAYS;
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        struct span span = era_row(policy_rules[limits->at[i].rule].era)->span;
        ms_t edges[] = { span.from, span.until };

        if (span_has(span, at) && limits->at[i].is_on)
            limits->in_force |= UINT64_C(1) << i;
        for (unsigned e = 0; e < 2; e++) {
            if (edges[e] <= at && edges[e] > limits->from)
                limits->from = edges[e];
            if (edges[e] > at && edges[e] < limits->until)
                limits->until = edges[e];
        }
    }
    return limits->in_force;
}

/* Which limits are in force: worked out again only when the date passes the end of an era. */
static inline uint64_t
in_force(struct world *world, struct world_limits *limits)
{
    ms_t at = world_policy_date(world);

    return at >= limits->from && at < limits->until ? limits->in_force : work_out_in_force(limits, at);
}

/* Finds the limits of all classes that a call is of, once for each set of classes. */
static inline void
find_limits(const struct world_limits *limits, struct limit_ask *ask)
{
    if (ask->found_for == ask->classes)
        return;
    ask->found_for = ask->classes;
    ask->refusing = ask->charging = 0;
    for (unsigned left = ask->classes; left != 0; left &= left - 1) {
        ask->refusing |= limits->refusing[__builtin_ctz(left)];
        ask->charging |= limits->charging[__builtin_ctz(left)];
    }
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

/* With more than so many in the window a limit is full: a mark is passed above its number, others are reached at it. */
static int64_t
most_of(const struct limit *limit, int64_t max)
{
    return limit->is_mark ? max : max - 1;
}

void
limits_expect(struct world *world, enum limit_key by, uint64_t key)
{
    struct world_limits *limits = limits_of(world);

    for (uint64_t left = limits->by_key[by] & in_force(world, limits); left != 0; left &= left - 1)
        limit_table_prefetch(&limits->at[__builtin_ctzll(left)].table, key);
}

enum limit_id
limits_look(struct world *world, struct limit_ask *ask, bool is_after_policy, struct rule_set *seen)
{
    struct world_limits *limits = limits_of(world);

    find_limits(limits, ask);
    uint64_t left = ask->refusing & limits->looked_at[is_after_policy] & in_force(world, limits);
    for (; left != 0; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        const struct limit *limit = &limits->at[i];

        if (ask->keys[limit->key] == 0)
            continue;
        rule_set_add(seen, limit->rule);
        struct limit_slot *slot = limit_table_find(&limit->table, ask->keys[limit->key]);
        if (limit_slot_is_above(&limit->table, slot, most_of(limit, max_of(world, limits, limit, ask->page)), world->now))
            return (enum limit_id)i;
    }
    return LIMIT_COUNT;
}

void
limits_charge(struct world *world, struct limit_ask *ask, bool is_sent)
{
    struct world_limits *limits = limits_of(world);

    find_limits(limits, ask);
    uint64_t left = ask->charging & (limits->charged[COUNTS_CALLS] | (is_sent ? limits->charged[COUNTS_SENT] : 0)) & in_force(world, limits);
    for (; left != 0; left &= left - 1) {
        struct limit *limit = &limits->at[__builtin_ctzll(left)];

        if (ask->keys[limit->key] != 0)
            limit_table_charge(&limit->table, ask->keys[limit->key], max_of(world, limits, limit, ask->page), world->now);
    }
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------------- */

bool
limit_is_on(struct world *world, enum limit_id limit)
{
    return in_force(world, limits_of(world)) >> limit & 1;
}

bool
limit_is_exact(struct world *world, enum limit_id limit, uint32_t page)
{
    struct world_limits *limits = limits_of(world);
    const struct limit *l = &limits->at[limit];

    return max_of(world, limits, l, page) <= LIMIT_EXACT_MAX || quota_slices_error(l->table.window) == 0;
}

bool
limit_is_felt(struct world *world, enum limit_id limit, uint64_t key, uint32_t page)
{
    struct world_limits *limits = limits_of(world);
    const struct limit *l = &limits->at[limit];

    return in_force(world, limits) >> limit & 1 &&
           limit_slot_is_above(&l->table, limit_table_find(&l->table, key), (max_of(world, limits, l, page) + 99) / 100 - 1, world->now);
}

struct limit_state
limit_state(struct world *world, enum limit_id limit, uint64_t key, uint32_t page)
{
    struct world_limits *limits = limits_of(world);
    const struct limit *l = &limits->at[limit];
    struct limit_slot *slot = limit_table_find(&l->table, key);
    struct limit_state state = { .max = max_of(world, limits, l, page), .window = l->table.window };

    state.used = limit_slot_used(&l->table, slot, world->now);
    if (l->is_mark && state.used > state.max + 1)
        state.used = state.max + 1; /* how far above is not kept */
    state.free_at = limit_slot_free_at(&l->table, slot, most_of(l, state.max) + 1);
    return state;
}

void
limits_held(struct world *world, enum limit_id limit, size_t *keys, size_t *bytes)
{
    const struct world_limits *limits = limits_of(world);

    *keys = *bytes = 0;
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        if (limit != LIMIT_COUNT && i != limit)
            continue;
        *keys += limits->at[i].table.held;
        *bytes += limit_table_bytes(&limits->at[i].table);
    }
}

bool
limits_inbox_is_blind(struct world *world, uint32_t page)
{
    const struct limit *mark = &limits_of(world)->at[LIMIT_HIGH_VOLUME];
    struct limit_slot *slot = limit_table_find(&mark->table, limit_key_of(page));

    return limit_is_on(world, LIMIT_HIGH_VOLUME) && limit_slot_is_above(&mark->table, slot, mark->max, world->now);
}
