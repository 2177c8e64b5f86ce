/* The tokens of people who opted in to recurring notifications (send.md 5.2), and the call that lets a developer test without waiting. */
#include "core/datetime.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"
#include "graph/send.h"

#define NEVER_EXPIRES INT64_C(2145916800000) /* as recorded samples have it */

static const struct node *
token_of(const void *object)
{
    return object;
}

static void
write_token(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, token_of(object)->id);
}

static void
write_recipient(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct thread *thread = world_thread(c->world, token_of(object)->thread);
    char psid[UINT64_SIZE];

    if (thread == NULL)
        return;
    format_uint64(psid, thread->psid);
    jw_kv_text(out, key, psid);
}

static void
write_made(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_int(out, key, token_of(object)->made);
}

static void
write_expiry(struct buf *out, struct call *c, const void *object, const char *key)
{
    ms_t until = recurring_until(token_of(object), c->as_of);

    jw_kv_int(out, key, until == MS_ALWAYS ? NEVER_EXPIRES : until);
}

static void
write_next(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct node *token = token_of(object);

    jw_kv_int(out, key, token->next > c->now ? token->next : c->now);
}

static void
write_status(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_text(out, key, "NOT_REFRESHED");
}

static void
write_title(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, token_of(object)->text2 != NULL ? token_of(object)->text2 : "");
}

static void
write_zone(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_text(out, key, "UTC");
}

/* Gone with the frequencies themselves [documented: send.md 5.2]. */
static void
write_frequency(struct buf *out, struct call *c, const void *object, const char *key)
{
    static const char *const names[] = { "DAILY", "WEEKLY", "MONTHLY" };
    uint64_t frequency = token_of(object)->a;

    if (span_has(era_row(ERA_RECURRING_FREQUENCY)->span, c->as_of) && frequency < 3)
        jw_kv_text(out, key, names[frequency]);
}

static void
write_reoptin(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_text(out, key, "ENABLED");
}

static void
write_audiences(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_raw(out, key, STR("[]"));
}

static const struct node_field fields[] = {
    { "notification_messages_token", write_token, true, 0 },
    { "recipient_id", write_recipient, true, 0 },
    { "creation_timestamp", write_made, true, 0 },
    { "token_expiry_timestamp", write_expiry, true, 0 },
    { "user_token_status", write_status, true, 0 },
    { "topic_title", write_title, true, 0 },
    { "notification_messages_timezone", write_zone, true, 0 },
    { "notification_messages_frequency", write_frequency, true, 0 },
    { "notification_messages_reoptin", write_reoptin, true, 0 },
    { "next_eligible_time", write_next, true, 0 },
    { "next_eligible_time_for_paid_messaging", write_next, false, 0 },
    { "custom_audience_ids", write_audiences, false, 0 },
};

static enum graph_err
write_item(struct call *c, struct buf *out, size_t i, const void *list)
{
    return node_write(c, out, fields, sizeof fields / sizeof *fields, ((const struct node *const *)list)[i], call_param(c, "fields"), true);
}

/* Living tokens, the newest first; 100 a page, 1000 at most [documented: webhooks.md 3.13]. do_not_return_duplicates: one a person. */
enum graph_err
notification_message_tokens_get(struct call *c)
{
    const struct node **list = arena_alloc(c->arena, (c->world->node_count + 1) * sizeof *list);
    bool no_duplicates = false;
    size_t count = 0;

    json_bool(call_param(c, "do_not_return_duplicates"), &no_duplicates);
    for (uint32_t i = c->world->node_count; i-- > 0;) {
        const struct node *node = world_node(c->world, i);
        bool is_known = false;

        if (node->kind != NODE_RN_TOKEN || node->is_deleted || node->is_stopped || node->page != c->page_index || c->now >= recurring_until(node, c->as_of))
            continue;
        for (size_t k = 0; k < count && no_duplicates; k++)
            is_known |= list[k]->thread == node->thread;
        if (!is_known)
            list[count++] = node;
    }
    return paging_write(c, count, list, write_item, 100, 1000);
}

/* ENABLE_FOLLOWUP_MESSAGE: the token may be used at once. */
enum graph_err
notification_dev_support(struct call *c)
{
    struct str token = field_text(c, F_RECIPIENT_RN);
    struct node *node;

    call_saw(c, RULE_FORM_REQUIRED);
    if (token.s == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "recipient[notification_messages_token]", NULL);
    node = world_find_node(c->world, NODE_RN_TOKEN, token);
    call_saw(c, RULE_RN_TOKEN);
    if (node == NULL || node->page != c->page_index)
        return call_fail(c, RULE_RN_TOKEN, ERR_RECURRING_TOKEN_INVALID, NULL);
    node->next = MS_NEVER;
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}
