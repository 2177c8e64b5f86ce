/* Events of paid marketing messages, each with a field of its own [documented: D/marketing-messages-on-messenger]. The documented samples are flat; here they stand in
 * `value` as all changes do, with times in seconds [inferred]. */
#include <stdio.h>

#include "graph/event.h"

void
event_marketing_tracking_id(const struct world *world, uint64_t number, char out[TRACKING_ID_SIZE])
{
    char hex[33];

    id_hex(hex, 32, world->key, ID_OTHER, number);
    snprintf(out, TRACKING_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

/* Clicks have neither app nor tracking id, reads no mid; that is how the samples are. */
static void
put_value(struct buf *out, const struct world *world, const struct thread *thread,
          enum event_id event, const struct node *sent, ms_t at)
{
    char psid[UINT64_SIZE], tracking[TRACKING_ID_SIZE];

    format_uint64(psid, thread->psid);
    event_marketing_tracking_id(world, sent->a, tracking);
    jw_open(out, '{');
    jw_kv_id(out, "recipient_id", str_of(psid));
    jw_kv_id(out, "page_id", str_of(world->pages[thread->page]->id));
    if (event != EVENT_MARKETING_CLICK && sent->app < world->app_count)
        jw_kv_id(out, "app_id", str_of(world->apps[sent->app]->id));
    jw_kv_int(out, "timestamp", at / SECOND);
    if (event != EVENT_MARKETING_READ) {
        jw_key(out, "mid");
        event_put_mid(out, world, sent->a);
    }
    if (event != EVENT_MARKETING_CLICK)
        jw_kv_text(out, "marketing_message_tracking_id", tracking);
    jw_kv_text(out, "messenger_subscription_token", sent->text2);
    jw_kv_text(out, "message_id", sent->text);
    jw_close(out, '}');
}

void
event_marketing(struct world *world, struct thread *thread, enum event_id event,
                const struct node *sent, ms_t due)
{
    struct buf value = {0}, change = {0};
    unsigned count;
    const struct event_row *row = &event_rows(&count)[event];

    put_value(&value, world, thread, event, sent, due);
    event_put_change(&change, world_policy_date(world), row->field, buf_view(&value));
    event_queue(world, world->pages[thread->page], thread, row->id, buf_view(&change), due,
                INDEX_NONE);
    buf_fini(&value);
    buf_fini(&change);
}

/* Only threads that ever got one are looked through. */
struct node *
event_marketing_newest(const struct world *world, const struct thread *thread, uint64_t number)
{
    if ((thread->flags & THREAD_MARKETED) == 0)
        return NULL;
    for (uint32_t i = world->node_count; i-- > 0;) {
        struct node *node = world->nodes[i];

        if (node->kind == NODE_MARKETED && node->thread == thread->index &&
            (number == 0 || node->a == number))
            return node;
    }
    return NULL;
}

void
event_marketing_reads(struct world *world, struct thread *thread)
{
    if ((thread->flags & THREAD_MARKETED) == 0)
        return;
    for (uint32_t i = 0; i < world->node_count; i++) {
        struct node *node = world->nodes[i];

        if (node->kind != NODE_MARKETED || node->thread != thread->index || node->is_spent)
            continue;
        node->is_spent = true;
        event_marketing(world, thread, EVENT_MARKETING_READ, node, world->now);
    }
}
