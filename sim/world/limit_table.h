/* limit_table.h - the keys of one limit and what of each lies in the window behind now. Knows no limits and no classes of calls.
 *
 * A key costs 32 bytes while at most three instants count. Up to LIMIT_EXACT_MAX instants are kept themselves; a key with more goes over to slices (quota.h) until it is
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

#define LIMIT_INLINE 3

/* One key. It is half a cache line and holds few instants itself, because with many keys a decision costs what it costs to fetch this from memory, and most decisions
 * need nothing else. */
struct limit_slot {
    uint64_t key;                      /* 0: free */
    ms_t newest;                       /* the last instant charged */
    uint32_t before[LIMIT_INLINE - 1]; /* how long before `newest` the instants before it were, the youngest first; only without a log */
    uint32_t log;                      /* the kind of log and its number in the pool; 0: the instants are here */
    struct quota_ring ring;            /* what of the instants counts, or did when it was last looked at; here they are not in a ring: only the count */
};

struct limit_table {
    ms_t window;
    ms_t idle_after;          /* once the newest is so old, the key is idle */
    struct limit_slot *slots; /* owned; open addressing, linear */
    uint32_t size, held, hand;
    uint8_t shift;            /* 64 less the bits of size */
    struct pool slices;
    struct pool rings[LIMIT_RING_BITS_LAST + 1]; /* by size */
};

void limit_table_init(struct limit_table *table, ms_t window);
void limit_table_fini(struct limit_table *table);

/* Where the key would lie if it lay alone, in a table that has slots. The topmost bits: those of keys that follow one another lie evenly apart, so that few meet. */
static inline uint32_t
limit_table_home(const struct limit_table *table, uint64_t key)
{
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> table->shift);
}

/* NULL when nothing of the key is held. Borrowed until the next charge. key > 0. */
static inline struct limit_slot *
limit_table_find(const struct limit_table *table, uint64_t key)
{
    if (table->size == 0)
        return NULL;
    for (uint32_t i = limit_table_home(table, key);; i = (i + 1) & (table->size - 1)) {
        if (table->slots[i].key == key)
            return &table->slots[i];
        if (table->slots[i].key == 0)
            return NULL;
    }
}

/* Begins to fetch what the key will be looked up in: with many keys that costs more than all the rest. */
static inline void
limit_table_prefetch(const struct limit_table *table, uint64_t key)
{
    if (table->held > 1) {
        const struct limit_slot *slot = &table->slots[limit_table_home(table, key)];

        __builtin_prefetch(slot, 1);
        __asm__ volatile("" : : "r"(slot)); /* else the compiler leaves out whole loops that only prefetch */
    }
}

/* One more at now. Of a key with more than `most` in its window the oldest go: who asks whether there are more than that needs no more. */
void limit_table_charge(struct limit_table *table, uint64_t key, int64_t most, ms_t now);

/* How many lie in the window behind now; 0 for NULL. */
int64_t limit_slot_used(const struct limit_table *table, struct limit_slot *slot, ms_t now);

#define LIMIT_LOG_SLICES (16u << 27)

/* Whether more than that do. Looks at the log only when the slot does not tell. */
static inline bool
limit_slot_is_above(const struct limit_table *table, struct limit_slot *slot, int64_t most, ms_t now)
{
    if (slot == NULL || (slot->log < LIMIT_LOG_SLICES && slot->ring.count <= most))
        return false;
    return limit_slot_used(table, slot, now) > most;
}

/* When fewer than max (> 0) will, MS_NEVER when it is so already. After limit_slot_used. */
ms_t limit_slot_free_at(const struct limit_table *table, const struct limit_slot *slot, int64_t max);

size_t limit_table_bytes(const struct limit_table *table);

#endif
