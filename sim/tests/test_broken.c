/* Every route with every kind of broken value: the answer is a well-formed Graph answer, never a 5xx, never a crash, and whatever is refused changes nothing. The
 * values come from the table of fields, so a new route or field is tried as soon as it has a row. */
#include <check.h>
#include <jansson.h>

#include "graph/fields.h"
#include "graph/route.h"
#include "tests/graph_bench.h"
#include "world/limits.h"
#include "world/page_extra.h"

#define ADDRESS_SIZE 9000

/* ---- the world: something of everything, of our page, of another one, and deleted --------------------------------------------------------------- */

enum owner { OWN, FOREIGN, DELETED, OWNER_COUNT };

struct stage {
    struct bench b;
    const struct route *route;
    struct credential *user_token;
    char version[8];
    char ids[OBJECT_KIND_COUNT][OWNER_COUNT][128];
    char foreign_psid[UINT64_SIZE];
    unsigned calls, changes;
};

static void
name_node(struct stage *s, enum object_kind object, enum node_kind kind)
{
    for (int owner = 0; owner < OWNER_COUNT; owner++) {
        struct node *node = world_add_node(s->b.world, kind, NULL, owner == FOREIGN ? 1 : 0);

        node->is_deleted = owner == DELETED;
        node->thread = owner == FOREIGN ? 1 : 0;
        node_set_text(node, kind != NODE_TEMPLATE ? STR("image") : STR("{\"name\":\"hi\",\"language\":\"en_US\",\"components\":[{\"type\":\"BODY\",\"text\":\"hi\"}]}"));
        snprintf(s->ids[object][owner], sizeof s->ids[object][owner], "%s", node->id);
    }
}

static void
name_thread(struct stage *s, enum owner owner, struct thread *thread)
{
    struct world *w = s->b.world;
    char mid[MID_SIZE], conversation[CONVERSATION_ID_SIZE];
    uint64_t number = world_add_message(w, thread, INDEX_NONE, 0, STR("{\"text\":\"hi\"}"));

    world_mid(w, number, mid);
    thread_conversation_id(thread, conversation);
    format_uint64(s->ids[OBJECT_PERSON][owner], thread->psid);
    snprintf(s->ids[OBJECT_CONVERSATION][owner], sizeof s->ids[0][0], "%s", conversation);
    snprintf(s->ids[OBJECT_MESSAGE][owner], sizeof s->ids[0][0], "%s", mid);
    if (owner == DELETED)
        world_message(w, number)->flags |= MESSAGE_UNSENT;
}

static void
stage_open(struct stage *s, const struct route *route)
{
    struct bench *b = &s->b;
    bool is_old = route->until < 1900;
    unsigned calls = s->calls;

    *s = (struct stage){ .route = route, .calls = calls };
    bench_init_at(b, is_old ? CIVIL(2018, 1, 10) : CIVIL(2026, 4, 1));
    snprintf(s->version, sizeof s->version, "%s", is_old ? "v2.11" : "v25.0");
    limits_switch(b->world, "*", false, NULL, 0);
    world_add_app(b->world, NULL, NULL, NULL, NULL);
    world_add_page(b->world, NULL, NULL, NULL);
    page_connect_app(b->page, 1);
    page_connect_app(b->world->pages[1], 0);
    s->user_token = world_add_credential(b->world, CREDENTIAL_USER, 0, INDEX_NONE, NULL);
    struct thread *foreign = world_add_thread(b->world, 1, 0), *gone = world_add_thread(b->world, 0, 0);
    name_thread(s, OWN, b->ann);
    name_thread(s, FOREIGN, foreign);
    gone->flags |= THREAD_DEACTIVATED;
    name_thread(s, DELETED, gone);
    format_uint64(s->foreign_psid, foreign->psid);
    name_node(s, OBJECT_ATTACHMENT, NODE_ATTACHMENT);
    name_node(s, OBJECT_PERSONA, NODE_PERSONA);
    name_node(s, OBJECT_LABEL, NODE_LABEL);
    name_node(s, OBJECT_POST, NODE_POST);
    name_node(s, OBJECT_COMMENT, NODE_COMMENT);
    name_node(s, OBJECT_TEMPLATE, NODE_TEMPLATE);
    for (int owner = 0; owner < OWNER_COUNT; owner++) {
        snprintf(s->ids[OBJECT_PAGE][owner], sizeof s->ids[0][0], "%s", b->world->pages[owner == OWN ? 0 : 1]->id);
        snprintf(s->ids[OBJECT_APP][owner], sizeof s->ids[0][0], "%s", b->world->apps[owner == OWN ? 0 : 1]->id);
        snprintf(s->ids[OBJECT_AD_ACCOUNT][owner], sizeof s->ids[0][0], "act_%s", owner == OWN ? "1" : "99999999999999999999999");
        snprintf(s->ids[OBJECT_USER][owner], sizeof s->ids[0][0], "me");
    }
}

static const char *
token_of(const struct stage *s)
{
    if (s->route->object == OBJECT_APP || s->route->object == OBJECT_WORD)
        return s->b.app->access_token;
    return s->route->object == OBJECT_USER || s->route->object == OBJECT_AD_ACCOUNT ? s->user_token->token : s->b.token->token;
}

/* ---- what a refused call must not change --------------------------------------------------------------------------------------------------------- */

static void
digest_node(struct buf *out, const struct node *n)
{
    jw_kv_int(out, "node", n->kind);
    jw_kv_int(out, "flags", n->is_spent + 2 * n->is_deleted + 4 * n->is_stopped);
    jw_kv_int(out, "until", n->until);
    jw_kv_int(out, "next", n->next);
    jw_kv_int(out, "a", (int64_t)(n->a % 1000000007));
    jw_kv_int(out, "b", (int64_t)(n->b % 1000000007));
    jw_kv_text(out, "text", n->text);
    jw_kv_text(out, "text2", n->text2);
}

static void
digest_thread(struct buf *out, const struct world *w, const struct thread *t)
{
    jw_kv_int(out, "thread", t->flags);
    jw_kv_int(out, "messages", t->message_count);
    jw_kv_int(out, "newest", (int64_t)t->newest);
    jw_kv_int(out, "act", t->last_act);
    jw_kv_int(out, "read", t->read);
    jw_kv_int(out, "owner", thread_owner(w, t));
    jw_kv_int(out, "owned", t->extra != NULL ? t->extra->owner_until : MS_NEVER);
}

static void
digest_page(struct buf *out, const struct page *page)
{
    const char *key;

    for (unsigned i = 0; (key = page_text_key(page, "", i)) != NULL; i++)
        jw_kv_text(out, key, page_text(page, key));
    for (unsigned i = 0; i < page->app_count; i++)
        jw_kv_int(out, "fields", (int64_t)page->apps[i].fields + page->apps[i].is_subscribed);
    jw_kv_int(out, "default", page->default_app);
}

/* Everything that later calls or webhooks could tell apart. */
static void
digest(struct buf *out, const struct world *w)
{
    buf_reset(out);
    jw_open(out, '{');
    for (uint32_t i = 0; i < w->node_count; i++)
        digest_node(out, w->nodes[i]);
    for (uint32_t i = 0; i < w->thread_count; i++)
        digest_thread(out, w, world_thread(w, i));
    for (uint32_t i = 0; i < w->page_count; i++)
        digest_page(out, w->pages[i]);
    for (uint32_t i = 0; i < w->app_count; i++) {
        jw_kv_text(out, "callback", w->apps[i]->webhook.url);
        jw_kv_int(out, "fields", (int64_t)w->apps[i]->webhook.fields);
    }
    for (uint32_t i = 0; i < w->credential_count; i++)
        jw_kv_int(out, w->credentials[i]->token, w->credentials[i]->state);
    jw_kv_int(out, "waiting", (int64_t)w->outbox.count);
    jw_close(out, '}');
}

/* ---- what an answer must be ------------------------------------------------------------------------------------------------------------------------ */

static bool
is_graph_error(const json_t *body)
{
    const json_t *error = json_object_get(body, "error");

    return json_is_string(json_object_get(error, "message")) && json_is_string(json_object_get(error, "type")) &&
           json_is_integer(json_object_get(error, "code")) && json_is_string(json_object_get(error, "fbtrace_id"));
}

static void
check_answer(const struct stage *s, const char *what)
{
    const struct reply *r = &s->b.reply;
    json_error_t wrong;

    ck_assert_msg(r->status >= 200 && r->status < 500, "%s: status %d %s", what, r->status, bench_body(&s->b));
    if (strstr(r->content_type, "json") == NULL) {
        ck_assert_msg(r->status < 400 || strcmp(s->route->edge, "m.me") == 0, "%s: a refusal as %s", what, r->content_type);
        return;
    }
    if (r->body.n == 0 || (r->status >= 300 && r->status < 400)) { /* OPTIONS, and what sends elsewhere */
        ck_assert_msg(r->status < 400, "%s: %d without a body", what, r->status);
        return;
    }
    json_t *body = json_loadb(bench_body(&s->b), r->body.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &wrong);
    ck_assert_msg(body != NULL, "%s: %s in %s", what, wrong.text, bench_body(&s->b));
    ck_assert_msg((r->status >= 400) == is_graph_error(body), "%s: %d %s", what, r->status, bench_body(&s->b));
    json_decref(body);
}

/* The last record of the world's journal is one line of JSON too. */
static void
check_line(void *what, const char *line, size_t n)
{
    json_error_t wrong;
    json_t *record = json_loadb(line, n, JSON_REJECT_DUPLICATES, &wrong);

    ck_assert_msg(record != NULL && memchr(line, '\n', n) == NULL, "%s: %s in %.*s", (const char *)what, wrong.text, (int)n, line);
    json_decref(record);
}

static void
give(struct stage *s, const char *method, const char *target, const char *content_type, struct str body)
{
    static const struct handshake_outcome nobody = { .status = 0, .reason = "", .curl_errno = 7, .curl_error = "Couldn't connect to server" };
    struct bench *b = &s->b;
    struct request req = { .method = method_of(str_of(method)), .method_text = str_of(method),
                           .content_type = content_type != NULL ? str_of(content_type) : STR_NONE, .body = body };
    static struct buf before, after;
    char what[400];

    snprintf(what, sizeof what, "%s %.120s %.60s %.*s", method, target, content_type != NULL ? content_type : "-", body.n > 160 ? 160 : (int)body.n,
             body.s != NULL ? body.s : "");
    digest(&before, b->world);
    request_target(&req, str_of(target));
    arena_reset(&b->arena);
    reply_reset(&b->reply);
    params_read(&b->params, &req, &b->arena);
    graph_handle(b->world, &req, &b->params, &b->arena, &b->reply);
    if (b->reply.wants_handshake)
        graph_handshake_done(b->world, &req, &b->params, &b->arena, &b->reply, &nobody);
    check_answer(s, what);
    ck_assert_msg(world_journal_read(b->world, world_journal_next(b->world) - 1, check_line, what), "%s: no record", what);
    digest(&after, b->world);
    bool has_changed = before.n != after.n || memcmp(before.s, after.s, before.n) != 0;
    size_t same = 0;
    while (same < before.n && same < after.n && before.s[same] == after.s[same])
        same++;
    size_t from = same > 40 ? same - 40 : 0;
    ck_assert_msg(b->reply.status < 400 || !has_changed, "%s: refused, yet something changed: %.100s, now %.100s", what, before.s + from, after.s + from);
    s->calls++;
    s->changes += has_changed;
    /* A world that has changed a little is good for more; one in which something is gone is not. */
    if (s->changes < (s->route->method == METHOD_DELETE || s->route->object != OBJECT_PAGE ? 1 : 40) && world_journal_next(b->world) < 2000)
        return;
    const struct route *route = s->route;
    bench_fini(b);
    stage_open(s, route);
}

/* ---- addresses ---------------------------------------------------------------------------------------------------------------------------------------- */

static const char *
method_text(enum method method)
{
    static const char *const texts[] = { "GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "" };

    return texts[method];
}

/* The path of the stage's route for an object, and its token; more: further parameters of the query. */
static char *
address(const struct stage *s, const char *id, const char *more)
{
    static char out[ADDRESS_SIZE];
    const char *edge = s->route->edge;
    const char *between = s->route->object == OBJECT_WORD || s->route->object == OBJECT_ROOT ? "" : id;

    if (s->route->object == OBJECT_WORD && strcmp(edge, "m.me") == 0)
        snprintf(out, sizeof out, "/m.me/%s?%s", id, more);
    else
        snprintf(out, sizeof out, "/%s/%s%s%s?access_token=%s&%s", s->version, between, *between != '\0' && *edge != '\0' ? "/" : "", edge, token_of(s), more);
    return out;
}

static const char *
own_id(const struct stage *s)
{
    return s->ids[s->route->object][OWN];
}

/* ---- a body that is fine, made from the rows of a schema ------------------------------------------------------------------------------------------------ */

static json_t *sample_object(const struct stage *s, enum schema schema, unsigned depth);

static json_t *
sample_id(const struct stage *s, const char *key)
{
    static const struct {
        const char *part;
        enum object_kind object;
    } hints[] = { { "persona", OBJECT_PERSONA }, { "attachment", OBJECT_ATTACHMENT }, { "app", OBJECT_APP }, { "page", OBJECT_PAGE },
                  { "label", OBJECT_LABEL },     { "message", OBJECT_MESSAGE },       { "mid", OBJECT_MESSAGE }, { "comment", OBJECT_COMMENT } };

    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strstr(key, hints[i].part) != NULL)
            return json_string(s->ids[hints[i].object][i == 2 ? FOREIGN : OWN]);
    return json_string(s->b.psid);
}

static json_t *
sample(const struct stage *s, const struct field_row *row, unsigned depth)
{
    json_t *list;

    switch (row->type) {
    case FT_STRING:
    case FT_TEXT:
        return strstr(row->key, "id") != NULL ? sample_id(s, row->key) : json_string("USD");
    case FT_ID:
        return sample_id(s, row->key);
    case FT_INT:
        return json_integer(row->min);
    case FT_NUMBER:
        return json_integer(1);
    case FT_BOOL:
        return json_true();
    case FT_URL:
        return json_string("https://shop.example/a");
    case FT_ENUM:
        return json_stringn(row->words, strcspn(row->words, "|"));
    case FT_OBJECT:
        return sample_object(s, row->ref, depth + 1);
    case FT_LIST:
        list = json_array();
        for (unsigned i = 0; i < (row->min > 0 ? row->min : 1); i++)
            json_array_append_new(list, sample_object(s, row->ref, depth + 1));
        return list;
    case FT_STRINGS:
        return json_pack("[s]", strstr(row->key, "domains") != NULL ? "https://shop.example" : strstr(row->key, "fields") != NULL ? "messages" : "x");
    case FT_PAYLOAD:
        return json_pack("{s:s}", "url", "https://shop.example/a");
    case FT_ANY:
    default:
        return json_pack("{s:s}", "url", "https://shop.example/a");
    }
}

/* recipient and message have rows that exclude each other: the first will do. */
static json_t *
sample_object(const struct stage *s, enum schema schema, unsigned depth)
{
    json_t *object = json_object();

    for (unsigned f = 0; f < F_COUNT; f++) {
        const struct field_row *row = field_row((enum field)f);

        if (row->schema != schema || strcmp(row->key, "*") == 0 || depth > 4)
            continue;
        if (json_object_size(object) > 0 && !(row->flags & FIELD_REQUIRED) &&
            (strcmp(schema_name(schema), "recipient") == 0 || strcmp(schema_name(schema), "message") == 0))
            continue;
        if (strcmp(schema_name(schema), "send") == 0 && strcmp(row->key, "sender_action") == 0)
            continue;
        json_object_set_new(object, row->key, sample(s, row, depth));
    }
    return object;
}

/* Parameters that handlers read without a schema. */
static json_t *
sample_params(const struct stage *s)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:s,s:s,s:s}],s:s,s:s,s:s,s:[s],s:s,s:s,s:s}", "user", s->b.psid, "psid", s->b.psid, "user_id",
                     s->b.psid, "name", "x", "limit", "2", "after", "x", "metric", "page_messages_total_messaging_connections", "period", "day", "since", "0", "until",
                     "1", "client_id", s->b.app->id, "client_secret", s->b.app->secret, "redirect_uri", "https://shop.example/r", "batch", "method", "GET",
                     "relative_url", "me?fields=id", "body", "a=b", "ids", s->b.page->id, "grant_type", "client_credentials", "code", "x", "asid", s->b.psid, "input_token",
                     s->b.token->token, "fields", "id", "account_linking_token", "x");
}

static json_t *
base_body(const struct stage *s)
{
    json_t *body = s->route->schema != SCHEMA_NONE ? sample_object(s, s->route->schema, 0) : sample_params(s);

    if (s->route->object != OBJECT_ROOT)
        json_object_del(body, "batch");
    else if (s->route->method == METHOD_POST)
        json_object_del(body, "ids");
    return body;
}

/* ---- broken values ---------------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *text; /* JSON; NULL: made by broken_text */
} broken[] = {
    { "missing", NULL }, { "null", "null" }, { "true", "true" }, { "false", "false" }, { "zero", "0" }, { "negative", "-1" },
    { "huge number", "99999999999999999999999999" }, { "huger number", "1e999" }, { "fraction", "1.5" }, { "empty text", "\"\"" }, { "a space", "\" \"" },
    { "letters", "\"abc\"" }, { "a quote and a slash", "\"\\\"\\\\/<%s%n>\"" }, { "a NUL", "\"a\\u0000b\"" }, { "a surrogate alone", "\"\\ud83d\"" },
    { "emoji", "\"\\ud83d\\ude00\"" }, { "not UTF-8", "\"\xff\xfe\"" }, { "empty list", "[]" }, { "empty object", "{}" }, { "list of lists", "[[[]]]" },
    { "list of null", "[null]" }, { "object in object", "{\"a\":{\"b\":[{}]}}" }, { "JSON in a text", "\"{\\\"a\\\":\\\"b\\\"}\"" }, { "too long", NULL },
    { "too deep", NULL }, { "foreign id", NULL }, { "deleted id", NULL }, { "an id of nobody", "\"1234567890123\"" }, { "negative id", "\"-5\"" },
    { "a path", "\"../../me\"" },
};
#define BROKEN_COUNT (sizeof broken / sizeof *broken)

static char *
broken_text(const struct stage *s, size_t which, const char *key)
{
    const char *name = broken[which].name;
    static char text[70000];
    size_t n = 0;

    if (broken[which].text != NULL)
        return strcpy(text, broken[which].text);
    if (strcmp(name, "too long") == 0) {
        memset(text, 'x', 66000);
        text[0] = text[65999] = '"';
        text[66000] = '\0';
    } else if (strcmp(name, "too deep") == 0) {
        for (; n < 70; n++)
            text[n] = '[';
        for (; n < 140; n++)
            text[n] = ']';
        text[n] = '\0';
    } else {
        json_t *own = sample_id(s, key);
        enum owner owner = *name == 'f' ? FOREIGN : DELETED;
        snprintf(text, sizeof text, "\"%s\"", s->ids[OBJECT_PERSON][owner]);
        for (int object = 0; object < OBJECT_KIND_COUNT; object++)
            if (strcmp(s->ids[object][OWN], json_string_value(own)) == 0)
                snprintf(text, sizeof text, "\"%s\"", s->ids[object][owner]);
        json_decref(own);
    }
    return text;
}

/* Writes an object as JSON with the member behind `target` replaced by text; "missing" leaves it out. */
static void
write_with(struct buf *out, const json_t *value, const json_t *target, const char *text)
{
    const char *key;
    json_t *member;
    size_t i;

    if (value == target) {
        buf_adds(out, text);
    } else if (json_is_object(value)) {
        bool is_first = true;

        buf_char(out, '{');
        json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
            if (member == target && text == NULL)
                continue;
            if (!is_first)
                buf_char(out, ',');
            is_first = false;
            buf_char(out, '"');
            buf_adds(out, key);
            buf_adds(out, "\":");
            write_with(out, member, target, text);
        }
        buf_char(out, '}');
    } else if (json_is_array(value)) {
        buf_char(out, '[');
        json_array_foreach (value, i, member) {
            if (i > 0)
                buf_char(out, ',');
            if (member == target && text == NULL)
                buf_adds(out, "null");
            else
                write_with(out, member, target, text);
        }
        buf_char(out, ']');
    } else {
        char *plain = json_dumps(value, JSON_ENCODE_ANY);
        buf_adds(out, plain);
        free(plain);
    }
}

/* The same as a form, or as a query: top-level members as name=value, percent-encoded. */
static void
write_form(struct buf *out, const json_t *body, const json_t *target, const char *text)
{
    static struct buf value;
    const char *key;
    json_t *member;

    json_object_foreach ((json_t *)(uintptr_t)body, key, member) {
        if (member == target && text == NULL)
            continue;
        buf_reset(&value);
        write_with(&value, member, target, text);
        buf_char(out, '&');
        buf_adds(out, key);
        buf_char(out, '=');
        bool is_quoted = value.n >= 2 && value.s[0] == '"';
        for (size_t i = is_quoted; i + is_quoted < value.n; i++) {
            char escape[4];
            snprintf(escape, sizeof escape, "%%%02X", (unsigned char)value.s[i]);
            buf_adds(out, escape);
        }
    }
}

/* ---- the tests ------------------------------------------------------------------------------------------------------------------------------------------------- */

static void
try_broken(struct stage *s, const json_t *body, const json_t *target, const char *key, size_t which, unsigned depth)
{
    const char *text = which == 0 ? NULL : broken_text(s, which, key);
    const char *method = method_text(s->route->method);
    static struct buf out;
    char *copy = text != NULL ? strdup(text) : NULL; /* the stage may begin anew in between */

    buf_reset(&out);
    write_with(&out, body, target, copy);
    give(s, method, address(s, own_id(s), ""), "application/json", (struct str){ out.s, out.n });
    if (depth > 1) {
        free(copy);
        return;
    }
    buf_reset(&out);
    write_form(&out, body, target, copy);
    if (s->route->method != METHOD_GET) {
        give(s, method, address(s, own_id(s), ""), "application/x-www-form-urlencoded", (struct str){ out.s, out.n });
    } else if (out.n < 6000) {
        buf_char(&out, '\0');
        give(s, method, address(s, own_id(s), out.s), NULL, STR_NONE);
    }
    free(copy);
}

static void
try_all_below(struct stage *s, const json_t *body, const json_t *value, const char *key, unsigned depth)
{
    const char *name;
    json_t *member;
    size_t i;

    for (size_t which = 0; depth > 0 && which < BROKEN_COUNT; which++)
        try_broken(s, body, value, key, which, depth);
    if (json_is_object(value))
        json_object_foreach ((json_t *)(uintptr_t)value, name, member)
            try_all_below(s, body, member, name, depth + 1);
    else if (json_is_array(value))
        json_array_foreach (value, i, member)
            try_all_below(s, body, member, key, depth + 1);
}

static const struct route *
route_number(int i)
{
    unsigned count;
    const struct route *rows;

    graph_init();
    rows = route_rows(&count);
    return &rows[i];
}

START_TEST(test_values)
{
    struct stage s = { 0 };

    stage_open(&s, route_number(_i));
    json_t *body = base_body(&s);
    try_all_below(&s, body, body, "", 0);
    ck_assert_uint_gt(s.calls, 0);
    json_decref(body);
    bench_fini(&s.b);
}
END_TEST

/* Bodies that are nothing, or not what their content type says. */
START_TEST(test_bodies)
{
    static const struct {
        const char *type, *body;
    } bodies[] = {
        { NULL, "" }, { NULL, "{" }, { NULL, "a" }, { "application/json", "" }, { "application/json", "[]" }, { "application/json", "null" },
        { "application/json", "5" }, { "application/json", "\"text\"" }, { "application/json", "{" }, { "application/json", "{}" }, { "application/json", "{}{}" },
        { "application/json", "{\"a\":1,\"a\":2}" }, { "application/json", "{\"a\":\"\xc3\x28\"}" }, { "application/json", "\xef\xbb\xbf{}" },
        { "application/json", "{'recipient':{'id':'1'}}" }, { "application/json", "recipient=1" }, { "application/xml", "<a/>" }, { "text/plain", "{}" },
        { "application/x-www-form-urlencoded", "" }, { "application/x-www-form-urlencoded", "&&&==&=a&%&%f&%zz=%00" },
        { "application/x-www-form-urlencoded", "a[=1&a]=2&a[[]]=3&[b]=4&a[0][1][2]=5&message[[text]]=x" },
        { "application/x-www-form-urlencoded", "{\"recipient\":{}}" }, { "application/x-www-form-urlencoded", "recipient={&message=[" },
        { "multipart/form-data", "" }, { "multipart/form-data; boundary=", "----" }, { "multipart/form-data; boundary=x", "" }, { "multipart/form-data; boundary=x", "--x" },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{}" },
        { "multipart/form-data; boundary=x", "--x\r\n\r\n\r\n--x--\r\n" },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\nContent-Type:\r\n\r\n\xff\r\n--x--\r\n" },
        { "application/json; charset=utf-16", "\xff\xfe{" }, { "", "{}" }, { ";;;", "{}" },
    };
    struct stage s = { 0 };

    stage_open(&s, route_number(_i));
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        give(&s, method_text(s.route->method), address(&s, own_id(&s), ""), bodies[i].type, str_of(bodies[i].body));
    bench_fini(&s.b);
}
END_TEST

/* Objects of nobody, of another page, deleted, and such that are none. */
START_TEST(test_objects)
{
    static const char *const ids[] = {
        "0", "00", "-1", "1", "99999999999999999999999999999999999999", "18446744073709551615", "18446744073709551616", "t_", "t_99999999999999999999999", "m_", "m_x",
        "act_", "act_x", "%00", "%ff%fe", "%", "%2", "%2F..%2F", "me%00", "ME", "me ", "a_b_c", "0x10", "1.5", "%F0%9F%98%80", "{id}", "me,me", "~", "app", "null",
    };
    struct stage s = { 0 };
    char *body;
    struct str text;

    stage_open(&s, route_number(_i));
    json_t *sample = base_body(&s);
    body = json_dumps(sample, 0);
    text = str_of(body);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        give(&s, method_text(s.route->method), address(&s, ids[i], ""), "application/json", text);
    for (int owner = FOREIGN; owner < OWNER_COUNT; owner++) {
        give(&s, method_text(s.route->method), address(&s, s.ids[s.route->object][owner], ""), "application/json", text);
        if (s.route->object != OBJECT_ROOT && s.route->object != OBJECT_WORD && s.route->object != OBJECT_USER && s.route->object != OBJECT_AD_ACCOUNT &&
            s.route->object != OBJECT_PERSON && s.route->object != OBJECT_CONVERSATION && s.route->object != OBJECT_MESSAGE && !(s.route->flags & ROUTE_NO_TOKEN))
            ck_assert_msg(s.b.reply.status >= 400, "%s of %s: %s", route_id(s.route), owner == FOREIGN ? "another" : "the past", bench_body(&s.b));
    }
    free(body);
    json_decref(sample);
    bench_fini(&s.b);
}
END_TEST

/* What every endpoint takes in its query. */
START_TEST(test_queries)
{
    static const char *const queries[] = {
        "fields=", "fields=,", "fields=id,id,id", "fields=nonexisting", "fields=%5B%22id%22%5D", "fields=%5B", "fields=a{b", "fields=a}{", "fields=id{id{id}}",
        "fields=.limit(2)", "fields=messages.limit(x){id}", "fields=messages.limit(-1).after(%00){message,from{id{id}}}", "fields=%ff%fe", "fields[]=id&fields[1]=name",
        "fields=conversations{messages{from{id}}}", "limit=", "limit=0", "limit=-1", "limit=abc", "limit=99999999999999999999", "limit=1&limit=2", "after=x", "after=%00",
        "before=x&after=x", "after=QVFI", "metadata=1", "pretty=1", "pretty=x", "debug=all", "debug=x", "suppress_http_code=1", "callback=f", "date_format=U", "locale=tr_TR",
        "method=", "method=get", "method=NONSENSE", "method=delete", "method=post", "ids=", "ids=1,2", "ids=,,,", "batch=", "batch=[]", "batch=%7B%7D", "include_headers=x",
        "return_ssl_resources=1", "since=-1&until=99999999999999999999", "metric=&period=", "platform=instagram", "user_id=abc", "ref=%00%ff", "appsecret_proof=", "access_token=",
        "access_token=x&access_token=y", "input_token=", "input_token=x", "x", "=", "&", "%", "a=%zz", "a[b]=c&a[b][c]=d",
    };
    struct stage s = { 0 };
    char deep[600];

    stage_open(&s, route_number(_i));
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        give(&s, method_text(s.route->method), address(&s, own_id(&s), queries[i]), NULL, STR_NONE);
        give(&s, method_text(s.route->method), address(&s, own_id(&s), queries[i]), "application/json", STR("{}"));
    }
    snprintf(deep, sizeof deep, "fields=");
    for (int i = 0; i < 70; i++)
        strcat(deep, i % 2 == 0 ? "from{" : "id{");
    give(&s, method_text(s.route->method), address(&s, own_id(&s), deep), NULL, STR_NONE);
    bench_fini(&s.b);
}
END_TEST

/* Every other method on the same path. */
START_TEST(test_methods)
{
    static const char *const methods[] = { "GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "PATCH", "", "get" };
    struct stage s = { 0 };

    stage_open(&s, route_number(_i));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        give(&s, methods[i], address(&s, own_id(&s), ""), NULL, STR_NONE);
        give(&s, methods[i], address(&s, own_id(&s), ""), "application/json", STR("{}"));
    }
    bench_fini(&s.b);
}
END_TEST

static int
send_row(void)
{
    unsigned count;
    const struct route *rows = route_rows(&count);

    for (unsigned i = 0; i < count; i++)
        if (rows[i].flags & ROUTE_SEND)
            return (int)i;
    return -1;
}

/* Every way to name a receiver, in every era: with what is there, is spent, is old, is another page's, and with what is not. */
START_TEST(test_receivers)
{
    static const struct {
        const char *key;
        enum node_kind kind;
    } receivers[] = { { "user_ref", NODE_USER_REF }, { "phone_number", NODE_PHONE }, { "comment_id", NODE_COMMENT }, { "post_id", NODE_POST },
                      { "one_time_notif_token", NODE_OTN_TOKEN }, { "notification_messages_token", NODE_RN_TOKEN },
                      { "notification_message_token", NODE_RN_TOKEN } };
    static const ms_t dates[] = { CIVIL(2016, 6, 1), CIVIL(2018, 1, 10), CIVIL(2021, 1, 10), CIVIL(2023, 6, 1), CIVIL(2026, 2, 10), CIVIL(2026, 12, 1) };
    static const char *const rest[] = { "\"message\":{\"text\":\"hi\"}", "\"sender_action\":\"typing_on\"",
                                        "\"message\":{\"text\":\"hi\"},\"messaging_type\":\"MESSAGE_TAG\",\"tag\":\"HUMAN_AGENT\"",
                                        "\"message\":{\"text\":\"hi\"},\"messaging_type\":\"UTILITY\"", "\"message\":{\"text\":\"hi\"},\"reply_to\":{\"mid\":\"m_x\"}" };
    struct stage s = { 0 };
    char body[600];

    for (size_t date = 0; date < sizeof dates / sizeof *dates; date++)
        for (size_t i = 0; i < sizeof receivers / sizeof *receivers; i++)
            for (int state = 0; state < 6; state++) {
                stage_open(&s, route_number(send_row()));
                bench_fini(&s.b);
                bench_init_at(&s.b, dates[date]);
                world_add_page(s.b.world, NULL, NULL, NULL);
                struct node *node = world_add_node(s.b.world, receivers[i].kind, NULL, state == 1 ? 1 : 0);
                node->thread = 0;
                node->until = state == 2 ? dates[date] : MS_ALWAYS;
                node->made = dates[date];
                node->is_spent = state == 3;
                node->is_deleted = state == 4;
                snprintf(body, sizeof body, "{\"recipient\":{\"%s\":\"%s\"},%s}", receivers[i].key, state == 5 ? "nobody" : node->id, rest[_i]);
                snprintf(s.version, sizeof s.version, "v%s", dates[date] < CIVIL(2020, 1, 1) ? "2.6" : "9.0");
                give(&s, "POST", address(&s, "me", ""), "application/json", str_of(body));
                ck_assert_msg(s.b.reply.status >= 400 || state == 0 || (state == 2 && i >= 2 && i <= 3), "%s: %s", body, bench_body(&s.b));
                bench_fini(&s.b);
            }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("broken");
    TCase *tc = tcase_create("broken");
    unsigned count;

    route_rows(&count);
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, test_values, 0, (int)count);
    tcase_add_loop_test(tc, test_bodies, 0, (int)count);
    tcase_add_loop_test(tc, test_objects, 0, (int)count);
    tcase_add_loop_test(tc, test_queries, 0, (int)count);
    tcase_add_loop_test(tc, test_methods, 0, (int)count);
    tcase_add_loop_test(tc, test_receivers, 0, 5);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
