/* Events of the conversation itself: messages, their echoes, deliveries and reads (webhooks.md 2.1 to 2.4). */
#include <string.h>

#include "graph/event.h"
#include "graph/event_members.h"
#include "world/fault.h"

/* Which shape a payload has is a question of date or of payload version, never of code below these lines. */
#define SEQ_UNTIL CIVIL(2019, 8, 1)     /* "left out after 31 July 2019" [documented] */
#define SEQ_ZERO_FROM CIVIL(2019, 5, 8) /* always 0 [documented] */
#define RECEIPT_SEQ_ZERO_FROM                                                                      \
    CIVIL(2017, 7, 1) /* 0 in a read of 25 July 2017, a number in July 2016 [observed] */
#define DELIVERY_ZERO_FROM                                                                         \
    CIVIL(2016, 6, 1) /* deliveries of April 2016 have no timestamp [observed] */
#define DELIVERY_STAMPED_FROM                                                                      \
    CIVIL(2017, 1, 1)                  /* those of July to September 2016 say 0 [observed] */
#define STICKER_FROM CIVIL(2026, 6, 1) /* a sticker comes as image and as sticker [documented] */
#define STICKER_ONLY_FROM CIVIL(2026, 8, 30) /* as sticker alone [documented] */
#define INBOX_APP_ID_FROM 1200 /* staff's echoes carry the inbox app from v12.0 [documented] */
#define ATTACHMENTS_INSIDE_FROM                                                                    \
    600 /* v6.0 moved sticker_id, title and url into payload [documented] */

#define SECOND_DEVICE_MS                                                                           \
    1148 /* between the two delivery events of one message in the 2018 capture [observed] */
#define OPEN_READ_MS 1000 /* "read within a second or two" in an open thread [inferred] */

/* One counter for all events of a page: message, echo, delivery and read of one exchange are n to n + 3 [observed: a capture of July 2016]. */
static void
put_seq(struct buf *out, const struct event_form *form, ms_t zero_from)
{
    if (form->as_of < SEQ_UNTIL)
        jw_kv_int(out, "seq", form->as_of < zero_from ? form->seq : 0);
}

/* What stood before the mid of a person's message until July 2019 [observed: 2016 to May 2019; a plugin's tags in February 2018]. */
static const char *const before_mid[] = {"tags", "quick_reply", NULL};

/* ---- messages -------------------------------------------------------------------------------------------------------------- */

struct message_what {
    const struct world *world;
    const struct page *page;
    const struct thread *thread;
    uint64_t number;
    ms_t at;
    struct str members;
    const struct event_message_extra *extra; /* NULL: nothing beside */
};

static void
put_attachment(struct buf *out, const char *type, struct str payload)
{
    jw_open(out, '{');
    jw_kv_text(out, "type", type);
    jw_kv_raw(out, "payload", payload);
    jw_close(out, '}');
}

static void
put_sticker_attachments(struct buf *out, ms_t as_of, struct str payload)
{
    jw_key(out, "attachments");
    jw_open(out, '[');
    if (as_of < STICKER_ONLY_FROM)
        put_attachment(out, "image", payload);
    if (as_of >= STICKER_FROM)
        put_attachment(out, "sticker", payload);
    jw_close(out, ']');
}

static struct str
members_of(const struct event_form *form, const struct message_what *m)
{
    const struct event_message_extra *extra = m->extra;
    bool is_old = form->version < ATTACHMENTS_INSIDE_FROM;

    return is_old && extra != NULL && extra->old_members.s != NULL ? extra->old_members
                                                                   : m->members;
}

static void
put_extra(struct buf *out, const struct event_form *form, const struct event_message_extra *extra)
{
    if (extra->sticker_json.s != NULL)
        put_sticker_attachments(out, form->as_of, extra->sticker_json);
    if (extra->nlp_json.s != NULL)
        jw_kv_raw(out, "nlp", extra->nlp_json);
    if (extra->referral_json.s != NULL &&
        (form->fields & FIELD_BIT(FIELD_MESSAGING_REFERRALS)) != 0)
        jw_kv_raw(out, "referral", extra->referral_json);
}

static void
put_message(struct buf *out, const struct event_form *form, const struct message_what *m)
{
    const char *const none[] = {NULL};
    bool is_old = form->as_of < EVENT_ORDER_FROM;
    struct str members = members_of(form, m);

    jw_open(out, '{');
    if (is_old)
        members_put(out, members, before_mid, true);
    jw_key(out, "mid");
    event_put_mid(out, m->world, m->number);
    put_seq(out, form, SEQ_ZERO_FROM);
    members_put(out, members, is_old ? before_mid : none, false);
    if (m->extra != NULL)
        put_extra(out, form, m->extra);
    jw_close(out, '}');
}

static void
write_message(struct buf *out, const struct event_form *form, const void *what)
{
    const struct message_what *m = what;

    event_open(out, HEAD_WRITTEN, form->as_of, m->page, m->thread, m->at);
    jw_key(out, "message");
    put_message(out, form, m);
    if (m->extra != NULL && m->extra->prior_json.s != NULL)
        jw_kv_raw(out, "prior_message", m->extra->prior_json);
    jw_close(out, '}');
}

void
event_message(struct world *world, struct thread *thread, uint64_t number, struct str members,
              const struct event_message_extra *extra)
{
    struct page *page = world->pages[thread->page];
    struct message_what what = {world, page, thread, number, world->now, members, extra};
    struct event_post post = event_post_of(world, EVENT_MESSAGE, thread, write_message, &what);

    event_send(world, page, &post);
}

/* ---- echoes ---------------------------------------------------------------------------------------------------------------- */

enum template_shown { SHOWN_AS_IT_IS, SHOWN_BUTTON, SHOWN_GENERIC, SHOWN_COUPON };

/* Titles of a template's elements, as the `title` of its echo [observed for receipts, carousels and coupons: webhooks.md 2.2]. */
static void
put_template_title(struct buf *out, const struct jnode *payload, enum template_shown shown)
{
    struct buf titles = {0};
    const struct jnode *elements = json_get(payload, "elements");
    struct str own = json_text(json_get(payload, "title"));

    if (shown == SHOWN_COUPON && own.s != NULL)
        buf_str(&titles, own);
    for (const struct jnode *e = elements != NULL ? elements->first : NULL; e != NULL;
         e = e->next) {
        struct str title = json_text(json_get(e, "title"));

        if (title.n > 0 && titles.n > 0)
            buf_adds(&titles, ", ");
        if (title.n > 0)
            buf_str(&titles, title);
    }
    jw_kv_str(out, "title", titles.n > 0 ? buf_view(&titles) : STR(""));
    buf_fini(&titles);
}

static void
put_or_null(struct buf *out, const char *key, const struct jnode *node)
{
    if (node != NULL)
        jw_kv_node(out, key, node, JW_GRAPH);
    else
        jw_kv_null(out, key);
}

/* A coupon is shown as a carousel of one element, whose button says which page and app it is of [observed: November 2023]. */
static void
put_coupon(struct buf *out, const struct jnode *payload, const struct echo_maker *maker)
{
    jw_kv_text(out, "template_type", "generic");
    jw_kv_bool(out, "sharable", false);
    jw_key(out, "elements");
    buf_char(out, '[');
    jw_open(out, '{');
    put_or_null(out, "title", json_get(payload, "title"));
    put_or_null(out, "subtitle", json_get(payload, "subtitle"));
    put_or_null(out, "image_url", json_get(payload, "image_url"));
    jw_key(out, "buttons");
    buf_char(out, '[');
    jw_open(out, '{');
    jw_kv_id(out, "page_id", str_of(maker->page_id));
    jw_kv_id(out, "app_id", str_of(maker->app_id));
    put_or_null(out, "payload", json_get(payload, "payload"));
    put_or_null(out, "coupon_code", json_get(payload, "coupon_code"));
    jw_close(out, '}');
    jw_close(out, ']');
    jw_kv_null(out, "default_action");
    jw_close(out, '}');
    jw_close(out, ']');
}

/* What the message shows as text is not repeated; a carousel says whether it may be shared, which it may not unless it was sent so [observed: 2016, 2023]. */
static void
put_payload(struct buf *out, const struct jnode *payload, enum template_shown shown)
{
    for (const struct jnode *member = payload->first; member != NULL; member = member->next) {
        if (shown == SHOWN_BUTTON && str_eq_lit(member->key, "text"))
            continue;
        jw_key_str(out, member->key, JW_GRAPH);
        jw_node(out, member, JW_GRAPH);
        if (shown == SHOWN_GENERIC && str_eq_lit(member->key, "template_type") &&
            json_get(payload, "sharable") == NULL)
            jw_kv_bool(out, "sharable", false);
    }
}

static enum template_shown
shown_as(const struct jnode *payload)
{
    struct str type = json_text(json_get(payload, "template_type"));

    return str_eq_lit(type, "button")    ? SHOWN_BUTTON
           : str_eq_lit(type, "generic") ? SHOWN_GENERIC
           : str_eq_lit(type, "coupon")  ? SHOWN_COUPON
                                         : SHOWN_AS_IT_IS;
}

/* {"title":"","url":null,"type":"template","payload":{..}} to 2019, the type in front since [observed: 2016 to March 2019; November 2023]. */
static void
put_template(struct buf *out, const struct jnode *payload, const struct echo_maker *maker)
{
    enum template_shown shown = shown_as(payload);
    bool is_type_first = maker->as_of >= EVENT_ORDER_FROM;

    jw_open(out, '{');
    if (is_type_first)
        jw_kv_text(out, "type", "template");
    put_template_title(out, payload, shown);
    jw_kv_null(out, "url");
    if (!is_type_first)
        jw_kv_text(out, "type", "template");
    jw_key(out, "payload");
    jw_open(out, '{');
    if (shown == SHOWN_COUPON)
        put_coupon(out, payload, maker);
    else
        put_payload(out, payload, shown);
    jw_close(out, '}');
    jw_close(out, '}');
}

static void
put_media(struct buf *out, struct str type, const struct jnode *payload, struct str attachment_id)
{
    struct str url = json_text(json_get(payload, "url"));
    struct str id =
        attachment_id.s != NULL ? attachment_id : json_text(json_get(payload, "attachment_id"));

    jw_open(out, '{');
    jw_kv_str(out, "type", type);
    jw_key(out, "payload");
    jw_open(out, '{');
    if (url.n > 0) {
        jw_kv_str(out, "url", url);
    } else { /* an upload is shown from the platform's own store */
        struct buf own = {0};

        buf_printf(&own, "https://cdn.fbsbx.com/v/t59.2708-21/%.*s", STR_ARG(id));
        jw_kv_str(out, "url", buf_view(&own));
        buf_fini(&own);
    }
    if (id.n > 0)
        jw_kv_str(out, "attachment_id", id);
    jw_close(out, '}');
    jw_close(out, '}');
}

static void
put_one_attachment(struct buf *out, const struct jnode *attachment, struct str attachment_id,
                   const struct echo_maker *maker)
{
    struct str type = json_text(json_get(attachment, "type"));
    const struct jnode *payload = json_get(attachment, "payload");

    if (str_eq_lit(type, "template") && jnode_is_object(payload))
        put_template(out, payload, maker);
    else
        put_media(out, type, payload, attachment_id);
}

static void
put_sticker(struct buf *out, struct str id, ms_t as_of)
{
    struct buf payload = {0};

    buf_printf(&payload,
               "{\"url\":\"https:\\/\\/scontent.xx.fbcdn.net\\/v\\/t39.1997-6\\/"
               "%.*s_n.png\",\"sticker_id\":%.*s}",
               STR_ARG(id), STR_ARG(id));
    put_sticker_attachments(out, as_of, buf_view(&payload));
    buf_fini(&payload);
}

static const struct jnode *
button_template(const struct jnode *attachment)
{
    const struct jnode *payload = json_get(attachment, "payload");

    return str_eq_lit(json_text(json_get(payload, "template_type")), "button") ? payload : NULL;
}

void
event_echo_members(struct buf *out, const struct jnode *message, struct str reply_to,
                   struct str attachment_id, const struct echo_maker *maker)
{
    const struct jnode *attachment = json_get(message, "attachment");
    const struct jnode *list = json_get(message, "attachments");
    struct str sticker = json_text(json_get(message, "sticker_id"));
    struct str text = json_text(json_get(message, "text"));

    if (text.s == NULL)
        text = json_text(json_get(button_template(attachment), "text"));
    if (text.s != NULL)
        jw_kv_str(out, "text", text);
    if (reply_to.n > 0) {
        jw_key(out, "reply_to");
        jw_open(out, '{');
        jw_kv_str(out, "mid", reply_to);
        jw_close(out, '}');
    }
    if (json_get(message, "template") !=
        NULL) /* a utility template by name: nobody has shown what it echoes [inferred] */
        jw_kv_node(out, "template", json_get(message, "template"), JW_GRAPH);
    if (sticker.n > 0)
        put_sticker(out, sticker, maker->as_of);
    if (attachment == NULL && !jnode_is_array(list))
        return;
    jw_key(out, "attachments");
    jw_open(out, '[');
    if (attachment != NULL)
        put_one_attachment(out, attachment, attachment_id, maker);
    for (const struct jnode *one = jnode_is_array(list) ? list->first : NULL; one != NULL;
         one = one->next) {
        jw_item(out);
        put_one_attachment(out, one, STR_NONE, maker);
    }
    jw_close(out, ']');
}

struct echo_what {
    struct message_what message;
    struct str metadata;
    uint32_t app;
};

/* The page speaks: sender and recipient change places. */
static void
open_echo(struct buf *out, const struct message_what *m)
{
    char psid[UINT64_SIZE];

    format_uint64(psid, m->thread->psid);
    buf_printf(out, "{\"sender\":{\"id\":\"%s\"},\"recipient\":{\"id\":\"%s\"}", m->page->id, psid);
    jw_kv_int(out, "timestamp", m->at);
}

/* A number in every capture, though the table of the reference calls it a string. */
static void
put_app_id(struct buf *out, const struct event_form *form, const struct echo_what *e)
{
    if (e->app == OWNER_INBOX && form->version >= INBOX_APP_ID_FROM)
        jw_kv_raw(out, "app_id", STR(INBOX_APP_ID));
    else if (e->app != OWNER_INBOX && e->app != INDEX_NONE)
        jw_kv_raw(out, "app_id", str_of(e->message.world->apps[e->app]->id));
}

static void
put_echo_mid(struct buf *out, const struct event_form *form, const struct message_what *m)
{
    jw_key(out, "mid");
    event_put_mid(out, m->world, m->number);
    put_seq(out, form, SEQ_ZERO_FROM);
}

/* is_echo, app_id, metadata, mid, seq, text [observed: 2016 to March 2019]. */
static void
put_old_echo(struct buf *out, const struct event_form *form, const struct echo_what *e)
{
    const char *const none[] = {NULL};

    jw_kv_bool(out, "is_echo", true);
    put_app_id(out, form, e);
    if (e->metadata.s != NULL)
        jw_kv_str(out, "metadata", e->metadata);
    put_echo_mid(out, form, &e->message);
    members_put(out, e->message.members, none, false);
}

/* mid, is_echo, text, metadata, app_id, attachments [observed: 2022, 2023, 2025, 2026]. */
static void
put_echo(struct buf *out, const struct event_form *form, const struct echo_what *e)
{
    const char *const text[] = {"text", NULL};

    put_echo_mid(out, form, &e->message);
    jw_kv_bool(out, "is_echo", true);
    members_put(out, e->message.members, text, true);
    if (e->metadata.s != NULL)
        jw_kv_str(out, "metadata", e->metadata);
    put_app_id(out, form, e);
    members_put(out, e->message.members, text, false);
}

static void
write_echo(struct buf *out, const struct event_form *form, const void *what)
{
    const struct echo_what *e = what;

    open_echo(out, &e->message);
    jw_key(out, "message");
    jw_open(out, '{');
    if (form->as_of < EVENT_ORDER_FROM)
        put_old_echo(out, form, e);
    else
        put_echo(out, form, e);
    jw_close(out, '}');
    jw_close(out, '}');
}

static void
read_open(struct world *world, const struct outbox_item *item)
{
    struct thread *thread = world_thread(world, (uint32_t)item->a);

    if ((thread->flags & (THREAD_OPEN | THREAD_BLOCKED | THREAD_DEACTIVATED)) == THREAD_OPEN)
        event_read(world, thread);
}

void
event_echo(struct world *world, struct thread *thread, uint64_t number, struct str members,
           struct str metadata, uint32_t app)
{
    struct page *page = world->pages[thread->page];
    struct echo_what what = {
        {world, page, thread, number, world->now, members, NULL}, metadata, app};
    struct event_post post = event_post_of(world, EVENT_ECHO, thread, write_echo, &what);

    if (fault_draw(world, FAULT_DROP_ECHO, "echo") == NULL)
        event_send(world, page, &post);
    event_arrival(world, thread, number);
}

void
event_arrival(struct world *world, struct thread *thread, uint64_t number)
{
    ms_t delivered = world->now + world->delivered_after_ms;

    event_delivery(world, thread, number, delivered);
    if (fault_draw(world, FAULT_DOUBLE_DELIVERY, "delivery") != NULL)
        event_delivery(world, thread, number, delivered + SECOND_DEVICE_MS);
    if ((thread->flags & THREAD_OPEN) != 0)
        outbox_push_timer(&world->outbox, delivered + OPEN_READ_MS, read_open, thread->index, 0);
}

/* ---- deliveries and reads --------------------------------------------------------------------------------------------------- */

struct receipt_what {
    const struct world *world;
    const struct page *page;
    const struct thread *thread;
    uint64_t number; /* 0: no mids (reads) */
    ms_t at, watermark;
    const char *key;
};

static void
write_receipt(struct buf *out, const struct event_form *form, const void *what)
{
    const struct receipt_what *r = what;

    bool has_mids = r->number != 0; /* deliveries */
    ms_t at = has_mids && form->as_of < DELIVERY_ZERO_FROM      ? MS_NEVER
              : has_mids && form->as_of < DELIVERY_STAMPED_FROM ? 0
                                                                : r->at;

    event_open(out, HEAD_WRITTEN, form->as_of, r->page, r->thread, at);
    jw_key(out, r->key);
    jw_open(out, '{');
    if (has_mids) {
        jw_key(out, "mids");
        jw_open(out, '[');
        event_put_mid(out, r->world, r->number);
        jw_close(out, ']');
    }
    jw_kv_int(out, "watermark", r->watermark);
    put_seq(out, form, RECEIPT_SEQ_ZERO_FROM);
    jw_close(out, '}');
    jw_close(out, '}');
}

void
event_delivery(struct world *world, struct thread *thread, uint64_t number, ms_t due)
{
    struct page *page = world->pages[thread->page];
    const struct message *message = world_message(world, number);
    struct receipt_what what = {
        world, page, thread, number, due, message != NULL ? message->at : world->now, "delivery"};
    struct event_post post = event_post_of(world, EVENT_DELIVERY, thread, write_receipt, &what);

    if (what.watermark > thread->delivered)
        thread->delivered = what.watermark;
    post.due = due;
    event_send(world, page, &post);
}

bool
event_read(struct world *world, struct thread *thread)
{
    struct page *page = world->pages[thread->page];
    const struct message *newest = world_message(world, thread->newest);

    if (newest == NULL || thread->delivered <= thread->read) /* nothing of the page's is unread */
        return false;
    struct receipt_what what = {world, page, thread, 0, world->now, newest->at, "read"};
    struct event_post post = event_post_of(world, EVENT_READ, thread, write_receipt, &what);

    thread->read = newest->at;
    if (thread->delivered < newest->at)
        thread->delivered = newest->at;
    if ((thread->flags & THREAD_READS_OFF) != 0)
        return false;
    event_send(world, page, &post);
    event_marketing_reads(world, thread);
    return true;
}
