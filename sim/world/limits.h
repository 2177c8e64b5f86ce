/* limits.h - the counters behind the platform's limits, one set a world: which key has how many in its window. Knows numbers only; what a limit is called and which
 * error it gives is in core/limits.def, what a call is in graph/limits.c. */
#ifndef UNDERSTUDY_WORLD_LIMITS_H
#define UNDERSTUDY_WORLD_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/limit.h"
#include "core/span.h"

struct world;
struct world_limits;

/* A page counts as one with so many people at least: those who are not played here also write to it [inferred]. */
#define LIMIT_ENGAGED_MIN 100

/* What is asked of the limits: the classes of a call and for whom it is counted. A key of 0 is not known: limits by it do not apply. */
struct limit_ask {
    unsigned classes;
    uint64_t keys[LIMIT_KEY_COUNT];
    uint32_t page; /* index: whose people count for limits per person; UINT32_MAX: everybody of the world */
    /* What limits.c found for the classes the last time it was asked; {0} at first. */
    unsigned found_for;
    uint64_t refusing, charging;
};

/* Of one counter, now. */
struct limit_state {
    int64_t used, max;
    ms_t window;
    ms_t free_at;  /* when one more will be let pass; MS_NEVER: now */
};

/* ---- setting ------------------------------------------------------------------------------------------------------------------ */

/* For a number that is left out. */
#define LIMIT_AS_PUBLISHED INT64_MIN

/* Replaces the numbers of a limit, switches it on and forgets what it has counted; id "*": of all. False with a reason in problem, and nothing is changed: id unknown, max
 * or window zero, negative or too large (10^9; a year). */
bool limits_configure(struct world *world, const char *id, int64_t max, ms_t window, char *problem, size_t size);
/* Switches a limit, or with "*" all, on or off. False with a reason when the id is unknown. */
bool limits_switch(struct world *world, const char *id, bool is_on, char *problem, size_t size);
/* How many people a page counts as at least, 1 to 10^9. */
void limits_set_engaged_min(struct world *world, uint32_t people);

void limits_free(struct world_limits *limits); /* NULL is fine */

/* ---- counting ----------------------------------------------------------------------------------------------------------------- */

/* Has what limits by this key are looked up in fetched from memory, which with many keys costs more than the decision itself: to be said as soon as the key is known. */
void limits_expect(struct world *world, enum limit_key by, uint64_t key);
/* The first limit that does not let the call pass, LIMIT_COUNT when all do; nothing is charged. Before the policy those on calls are looked at, after it those on what
 * is sent and by whose consent. Limits that were looked at are added to seen. */
enum limit_id limits_look(struct world *world, struct limit_ask *ask, bool is_after_policy, struct rule_set *seen);
/* Charges the call to all of them: to those that count what is sent only when it was. */
void limits_charge(struct world *world, struct limit_ask *ask, bool is_sent);

/* ---- reading ------------------------------------------------------------------------------------------------------------------ */

bool limit_is_on(struct world *world, enum limit_id limit);       /* switched on and in force at the policy date */
/* Whether room comes back to the millisecond: false when so many may lie in a window that slices are counted (limit_table.h), and those of the window are longer. */
bool limit_is_exact(struct world *world, enum limit_id limit, uint32_t page);
/* Whether a counter stands at one percent of its limit or above; false for limits that are not on. Cheap. */
bool limit_is_felt(struct world *world, enum limit_id limit, uint64_t key, uint32_t page);
struct limit_state limit_state(struct world *world, enum limit_id limit, uint64_t key, uint32_t page);
/* Keys that are held of one limit or (LIMIT_COUNT) of all, and the bytes they cost. */
void limits_held(struct world *world, enum limit_id limit, size_t *keys, size_t *bytes);
/* More than the mark of LIM-HIGH-VOLUME: staff neither sees nor sends anything in the Page inbox, and conversations cannot be listed. */
bool limits_inbox_is_blind(struct world *world, uint32_t page);

/* The keys, as the limits count them. */
static inline uint64_t
limit_key_of(uint32_t index)
{
    return (uint64_t)index + 1;
}

static inline uint64_t
limit_key_pair(uint32_t app, uint32_t page)
{
    return ((uint64_t)app + 1) << 32 | page;
}

#endif
