/* Small settings of a page: what was reviewed, language understanding, switches (webhooks.md 4.9, send.md 9). */
#include <string.h>

#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/nlp.h"
#include "world/page_extra.h"

static enum graph_err
success(struct call *c)
{
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- feature review ----------------------------------------------------------------------------------------------------------------------- */

/* What was asked for and what became of it: the world's flag is an approval; a text of the page may say otherwise. */
enum graph_err
messaging_feature_review_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    const char *status = page_text(c->page, "feature_review/subscription_messaging");

    if (status == NULL && c->page->subscription_messaging)
        status = "approved";
    buf_adds(out, "{\"data\":[");
    if (status != NULL) {
        jw_open(out, '{');
        jw_kv_text(out, "feature", "subscription_messaging");
        jw_kv_text(out, "status", status);
        jw_close(out, '}');
    }
    buf_adds(out, "]}");
    return ERR_NONE;
}

enum graph_err
feature_status_post(struct call *c)
{
    call_saw(c, RULE_FORM_REQUIRED);
    if (call_param(c, "features") == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "features", NULL);
    return success(c);
}

/* ---- language understanding --------------------------------------------------------------------------------------------------------------- */

enum graph_err
nlp_configs_post(struct call *c)
{
    bool is_on = field_bool(c, F_NLP_ENABLED, true);

    page_set_text(c->page, NLP_SWITCH, is_on ? STR("true") : STR("false"));
    if (field(c, F_NLP_MODEL) != NULL)
        page_set_text(c->page, "nlp/model", field_text(c, F_NLP_MODEL));
    return success(c);
}

/* ---- switches ------------------------------------------------------------------------------------------------------------------------------- */

/* The switch that the simulator acts on; others are kept and shown. */
#define MESSAGING_SWITCH "USERS_CAN_MESSAGE"
#define PREFIX "settings/"

static void
put_setting(struct buf *out, const char *name, struct str value)
{
    jw_item(out);
    jw_open(out, '{');
    jw_kv_text(out, "setting", name);
    jw_kv_raw(out, "value", value);
    jw_close(out, '}');
}

enum graph_err
settings_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    const char *key;

    buf_adds(out, "{\"data\":[");
    put_setting(out, MESSAGING_SWITCH, c->page->messaging_is_on ? STR("true") : STR("false"));
    for (unsigned n = 0; (key = page_text_key(c->page, PREFIX, n)) != NULL; n++)
        put_setting(out, key + strlen(PREFIX), str_of(page_text(c->page, key)));
    buf_adds(out, "]}");
    return ERR_NONE;
}

enum graph_err
settings_post(struct call *c)
{
    const struct jnode *option = call_param(c, "option");

    call_saw(c, RULE_FORM_REQUIRED);
    if (option == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "option", NULL);
    call_saw(c, RULE_FORM_TYPE);
    if (!jnode_is_object(option))
        return call_fail(c, RULE_FORM_TYPE, ERR_MUST_BE_OBJECT, "option", NULL);
    for (const struct jnode *item = option->first; item != NULL; item = item->next) {
        struct buf json = { 0 };
        bool truth;

        if (str_eq_lit(item->key, MESSAGING_SWITCH)) {
            if (!json_bool(item, &truth))
                return call_fail(c, RULE_FORM_TYPE, ERR_MUST_BE_BOOLEAN, "option[" MESSAGING_SWITCH "]", NULL);
            c->page->messaging_is_on = truth;
            continue;
        }
        jw_node(&json, item, JW_GRAPH);
        page_set_text(c->page, call_printf(c, PREFIX "%.*s", (int)(item->key.n < 100 ? item->key.n : 100), item->key.s), buf_view(&json));
        buf_fini(&json);
    }
    return success(c);
}
