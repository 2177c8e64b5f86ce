#include "graph/limits.h"

#include <stdio.h>

#include "graph/fields.h"
#include "graph/route.h"
#include "world/limits.h"
#include "world/watch.h"

/* ---- what a call counts as ------------------------------------------------------------------------------------------------------ */

/* Edges and nodes of the Messenger Platform with a limit of their own. edge NULL: any. */
static const struct {
    enum object_kind object;
    const char *edge;
    unsigned classes;
} kinds[] = {
    { OBJECT_PAGE, "conversations", CLASS_CONVERSATIONS | CLASS_CONVERSATION_LIST },
    { OBJECT_CONVERSATION, NULL, CLASS_CONVERSATIONS },
    { OBJECT_MESSAGE, NULL, CLASS_CONVERSATIONS },
    { OBJECT_PAGE, "messenger_profile", CLASS_PROFILE },
    { OBJECT_PAGE, "thread_settings", CLASS_PROFILE },
    { OBJECT_PAGE, "custom_user_settings", CLASS_USER_SETTINGS },
};

/* A call that works on a page: one of the Messenger Platform when it has a limit of its own or needs a permission of messaging; all else is of the Pages API. */
static unsigned
classes_on_page(const struct call *c)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].object == c->object && (kinds[i].edge == NULL || str_eq(c->edge, str_of(kinds[i].edge))))
            return CLASS_MESSENGER | kinds[i].classes;
    if (c->route->permission & (PERM_PAGES_MESSAGING | PERM_UTILITY))
        return CLASS_MESSENGER;
    return c->credential->kind == CREDENTIAL_USER ? CLASS_PAGES_BY_USER : CLASS_PAGES;
}

static bool
is_media(const struct jnode *message)
{
    struct str type = json_text(json_get(json_get(message, "attachment"), "type"));

    return str_eq_lit(type, "audio") || str_eq_lit(type, "video");
}

/* Read from parameters that nobody has checked yet: what cannot be read counts as a text. */
static unsigned
classes_of_send(struct call *c)
{
    const struct jnode *message = call_param(c, "message");
    const struct jnode *recipient = call_param(c, "recipient");
    unsigned classes = CLASS_MESSENGER;

    if (message != NULL)
        classes |= CLASS_MESSAGE;
    classes |= is_media(message) ? CLASS_SEND_MEDIA : CLASS_SEND;
    const struct jnode *receiver = jnode_is_object(recipient) ? recipient->first : NULL;
    if (receiver == NULL || str_eq_lit(receiver->key, "id"))
        return classes;
    if (json_get(recipient, "comment_id") != NULL || json_get(recipient, "post_id") != NULL)
        classes |= CLASS_PRIVATE_REPLY;
    if (json_get(recipient, "phone_number") != NULL)
        classes |= CLASS_PHONE;
    return classes;
}

/* The person whose settings a call is about. */
static void
find_person(struct call *c, struct limit_ask *ask)
{
    struct str id = call_text(c, "psid");
    const struct thread *thread = id.s != NULL ? world_find_psid(c->world, digits_read(id.s, id.n)) : NULL;

    if (thread != NULL && thread->page == c->page_index)
        ask->keys[KEY_PERSON] = limit_key_of(thread->index);
}

static void
classify(struct call *c, struct limit_ask *ask)
{
    *ask = (struct limit_ask){ .page = c->page_index };
    if (c->app_index != INDEX_NONE)
        ask->keys[KEY_APP] = limit_key_of(c->app_index);
    if (c->page == NULL) {
        if (c->credential == NULL)
            return;
        ask->classes = c->credential->kind == CREDENTIAL_APP ? CLASS_BY_APP : c->credential->kind == CREDENTIAL_USER ? CLASS_BY_USER : 0;
        ask->keys[KEY_USER] = c->credential->user != 0 ? c->credential->user : limit_key_of(c->app_index);
        return;
    }
    ask->keys[KEY_PAGE] = limit_key_of(c->page_index);
    ask->keys[KEY_APP_PAGE] = limit_key_pair(c->app_index, c->page_index);
    ask->classes = c->route->flags & ROUTE_SEND ? classes_of_send(c) : classes_on_page(c);
    if (ask->classes & CLASS_USER_SETTINGS)
        find_person(c, ask);
}

/* ---- looking -------------------------------------------------------------------------------------------------------------------- */

/* Before limits were counted by business use case there was one error for a page's calls [inferred: 80001 and 80006 came with X-Business-Use-Case-Usage]. */
static enum graph_err
error_of_era(const struct call *c, enum graph_err error)
{
    bool is_of_business = error == ERR_LIMIT_MESSENGER || error == ERR_LIMIT_PAGE;

    return is_of_business && span_has(era_row(ERA_USAGE_OF_PAGE)->span, c->as_of) ? ERR_LIMIT_PAGE_USER_TOKEN : error;
}

static enum graph_err
look(struct call *c, bool is_after_policy)
{
    enum limit_id full = limits_look(c->world, &c->limit_ask, is_after_policy, &c->verdict.seen);

    if (full == LIMIT_COUNT)
        return ERR_NONE;
    enum rule_id rule = limit_row(full)->rule;
    return call_fail(c, rule, error_of_era(c, policy_rules[rule].error), NULL);
}

enum graph_err
check_limits(struct call *c)
{
    classify(c, &c->limit_ask);
    return c->limit_ask.classes != 0 ? look(c, false) : ERR_NONE;
}

/* The frequency that a token was asked for with; one a day when none was [documented default]. */
static unsigned
recurring_class(const struct node *token)
{
    static const unsigned classes[] = { CLASS_RN_DAILY, CLASS_RN_WEEKLY, CLASS_RN_MONTHLY };

    return CLASS_RECURRING | classes[token->a < 3 ? token->a : 0];
}

enum graph_err
check_consent(struct call *c)
{
    struct limit_ask *ask = &c->limit_ask;

    if (!(c->route->flags & ROUTE_SEND) || c->thread == NULL)
        return ERR_NONE;
    ask->keys[KEY_PERSON] = limit_key_of(c->thread->index);
    if (c->ask.tag == TAG_CONFIRMED_EVENT_UPDATE || c->ask.tag == TAG_POST_PURCHASE_UPDATE || c->ask.tag == TAG_ACCOUNT_UPDATE)
        ask->classes |= CLASS_UPDATE_TAG;
    if (c->ask.tag != TAG_NONE)
        ask->classes |= CLASS_TAGGED;
    if (c->ask.to == TO_RN_TOKEN && c->grant != NULL) {
        ask->classes |= recurring_class(c->grant);
        ask->keys[KEY_TOKEN] = limit_key_of(c->grant->index);
    }
    if (c->ask.is_recurring_request) {
        struct str title = json_text(json_get(field(c, F_ATTACHMENT_PAYLOAD), "title"));

        ask->classes |= CLASS_OPTIN_REQUEST;
        ask->keys[KEY_TOPIC] = mix64(c->thread->psid, hash_bytes(title.s, title.n)) | 1;
    }
    return look(c, true);
}

enum graph_err
check_consent_of(struct call *c, enum call_class class, const struct node *token)
{
    c->limit_ask.classes |= class;
    c->limit_ask.keys[KEY_TOKEN] = limit_key_of(token->index);
    return look(c, true);
}

/* ---- charging ------------------------------------------------------------------------------------------------------------------- */

/* Which counter a call's usage header is made from. */
static enum limit_id
usage_limit(const struct limit_ask *ask)
{
    if (ask->classes & CLASS_MESSENGER)
        return LIMIT_MESSENGER_24H;
    if (ask->classes & CLASS_PAGES)
        return LIMIT_PAGES_24H;
    if (ask->classes & CLASS_PAGES_BY_USER)
        return LIMIT_PAGES_BY_USER;
    return ask->classes & CLASS_BY_USER ? LIMIT_BY_USER : LIMIT_BY_APP;
}

/* Only calls are counted, so all three shares are theirs [inferred]; the platform's numbers are whole percents. */
static void
write_shares(struct buf *out, int percent)
{
    jw_kv_int(out, "call_count", percent);
    jw_kv_int(out, "total_cputime", percent);
    jw_kv_int(out, "total_time", percent);
}

static void
write_business(struct buf *out, const struct call *c, enum limit_usage usage, int percent, int64_t minutes)
{
    jw_key(out, c->page->id);
    jw_open(out, '[');
    jw_open(out, '{');
    jw_kv_text(out, "type", usage == USAGE_MESSENGER ? "messenger" : "pages");
    write_shares(out, percent);
    jw_kv_int(out, "estimated_time_to_regain_access", minutes);
    jw_close(out, '}');
    jw_close(out, ']');
}

/* Nothing is sent while the usage is about 0 % [observed: restfb 548]. */
static void
add_usage(struct call *c)
{
    enum limit_id limit = usage_limit(&c->limit_ask);
    const struct limit_row *row = limit_row(limit);

    if (!limit_is_felt(c->world, limit, c->limit_ask.keys[row->key], c->limit_ask.page))
        return;
    struct limit_state state = limit_state(c->world, limit, c->limit_ask.keys[row->key], c->limit_ask.page);
    int percent = (int)(state.used * 100 / state.max);
    int64_t minutes = state.free_at > c->now ? (state.free_at - c->now + MINUTE - 1) / MINUTE : 0;
    struct buf value = { 0 };

    jw_open(&value, '{');
    bool is_old = span_has(era_row(ERA_USAGE_OF_PAGE)->span, c->as_of);
    if (row->usage == USAGE_APP || is_old)
        write_shares(&value, percent);
    else
        write_business(&value, c, row->usage, percent, minutes);
    jw_close(&value, '}');
    reply_header(c->reply, row->usage == USAGE_APP ? "X-App-Usage" : is_old ? "X-Page-Usage" : "X-Business-Use-Case-Usage", value.s);
    buf_fini(&value);
}

const enum limit_id page_rates[PAGE_RATES] = { LIMIT_SEND_TEXT, LIMIT_SEND_MEDIA, LIMIT_PRIVATE_REPLY, LIMIT_MESSENGER_24H };

static bool
is_rate(enum limit_id limit)
{
    for (unsigned i = 0; i < PAGE_RATES; i++)
        if (page_rates[i] == limit)
            return true;
    return false;
}

/* Which of them count the call. */
static uint8_t
rates_of(const struct call *c)
{
    uint8_t bits = 0;

    for (unsigned i = 0; i < PAGE_RATES; i++)
        if (limit_row(page_rates[i])->charged & c->limit_ask.classes)
            bits |= (uint8_t)(1u << i);
    return bits;
}

/* For the oracle: which message it was is worth knowing only while there is one that was refused. */
static void
log_send(struct call *c, bool is_refused)
{
    struct send_log *sends = &page_watch(c->page)->sends;
    struct oracle_try try = { .at = c->now, .bound = rates_of(c), .is_refused = is_refused };

    if (is_refused && !is_rate(limit_of_rule(c->verdict.rule)))
        try.bound = 0;
    if (is_refused || sends->refused > 0)
        try.what = (uint32_t)mix64(hash_bytes(c->req->body.s, c->req->body.n), hash_bytes(c->req->query.s, c->req->query.n)) | 1;
    send_log_add(sends, &try);
}

void
charge_limits(struct call *c, enum graph_err error)
{
    bool is_refused = error != ERR_NONE && c->verdict.rule != RULE_NONE && policy_rules[c->verdict.rule].kind == RULE_KIND_LIMIT;

    if (c->limit_ask.classes == 0)
        return;
    if (c->limit_ask.classes & CLASS_MESSAGE && (error == ERR_NONE || is_refused))
        log_send(c, is_refused);
    if (!is_refused)
        limits_charge(c->world, &c->limit_ask, error == ERR_NONE);
    add_usage(c);
}
