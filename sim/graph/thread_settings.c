/* thread_settings: how the profile was set until messenger_profile took its place; it answers in sentences that clients compare (clients.md 4.4). */
#include <string.h>

#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/messenger_profile.h"
#include "graph/node.h"

static enum graph_err
answer(struct call *c, const char *sentence)
{
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "result", sentence);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

static enum graph_err
set_greeting(struct call *c)
{
    struct str text = field_text(c, F_SETTINGS_GREETING_TEXT);
    struct buf json = { 0 };

    call_saw(c, RULE_FORM_REQUIRED);
    if (text.s == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "greeting", NULL);
    buf_adds(&json, "[{\"locale\":\"default\"");
    jw_kv_str(&json, "text", text);
    buf_adds(&json, "}]");
    profile_set_text(c->page, "greeting", buf_view(&json));
    buf_fini(&json);
    return answer(c, "Successfully updated greeting");
}

/* The Get Started button: one item with a payload. (A message in its place was the welcome message of the first months; it is kept like a payload.) */
static enum graph_err
set_started(struct call *c, const struct jnode *actions)
{
    const struct jnode *item = actions->type == J_ARRAY ? actions->first : actions;
    struct str payload = json_text(json_get(item, "payload"));
    struct buf json = { 0 };

    if (item == NULL) {
        profile_set_text(c->page, "get_started", STR_NONE);
        return answer(c, "Successfully removed all new_thread's CTAs");
    }
    call_saw(c, RULE_FORM_REQUIRED);
    if (payload.n == 0 && json_get(item, "message") == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "call_to_actions[0][payload]", NULL);
    jw_open(&json, '{');
    jw_kv_str(&json, "payload", payload.n > 0 ? payload : STR("GET_STARTED"));
    jw_close(&json, '}');
    profile_set_text(c->page, "get_started", buf_view(&json));
    buf_fini(&json);
    return answer(c, "Successfully added new_thread's CTAs");
}

#define MENU_ITEMS_MAX 5

static enum graph_err
check_menu_items(struct call *c, const struct jnode *actions)
{
    unsigned index = 0;

    call_saw(c, RULE_FORM_TOO_MANY);
    if (actions->type == J_ARRAY && actions->count > MENU_ITEMS_MAX)
        return call_fail(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, "call_to_actions", NULL);
    for (const struct jnode *item = actions->type == J_ARRAY ? actions->first : actions; item != NULL; item = item->next, index++) {
        struct str type = json_text(json_get(item, "type"));

        /* Nested menus came with the Messenger Profile, not here [observed 2017]. */
        call_saw(c, RULE_FORM_KEYS);
        if (json_get(item, "call_to_actions") != NULL)
            return call_fail(c, RULE_FORM_KEYS, ERR_INVALID_KEYS, "call_to_actions", call_printf(c, "call_to_actions[%u]", index), NULL);
        call_saw(c, RULE_PROFILE_MENU);
        if (!str_eq_lit(type, "postback") && !str_eq_lit(type, "web_url"))
            return call_fail(c, RULE_PROFILE_MENU, ERR_INVALID_BUTTON_TYPE, NULL);
        call_saw(c, RULE_FORM_REQUIRED);
        if (json_text(json_get(item, "title")).n == 0)
            return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, call_printf(c, "call_to_actions[%u][title]", index), NULL);
        if (actions->type != J_ARRAY)
            break;
    }
    return ERR_NONE;
}

static enum graph_err
set_menu(struct call *c, const struct jnode *actions)
{
    enum graph_err error = check_menu_items(c, actions);
    struct buf json = { 0 };

    if (error != ERR_NONE)
        return error;
    buf_adds(&json, "[{\"locale\":\"default\",\"composer_input_disabled\":false,\"call_to_actions\":");
    buf_adds(&json, actions->type == J_ARRAY ? "" : "[");
    profile_put_value(&json, actions);
    buf_adds(&json, actions->type == J_ARRAY ? "}]" : "]}]");
    profile_set_text(c->page, "persistent_menu", buf_view(&json));
    buf_fini(&json);
    return answer(c, "Successfully added structured menu CTAs");
}

static bool
is_new_thread(const struct call *c)
{
    return str_eq_nocase(field_text(c, F_SETTINGS_STATE), STR("new_thread"));
}

static enum graph_err
set_actions(struct call *c)
{
    const struct jnode *actions = field(c, F_SETTINGS_ACTIONS);

    call_saw(c, RULE_FORM_REQUIRED);
    if (actions == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "call_to_actions", NULL);
    if (actions->type != J_ARRAY && actions->type != J_OBJECT)
        return call_fail(c, RULE_FORM_TYPE, ERR_MUST_BE_ARRAY, "call_to_actions", NULL);
    return is_new_thread(c) ? set_started(c, actions) : set_menu(c, actions);
}

static bool
is_listed(const struct jnode *value, struct str wanted)
{
    struct names names;
    struct str name;

    for (names_open(&names, value); names_next(&names, &name);)
        if (str_eq(name, wanted))
            return true;
    return false;
}

/* Adds to what is there, or takes away from it. */
static enum graph_err
set_domains(struct call *c)
{
    const struct jnode *domains = field(c, F_SETTINGS_DOMAINS);
    bool removes = str_eq_nocase(field_text(c, F_SETTINGS_ACTION), STR("remove"));
    const char *text = profile_get_text(c->page, "whitelisted_domains");
    const struct jnode *old = text != NULL ? json_read(c->arena, str_of(text), 0, NULL) : NULL;
    struct buf json = { 0 };
    struct names names;
    struct str name;

    call_saw(c, RULE_FORM_REQUIRED);
    if (domains == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "whitelisted_domains", NULL);
    enum graph_err error = profile_check_domains(c, domains);
    if (error != ERR_NONE)
        return error;
    jw_open(&json, '[');
    for (names_open(&names, old); names_next(&names, &name);)
        if (!is_listed(domains, name)) {
            jw_item(&json);
            jw_string(&json, name, JW_GRAPH);
        }
    for (names_open(&names, domains); !removes && names_next(&names, &name);) {
        jw_item(&json);
        jw_string(&json, name, JW_GRAPH);
    }
    jw_close(&json, ']');
    profile_set_text(c->page, "whitelisted_domains", json.n > 2 ? buf_view(&json) : STR_NONE);
    buf_fini(&json);
    return answer(c, "Successfully updated whitelisted domains");
}

static enum graph_err
set_linking(struct call *c)
{
    struct str url = field_text(c, F_SETTINGS_LINKING);
    struct buf json = { 0 };

    call_saw(c, RULE_FORM_REQUIRED);
    if (url.n == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "account_linking_url", NULL);
    jw_string(&json, url, JW_GRAPH);
    profile_set_text(c->page, "account_linking_url", buf_view(&json));
    buf_fini(&json);
    return answer(c, "Successfully updated account_linking_url"); /* [inferred] */
}

enum graph_err
thread_settings_post(struct call *c)
{
    struct str type = field_text(c, F_SETTINGS_TYPE);

    if (str_eq_nocase(type, STR("greeting")))
        return set_greeting(c);
    if (str_eq_nocase(type, STR("call_to_actions")))
        return set_actions(c);
    if (str_eq_nocase(type, STR("domain_whitelisting")))
        return set_domains(c);
    if (str_eq_nocase(type, STR("account_linking")))
        return set_linking(c);
    return answer(c, "Successfully updated payment settings"); /* [inferred] */
}

enum graph_err
thread_settings_delete(struct call *c)
{
    struct str type = field_text(c, F_SETTINGS_TYPE);

    if (str_eq_nocase(type, STR("greeting"))) {
        profile_set_text(c->page, "greeting", STR_NONE);
        return answer(c, "Successfully deleted greeting");
    }
    if (str_eq_nocase(type, STR("call_to_actions")) && is_new_thread(c)) {
        profile_set_text(c->page, "get_started", STR_NONE);
        return answer(c, "Successfully deleted all new_thread's CTAs");
    }
    if (str_eq_nocase(type, STR("call_to_actions"))) {
        profile_set_text(c->page, "persistent_menu", STR_NONE);
        return answer(c, "Successfully deleted structured menu CTAs");
    }
    if (str_eq_nocase(type, STR("account_linking"))) {
        profile_set_text(c->page, "account_linking_url", STR_NONE);
        return answer(c, "Successfully deleted account_linking_url"); /* [inferred] */
    }
    return call_fail(c, RULE_FORM_ENUM, ERR_INVALID_PARAMETER, NULL);
}
