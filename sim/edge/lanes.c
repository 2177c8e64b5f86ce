#include "edge/lanes.h"

#include <assert.h>
#include <stdlib.h>

#include "world/delivery.h"
#include "world/ids.h"
#include "world/xalloc.h"

enum { LANE_COUNT = 256 };

struct waiting {
    struct waiting *next;
    struct delivery *delivery;
};

struct lane {
    struct waiting *first, **last;
    struct lane *next_ready; /* in the list of lanes that are not busy and not empty */
    bool is_busy;
};

struct lanes {
    struct lane lane[LANE_COUNT];
    struct lane beside; /* for LANE_NONE; never busy */
    struct lane *ready, **ready_last;
    size_t waiting;
};

struct lanes *
lanes_new(void)
{
    struct lanes *lanes = xcalloc(1, sizeof *lanes);

    for (size_t i = 0; i < LANE_COUNT; i++)
        lanes->lane[i].last = &lanes->lane[i].first;
    lanes->beside.last = &lanes->beside.first;
    lanes->ready_last = &lanes->ready;
    return lanes;
}

static void
lane_clear(struct lane *lane)
{
    while (lane->first != NULL) {
        struct waiting *waiting = lane->first;

        lane->first = waiting->next;
        delivery_free(waiting->delivery);
        free(waiting);
    }
}

void
lanes_free(struct lanes **lanes)
{
    if (*lanes == NULL)
        return;
    for (size_t i = 0; i < LANE_COUNT; i++)
        lane_clear(&(*lanes)->lane[i]);
    lane_clear(&(*lanes)->beside);
    free(*lanes);
    *lanes = NULL;
}

/* The lane of a conversation; events about nobody take turns. */
static struct lane *
lane_of(struct lanes *lanes, const struct delivery *delivery)
{
    if ((delivery->tricks & TRICK_CONCURRENT) != 0)
        return &lanes->beside;
    uint64_t key = delivery->thread_key != 0 ? delivery->thread_key : delivery->number;
    return &lanes->lane[mix64(key, 0) % LANE_COUNT];
}

static void
make_ready(struct lanes *lanes, struct lane *lane)
{
    lane->next_ready = NULL;
    *lanes->ready_last = lane;
    lanes->ready_last = &lane->next_ready;
}

void
lanes_push(struct lanes *lanes, struct delivery *delivery)
{
    struct lane *lane = lane_of(lanes, delivery);
    struct waiting *waiting = xmalloc(sizeof *waiting);

    if (lane->first == NULL && !lane->is_busy)
        make_ready(lanes, lane);
    *waiting = (struct waiting){NULL, delivery};
    *lane->last = waiting;
    lane->last = &waiting->next;
    lanes->waiting++;
}

struct delivery *
lanes_take(struct lanes *lanes, uint32_t *number)
{
    struct lane *lane = lanes->ready;

    if (lane == NULL)
        return NULL;
    lanes->ready = lane->next_ready;
    if (lanes->ready == NULL)
        lanes->ready_last = &lanes->ready;

    struct waiting *waiting = lane->first;
    struct delivery *delivery = waiting->delivery;
    lane->first = waiting->next;
    if (lane->first == NULL)
        lane->last = &lane->first;
    free(waiting);
    lanes->waiting--;
    if (lane == &lanes->beside) {
        *number = LANE_NONE;
        if (lane->first != NULL)
            make_ready(lanes, lane);
    } else {
        *number = (uint32_t)(lane - lanes->lane);
        lane->is_busy = true;
    }
    return delivery;
}

void
lanes_done(struct lanes *lanes, uint32_t number)
{
    if (number == LANE_NONE)
        return;
    struct lane *lane = &lanes->lane[number];

    assert(lane->is_busy);
    lane->is_busy = false;
    if (lane->first != NULL)
        make_ready(lanes, lane);
}

size_t
lanes_waiting(const struct lanes *lanes)
{
    return lanes != NULL ? lanes->waiting : 0;
}
