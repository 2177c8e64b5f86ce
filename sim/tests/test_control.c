/* The control API as tests and people use it: who may, every route and its problem documents, worlds apart, time and webhooks, the journal and who waits for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "served.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))
#define FROZEN                                                                                     \
    "{\"name\":\"f\",\"clock\":\"frozen\",\"now\":\"2024-03-01T09:00:00Z\",\"users\":[{\"name\":"  \
    "\"ann\"}]}"
#define HELLO "{\"act\":\"message\",\"user\":\"ann\",\"text\":\"hello\"}"

/* ---- who may use the control API ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *header;
    long status;
} visitors[] = {
    {"Host: evil.example", 403},
    {"Host: localhost", 200},
    {"Host: LOCALHOST.evil.example", 403},
    {"Host: 127.0.0.1:1", 200},
    {"Host: [::1]:80", 200},
    {"Origin: http://evil.example", 403},
    {"Origin: null", 403},
    {"Origin: http://localhost:1", 403},
};

START_TEST(no_web_page_may_drive_it)
{
    const char *headers[] = {visitors[_i].header, NULL};
    struct returned returned = served_call(&server, "GET", "/_sim/health", NULL, headers);

    ck_assert_msg(returned.status == visitors[_i].status, "%s: %ld", visitors[_i].header,
                  returned.status);
    returned_fini(&returned);
}
END_TEST

START_TEST(beyond_loopback_it_asks_for_the_token)
{
    const char *options[] = {"--listen=0.0.0.0:0", "--admin-token=open sesame", NULL};
    struct served open = served_start(options);
    const char *wrong[] = {"Authorization: Bearer open sesam", NULL},
               *right[] = {"Authorization: Bearer open sesame", NULL};

    snprintf(open.base, sizeof open.base, "http://127.0.0.1:%u", open.port);
    struct returned none = served_call(&open, "GET", "/_sim/health", NULL, NULL);
    struct returned bad = served_call(&open, "GET", "/_sim/health", NULL, wrong);
    struct returned good = served_call(&open, "GET", "/_sim/health", NULL, right);
    ck_assert_int_eq(none.status, 401);
    ck_assert_int_eq(bad.status, 401);
    ck_assert_int_eq(good.status, 200);
    returned_fini(&none);
    returned_fini(&bad);
    returned_fini(&good);
    ck_assert_int_eq(served_stop(&open), 0);
}
END_TEST

/* ---- routes and problem documents ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *method, *path, *body;
    long status;
} requests[] = {
    {"GET", "/_sim/health", NULL, 200},
    {"GET", "/_sim/health/", NULL, 200},
    {"GET", "/_sim", NULL, 404},
    {"GET", "/_sim/helth", NULL, 404},
    {"PUT", "/_sim/health", NULL, 405},
    {"GET", "/_sim/worlds", NULL, 200},
    {"POST", "/_sim/worlds", "{", 400},
    {"POST", "/_sim/worlds", "[]", 400},
    {"POST", "/_sim/worlds", "3", 400},
    {"POST", "/_sim/worlds", "{\"seed\":1,\"seed\":2}", 400},
    {"POST", "/_sim/worlds", "{\"name\":\"default\"}", 409},
    {"POST", "/_sim/worlds", "{\"pages\":[{\"id\":\"x\"}]}", 400},
    {"GET", "/_sim/worlds/none", NULL, 404},
    {"DELETE", "/_sim/worlds/none", NULL, 404},
    {"POST", "/_sim/worlds/none/settle", NULL, 404},
    {"GET", "/_sim/worlds/default", NULL, 200},
    {"GET", "/_sim/worlds/d%65fault", NULL, 200},
    {"POST", "/_sim/worlds/default/acts", "{}", 422},
    {"POST", "/_sim/worlds/default/acts", "{\"act\":\"mesage\"}", 422},
    {"POST", "/_sim/worlds/default/acts", "[]", 200},
    {"POST", "/_sim/worlds/default/acts",
     "{\"act\":\"message\",\"user\":\"Mikko Virtanen\",\"text\":\"\"}", 422},
    {"POST", "/_sim/worlds/default/clock", "{}", 400},
    {"POST", "/_sim/worlds/default/clock", "{\"advance\":\"-1h\"}", 409},
    {"POST", "/_sim/worlds/default/clock", "{\"advance\":\"soon\"}", 400},
    {"POST", "/_sim/worlds/default/clock", "{\"now\":\"2016-01-01\"}", 409},
    {"POST", "/_sim/worlds/default/clock", "{\"mode\":\"x\"}", 400},
    {"POST", "/_sim/worlds/default/clock", "{\"now\":\"2100-01-01\",\"advance\":\"1h\"}", 400},
    {"POST", "/_sim/worlds/default/settle", "{\"x\":1}", 400},
    {"POST", "/_sim/worlds/default/faults", "{\"fault\":\"eror\"}", 400},
    {"GET", "/_sim/worlds/default/faults", NULL, 200},
    {"PUT", "/_sim/worlds/default/webhook", "{\"url\":\"nowhere\"}", 400},
    {"PUT", "/_sim/worlds/default/webhook", "{\"url\":\"http://127.0.0.1:1/x\"}", 422},
    {"PUT", "/_sim/worlds/default/webhook", "{\"url\":null}", 200},
    {"GET", "/_sim/worlds/default/journal?after=x", NULL, 400},
    {"GET", "/_sim/worlds/default/journal?after=-1", NULL, 400},
    {"GET", "/_sim/worlds/default/journal?after=0", NULL, 200},
    {"GET", "/_sim/worlds/default/messages", NULL, 200},
    {"GET", "/_sim/worlds/default/messages?limit=1&user=nobody", NULL, 200},
    {"GET", "/_sim/worlds/default/deliveries", NULL, 200},
    {"GET", "/_sim/worlds/default/violations", NULL, 200},
    {"GET", "/_sim/worlds/default/coverage", NULL, 200},
    {"GET", "/_sim/worlds/default/limits", NULL, 200},
    {"GET", "/_sim/rules", NULL, 200},
    {"GET", "/_sim/rules?as_of=2019-01-01", NULL, 200},
    {"GET", "/_sim/rules?as_of=once", NULL, 400},
    {"GET", "/_sim/acts", NULL, 200},
    {"GET", "/_sim/metrics", NULL, 200},
    {"GET", "/_sim/openapi.json", NULL, 200},
    {"GET", "/_sim/worlds/default/journal?since=1", NULL, 400},
    {"GET", "/_sim/health?after=1", NULL, 400},
    {"PUT", "/_sim/worlds/default/webhook", "{}", 400},
    {"POST", "/_sim/worlds", "{\"users\":[{\"name\":\"ann\",\"region\":\"Mars\"}]}", 400},
    {"POST", "/_sim/worlds", "{\"urls\":{\"a.example\":\"dns\"}}", 400},
    {"POST", "/_sim/worlds/default/reset", "{\"seed\":2}", 400},
    {"POST", "/_sim/worlds/default/reset", NULL, 200},
    {"DELETE", "/_sim/worlds/default", NULL, 204},
};

START_TEST(every_route_answers)
{
    struct returned returned =
        served_call(&server, requests[_i].method, requests[_i].path, requests[_i].body, NULL);
    char *type = returned_header(&returned, "Content-Type");

    ck_assert_msg(returned.status == requests[_i].status, "%s %s: %ld %.300s", requests[_i].method,
                  requests[_i].path, returned.status, returned.text);
    if (returned.status >= 400) {
        ck_assert_str_eq(type, "application/problem+json");
        ck_assert_int_eq(json_integer_value(json_object_get(returned.json, "status")),
                         returned.status);
        ck_assert_int_gt((int)strlen(json_string_value(json_object_get(returned.json, "detail"))),
                         0);
        ck_assert_ptr_nonnull(json_object_get(returned.json, "type"));
        ck_assert_ptr_nonnull(json_object_get(returned.json, "title"));
    }
    free(type);
    returned_fini(&returned);
}
END_TEST

START_TEST(metrics_are_openmetrics)
{
    struct returned returned = served_call(&server, "GET", "/_sim/metrics", NULL, NULL);

    ck_assert_msg(returned.n > 6 && strcmp(returned.text + returned.n - 6, "# EOF\n") == 0, "%s",
                  returned.text);
    returned_fini(&returned);
}
END_TEST

/* What is wrong has a JSON pointer, in acts and faults as in worlds. */
static const struct {
    const char *path, *body, *pointer;
} pointers[] = {
    {"/_sim/worlds", "{\"users\":[{\"name\":\"a\"},{\"name\":\"b\",\"shoe\":44}]}", "/users/1/shoe"},
    {"/_sim/worlds", "{\"users\":[{\"psid\":\"7\"},{\"psid\":\"7\"}]}", "/users/1/psid"},
    {"/_sim/worlds", "{\"users\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", "/users/1/name"},
    {"/_sim/worlds/default/acts", "{\"act\":\"message\",\"user\":\"Mehmet Demir\",\"text\":\"x\",\"shoe\":44}", "/shoe"},
    {"/_sim/worlds/default/acts", "[{\"act\":\"read\",\"user\":\"Mehmet Demir\"},{\"act\":\"dance\"}]", "/1/act"},
    {"/_sim/worlds/default/faults", "{\"fault\":\"duplicate\",\"shoe\":44}", "/shoe"},
    {"/_sim/worlds/default/faults", "[{\"fault\":\"duplicate\"},{\"fault\":\"dance\"}]", "/1/fault"},
    {"/_sim/worlds/default/reset", "{\"seed\":2}", "/seed"},
};

START_TEST(what_is_wrong_has_a_pointer)
{
    struct returned returned = served_call(&server, "POST", pointers[_i].path, pointers[_i].body, NULL);
    const char *pointer = json_string_value(json_object_get(returned.json, "pointer"));

    ck_assert_msg(returned.status >= 400 && pointer != NULL && strcmp(pointer, pointers[_i].pointer) == 0, "%s: %ld %.300s",
                  pointers[_i].body, returned.status, returned.text);
    returned_fini(&returned);
}
END_TEST

/* One word for one place, whatever name it was given. */
START_TEST(regions_go_by_one_name)
{
    json_t *world = served_json(&server, "POST", "/_sim/worlds",
                                "{\"users\":[{\"region\":\"Japan\"},{\"region\":\"GB\"},{\"region\":\"eu\"},{\"region\":\"FR\"},{\"region\":\"BR\"}]}", 201);

    ck_assert_str_eq(text_at(world, "users", 0, "region"), "JP");
    ck_assert_str_eq(text_at(world, "users", 1, "region"), "UK");
    ck_assert_str_eq(text_at(world, "users", 2, "region"), "EU");
    ck_assert_str_eq(text_at(world, "users", 3, "region"), "EU");
    ck_assert_str_eq(text_at(world, "users", 4, "region"), "BR");
    json_decref(world);
}
END_TEST

static const struct {
    const char *method, *path, *query, *takes;
} described_routes[] = {
#define CONTROL_ROUTE(method, path, handler, flags, summary, query, takes, gives) {#method, path, query, takes},
#include "edge/control_routes.def"
#undef CONTROL_ROUTE
};

/* Every row of the table, with its parameters and its body; and nothing that is not in the table. */
START_TEST(every_route_is_described)
{
    json_t *described = served_json(&server, "GET", "/_sim/openapi.json", NULL, 200);
    json_t *paths = json_object_get(described, "paths"), *path, *operation;
    const char *key;
    int count = 0;

    for (int i = 0; i < COUNT(described_routes); i++) {
        char method[8] = "";

        for (size_t j = 0; described_routes[i].method[j] != '\0'; j++)
            method[j] = (char)(described_routes[i].method[j] | 0x20);
        operation = json_object_get(json_object_get(paths, described_routes[i].path), method);
        ck_assert_msg(operation != NULL, "%s %s", method, described_routes[i].path);
        size_t wanted = strstr(described_routes[i].path, "{w}") != NULL;
        for (const char *word = described_routes[i].query; *word != '\0'; word += strspn(word + strcspn(word, " "), " ") + strcspn(word, " "))
            wanted++;
        ck_assert_uint_eq(json_array_size(json_object_get(operation, "parameters")), wanted);
        ck_assert_int_eq(json_object_get(operation, "requestBody") != NULL, described_routes[i].takes[0] != '\0');
    }
    json_object_foreach(paths, key, path) count += (int)json_object_size(path);
    ck_assert_int_eq(count, COUNT(described_routes));

    operation = json_object_get(json_object_get(paths, "/_sim/worlds/{w}/webhook"), "put");
    json_t *schema = json_object_get(
        json_object_get(json_object_get(json_object_get(operation, "requestBody"), "content"), "application/json"), "schema");
    ck_assert_uint_eq(json_object_size(json_object_get(schema, "properties")), 6);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(schema, "required"), 0)), "url");
    json_decref(described);
}
END_TEST

START_TEST(three_hundred_people_in_one_call)
{
    char *body = malloc(40000), *to = body;

    to += sprintf(to, "{\"users\":[");
    for (int i = 0; i < 300; i++)
        to += sprintf(to, "%s{\"name\":\"user%d\"}", i > 0 ? "," : "", i);
    sprintf(to, "]}");
    json_t *world = served_json(&server, "POST", "/_sim/worlds", body, 201);
    ck_assert_uint_eq(json_array_size(json_object_get(world, "users")), 300);
    ck_assert_str_eq(text_at(world, "users", 299, "name"), "user299");
    json_decref(world);
    free(body);
}
END_TEST

/* ---- worlds apart ------------------------------------------------------------------------------------------------------------------ */

static long
name_of_page(const char *target)
{
    struct returned returned = served_call(&server, "GET", target, NULL, NULL);
    long status = returned.status;

    returned_fini(&returned);
    return status;
}

START_TEST(a_token_leads_to_its_world)
{
    json_t *a = served_json(&server, "POST", "/_sim/worlds", "{\"name\":\"a\",\"seed\":5}", 201);
    json_t *b = served_json(&server, "POST", "/_sim/worlds", "{\"name\":\"b\",\"seed\":5}", 201);
    char target[512];

    ck_assert_str_ne(text_at(a, "pages", 0, "access_token"),
                     text_at(b, "pages", 0, "access_token"));
    ck_assert_str_ne(text_at(a, "pages", 0, "id"), text_at(b, "pages", 0, "id"));
    snprintf(target, sizeof target, "/v19.0/me?access_token=%s",
             text_at(a, "pages", 0, "access_token"));
    ck_assert_int_eq(name_of_page(target), 200);
    server_expect("DELETE", "/_sim/worlds/a", NULL, 204);
    ck_assert_int_eq(name_of_page(target), 400);
    snprintf(target, sizeof target, "/v19.0/me?access_token=%s",
             text_at(b, "pages", 0, "access_token"));
    ck_assert_int_eq(name_of_page(target), 200);
    server_expect("DELETE", "/_sim/worlds/default", NULL, 204);
    server_expect("DELETE", "/_sim/worlds/b", NULL, 204);
    ck_assert_int_eq(name_of_page(target),
                     400); /* of no world at all: still the platform's answer */
    json_decref(a);
    json_decref(b);
}
END_TEST

START_TEST(a_reset_world_is_as_it_was)
{
    json_t *before = served_json(&server, "POST", "/_sim/worlds", FROZEN, 201);

    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
    server_expect("POST", "/_sim/worlds/f/clock", "{\"advance\":\"1h\"}", 200);
    json_t *after = served_json(&server, "POST", "/_sim/worlds/f/reset", NULL, 200);
    ck_assert(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}
END_TEST

/* ---- time and webhooks ------------------------------------------------------------------------------------------------------------- */

/* The last record of a world. */
static json_t *
last_record(const char *world)
{
    char path[128];

    snprintf(path, sizeof path, "/_sim/worlds/%s/journal", world);
    struct returned returned = served_call(&server, "GET", path, NULL, NULL);
    ck_assert_int_eq(returned.status, 200);
    ck_assert_uint_gt(returned.n, 0);
    returned.text[returned.n - 1] = '\0';
    const char *line = strrchr(returned.text, '\n');
    json_t *record = json_loads(line != NULL ? line + 1 : returned.text, 0, NULL);
    returned_fini(&returned);
    return record;
}

START_TEST(a_settled_act_has_been_delivered)
{
    server_expect("POST", "/_sim/worlds", FROZEN, 201);
    struct bot *bot = bot_subscribed("f");

    for (size_t i = 0; i < 20; i++) {
        server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
        server_expect("POST", "/_sim/worlds/f/settle", NULL, 200);
        ck_assert_uint_eq(bot_count(bot), i + 1);
    }
    json_t *record = last_record("f");
    ck_assert_str_eq(json_string_value(json_object_get(record, "outcome")), "delivered");
    ck_assert_str_eq(json_string_value(json_object_get(record, "at")), "2024-03-01T09:00:00.000Z");
    json_decref(record);
    bot_stop(&bot);
}
END_TEST

/* What a fault holds back is in flight: a settle sees it leave, in one post when there is company, and alone when there is none. */
START_TEST(a_settle_lets_go_what_a_fault_holds_back)
{
    static const struct {
        const char *clock, *fault;
        unsigned acts, posts_kept, posts;
    } rows[] = {
        {"frozen", "{\"fault\":\"batch\",\"entries\":2}", 2, 1, 1},
        {"frozen", "{\"fault\":\"batch\",\"entries\":3}", 2, 0, 1},
        {"frozen", "{\"fault\":\"batch\",\"entries\":2}", 3, 1, 2},
        {"frozen", "{\"fault\":\"reorder\"}", 1, 0, 1},
        {"wall", "{\"fault\":\"batch\",\"entries\":3}", 2, 0, 1},
    };
    char spec[200];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(spec, sizeof spec,
                 "{\"name\":\"f\",\"clock\":\"%s\",\"now\":\"2024-03-01T09:00:00Z\",\"users\":[{"
                 "\"name\":"
                 "\"ann\"}]}",
                 rows[i].clock);
        server_expect("POST", "/_sim/worlds", spec, 201);
        struct bot *bot = bot_subscribed("f");
        server_expect("POST", "/_sim/worlds/f/faults", rows[i].fault, 200);
        for (unsigned act = 0; act < rows[i].acts; act++)
            server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
        server_expect("POST", "/_sim/worlds/f/settle", "{\"keep_held\":true}", 200);
        if (strcmp(rows[i].clock, "frozen") == 0)
            ck_assert_uint_eq(bot_count(bot), rows[i].posts_kept);
        server_expect("POST", "/_sim/worlds/f/settle", NULL, 200);
        ck_assert_msg(bot_count(bot) == rows[i].posts, "row %zu: %zu posts", i, bot_count(bot));
        server_expect("DELETE", "/_sim/worlds/f", NULL, 204);
        bot_stop(&bot);
    }
}
END_TEST

static const struct {
    int answer;
    const char *reason;
    long status;
} failures[] = {
    {500, "the answer was not 200", 500},
    {204, "the answer was not 200", 204},
    {302, "the answer was not 200", 302},
    {BOT_CLOSES, "the connection was closed without an answer", 0},
    {BOT_HANGS, "no answer within 5 seconds", 0},
};

START_TEST(a_failed_delivery_is_tried_again_at_once_and_later)
{
    server_expect("POST", "/_sim/worlds", FROZEN, 201);
    struct bot *bot = bot_subscribed("f");

    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200); /* so that a connection is kept alive */
    server_expect("POST", "/_sim/worlds/f/settle", NULL, 200);
    bot_answer(bot, failures[_i].answer);
    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
    server_expect("POST", "/_sim/worlds/f/settle", NULL, 200);
    ck_assert_uint_eq(bot_count(bot), 3); /* the first, and its retry at once */
    json_t *record = last_record("f");
    ck_assert_str_eq(json_string_value(json_object_get(record, "outcome")), "failed");
    ck_assert_str_eq(json_string_value(json_object_get(record, "reason")), failures[_i].reason);
    ck_assert_int_eq(json_integer_value(json_object_get(record, "status")), failures[_i].status);
    ck_assert_int_eq(json_integer_value(json_object_get(record, "attempt")), 2);
    json_decref(record);
    bot_answer(bot, BOT_OK);
    server_expect("POST", "/_sim/worlds/f/clock", "{\"advance\":\"1m\"}", 200);
    ck_assert_uint_eq(bot_count(bot), 4);
    char *first = bot_body(bot, 1), *again = bot_body(bot, 3);
    ck_assert_str_ne(first, again); /* but for entry.time */
    ck_assert_str_eq(strstr(first, "\"id\":"), strstr(again, "\"id\":"));
    free(first);
    free(again);
    bot_stop(&bot);
}
END_TEST

START_TEST(an_hour_of_failing_passes_in_a_moment)
{
    server_expect("POST", "/_sim/worlds", FROZEN, 201);
    struct bot *bot = bot_subscribed("f");

    bot_answer(bot, 500);
    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
    server_expect("POST", "/_sim/worlds/f/clock", "{\"advance\":\"2h\"}", 200);
    json_t *shown = served_json(&server, "GET", "/_sim/worlds/f/deliveries", NULL, 200);
    ck_assert_uint_eq(json_array_size(json_object_get(shown, "waiting")), 0);
    ck_assert_uint_ge(bot_count(bot), 3);
    json_t *world = served_json(&server, "GET", "/_sim/worlds/f", NULL, 200);
    ck_assert_str_eq(json_string_value(json_object_get(world, "now")), "2024-03-01T11:00:00.000Z");
    json_decref(world);
    json_decref(shown);
    bot_stop(&bot);
}
END_TEST

static const struct {
    const char *tail;
    long status;
} handshakes[] = {{"", 200},  {"\n", 200}, {"\r\n", 200},
                  {"x", 422}, {"!", 422},  {"!Error; wrong verify token", 422}};

START_TEST(a_handshake_wants_the_challenge_back)
{
    struct bot *bot = bot_start();
    char body[128];

    bot_challenge_tail(bot, handshakes[_i].tail);
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\"}", bot_port(bot));
    json_t *answer =
        served_json(&server, "PUT", "/_sim/worlds/default/webhook", body, handshakes[_i].status);
    if (handshakes[_i].status == 422)
        ck_assert_ptr_nonnull(json_object_get(json_object_get(answer, "received"), "body"));
    json_decref(answer);
    bot_stop(&bot);
}
END_TEST

START_TEST(a_running_clock_runs)
{
    server_expect("POST", "/_sim/worlds",
           "{\"name\":\"r\",\"clock\":\"x1000000\",\"now\":\"2024-03-01T09:00:00Z\",\"users\":[{"
           "\"name\":\"ann\"}]}",
           201);
    struct bot *bot = bot_subscribed("r");

    server_expect("POST", "/_sim/worlds/r/acts", HELLO, 200);
    server_expect("POST", "/_sim/worlds/r/settle", NULL, 200);
    ck_assert_uint_eq(bot_count(bot), 1);
    server_expect("POST", "/_sim/worlds/r/clock", "{\"mode\":\"frozen\"}", 200);
    json_t *a = served_json(&server, "GET", "/_sim/worlds/r", NULL, 200),
           *b = served_json(&server, "GET", "/_sim/worlds/r", NULL, 200);
    ck_assert_str_eq(json_string_value(json_object_get(a, "clock")), "frozen");
    ck_assert_str_eq(json_string_value(json_object_get(a, "now")),
                     json_string_value(json_object_get(b, "now")));
    ck_assert_str_gt(json_string_value(json_object_get(a, "now")), "2024-03-01T09:00:00.500Z");
    json_decref(a);
    json_decref(b);
    bot_stop(&bot);
}
END_TEST

START_TEST(a_hanging_webhook_blocks_nobody)
{
    server_expect("POST", "/_sim/worlds", FROZEN, 201);
    struct bot *bot = bot_subscribed("f");

    bot_answer(bot, BOT_HANGS);
    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
    while (bot_count(bot) == 0) /* on the wire now */
        server_expect("GET", "/_sim/health", NULL, 200);
    server_expect("GET", "/_sim/worlds/f", NULL, 200);
    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
    server_expect("POST", "/_sim/worlds/default/settle", NULL, 200);
    server_expect("DELETE", "/_sim/worlds/f", NULL, 204); /* while a delivery is on the wire */
    server_expect("GET", "/_sim/worlds/f", NULL, 404);
    bot_answer(bot, BOT_OK);
    bot_stop(&bot);
}
END_TEST

/* ---- the journal --------------------------------------------------------------------------------------------------------------------- */

START_TEST(the_journal_has_a_cursor_and_patience)
{
    struct timespec from, to;

    server_expect("POST", "/_sim/worlds", FROZEN, 201);
    struct returned all = served_call(&server, "GET", "/_sim/worlds/f/journal?after=0", NULL, NULL);
    ck_assert_ptr_nonnull(strstr(all.text, "\"seq\":1,"));
    ck_assert_ptr_nonnull(strstr(all.text, "\"event\":\"created\""));
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct returned none =
        served_call(&server, "GET", "/_sim/worlds/f/journal?after=1&wait=200", NULL, NULL);
    clock_gettime(CLOCK_MONOTONIC, &to);
    ck_assert_uint_eq(none.n, 0);
    ck_assert_int_ge((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000, 199);
    server_expect("POST", "/_sim/worlds/f/acts", HELLO, 200);
    struct returned one =
        served_call(&server, "GET", "/_sim/worlds/f/journal?after=1&wait=20000", NULL, NULL);
    ck_assert_ptr_nonnull(strstr(one.text, "\"seq\":2,"));
    ck_assert_ptr_null(strstr(one.text, "\"seq\":1,"));
    returned_fini(&all);
    returned_fini(&none);
    returned_fini(&one);
}
END_TEST

START_TEST(it_ends_while_everybody_waits)
{
    static const char settle[] =
        "POST /_sim/worlds/f/settle HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    static const char journal[] =
        "GET /_sim/worlds/f/journal?after=100&wait=60000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct served other = served_start(NULL);
    struct bot *bot = bot_start();
    char body[128];

    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\"}", bot_port(bot));
    json_decref(served_json(&other, "POST", "/_sim/worlds", FROZEN, 201));
    json_decref(served_json(&other, "PUT", "/_sim/worlds/f/webhook", body, 200));
    bot_answer(bot, BOT_HANGS);
    json_decref(served_json(&other, "POST", "/_sim/worlds/f/acts", HELLO, 200));
    int settling = served_send(&other, settle, sizeof settle - 1),
        waiting = served_send(&other, journal, sizeof journal - 1);
    for (json_int_t both = 0; both < 2;) { /* until both are asleep */
        struct returned returned = served_call(&other, "GET", "/_sim/metrics", NULL, NULL);

        both =
            atoi(strstr(returned.text, "\nunderstudy_waiting ") + strlen("\nunderstudy_waiting "));
        returned_fini(&returned);
    }
    ck_assert_int_eq(served_stop(&other), 0);
    char *settled = served_receive(settling, NULL), *told = served_receive(waiting, NULL);
    ck_assert_msg(strstr(settled, " 503 ") != NULL, "%s", settled);
    ck_assert_msg(strstr(told, " 503 ") != NULL, "%s", told);
    free(settled);
    free(told);
    bot_answer(bot, BOT_OK);
    bot_stop(&bot);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("control");
    TCase *served_case = tcase_create("served"), *slow = tcase_create("slow");

    tcase_add_checked_fixture(served_case, server_start, server_stop);
    tcase_add_checked_fixture(slow, server_start, server_stop);
    tcase_set_timeout(served_case, 60);
    tcase_set_timeout(slow, 120);
    tcase_add_loop_test(served_case, no_web_page_may_drive_it, 0, COUNT(visitors));
    tcase_add_test(served_case, beyond_loopback_it_asks_for_the_token);
    tcase_add_loop_test(served_case, every_route_answers, 0, COUNT(requests));
    tcase_add_test(served_case, metrics_are_openmetrics);
    tcase_add_test(served_case, every_route_is_described);
    tcase_add_loop_test(served_case, what_is_wrong_has_a_pointer, 0, COUNT(pointers));
    tcase_add_test(served_case, regions_go_by_one_name);
    tcase_add_test(served_case, three_hundred_people_in_one_call);
    tcase_add_test(served_case, a_token_leads_to_its_world);
    tcase_add_test(served_case, a_reset_world_is_as_it_was);
    tcase_add_test(served_case, a_settled_act_has_been_delivered);
    tcase_add_test(served_case, a_settle_lets_go_what_a_fault_holds_back);
    tcase_add_loop_test(slow, a_failed_delivery_is_tried_again_at_once_and_later, 0,
                        COUNT(failures));
    tcase_add_test(served_case, an_hour_of_failing_passes_in_a_moment);
    tcase_add_loop_test(served_case, a_handshake_wants_the_challenge_back, 0, COUNT(handshakes));
    tcase_add_test(served_case, a_running_clock_runs);
    tcase_add_test(slow, a_hanging_webhook_blocks_nobody);
    tcase_add_test(served_case, the_journal_has_a_cursor_and_patience);
    tcase_add_test(slow, it_ends_while_everybody_waits);
    suite_add_tcase(suite, served_case);
    suite_add_tcase(suite, slow);
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
