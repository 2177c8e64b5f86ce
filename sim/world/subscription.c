#include "world/subscription.h"

#include <stdlib.h>

#include "world/delivery.h"
#include "world/xalloc.h"

static const struct patience patiences[] = {
    {CIVIL(2020, 1, 1), 20 * SECOND, 15 * MINUTE, 8 * HOUR, "no answer within 20 seconds",
     "no post was answered with 200 within 20 seconds for 15 minutes",
     "the webhook has been failing for eight hours: the app is unsubscribed from the page until it "
     "subscribes again",
     "no post was answered with 200 within 20 seconds for eight hours"},
    {INT64_MAX, 5 * SECOND, 15 * MINUTE, HOUR, "no answer within 5 seconds",
     "no post was answered with 200 within five seconds for 15 minutes",
     "the webhook has been failing for an hour: the app is unsubscribed from the page until it "
     "subscribes again",
     "no post was answered with 200 within five seconds for an hour"},
};

const struct patience *
subscription_patience(ms_t policy_date)
{
    const struct patience *patience = patiences;

    while (policy_date >= patience->until)
        patience++;
    return patience;
}

/* After attempt 1, 2, 3 ... has failed: the next one, counted from the first; then every hour. The last is due when patience ends, so that whatever failed all the
 * time is still waiting when the subscription goes. */
static const ms_t retry_after[] = {0,           5 * SECOND,  30 * SECOND, 2 * MINUTE, 5 * MINUTE,
                                   15 * MINUTE, 30 * MINUTE, 45 * MINUTE, 60 * MINUTE};

ms_t
subscription_retry_at(unsigned attempt, ms_t first_attempt, ms_t now,
                      const struct patience *patience)
{
    const unsigned rows = sizeof retry_after / sizeof *retry_after;

    if (attempt == 0)
        return MS_NEVER;
    ms_t after = attempt <= rows ? retry_after[attempt - 1] : HOUR * (1 + (ms_t)(attempt - rows));
    if (after > patience->disable_ms)
        return MS_NEVER;
    return first_attempt + after > now ? first_attempt + after : now;
}

bool
subscription_failed(struct subscription *subscription, ms_t now)
{
    if (subscription->failing_since != MS_NEVER)
        return false;
    subscription->failing_since = now;
    return true;
}

bool
subscription_healed(struct subscription *subscription)
{
    bool was_failing = subscription->failing_since != MS_NEVER;

    subscription->failing_since = MS_NEVER;
    subscription->is_alerted = false;
    return was_failing;
}

static bool
is_of(const struct outbox_item *item, uint32_t app, uint32_t page)
{
    return item->delivery != NULL && item->delivery->app == app &&
           (page == INDEX_NONE || item->delivery->page == page);
}

bool
subscription_is_retrying(const struct world *world, uint32_t app, uint32_t page)
{
    for (size_t i = 0; i < world->outbox.count; i++)
        if (is_of(&world->outbox.heap[i], app, page) && world->outbox.heap[i].delivery->attempt > 0)
            return true;
    return false;
}

static int
by_due(const void *a, const void *b)
{
    const struct outbox_item *x = a, *y = b;

    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

size_t
subscription_take_waiting(struct world *world, uint32_t app, uint32_t page,
                          void (*each)(struct world *world, struct delivery *delivery))
{
    struct outbox *outbox = &world->outbox;
    struct outbox_item *taken = xmalloc((outbox->count + 1) * sizeof *taken);
    size_t taken_count = 0, kept = 0;

    /* A sorted array is a heap, whatever its arity. */
    if (outbox->count > 0)
        qsort(outbox->heap, outbox->count, sizeof *outbox->heap, by_due);
    for (size_t i = 0; i < outbox->count; i++) {
        if (is_of(&outbox->heap[i], app, page))
            taken[taken_count++] = outbox->heap[i];
        else
            outbox->heap[kept++] = outbox->heap[i];
    }
    outbox->count = kept;
    for (size_t i = 0; i < taken_count; i++)
        each(world, taken[i].delivery);
    free(taken);
    return taken_count;
}
