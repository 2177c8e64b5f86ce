/* Who holds a conversation: conversation routing, and the Handover Protocol before it (webhooks.md 4.6). A thread is idle, or an app or the Page inbox has it. */
#include "graph/thread_control.h"

#include "graph/event.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"

/* Conversation Routing took the place of the Handover Protocol [documented]. */
#define ROUTING_FROM CIVIL(2023, 9, 12)
#define CONTROL_MS (24 * HOUR)

/* ---- who is who ------------------------------------------------------------------------------------------------------------------------- */

/* The app that idle threads belong to, INDEX_NONE without routing. In the years of the Handover Protocol a page always had one: the primary receiver. */
static uint32_t
primary_app(const struct call *c)
{
    if (c->page->default_app != INDEX_NONE || c->as_of >= ROUTING_FROM || c->page->app_count == 0)
        return c->page->default_app;
    return c->page->apps[0].app;
}

static enum graph_err
find_person(struct call *c, struct str psid)
{
    call_saw(c, RULE_FORM_REQUIRED);
    if (psid.s == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "recipient[id]", NULL);
    return call_find_person(c, psid);
}

/* Whether the caller may give the thread away: it has it, or the thread is idle and nobody else is its keeper. */
static enum graph_err
check_owner(struct call *c)
{
    uint32_t owner = thread_owner(c->world, c->thread);

    call_saw(c, RULE_CONTROL_OWNER);
    if (owner == INDEX_NONE)
        owner = c->page->default_app;
    if (owner == INDEX_NONE || owner == c->app_index)
        return ERR_NONE;
    return call_fail(c, RULE_CONTROL_OWNER, ERR_NOT_THREAD_OWNER, NULL);
}

static void
set_owner(struct call *c, uint32_t owner)
{
    struct thread_extra *x = thread_extra(c->thread);

    x->owner = owner;
    /* Control lasts a day from the person's last message; when that is over already, a day from now [inferred]. */
    x->owner_until = within_ms(c->thread->last_message, CONTROL_MS, c->now) ? MS_NEVER : c->now + CONTROL_MS;
}

static bool
is_app(uint32_t owner)
{
    return owner != INDEX_NONE && owner != OWNER_INBOX && owner != OWNER_LEADS;
}

static enum graph_err
success(struct call *c)
{
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- the calls ---------------------------------------------------------------------------------------------------------------------------- */

/* The app to pass to; without one the thread goes to the default app, or becomes idle. */
static enum graph_err
find_target(struct call *c, struct str id, uint32_t *target)
{
    call_saw(c, RULE_CONTROL_TARGET);
    *target = c->page->default_app;
    if (id.s == NULL)
        return ERR_NONE;
    *target = str_eq_lit(id, INBOX_APP_ID) ? OWNER_INBOX : world_find_app(c->world, id);
    if (*target == OWNER_INBOX || (*target != INDEX_NONE && page_find_app(c->page, *target) != NULL))
        return ERR_NONE;
    return call_fail(c, RULE_CONTROL_TARGET, ERR_INCORRECT_APP_ID, NULL);
}

static void
pass_to(struct call *c, uint32_t target, struct str metadata)
{
    uint32_t owner = thread_owner(c->world, c->thread);

    set_owner(c, target);
    if (is_app(target) && target != c->app_index)
        event_pass_control(c->world, c->thread, owner, target, metadata, target);
}

enum graph_err
pass_thread_control(struct call *c)
{
    enum graph_err error = find_person(c, field_text(c, F_RECIPIENT_ID));
    uint32_t target;

    if (error == ERR_NONE)
        error = find_target(c, field_text(c, F_CONTROL_TARGET), &target);
    if (error == ERR_NONE)
        error = check_owner(c);
    if (error != ERR_NONE)
        return error;
    pass_to(c, target, field_text(c, F_CONTROL_METADATA));
    return success(c);
}

enum graph_err
take_thread_control(struct call *c)
{
    enum graph_err error = find_person(c, field_text(c, F_RECIPIENT_ID));

    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_CONTROL_TAKE);
    if (primary_app(c) != c->app_index)
        return call_fail(c, RULE_CONTROL_TAKE, ERR_RECEIVERS_ONLY, NULL);
    uint32_t owner = thread_owner(c->world, c->thread);
    set_owner(c, c->app_index);
    if (is_app(owner) && owner != c->app_index)
        event_take_control(c->world, c->thread, owner, c->app_index, field_text(c, F_CONTROL_METADATA), owner);
    return success(c);
}

/* The request goes to whoever has the thread, or keeps it while it is idle. */
enum graph_err
request_thread_control(struct call *c)
{
    enum graph_err error = find_person(c, field_text(c, F_RECIPIENT_ID));

    if (error != ERR_NONE)
        return error;
    uint32_t owner = thread_owner(c->world, c->thread);
    if (owner == INDEX_NONE)
        owner = primary_app(c);
    if (is_app(owner) && owner != c->app_index)
        event_request_control(c->world, c->thread, c->app_index, field_text(c, F_CONTROL_METADATA), owner);
    return success(c);
}

static void
release(struct call *c)
{
    if (c->thread->extra == NULL)
        return;
    c->thread->extra->owner = INDEX_NONE;
    c->thread->extra->owner_until = MS_NEVER;
}

/* Makes no event [documented]. */
enum graph_err
release_thread_control(struct call *c)
{
    enum graph_err error = find_person(c, field_text(c, F_RECIPIENT_ID));

    if (error == ERR_NONE)
        error = check_owner(c);
    if (error != ERR_NONE)
        return error;
    release(c);
    return success(c);
}

enum graph_err
extend_thread_control(struct call *c)
{
    enum graph_err error = find_person(c, field_text(c, F_RECIPIENT_ID));
    int64_t seconds = CONTROL_MS / SECOND;

    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_CONTROL_OWNER);
    if (thread_owner(c->world, c->thread) != c->app_index)
        return call_fail(c, RULE_CONTROL_OWNER, ERR_NOT_THREAD_OWNER, NULL);
    json_int64(field(c, F_CONTROL_DURATION), &seconds);
    thread_extra(c->thread)->owner_until = c->now + seconds * SECOND;
    return success(c);
}

/* ---- along with a send ------------------------------------------------------------------------------------------------------------------ */

enum graph_err
control_check(struct call *c)
{
    uint32_t target;

    return field(c, F_SEND_THREAD_CONTROL) != NULL ? find_target(c, field_text(c, F_CONTROL_APP), &target) : ERR_NONE;
}

/* Whoever may send may give away: nobody else has the thread then. Without control_type it is passed [inferred]. */
void
control_apply(struct call *c)
{
    uint32_t target;

    if (field(c, F_SEND_THREAD_CONTROL) == NULL)
        return;
    if (str_eq_nocase(field_text(c, F_CONTROL_TYPE), STR("release")))
        release(c);
    else if (find_target(c, field_text(c, F_CONTROL_APP), &target) == ERR_NONE)
        pass_to(c, target, STR_NONE);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------------------- */

/* `recipient` is a PSID here, or the object of the other calls. */
enum graph_err
thread_owner_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    const struct jnode *recipient = call_param(c, "recipient");
    struct str psid = jnode_is_object(recipient) ? json_text(json_get(recipient, "id")) : json_text(recipient);
    enum graph_err error;

    call_saw(c, RULE_FORM_REQUIRED);
    if (psid.n == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "recipient", NULL);
    if ((error = find_person(c, psid)) != ERR_NONE)
        return error;
    uint32_t owner = thread_owner(c->world, c->thread), keeper = c->page->default_app;
    /* With routing, only the owner and the default app may know [inferred from "the caller may not know"]. */
    bool may_know = keeper == INDEX_NONE || keeper == c->app_index || owner == c->app_index;
    if (owner == INDEX_NONE || !may_know) {
        buf_adds(out, "{\"data\":[]}");
        return ERR_NONE;
    }
    ms_t until = c->thread->last_message != MS_NEVER ? c->thread->last_message + CONTROL_MS : c->now;
    if (c->thread->extra->owner_until > until)
        until = c->thread->extra->owner_until;
    buf_adds(out, "{\"data\":[{\"thread_owner\":{");
    jw_kv_text(out, "app_id", event_owner_id(c->world, owner));
    jw_kv_int(out, "expiration", until / SECOND);
    buf_adds(out, "}}]}");
    return ERR_NONE;
}

/* ---- receivers ------------------------------------------------------------------------------------------------------------------------------ */

struct receiver {
    const char *id, *name;
};

static void
write_id(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct receiver *)object)->id);
}

static void
write_name(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct receiver *)object)->name);
}

static const struct node_field receiver_fields[] = { { "id", write_id, true, 0 }, { "name", write_name, true, 0 } };

static enum graph_err
write_receiver(struct call *c, struct buf *out, size_t i, const void *list)
{
    return node_write(c, out, receiver_fields, 2, (const struct receiver *)list + i, call_param(c, "fields"), false);
}

/* The primary receiver sees all others and the inbox; another one sees itself only (2018234 names the reason). */
enum graph_err
secondary_receivers_get(struct call *c)
{
    uint32_t primary = c->page->default_app != INDEX_NONE ? c->page->default_app : c->page->app_count > 0 ? c->page->apps[0].app : INDEX_NONE;
    struct receiver *list = arena_alloc(c->arena, (c->page->app_count + 1) * sizeof *list);
    size_t count = 0;

    for (uint32_t i = 0; i < c->page->app_count; i++) {
        uint32_t app = c->page->apps[i].app;

        if (app != primary && (c->app_index == primary || c->app_index == app))
            list[count++] = (struct receiver){ c->world->apps[app]->id, c->world->apps[app]->name };
    }
    if (c->app_index == primary)
        list[count++] = (struct receiver){ INBOX_APP_ID, "Page Inbox" };
    return paging_write(c, count, list, write_receiver, 25, 100);
}
