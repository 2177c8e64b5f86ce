/* Events of what a person does beside writing: taps, opt-ins, links, reactions, edits (webhooks.md 2.5 to 2.20). */
#include "graph/event.h"
#include "world/fault.h"

#define POSTBACK_MID_FROM 1100 /* v11.0, 2021-06-08 [documented] */
/* Postbacks had no title on 6 May 2017, one on 27 July; the day is not public [observed; the day inferred]. */
#define POSTBACK_TITLE_FROM CIVIL(2017, 6, 1)

/* ---- postbacks -------------------------------------------------------------------------------------------------------------- */

struct postback_what {
    const struct world *world;
    const struct page *page;
    const struct thread *thread;
    uint64_t number;
    struct str title, payload, referral;
};

/* payload, referral, title; since the order of today title, payload, referral, mid [observed: 2017 and 2018; 2019, 2020 and 2022]. */
static void
put_tap(struct buf *out, const struct event_form *form, const struct postback_what *p)
{
    bool is_title_first = form->as_of >= EVENT_ORDER_FROM;

    if (is_title_first)
        jw_kv_str(out, "title", p->title);
    if (form->owns_payload)
        jw_kv_str(out, "payload", p->payload);
    if (p->referral.s != NULL)
        jw_kv_raw(out, "referral", p->referral);
    if (!is_title_first && form->as_of >= POSTBACK_TITLE_FROM)
        jw_kv_str(out, "title", p->title);
    if (p->number != 0 && form->version >= POSTBACK_MID_FROM) {
        jw_key(out, "mid");
        event_put_mid(out, p->world, p->number);
    }
}

/* In standby a capture of November 2019 shows an empty postback; whether the title stands there since postbacks have a mid is not known [inferred]. */
static void
write_postback(struct buf *out, const struct event_form *form, const void *what)
{
    const struct postback_what *p = what;

    event_open(out, HEAD_TOLD, form->as_of, p->page, p->thread, p->world->now);
    jw_key(out, "postback");
    jw_open(out, '{');
    if (!form->is_standby || form->version >= POSTBACK_MID_FROM)
        put_tap(out, form, p);
    jw_close(out, '}');
    jw_close(out, '}');
}

void
event_postback(struct world *world, struct thread *thread, uint64_t number, struct str title,
               struct str payload, struct str referral_json, uint32_t maker)
{
    struct page *page = world->pages[thread->page];
    struct postback_what what = {world, page, thread, number, title, payload, referral_json};
    struct event_post post = event_post_of(world, EVENT_POSTBACK, thread, write_postback, &what);

    post.maker = maker;
    event_send(world, page, &post);
}

/* ---- one key with one value -------------------------------------------------------------------------------------------------- */

struct plain_what {
    const struct page *page;
    const struct thread *thread;
    ms_t at;
    enum event_head head;
    const char *key;
    struct str json;
};

static void
write_plain(struct buf *out, const struct event_form *form, const void *what)
{
    const struct plain_what *p = what;

    event_open(out, p->head, form->as_of, p->page, p->thread, p->at);
    jw_kv_raw(out, p->key, p->json);
    jw_close(out, '}');
}

static void
send_plain(struct world *world, enum event_id event, const struct plain_what *what,
           struct thread *thread)
{
    struct page *page = world->pages[thread->page];
    struct event_post post = event_post_of(world, event, thread, write_plain, what);

    event_send(world, page, &post);
}

void
event_plain(struct world *world, struct thread *thread, enum event_id event, const char *key,
            struct str json)
{
    /* Payments stand as postbacks do [observed: webhooks.md 1.4]. */
    enum event_head head = event == EVENT_PAYMENT ? HEAD_TOLD : HEAD_WRITTEN;
    struct plain_what what = {world->pages[thread->page], thread, world->now, head, key, json};

    send_plain(world, event, &what, thread);
}

void
event_referral(struct world *world, struct thread *thread, struct str referral_json)
{
    struct plain_what what = {world->pages[thread->page], thread,     world->now,
                              HEAD_TOLD,                  "referral", referral_json};

    if (fault_draw(world, FAULT_REFERRAL_SECONDS, "referral") != NULL)
        what.at /= SECOND;
    send_plain(world, EVENT_REFERRAL, &what, thread);
}

void
event_optin_of(struct world *world, struct page *page, struct thread *thread, enum event_id event,
               struct str optin_json)
{
    struct plain_what what = {page, thread, world->now, HEAD_WRITTEN, "optin", optin_json};
    struct event_post post = event_post_of(world, event, thread, write_plain, &what);

    event_send(world, page, &post);
}

void
event_optin(struct world *world, struct thread *thread, struct str optin_json)
{
    event_optin_of(world, world->pages[thread->page], thread, EVENT_OPTIN, optin_json);
}

/* The emoji stood before the name in October 2019, behind it in January 2025 [observed; the day, that of the entries' new order, inferred]. */
#define EMOJI_LAST_FROM CIVIL(2024, 3, 1)

/* ---- reactions and edits ------------------------------------------------------------------------------------------------------ */

void
event_reaction(struct world *world, struct thread *thread, struct str mid, struct str reaction,
               struct str emoji, bool is_off)
{
    struct buf json = {0};
    bool is_emoji_first = world_policy_date(world) < EMOJI_LAST_FROM;
    bool has_emoji = reaction.s != NULL && emoji.s != NULL;

    jw_open(&json, '{');
    jw_kv_str(&json, "mid", mid);
    jw_kv_text(&json, "action", is_off ? "unreact" : "react");
    if (has_emoji && is_emoji_first)
        jw_kv_str(&json, "emoji", emoji);
    if (reaction.s != NULL)
        jw_kv_str(&json, "reaction", reaction);
    if (has_emoji && !is_emoji_first)
        jw_kv_str(&json, "emoji", emoji);
    jw_close(&json, '}');
    event_plain(world, thread, EVENT_REACTION, "reaction", buf_view(&json));
    buf_fini(&json);
}

void
event_edit(struct world *world, struct thread *thread, struct str mid, struct str text,
           unsigned edits)
{
    struct buf json = {0};

    jw_open(&json, '{');
    jw_kv_str(&json, "mid", mid);
    jw_kv_str(&json, "text", text);
    if (fault_draw(world, FAULT_NUM_EDIT_TEXT, "edit") != NULL)
        jw_kv_text(&json, "num_edit", (char[]){(char)('0' + edits % 10), '\0'});
    else
        jw_kv_int(&json, "num_edit", edits);
    jw_close(&json, '}');
    event_plain(world, thread, EVENT_EDIT, "message_edit", buf_view(&json));
    buf_fini(&json);
}
