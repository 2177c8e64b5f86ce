/* Paid marketing messages: campaigns of an ad account, sends to subscription tokens, and taking people off the list (send.md 5.3). */
#include <string.h>

#include "core/datetime.h"
#include "core/region.h"
#include "graph/campaign.h"
#include "graph/event.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/limits.h"
#include "graph/node.h"
#include "graph/send.h"

#define UNSUBSCRIBE_FROM CIVIL(2026, 6, 11)      /* [documented] */
#define BUDGET_IS_OPTIONAL CIVIL(2026, 6, 30)    /* the guide of that day [documented] */
#define START_WITHIN_MS (30 * DAY)

static enum graph_err
fail(struct call *c, enum graph_err error)
{
    return call_fail(c, RULE_MM_READY, error, NULL);
}

/* ---- campaigns ---------------------------------------------------------------------------------------------------------------------------- */

static bool
read_instant(const struct jnode *value, ms_t *at)
{
    int64_t seconds;

    if (json_int64(value, &seconds)) {
        *at = seconds * SECOND;
        return true;
    }
    return datetime_read(json_text(value), at);
}

static bool
is_zero(const struct jnode *value)
{
    int64_t number;

    return value != NULL && (!json_int64(value, &number) || number <= 0);
}

static enum graph_err
check_times(struct call *c, ms_t *start, ms_t *end)
{
    const struct jnode *starts = call_param(c, "start_time"), *ends = call_param(c, "end_time");

    *start = c->now;
    *end = MS_ALWAYS;
    call_saw(c, RULE_FORM_TYPE);
    if (starts != NULL && (!read_instant(starts, start) || *start < c->now - MINUTE || *start > c->now + START_WITHIN_MS))
        return call_fail(c, RULE_FORM_TYPE, ERR_INVALID_PARAMETER, NULL);
    if (field(c, F_CAMPAIGN_LIFETIME) != NULL)
        *end = *start + START_WITHIN_MS;
    if (ends != NULL && (!read_instant(ends, end) || *end <= *start))
        return call_fail(c, RULE_FORM_TYPE, ERR_INVALID_PARAMETER, NULL);
    return ERR_NONE;
}

enum graph_err
message_campaign_post(struct call *c)
{
    const struct jnode *daily = field(c, F_CAMPAIGN_DAILY), *lifetime = field(c, F_CAMPAIGN_LIFETIME);
    enum graph_err error = check_edge_lives(c, era_row(ERA_MARKETING)->span.from, MS_ALWAYS);
    uint32_t page = world_find_page(c->world, field_text(c, F_CAMPAIGN_PAGE));
    ms_t start, end;

    if (error == ERR_NONE)
        error = check_times(c, &start, &end);
    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_MM_READY);
    if ((daily == NULL && lifetime == NULL && c->as_of < BUDGET_IS_OPTIONAL) || is_zero(daily) || is_zero(lifetime))
        return fail(c, ERR_MM_NO_BUDGET);
    if (page == INDEX_NONE || (c->credential->kind == CREDENTIAL_PAGE && c->credential->page != page))
        return fail(c, ERR_MM_PAGE_PERMISSION);
    struct node *node = world_add_node(c->world, NODE_CAMPAIGN, NULL, page);
    node->a = CAMPAIGN_MARKETING;
    node->app = c->app_index;
    node->made = start;
    node->until = end;
    node_set_text(node, field_text(c, F_CAMPAIGN_NAME));
    node_set_text2(node, c->node_id);
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "id", node->id);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

/* POST /{campaign} {status}: PAUSED or ACTIVE. */
enum graph_err
campaign_post(struct call *c)
{
    struct str status = call_text(c, "status");

    if (c->node->a != CAMPAIGN_MARKETING) /* an estimate may be asked for with POST too: clients do */
        return campaign_get(c);
    call_saw(c, RULE_FORM_ENUM);
    if (!str_eq_nocase(status, STR("PAUSED")) && !str_eq_nocase(status, STR("ACTIVE")))
        return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, "status", "ACTIVE, PAUSED", arena_strndup(c->arena, status.s != NULL ? status.s : "", status.n), NULL);
    c->node->b = str_eq_nocase(status, STR("PAUSED"));
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- sends -------------------------------------------------------------------------------------------------------------------------------- */

static enum graph_err
check_campaign(struct call *c, const struct node *campaign)
{
    if (campaign == NULL)
        return fail(c, ERR_MM_MESSAGE_ID);
    if (!str_eq(str_of(campaign->text2), c->node_id))
        return fail(c, ERR_MM_AD_ACCOUNT_MISMATCH);
    if (c->now < campaign->made)
        return fail(c, ERR_MM_START_TIME);
    if (campaign->b != 0 || c->now >= campaign->until)
        return fail(c, ERR_MM_CAMPAIGN_NOT_ACTIVE);
    return ERR_NONE;
}

/* Where people cannot get them [documented]. */
static bool
is_barred(const struct call *c, const struct thread *thread)
{
    struct person person;

    thread_person(c->world, thread, &person);
    return (region_bit(str_of(person.region)) & REGIONS_OF_TOKENS) != 0;
}

static enum graph_err
check_subscriber(struct call *c, const struct node *token, const struct node *campaign)
{
    int64_t gap = 0;

    if (token == NULL)
        return fail(c, ERR_MM_TOKEN);
    if (token->page != campaign->page)
        return fail(c, ERR_MM_PAGE_MISMATCH);
    if (c->now >= recurring_until(token, c->as_of))
        return fail(c, ERR_MM_TOKEN_EXPIRED);
    const struct thread *thread = world_thread(c->world, token->thread);
    if (token->is_stopped || thread == NULL || thread->flags & THREAD_OPTED_OUT)
        return fail(c, ERR_MM_STOPPED);
    if (is_barred(c, thread))
        return fail(c, ERR_MM_TOKEN_REGION);
    if (thread->flags & (THREAD_BLOCKED | THREAD_BANNED | THREAD_DEACTIVATED | THREAD_MESSAGES_OFF))
        return fail(c, ERR_MM_RECIPIENT);
    json_int64(field(c, F_MARKETING_GAP), &gap);
    if (gap > 0 && within_ms(thread->last_message, gap * SECOND, c->now))
        return fail(c, ERR_MM_PERSON_UNAVAILABLE);
    return check_consent_of(c, CLASS_MARKETING, token);
}

/* The buttons of the message's template, wherever they stand. */
static enum graph_err
check_buttons_of(struct call *c, const struct jnode *holder)
{
    for (const struct jnode *button = json_get(holder, "buttons") != NULL ? json_get(holder, "buttons")->first : NULL; button != NULL; button = button->next) {
        struct str type = json_text(json_get(button, "type"));

        if (!str_eq_lit(type, "web_url") && !str_eq_lit(type, "postback") && !str_eq_lit(type, "app"))
            return fail(c, ERR_MM_BUTTON_TYPE);
        if (json_text(json_get(button, "title")).n == 0)
            return fail(c, ERR_MM_BUTTON_TITLE);
        if (str_eq_lit(type, "web_url") && json_text(json_get(button, "url")).n == 0)
            return fail(c, ERR_MM_BUTTON_URL);
    }
    return ERR_NONE;
}

/* One picture or several, and several only where there is one element. */
static enum graph_err
check_images_of(struct call *c, const struct jnode *element, bool is_carousel)
{
    if (json_get(element, "image_urls") == NULL)
        return ERR_NONE;
    if (json_get(element, "image_url") != NULL)
        return fail(c, ERR_MM_IMAGE_MIX);
    return is_carousel ? fail(c, ERR_MM_IMAGE_URLS) : ERR_NONE;
}

static enum graph_err
check_creative(struct call *c, const struct jnode *message)
{
    const struct jnode *payload = json_get(json_get(message, "attachment"), "payload");
    enum graph_err error;

    if (message == NULL || (json_text(json_get(message, "text")).n == 0 && payload == NULL))
        return fail(c, ERR_MM_NO_CREATIVE);
    if (json_get(payload, "buttons") != NULL && json_get(payload, "buttons")->count > 3)
        return fail(c, ERR_MM_BUTTON_COUNT);
    if ((error = check_buttons_of(c, payload)) != ERR_NONE)
        return error;
    const struct jnode *elements = json_get(payload, "elements");
    for (const struct jnode *item = elements != NULL ? elements->first : NULL; item != NULL && error == ERR_NONE; item = item->next)
        if ((error = check_images_of(c, item, elements->count > 1)) == ERR_NONE)
            error = check_buttons_of(c, item);
    return error;
}

/* Told by events of its own, beside the delivery that every message has. */
static void
tell(struct call *c, struct thread *thread, const struct node *campaign, const struct node *token, uint64_t number)
{
    struct node *sent = world_add_node(c->world, NODE_MARKETED, NULL, thread->page);
    ms_t delivered = c->now + c->world->delivered_after_ms;

    sent->thread = thread->index;
    sent->app = c->app_index;
    sent->a = number;
    node_set_text(sent, str_of(campaign->id));
    node_set_text2(sent, str_of(token->id));
    thread->flags |= THREAD_MARKETED;
    event_marketing(c->world, thread, EVENT_MARKETING_ECHO, sent, c->now);
    event_marketing(c->world, thread, EVENT_MARKETING_DELIVERY, sent, delivered);
    event_delivery(c->world, thread, number, delivered);
}

enum graph_err
marketing_messages_post(struct call *c)
{
    const struct node *campaign = campaign_find(c, CAMPAIGN_MARKETING, field_text(c, F_MARKETING_ID));
    struct node *token = world_find_node(c->world, NODE_RN_TOKEN, field_text(c, F_DELIVERY_TOKEN));
    const struct jnode *message = field(c, F_MARKETING_MESSAGE);
    enum graph_err error = check_edge_lives(c, era_row(ERA_MARKETING)->span.from, MS_ALWAYS);
    struct buf json = { 0 };
    char tracking[TRACKING_ID_SIZE];

    call_saw(c, RULE_MM_READY);
    if (error == ERR_NONE)
        error = check_campaign(c, campaign);
    if (error == ERR_NONE)
        error = check_page_is_free(c, campaign->page);
    if (error == ERR_NONE)
        error = check_subscriber(c, token, campaign);
    if (error == ERR_NONE)
        error = check_creative(c, message);
    if (error != ERR_NONE)
        return error;
    struct thread *thread = world_thread(c->world, token->thread);
    c->thread = thread;
    jw_node(&json, message, JW_GRAPH);
    uint64_t number = world_add_message(c->world, thread, c->app_index, MESSAGE_FROM_PAGE, buf_view(&json));
    buf_fini(&json);
    token->b = (uint64_t)c->now;
    tell(c, thread, campaign, token, number);
    event_marketing_tracking_id(c->world, number, tracking);
    buf_adds(&c->reply->body, "{\"success\":true");
    jw_kv_text(&c->reply->body, "marketing_message_tracking_id", tracking);
    buf_adds(&c->reply->body, "}");
    return ERR_NONE;
}

/* ---- taking people off ----------------------------------------------------------------------------------------------------------------------- */

static void
stop_tokens(struct call *c, uint32_t thread)
{
    for (uint32_t i = 0; i < c->world->node_count; i++) {
        struct node *node = world_node(c->world, i);

        if (node->kind == NODE_RN_TOKEN && node->page == c->page_index && node->thread == thread)
            node->is_stopped = true;
    }
}

/* A row names a person by phone and/or email, by PSID, or by token; nothing else together. Phones and emails match nobody in a world. */
static bool
unsubscribe_row(struct call *c, const struct jnode *row)
{
    struct str psid = json_text(json_get(row, "psid")), token = json_text(json_get(row, "subscriber_token"));
    bool has_contact = json_get(row, "phone") != NULL || json_get(row, "email") != NULL;
    const struct thread *thread = world_find_psid(c->world, digits_read(psid.s, psid.n));
    const struct node *node = token.n > 0 ? world_find_node(c->world, NODE_RN_TOKEN, token) : NULL;

    if ((psid.n > 0) + (token.n > 0) + has_contact != 1)
        return false;
    if (psid.n > 0 && (thread == NULL || thread->page != c->page_index))
        return false;
    if (token.n > 0 && (node == NULL || node->page != c->page_index))
        return false;
    if (psid.n > 0)
        stop_tokens(c, thread->index);
    if (token.n > 0)
        stop_tokens(c, node->thread);
    return true;
}

enum graph_err
unsubscribe_post(struct call *c)
{
    const struct jnode *data = call_param(c, "data");
    enum graph_err error = check_edge_lives(c, UNSUBSCRIBE_FROM, MS_ALWAYS);
    int64_t invalid = 0;

    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_FORM_REQUIRED);
    if (data == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "data", NULL);
    call_saw(c, RULE_FORM_TYPE);
    if (!jnode_is_array(data))
        return call_fail(c, RULE_FORM_TYPE, ERR_MUST_BE_ARRAY, "data", NULL);
    call_saw(c, RULE_FORM_NON_EMPTY);
    if (data->count == 0)
        return call_fail(c, RULE_FORM_NON_EMPTY, ERR_PARAM_NON_EMPTY, "data", NULL);
    for (const struct jnode *row = data->first; row != NULL; row = row->next)
        invalid += !unsubscribe_row(c, row);
    jw_open(&c->reply->body, '{');
    jw_kv_int(&c->reply->body, "invalid_rows_count", invalid);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}
