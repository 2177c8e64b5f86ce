/* The receiving end of webhooks, over real HTTP; and the client process, without a server. */
#include <check.h>
#include <stdlib.h>

#include <gnutls/crypto.h>

#include "conformance/alloc.h"
#include "conformance/client.h"
#include "conformance/hub.h"
#include "conformance/process.h"
#include "conformance/wire.h"

static struct hub *hub;
static struct hub_bot *bot;
static struct wire *wire;
static struct wire_reply reply;

static void
set_up(void)
{
    wire_setup();
    hub = hub_new();
    ck_assert_ptr_nonnull(hub);
    bot = hub_bot_new(hub, "/hook/w/b1", "s3cret", "verify me");
    wire = wire_new();
}

static void
tear_down(void)
{
    wire_reply_fini(&reply);
    wire_free(&wire);
    hub_bot_free(&bot);
    hub_free(&hub);
}

static void
fetch(const char *method, const char *tail, const char *body, const char *sha256, const char *sha1)
{
    char *url = hub_bot_url(bot);
    struct wire_request request = {.method = alloc_text(method),
                                   .url = alloc_print("%s%s", url, tail)};

    if (body != NULL) {
        request.body = alloc_text(body);
        request.body_length = strlen(body);
        wire_request_header(&request, "Content-Type", "application/json");
    }
    if (sha256 != NULL)
        wire_request_header(&request, "X-Hub-Signature-256", sha256);
    if (sha1 != NULL)
        wire_request_header(&request, "X-Hub-Signature", sha1);
    wire_reply_fini(&reply);
    wire_call(wire, &request, &reply);
    wire_request_fini(&request);
    free(url);
}

static const struct {
    const char *query;
    long status;
    const char *body;
} handshakes[] = {
    {"?hub.mode=subscribe&hub.challenge=1234&hub.verify_token=verify%20me", 200, "1234"},
    {"?hub.mode=subscribe&hub.challenge=1234&hub.verify_token=verify+me", 200, "1234"},
    {"?hub.mode=subscribe&hub.challenge=1234&hub.verify_token=other", 403, ""},
    {"?hub.mode=unsubscribe&hub.challenge=1234&hub.verify_token=verify%20me", 403, ""},
    {"?hub.challenge=1234&hub.verify_token=verify%20me", 403, ""},
    {"?hub.mode=subscribe&hub.verify_token=verify%20me", 403, ""},
    {"/elsewhere?hub.mode=subscribe&hub.challenge=1234&hub.verify_token=verify%20me", 403, ""},
};

START_TEST(handshakes_are_answered)
{
    fetch("GET", handshakes[_i].query, NULL, NULL, NULL);
    ck_assert_int_eq(reply.status, handshakes[_i].status);
    ck_assert_str_eq(reply.body, handshakes[_i].body);
}
END_TEST

/* What the platform would send with this body. */
static const char body[] = "{\"a\":1}";
static char good256[80], good1[60];

static void
sign(void)
{
    unsigned char digest[32];

    gnutls_hmac_fast(GNUTLS_MAC_SHA256, "s3cret", 6, body, sizeof body - 1, digest);
    strcpy(good256, "sha256=");
    for (size_t i = 0; i < 32; i++)
        sprintf(good256 + 7 + 2 * i, "%02x", digest[i]);
    gnutls_hmac_fast(GNUTLS_MAC_SHA1, "s3cret", 6, body, sizeof body - 1, digest);
    strcpy(good1, "sha1=");
    for (size_t i = 0; i < 20; i++)
        sprintf(good1 + 5 + 2 * i, "%02x", digest[i]);
}

START_TEST(good_signatures_pass)
{
    sign();
    fetch("POST", "", body, good256, good1);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_uint_eq(hub_bot_count(bot), 1);
    ck_assert_ptr_null(hub_bot_complaint(bot));
    char *header = hub_bot_header(bot, 0, "x-hub-signature");
    ck_assert_str_eq(header, good1);
    free(header);
    ck_assert_ptr_null(hub_bot_header(bot, 0, "X-Nothing"));
    ck_assert_ptr_null(hub_bot_header(bot, 1, "X-Hub-Signature"));
}
END_TEST

START_TEST(bad_signatures_are_told)
{
    sign();
    fetch("POST", "", body, _i == 0 ? "sha256=00" : good256, _i == 1 ? NULL : good1);
    char *complaint = hub_bot_complaint(bot);
    ck_assert_ptr_nonnull(complaint);
    ck_assert_ptr_nonnull(strstr(complaint, _i == 0
                                                ? "X-Hub-Signature-256 of webhook 1 is sha256=00"
                                                : "X-Hub-Signature of webhook 1 is absent"));
    free(complaint);
}
END_TEST

START_TEST(bots_answer_as_told)
{
    static const long wanted[] = {500, 500, 302, 200, 200};

    hub_bot_answer(bot, 500, 2);
    hub_bot_answer_next(bot, 302);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        fetch("POST", "", body, NULL, NULL);
        ck_assert_int_eq(reply.status, wanted[i]);
    }
    hub_bot_answer(bot, 503, 0);
    fetch("POST", "", body, NULL, NULL);
    ck_assert_int_eq(reply.status, 503);
    hub_bot_answer(bot, HUB_ANSWER_CLOSE, 0);
    fetch("POST", "", body, NULL, NULL);
    ck_assert_int_eq(reply.status, 0);
    ck_assert_ptr_nonnull(reply.error);
    fetch("PUT", "", body, NULL, NULL);
    ck_assert_int_eq(reply.status, 405);
    fetch("POST", "/elsewhere", body, NULL, NULL);
    ck_assert_int_eq(reply.status, 404);
}
END_TEST

START_TEST(many_calls_at_once)
{
    enum { COUNT = 250 };
    struct wire_request requests[COUNT];
    struct wire_reply replies[COUNT];
    char *url = hub_bot_url(bot);

    hub_bot_answer(bot, 429, 50);
    for (size_t i = 0; i < COUNT; i++)
        requests[i] = (struct wire_request){.method = alloc_text("POST"), .url = alloc_text(url)};
    wire_call_all(wire, requests, replies, COUNT);
    size_t refused = 0, done = 0;
    for (size_t i = 0; i < COUNT; i++) {
        refused += replies[i].status == 429;
        done += replies[i].status == 200;
        wire_request_fini(&requests[i]);
        wire_reply_fini(&replies[i]);
    }
    ck_assert_uint_eq(refused, 50);
    ck_assert_uint_eq(done, 200);
    ck_assert_uint_eq(hub_bot_count(bot), COUNT);
    free(url);
}
END_TEST

/* ---- the client ---- */

static const struct {
    const char *command;
    const char *error; /* part of what is said */
} clients[] = {
    {"echo I cannot find my config >&2; exit 3",
     "the client ended by itself (exit code 3); it said last: I cannot find my config"},
    {"echo on stdout; exit 0", "the client ended by itself (exit code 0); it said last: on stdout"},
    {"kill -SEGV $$",
     "the client ended by itself (signal 11 (Segmentation fault)); it said nothing"},
    {"no-such-program-anywhere", "the client ended by itself (exit code 127)"},
    {"trap '' TERM; while :; do sleep 1; done",
     "the client does not accept connections on WEBHOOK_PORT after 300 ms"},
};

START_TEST(clients_that_do_not_start_are_told)
{
    json_t *ready = json_pack("{s:s}", "listen", "http://127.0.0.1:1"), *world = json_object();
    struct client_plan plan = {.command = clients[_i].command,
                               .webhook_path = "/webhook",
                               .start_ms = 300,
                               .quiet_ms = 10,
                               .ready = ready};
    struct client client;
    char error[CLIENT_ERROR_SIZE] = "";

    ck_assert_int_eq(client_start(&client, &plan, world, error), -1);
    ck_assert_msg(strstr(error, clients[_i].error) != NULL, "%s", error);
    client_stop(&client);
    ck_assert_int_eq(client.process.pid, 0);
    json_decref(ready);
    json_decref(world);
}
END_TEST

START_TEST(clients_get_their_environment)
{
    json_t *ready = json_pack("{s:s, s:n, s:s}", "listen", "http://127.0.0.1:8080", "tls", "proxy",
                              "http://127.0.0.1:3128");
    json_t *world = json_pack("{s:[{s:s,s:s,s:s}], s:[{s:s,s:s}]}", "apps", "id", "1", "secret",
                              "s", "verify_token", "v", "pages", "id", "2", "access_token", "EAA");
    char **environment = client_environment(ready, world, 4711);
    static const char *const wanted[] = {"GRAPH_API_BASE=http://127.0.0.1:8080",
                                         "PAGE_ID=2",
                                         "PAGE_ACCESS_TOKEN=EAA",
                                         "APP_ID=1",
                                         "APP_SECRET=s",
                                         "VERIFY_TOKEN=v",
                                         "WEBHOOK_PORT=4711",
                                         "HTTPS_PROXY=http://127.0.0.1:3128",
                                         "https_proxy=http://127.0.0.1:3128",
                                         "http_proxy=http://127.0.0.1:3128",
                                         "NO_PROXY=localhost,127.0.0.1",
                                         "no_proxy=localhost,127.0.0.1",
                                         NULL};

    size_t i = 0;
    for (; environment[i] != NULL && wanted[i] != NULL; i++)
        ck_assert_str_eq(environment[i], wanted[i]);
    ck_assert_ptr_null(environment[i]);
    ck_assert_ptr_null(wanted[i]);
    client_environment_free(environment);
    json_decref(ready);
    json_decref(world);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("hub");
    TCase *all = tcase_create("hub"), *process = tcase_create("client");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_loop_test(all, handshakes_are_answered, 0, sizeof handshakes / sizeof *handshakes);
    tcase_add_test(all, good_signatures_pass);
    tcase_add_loop_test(all, bad_signatures_are_told, 0, 2);
    tcase_add_test(all, bots_answer_as_told);
    tcase_add_test(all, many_calls_at_once);
    tcase_set_timeout(process, 30);
    tcase_add_loop_test(process, clients_that_do_not_start_are_told, 0,
                        sizeof clients / sizeof *clients);
    tcase_add_test(process, clients_get_their_environment);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, process);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
