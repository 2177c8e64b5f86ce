/* The Messenger Profile of a page (webhooks.md 4.1): get, set, delete. */
#include "graph/messenger_profile.h"

#include <stdio.h>
#include <string.h>

#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "world/page_extra.h"

/* Nested menus were refused from v8.0 on at once, and by every version two years later [documented]. */
#define FLAT_MENU_VERSION 800
#define FLAT_MENU_DATE CIVIL(2022, 8, 4)
#define NESTED_TOP_MAX 3
#define NESTED_DEPTH_MAX 3
#define DOMAINS_MAX 50

static const struct property {
    const char *name;
    enum field field;
    bool is_names; /* a list of texts, that may come as one with commas */
} properties[] = {
    { "get_started", F_PROFILE_STARTED, false },        { "greeting", F_PROFILE_GREETING, false },
    { "ice_breakers", F_PROFILE_ICE, false },           { "persistent_menu", F_PROFILE_MENU, false },
    { "whitelisted_domains", F_PROFILE_DOMAINS, true }, { "account_linking_url", F_PROFILE_LINKING, false },
    { "commands", F_PROFILE_COMMANDS, false },          { "description", F_PROFILE_ABOUT, false },
    { "title", F_PROFILE_TITLE, false },                { "home_url", F_PROFILE_HOME, false },
    { "payment_settings", F_PROFILE_PAYMENT, false },   { "target_audience", F_PROFILE_AUDIENCE, false },
};

#define PROPERTY_COUNT (sizeof properties / sizeof *properties)

/* What DELETE may name, as the platform lists it. */
#define DELETABLE "ACCOUNT_LINKING_URL, COMMANDS, DESCRIPTION, GET_STARTED, GREETING, HOME_URL, ICE_BREAKERS, PERSISTENT_MENU, PLATFORM, "                      \
    "SUBJECT_TO_NEW_EU_PRIVACY_RULES, TITLE, WHITELISTED_DOMAINS"

/* What POST wants one of, in the order that was seen in 2018; those that came later stand behind [inferred]. */
#define SETTABLE "get_started,persistent_menu,target_audience,whitelisted_domains,greeting,account_linking_url,payment_settings,home_url"
#define SETTABLE_LATER ",ice_breakers,commands"
#define LATER_FROM CIVIL(2020, 2, 4) /* [inferred] */

/* ---- texts of the page --------------------------------------------------------------------------------------------------------------- */

#define KEY_SIZE 64

static const char *
key_of(char key[KEY_SIZE], const char *property)
{
    snprintf(key, KEY_SIZE, "profile/%s", property);
    return key;
}

const char *
profile_get_text(const struct page *page, const char *property)
{
    char key[KEY_SIZE];

    return page_text(page, key_of(key, property));
}

void
profile_set_text(struct page *page, const char *property, struct str json)
{
    char key[KEY_SIZE];

    page_set_text(page, key_of(key, property), json);
}

/* ---- values as they are given back --------------------------------------------------------------------------------------------------------- */

static bool
is_boolean_key(struct str key)
{
    return str_eq_lit(key, "composer_input_disabled") || str_eq_lit(key, "messenger_extensions") || str_eq_lit(key, "in_test");
}

void
profile_put_value(struct buf *out, const struct jnode *value)
{
    bool truth;

    if (value->type != J_OBJECT && value->type != J_ARRAY) {
        jw_node(out, value, JW_GRAPH);
        return;
    }
    jw_open(out, value->type == J_OBJECT ? '{' : '[');
    for (const struct jnode *item = value->first; item != NULL; item = item->next) {
        if (value->type == J_OBJECT)
            jw_key_str(out, item->key, JW_GRAPH);
        else
            jw_item(out);
        if (value->type == J_OBJECT && is_boolean_key(item->key) && json_bool(item, &truth))
            buf_adds(out, truth ? "true" : "false");
        else
            profile_put_value(out, item);
    }
    jw_close(out, value->type == J_OBJECT ? '}' : ']');
}

/* Texts of a list or of a text with commas, as a JSON list. */
static void
profile_put_names(struct buf *out, const struct jnode *value)
{
    struct names names;
    struct str name;

    jw_open(out, '[');
    for (names_open(&names, value); names_next(&names, &name);) {
        jw_item(out);
        jw_string(out, name, JW_GRAPH);
    }
    jw_close(out, ']');
}

/* ---- checks ------------------------------------------------------------------------------------------------------------------------------- */

static enum graph_err
check_default_locale(struct call *c, const struct jnode *list, const char *param)
{
    call_saw(c, RULE_PROFILE_LOCALE);
    for (const struct jnode *item = list->first; item != NULL; item = item->next)
        if (str_eq_lit(json_text(json_get(item, "locale")), "default"))
            return ERR_NONE;
    return call_fail(c, RULE_PROFILE_LOCALE, ERR_DEFAULT_LOCALE, param, NULL);
}

/* scheme://host[:port]/...: the host. */
static struct str
host_of(struct str url)
{
    struct str rest = str_from(url, str_starts_lit(url, "https://") ? 8 : str_starts_lit(url, "http://") ? 7 : 0);
    size_t n = 0;

    while (n < rest.n && strchr("/?#", rest.s[n]) == NULL)
        n++;
    return (struct str){ rest.s, n };
}

static bool
is_among(const struct jnode *domains, struct str host)
{
    struct names names;
    struct str name;

    for (names_open(&names, domains); names_next(&names, &name);)
        if (str_eq_nocase(host_of(name), host))
            return true;
    return false;
}

/* Whether a call before this one has whitelisted the domain of the address. */
static bool
is_whitelisted(struct call *c, struct str url)
{
    const char *text = profile_get_text(c->page, "whitelisted_domains");

    return text != NULL && is_among(json_read(c->arena, str_of(text), 0, NULL), host_of(url));
}

/* As for the buttons of messages: extensions want https and a whitelisted domain, which this very call may name [inferred]. */
static enum graph_err
check_extensions(struct call *c, const struct jnode *item)
{
    struct str url = json_text(json_get(item, "url"));
    bool has_extensions = false;

    json_bool(json_get(item, "messenger_extensions"), &has_extensions);
    if (!has_extensions)
        return ERR_NONE;
    call_saw(c, RULE_FORM_WHITELIST);
    if (str_starts_lit(url, "https://") && (is_whitelisted(c, url) || is_among(field(c, F_PROFILE_DOMAINS), host_of(url))))
        return ERR_NONE;
    return call_fail(c, RULE_FORM_WHITELIST, ERR_NOT_WHITELISTED, NULL);
}

static enum graph_err check_items(struct call *c, const struct jnode *items, unsigned depth, bool is_flat);

static enum graph_err
check_item(struct call *c, const struct jnode *item, unsigned depth, bool is_flat)
{
    struct str type = json_text(json_get(item, "type"));
    const struct jnode *nested = json_get(item, "call_to_actions");

    call_saw(c, RULE_PROFILE_MENU);
    if (str_eq_lit(type, "nested") || nested != NULL) {
        if (is_flat)
            return call_fail(c, RULE_PROFILE_MENU, c->as_of < FLAT_MENU_DATE ? ERR_NESTED_MENU : ERR_INVALID_BUTTON_TYPE, NULL);
        if (depth == NESTED_DEPTH_MAX || nested == NULL)
            return call_fail(c, RULE_PROFILE_MENU, ERR_INVALID_BUTTON_TYPE, NULL);
        return check_items(c, nested, depth + 1, is_flat);
    }
    if (str_eq_lit(type, "postback")) {
        call_saw(c, RULE_FORM_BUTTON_PAYLOAD);
        return json_text(json_get(item, "payload")).n > 0 ? ERR_NONE
                                                          : call_fail(c, RULE_FORM_BUTTON_PAYLOAD, ERR_POSTBACK_PAYLOAD_EMPTY, NULL);
    }
    if (str_eq_lit(type, "web_url")) {
        call_saw(c, RULE_FORM_BUTTON_URL);
        return json_get(item, "url") != NULL ? check_extensions(c, item) : call_fail(c, RULE_FORM_BUTTON_URL, ERR_BUTTON_URL_EMPTY, NULL);
    }
    return call_fail(c, RULE_PROFILE_MENU, ERR_INVALID_BUTTON_TYPE, NULL);
}

static enum graph_err
check_items(struct call *c, const struct jnode *items, unsigned depth, bool is_flat)
{
    enum graph_err error = ERR_NONE;

    for (const struct jnode *item = items != NULL ? items->first : NULL; item != NULL && error == ERR_NONE; item = item->next)
        error = check_item(c, item, depth, is_flat);
    return error;
}

enum graph_err
profile_check_menu(struct call *c, const struct jnode *menu)
{
    const bool is_flat = c->version >= FLAT_MENU_VERSION || c->as_of >= FLAT_MENU_DATE;
    enum graph_err error = check_default_locale(c, menu, "persistent_menu");
    unsigned index = 0;

    for (const struct jnode *locale = menu->first; locale != NULL && error == ERR_NONE; locale = locale->next, index++) {
        const struct jnode *items = json_get(locale, "call_to_actions");

        if (items != NULL && !is_flat && items->count > NESTED_TOP_MAX)
            return call_fail(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, call_printf(c, "persistent_menu[%u][call_to_actions]", index), NULL);
        error = check_items(c, items, 1, is_flat);
    }
    return error;
}

static bool
is_domain(struct str url)
{
    struct str host = host_of(url);
    bool has_letter = false, has_dot = false;

    if (!str_starts_lit(url, "https://") || host.n == 0 || host.s[0] == '[' || host.s[0] == '.')
        return false;
    for (size_t i = 0; i < host.n && host.s[i] != ':'; i++) {
        unsigned char b = (unsigned char)host.s[i];

        has_letter |= b > '9';
        has_dot |= b == '.';
        if (b <= ' ')
            return false;
    }
    return has_letter && has_dot;
}

enum graph_err
profile_check_domains(struct call *c, const struct jnode *domains)
{
    struct names names;
    struct str name;
    unsigned index = 0;

    call_saw(c, RULE_FORM_URL);
    for (names_open(&names, domains); names_next(&names, &name); index++)
        if (!is_domain(name))
            return call_fail(c, RULE_FORM_URL, ERR_BAD_URL, call_printf(c, "whitelisted_domains[%u]", index), NULL);
    call_saw(c, RULE_FORM_TOO_MANY);
    return index <= DOMAINS_MAX ? ERR_NONE : call_fail(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, "whitelisted_domains", NULL);
}

/* Both forms of ice breakers: by locale, or flat as before 2022-04-19. */
static enum graph_err
check_ice_breakers(struct call *c, const struct jnode *list)
{
    if (json_get(list->first, "call_to_actions") != NULL)
        return check_default_locale(c, list, "ice_breakers");
    call_saw(c, RULE_FORM_TOO_MANY);
    if (list->count > 4)
        return call_fail(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, "ice_breakers", NULL);
    unsigned index = 0;
    for (const struct jnode *item = list->first; item != NULL; item = item->next, index++) {
        call_saw(c, RULE_FORM_REQUIRED);
        if (json_get(item, "question") == NULL || json_get(item, "payload") == NULL)
            return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED,
                             call_printf(c, "ice_breakers[%u][%s]", index, json_get(item, "question") == NULL ? "question" : "payload"), NULL);
    }
    return ERR_NONE;
}

/* The domain must have been whitelisted by a call before [observed]. */
static enum graph_err
check_home_url(struct call *c, const struct jnode *home)
{
    call_saw(c, RULE_PROFILE_WHITELIST);
    if (is_whitelisted(c, json_text(json_get(home, "url"))))
        return ERR_NONE;
    return call_fail(c, RULE_PROFILE_WHITELIST, ERR_HOME_URL_NOT_WHITELISTED, NULL);
}

enum graph_err
profile_check_menu_place(struct call *c)
{
    call_saw(c, RULE_PROFILE_PRIMARY);
    if (c->page->default_app != INDEX_NONE && c->page->default_app != c->app_index)
        return call_fail(c, RULE_PROFILE_PRIMARY, ERR_PRIMARY_APP, NULL);
    call_saw(c, RULE_PROFILE_GET_STARTED);
    if (field(c, F_PROFILE_STARTED) == NULL && profile_get_text(c->page, "get_started") == NULL)
        return call_fail(c, RULE_PROFILE_GET_STARTED, ERR_GET_STARTED_NEEDED, NULL);
    return ERR_NONE;
}

static enum graph_err
check_profile(struct call *c)
{
    enum graph_err error = ERR_NONE;
    struct str linking = field_text(c, F_PROFILE_LINKING);

    if (field(c, F_PROFILE_GREETING) != NULL)
        error = check_default_locale(c, field(c, F_PROFILE_GREETING), "greeting");
    if (error == ERR_NONE && field(c, F_PROFILE_ICE) != NULL)
        error = check_ice_breakers(c, field(c, F_PROFILE_ICE));
    if (error == ERR_NONE && field(c, F_PROFILE_MENU) != NULL)
        error = profile_check_menu(c, field(c, F_PROFILE_MENU));
    if (error == ERR_NONE && field(c, F_PROFILE_MENU) != NULL)
        error = profile_check_menu_place(c);
    if (error == ERR_NONE && field(c, F_PROFILE_DOMAINS) != NULL)
        error = profile_check_domains(c, field(c, F_PROFILE_DOMAINS));
    if (error == ERR_NONE && linking.s != NULL && !str_starts_lit(linking, "https://"))
        error = call_fail(c, RULE_FORM_URL, ERR_BAD_URL, "account_linking_url", NULL);
    if (error == ERR_NONE && field(c, F_PROFILE_HOME) != NULL)
        error = check_home_url(c, field(c, F_PROFILE_HOME));
    return error;
}

/* ---- the calls ------------------------------------------------------------------------------------------------------------------------------ */

static const struct property *
property_named(struct str name)
{
    for (size_t i = 0; i < PROPERTY_COUNT; i++)
        if (str_eq_nocase(name, str_of(properties[i].name)))
            return &properties[i];
    return NULL;
}

/* Read only, or of another platform: known, and never set here. */
static bool
is_never_set(struct str name)
{
    return str_eq_nocase(name, STR("subject_to_new_eu_privacy_rules")) || str_eq_nocase(name, STR("platform"));
}

static enum graph_err
check_platform(struct call *c)
{
    struct str platform = call_text(c, "platform");

    if (platform.n == 0 || str_eq_nocase(platform, STR("messenger")))
        return ERR_NONE;
    call_saw(c, RULE_FORM_ENUM);
    if (!str_eq_nocase(platform, STR("instagram")))
        return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, "platform", "INSTAGRAM, MESSENGER", arena_strndup(c->arena, platform.s, platform.n), NULL);
    return call_fail(c, RULE_AUTH_OBJECT, ERR_IG_NOT_LINKED, NULL);
}

/* Everything that was asked for stands in one object; without `fields` all that is set (clients.md 4.4). */
enum graph_err
messenger_profile_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    struct names names;
    struct str name;
    unsigned written = 0;
    enum graph_err error = check_platform(c);
    const struct jnode *wanted = call_param(c, "fields");
    bool is_told[PROPERTY_COUNT] = { false }; /* an object has no name twice */

    if (error != ERR_NONE)
        return error;
    buf_adds(out, "{\"data\":[");
    for (size_t i = 0; i < PROPERTY_COUNT && wanted == NULL; i++) {
        const char *text = profile_get_text(c->page, properties[i].name);

        if (text != NULL) {
            buf_adds(out, written++ == 0 ? "{" : "");
            jw_kv_raw(out, properties[i].name, str_of(text));
        }
    }
    for (names_open(&names, wanted); names_next(&names, &name);) {
        const struct property *property = property_named(name);
        const char *text = property != NULL ? profile_get_text(c->page, property->name) : NULL;

        if (property == NULL && !is_never_set(name))
            return node_no_field(c, name);
        if (text != NULL && !is_told[property - properties]) {
            is_told[property - properties] = true;
            buf_adds(out, written++ == 0 ? "{" : "");
            jw_kv_raw(out, property->name, str_of(text));
        }
    }
    buf_adds(out, written > 0 ? "}]}" : "]}");
    return ERR_NONE;
}

enum graph_err
messenger_profile_post(struct call *c)
{
    enum graph_err error = check_platform(c);
    unsigned given = 0;

    for (size_t i = 0; i < PROPERTY_COUNT; i++)
        given += field(c, properties[i].field) != NULL;
    if (error == ERR_NONE && given == 0)
        error = call_fail(c, RULE_FORM_REQUIRED, ERR_PROFILE_EMPTY, c->as_of < LATER_FROM ? SETTABLE : SETTABLE SETTABLE_LATER, NULL);
    if (error == ERR_NONE)
        error = check_profile(c);
    if (error != ERR_NONE)
        return error;
    for (size_t i = 0; i < PROPERTY_COUNT; i++) {
        const struct jnode *value = field(c, properties[i].field);
        struct buf json = { 0 };

        if (value == NULL)
            continue;
        if (properties[i].is_names)
            profile_put_names(&json, value);
        else
            profile_put_value(&json, value);
        /* An empty list takes all of it back: what is not set is not shown. */
        profile_set_text(c->page, properties[i].name, json.n == 2 && json.s[0] == '[' ? STR_NONE : buf_view(&json));
        buf_fini(&json);
    }
    buf_adds(&c->reply->body, "{\"result\":\"success\"}");
    return ERR_NONE;
}

static enum graph_err
check_deletion(struct call *c, const struct jnode *fields)
{
    struct names names;
    struct str name;
    unsigned index = 0;
    bool takes_started = false, takes_menu = false;

    call_saw(c, RULE_FORM_REQUIRED);
    if (fields == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "fields", NULL);
    call_saw(c, RULE_FORM_ENUM);
    for (names_open(&names, fields); names_next(&names, &name); index++) {
        if (property_named(name) == NULL && !is_never_set(name))
            return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, call_printf(c, "fields[%u]", index), DELETABLE,
                             arena_strndup(c->arena, name.s, name.n), NULL);
        takes_started |= str_eq_nocase(name, STR("get_started"));
        takes_menu |= str_eq_nocase(name, STR("persistent_menu"));
    }
    call_saw(c, RULE_PROFILE_GET_STARTED);
    if (takes_started && !takes_menu && profile_get_text(c->page, "persistent_menu") != NULL)
        return call_fail(c, RULE_PROFILE_GET_STARTED, ERR_GET_STARTED_NEEDED, NULL);
    return ERR_NONE;
}

enum graph_err
messenger_profile_delete(struct call *c)
{
    const struct jnode *fields = call_param(c, "fields");
    enum graph_err error = check_platform(c);
    struct names names;
    struct str name;

    if (error == ERR_NONE)
        error = check_deletion(c, fields);
    if (error != ERR_NONE)
        return error;
    for (names_open(&names, fields); names_next(&names, &name);) {
        const struct property *property = property_named(name);

        if (property != NULL)
            profile_set_text(c->page, property->name, STR_NONE);
    }
    buf_adds(&c->reply->body, "{\"result\":\"success\"}");
    return ERR_NONE;
}
