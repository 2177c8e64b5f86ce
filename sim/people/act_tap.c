/* Taps: buttons, menus, opt-ins, log-ins (webhooks.md 2.7, 2.8, 2.10, 3.4, 3.12, 3.13). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "people/act_family.h"
#include "world/page_extra.h"

#define OTN_LIFE_MS (365 * DAY)
#define FREQUENCY_UNTIL CIVIL(2023, 2, 2) /* v16.0 [documented] */
#define TOKENS_EXPIRE_UNTIL                                                                        \
    CIVIL(2023, 8, 10) /* from then on they do not [documented: send.md 5.2] */
#define TOKEN_NEVER_EXPIRES INT64_C(2145916800000) /* what a recorded sample shows */
#define LINK_TOKEN_LIFE_MS (5 * MINUTE)

/* ---- postbacks --------------------------------------------------------------------------------------------------------------------- */

static bool
button_fits(const struct act *act, const json_t *button, const char *type)
{
    struct str payload = act_text(act, AF_PAYLOAD), title = act_text(act, AF_TITLE);

    if (!str_eq(json_member(button, "type"), str_of(type)))
        return false;
    return (payload.s == NULL || str_eq(payload, json_member(button, "payload"))) &&
           (title.s == NULL || str_eq(title, json_member(button, "title")));
}

static const json_t *
button_in(const struct act *act, const json_t *buttons, const char *type)
{
    for (size_t i = 0; i < json_array_size(buttons); i++)
        if (button_fits(act, json_array_get(buttons, i), type))
            return json_array_get(buttons, i);
    return NULL;
}

/* Buttons stand at a template or at its elements. */
static const json_t *
find_button(const struct act *act, const json_t *message, const char *type)
{
    const json_t *payload = message_template(message, NULL);
    const json_t *elements = json_object_get(payload, "elements");
    const json_t *found = button_in(act, json_object_get(payload, "buttons"), type);

    for (size_t i = 0; found == NULL && i < json_array_size(elements); i++) {
        const json_t *element = json_array_get(elements, i),
                     *action = json_object_get(element, "default_action");

        found = button_in(act, json_object_get(element, "buttons"), type);
        if (found == NULL && action != NULL && button_fits(act, action, type))
            found = action;
    }
    return found;
}

static const json_t *
find_postback(const struct act *act, const json_t *message)
{
    return find_button(act, message, "postback");
}

/* The tap leaves its title as a bubble of the person; what brought the person here goes with it. */
static void
tap(struct act *act, struct str title, struct str payload, uint32_t maker)
{
    struct buf bubble = {0}, referral = {0};
    bool is_ad = false, came = false;

    if (act_has(act, AF_REFERRAL)) {
        put_json(&referral, act_json(act, AF_REFERRAL), JW_GRAPH);
        is_ad = str_eq_lit(json_member(act_json(act, AF_REFERRAL), "source"), "ADS");
        came = true;
    } else if (act_has(act, AF_REF)) {
        put_referral(&referral, act, "SHORTLINK");
        came = true;
    } else {
        came = arrival_take(act, &referral, &is_ad);
    }
    if (came && is_ad)
        thread_extra(act->thread)->ad_message = act->world->now;
    jw_open(&bubble, '{');
    jw_kv_str(&bubble, "text", title);
    jw_close(&bubble, '}');
    uint64_t number = world_add_message(act->world, act->thread, INDEX_NONE, 0, buf_view(&bubble));
    made_mid(act, number);
    jw_kv_str(&act->made, "payload", payload);
    event_postback(act->world, act->thread, number, title, payload,
                   came ? buf_view(&referral) : STR_NONE, maker);
    buf_fini(&bubble);
    buf_fini(&referral);
}

int
act_postback(struct act *act)
{
    struct str payload = act_text(act, AF_PAYLOAD), title = act_text(act, AF_TITLE);
    const json_t *button;
    json_t *json;
    struct message *message = act_newest_fitting(act, find_postback, &json, &button);

    if (button == NULL && payload.s == NULL)
        return act_refuse(
            act,
            "postback: the page has sent no postback button that fits, and no payload was given");
    if (button != NULL)
        tap(act, json_member(button, "title").s != NULL ? json_member(button, "title") : STR(""),
            json_member(button, "payload"), message->app);
    else
        tap(act, title.s != NULL ? title : STR(""), payload, INDEX_NONE);
    json_decref(json);
    return 0;
}

/* What the button says in the person's language [observed: the localised label]. */
static struct str
started_title(const struct act *act)
{
    static const struct {
        const char *language, *title;
    } titles[] = {{"tr", "Başlayın"}, {"ar", "بدء الاستخدام"}, {"ru", "Начать"},
                  {"fi", "Aloita"},   {"de", "Los geht’s"},    {"fr", "Démarrer"},
                  {"es", "Empezar"},  {"pt", "Começar"},       {"it", "Inizia"}};
    struct person person;

    thread_person(act->world, act->thread, &person);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (person.locale != NULL && strncmp(person.locale, titles[i].language, 2) == 0)
            return str_of(titles[i].title);
    return STR("Get Started");
}

/* A property of the page's profile as jansson, NULL when it is not set. */
static json_t *
profile_new(const struct act *act, const char *property)
{
    char key[64];

    snprintf(key, sizeof key, "profile/%s", property);
    const char *text = page_text(act->page, key);

    return text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

int
act_get_started(struct act *act)
{
    json_t *button = profile_new(act, "get_started");
    struct str payload = act_text(act, AF_PAYLOAD);

    if (payload.s == NULL)
        payload = json_member(button, "payload");
    tap(act, act_has(act, AF_TITLE) ? act_text(act, AF_TITLE) : started_title(act),
        payload.s != NULL ? payload : STR("GET_STARTED"), INDEX_NONE);
    json_decref(button);
    return 0;
}

/* NOLINTBEGIN(misc-no-recursion): the platform bounds the depth of menus. */

/* The first postback item that fits, in any locale, in any depth. */
static const json_t *
menu_item(const struct act *act, const json_t *items)
{
    const json_t *found = button_in(act, items, "postback");

    for (size_t i = 0; found == NULL && i < json_array_size(items); i++)
        found = menu_item(act, json_object_get(json_array_get(items, i), "call_to_actions"));
    return found;
}

/* NOLINTEND(misc-no-recursion) */

/* The menu that this person sees: their own, or the page's. */
static json_t *
menu_new(const struct act *act)
{
    char key[64];

    snprintf(key, sizeof key, "user_settings/%llu/persistent_menu",
             (unsigned long long)act->thread->psid);
    const char *own = page_text(act->page, key);
    return own != NULL ? json_loads(own, JSON_DECODE_ANY, NULL)
                       : profile_new(act, "persistent_menu");
}

int
act_menu(struct act *act)
{
    json_t *menu = menu_new(act);
    const json_t *item = menu_item(act, menu);
    struct str payload = act_text(act, AF_PAYLOAD), title = act_text(act, AF_TITLE);

    if (item == NULL && payload.s == NULL) {
        json_decref(menu);
        return act_refuse(act, "menu: the page's persistent menu has no postback that fits, and no "
                               "payload was given");
    }
    if (item != NULL)
        tap(act, json_member(item, "title"), json_member(item, "payload"), INDEX_NONE);
    else
        tap(act, title.s != NULL ? title : STR(""), payload, INDEX_NONE);
    json_decref(menu);
    return 0;
}

/* NOLINTBEGIN(misc-no-recursion): one list in another. */

static const json_t *
ice_breaker(const struct act *act, const json_t *items)
{
    struct str payload = act_text(act, AF_PAYLOAD);
    struct str question =
        act_has(act, AF_QUESTION) ? act_text(act, AF_QUESTION) : act_text(act, AF_TITLE);
    const json_t *found = NULL;

    for (size_t i = 0; found == NULL && i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);

        if (json_object_get(item, "call_to_actions") != NULL)
            found = ice_breaker(act, json_object_get(item, "call_to_actions"));
        else if ((payload.s == NULL || str_eq(payload, json_member(item, "payload"))) &&
                 (question.s == NULL || str_eq(question, json_member(item, "question"))))
            found = item;
    }
    return found;
}

/* NOLINTEND(misc-no-recursion) */

int
act_ice_breaker(struct act *act)
{
    json_t *items = profile_new(act, "ice_breakers");
    const json_t *item = ice_breaker(act, items);
    struct str payload = act_text(act, AF_PAYLOAD);
    struct str question =
        act_has(act, AF_QUESTION) ? act_text(act, AF_QUESTION) : act_text(act, AF_TITLE);

    if (item == NULL && payload.s == NULL) {
        json_decref(items);
        return act_refuse(
            act, "ice_breaker: the page has no ice breaker that fits, and no payload was given");
    }
    if (item != NULL)
        tap(act, json_member(item, "question"), json_member(item, "payload"), INDEX_NONE);
    else
        tap(act, question.s != NULL ? question : STR(""), payload, INDEX_NONE);
    json_decref(items);
    return 0;
}

/* ---- one-time notifications ------------------------------------------------------------------------------------------------------------- */

static const json_t *
payload_fits(const struct act *act, const json_t *template)
{
    struct str payload = act_text(act, AF_PAYLOAD);

    return template != NULL &&
                   (payload.s == NULL || str_eq(payload, json_member(template, "payload")))
               ? template
               : NULL;
}

static const json_t *
find_one_time(const struct act *act, const json_t *message)
{
    return payload_fits(act, message_template(message, "one_time_notif_req"));
}

int
act_notify_me(struct act *act)
{
    const json_t *template;
    json_t *json;
    struct message *message = act_newest_fitting(act, find_one_time, &json, &template);
    struct buf optin = {0};

    if (message == NULL)
        return act_refuse(
            act,
            "notify_me: the page has sent this person no one-time notification request that fits");
    struct node *token = world_add_node(act->world, NODE_OTN_TOKEN, NULL, act->page_index);
    token->app = message->app;
    token->thread = act->thread->index;
    token->until = act->world->now + OTN_LIFE_MS;
    struct str payload = json_member(template, "payload");
    node_set_text(token, payload.s != NULL ? payload : STR(""));
    node_set_text2(token, json_member(template, "title").s != NULL ? json_member(template, "title")
                                                                   : STR(""));

    jw_open(&optin, '{');
    jw_kv_text(&optin, "type", "one_time_notif_req");
    jw_kv_str(&optin, "payload", str_of(token->text));
    jw_kv_text(&optin, "one_time_notif_token", token->id);
    jw_close(&optin, '}');
    event_optin_of(act->world, act->page, act->thread, EVENT_OPTIN_ONE_TIME, buf_view(&optin));
    jw_kv_text(&act->made, "one_time_notif_token", token->id);
    jw_kv_str(&act->made, "payload", str_of(token->text));
    buf_fini(&optin);
    json_decref(json);
    return 0;
}

/* ---- recurring notifications ------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    ms_t life;
} frequencies[] = {{"DAILY", 183 * DAY}, {"WEEKLY", 274 * DAY}, {"MONTHLY", 365 * DAY}};
#define FREQUENCIES (sizeof frequencies / sizeof *frequencies)

static unsigned
frequency_of(struct str name)
{
    unsigned i = 0;

    while (i < FREQUENCIES && !str_eq(name, str_of(frequencies[i].name)))
        i++;
    return i;
}

static const json_t *
find_recurring(const struct act *act, const json_t *message)
{
    return payload_fits(act, message_template(message, "notification_messages"));
}

/* The person's token of that title (STR_NONE: of any), the newest. */
static struct node *
recurring_token(const struct act *act, struct str title)
{
    for (uint32_t i = act->world->node_count; i-- > 0;) {
        struct node *node = act->world->nodes[i];

        if (node->kind == NODE_RN_TOKEN && !node->is_deleted &&
            node->thread == act->thread->index &&
            (title.s == NULL || (node->text2 != NULL && str_eq(title, str_of(node->text2)))))
            return node;
    }
    return NULL;
}

static struct str
timezone_of(const struct act *act, const json_t *template)
{
    struct str zone = act_has(act, AF_TIMEZONE)
                          ? act_text(act, AF_TIMEZONE)
                          : json_member(template, "notification_messages_timezone");

    return zone.s != NULL ? zone : STR("UTC");
}

/* status NULL: an opt-in. */
static void
send_recurring(struct act *act, const struct node *token, bool is_refreshed, struct str zone,
               const char *status)
{
    struct buf optin = {0};
    ms_t date = world_policy_date(act->world);

    jw_open(&optin, '{');
    jw_kv_text(&optin, "type", "notification_messages");
    jw_kv_str(&optin, "payload", str_of(token->text));
    jw_kv_str(&optin, "title", str_of(token->text2));
    jw_kv_text(&optin, "notification_messages_token", token->id);
    if (date < FREQUENCY_UNTIL)
        jw_kv_text(&optin, "notification_messages_frequency", frequencies[token->a].name);
    jw_kv_str(&optin, "notification_messages_timezone", zone);
    jw_kv_int(&optin, "token_expiry_timestamp",
              token->until == MS_ALWAYS ? TOKEN_NEVER_EXPIRES : token->until);
    jw_kv_text(&optin, "user_token_status", is_refreshed ? "REFRESHED" : "NOT_REFRESHED");
    if (status != NULL)
        jw_kv_text(&optin, "notification_messages_status", status);
    if (status == NULL && act_has(act, AF_REF)) { /* by an m.me/rn/ link */
        jw_kv_str(&optin, "ref", act_text(act, AF_REF));
        jw_kv_text(&optin, "source", "SHORTLINK");
        jw_kv_str(&optin, "notification_messages_topic", str_of(token->text2));
    }
    jw_close(&optin, '}');
    event_optin_of(act->world, act->page, act->thread,
                   status != NULL ? EVENT_OPTIN_STOP : EVENT_OPTIN_RECURRING, buf_view(&optin));
    jw_kv_text(&act->made, "notification_messages_token", token->id);
    buf_fini(&optin);
}

static struct node *
new_recurring_token(struct act *act, uint32_t app, struct str payload, struct str title)
{
    struct node *token = world_add_node(act->world, NODE_RN_TOKEN, NULL, act->page_index);

    token->app = app;
    token->thread = act->thread->index;
    node_set_text(token, payload);
    node_set_text2(token, title);
    return token;
}

int
act_opt_in(struct act *act)
{
    const json_t *template;
    json_t *json;
    struct str name = act_text(act, AF_FREQUENCY);
    struct message *message = act_newest_fitting(act, find_recurring, &json, &template);
    struct str payload =
        message != NULL ? json_member(template, "payload") : act_text(act, AF_PAYLOAD);
    struct str title = message != NULL ? json_member(template, "title") : act_text(act, AF_TITLE);

    if (name.s == NULL)
        name = json_member(template, "notification_messages_frequency");
    unsigned frequency = name.s != NULL ? frequency_of(name) : 0;
    if (message == NULL && payload.s == NULL)
        return act_refuse(act, "opt_in: the page has sent this person no notification_messages "
                               "template that fits, and no payload was given");
    if (frequency == FREQUENCIES) {
        json_decref(json);
        return act_refuse(act, "/frequency: expected DAILY, WEEKLY or MONTHLY");
    }
    if (title.s == NULL)
        title = STR(
            "Updates and promotions"); /* the default of the template [documented: send.md 5.2] */
    struct node *token = recurring_token(act, title);
    bool is_refreshed = token != NULL;
    if (token == NULL)
        token = new_recurring_token(act, message != NULL ? message->app : INDEX_NONE,
                                    payload.s != NULL ? payload : STR(""), title);
    token->a = frequency;
    token->until = world_policy_date(act->world) < TOKENS_EXPIRE_UNTIL
                       ? act->world->now + frequencies[frequency].life
                       : MS_ALWAYS;
    token->is_stopped = false;
    act->thread->flags &= ~(uint32_t)THREAD_OPTED_OUT;
    send_recurring(act, token, is_refreshed, timezone_of(act, template), NULL);
    json_decref(json);
    return 0;
}

static struct node *
named_token(struct act *act)
{
    struct str id = act_text(act, AF_TOKEN);

    return id.s != NULL ? world_find_node(act->world, NODE_RN_TOKEN, id)
                        : recurring_token(act, act_text(act, AF_TITLE));
}

static int
switch_notifications(struct act *act, bool is_stopped)
{
    struct node *token = named_token(act);

    if (token == NULL && (act_has(act, AF_TOKEN) || act_has(act, AF_TITLE)))
        return act_refuse(act, "%s: the person has no such notifications", act->row->name);
    if (token != NULL && token->is_stopped == is_stopped &&
        (act_has(act, AF_TOKEN) || act_has(act, AF_TITLE)))
        return act_refuse(act, "%s: these notifications are %s already", act->row->name,
                          is_stopped ? "stopped" : "on");
    if (is_stopped)
        act->thread->flags |= THREAD_OPTED_OUT;
    else
        act->thread->flags &= ~(uint32_t)THREAD_OPTED_OUT;
    if (token == NULL) { /* not of one topic but of all */
        thread_extra(act->thread)->opted_out_at = is_stopped ? act->world->now : MS_NEVER;
        act->thread->extra->run_at_opt_out = act->thread->page_run;
        act->thread->extra->sent_since_opt_out = 0;
    }
    if (token == NULL || token->is_stopped == is_stopped)
        return 0;
    token->is_stopped = is_stopped;
    send_recurring(act, token, false, STR("UTC"),
                   is_stopped ? "STOP NOTIFICATIONS" : "RESUME NOTIFICATIONS");
    return 0;
}

int
act_stop(struct act *act)
{
    return switch_notifications(act, true);
}

int
act_resume(struct act *act)
{
    return switch_notifications(act, false);
}

/* ---- coupons ---------------------------------------------------------------------------------------------------------------------------- */

/* A coupon stands in the thread as a carousel with one button that has a code. */
static const json_t *
find_coupon(const struct act *act, const json_t *message)
{
    const json_t *element =
        json_array_get(json_object_get(message_template(message, "generic"), "elements"), 0);
    const json_t *button = json_array_get(json_object_get(element, "buttons"), 0);

    (void)act;
    return json_object_get(button, "coupon_code") != NULL ? button : NULL;
}

int
act_marketing_click(struct act *act)
{
    uint64_t number = 0;
    struct message *message;

    if (act_has(act, AF_MID) && act_find_message(act, AF_MID, "last", &number, &message) < 0)
        return -1;
    const struct node *sent = event_marketing_newest(act->world, act->thread, number);
    if (sent == NULL)
        return act_refuse(
            act, "marketing_click: the page has sent this person no such marketing message");
    made_mid(act, sent->a);
    event_marketing(act->world, act->thread, EVENT_MARKETING_CLICK, sent, act->world->now);
    return 0;
}

int
act_coupon_reveal(struct act *act)
{
    const json_t *coupon;
    json_t *json;
    struct buf item = {0};

    if (act_newest_fitting(act, find_coupon, &json, &coupon) == NULL)
        return act_refuse(act, "coupon_reveal: the page has sent this person no coupon");
    struct str payload = json_member(coupon, "payload"), code = json_member(coupon, "coupon_code");
    jw_open(&item, '{');
    jw_kv_text(&item, "type", "coupon");
    if (code.s != NULL)
        jw_kv_str(&item, "coupon_code", code);
    if (payload.s != NULL)
        jw_kv_str(&item, "payload", payload);
    jw_close(&item, '}');
    event_plain(act->world, act->thread, EVENT_COUPON_REVEAL, "template", buf_view(&item));
    if (code.s != NULL)
        jw_kv_str(&act->made, "coupon_code", code);
    buf_fini(&item);
    json_decref(json);
    return 0;
}

/* ---- account linking ------------------------------------------------------------------------------------------------------------------------ */

/* Whether an account is linked is remembered in a node that lives as long as the link. */
static struct node *
account_link(const struct act *act)
{
    char id[40];

    snprintf(id, sizeof id, "link:%llu", (unsigned long long)act->thread->psid);
    struct node *node = world_find_node(act->world, NODE_OTHER, str_of(id));
    if (node == NULL)
        node = world_add_node(act->world, NODE_OTHER, id, act->page_index);
    return node;
}

int
act_link_account(struct act *act)
{
    struct buf json = {0};
    char code[33];

    account_link(act)->a = 1;
    struct node *token = world_add_node(act->world, NODE_LINK_TOKEN, NULL, act->page_index);
    token->thread = act->thread->index;
    token->until = act->world->now + LINK_TOKEN_LIFE_MS;
    id_text(code, sizeof code - 1, act->world->key, ID_TOKEN, token->index, false);
    struct str given = act_has(act, AF_CODE) ? act_text(act, AF_CODE) : str_of(code);
    jw_open(&json, '{');
    jw_kv_text(&json, "status", "linked");
    jw_kv_str(&json, "authorization_code", given);
    jw_close(&json, '}');
    event_plain(act->world, act->thread, EVENT_ACCOUNT_LINKING, "account_linking", buf_view(&json));
    jw_kv_str(&act->made, "authorization_code", given);
    jw_kv_text(&act->made, "account_linking_token", token->id);
    buf_fini(&json);
    return 0;
}

int
act_unlink_account(struct act *act)
{
    struct node *link = account_link(act);

    if (link->a == 0)
        return act_refuse(act, "unlink_account: no account is linked");
    link->a = 0;
    event_plain(act->world, act->thread, EVENT_ACCOUNT_LINKING, "account_linking",
                STR("{\"status\":\"unlinked\"}"));
    return 0;
}
