/* Settings of one person: a persistent menu instead of the page's (webhooks.md 4.1, user level). */
#include <stdio.h>

#include "core/region.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/messenger_profile.h"
#include "graph/node.h"
#include "graph/privacy.h"
#include "world/page_extra.h"

#define KEY_SIZE 64

static const char *
key_of(char key[KEY_SIZE], const struct thread *thread)
{
    snprintf(key, KEY_SIZE, "user_settings/%llu/persistent_menu", (unsigned long long)thread->psid);
    return key;
}

/* Privacy rules switched features off for people in Europe and Japan (USER-SETTINGS-REGION). */
static bool
is_switched_off(struct call *c)
{
    return privacy_switched_off(c->thread, PRIVACY_USER_MENU, c->as_of);
}

static enum graph_err
find_person(struct call *c)
{
    struct str psid = call_text(c, "psid");

    call_saw(c, RULE_FORM_REQUIRED);
    if (psid.n == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "psid", NULL);
    return call_find_person(c, psid);
}

enum graph_err
custom_user_settings_post(struct call *c)
{
    const struct jnode *menu = field(c, F_USER_MENU);
    enum graph_err error = find_person(c);
    struct buf json = { 0 };
    char key[KEY_SIZE];

    if (error == ERR_NONE && menu == NULL)
        error = call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "persistent_menu", NULL);
    if (error == ERR_NONE) {
        call_saw(c, RULE_USER_SETTINGS_REGION);
        if (is_switched_off(c))
            error = call_fail(c, RULE_USER_SETTINGS_REGION, ERR_THREAD_IMPACT, NULL);
    }
    if (error == ERR_NONE)
        error = profile_check_menu(c, menu);
    if (error == ERR_NONE)
        error = profile_check_menu_place(c);
    if (error != ERR_NONE)
        return error;
    profile_put_value(&json, menu);
    page_set_text(c->page, key_of(key, c->thread), buf_view(&json));
    buf_fini(&json);
    buf_adds(&c->reply->body, "{\"result\":\"success\"}");
    return ERR_NONE;
}

enum graph_err
custom_user_settings_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    enum graph_err error = find_person(c);
    char key[KEY_SIZE];

    if (error != ERR_NONE)
        return error;
    const char *own = page_text(c->page, key_of(key, c->thread));
    const char *page = profile_get_text(c->page, "persistent_menu");
    buf_adds(out, own != NULL || page != NULL ? "{\"data\":[{" : "{\"data\":[");
    if (own != NULL)
        jw_kv_raw(out, "user_level_persistent_menu", str_of(own));
    if (page != NULL)
        jw_kv_raw(out, "page_level_persistent_menu", str_of(page));
    buf_adds(out, own != NULL || page != NULL ? "}]}" : "]}");
    return ERR_NONE;
}

enum graph_err
custom_user_settings_delete(struct call *c)
{
    const struct jnode *params = call_param(c, "params");
    enum graph_err error = find_person(c);
    struct names names;
    struct str name;
    char key[KEY_SIZE];
    unsigned index = 0;

    if (error == ERR_NONE && params == NULL)
        error = call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "params", NULL);
    for (names_open(&names, params); error == ERR_NONE && names_next(&names, &name); index++)
        if (!str_eq_nocase(name, STR("persistent_menu")))
            error = call_fail(c, RULE_FORM_ENUM, ERR_ENUM, call_printf(c, "params[%u]", index), "PERSISTENT_MENU",
                              arena_strndup(c->arena, name.s, name.n), NULL);
    if (error != ERR_NONE)
        return error;
    page_set_text(c->page, key_of(key, c->thread), STR_NONE);
    buf_adds(&c->reply->body, "{\"result\":\"success\"}");
    return ERR_NONE;
}
