#include "inbox.h"
#include "shell.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REMEMBERED_EVENTS = 8192, KEY_BYTES = 1024 };

struct inbox {
    pthread_mutex_t lock; /* guards first and closed */
    pthread_cond_t work;
    struct event *first; /* by `at`, equal ones in the order of arrival */
    bool closed;
    uint64_t seen[REMEMBERED_EVENTS];
    size_t seen_next;
};

struct inbox *
inbox_new(void)
{
    struct inbox *inbox = shell_alloc(sizeof *inbox);
    pthread_condattr_t monotonic;

    memset(inbox, 0, sizeof *inbox);
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return inbox;
}

void
event_free(struct event *event)
{
    json_decref(event->item);
    free(event);
}

void
inbox_free(struct inbox **inbox)
{
    for (struct event *event = (*inbox)->first, *next; event; event = next) {
        next = event->next;
        event_free(event);
    }
    pthread_cond_destroy(&(*inbox)->work);
    pthread_mutex_destroy(&(*inbox)->lock);
    free(*inbox);
    *inbox = NULL;
}

long long
inbox_ms(const json_t *number)
{
    long long value = json_integer_value(number);

    return value < 100000000000LL ? value * 1000 : value; /* as ms that would be 1973 */
}

static void
put_item(struct inbox *inbox, const json_t *item, long long sent_at)
{
    struct event *event = shell_alloc(sizeof *event), **at = &inbox->first;
    const json_t *timestamp = json_object_get(item, "timestamp");

    *event = (struct event){.at = timestamp ? inbox_ms(timestamp) : sent_at, .sent_at = sent_at};
    event->item = json_deep_copy(item); /* jansson counts references without locks */
    pthread_mutex_lock(&inbox->lock);
    while (*at && (*at)->at <= event->at)
        at = &(*at)->next;
    event->next = *at;
    *at = event;
    pthread_cond_signal(&inbox->work);
    pthread_mutex_unlock(&inbox->lock);
}

int
inbox_put(struct inbox *inbox, const char *bytes, size_t length)
{
    json_t *root = json_loadb(bytes, length, 0, NULL);
    json_t *entry, *item;
    size_t i, k;

    if (!root)
        return -1;
    json_array_foreach(json_object_get(root, "entry"), i, entry)
    {
        long long sent_at = inbox_ms(json_object_get(entry, "time"));
        json_array_foreach(json_object_get(entry, "messaging"), k, item)
            put_item(inbox, item, sent_at);
        json_array_foreach(json_object_get(entry, "changes"), k, item)
            put_item(inbox, item, sent_at);
    }
    json_decref(root);
    return 0;
}

struct event *
inbox_take(struct inbox *inbox, long long wait_ms)
{
    long long until = shell_monotonic_ms() + wait_ms;
    struct timespec deadline = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
    int waited = 0;

    pthread_mutex_lock(&inbox->lock);
    while (!inbox->first && !inbox->closed && wait_ms > 0 && waited == 0)
        waited = pthread_cond_timedwait(&inbox->work, &inbox->lock, &deadline);
    struct event *event = inbox->first;
    if (event)
        inbox->first = event->next;
    pthread_mutex_unlock(&inbox->lock);
    return event;
}

void
inbox_close(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_cond_signal(&inbox->work);
    pthread_mutex_unlock(&inbox->lock);
}

bool
inbox_is_closed(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    bool closed = inbox->closed;
    pthread_mutex_unlock(&inbox->lock);
    return closed;
}

bool
inbox_seen_before(struct inbox *inbox, const char *kind, const char *id, long long at)
{
    char key[KEY_BYTES];
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    snprintf(key, sizeof key, "%s %lld %s", kind, at, id);
    for (const char *c = key; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (size_t i = 0; i < REMEMBERED_EVENTS; i++)
        if (inbox->seen[i] == hash)
            return true;
    inbox->seen[inbox->seen_next] = hash;
    inbox->seen_next = (inbox->seen_next + 1) % REMEMBERED_EVENTS;
    return false;
}
