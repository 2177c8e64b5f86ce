/* What a world holds: messages and deliveries. */
#include <string.h>

#include "core/datetime.h"
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/lanes.h"
#include "edge/tenant.h"
#include "world/delivery.h"
#include "world/ids.h"

static struct buf *
begin_json(struct control *control)
{
    struct buf *out = &control->reply->body;

    buf_reset(out);
    control->reply->status = 200;
    control->reply->content_type = "application/json";
    return out;
}

static void
put_time(struct buf *out, const char *key, ms_t at)
{
    char text[DATETIME_SIZE];

    datetime_iso(text, at);
    jw_kv_text(out, key, text);
}

/* ---- messages ------------------------------------------------------------------------------------------------------------------ */

static void
put_message(struct buf *out, const struct world *world, uint64_t number,
            const struct message *message)
{
    const struct thread *thread = world_thread(world, message->thread);
    char mid[MID_SIZE], psid[UINT64_SIZE];
    bool is_from_page = (message->flags & (MESSAGE_FROM_PAGE | MESSAGE_FROM_INBOX)) != 0;

    world_mid(world, number, mid);
    format_uint64(psid, thread->psid);
    jw_open(out, '{');
    jw_kv_text(out, "mid", mid);
    put_time(out, "at", message->at);
    jw_kv_text(out, "from",
               is_from_page ? (message->flags & MESSAGE_FROM_INBOX) != 0 ? "inbox" : "page"
                            : "user");
    jw_kv_text(out, "user", psid);
    jw_kv_text(out, "page", world->pages[thread->page]->id);
    if (message->app < world->app_count)
        jw_kv_text(out, "app", world->apps[message->app]->id);
    if (message->edits > 0)
        jw_kv_int(out, "edits", message->edits);
    if ((message->flags & MESSAGE_UNSENT) != 0)
        jw_kv_bool(out, "unsent", true);
    if (message->text_n > 0)
        jw_kv_raw(out, "message", (struct str){message->text, message->text_n});
    jw_close(out, '}');
}

/* ?user= one person's only; ?limit= the newest so many. */
void
control_messages(struct control *control)
{
    struct str user = control_query_text(control, "user");
    uint64_t limit, from;

    if (!control_query_number(control, "limit", UINT64_MAX, &limit) || !control_enter(control))
        return;
    const struct world *world = control->tenant->world;
    const struct thread *thread = user.s != NULL ? world_find_person(world, user) : NULL;
    struct buf *out = begin_json(control);

    from = log_first(&world->messages);
    if (world->messages.next - from > limit)
        from = world->messages.next - limit;
    jw_open(out, '{');
    jw_key(out, "messages");
    jw_open(out, '[');
    for (uint64_t number = from; number < world->messages.next; number++) {
        const struct message *message = world_message(world, number);

        if (user.s != NULL && (thread == NULL || message->thread != thread->index))
            continue;
        jw_item(out);
        put_message(out, world, number, message);
    }
    jw_close(out, ']');
    jw_close(out, '}');
    control_leave(control);
}

/* ---- deliveries ---------------------------------------------------------------------------------------------------------------- */

static void
put_waiting(struct buf *out, const struct world *world, const struct outbox_item *item)
{
    const struct delivery *delivery = item->delivery;

    jw_item(out);
    jw_open(out, '{');
    jw_kv_int(out, "delivery", (int64_t)delivery->number);
    jw_kv_text(out, "event", delivery->event);
    jw_kv_text(out, "field", webhook_field_name(delivery->field));
    jw_kv_text(out, "app", world->apps[delivery->app]->id);
    jw_kv_text(out, "page", world->pages[delivery->page]->id);
    jw_kv_int(out, "attempts", delivery->attempt);
    put_time(out, "due", item->due);
    jw_close(out, '}');
}

static void
add_webhook(void *to, const char *line, size_t n)
{
    static const char kind[] = "\"kind\":\"webhook\"";
    struct str head = {line, n < 256 ? n : 256};

    if (memmem(head.s, head.n, kind, sizeof kind - 1) == NULL)
        return;
    jw_item(to);
    buf_add(to, line, n);
}

/* What waits, how much is on the wire, and what came of each attempt so far. */
void
control_deliveries(struct control *control)
{
    if (!control_enter(control))
        return;
    const struct world *world = control->tenant->world;
    struct buf *out = begin_json(control);

    jw_open(out, '{');
    jw_key(out, "waiting");
    jw_open(out, '[');
    for (size_t i = 0; i < world->outbox.count; i++)
        if (world->outbox.heap[i].delivery != NULL)
            put_waiting(out, world, &world->outbox.heap[i]);
    jw_close(out, ']');
    jw_kv_int(out, "in_flight",
              control->tenant->in_flight + (int64_t)lanes_waiting(control->tenant->lanes));
    jw_key(out, "deliveries");
    jw_open(out, '[');
    for (uint64_t seq = world_journal_first(world); seq < world_journal_next(world); seq++)
        world_journal_read(world, seq, add_webhook, out);
    jw_close(out, ']');
    jw_close(out, '}');
    control_leave(control);
}
