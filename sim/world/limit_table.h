/* limit_table.h - the keys of one limit and what of each lies in the window behind now. Knows no limits and no classes of calls.
 *
 * A key costs 24 bytes while at most one instant counts. Up to LIMIT_EXACT_MAX instants are kept themselves; a key with more goes over to slices (quota.h) until it is
 * idle. Idle keys are swept away a few at a time by whoever charges next, so they cost nothing in the long run. */
#ifndef UNDERSTUDY_WORLD_LIMIT_TABLE_H
#define UNDERSTUDY_WORLD_LIMIT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/quota.h"
#include "world/pool.h"

#define LIMIT_RING_BITS_LAST 15u
#define LIMIT_EXACT_MAX 32768 /* 1 << LIMIT_RING_BITS_LAST */

/* One key. It is small and knows how many count, because with many keys a decision costs what it costs to fetch this from memory, and most decisions need nothing else. */
struct limit_slot {
    uint64_t key;           /* 0: free */
    ms_t newest;            /* the last instant charged */
    uint32_t log;           /* the kind of log and its number in the pool; 0: `newest` is all there is */
    struct quota_ring ring; /* what of the instants counts, or did when it was last looked at */
};

struct limit_table {
    ms_t window;
    ms_t idle_after;          /* once the newest is so old, the key is idle */
    struct limit_slot *slots; /* owned; open addressing, linear */
    uint32_t size, held, hand;
    struct pool slices;
    struct pool rings[LIMIT_RING_BITS_LAST + 1]; /* by size */
};

void limit_table_init(struct limit_table *table, ms_t window);
void limit_table_fini(struct limit_table *table);

/* NULL when nothing of the key is held. Borrowed until the next charge. key > 0. */
struct limit_slot *limit_table_find(const struct limit_table *table, uint64_t key);
/* Begins to fetch what the key will be looked up in: with many keys that costs more than all the rest. */
void limit_table_prefetch(const struct limit_table *table, uint64_t key);
/* One more at now. Of a key with more than `most` in its window the oldest go: who asks whether there are more than that needs no more. */
void limit_table_charge(struct limit_table *table, uint64_t key, int64_t most, ms_t now);

/* How many lie in the window behind now; 0 for NULL. */
int64_t limit_slot_used(const struct limit_table *table, struct limit_slot *slot, ms_t now);
/* Whether more than that do. Looks at the log only when the slot does not tell. */
bool limit_slot_is_above(const struct limit_table *table, struct limit_slot *slot, int64_t most, ms_t now);
/* When fewer than max (> 0) will, MS_NEVER when it is so already. After limit_slot_used. */
ms_t limit_slot_free_at(const struct limit_table *table, const struct limit_slot *slot, int64_t max);

size_t limit_table_bytes(const struct limit_table *table);

#endif
