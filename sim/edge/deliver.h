/* deliver.h - one webhook post on the wire: its headers, its signatures, what came of it. Nothing of when. */
#ifndef UNDERSTUDY_EDGE_DELIVER_H
#define UNDERSTUDY_EDGE_DELIVER_H

#include <stdint.h>

#include "core/calendar.h"
#include "edge/line.h"

/* webhooks.md 1.2: what the platform sends itself with, and nothing else. */
#define PLATFORM_USER_AGENT "facebookexternalua"
#define PLATFORM_ACCEPT_ENCODING "deflate, gzip"

struct delivery;
struct deliverer;
struct patience;
struct tenant;
struct reactor;

/* One on the wire. */
struct post {
    struct sending sending;    /* says in the end what came of it */
    struct post *next;         /* in the list of free ones */
    struct tenant *tenant;     /* held */
    struct delivery *delivery; /* owned */
    uint32_t lane;
    uint64_t generation; /* of the tenant's world when it was posted */
};

/* The reactor is borrowed. */
struct deliverer *deliverer_new(struct reactor *reactor);
/* Nothing may be on the wire. */
void deliverer_free(struct deliverer **deliverer);

/* Where to, how to sign, how long to wait. */
struct seal {
    const char *url, *secret; /* of the app; borrowed for the call */
    version_t version;        /* of the payload */
    const struct patience *patience;
};

/* Puts a delivery whose body is stamped on the wire. */
struct post *deliver_event(struct deliverer *deliverer, struct delivery *delivery,
                           const struct seal *seal);

/* A post that has its outcome; NULL: none has. */
struct post *deliver_ended(struct deliverer *deliverer);

/* To be used again. */
void deliver_done(struct deliverer *deliverer, struct post *post);

/* Ends posts whose time is over. Gives the real time when that has to be done again, INT64_MAX: never. */
int64_t deliver_expire(struct deliverer *deliverer);

#endif
