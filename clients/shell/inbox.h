/* Webhook events between the listener's thread and the worker's: taken apart, ordered by time, without duplicates.
 * Knows the envelope; knows nothing of what an event means. */
#ifndef CLIENTS_INBOX_H
#define CLIENTS_INBOX_H

#include <jansson.h>
#include <stdbool.h>

struct event {
    struct event *next;
    long long at;      /* when it happened, ms */
    long long sent_at; /* when the platform sent it, ms: the newest we know of its clock */
    json_t *item;      /* owned; one element of `messaging` or `changes` */
};

struct inbox;
struct inbox *inbox_new(void);
void inbox_free(struct inbox **inbox);

/* Takes a webhook body apart and keeps the elements of `messaging` and `changes`; `standby` is another app's business.
 * Any thread. Returns 0, or -1 when it is not JSON. */
int inbox_put(struct inbox *inbox, const char *bytes, size_t length);

/* The oldest event, waiting for one at most wait_ms real milliseconds (0 or less: not at all); NULL when none came or
 * inbox_close() was called and all are taken. The caller frees it with event_free(). */
struct event *inbox_take(struct inbox *inbox, long long wait_ms);
void event_free(struct event *event);

/* No more waiting: wakes the worker for good. */
void inbox_close(struct inbox *inbox);
bool inbox_is_closed(struct inbox *inbox);

/* True from the second time on that the same thing is asked about: same kind, id and time. One thread. */
bool inbox_seen_before(struct inbox *inbox, const char *kind, const char *id, long long at);

/* A time of the platform in ms; some events carry seconds where milliseconds are promised. */
long long inbox_ms(const json_t *number);

#endif
