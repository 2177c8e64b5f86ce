/* Every endpoint gets every kind of broken value: the answer is a Graph answer, never the server's fault, and a refused call changes nothing. */
#include <jansson.h>

#include "graph/fields.h"
#include "graph/route.h"
#include "tests/manage_bench.h"

/* A world with one object of each kind. */
struct zoo {
    struct bench b;
    struct credential *user;
    const struct node *nodes[OBJECT_KIND_COUNT];
    char conversation[CONVERSATION_ID_SIZE], mid[MID_SIZE];
};

static void
add_node(struct zoo *z, enum object_kind object, enum node_kind kind, const char *text)
{
    struct node *node = world_add_node(z->b.world, kind, NULL, 0);

    node->thread = z->b.ann->index;
    node->app = 0;
    node_set_text(node, str_of(text));
    node_set_text2(node, STR("x"));
    z->nodes[object] = node;
}

static void
zoo_init(struct zoo *z, ms_t now)
{
    *z = (struct zoo){ 0 };
    bench_init(&z->b);
    z->b.world->now = z->b.token->issued = now;
    z->b.ann->last_act = z->b.ann->last_message = now;
    z->user = world_add_credential(z->b.world, CREDENTIAL_USER, 0, INDEX_NONE, NULL);
    add_node(z, OBJECT_ATTACHMENT, NODE_ATTACHMENT, "x");
    add_node(z, OBJECT_PERSONA, NODE_PERSONA, "Ann");
    add_node(z, OBJECT_LABEL, NODE_LABEL, "vip");
    add_node(z, OBJECT_POST, NODE_POST, "x");
    add_node(z, OBJECT_COMMENT, NODE_COMMENT, "x");
    add_node(z, OBJECT_TEMPLATE, NODE_TEMPLATE, "{\"name\":\"a\",\"language\":\"en_US\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"}]}");
    add_node(z, OBJECT_CAMPAIGN, NODE_CAMPAIGN, "x");
    thread_conversation_id(z->b.ann, z->conversation);
    world_mid(z->b.world, world_add_message(z->b.world, z->b.ann, INDEX_NONE, 0, STR("{\"text\":\"x\"}")), z->mid);
}

/* The first component of the path; NULL when the route is a word. */
static const char *
object_id(const struct zoo *z, enum object_kind object)
{
    switch (object) {
    case OBJECT_WORD:
        return NULL;
    case OBJECT_ROOT:
        return "";
    case OBJECT_PAGE:
        return z->b.page->id;
    case OBJECT_PERSON:
        return z->b.psid;
    case OBJECT_USER:
        return "me";
    case OBJECT_APP:
        return z->b.app->id;
    case OBJECT_CONVERSATION:
        return z->conversation;
    case OBJECT_MESSAGE:
        return z->mid;
    case OBJECT_AD_ACCOUNT:
        return "act_77";
    case OBJECT_ATTACHMENT: case OBJECT_PERSONA: case OBJECT_LABEL: case OBJECT_POST: case OBJECT_COMMENT: case OBJECT_TEMPLATE: case OBJECT_CAMPAIGN:
        return z->nodes[object]->id;
    case OBJECT_KIND_COUNT:
    default:
        ck_abort_msg("an object kind without an example");
    }
    return NULL;
}

static bool
is_old(const struct route *route)
{
    return route->until < VERSION_END && route->until < 1900;
}

static void
target_of(const struct zoo *z, const struct route *route, char *out, size_t size)
{
    const char *id = object_id(z, route->object);
    const char *token = route->object == OBJECT_USER ? z->user->token : route->object == OBJECT_APP ? z->b.app->access_token : z->b.token->token;

    snprintf(out, size, "/%s%s%s%s%s?access_token=%s", is_old(route) ? "v2.9" : "v19.0", id != NULL && *id != '\0' ? "/" : "", id != NULL ? id : "",
             *route->edge != '\0' ? "/" : "", route->edge, token);
}

/* What may not change when a call is refused. Threads that a call touches are in it by their flags and owners. */
static uint64_t
state_of(const struct world *w)
{
    uint64_t state = mix64(w->node_count, w->messages.next);

    state = mix64(state, mix64(w->credential_count, w->outbox.count));
    for (uint32_t i = 0; i < w->thread_count; i++) {
        const struct thread *t = world_thread(w, i);

        state = mix64(state, mix64(t->flags, t->message_count));
        state = mix64(state, t->extra != NULL ? mix64(t->extra->owner, (uint64_t)t->extra->owner_until) : mix64(INDEX_NONE, (uint64_t)MS_NEVER));
    }
    for (uint32_t i = 0; i < w->node_count; i++) {
        const struct node *n = world_node(w, i);

        state = mix64(state, n->is_deleted + 2u * n->is_spent + 4u * n->is_stopped + 8 * n->a + (n->b << 20));
        state = mix64(state, n->text != NULL ? hash_bytes(n->text, strlen(n->text)) : 1);
    }
    return mix64(state, w->pages[0]->extra != NULL);
}

static void
judge(struct zoo *z, const struct route *route, const char *what, int status, uint64_t before)
{
    const char *body = bench_body(&z->b);
    bool is_html = z->b.reply.content_type[0] == 't';

    ck_assert_msg(status == 200 || status == 302 || status == 400 || status == 403 || status == 404 || z->b.reply.wants_handshake, "%s, %s: %d %s", route_id(route),
                  what, status, body);
    if (status >= 400)
        ck_assert_msg(state_of(z->b.world) == before, "%s, %s: refused, and yet something changed: %s", route_id(route), what, body);
    if (is_html || z->b.reply.body.n == 0)
        return;
    json_t *json = json_loadb(body, z->b.reply.body.n, JSON_DECODE_ANY, NULL);
    ck_assert_msg(json != NULL, "%s, %s: no JSON: %s", route_id(route), what, body);
    if (status >= 400) {
        const json_t *error = json_object_get(json, "error");

        ck_assert_msg(json_is_string(json_object_get(error, "message")) && json_is_string(json_object_get(error, "type")) &&
                          json_is_integer(json_object_get(error, "code")) && json_is_string(json_object_get(error, "fbtrace_id")),
                      "%s, %s: no Graph error: %s", route_id(route), what, body);
    }
    json_decref(json);
}

static void
try(struct zoo *z, const struct route *route, const char *what, const char *type, const char *body)
{
    static const char *const methods[] = { "GET", "POST", "DELETE", "PUT" };
    char target[1500];
    uint64_t before = state_of(z->b.world);

    target_of(z, route, target, sizeof target);
    judge(z, route, what, bench_call(&z->b, methods[route->method], target, type, body), before);
}

/* ---- the broken values ------------------------------------------------------------------------------------------------------------------- */

static char long_text[6002], deep[400];

static const struct {
    const char *what, *json;
} values[] = {
    { "null", "null" },          { "true", "true" },
    { "a number", "7" },         { "a negative number", "-7" },
    { "a huge number", "123456789012345678901234567890" },
    { "an empty text", "\"\"" }, { "a text", "\"x\"" },
    { "an empty list", "[]" },   { "a list of null", "[null]" },
    { "a list of lists", "[[[]]]" },
    { "a list of texts", "[\"x\",\"y\"]" },
    { "an empty object", "{}" }, { "a strange object", "{\"colour\":{\"red\":[1,2,{}]}}" },
    { "a list of strange objects", "[{\"colour\":7},{}]" },
    { "an id of nobody", "\"123456789\"" },
    { "an object with an id of nobody", "{\"id\":\"123456789\"}" },
    { "a text with a NUL", "\"a\\u0000b\"" },
    { "too long a text", long_text }, { "too deep a list", deep },
};

static void
fill_values(void)
{
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[0] = long_text[6000] = '"';
    memset(deep, '[', 60);
    memset(deep + 60, ']', 60);
}

static const char *const bodies[] = {
    "", "{", "{}", "[]", "null", "\"x\"", "{\"a\":1,\"a\":2}", "{\"recipient\":", "\xff\xfe{}", "{\"batch\":[{\"method\":7}]}", "{\"fields\":[1,null,{}]}",
    "{\"method\":\"nonsense\"}", "{\"limit\":\"-1\",\"after\":\"x\",\"before\":7}", "{\"fields\":\"a.limit({b{c\"}", "{\"ids\":[{}]}",
};

static void
break_route(struct zoo *z, const struct route *route)
{
    static char body[9000];

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        try(z, route, bodies[i], "application/json", bodies[i]);
        try(z, route, bodies[i], "application/x-www-form-urlencoded", bodies[i]);
    }
    try(z, route, "multipart without end", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n");
    try(z, route, "unknown type", "application/octet-stream", "\x01\x02");
    for (unsigned f = 0; f < F_COUNT; f++) {
        const struct field_row *row = field_row((enum field)f);

        if (row->schema != route->schema || route->schema == SCHEMA_NONE)
            continue;
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            snprintf(body, sizeof body, "{\"%s\":%s}", row->key, values[v].json);
            try(z, route, body, "application/json", body);
        }
    }
}

START_TEST(broken_values)
{
    unsigned count;
    const struct route *routes = route_rows(&count);
    struct zoo z;

    if ((unsigned)_i >= count)
        return;
    fill_values();
    zoo_init(&z, is_old(&routes[_i]) ? CIVIL(2017, 6, 1) : BENCH_NOW);
    break_route(&z, &routes[_i]);
    bench_fini(&z.b);
}
END_TEST

/* What the path names: nobody, something deleted, another page's. */
START_TEST(broken_objects)
{
    unsigned count;
    const struct route *routes = route_rows(&count);
    static const char *const methods[] = { "GET", "POST", "DELETE", "PUT" };
    struct zoo z;
    char target[1500];

    if ((unsigned)_i >= count || routes[_i].object == OBJECT_WORD || routes[_i].object == OBJECT_ROOT || routes[_i].object == OBJECT_AD_ACCOUNT ||
        routes[_i].object == OBJECT_USER)
        return;
    const struct route *route = &routes[_i];
    zoo_init(&z, is_old(route) ? CIVIL(2017, 6, 1) : BENCH_NOW);
    world_add_page(z.b.world, NULL, NULL, NULL);
    struct credential *other = world_add_credential(z.b.world, CREDENTIAL_PAGE, 0, 1, NULL);
    snprintf(target, sizeof target, "/v19.0/%s%s%s?access_token=%s", object_id(&z, route->object), *route->edge != '\0' ? "/" : "", route->edge, other->token);
    if (route->object != OBJECT_APP && !is_old(route)) {
        uint64_t before = state_of(z.b.world);
        int status = bench_call(&z.b, methods[route->method], target, "application/json", "{}");

        ck_assert_msg(status == 400 && strstr(bench_body(&z.b), "\"error_subcode\":33") != NULL, "%s of another page: %d %s", route_id(route), status, bench_body(&z.b));
        judge(&z, route, "another page's", status, before);
    }
    if (z.nodes[route->object] != NULL && !is_old(route)) {
        world_node(z.b.world, z.nodes[route->object]->index)->is_deleted = true;
        target_of(&z, route, target, sizeof target);
        int status = bench_call(&z.b, methods[route->method], target, "application/json", "{}");
        ck_assert_msg(status == 400 && strstr(bench_body(&z.b), "\"error_subcode\":33") != NULL, "%s deleted: %d %s", route_id(route), status, bench_body(&z.b));
    }
    bench_fini(&z.b);
}
END_TEST

/* Looking a route up finds each, and looks at few rows however many there are. */
START_TEST(look_up)
{
    unsigned count;
    const struct route *routes;
    bool exists;

    graph_init();
    routes = route_rows(&count);
    for (unsigned i = 0; i < count; i++)
        ck_assert_ptr_eq(route_find(routes[i].method, routes[i].object, str_of(routes[i].edge), routes[i].since, &exists), &routes[i]);
    ck_assert_ptr_null(route_find(METHOD_GET, OBJECT_PAGE, STR("nonsense"), 1900, &exists));
    ck_assert(!exists);
}
END_TEST

/* Every row says where it comes from. */
START_TEST(cites)
{
    json_t *sources = json_load_file("fixtures/sources.json", 0, NULL);
    unsigned count;
    const struct route *routes = route_rows(&count);

    ck_assert_ptr_nonnull(sources);
    for (unsigned i = 0; i < count; i++)
        ck_assert_msg(json_object_get(sources, routes[i].cite) != NULL, "%s cites %s", route_id(&routes[i]), routes[i].cite);
    for (unsigned f = 0; f < F_COUNT; f++)
        ck_assert_msg(json_object_get(sources, field_row((enum field)f)->cite) != NULL, "%s.%s cites %s", schema_name(field_row((enum field)f)->schema),
                      field_row((enum field)f)->key, field_row((enum field)f)->cite);
    json_decref(sources);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("every_route");
    TCase *tc = tcase_create("every_route");
    unsigned count;

    route_rows(&count);
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, broken_values, 0, (int)count);
    tcase_add_loop_test(tc, broken_objects, 0, (int)count);
    tcase_add_test(tc, look_up);
    tcase_add_test(tc, cites);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
