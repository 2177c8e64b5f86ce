/* What the platform does to a page, and events that nobody's act makes (webhooks.md 2.11, 2.13, 2.20 to 2.23). */
#include "graph/enforce.h"
#include "people/act_family.h"

#define DEFAULT_REASON "The Page was found to be in violation of our policies."

int
act_restrict(struct act *act)
{
    struct str action = act_has(act, AF_ACTION) ? act_text(act, AF_ACTION) : STR("block");
    struct str reason = act_has(act, AF_REASON) ? act_text(act, AF_REASON) : STR(DEFAULT_REASON);
    ms_t until = MS_ALWAYS;

    if (!str_eq_lit(action, "block") && !str_eq_lit(action, "warning"))
        return act_refuse(act, "/action: expected block or warning");
    if (act_has(act, AF_UNTIL) && !act_until(act, AF_UNTIL, &until))
        return act_refuse(act, "/until: expected an instant (ISO 8601) or a duration (24h)");
    if (str_eq_lit(action, "block"))
        enforce_restrict(act->world, act->page_index, until, reason);
    else
        event_policy(act->world, act->page, "warning", reason);
    return 0;
}

int
act_unrestrict(struct act *act)
{
    if (act->world->now >= act->page->restricted_until)
        return act_refuse(act, "unrestrict: the page is not restricted");
    act->page->restricted_until = MS_NEVER;
    event_policy(act->world, act->page, "unblock", STR_NONE);
    return 0;
}

/* ---- events of all kinds ------------------------------------------------------------------------------------------------------ */

/* Rows that stand in `messaging`, and the key of their object there; those without a sender say so. */
static const struct {
    enum event_id event;
    const char *key;
    bool has_sender;
} keys[] = {
    {EVENT_APP_ROLES, "app_roles", false},
    {EVENT_PRE_CHECKOUT, "pre_checkout", true},
    {EVENT_CHECKOUT_UPDATE, "checkout_update", true},
    {EVENT_PAYMENT, "payment", true},
    {EVENT_ACCOUNT_LINKING, "account_linking", true},
};

static int
send_with_key(struct act *act, size_t i, struct str value)
{
    struct buf item = {0};
    unsigned count;

    if (keys[i].has_sender && act->thread == NULL)
        return act_refuse(act, "/user: missing, this event is about somebody");
    event_open(&item, HEAD_TOLD, world_policy_date(act->world), act->page,
               keys[i].has_sender ? act->thread : NULL, act->world->now);
    jw_kv_raw(&item, keys[i].key, value);
    jw_close(&item, '}');
    event_queue(act->world, act->page, act->thread, event_rows(&count)[keys[i].event].id,
                buf_view(&item), act->world->now, INDEX_NONE);
    buf_fini(&item);
    return 0;
}

/* Events of which not even the key is public: the members of the value stand in the event as they are. */
static bool
is_unknown(enum event_id event)
{
    return event >= EVENT_MESSAGE_CONTEXT && event <= EVENT_USER_ACTION;
}

static int
send_unknown(struct act *act, enum event_id event, struct str value)
{
    struct buf item = {0};
    unsigned count;

    event_open(&item, HEAD_TOLD, world_policy_date(act->world), act->page, act->thread,
               act->world->now);
    if (value.n > 2) { /* more than {} */
        buf_char(&item, ',');
        buf_add(&item, value.s + 1, value.n - 2);
    }
    jw_close(&item, '}');
    event_queue(act->world, act->page, act->thread, event_rows(&count)[event].id, buf_view(&item),
                act->world->now, INDEX_NONE);
    buf_fini(&item);
    return 0;
}

static int
send_event(struct act *act, enum event_id event, struct str value)
{
    unsigned count;
    const struct event_row *row = &event_rows(&count)[event];

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].event == event)
            return send_with_key(act, i, value);
    if (is_unknown(event))
        return send_unknown(act, event, value);
    if (webhook_field_container(row->field) != CONTAINER_CHANGES)
        return act_refuse(act, "/name: the event %s has an act of its own", row->id);
    event_change(act->world, act->page, act->thread, event, value);
    return 0;
}

int
act_platform_event(struct act *act)
{
    struct str name = act_text(act, AF_NAME);
    enum event_id event = event_named(name);
    struct buf value = {0};

    if (event == EVENT_COUNT)
        return act_refuse(act, "/name: there is no event \"%.*s\"",
                          (int)(name.n < 40 ? name.n : 40), name.s);
    put_json(&value, act_json(act, AF_VALUE), JW_GRAPH);
    int result = send_event(act, event, buf_view(&value));
    buf_fini(&value);
    return result;
}
