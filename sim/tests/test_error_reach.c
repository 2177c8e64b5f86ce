/*
 * Errors on the wire, for what no scenario can say: that every row of the table that has a status can be ordered as a fault and comes with exactly its bytes;
 * that a row is known to be reached or says why not; and what a subscription is answered when its callback answers. Rows that situations lead to are met by the
 * cases, which conformance/tests/rule_coverage.sh counts.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/graph_error.h"
#include "served.h"

static char send_path[512];
static char app_path[256];

static void
start(void)
{
    static const char *const options[] = {"--clock", "frozen", "--now", "2026-06-01T00:00:00Z",
                                          NULL};

    server = served_start(options);
    json_t *world = served_json(&server, "GET", "/_sim/worlds/default", NULL, 200);

    snprintf(send_path, sizeof send_path, "/v23.0/me/messages?access_token=%s",
             text_at(world, "pages", 0, "access_token"));
    snprintf(app_path, sizeof app_path, "/v23.0/%s/subscriptions?access_token=%s",
             text_at(world, "apps", 0, "id"), text_at(world, "apps", 0, "access_token"));
    json_decref(world);
}

/* ---- bytes -------------------------------------------------------------------------------------------------------------------- */

static size_t
put_text(char *out, size_t size, const char *key, const char *text)
{
    size_t n = (size_t)snprintf(out, size, "\"%s\":\"", key);

    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '/' || *text == '\\')
            out[n++] = '\\';
        out[n++] = *text;
    }
    out[n++] = '"';
    out[n++] = ',';
    return n;
}

/* The order of the keys as it was seen: is_transient before the code for error 4, behind the subcode for all others. */
static void
write_body(char *out, size_t size, const struct graph_error *row, const char *message)
{
    const char *transient = row->transient == 1   ? "\"is_transient\":true,"
                            : row->transient == 0 ? "\"is_transient\":false,"
                                                  : "";
    size_t n = (size_t)snprintf(out, size, "{\"error\":{");

    n += put_text(out + n, size - n, "message", message);
    n += put_text(out + n, size - n, "type", row->type);
    n += (size_t)snprintf(out + n, size - n, "%s\"code\":%d,", row->code == 4 ? transient : "",
                          row->code);
    if (row->subcode != 0)
        n += (size_t)snprintf(out + n, size - n, "\"error_subcode\":%d,", row->subcode);
    n += (size_t)snprintf(out + n, size - n, "%s", row->code == 4 ? "" : transient);
    if (row->user_title != NULL)
        n += put_text(out + n, size - n, "error_user_title", row->user_title);
    if (row->user_msg != NULL)
        n += put_text(out + n, size - n, "error_user_msg", row->user_msg);
    snprintf(out + n, size - n, "\"fbtrace_id\":\"");
}

static void
order(const struct graph_error *row)
{
    char fault[128];

    if (row->subcode != 0)
        snprintf(fault, sizeof fault,
                 "{\"fault\":\"error\",\"code\":%d,\"subcode\":%d,\"times\":1}", row->code,
                 row->subcode);
    else
        snprintf(fault, sizeof fault, "{\"fault\":\"error\",\"code\":%d,\"times\":1}", row->code);
    server_expect("POST", "/_sim/worlds/default/faults", fault, 200);
}

START_TEST(every_row_can_be_ordered_and_comes_with_its_bytes)
{
    unsigned met = 0;

    for (int i = ERR_NONE + 1; i < GRAPH_ERR_COUNT; i++) {
        const struct graph_error *row = graph_error((enum graph_err)i);
        char want[1024];

        if (graph_error_find(row->code, row->subcode) != (enum graph_err)i)
            continue; /* a twin in numbers stands for it, or it is never on this wire */
        order(row);
        struct returned got = served_call(&server, "POST", send_path, "{}", NULL);
        const char *message =
            json_string_value(json_object_get(json_object_get(got.json, "error"), "message"));
        char *header = returned_header(&got, "WWW-Authenticate");

        ck_assert_msg(got.status == row->http, "%s: %ld, expected %d", row->id, got.status,
                      row->http);
        ck_assert_ptr_nonnull(message);
        ck_assert_msg(strstr(message, "%s") == NULL, "%s: %s", row->id, message);
        if (graph_error_args(row) == 0)
            ck_assert_str_eq(message, row->text);
        if (row->user_msg == NULL || strstr(row->user_msg, "%s") == NULL) {
            write_body(want, sizeof want, row, message);
            ck_assert_msg(strncmp(got.text, want, strlen(want)) == 0, "%s: %s\nexpected %s",
                          row->id, got.text, want);
        }
        ck_assert_ptr_nonnull(header);
        ck_assert_msg((strstr(header, "\"invalid_token\"") != NULL) ==
                          (row->code == 190 || row->code == 102),
                      "%s: %s", row->id, header);
        free(header);
        returned_fini(&got);
        met++;
    }
    ck_assert_uint_ge(met, 200);
}
END_TEST

static const struct {
    const char *numbers;
    long status;
} orders[] = {
    {"\"code\":613", 200},
    {"\"code\":613,\"subcode\":null", 200},
    {"\"code\":613,\"subcode\":1996", 200},
    {"\"code\":613,\"subcode\":1997", 400},
    {"\"code\":12345", 400},
    {"\"code\":-1", 200},
    {"\"code\":2071010", 400},
    {"\"code\":0", 400},
};

START_TEST(only_known_errors_can_be_ordered)
{
    char fault[128];

    snprintf(fault, sizeof fault, "{\"fault\":\"error\",%s,\"times\":1}", orders[_i].numbers);
    server_expect("POST", "/_sim/worlds/default/faults", fault, orders[_i].status);
    server_expect("POST", "/_sim/worlds/default/faults", "{\"fault\":\"none\"}", 200);
}
END_TEST

/* ---- reasons ------------------------------------------------------------------------------------------------------------------ */

START_TEST(rows_say_whether_they_are_reached)
{
    json_t *tables = served_json(&server, "GET", "/_sim/rules", NULL, 200), *row;
    size_t i;

    json_array_foreach(json_object_get(tables, "errors"), i, row)
    {
        const char *reason = json_string_value(json_object_get(row, "reason"));
        bool is_reached = json_is_true(json_object_get(row, "reached"));

        ck_assert_msg(is_reached == (reason == NULL), "%s",
                      json_string_value(json_object_get(row, "id")));
        ck_assert_msg(is_reached || json_integer_value(json_object_get(row, "http")) == 0 ||
                          strlen(reason) > 10,
                      "%s", reason);
        ck_assert_msg(!is_reached || json_integer_value(json_object_get(row, "http")) != 0, "%s",
                      json_string_value(json_object_get(row, "id")));
    }
    json_decref(tables);
}
END_TEST

/* ---- a callback that answers ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *tail;
    long status;
    const char *says;
} callbacks[] = {
    {"", 200, "{\"success\":true}"},
    {"!Error; wrong verify token", 400,
     "(#2200) Callback verification failed with the following errors: "},
};

START_TEST(a_callback_is_verified)
{
    struct bot *bot = bot_start();
    char body[256];

    bot_challenge_tail(bot, callbacks[_i].tail);
    snprintf(body, sizeof body,
             "{\"object\":\"page\",\"callback_url\":\"http://127.0.0.1:%u/"
             "webhook\",\"verify_token\":\"x\",\"fields\":\"messages\"}",
             bot_port(bot));
    struct returned got = served_call(&server, "POST", app_path, body, NULL);
    ck_assert_int_eq(got.status, callbacks[_i].status);
    ck_assert_ptr_nonnull(strstr(got.text, callbacks[_i].says));
    returned_fini(&got);
    bot_stop(&bot);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("error_reach");
    TCase *tcase = tcase_create("error_reach");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, start, server_stop);
    tcase_add_test(tcase, every_row_can_be_ordered_and_comes_with_its_bytes);
    tcase_add_loop_test(tcase, only_known_errors_can_be_ordered, 0, sizeof orders / sizeof *orders);
    tcase_add_test(tcase, rows_say_whether_they_are_reached);
    tcase_add_loop_test(tcase, a_callback_is_verified, 0, sizeof callbacks / sizeof *callbacks);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
