#include "graph/send.h"

#include <string.h>

#include "core/region.h"
#include "graph/content.h"
#include "graph/event.h"
#include "graph/handlers.h"
#include "graph/fields.h"
#include "graph/privacy.h"
#include "graph/route.h"
#include "graph/thread_control.h"
#include "world/fault.h"
#include "world/limits.h"

/* ---- whom it goes to ------------------------------------------------------------------------------------------------------------ */

/* The ways to name a receiver, and the nodes behind those that are not a PSID. */
static const struct {
    enum field field;
    enum recipient_kind kind;
    enum node_kind node;
} receivers[] = {
    { F_RECIPIENT_ID, TO_PSID, NODE_KIND_COUNT },       { F_RECIPIENT_REF, TO_USER_REF, NODE_USER_REF },
    { F_RECIPIENT_PHONE, TO_PHONE, NODE_PHONE },        { F_RECIPIENT_COMMENT, TO_COMMENT, NODE_COMMENT },
    { F_RECIPIENT_POST, TO_POST, NODE_POST },           { F_RECIPIENT_OTN, TO_OTN_TOKEN, NODE_OTN_TOKEN },
    { F_RECIPIENT_RN, TO_RN_TOKEN, NODE_RN_TOKEN },     { F_RECIPIENT_RN_OLD, TO_RN_TOKEN, NODE_RN_TOKEN },
};

#define RECEIVER_COUNT (sizeof receivers / sizeof *receivers)

static enum graph_err
find_receiver(struct call *c)
{
    size_t found = RECEIVER_COUNT, named = 0;
    char plain[PHONE_SIZE];

    call_saw(c, RULE_FORM_RECIPIENT);
    for (size_t i = 0; i < RECEIVER_COUNT; i++) {
        if (field(c, receivers[i].field) == NULL)
            continue;
        found = i;
        named++;
    }
    if (named == 0)
        return call_fail(c, RULE_FORM_RECIPIENT, ERR_PARAM_REQUIRED, "recipient[id]", NULL);
    if (named > 1)
        return call_fail(c, RULE_FORM_RECIPIENT, ERR_EXACTLY_ONE, "recipient[id], recipient[user_ref], recipient[phone_number], recipient[comment_id], "
                         "recipient[post_id]", NULL);

    struct str id = field_text(c, receivers[found].field);
    c->ask.to = receivers[found].kind;
    if (c->ask.to == TO_PSID) {
        struct thread *thread = world_find_psid(c->world, digits_read(id.s, id.n));

        c->thread = thread != NULL && thread->page == c->page_index ? thread : NULL;
        if (c->thread != NULL)
            limits_expect(c->world, KEY_PERSON, limit_key_of(thread->index));
        return ERR_NONE;
    }
    if (c->ask.to == TO_PHONE) {
        phone_plain(plain, id.s, id.n);
        id = str_of(plain);
    }
    c->grant = world_find_node(c->world, receivers[found].node, id);
    if (c->grant != NULL && c->grant->page == c->page_index)
        c->thread = world_thread(c->world, c->grant->thread);
    return ERR_NONE;
}

/* ---- the question ---------------------------------------------------------------------------------------------------------------- */

static enum messaging_type
messaging_type_of(struct str text)
{
    static const struct {
        const char *name;
        enum messaging_type type;
    } types[] = { { "RESPONSE", MT_RESPONSE }, { "UPDATE", MT_UPDATE }, { "MESSAGE_TAG", MT_MESSAGE_TAG }, { "UTILITY", MT_UTILITY },
                  { "NON_PROMOTIONAL_SUBSCRIPTION", MT_SUBSCRIPTION } };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(text, str_of(types[i].name)))
            return types[i].type;
    return MT_NONE;
}

static void
fill_ask(struct call *c)
{
    struct str tag = field_text(c, F_SEND_TAG);
    struct str kind = str_of(c->template_kind);

    c->ask.type = messaging_type_of(field_text(c, F_SEND_MESSAGING_TYPE));
    c->ask.tag = tag.n > 0 ? tag_named(tag.s, tag.n) : TAG_NONE;
    c->ask.is_action = field(c, F_SEND_SENDER_ACTION) != NULL && field(c, F_SEND_MESSAGE) == NULL;
    c->ask.is_reply = field(c, F_SEND_REPLY_TO) != NULL;
    c->ask.is_utility_template = field(c, F_MESSAGE_TEMPLATE) != NULL;
    c->ask.is_feedback_template = str_eq_lit(kind, "customer_feedback");
    c->ask.is_otn_request = str_eq_lit(kind, "one_time_notif_req");
    c->ask.is_recurring_request = str_eq_lit(kind, "notification_messages");
}

static void
view_of_person(const struct call *c, struct policy_view *view)
{
    const struct thread *t = c->thread;
    const struct thread_extra *x = t != NULL ? t->extra : NULL;

    view->last_act = view->ad_message = MS_NEVER;
    if (t == NULL)
        return;
    view->person_is_known = true;
    view->person_is_here = !(t->flags & (THREAD_BLOCKED | THREAD_DEACTIVATED | THREAD_BANNED));
    /* A person who deleted the conversation is written to no more until they act again [documented]; what they asked for elsewhere still comes. */
    view->person_receives = !(t->flags & (c->ask.to == TO_PSID ? THREAD_MESSAGES_OFF | THREAD_DELETED : THREAD_MESSAGES_OFF));
    view->person_has_role = c->app->is_live || t->flags & THREAD_HAS_ROLE;
    view->last_act = t->last_act;
    if (x != NULL) {
        view->ad_message = x->ad_message;
        view->plus_one_spent = x->plus_one_after != MS_NEVER && x->plus_one_after == t->last_act;
    }
    uint32_t owner = thread_owner(c->world, t);
    if (owner == INDEX_NONE)
        owner = c->page->default_app;
    view->other_app_controls = owner != INDEX_NONE && owner != c->app_index;
}

bool
region_keeps_tokens(const struct call *c)
{
    struct person person;

    if (c->thread == NULL)
        return false;
    thread_person(c->world, c->thread, &person);
    return (region_bit(str_of(person.region)) & REGIONS_OF_TOKENS) != 0;
}

/* Only what the calendar asks about is looked up. */
static void
view_of_notifications(const struct call *c, struct policy_view *view)
{
    view->page_has_recurring = !c->page->lacks_recurring;
    view->region_keeps_tokens = (c->ask.to == TO_RN_TOKEN || c->ask.is_recurring_request) && region_keeps_tokens(c);
    view->region_has_otn = !privacy_holds(c->thread, c->as_of);
}

ms_t
recurring_until(const struct node *token, ms_t as_of)
{
    ms_t last_day = era_row(ERA_RECURRING_EXPIRES)->span.until;

    return as_of >= last_day && token->until > last_day ? MS_ALWAYS : token->until;
}

/* Matching must be sure of the person: a name that goes with the number is the name that is known [documented: customer matching; how sure it must be is ours]. */
static bool
is_named(const struct call *c, const struct node *number)
{
    struct str first = field_text(c, F_PHONE_FIRST), last = field_text(c, F_PHONE_LAST);
    struct person person;

    thread_person(c->world, world_thread(c->world, number->thread), &person);
    return (first.n == 0 || str_eq_nocase(first, str_of(person.first_name))) && (last.n == 0 || str_eq_nocase(last, str_of(person.last_name)));
}

static void
view_of_grant(const struct call *c, struct policy_view *view)
{
    const struct node *node = c->grant;

    view->grant_made = MS_NEVER;
    if (node == NULL)
        return;
    view->grant_is_known = node->kind != NODE_PHONE || is_named(c, node);
    view->grant_is_foreign = node->page != c->page_index;
    view->grant_is_spent = node->is_spent;
    view->grant_is_stopped = node->is_stopped;
    view->grant_made = node->made;
    view->grant_until = node->kind == NODE_RN_TOKEN ? recurring_until(node, c->as_of) : node->until;
}

/* A comment or post that was removed is missed as any other object is; one that never was, or is another page's, makes the parameter wrong [observed]. */
static enum graph_err
missing_object(struct call *c)
{
    bool is_comment = field(c, F_RECIPIENT_COMMENT) != NULL;
    struct str id = field_text(c, is_comment ? F_RECIPIENT_COMMENT : F_RECIPIENT_POST);

    if (!world_node_is_deleted(c->world, id))
        return call_fail(c, RULE_PRIV_REPLY_7D, ERR_COMMENT_ID, is_comment ? "comment_id" : "post_id", NULL);
    return call_fail(c, RULE_PRIV_REPLY_7D, ERR_UNSUPPORTED, method_word(c->method), arena_strndup(c->arena, id.s, id.n), NULL);
}

/* One rule, several texts: which of them depends on why it does not hold. */
static enum graph_err
exact_error(struct call *c, const struct verdict *v)
{
    struct str id = field_text(c, F_RECIPIENT_ID);

    if (v->error == ERR_NONE)
        return ERR_NONE;
    if (v->rule == RULE_RCPT_KNOWN && c->ask.to == TO_PSID && digits_read(id.s, id.n) == 0)
        return ERR_RECIPIENT_NOBODY; /* nothing on the platform has that id */
    if (v->rule == RULE_PRIV_REPLY_7D && (c->grant == NULL || c->grant->page != c->page_index))
        return missing_object(c);
    if (v->rule == RULE_RCPT_HERE && (c->ask.is_utility_template || c->ask.type == MT_UTILITY))
        return ERR_PERSON_UNAVAILABLE_BULK;
    if (v->rule == RULE_PHONE_READY && c->page->lacks_matching)
        return ERR_PHONE_ROLE;
    if (v->rule != RULE_RN_TOKEN || c->grant == NULL || c->grant->page != c->page_index)
        return v->error;
    if (c->grant->is_stopped)
        return ERR_TOPIC_STOPPED;
    return c->now >= recurring_until(c->grant, c->as_of) ? ERR_RECURRING_TOKEN_EXPIRED : v->error;
}

enum graph_err
decide_policy(struct call *c)
{
    struct policy_view *view = &c->view;

    if (!(c->route->flags & ROUTE_SEND))
        return ERR_NONE;
    enum graph_err error = find_receiver(c);
    if (error != ERR_NONE)
        return error;
    fill_ask(c);
    view_of_person(c, view);
    view_of_grant(c, view);
    view->ad_window_is_on = c->world->ad_window_is_on;
    view->page_is_restricted = c->now < c->page->restricted_until;
    view->human_agent_is_approved = c->app->human_agent;
    view->page_is_news = c->page->is_news;
    view->subscription_messaging = c->page->subscription_messaging;
    view_of_notifications(c, view);
    view->page_may_match = !c->page->lacks_matching && (!c->page->owes_matching_fee || (c->thread != NULL && c->thread->flags & THREAD_HAS_ROLE));
    view->utility_is_permitted = (c->credential->permissions & PERM_UTILITY) != 0;

    call_saw(c, RULE_AUTH_PERMISSION);
    if (c->ask.to == TO_PHONE && !(c->credential->permissions & PERM_PHONE))
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_PHONE_ROLE, NULL);
    struct verdict v = policy_decide(view, &c->ask, c->now, c->as_of);
    for (size_t i = 0; i < RULE_SET_WORDS; i++)
        c->verdict.seen.word[i] |= v.seen.word[i];
    c->verdict.rule = v.rule;
    c->verdict.error = exact_error(c, &v);
    if (v.error == ERR_NONE && c->thread == NULL) /* nobody is behind what lets the message out */
        return call_fail(c, RULE_RCPT_KNOWN, ERR_NO_MATCHING_USER, NULL);
    return c->verdict.error;
}

/* ---- the message as others will see it ---------------------------------------------------------------------------------------------- */

/* The members of the object, without braces, mid and quick replies. attachment_id is set when the send made one. */
static void
message_members(struct buf *out, struct call *c, const struct jnode *message)
{
    struct str reply_to = json_text(json_get(field(c, F_SEND_REPLY_TO), "mid"));
    struct str attachment_id = c->attachment != NULL ? str_of(c->attachment->id) : STR_NONE;

    const struct echo_maker maker = { c->page->id, c->app->id, c->as_of };

    event_echo_members(out, message, reply_to, attachment_id, &maker);
}

/* ---- the handler ---------------------------------------------------------------------------------------------------------------------- */

/* Until a token's next message: as LIM-RN-DAILY and its like have it, as published. */
static ms_t
pause_of_token(const struct call *c)
{
    static const ms_t pauses[] = { DAY, 7 * DAY, 30 * DAY }; /* DAILY, WEEKLY, MONTHLY */

    if (span_has(era_row(ERA_RECURRING_FREQUENCY)->span, c->as_of))
        return c->grant->a < 3 ? pauses[c->grant->a] : DAY;
    return span_has(era_row(ERA_RECURRING_48H)->span, c->as_of) ? 2 * DAY : DAY;
}

/* What the grant that let the message out costs. */
static void
spend_grant(struct call *c)
{
    if (c->verdict.rule == RULE_WIN_PLUS_ONE)
        thread_extra(c->thread)->plus_one_after = c->thread->last_act;
    if (c->grant == NULL)
        return;
    if (c->ask.to == TO_RN_TOKEN)
        c->grant->next = c->now + pause_of_token(c);
    else if (c->ask.to != TO_PHONE) /* a number goes on finding its owner */
        c->grant->is_spent = true;
}

static void
write_reply(struct call *c, const char *mid)
{
    struct buf *out = &c->reply->body;
    char psid[UINT64_SIZE];

    jw_open(out, '{');
    if (c->thread != NULL && c->ask.to != TO_USER_REF && c->ask.to != TO_PHONE) {
        format_uint64(psid, c->thread->psid);
        jw_kv_text(out, "recipient_id", psid);
    }
    if (mid != NULL)
        jw_kv_text(out, "message_id", mid);
    if (c->attachment != NULL)
        jw_kv_text(out, "attachment_id", c->attachment->id);
    jw_close(out, '}');
}

/* Sender actions make no event (webhooks.md 3.2); a reaction of the page makes none either. */
static enum graph_err
send_action(struct call *c)
{
    control_apply(c);
    write_reply(c, NULL);
    return ERR_NONE;
}

/* The message as it is stored: what events show, and its quick replies, which only the thread on screen has. *text begins with the bracket and those members. */
static uint64_t
store_message(struct call *c, struct buf *text)
{
    const struct jnode *quick = field(c, F_MESSAGE_QUICK);

    if (quick != NULL)
        jw_kv_node(text, "quick_replies", quick, JW_GRAPH);
    jw_close(text, '}');
    uint64_t number = world_add_message(c->world, c->thread, c->app_index, MESSAGE_FROM_PAGE, buf_view(text));
    if (c->persona != NULL)
        world_message(c->world, number)->persona = c->persona->index;
    return number;
}

static bool
has_phone_quick_reply(const struct call *c)
{
    const struct jnode *quick = field(c, F_MESSAGE_QUICK);

    for (const struct jnode *item = quick != NULL ? quick->first : NULL; item != NULL; item = item->next)
        if (str_eq_lit(json_text(json_get(item, "content_type")), "user_phone_number"))
            return true;
    return false;
}

/* Since 2026-05-21 a send with a phone quick reply has no echo; the person sees it all the same [observed: webhooks.md 2.2]. */
static bool
loses_its_echo(struct call *c)
{
    return has_phone_quick_reply(c) &&
           (c->as_of >= CIVIL(2026, 5, 21) + 12 * HOUR || fault_draw(c->world, FAULT_DROP_PHONE_ECHO, "echo") != NULL);
}

enum graph_err
send_message(struct call *c)
{
    const struct jnode *message = field(c, F_SEND_MESSAGE);
    struct buf *text = &c->reply->scratch; /* nobody else needs it before the journal does */
    char mid[MID_SIZE];
    enum graph_err error = control_check(c);

    if (error != ERR_NONE)
        return error;
    if (message == NULL)
        return send_action(c);
    buf_reset(text);
    jw_open(text, '{');
    message_members(text, c, message);
    size_t end = text->n;
    uint64_t number = store_message(c, text);
    struct str members = { text->s + 1, end - 1 };
    world_mid(c->world, number, mid);
    spend_grant(c);
    /* No echo, delivery or read for user_ref and phone sends [documented]. */
    if (c->ask.to != TO_USER_REF && c->ask.to != TO_PHONE) {
        if (loses_its_echo(c))
            event_arrival(c->world, c->thread, number);
        else
            event_echo(c->world, c->thread, number, members, field_text(c, F_MESSAGE_METADATA), c->app_index);
    }
    if (c->page->default_app != INDEX_NONE && thread_owner(c->world, c->thread) == INDEX_NONE)
        thread_extra(c->thread)->owner = c->app_index;
    control_apply(c);
    write_reply(c, mid);
    return ERR_NONE;
}
