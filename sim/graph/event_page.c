/* Events of threads changing hands, of policy, and of page content (webhooks.md 2.11 to 2.13, 2.21 to 2.23). */
#include <string.h>

#include "graph/event.h"
#include "world/fault.h"

/* Receivers of the years before spell the key with a hyphen; when it changed is not public [observed both: webhooks.md 2.13]. */
#define POLICY_UNDERSCORE_FROM CIVIL(2020, 1, 1)

/* ---- handovers ------------------------------------------------------------------------------------------------------------------ */

const char *
event_owner_id(const struct world *world, uint32_t owner)
{
    return owner == INDEX_NONE    ? NULL
           : owner == OWNER_INBOX ? INBOX_APP_ID
           : owner == OWNER_LEADS ? LEADS_APP_ID
                                  : world->apps[owner]->id;
}

static void
put_app(struct buf *out, const struct world *world, const char *key, uint32_t app)
{
    jw_kv_text(out, key, event_owner_id(world, app));
}

static void
open_handover(struct buf *json, const struct world *world, uint32_t from, uint32_t to)
{
    jw_open(json, '{');
    put_app(json, world, "previous_owner_app_id", from);
    put_app(json, world, "new_owner_app_id", to);
}

struct handover_what {
    const struct page *page;
    const struct thread *thread;
    ms_t at;
    const char *key;
    struct str json;
};

static void
write_handover(struct buf *out, const struct event_form *form, const void *what)
{
    const struct handover_what *h = what;

    event_open(out, HEAD_TOLD, form->as_of, h->page, h->thread, h->at);
    jw_kv_raw(out, h->key, h->json);
    jw_close(out, '}');
}

/* Closes the object, sends it and gives its memory back. */
static void
send_handover(struct world *world, struct thread *thread, enum event_id event, const char *key,
              struct buf *json, struct str metadata, uint32_t only_app)
{
    struct page *page = world->pages[thread->page];

    if (metadata.s != NULL)
        jw_kv_str(json, "metadata", metadata);
    jw_close(json, '}');
    struct handover_what what = {page, thread, world->now, key, buf_view(json)};
    struct event_post post = event_post_of(world, event, thread, write_handover, &what);
    post.only_app = only_app;
    event_send(world, page, &post);
    buf_fini(json);
}

void
event_pass_control(struct world *world, struct thread *thread, uint32_t from, uint32_t to,
                   struct str metadata, uint32_t only_app)
{
    struct buf json = {0};

    open_handover(&json, world, from, to);
    send_handover(world, thread, EVENT_PASS_THREAD_CONTROL, "pass_thread_control", &json, metadata,
                  only_app);
}

void
event_take_control(struct world *world, struct thread *thread, uint32_t from, uint32_t to,
                   struct str metadata, uint32_t only_app)
{
    struct buf json = {0};

    open_handover(&json, world, from, to);
    send_handover(world, thread, EVENT_TAKE_THREAD_CONTROL, "take_thread_control", &json, metadata,
                  only_app);
}

void
event_request_control(struct world *world, struct thread *thread, uint32_t requested,
                      struct str metadata, uint32_t only_app)
{
    struct buf json = {0};

    jw_open(&json, '{');
    /* A number here, strings in the other two [documented samples: webhooks.md 2.11]. */
    jw_kv_raw(&json, "requested_owner_app_id", str_of(event_owner_id(world, requested)));
    send_handover(world, thread, EVENT_REQUEST_THREAD_CONTROL, "request_thread_control", &json,
                  metadata, only_app);
}

/* ---- policy ------------------------------------------------------------------------------------------------------------------- */

struct policy_what {
    const struct page *page;
    ms_t at;
    const char *action;
    struct str reason;
    bool has_hyphen;
};

static void
write_policy(struct buf *out, const struct event_form *form, const void *what)
{
    const struct policy_what *p = what;

    event_open(out, HEAD_TOLD, form->as_of, p->page, NULL, p->at);
    bool has_hyphen = p->has_hyphen || form->as_of < POLICY_UNDERSCORE_FROM;

    jw_key(out, has_hyphen ? "policy-enforcement" : "policy_enforcement");
    jw_open(out, '{');
    jw_kv_text(out, "action", p->action);
    if (p->reason.s != NULL)
        jw_kv_str(out, "reason", p->reason);
    jw_close(out, '}');
    jw_close(out, '}');
}

/* The same told by business_integrity, which knows more since 2026-01-30. The keys are documented, what their texts say is not [inferred: webhooks.md 2.22]. */
#define INTEGRITY_FROM CIVIL(2026, 1, 30)

static void
put_violation(struct buf *out, struct str reason)
{
    jw_open(out, '{');
    jw_kv_text(out, "type", "MESSAGING_POLICY");
    jw_kv_str(out, "description", reason);
    jw_kv_text(out, "url", "https://developers.facebook.com/devpolicy/#messengerplatform");
    jw_close(out, '}');
}

static void
put_restriction(struct buf *out, const struct page *page, ms_t now)
{
    jw_open(out, '{');
    jw_kv_text(out, "feature", "MESSAGING");
    jw_kv_text(out, "status", "ACTIVE");
    jw_kv_text(out, "description", "The Page cannot send messages.");
    jw_kv_int(out, "applied_time", now / SECOND);
    if (page->restricted_until < MS_ALWAYS)
        jw_kv_int(out, "expiration_time", page->restricted_until / SECOND);
    jw_close(out, '}');
}

static void
put_action_event(struct buf *out, const char *type, ms_t now)
{
    jw_open(out, '{');
    jw_kv_text(out, "type", type);
    jw_kv_text(out, "status", "COMPLETED");
    jw_kv_int(out, "created_time", now / SECOND);
    jw_kv_int(out, "updated_time", now / SECOND);
    jw_close(out, '}');
}

static void
send_integrity(struct world *world, struct page *page, const char *action, struct str reason)
{
    struct buf json = {0};
    bool is_block = strcmp(action, "block") == 0, is_unblock = strcmp(action, "unblock") == 0;

    jw_open(&json, '{');
    jw_kv_int(&json, "timestamp", world->now / SECOND);
    jw_kv_text(&json, "status", is_block ? "RESTRICTED" : is_unblock ? "NORMAL" : "WARNED");
    jw_key(&json, "violations");
    jw_open(&json, '[');
    if (reason.s != NULL)
        put_violation(&json, reason);
    jw_close(&json, ']');
    jw_key(&json, "restrictions");
    jw_open(&json, '[');
    if (is_block)
        put_restriction(&json, page, world->now);
    jw_close(&json, ']');
    jw_key(&json, "action_events");
    jw_open(&json, '[');
    if (is_unblock)
        put_action_event(&json, "RESTRICTION_LIFTED", world->now);
    jw_close(&json, ']');
    jw_close(&json, '}');
    event_change(world, page, NULL, EVENT_BUSINESS_INTEGRITY, buf_view(&json));
    buf_fini(&json);
}

void
event_policy(struct world *world, struct page *page, const char *action, struct str reason)
{
    struct policy_what what = {page, world->now, action, reason, false};
    struct event_post post =
        event_post_of(world, EVENT_POLICY_ENFORCEMENT, NULL, write_policy, &what);

    what.has_hyphen = fault_draw(world, FAULT_POLICY_HYPHEN, "policy_enforcement") != NULL;
    event_send(world, page, &post);
    if (world_policy_date(world) >= INTEGRITY_FROM)
        send_integrity(world, page, action, reason);
}

/* ---- changes -------------------------------------------------------------------------------------------------------------------- */

struct change_what {
    enum webhook_field field;
    struct str value;
};

static void
write_change(struct buf *out, const struct event_form *form, const void *what)
{
    const struct change_what *c = what;

    event_put_change(out, form->as_of, c->field, c->value);
}

void
event_change(struct world *world, struct page *page, struct thread *thread, enum event_id event,
             struct str value_json)
{
    unsigned count;
    struct change_what what = {event_rows(&count)[event].field, value_json};
    struct event_post post = event_post_of(world, event, thread, write_change, &what);

    event_send(world, page, &post);
}

void
event_label(struct world *world, struct thread *thread, struct str label_id, struct str label_name,
            bool is_added)
{
    char psid[UINT64_SIZE];
    struct buf json = {0};

    /* The shape is not public; the names are those of the label edge [inferred: webhooks.md 2.22]. */
    format_uint64(psid, thread->psid);
    jw_open(&json, '{');
    jw_kv_text(&json, "action", is_added ? "add" : "remove");
    jw_key(&json, "label");
    jw_open(&json, '{');
    jw_kv_str(&json, "id", label_id);
    jw_kv_str(&json, "page_label_name", label_name);
    jw_close(&json, '}');
    jw_key(&json, "user");
    jw_open(&json, '{');
    jw_kv_text(&json, "id", psid);
    jw_close(&json, '}');
    jw_close(&json, '}');
    event_change(world, world->pages[thread->page], thread, EVENT_INBOX_LABEL, buf_view(&json));
    buf_fini(&json);
}
