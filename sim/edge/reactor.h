/* reactor.h - the one place where the delivery thread waits: libcurl's sockets, our own and the call of other threads, in one epoll. Knows no HTTP. */
#ifndef UNDERSTUDY_EDGE_REACTOR_H
#define UNDERSTUDY_EDGE_REACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

struct reactor;

/* A transfer of libcurl. Its easy handle carries it as CURLOPT_PRIVATE. */
struct transfer {
    /* What came of it; the handle is still in the multi handle. */
    void (*on_end)(struct transfer *transfer, CURLcode result);
};

/* A socket of our own. */
struct watch {
    /* EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, or-ed. */
    void (*on_ready)(struct watch *watch, uint32_t events);
};

struct reactor *reactor_new(void);
/* No transfer may be on it any more. */
void reactor_free(struct reactor **reactor);

/* Where transfers are added and removed; borrowed. */
CURLM *reactor_multi(struct reactor *reactor);

/* A handle for a transfer to a callback: HTTP/1.1 or HTTPS without a proxy, whatever the environment says. Owned by the caller. */
CURL *reactor_easy_new(struct transfer *transfer);

/* In words for the journal why a transfer failed. They are the same on every machine: no addresses, no times. */
const char *reactor_reason(CURLcode result);

/* Watches a socket for what can be read, and for room to write when that is wanted; again for one that is watched already: changes what is wanted. It ends when the
 * socket is closed. The watch is borrowed until then. */
void reactor_watch(struct reactor *reactor, int file, struct watch *watch, bool wants_room);

/* Waits until something is ready, at most so long (0: not at all), and calls whom it concerns. Only by the thread whose it is. */
void reactor_wait(struct reactor *reactor, int64_t wait_us);

/* Ends a wait that is under way, or the next one. From any thread. */
void reactor_wake(struct reactor *reactor);

#endif
