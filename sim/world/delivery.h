/* delivery.h - one webhook post on its way to one app: what waits in the outbox, goes over the wire, and comes back with an outcome. Knows no
 * sockets: edge/deliver.c posts it, world/subscription.c judges the outcome. */
#ifndef UNDERSTUDY_WORLD_DELIVERY_H
#define UNDERSTUDY_WORLD_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"
#include "core/webhook_field.h"

/* How a fault wants a delivery to be wrong (people/faults.c sets it; edge signs and posts accordingly). */
enum delivery_trick {
    TRICK_NONE = 0,
    TRICK_FORGED = 1,    /* signed with a wrong secret */
    TRICK_UNSIGNED = 2,  /* no signature headers */
    TRICK_CONCURRENT = 4, /* posted beside the one before it, not after */
    TRICK_PLAIN = 8       /* '<', '%' and '@' stand in the body as they are */
};

/* In `items`: what follows, up to the end of the entry, stands beside the list of events and not in it (`"hop_context":[...]`). No JSON text has this byte. */
#define DELIVERY_BESIDE '\x1f'

struct delivery {
    uint64_t number;          /* the same for all attempts */
    uint32_t app, page;       /* indexes in the world */
    enum webhook_field field; /* what it was sent for; FIELD_STANDBY when the app does not own the thread */
    const char *event;        /* row id of events.def (constant text) */
    uint64_t thread_key;      /* orders deliveries of one conversation; 0: none */
    unsigned attempt;         /* 1 for the first post */
    ms_t first_attempt;       /* MS_NEVER until posted */
    unsigned tricks;          /* delivery_trick, or-ed */
    ms_t again_after;         /* once delivered, the same bytes come again after so long; MS_NEVER: not */
    char *items;              /* owned; the event objects of one entry, comma separated (JSON), until the body is stamped */
    size_t items_n;
    char *body;               /* owned; the exact bytes of the post; NULL until the first attempt stamps entry.time */
    size_t body_n;
};

/* A copy of items is taken. */
struct delivery *delivery_new(uint32_t app, uint32_t page, enum webhook_field field, const char *event, const char *items,
                              size_t items_n);
void delivery_free(struct delivery *delivery); /* NULL is fine */

#endif
