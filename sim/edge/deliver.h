/* deliver.h - one webhook post or handshake on the wire: its headers, its signatures, its connection, what came of it. Knows libcurl; nothing of when. */
#ifndef UNDERSTUDY_EDGE_DELIVER_H
#define UNDERSTUDY_EDGE_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "core/calendar.h"

struct delivery;
struct deliverer;
struct exchange;
struct tenant;

/* One on the wire. */
struct post {
    struct post *next; /* in the list of free ones */
    CURL *easy;
    struct tenant *tenant;     /* held */
    struct delivery *delivery; /* owned; NULL for a handshake */
    uint32_t lane;
    uint64_t generation;       /* of the tenant's world when it was posted */
    struct exchange *exchange; /* who waits for the handshake; NULL for a delivery */
    unsigned sent;             /* how often curl has begun to send it */
    char error[CURL_ERROR_SIZE];
    char api_version[48], sha1[64], sha256[96];
    struct curl_slist headers[7];
};

struct deliverer *deliverer_new(CURLM *multi);
void deliverer_free(struct deliverer **deliverer);

/* How to sign. */
struct seal {
    const char *url, *secret; /* of the app; borrowed for the call */
    version_t version;        /* of the payload */
};

/* Puts a delivery whose body is stamped on the wire; the body must not change until the end. */
struct post *deliver_event(struct deliverer *deliverer, struct delivery *delivery,
                           const struct seal *seal);

/* Puts the handshake of an exchange on the wire. NULL, and the exchange's handshake says why, when the URL is none. */
struct post *deliver_handshake(struct deliverer *deliverer, struct exchange *exchange);

/* What came of it: the status, or 0 and a reason (a constant). */
int deliver_outcome(struct post *post, CURLcode result, const char **reason);
/* The same for a handshake, into the exchange. */
void deliver_handshake_outcome(struct post *post, CURLcode result);

/* Off the wire; to be used again. */
void deliver_done(struct deliverer *deliverer, struct post *post);

#endif
