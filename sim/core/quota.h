/* quota.h - how many in the window behind: the arithmetic of limits. Instants in, numbers out; the memory is the caller's. Knows no keys and no limits. Pure.
 *
 * The promise: in every window [t, t + window) at most `max` instants are admitted by somebody who asks before each one whether used < max. An instant is inside
 * the window behind `now` when now - window < instant <= now; so what was admitted at t makes room again at t + window, to the millisecond.
 *
 * A ring of the instants themselves keeps both halves of the promise exactly (nothing is refused either while fewer than max were admitted), and costs eight bytes
 * an instant. Slices count by pieces of the window, 1,440 of them: at most `max` in every window stays true, but room comes back up to one slice late (a minute for a day;
 * never for windows of up to 1,440 ms, whose slices are single milliseconds). */
#ifndef UNDERSTUDY_CORE_QUOTA_H
#define UNDERSTUDY_CORE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

/* ---- exact: the instants --------------------------------------------------------------------------------------------------- */

/* Where in an array of `room` instants (a power of two, at most 32,768) those lie that count. {0} is an empty one. It is small and apart from the array, so that
 * whoever keeps it at hand adds an instant without reading the array. */
struct quota_ring {
    uint16_t first; /* the oldest */
    uint16_t count;
};

/* How many lie in the window behind now; forgets the others. now never goes back. */
uint32_t quota_ring_used(struct quota_ring *ring, const ms_t *at, uint32_t room, ms_t now, ms_t window);
/* Adds an instant, not before the newest; count < room. */
void quota_ring_add(struct quota_ring *ring, ms_t *at, uint32_t room, ms_t now);
/* Forgets the oldest; there must be one. */
void quota_ring_drop_oldest(struct quota_ring *ring, uint32_t room);
/* Moves what counts to an empty array with at least as much room. */
void quota_ring_move(struct quota_ring *ring, ms_t *to, const ms_t *at, uint32_t room);
/* The first instant at which fewer than max (> 0) of those in the ring lie in the window; MS_NEVER when it is so already. */
ms_t quota_ring_free_at(const struct quota_ring *ring, const ms_t *at, uint32_t room, ms_t window, int64_t max);

/* ---- thrifty: counters ----------------------------------------------------------------------------------------------------- */

#define QUOTA_SLICES 1440

struct quota_slices {
    int64_t oldest, newest; /* numbers of slices that are held, both included */
    int64_t total;          /* of all that are held */
    ms_t length;            /* of a slice */
    uint32_t place;         /* of the newest's counter: as long as it is the newest, nothing need be divided */
    uint32_t count[];
};

size_t quota_slices_size(ms_t window);
void quota_slices_init(struct quota_slices *slices, ms_t window);
/* How many may lie in the window behind now: never fewer than do. Forgets slices that have left it. */
int64_t quota_slices_used(struct quota_slices *slices, ms_t now, ms_t window);
void quota_slices_add(struct quota_slices *slices, ms_t at, ms_t window);
ms_t quota_slices_free_at(const struct quota_slices *slices, ms_t window, int64_t max);

/* By how much room may come back late: 0 when the slices are milliseconds. */
ms_t quota_slices_error(ms_t window);

#endif
