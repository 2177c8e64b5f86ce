/* outbox.h - everything that waits, waits here, on virtual time: a heap keyed (due, seq). It says what is due; who posts and who fires
 * is not its business. */
#ifndef UNDERSTUDY_WORLD_OUTBOX_H
#define UNDERSTUDY_WORLD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

struct world;
struct delivery;
struct outbox_item;

/* What a timer does when its time has come. The world's now is the item's due. */
typedef void timer_fn(struct world *world, const struct outbox_item *item);

struct outbox_item {
    ms_t due;
    uint64_t seq;              /* order of pushing breaks ties */
    timer_fn *fire;            /* NULL: a delivery */
    struct delivery *delivery; /* owned while queued; NULL for timers */
    uint64_t a, b;             /* the timer's own */
};

struct outbox {
    struct outbox_item *heap;
    size_t count, room;
    uint64_t next_seq;
};

/* Frees the items (delivery_free for deliveries). */
void outbox_fini(struct outbox *outbox);
void outbox_push_delivery(struct outbox *outbox, ms_t due, struct delivery *delivery);
void outbox_push_timer(struct outbox *outbox, ms_t due, timer_fn *fire, uint64_t a, uint64_t b);
/* When the next item is due; MS_ALWAYS when nothing waits. */
ms_t outbox_next_due(const struct outbox *outbox);
/* Takes the next item if it is due at `now`; false otherwise. */
bool outbox_pop(struct outbox *outbox, ms_t now, struct outbox_item *item);

#endif
