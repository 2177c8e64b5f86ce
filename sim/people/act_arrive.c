/* Ways into a conversation: links, ads, plugins, search, customer matching (webhooks.md 3.5 to 3.11). */
#include <string.h>

#include "people/act_family.h"

#define ADS_CONTEXT_FROM CIVIL(2020, 12, 15)
#define GUEST_LIFE_MS (24 * HOUR)

/* A thread is there once the person has done something in it, unless they deleted it. */
static bool
is_existing(const struct act *act)
{
    return (act->thread->flags & (THREAD_STARTED | THREAD_DELETED)) == THREAD_STARTED;
}

static int
check_ref(struct act *act)
{
    struct str ref = act_text(act, AF_REF);

    if (ref.n > 2083)
        return act_refuse(act, "/ref: longer than 2083 characters");
    return 0;
}

/* Told at once in an existing thread, which opens the window; with the first tap or message in a new one. */
static int
come_by(struct act *act, const char *source)
{
    struct buf referral = {0};
    bool existed = is_existing(act);

    if (check_ref(act) < 0)
        return -1;
    put_referral(&referral, act, source);
    if (existed)
        event_referral(act->world, act->thread, buf_view(&referral));
    else
        arrival_set(act, buf_view(&referral), false);
    act->opens = act->opens && existed;
    jw_kv_text(&act->made, "thread", existed ? "existing" : "new");
    buf_fini(&referral);
    return 0;
}

int
act_m_me(struct act *act)
{
    return come_by(act, "SHORTLINK");
}

int
act_messenger_code(struct act *act)
{
    return come_by(act, "MESSENGER_CODE");
}

/* ---- ads ---------------------------------------------------------------------------------------------------------------------------------- */

static struct str
ad_of(struct act *act)
{
    struct str id = act_text(act, AF_AD_ID);
    struct node *ad = id.s != NULL ? world_find_node(act->world, NODE_AD, id) : NULL;
    char text[32];

    if (id.s != NULL && (ad != NULL || id.n >= sizeof text))
        return id;
    if (id.s != NULL) {
        memcpy(text, id.s, id.n);
        text[id.n] = '\0';
    }
    ad = world_add_node(act->world, NODE_AD, id.s != NULL ? text : NULL, act->page_index);
    return ad != NULL ? str_of(ad->id) : id;
}

static void
put_ad_context(struct buf *out, const struct act *act, struct str ad_id)
{
    struct buf post = {0};

    jw_key(out, "ads_context_data");
    if (act_has(act, AF_AD_CONTEXT)) {
        put_json(out, act_json(act, AF_AD_CONTEXT), JW_GRAPH);
        return;
    }
    buf_printf(&post, "%s_%.*s", act->page->id, STR_ARG(ad_id));
    jw_open(out, '{');
    jw_kv_str(out, "ad_title",
              act_has(act, AF_TITLE) ? act_text(act, AF_TITLE) : STR("Send us a message"));
    jw_kv_text(out, "photo_url", "https://scontent.xx.fbcdn.net/v/t45.1600-4/ad_n.png");
    jw_kv_str(out, "post_id", buf_view(&post));
    jw_close(out, '}');
    buf_fini(&post);
}

static int
check_placement(struct act *act)
{
    static const char *const placements[] = {"feed", "inbox", "stories", "instagram"};
    struct str placement = act_text(act, AF_PLACEMENT);

    for (size_t i = 0; i < sizeof placements / sizeof *placements; i++)
        if (placement.s == NULL || str_eq(placement, str_of(placements[i])))
            return 0;
    return act_refuse(act, "/placement: expected feed, inbox, stories or instagram");
}

int
act_ad_click(struct act *act)
{
    struct buf referral = {0}, members = {0};

    if (check_ref(act) < 0 || check_placement(act) < 0)
        return -1;
    struct str id = ad_of(act);
    jw_open(&referral, '{');
    if (act_has(act, AF_REF))
        jw_kv_str(&referral, "ref", act_text(act, AF_REF));
    jw_kv_str(&referral, "ad_id", id);
    jw_kv_text(&referral, "source", "ADS");
    jw_kv_text(&referral, "type", "OPEN_THREAD");
    if (world_policy_date(act->world) >= ADS_CONTEXT_FROM)
        put_ad_context(&referral, act, id);
    jw_close(&referral, '}');
    arrival_set(act, buf_view(&referral), true);
    jw_kv_str(&act->made, "ad_id", id);
    if (act_has(act, AF_TEXT)) { /* clicks and writes in one go */
        jw_kv_str(&members, "text", act_text(act, AF_TEXT));
        act_say(act, &members, NULL);
        act->opens = true;
    }
    buf_fini(&referral);
    buf_fini(&members);
    return 0;
}

/* ---- plugins -------------------------------------------------------------------------------------------------------------------------------- */

int
act_send_to_messenger(struct act *act)
{
    struct buf optin = {0};

    jw_open(&optin, '{');
    jw_kv_str(&optin, "ref", act_has(act, AF_REF) ? act_text(act, AF_REF) : STR(""));
    jw_close(&optin, '}');
    event_optin(act->world, act->thread, buf_view(&optin));
    buf_fini(&optin);
    return 0;
}

/* The reference of a plugin's rendering and the person behind it, who is somebody new when nobody was named: the page does not learn who. NULL when the reference is taken. */
static struct node *
new_user_ref(struct act *act)
{
    struct str given = act_text(act, AF_USER_REF);
    struct buf id = {0};

    if (given.s != NULL)
        buf_str(&id, given);
    struct node *node =
        world_add_node(act->world, NODE_USER_REF, given.s != NULL ? id.s : NULL, act->page_index);
    buf_fini(&id);
    if (node == NULL)
        return NULL;
    if (act->thread == NULL)
        act->thread = world_add_thread(act->world, act->page_index, 0);
    node->thread = act->thread->index;
    return node;
}

static void
made_user_ref(struct act *act, const struct node *node)
{
    char psid[UINT64_SIZE];

    format_uint64(psid, act->thread->psid);
    jw_kv_text(&act->made, "user_ref", node->id);
    jw_kv_text(&act->made, "user", psid);
}

int
act_checkbox(struct act *act)
{
    struct buf optin = {0};

    struct node *node = new_user_ref(act);
    if (node == NULL)
        return act_refuse(act, "/user_ref: taken; it is new for each rendering of the plugin");
    arrival_set_user_ref(act, node);
    jw_open(&optin, '{');
    jw_kv_str(&optin, "ref", act_has(act, AF_REF) ? act_text(act, AF_REF) : STR(""));
    jw_kv_text(&optin, "user_ref", node->id);
    jw_close(&optin, '}');
    event_optin_of(act->world, act->page, NULL, EVENT_OPTIN_CHECKBOX, buf_view(&optin));
    made_user_ref(act, node);
    buf_fini(&optin);
    return 0;
}

static void
put_plugin_referral(struct buf *out, const struct act *act, bool is_guest)
{
    jw_open(out, '{');
    if (act_has(act, AF_REF))
        jw_kv_str(out, "ref", act_text(act, AF_REF));
    jw_kv_text(out, "source", "CUSTOMER_CHAT_PLUGIN");
    jw_kv_text(out, "type", "OPEN_THREAD");
    jw_kv_str(out, "referer_uri",
              act_has(act, AF_REFERER) ? act_text(act, AF_REFERER)
                                       : STR("https://www.example.com/"));
    if (is_guest)
        jw_kv_bool(out, "is_guest_user", true);
    jw_close(out, '}');
}

int
act_chat_plugin(struct act *act)
{
    struct buf referral = {0}, members = {0};
    bool existed = is_existing(act);

    put_plugin_referral(&referral, act, false);
    if (existed)
        event_referral(act->world, act->thread, buf_view(&referral));
    else
        arrival_set(act, buf_view(&referral), false);
    if (act_has(act, AF_TEXT)) {
        jw_kv_str(&members, "text", act_text(act, AF_TEXT));
        jw_key(&members, "tags");
        buf_adds(&members, "{\"source\":\"customer_chat_plugin\"}");
        act_say(act, &members, NULL);
    }
    act->opens = existed || act_has(act, AF_TEXT);
    jw_kv_text(&act->made, "thread", existed ? "existing" : "new");
    buf_fini(&referral);
    buf_fini(&members);
    return 0;
}

/* A guest is known to the page by user_ref alone; the thread behind it is ours. */
static void
open_guest_event(struct buf *item, const struct act *act, const struct node *node)
{
    jw_open(item, '{');
    jw_key(item, "sender");
    jw_open(item, '{');
    jw_kv_text(item, "user_ref", node->id);
    jw_close(item, '}');
    buf_printf(item, ",\"recipient\":{\"id\":\"%s\"}", act->page->id);
    jw_kv_int(item, "timestamp", act->world->now);
}

/* Closes the event and sends it. */
static void
send_guest_event(struct buf *item, struct act *act, const char *event)
{
    jw_close(item, '}');
    event_queue(act->world, act->page, act->thread, event, buf_view(item), act->world->now,
                INDEX_NONE);
    buf_fini(item);
}

static void
tell_guest_arrived(struct act *act, const struct node *node)
{
    struct buf item = {0}, referral = {0};

    put_plugin_referral(&referral, act, true);
    open_guest_event(&item, act, node);
    jw_kv_raw(&item, "referral", buf_view(&referral));
    send_guest_event(&item, act, "referral");
    buf_fini(&referral);
}

static void
tell_guest_message(struct act *act, const struct node *node, uint64_t number)
{
    struct buf item = {0};

    open_guest_event(&item, act, node);
    jw_key(&item, "message");
    jw_open(&item, '{');
    jw_key(&item, "mid");
    event_put_mid(&item, act->world, number);
    jw_kv_str(&item, "text", act_text(act, AF_TEXT));
    jw_key(&item, "tags");
    buf_adds(&item, "{\"source\":\"customer_chat_plugin\"}");
    jw_close(&item, '}');
    send_guest_event(&item, act, "message");
}

static struct node *
guest_of(struct act *act)
{
    struct str given = act_text(act, AF_USER_REF);
    struct node *node = given.s != NULL ? world_find_node(act->world, NODE_USER_REF, given) : NULL;

    if (node == NULL) {
        act->thread = NULL; /* a guest is nobody else */
        node = new_user_ref(act);
        node->until = act->world->now + GUEST_LIFE_MS;
        act->thread->flags |= THREAD_GUEST | THREAD_PHONE_ONLY;
    }
    return node;
}

int
act_chat_plugin_guest(struct act *act)
{
    struct buf text = {0};
    struct node *known = act_has(act, AF_USER_REF) ? world_find_node(act->world, NODE_USER_REF,
                                                                     act_text(act, AF_USER_REF))
                                                   : NULL;

    if (known != NULL && act->world->now >= known->until)
        return act_refuse(act, "/user_ref: the guest's session ended after 24 hours");
    if (known == NULL && act_has(act, AF_USER_REF) &&
        world_any_node(act->world, act_text(act, AF_USER_REF)) != NULL)
        return act_refuse(act, "/user_ref: this is the id of something else");
    struct node *node = guest_of(act);
    act->thread = world_thread(act->world, node->thread);
    jw_open(&text, '{');
    jw_kv_str(&text, "text", act_text(act, AF_TEXT));
    jw_close(&text, '}');
    uint64_t number = world_add_message(act->world, act->thread, INDEX_NONE, 0, buf_view(&text));
    if (known == NULL)
        tell_guest_arrived(act, node);
    tell_guest_message(act, node, number);
    made_mid(act, number);
    made_user_ref(act, node);
    node->is_spent = false; /* a guest who writes may be answered */
    buf_fini(&text);
    return 0;
}

/* ---- search and matching ------------------------------------------------------------------------------------------------------------------------ */

int
act_page_search(struct act *act)
{
    struct buf members = {0};

    if (act_has(act, AF_TEXT)) {
        jw_kv_str(&members, "text", act_text(act, AF_TEXT));
        act_say(act, &members, NULL);
        act->opens = true;
    }
    buf_fini(&members);
    return 0;
}

int
act_match_accept(struct act *act)
{
    struct buf optin = {0};
    struct str phone = act_text(act, AF_PHONE);
    char plain[PHONE_SIZE];

    phone_plain(plain, phone.s != NULL ? phone.s : "", phone.n);
    struct node *node =
        phone.s != NULL ? world_find_node(act->world, NODE_PHONE, str_of(plain)) : NULL;

    if (phone.s != NULL && node == NULL)
        return act_refuse(act, "/phone_number: the page has matched no such number");
    if (node != NULL)
        node->thread = act->thread->index;
    jw_open(&optin, '{');
    if (act_has(act, AF_REF))
        jw_kv_str(&optin, "ref", act_text(act, AF_REF));
    jw_kv_text(&optin, "message_request", "accept");
    jw_close(&optin, '}');
    event_optin_of(act->world, act->page, act->thread, EVENT_OPTIN_MATCH, buf_view(&optin));
    buf_fini(&optin);
    return 0;
}
