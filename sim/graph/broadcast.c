/* Broadcasts and what belonged to them, until 2020-03-04; Messenger codes; private replies by their own edge (send.md 9.4, 9.6, clients.md 3.16). */
#include <stdio.h>
#include <string.h>

#include "graph/campaign.h"
#include "graph/event.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"

#define BROADCASTS_UNTIL CIVIL(2020, 3, 4)  /* [documented] */
#define SPONSORED_UNTIL CIVIL(2024, 7, 31)  /* [documented] */
#define CODES_UNTIL CIVIL(2019, 8, 26)      /* marked as deprecated then [observed]; the end itself is not public [inferred] */

enum graph_err
check_edge_lives(struct call *c, ms_t from, ms_t until)
{
    call_saw(c, RULE_PATH_KNOWN);
    c->edge_until = until;
    if (c->as_of >= from && c->as_of < until)
        return ERR_NONE;
    return call_fail(c, RULE_PATH_KNOWN, ERR_UNKNOWN_PATH, call_printf(c, "/%.*s", STR_ARG(c->edge)), NULL);
}

struct node *
campaign_find(const struct call *c, enum campaign_kind kind, struct str id)
{
    struct node *node = world_find_node(c->world, NODE_CAMPAIGN, id);

    return node != NULL && node->a == kind && (c->page == NULL || node->page == c->page_index) ? node : NULL;
}

static enum graph_err
answer_id(struct call *c, const char *key, const char *id)
{
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, key, id);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

static struct node *
new_campaign(struct call *c, enum campaign_kind kind)
{
    struct node *node = world_add_node(c->world, NODE_CAMPAIGN, NULL, c->page_index);

    node->a = kind;
    node->app = c->app_index;
    return node;
}

/* ---- creatives ---------------------------------------------------------------------------------------------------------------------------- */

/* One message a creative [documented]. */
enum graph_err
message_creatives_post(struct call *c)
{
    const struct jnode *messages = field(c, F_CREATIVE_MESSAGES);
    enum graph_err error = check_edge_lives(c, MS_NEVER, BROADCASTS_UNTIL);
    struct buf json = { 0 };

    if (error != ERR_NONE)
        return error;
    struct node *node = new_campaign(c, CAMPAIGN_CREATIVE);
    jw_node(&json, messages->first, JW_GRAPH);
    node_set_text(node, buf_view(&json));
    buf_fini(&json);
    return answer_id(c, "message_creative_id", node->id);
}

/* ---- whom a broadcast reaches ---------------------------------------------------------------------------------------------------------------- */

static bool
has_label(const struct node *label, const struct thread *thread)
{
    char mark[UINT64_SIZE + 2];

    if (label == NULL)
        return true;
    snprintf(mark, sizeof mark, ",%llu,", (unsigned long long)thread->psid);
    return label->text2 != NULL && strstr(label->text2, mark) != NULL;
}

static bool
is_reached(uint32_t page, const struct thread *thread, const struct node *label)
{
    return thread->page == page && thread->flags & THREAD_STARTED && has_label(label, thread) &&
           !(thread->flags & (THREAD_BLOCKED | THREAD_BANNED | THREAD_DEACTIVATED | THREAD_MESSAGES_OFF));
}

static enum graph_err
find_label(struct call *c, const struct node **label)
{
    struct str id = call_text(c, "custom_label_id");

    *label = id.n > 0 ? world_find_node(c->world, NODE_LABEL, id) : NULL;
    call_saw(c, RULE_AUTH_OBJECT);
    if (id.n > 0 && (*label == NULL || (*label)->page != c->page_index))
        return call_fail(c, RULE_AUTH_OBJECT, ERR_INVALID_FBID, NULL);
    return ERR_NONE;
}

/* A page under restriction sends to nobody, by whatever edge. */
enum graph_err
check_page_is_free(struct call *c, uint32_t page)
{
    call_saw(c, RULE_PAGE_RESTRICTED);
    if (c->now < c->world->pages[page]->restricted_until)
        return call_fail(c, RULE_PAGE_RESTRICTED, ERR_PAGE_RESTRICTED, NULL);
    return ERR_NONE;
}

/* The text with what is known of the person in the gaps; false when something is asked that is not known. */
static bool
fill_text(struct buf *out, struct str text, const struct person *person)
{
    const char *gap;

    while ((gap = memmem(text.s, text.n, "{{", 2)) != NULL) {
        struct str name = str_from(text, (size_t)(gap - text.s) + 2);
        const char *end = memmem(name.s, name.n, "}}", 2);

        if (end == NULL)
            break;
        buf_add(out, text.s, (size_t)(gap - text.s));
        text = str_from(name, (size_t)(end - name.s) + 2);
        name.n = (size_t)(end - name.s);
        if (!str_eq_lit(name, "first_name") && !str_eq_lit(name, "last_name") && !str_eq_lit(name, "full_name"))
            return false;
        if (!str_eq_lit(name, "last_name"))
            buf_adds(out, person->first_name);
        if (str_eq_lit(name, "full_name"))
            buf_char(out, ' ');
        if (!str_eq_lit(name, "first_name"))
            buf_adds(out, person->last_name);
    }
    buf_str(out, text);
    return true;
}

/* The message as this person sees it: dynamic_text has become the text, or the other one for people without a profile [documented]. */
static struct str
message_for(struct call *c, const struct node *creative, const struct thread *thread)
{
    const struct jnode *message = json_read(c->arena, str_of(creative->text), JSON_LAST_WINS, NULL);
    const struct jnode *dynamic = json_get(message, "dynamic_text");
    struct buf text = { 0 }, out = { 0 };
    struct person person;

    if (dynamic == NULL)
        return str_of(creative->text);
    thread_person(c->world, thread, &person);
    if (thread->flags & THREAD_PHONE_ONLY || !fill_text(&text, json_text(json_get(dynamic, "text")), &person)) {
        buf_reset(&text);
        buf_str(&text, json_text(json_get(dynamic, "fallback_text")));
    }
    jw_open(&out, '{');
    jw_kv_str(&out, "text", buf_view(&text));
    for (const struct jnode *member = message->first; member != NULL; member = member->next)
        if (member != dynamic)
            jw_kv_node(&out, arena_strndup(c->arena, member->key.s, member->key.n), member, JW_GRAPH);
    jw_close(&out, '}');
    struct str written = { arena_strndup(c->arena, out.s, out.n), out.n };
    buf_fini(&text);
    buf_fini(&out);
    return written;
}

/* Everybody with an open conversation gets the message; it shows in no inbox, so it has no echo. */
static void
spread(struct call *c, struct node *campaign, const struct node *creative, const struct node *label)
{
    for (uint32_t i = 0; i < c->world->thread_count; i++) {
        struct thread *thread = world_thread(c->world, i);

        if (!is_reached(creative->page, thread, label))
            continue;
        uint64_t number = world_add_message(c->world, thread, c->app_index, MESSAGE_FROM_PAGE, message_for(c, creative, thread));
        event_delivery(c->world, thread, number, c->now + c->world->delivered_after_ms);
        campaign->b++;
    }
}

enum graph_err
broadcast_messages_post(struct call *c)
{
    const struct node *label, *creative;
    enum graph_err error = check_edge_lives(c, MS_NEVER, BROADCASTS_UNTIL);

    if (error != ERR_NONE)
        return error;
    creative = campaign_find(c, CAMPAIGN_CREATIVE, field_text(c, F_BROADCAST_CREATIVE));
    call_saw(c, RULE_AUTH_OBJECT);
    if (creative == NULL)
        return call_fail(c, RULE_AUTH_OBJECT, ERR_INVALID_FBID, NULL);
    if ((error = find_label(c, &label)) != ERR_NONE || (error = check_page_is_free(c, c->page_index)) != ERR_NONE)
        return error;
    struct node *node = new_campaign(c, CAMPAIGN_BROADCAST);
    spread(c, node, creative, label);
    return answer_id(c, "broadcast_id", node->id);
}

enum graph_err
broadcast_estimate_post(struct call *c)
{
    const struct node *label;
    enum graph_err error = check_edge_lives(c, MS_NEVER, BROADCASTS_UNTIL);

    if (error == ERR_NONE)
        error = find_label(c, &label);
    if (error != ERR_NONE)
        return error;
    struct node *node = new_campaign(c, CAMPAIGN_ESTIMATE);
    for (uint32_t i = 0; i < c->world->thread_count; i++)
        node->b += is_reached(c->page_index, world_thread(c->world, i), label);
    return answer_id(c, "reach_estimation_id", node->id);
}

/* ---- sponsored messages ------------------------------------------------------------------------------------------------------------------------ */

enum graph_err
sponsored_message_ads_post(struct call *c)
{
    enum graph_err error = check_edge_lives(c, MS_NEVER, SPONSORED_UNTIL);
    char group[UINT64_SIZE];

    if (error != ERR_NONE)
        return error;
    const struct node *creative = world_find_node(c->world, NODE_CAMPAIGN, field_text(c, F_SPONSORED_CREATIVE));
    call_saw(c, RULE_AUTH_OBJECT);
    if (creative == NULL || creative->a != CAMPAIGN_CREATIVE)
        return call_fail(c, RULE_AUTH_OBJECT, ERR_INVALID_FBID, NULL);
    if ((error = check_page_is_free(c, creative->page)) != ERR_NONE)
        return error;
    struct node *node = world_add_node(c->world, NODE_CAMPAIGN, NULL, creative->page);
    node->a = CAMPAIGN_BROADCAST;
    spread(c, node, creative, NULL); /* paid for, so outside the window too; existing conversations only [documented: business guides, row 17] */
    format_uint64(group, id_number(c->world->key, ID_AD, node->index, 16));
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "ad_group_id", group);
    jw_kv_text(&c->reply->body, "broadcast_id", node->id);
    jw_kv_bool(&c->reply->body, "success", true);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

/* ---- codes --------------------------------------------------------------------------------------------------------------------------------------- */

enum graph_err
messenger_codes_post(struct call *c)
{
    enum graph_err error = check_edge_lives(c, MS_NEVER, CODES_UNTIL);

    if (error != ERR_NONE)
        return error;
    uint64_t number = id_number(c->world->key, ID_OTHER, hash_bytes(field_text(c, F_CODE_REF).s != NULL ? field_text(c, F_CODE_REF).s : "",
                                                                    field_text(c, F_CODE_REF).n), 17);
    return answer_id(c, "uri", call_printf(c, "https://scontent.xx.fbcdn.net/v/t39.8917-6/%llu_n.png", (unsigned long long)number));
}

/* ---- private replies ------------------------------------------------------------------------------------------------------------------------------ */

/* POST /{comment}/private_replies {message}: a send to the comment, with the old shape of the answer. */
enum graph_err
private_replies_post(struct call *c)
{
    struct request req = { .method = METHOD_POST, .method_text = STR("POST"), .user_agent = c->req->user_agent,
                           .body = field_text(c, F_PRIVATE_TEXT) };
    struct parameters *params = arena_zalloc(c->arena, sizeof *params);
    struct jnode *recipient = json_node_new(c->arena, J_OBJECT), *message = json_node_new(c->arena, J_OBJECT);
    struct reply r = { 0 };

    json_append(recipient, c->object == OBJECT_COMMENT ? STR("comment_id") : STR("post_id"), json_string_new(c->arena, str_of(c->node->id)));
    json_append(message, STR("text"), json_string_new(c->arena, field_text(c, F_PRIVATE_TEXT)));
    params->at[params->n++] = (struct param){ STR("recipient"), recipient };
    params->at[params->n++] = (struct param){ STR("message"), message };
    params->at[params->n++] = (struct param){ STR("access_token"), json_string_new(c->arena, c->token) };
    request_target(&req, str_of(call_printf(c, "/v%d.%d/%s/messages", c->version / 100, c->version % 100, c->page->id)));
    reply_reset(&r);
    graph_handle_item(c, &req, params, &r);
    const struct jnode *answer = json_read(c->arena, (struct str){ arena_strndup(c->arena, r.body.s, r.body.n), r.body.n }, JSON_LAST_WINS, NULL);
    if (r.is_error) {
        c->reply->status = r.status;
        c->reply->is_error = true;
        buf_str(&c->reply->body, buf_view(&r.body));
        snprintf(c->reply->www_authenticate, sizeof c->reply->www_authenticate, "%s", r.www_authenticate);
    } else {
        jw_open(&c->reply->body, '{');
        struct str mid = json_text(json_get(answer, "message_id"));
        jw_kv_text(&c->reply->body, "id", call_printf(c, "%s%.*s", str_starts_lit(mid, "m_") ? "" : "m_", STR_ARG(mid))); /* a node's id */
        if (json_get(answer, "recipient_id") != NULL)
            jw_kv_str(&c->reply->body, "user_id", json_text(json_get(answer, "recipient_id")));
        jw_close(&c->reply->body, '}');
    }
    reply_fini(&r);
    return ERR_NONE;
}

/* ---- the nodes ------------------------------------------------------------------------------------------------------------------------------------- */

/* An estimate, a creative, a broadcast, or a campaign, by its own id. */
enum graph_err
campaign_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    const struct node *node = c->node;

    jw_open(out, '{');
    switch ((enum campaign_kind)node->a) {
    case CAMPAIGN_ESTIMATE:
        jw_kv_text(out, "reach_estimation", call_printf(c, "%llu", (unsigned long long)node->b));
        break;
    case CAMPAIGN_MARKETING:
        jw_kv_text(out, "name", node->text);
        jw_kv_text(out, "status", node->b != 0 ? "PAUSED" : "ACTIVE");
        break;
    case CAMPAIGN_CREATIVE:
    case CAMPAIGN_BROADCAST:
        break;
    }
    jw_kv_text(out, "id", node->id);
    jw_close(out, '}');
    return ERR_NONE;
}

/* GET /{broadcast}/insights/messages_sent */
enum graph_err
broadcast_insights_get(struct call *c)
{
    struct buf *out = &c->reply->body;

    buf_adds(out, "{\"data\":[{\"name\":\"messages_sent\",\"period\":\"lifetime\",\"values\":[{");
    jw_kv_int(out, "value", (int64_t)c->node->b);
    buf_adds(out, "}],\"title\":\"Lifetime number of messages sent\",\"description\":\"\"");
    jw_kv_text(out, "id", call_printf(c, "%s/insights/messages_sent", c->node->id));
    buf_adds(out, "}]}");
    return ERR_NONE;
}
