/* The page node and its subscribed apps (webhooks.md 4.8). */
#include <string.h>

#include "graph/app_node.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/health.h"
#include "graph/messenger_profile.h"
#include "graph/node.h"
#include "graph/page_token.h"
#include "graph/paging.h"
#include "graph/webhook_fields.h"

/* Since this version a subscription names its fields (webhooks.md 4.8). */
#define FIELDS_NAMED_VERSION 302

#define FIELD_WRITER(name, type, statement)                                                        \
    static void name(struct buf *out, struct call *c, const void *object, const char *key)         \
    {                                                                                              \
        const type *it = object;                                                                   \
        (void)c;                                                                                   \
        (void)it;                                                                                  \
        statement;                                                                                 \
    }

FIELD_WRITER(write_id, struct page, jw_kv_text(out, key, it->id))
FIELD_WRITER(write_name, struct page, jw_kv_text(out, key, it->name))
FIELD_WRITER(write_username, struct page, jw_kv_text(out, key, it->username))
FIELD_WRITER(write_category, struct page, jw_kv_text(out, key, it->category))
FIELD_WRITER(write_link, struct page, jw_kv_text(out, key, call_printf(c, "https://www.facebook.com/%s", it->id)))
FIELD_WRITER(write_category_list, struct page,
             jw_kv_raw(out, key, str_of(call_printf(c, "[{\"id\":\"2201\",\"name\":\"%s\"}]", it->category != NULL ? it->category : "Business"))))
FIELD_WRITER(write_tasks, struct page,
             jw_kv_raw(out, key, STR("[\"MODERATE\",\"MESSAGING\",\"ANALYZE\",\"ADVERTISE\",\"CREATE_CONTENT\",\"MANAGE\"]")))
FIELD_WRITER(write_published, struct page, jw_kv_bool(out, key, true))
FIELD_WRITER(write_bot, struct page, jw_kv_bool(out, key, it->app_count > 0))
FIELD_WRITER(write_started, struct page, jw_kv_bool(out, key, profile_get_text(it, "get_started") != NULL))

FIELD_WRITER(write_unverified, struct page, jw_kv_text(out, key, "not_verified"))

/* A person's token, and a system user's, get the page's own from here. */
static void
write_token(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)object;
    if (c->credential->kind == CREDENTIAL_PAGE)
        jw_kv_strf(out, key, c->token, JW_GRAPH);
    else if (c->credential->kind != CREDENTIAL_APP)
        jw_kv_text(out, key, page_token(c->world, c->app_index, c->page_index, c->credential->permissions)->token);
}

static void
write_subscribed(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct page_app *on = page_find_app(object, c->app_index);

    jw_kv_bool(out, key, on != NULL && on->is_subscribed);
}

/* Whether the second Handover Protocol and several apps are on (webhooks.md 4.6). */
static void
write_feature_status(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct page *page = object;

    jw_key(out, key);
    jw_open(out, '{');
    jw_kv_bool(out, "hop_v2", c->as_of >= CIVIL(2021, 9, 14));
    jw_kv_bool(out, "msgr_multi_app", page->app_count > 1 || page->default_app != INDEX_NONE);
    jw_kv_bool(out, "ig_multi_app", false);
    jw_close(out, '}');
}

/* First answers of the last seven days, as the badge has them: share from 0 to 1 and seconds (webhooks.md 4.10). The node is the spec's; under which field of the
 * page it stands is not public [inferred]. */
static void
write_responsiveness(struct buf *out, struct call *c, const void *object, const char *key)
{
    struct page_health health;

    (void)object;
    page_health(c->world, c->page_index, &health);
    jw_key(out, key);
    jw_open(out, '{');
    jw_kv_bool(out, "is_very_responsive", health.is_very_responsive);
    jw_kv_raw(out, "response_rate", str_of(call_printf(c, "%g", health.response_rate / 100.0)));
    if (health.response_time != MS_NEVER)
        jw_kv_raw(out, "response_time", str_of(call_printf(c, "%g", (double)health.response_time / SECOND)));
    jw_close(out, '}');
}

/* The person behind an account_linking_token; page_get has looked it up. */
static void
write_recipient(struct buf *out, struct call *c, const void *object, const char *key)
{
    char psid[UINT64_SIZE];

    (void)object;
    if (c->thread == NULL)
        return;
    format_uint64(psid, c->thread->psid);
    jw_kv_text(out, key, psid);
}

FIELD_WRITER(write_picture, struct page,
             jw_kv_raw(out, key,
                       str_of(call_printf(c, "{\"data\":{\"height\":50,\"is_silhouette\":false,\"url\":\"https:\\/\\/scontent.xx.fbcdn.net\\/v\\/t1.30497-1\\/%s.png\",\"width\":50}}",
                                          it->id))))

/* Nobody follows a page here [inferred]. */
FIELD_WRITER(write_zero, struct page, jw_kv_int(out, key, 0))
FIELD_WRITER(write_false, struct page, jw_kv_bool(out, key, false))

/* What a page need not have, and this one has not: Graph leaves it out. */
#define NOTHING(field) { field, node_put_nothing, false, 0 }

static const struct node_field page_fields[] = {
    { "name", write_name, true, 0 },
    { "id", write_id, true, 0 },
    { "username", write_username, false, 0 },
    { "category", write_category, false, 0 },
    { "link", write_link, false, 0 },
    { "access_token", write_token, false, 0 },
    { "category_list", write_category_list, false, 0 },
    { "tasks", write_tasks, false, 0 },
    { "is_published", write_published, false, 0 },
    { "is_webhooks_subscribed", write_subscribed, false, 0 },
    { "is_messenger_platform_bot", write_bot, false, 0 },
    { "is_messenger_bot_get_started_enabled", write_started, false, 0 },
    { "messaging_feature_status", write_feature_status, false, 0 },
    { "recipient", write_recipient, false, 0 },
    { "picture", write_picture, false, 0 },
    { "fan_count", write_zero, false, 0 },
    { "followers_count", write_zero, false, 0 },
    { "verification_status", write_unverified, false, 0 },
    { "bio", node_put_nothing, false, 0 },
    { "business", node_put_nothing, false, 0 },
    { "about", node_put_nothing, false, 0 },
    { "description", node_put_nothing, false, 0 },
    { "emails", node_put_nothing, false, 0 },
    { "phone", node_put_nothing, false, 0 },
    { "website", node_put_nothing, false, 0 },
    { "location", node_put_nothing, false, 0 },
    { "hours", node_put_nothing, false, 0 },
    { "cover", node_put_nothing, false, 0 },
    { "instagram_business_account", node_put_nothing, false, 0 },
    { "connected_instagram_account", node_put_nothing, false, 0 },
    { "message_responsiveness_metrics", write_responsiveness, false, 0 },
    /* The rest of the spec's list. */
    { "can_checkin", write_false, false, 0 },
    { "can_post", write_published, false, 0 },
    { "checkins", write_zero, false, 0 },
    { "global_brand_page_name", write_name, false, 0 },
    { "has_added_app", write_published, false, 0 },
    { "has_transitioned_to_new_page_experience", write_false, false, 0 },
    { "has_whatsapp_business_number", write_false, false, 0 },
    { "has_whatsapp_number", write_false, false, 0 },
    { "is_always_open", write_false, false, 0 },
    { "is_calling_eligible", write_false, false, 0 },
    { "is_chain", write_false, false, 0 },
    { "is_community_page", write_false, false, 0 },
    { "is_eligible_for_branded_content", write_false, false, 0 },
    { "is_owned", write_published, false, 0 },
    { "is_permanently_closed", write_false, false, 0 },
    { "is_unclaimed", write_false, false, 0 },
    { "is_verified", write_false, false, 0 },
    { "leadgen_tos_accepted", write_false, false, 0 },
    { "name_with_location_descriptor", write_name, false, 0 },
    { "new_like_count", write_zero, false, 0 },
    { "offer_eligible", write_false, false, 0 },
    { "overall_star_rating", write_zero, false, 0 },
    { "promotion_eligible", write_false, false, 0 },
    { "rating_count", write_zero, false, 0 },
    { "supports_donate_button_in_live_video", write_false, false, 0 },
    { "talking_about_count", write_zero, false, 0 },
    { "unread_notif_count", write_zero, false, 0 },
    { "were_here_count", write_zero, false, 0 },
    NOTHING("ad_campaign"), NOTHING("affiliation"), NOTHING("app_id"), NOTHING("artists_we_like"), NOTHING("attire"), NOTHING("available_promo_offer_ids"),
    NOTHING("awards"), NOTHING("band_interests"), NOTHING("band_members"), NOTHING("best_page"), NOTHING("birthday"), NOTHING("booking_agent"),
    NOTHING("breaking_news_usage"), NOTHING("built"), NOTHING("company_overview"), NOTHING("connected_page_backed_instagram_account"),
    NOTHING("contact_address"), NOTHING("copyright_whitelisted_ig_partners"), NOTHING("country_page_likes"), NOTHING("culinary_team"),
    NOTHING("current_location"), NOTHING("delivery_and_pickup_option_info"), NOTHING("description_html"), NOTHING("differently_open_offerings"),
    NOTHING("directed_by"), NOTHING("display_subtext"), NOTHING("displayed_message_response_time"), NOTHING("engagement"), NOTHING("featured_video"),
    NOTHING("features"), NOTHING("food_styles"), NOTHING("founded"), NOTHING("general_info"), NOTHING("general_manager"), NOTHING("genre"),
    NOTHING("global_brand_root_id"), NOTHING("has_lead_access"), NOTHING("hometown"), NOTHING("impressum"), NOTHING("influences"), NOTHING("keywords"),
    NOTHING("leadgen_tos_acceptance_time"), NOTHING("leadgen_tos_accepting_user"), NOTHING("members"), NOTHING("merchant_id"),
    NOTHING("merchant_review_status"), NOTHING("messenger_ads_default_icebreakers"), NOTHING("messenger_ads_default_quick_replies"),
    NOTHING("messenger_ads_quick_replies_type"), NOTHING("mini_shop_storefront"), NOTHING("mission"), NOTHING("mpg"), NOTHING("network"),
    NOTHING("owner_business"), NOTHING("page_token"), NOTHING("parent_page"), NOTHING("parking"), NOTHING("payment_options"), NOTHING("personal_info"),
    NOTHING("personal_interests"), NOTHING("pharma_safety_info"), NOTHING("pickup_options"), NOTHING("place_type"), NOTHING("plot_outline"),
    NOTHING("preferred_audience"), NOTHING("press_contact"), NOTHING("price_range"), NOTHING("privacy_info_url"), NOTHING("produced_by"),
    NOTHING("products"), NOTHING("promotion_ineligible_reason"), NOTHING("public_transit"), NOTHING("record_label"), NOTHING("release_date"),
    NOTHING("restaurant_services"), NOTHING("restaurant_specialties"), NOTHING("schedule"), NOTHING("screenplay_by"), NOTHING("season"),
    NOTHING("single_line_address"), NOTHING("starring"), NOTHING("start_info"), NOTHING("store_code"), NOTHING("store_location_descriptor"),
    NOTHING("store_number"), NOTHING("studio"), NOTHING("temporary_status"), NOTHING("unread_message_count"), NOTHING("unseen_message_count"),
    NOTHING("user_access_expire_time"), NOTHING("voip_info"), NOTHING("whatsapp_number"), NOTHING("written_by"),
};

#undef NOTHING

/* GET /me?fields=recipient&account_linking_token=... (webhooks.md 2.10): the token names a person, for five minutes. */
static enum graph_err
find_linking_person(struct call *c)
{
    struct str token = call_text(c, "account_linking_token");

    if (token.s == NULL)
        return ERR_NONE;
    call_saw(c, RULE_LINK_TOKEN);
    const struct node *node = world_find_node(c->world, NODE_LINK_TOKEN, token);
    if (node == NULL || node->page != c->page_index || c->now >= node->until || node->thread == INDEX_NONE)
        return call_fail(c, RULE_LINK_TOKEN, ERR_ACCOUNT_LINKING_TOKEN, NULL);
    c->thread = world_thread(c->world, node->thread);
    return ERR_NONE;
}

enum graph_err
page_get(struct call *c)
{
    enum graph_err error = find_linking_person(c);

    if (error != ERR_NONE)
        return error;
    return node_write(c, &c->reply->body, page_fields, sizeof page_fields / sizeof *page_fields, c->page, call_param(c, "fields"), false);
}

/* The token may be posted too; nothing else of a page can be changed here. */
enum graph_err
page_post(struct call *c)
{
    if (call_text(c, "account_linking_token").s != NULL)
        return page_get(c);
    return call_fail(c, RULE_PATH_KNOWN, ERR_UNSUPPORTED, method_word(c->method), arena_strndup(c->arena, c->node_id.s, c->node_id.n), NULL);
}

/* GET /{page}/picture: to the picture itself, or what there is to know of it with redirect=0. Its size is the nearest of a few [inferred]. */
enum graph_err
page_picture_get(struct call *c)
{
    static const struct {
        const char *type;
        int size;
    } sizes[] = { { "small", 50 }, { "album", 50 }, { "square", 50 }, { "normal", 100 }, { "large", 200 } };
    struct str type = call_text(c, "type");
    bool redirects = true;
    int size = 50;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (str_eq(type, str_of(sizes[i].type)))
            size = sizes[i].size;
    const char *url = call_printf(c, "https://scontent.xx.fbcdn.net/v/t1.30497-1/%s.png", c->page->id);
    json_bool(call_param(c, "redirect"), &redirects);
    if (!redirects || c->is_batched) { /* nobody follows the Location of an element */
        struct buf *out = &c->reply->body;

        jw_open(out, '{');
        jw_key(out, "data");
        jw_open(out, '{');
        jw_kv_int(out, "height", size);
        jw_kv_bool(out, "is_silhouette", false);
        jw_kv_text(out, "url", url);
        jw_kv_int(out, "width", size);
        jw_close(out, '}');
        jw_close(out, '}');
        return ERR_NONE;
    }
    c->reply->status = 302;
    reply_header(c->reply, "Location", url);
    return ERR_NONE;
}

/* ---- the pages of a person ------------------------------------------------------------------------------------------------------ */

static enum graph_err
write_account(struct call *c, struct buf *out, size_t i, const void *list)
{
    const struct jnode *wanted = call_param(c, "fields");

    (void)list;
    c->page_index = (uint32_t)i;
    c->page = c->world->pages[i];
    c->item_object = OBJECT_PAGE;
    enum graph_err error = wanted != NULL
                               ? node_write(c, out, page_fields, sizeof page_fields / sizeof *page_fields, c->page, wanted, false)
                               : node_write_text(c, out, page_fields, sizeof page_fields / sizeof *page_fields, c->page,
                                                 STR("access_token,category,category_list,name,id,tasks"), false);
    c->item_object = OBJECT_WORD;
    c->page_index = INDEX_NONE;
    c->page = NULL;
    return error;
}

/* GET /me/accounts with a person's token: every page of the world, each with its own token. */
enum graph_err
accounts_get(struct call *c)
{
    return paging_write(c, c->world->page_count, NULL, write_account, 25, 100);
}

/* ---- subscribed apps ---------------------------------------------------------------------------------------------------------- */

static void
write_success(struct call *c)
{
    buf_adds(&c->reply->body, "{\"success\":true}");
}

enum graph_err
subscribed_apps_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    enum graph_err error = ERR_NONE;

    jw_open(out, '{');
    jw_key(out, "data");
    jw_open(out, '[');
    for (uint32_t i = 0; i < c->page->app_count && error == ERR_NONE; i++)
        if (c->page->apps[i].is_subscribed) {
            jw_item(out);
            error = app_write(c, out, c->world->apps[c->page->apps[i].app], &c->page->apps[i]);
        }
    jw_close(out, ']');
    jw_close(out, '}');
    return error;
}

static char *
all_field_names(struct call *c)
{
    struct buf names = { 0 };

    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        buf_adds(&names, f > 0 ? ", " : "");
        buf_adds(&names, webhook_field_name((enum webhook_field)f));
    }
    char *text = arena_strndup(c->arena, names.s, names.n);
    buf_fini(&names);
    return text;
}

static enum graph_err
add_field_name(struct call *c, const char *parameter, unsigned index, struct str name, webhook_fields *fields)
{
    while (name.n > 0 && *name.s == ' ')
        name = str_from(name, 1);
    while (name.n > 0 && name.s[name.n - 1] == ' ')
        name.n--;
    enum webhook_field f = webhook_field_named(name.s, name.n);

    call_saw(c, RULE_FORM_ENUM);
    if (f == FIELD_COUNT)
        return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, call_printf(c, "%s[%u]", parameter, index), all_field_names(c),
                         arena_strndup(c->arena, name.s, name.n), NULL);
    *fields |= FIELD_BIT(f);
    return ERR_NONE;
}

enum graph_err
read_webhook_fields(struct call *c, const char *parameter, const struct jnode *value, webhook_fields *fields)
{
    enum graph_err error = ERR_NONE;
    unsigned index = 0;

    *fields = 0;
    call_saw(c, RULE_FORM_NON_EMPTY);
    if (value->type == J_ARRAY ? value->first == NULL : json_text(value).n == 0)
        return call_fail(c, RULE_FORM_NON_EMPTY, ERR_PARAM_NON_EMPTY, parameter, NULL);
    if (value->type == J_ARRAY) {
        for (const struct jnode *item = value->first; item != NULL && error == ERR_NONE; item = item->next)
            error = add_field_name(c, parameter, index++, json_text(item), fields);
        return error;
    }
    struct str rest = json_text(value);
    while (rest.n > 0 && error == ERR_NONE) {
        const char *comma = memchr(rest.s, ',', rest.n);
        struct str name = { rest.s, comma != NULL ? (size_t)(comma - rest.s) : rest.n };

        error = add_field_name(c, parameter, index++, name, fields);
        rest = str_from(rest, name.n + (comma != NULL));
    }
    return error;
}

/* Events of messaging need its permission already when they are subscribed to: one sentence for each field that lacks it [observed]. */
static enum graph_err
check_field_permissions(struct call *c, const struct jnode *named)
{
    struct buf text = { 0 };
    struct names names;
    struct str name;

    call_saw(c, RULE_AUTH_PERMISSION);
    if (c->credential->permissions & PERM_PAGES_MESSAGING)
        return ERR_NONE;
    names_open(&names, named);
    while (names_next(&names, &name)) {
        if (webhook_field_container(webhook_field_named(name.s, name.n)) != CONTAINER_MESSAGING)
            continue;
        buf_adds(&text, text.n > 0 ? ".\nTo subscribe to the " : "To subscribe to the ");
        buf_str(&text, name);
        buf_adds(&text, " field, one of these permissions is needed: pages_messaging");
    }
    enum graph_err error = text.n > 0 ? call_fail_str(c, RULE_AUTH_PERMISSION, ERR_PERM_FIELD, buf_view(&text)) : ERR_NONE;
    buf_fini(&text);
    return error;
}

/* Until v3.2 a page was subscribed to all that the app had asked for, and clients of that time name no fields. */
enum graph_err
subscribed_apps_post(struct call *c)
{
    const struct jnode *named = field(c, F_SUBSCRIBED_FIELDS);
    webhook_fields fields = FIELD_BIT(FIELD_COUNT) - 1;
    enum graph_err error = ERR_NONE;

    call_saw(c, RULE_FORM_REQUIRED);
    if (named == NULL && c->version >= FIELDS_NAMED_VERSION)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "subscribed_fields", NULL);
    if (named != NULL)
        error = read_webhook_fields(c, "subscribed_fields", named, &fields);
    if (error == ERR_NONE && named != NULL)
        error = check_field_permissions(c, named);
    if (error != ERR_NONE)
        return error;
    struct page_app *on = page_connect_app(c->page, c->app_index);
    on->is_subscribed = true;
    on->fields = fields;
    write_success(c);
    return ERR_NONE;
}

enum graph_err
subscribed_apps_delete(struct call *c)
{
    struct page_app *on = page_find_app(c->page, c->app_index);

    if (on != NULL) {
        on->is_subscribed = false;
        on->fields = 0;
    }
    write_success(c);
    return ERR_NONE;
}
