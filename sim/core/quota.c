#include "core/quota.h"

#include <assert.h>
#include <string.h>

/* ---- exact ------------------------------------------------------------------------------------------------------------------ */

static ms_t
ring_at(const struct quota_ring *ring, const ms_t *at, uint32_t room, uint32_t i)
{
    return at[(ring->first + i) & (room - 1)];
}

void
quota_ring_drop_oldest(struct quota_ring *ring, uint32_t room)
{
    assert(ring->count > 0);
    ring->first = (uint16_t)((ring->first + 1u) & (room - 1));
    ring->count--;
}

uint32_t
quota_ring_used(struct quota_ring *ring, const ms_t *at, uint32_t room, ms_t now, ms_t window)
{
    while (ring->count > 0 && at[ring->first] <= now - window)
        quota_ring_drop_oldest(ring, room);
    return ring->count;
}

void
quota_ring_add(struct quota_ring *ring, ms_t *at, uint32_t room, ms_t now)
{
    assert(ring->count < room);
    at[(ring->first + ring->count++) & (room - 1)] = now;
}

void
quota_ring_move(struct quota_ring *ring, ms_t *to, const ms_t *at, uint32_t room)
{
    for (uint32_t i = 0; i < ring->count; i++)
        to[i] = ring_at(ring, at, room, i);
    ring->first = 0;
}

ms_t
quota_ring_free_at(const struct quota_ring *ring, const ms_t *at, uint32_t room, ms_t window, int64_t max)
{
    assert(max > 0);
    if (ring->count < max)
        return MS_NEVER;
    return ring_at(ring, at, room, ring->count - (uint32_t)max) + window;
}

/* ---- thrifty ---------------------------------------------------------------------------------------------------------------- */

static ms_t
slice_ms(ms_t window)
{
    return (window + QUOTA_SLICES - 1) / QUOTA_SLICES;
}

/* A window that does not begin with a slice reaches into one more at both ends. */
static uint32_t
slice_count(ms_t window)
{
    return (uint32_t)((window - 1) / slice_ms(window) + 2);
}

static int64_t
slice_of(ms_t at, ms_t window)
{
    ms_t length = slice_ms(window);

    return at >= 0 ? at / length : -((-at + length - 1) / length);
}

static uint32_t *
counter(struct quota_slices *slices, int64_t slice, ms_t window)
{
    return &slices->count[(uint64_t)slice % slice_count(window)];
}

ms_t
quota_slices_error(ms_t window)
{
    return slice_ms(window) - 1;
}

size_t
quota_slices_size(ms_t window)
{
    return sizeof(struct quota_slices) + slice_count(window) * sizeof(uint32_t);
}

void
quota_slices_init(struct quota_slices *slices, ms_t window)
{
    *slices = (struct quota_slices){ .oldest = 0, .newest = -1, .length = slice_ms(window) };
    memset(slices->count, 0, slice_count(window) * sizeof(uint32_t));
}

int64_t
quota_slices_used(struct quota_slices *slices, ms_t now, ms_t window)
{
    if (now - window + 1 < (slices->oldest + 1) * slices->length) /* nothing has left since the last look */
        return slices->total;
    int64_t oldest = slice_of(now - window + 1, window);

    if (slices->newest < oldest && slices->total > 0) { /* all of it has passed, perhaps long ago */
        quota_slices_init(slices, window);
        return 0;
    }
    for (; slices->oldest < oldest && slices->oldest <= slices->newest; slices->oldest++) {
        uint32_t *count = counter(slices, slices->oldest, window);

        slices->total -= *count;
        *count = 0;
    }
    return slices->total;
}

void
quota_slices_add(struct quota_slices *slices, ms_t at, ms_t window)
{
    quota_slices_used(slices, at, window);
    if (slices->total == 0 || at >= (slices->newest + 1) * slices->length) {
        int64_t slice = slice_of(at, window);

        if (slices->oldest > slices->newest || slices->total == 0)
            slices->oldest = slice;
        slices->newest = slice;
        slices->place = (uint32_t)((uint64_t)slice % slice_count(window));
    }
    ++slices->count[slices->place];
    slices->total++;
}

ms_t
quota_slices_free_at(const struct quota_slices *slices, ms_t window, int64_t max)
{
    int64_t left = slices->total;

    assert(max > 0);
    if (left < max)
        return MS_NEVER;
    for (int64_t slice = slices->oldest;; slice++) {
        left -= slices->count[(uint64_t)slice % slice_count(window)];
        if (left < max)
            return (slice + 1) * slice_ms(window) + window - 1;
    }
}
