#include "world/limit_table.h"

#include <stdlib.h>
#include <string.h>

#include "world/xalloc.h"

/* ---- logs --------------------------------------------------------------------------------------------------------------------- */

/* `log` holds the kind above the number: 0 none, 2 to 15 a ring of that many bits, 16 slices. */
#define LOG_NONE 0u
#define LOG_RING_FIRST 2u
#define LOG_SLICES (LIMIT_RING_BITS_LAST + 1)
#define LOG_SHIFT 27u

static uint32_t
kind_of(const struct limit_slot *slot)
{
    return slot->log >> LOG_SHIFT;
}

static struct pool *
pool_of(struct limit_table *table, uint32_t kind)
{
    return kind == LOG_SLICES ? &table->slices : &table->rings[kind];
}

static uint32_t
log_take(struct limit_table *table, uint32_t kind)
{
    return kind << LOG_SHIFT | pool_take(pool_of(table, kind));
}

static void
log_give(struct limit_table *table, uint32_t log)
{
    if (log != LOG_NONE)
        pool_give(pool_of(table, log >> LOG_SHIFT), log & ((1u << LOG_SHIFT) - 1));
}

static ms_t *
ring_at(const struct limit_table *table, const struct limit_slot *slot)
{
    return pool_at(&table->rings[kind_of(slot)], slot->log & ((1u << LOG_SHIFT) - 1));
}

static uint32_t
ring_room(const struct limit_slot *slot)
{
    return UINT32_C(1) << kind_of(slot);
}

static struct quota_slices *
slices_at(const struct limit_table *table, const struct limit_slot *slot)
{
    return pool_at(&table->slices, slot->log & ((1u << LOG_SHIFT) - 1));
}

static void
pools_init(struct limit_table *table)
{
    pool_init(&table->slices, quota_slices_size(table->window));
    for (unsigned bits = 0; bits <= LIMIT_RING_BITS_LAST; bits++)
        pool_init(&table->rings[bits], sizeof(ms_t) << bits);
}

static void
pools_fini(struct limit_table *table)
{
    pool_fini(&table->slices);
    for (unsigned bits = 0; bits <= LIMIT_RING_BITS_LAST; bits++)
        pool_fini(&table->rings[bits]);
}

void
limit_table_init(struct limit_table *table, ms_t window)
{
    *table = (struct limit_table){ .window = window, .idle_after = window + quota_slices_error(window) };
    pools_init(table);
}

void
limit_table_fini(struct limit_table *table)
{
    free(table->slots);
    pools_fini(table);
    limit_table_init(table, table->window);
}

/* ---- slots -------------------------------------------------------------------------------------------------------------------- */

static uint32_t
home(const struct limit_table *table, uint64_t key)
{
    return limit_table_home(table, key);
}

static struct limit_slot *
free_slot(struct limit_table *table, uint64_t key)
{
    uint32_t i = home(table, key);

    while (table->slots[i].key != 0)
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

static void
resize(struct limit_table *table, uint32_t size)
{
    struct limit_slot *old = table->slots;
    uint32_t old_size = table->size;

    table->slots = xcalloc_pages(size, sizeof *table->slots);
    table->size = size;
    table->shift = (uint8_t)(64 - __builtin_ctz(size));
    table->hand = 0;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key != 0)
            *free_slot(table, old[i].key) = old[i];
    free(old);
}

/* Moves all logs together into fresh pools, so that what idle keys have held goes back to the system. */
static void
repack(struct limit_table *table)
{
    struct limit_table old = *table;

    pools_init(table);
    for (uint32_t i = 0; i < table->size; i++) {
        struct limit_slot *slot = &table->slots[i];
        uint32_t kind = kind_of(slot), number = slot->log & ((1u << LOG_SHIFT) - 1);

        if (slot->key == 0 || slot->log == LOG_NONE)
            continue;
        slot->log = log_take(table, kind);
        memcpy(pool_at(pool_of(table, kind), slot->log & ((1u << LOG_SHIFT) - 1)), pool_at(pool_of(&old, kind), number),
               pool_of(table, kind)->block);
    }
    pools_fini(&old);
}

/* Takes a slot out and closes the gap behind it. */
static void
drop(struct limit_table *table, uint32_t gap)
{
    uint32_t mask = table->size - 1;

    log_give(table, table->slots[gap].log);
    table->held--;
    for (uint32_t i = (gap + 1) & mask; table->slots[i].key != 0; i = (i + 1) & mask) {
        if (((i - home(table, table->slots[i].key)) & mask) < ((i - gap) & mask))
            continue; /* it would lie before its home */
        table->slots[gap] = table->slots[i];
        gap = i;
    }
    table->slots[gap] = (struct limit_slot){ 0 };
}

/* How many slots are looked at with each charge. Where each charge brings a new key, one of them goes to a key that is dropped: with 4 the hand is round
 * in a third of the charges that would fill the table, with 2 the slots before it were full and each look-up went through thousands. */
#define SWEEP 4

static void
sweep(struct limit_table *table, ms_t now)
{
    const struct limit_slot *slots = table->slots;
    const uint32_t mask = table->size - 1;
    const ms_t idle_until = now - table->idle_after;
    uint32_t hand = table->hand;

    for (unsigned n = 0; n < SWEEP; n++) {
        hand &= mask;
        if (slots[hand].key != 0 && slots[hand].newest <= idle_until)
            drop(table, hand); /* what moved into the gap is looked at next time */
        else
            hand++;
    }
    table->hand = hand;
    __builtin_prefetch(&slots[hand & mask], 1); /* for the next charge */
    __builtin_prefetch(&slots[(hand + 2) & mask], 1);
    if (table->size > 16 && table->held < table->size / 8) {
        resize(table, table->size / 2);
        repack(table);
    }
}

static struct limit_slot *
make(struct limit_table *table, uint64_t key)
{
    if (table->held + table->held / 2 >= table->size)
        resize(table, table->size == 0 ? 4 : table->size * 2);
    struct limit_slot *slot = free_slot(table, key);
    table->held++;
    *slot = (struct limit_slot){ .key = key };
    return slot;
}

/* ---- few instants, in the slot itself ------------------------------------------------------------------------------------------- */

/* The instant i before the newest. */
static ms_t
inline_at(const struct limit_slot *slot, uint32_t i)
{
    return i == 0 ? slot->newest : slot->newest - slot->before[i - 1];
}

static uint32_t
inline_used(struct limit_slot *slot, ms_t now, ms_t window)
{
    while (slot->ring.count > 0 && inline_at(slot, slot->ring.count - 1u) <= now - window)
        slot->ring.count--;
    return slot->ring.count;
}

/* One more; false, and nothing is done, when there is no room for it. */
static bool
inline_add(struct limit_slot *slot, int64_t most, ms_t now, ms_t window)
{
    uint32_t count = inline_used(slot, now, window);

    if (count == LIMIT_INLINE && count <= most)
        return false;
    uint32_t kept = count < LIMIT_INLINE ? count : LIMIT_INLINE - 1;
    if (kept > 0 && now - inline_at(slot, kept - 1) > UINT32_MAX) /* windows of more than 49 days */
        return false;
    for (uint32_t i = kept; i > 0; i--)
        slot->before[i - 1] = (uint32_t)(now - inline_at(slot, i - 1));
    slot->ring = (struct quota_ring){ .count = (uint16_t)(kept + 1) };
    return true; /* the caller sets `newest` */
}

static void
inline_to_ring(struct limit_table *table, struct limit_slot *slot)
{
    struct limit_slot larger = *slot;

    larger.log = log_take(table, LOG_RING_FIRST);
    larger.ring = (struct quota_ring){ 0 };
    for (uint32_t i = slot->ring.count; i-- > 0;)
        quota_ring_add(&larger.ring, ring_at(table, &larger), ring_room(&larger), inline_at(slot, i));
    *slot = larger;
}

/* ---- counting ------------------------------------------------------------------------------------------------------------------- */

/* `log` holds the kind above the number. */
_Static_assert(LOG_SLICES << LOG_SHIFT == LIMIT_LOG_SLICES, "the header knows this kind of log");

int64_t
limit_slot_used(const struct limit_table *table, struct limit_slot *slot, ms_t now)
{
    if (slot == NULL)
        return 0;
    if (kind_of(slot) == LOG_SLICES)
        return quota_slices_used(slices_at(table, slot), now, table->window);
    if (slot->log == LOG_NONE)
        return inline_used(slot, now, table->window);
    return quota_ring_used(&slot->ring, ring_at(table, slot), ring_room(slot), now, table->window);
}

ms_t
limit_slot_free_at(const struct limit_table *table, const struct limit_slot *slot, int64_t max)
{
    if (slot == NULL)
        return MS_NEVER;
    if (kind_of(slot) == LOG_SLICES)
        return quota_slices_free_at(slices_at(table, slot), table->window, max);
    if (slot->log == LOG_NONE)
        return max > slot->ring.count ? MS_NEVER : inline_at(slot, (uint32_t)max - 1) + table->window;
    return quota_ring_free_at(&slot->ring, ring_at(table, slot), ring_room(slot), table->window, max);
}

static void
grow_ring(struct limit_table *table, struct limit_slot *slot)
{
    struct limit_slot larger = *slot;

    larger.log = log_take(table, kind_of(slot) + 1);
    quota_ring_move(&larger.ring, ring_at(table, &larger), ring_at(table, slot), ring_room(slot));
    log_give(table, slot->log);
    *slot = larger;
}

/* More than a ring holds: from now on slices are counted. */
static void
go_over_to_slices(struct limit_table *table, struct limit_slot *slot)
{
    const ms_t *at = ring_at(table, slot);
    uint32_t old = slot->log, room = ring_room(slot);

    slot->log = log_take(table, LOG_SLICES);
    struct quota_slices *slices = slices_at(table, slot);
    quota_slices_init(slices, table->window);
    for (uint32_t i = 0; i < slot->ring.count; i++)
        quota_slices_add(slices, at[(slot->ring.first + i) & (room - 1)], table->window);
    slot->ring = (struct quota_ring){ 0 };
    log_give(table, old);
}

/* Makes room for one more: by forgetting what has left the window or is more than anybody asks for, else by growing. */
static void
make_room(struct limit_table *table, struct limit_slot *slot, int64_t most, ms_t now)
{
    uint32_t room = ring_room(slot);

    if (slot->ring.count < room || quota_ring_used(&slot->ring, ring_at(table, slot), room, now, table->window) < room)
        return;
    if (slot->ring.count > most)
        quota_ring_drop_oldest(&slot->ring, room);
    else if (kind_of(slot) < LIMIT_RING_BITS_LAST)
        grow_ring(table, slot);
    else
        go_over_to_slices(table, slot);
}

static void
add(struct limit_table *table, struct limit_slot *slot, int64_t most, ms_t now)
{
    if (slot->log == LOG_NONE) {
        if (inline_add(slot, most, now, table->window))
            return;
        inline_to_ring(table, slot);
    }
    if (kind_of(slot) != LOG_SLICES)
        make_room(table, slot, most, now);
    if (kind_of(slot) == LOG_SLICES)
        quota_slices_add(slices_at(table, slot), now, table->window);
    else
        quota_ring_add(&slot->ring, ring_at(table, slot), ring_room(slot), now);
}

void
limit_table_charge(struct limit_table *table, uint64_t key, int64_t most, ms_t now)
{
    struct limit_slot *slot = limit_table_find(table, key);

    if (slot == NULL)
        slot = make(table, key);
    add(table, slot, most, now);
    bool has_moved = now != slot->newest; /* in one and the same instant nothing becomes idle */
    slot->newest = now;
    if (has_moved && table->held > 1) /* not only this one */
        sweep(table, now);
}

size_t
limit_table_bytes(const struct limit_table *table)
{
    size_t bytes = table->size * sizeof *table->slots + pool_bytes(&table->slices);

    for (unsigned bits = 0; bits <= LIMIT_RING_BITS_LAST; bits++)
        bytes += pool_bytes(&table->rings[bits]);
    return bytes;
}
