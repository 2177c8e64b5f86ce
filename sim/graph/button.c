#include "graph/button.h"

#include <string.h>

#include "graph/fields.h"
#include "graph/route.h"
#include "world/page_extra.h"

static bool
has_text(const struct jnode *object, const char *key)
{
    return json_text(json_get(object, key)).n > 0;
}

/* ---- Messenger extensions ----------------------------------------------------------------------------------------------------- */

/* scheme://host of a URL, without port and path. */
static struct str
origin_of(struct str url)
{
    const char *slashes = memmem(url.s, url.n, "//", 2);
    size_t n = slashes != NULL ? (size_t)(slashes - url.s) + 2 : 0;

    while (n < url.n && strchr("/?#:", url.s[n]) == NULL)
        n++;
    return (struct str){ url.s, n };
}

/* messenger_extensions needs https and a domain of the page's whitelist. */
static enum graph_err
check_extensions(struct call *c, const struct jnode *button)
{
    struct str url = json_text(json_get(button, "url"));
    const char *domains = page_text(c->page, "profile/whitelisted_domains");
    bool wants = false;

    json_bool(json_get(button, "messenger_extensions"), &wants);
    if (!wants)
        return ERR_NONE;
    call_saw(c, RULE_FORM_WHITELIST);
    if (domains == NULL || !str_starts(url, STR("https://")))
        return call_fail(c, RULE_FORM_WHITELIST, ERR_NOT_WHITELISTED, NULL);
    const struct jnode *list = json_read(c->arena, str_of(domains), 0, NULL);
    for (const struct jnode *item = list != NULL ? list->first : NULL; item != NULL; item = item->next)
        if (str_eq_nocase(origin_of(json_text(item)), origin_of(url)))
            return ERR_NONE;
    return call_fail(c, RULE_FORM_WHITELIST, ERR_NOT_WHITELISTED, NULL);
}

/* ---- buttons ------------------------------------------------------------------------------------------------------------------ */

/* What a kind of button needs, and where it may stand. */
enum { TITLE = 1, PAYLOAD = 2, URL = 4, HTTPS = 8, CARDS = 16, ADS = 32 };

struct button_kind {
    const char *type;
    unsigned needs;
    enum era era;
};

static const struct button_kind kinds[] = {
#define BUTTON(symbol, name, wants, in, sure, source) { name, wants, ERA_##in },
#include "graph/buttons.def"
#undef BUTTON
};

/* The kind, NULL when there is none of that name, or not now, or not here. */
static const struct button_kind *
kind_of(const struct call *c, struct str type)
{
    bool is_card = c->template_kind != NULL && (strcmp(c->template_kind, "generic") == 0 || strcmp(c->template_kind, "button") == 0);

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!str_eq(type, str_of(kinds[i].type)) || !span_has(era_row(kinds[i].era)->span, c->as_of))
            continue;
        if ((kinds[i].needs & CARDS && !is_card) || (kinds[i].needs & ADS && c->route->flags & ROUTE_SEND))
            return NULL;
        return &kinds[i];
    }
    return NULL;
}

static const char *
url_path(struct call *c, unsigned element, unsigned index)
{
    if (element == OF_PAYLOAD)
        return call_printf(c, "name_placeholder[buttons][%u][url]", index);
    return call_printf(c, "name_placeholder[elements][%u][buttons][%u][url]", element, index);
}

static enum graph_err
check_button_url(struct call *c, const struct button_kind *kind, const struct jnode *button, unsigned element, unsigned index)
{
    call_saw(c, RULE_FORM_BUTTON_URL);
    if (kind->needs & URL && !has_text(button, "url"))
        return call_fail(c, RULE_FORM_BUTTON_URL, ERR_BUTTON_URL_EMPTY, NULL);
    if (kind->needs & HTTPS && !str_starts(json_text(json_get(button, "url")), STR("https://")))
        return call_fail(c, RULE_FORM_URL, ERR_BAD_URL, url_path(c, element, index), NULL);
    return check_extensions(c, button);
}

static enum graph_err
check_button(struct call *c, const struct jnode *button, unsigned element, unsigned index)
{
    const struct button_kind *kind = kind_of(c, json_text(json_get(button, "type")));

    call_saw(c, RULE_FORM_BUTTON_TYPE);
    if (kind == NULL)
        return call_fail(c, RULE_FORM_BUTTON_TYPE, ERR_INVALID_BUTTON_TYPE, NULL);
    call_saw(c, RULE_FORM_BUTTON_TITLE);
    if (kind->needs & TITLE && !has_text(button, "title"))
        return call_fail(c, RULE_FORM_BUTTON_TITLE, ERR_BUTTON_TITLE_EMPTY, NULL);
    call_saw(c, RULE_FORM_BUTTON_PAYLOAD);
    if (kind->needs & PAYLOAD && !has_text(button, "payload"))
        return call_fail(c, RULE_FORM_BUTTON_PAYLOAD, ERR_POSTBACK_PAYLOAD_EMPTY, NULL);
    return check_button_url(c, kind, button, element, index);
}

enum graph_err
check_buttons(struct call *c, const struct jnode *buttons, unsigned element)
{
    enum graph_err error = ERR_NONE;
    unsigned index = 0;

    for (const struct jnode *button = buttons != NULL ? buttons->first : NULL; button != NULL && error == ERR_NONE; button = button->next)
        error = check_button(c, button, element, index++);
    return error;
}

enum graph_err
check_tap(struct call *c, const struct jnode *action)
{
    if (action == NULL || action->type != J_OBJECT)
        return ERR_NONE;
    if (str_eq_lit(json_text(json_get(action, "type")), "postback")) {
        call_saw(c, RULE_FORM_BUTTON_PAYLOAD);
        return has_text(action, "payload") ? ERR_NONE : call_fail(c, RULE_FORM_BUTTON_PAYLOAD, ERR_POSTBACK_PAYLOAD_EMPTY, NULL);
    }
    call_saw(c, RULE_FORM_BUTTON_URL);
    if (!has_text(action, "url"))
        return call_fail(c, RULE_FORM_BUTTON_URL, ERR_BUTTON_URL_EMPTY, NULL);
    return check_extensions(c, action);
}

/* ---- quick replies -------------------------------------------------------------------------------------------------------------- */

static enum graph_err
check_quick_reply(struct call *c, const struct jnode *reply, unsigned index)
{
    struct str type = json_text(json_get(reply, "content_type"));

    if (str_eq_lit(type, "location") && !span_has(era_row(ERA_LOCATION_REPLIES)->span, c->as_of))
        return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, call_printf(c, "message[quick_replies][%u][content_type]", index),
                         "text, user_phone_number, user_email", "location", NULL);
    if (!str_eq_lit(type, "text"))
        return ERR_NONE;
    call_saw(c, RULE_FORM_QR_TITLE);
    if (!has_text(reply, "title") && !has_text(reply, "image_url"))
        return call_fail(c, RULE_FORM_QR_TITLE, ERR_QUICK_REPLY_TITLE, NULL);
    call_saw(c, RULE_FORM_QR_PAYLOAD);
    if (!has_text(reply, "payload") && !has_text(reply, "image_url"))
        return call_fail(c, RULE_FORM_QR_PAYLOAD, ERR_QUICK_REPLY_PAYLOAD, NULL);
    return ERR_NONE;
}

enum graph_err
check_quick_replies(struct call *c)
{
    const struct jnode *quick = field(c, F_MESSAGE_QUICK);
    enum graph_err error = ERR_NONE;
    unsigned index = 0;

    for (const struct jnode *item = quick != NULL ? quick->first : NULL; item != NULL && error == ERR_NONE; item = item->next)
        error = check_quick_reply(c, item, index++);
    return error;
}
