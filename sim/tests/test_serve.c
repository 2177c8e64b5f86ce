/* The program as it is run: its command line and ready line, HTTP as it comes, TLS and the proxy, its end. What is said to it under /_sim/ is in test_control.c. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>

#include "served.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

/* ---- the command line ---------------------------------------------------------------------------------------------------------- */

static const char *const refusals[][4] = {
    {"--nonsense"},
    {"--listen", "nowhere"},
    {"--listen", "0.0.0.0:0"},
    {"--listen", "192.0.2.1:0", "--admin-token=t"},
    {"--world", "/does/not/exist"},
    {"--world", "/dev/null"},
    {"--journal=/does/not/exist/j", "--listen=127.0.0.1:0"},
    {"--clock", "slow"},
    {"--proxy", "127.0.0.1:0"},
};

START_TEST(a_bad_option_is_one_line_and_exit_2)
{
    const char *arguments[5] = {refusals[_i][0], refusals[_i][1], refusals[_i][2], refusals[_i][3],
                                NULL};
    char said[1024];

    ck_assert_int_eq(served_refusal(arguments, said, sizeof said), 2);
    const char *end = strchr(said, '\n');
    ck_assert_msg(end != NULL && end[1] == '\0' && strncmp(said, "understudy serve: ", 18) == 0,
                  "%s", said);
}
END_TEST

START_TEST(a_taken_port_is_exit_2)
{
    char listen[64], said[1024];

    snprintf(listen, sizeof listen, "127.0.0.1:%u", server.port);
    const char *arguments[] = {"--listen", listen, NULL};
    ck_assert_int_eq(served_refusal(arguments, said, sizeof said), 2);
    ck_assert_ptr_nonnull(strstr(said, "Address already in use"));
}
END_TEST

START_TEST(a_world_file_is_read_and_its_mistakes_have_a_place)
{
    char path[] = "/tmp/understudy-world-XXXXXX", said[1024];
    int file = mkstemp(path);
    static const char bad[] = "{\"name\":\"shop\",\n \"users\":[{\"nmae\":\"ann\"}]}";

    ck_assert_int_eq(write(file, bad, sizeof bad - 1), (ssize_t)sizeof bad - 1);
    const char *arguments[] = {"--world", path, NULL};
    ck_assert_int_eq(served_refusal(arguments, said, sizeof said), 2);
    ck_assert_msg(strstr(said, path) != NULL && strstr(said, "/users/0/nmae") != NULL &&
                      strstr(said, "\"name\"") != NULL,
                  "%s", said);
    close(file);
    unlink(path);
}
END_TEST

START_TEST(the_default_world_is_the_same_everywhere)
{
    struct served other = served_start(NULL);
    json_t *a = json_object_get(server.ready, "world"), *b = json_object_get(other.ready, "world");

    ck_assert(json_is_true(json_object_get(server.ready, "ready")));
    ck_assert_str_eq(json_string_value(json_object_get(a, "name")), "default");
    ck_assert(json_equal(json_object_get(a, "apps"), json_object_get(b, "apps")));
    ck_assert(json_equal(json_object_get(a, "pages"), json_object_get(b, "pages")));
    ck_assert(json_equal(json_object_get(a, "users"), json_object_get(b, "users")));
    ck_assert_uint_eq(json_array_size(json_object_get(a, "users")), 3);
    ck_assert(json_is_null(json_object_get(json_object_get(a, "webhook"), "url")));
    ck_assert_int_eq(served_stop(&other), 0);
}
END_TEST

/* ---- HTTP as it comes ------------------------------------------------------------------------------------------------------------------ */

/* The text with the page's token in the place of TOKEN. */
static char *
target_of(const char *text)
{
    const char *at = strstr(text, "TOKEN"),
               *token = text_at(json_object_get(server.ready, "world"), "pages", 0, "access_token");
    char *target = malloc(2048);

    snprintf(target, 2048, "%.*s%s%s", (int)(at - text), text, token, at + 5);
    return target;
}

START_TEST(an_absolute_target_is_the_same)
{
    char *bytes = target_of("GET https://graph.facebook.com/v19.0/me?access_token=TOKEN "
                            "HTTP/1.1\r\nHost: graph.facebook.com\r\nConnection: close\r\n\r\n");
    char *got = served_raw(&server, bytes, strlen(bytes), NULL);

    ck_assert_msg(strncmp(got, "HTTP/1.1 200 ", 13) == 0, "%s", got);
    free(bytes);
    free(got);
}
END_TEST

START_TEST(a_body_may_come_in_chunks)
{
    char *bytes = target_of("POST /v19.0/me/messages?access_token=TOKEN HTTP/1.1\r\nHost: "
                            "x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                            "Connection: "
                            "close\r\n\r\n7\r\n{\"recip\r\n1a\r\nient\":{\"id\":\"1\"},"
                            "\"message\"\r\n11\r\n:{\"text\":\"hello\"}\r\n1\r\n}\r\n0\r\n\r\n");
    char *got = served_raw(&server, bytes, strlen(bytes), NULL);

    ck_assert_msg(strstr(got, "No matching user found") != NULL, "%s", got);
    free(bytes);
    free(got);
}
END_TEST

START_TEST(a_body_that_is_too_large_is_answered_and_the_connection_lives)
{
    char *bytes =
        target_of("POST /v19.0/me/messages?access_token=TOKEN HTTP/1.1\r\nHost: x\r\nContent-Type: "
                  "application/json\r\nContent-Length: 28000000\r\n\r\n");
    size_t n = strlen(bytes), body = 28000000;
    char *next = target_of(
        "GET /v19.0/me?access_token=TOKEN HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    char *all = malloc(n + body + strlen(next));

    memcpy(all, bytes, n);
    memset(all + n, 'x', body);
    memcpy(all + n + body, next, strlen(next));
    char *got = served_raw(&server, all, n + body + strlen(next), NULL);
    ck_assert_msg(strncmp(got, "HTTP/1.1 400 ", 13) == 0, "%.300s", got);
    ck_assert_msg(strstr(got, "HTTP/1.1 200 ") != NULL, "%s", got);
    free(bytes);
    free(next);
    free(all);
    free(got);
}
END_TEST

/* Everything may stand in the query: a text of 2,000 letters of two bytes is 12 KB there, and a form may have many fields. */
static const struct {
    const char *unit;
    unsigned times;
    long status;
} queries[] = {
    {"%D0%B6", 2000, 200}, {"&k=1", 2000, 200}, {"%D0%B6", 2500, 414},
    {"&k=1", 3750, 414},   {"%D0%B6", 4000, 414},
};

START_TEST(a_long_query_is_read_or_refused)
{
    char request[32768], status[32];
    size_t n = (size_t)snprintf(request, sizeof request, "GET /m.me/understudyshop?ref=x");

    for (unsigned i = 0; i < queries[_i].times; i++)
        n += (size_t)snprintf(request + n, sizeof request - n, "%s", queries[_i].unit);
    n += (size_t)snprintf(request + n, sizeof request - n,
                          " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    char *reply = served_raw(&server, request, n, NULL);

    snprintf(status, sizeof status, "HTTP/1.1 %ld ", queries[_i].status);
    ck_assert_msg(strncmp(reply, status, strlen(status)) == 0, "wanted %s, got %.40s", status, reply);
    free(reply);
}
END_TEST

static const char *const garbage[] = {
    "\r\n\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "\x16\x03\x01\x02",
    "POST /v19.0/me/messages HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n{}",
    "POST /v19.0/me/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET /%zz%00%ff?a=%zz&&&=&access_token=%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "FETCH /v19.0/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET ///// HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "POST /_sim/worlds HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
    "3\r\n\r\n\xff\xfe\xfd",
    "GET /_sim/worlds/%00%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
};

START_TEST(garbage_hurts_nobody)
{
    int sent = served_send(&server, garbage[_i], strlen(garbage[_i]));

    server_expect("GET", "/_sim/health", NULL, 200); /* read after it: one thread */
    close(sent);
    server_expect("GET", "/_sim/health", NULL, 200);
}
END_TEST

START_TEST(head_and_options_are_answered)
{
    char *target = target_of("/v19.0/me?access_token=TOKEN");
    struct returned head = served_call(&server, "HEAD", target, NULL, NULL),
                    options = served_call(&server, "OPTIONS", target, NULL, NULL);
    char *origin = returned_header(&options, "Access-Control-Allow-Origin");

    ck_assert_int_eq(head.status, 200);
    ck_assert_uint_eq(head.n, 0);
    ck_assert_int_eq(options.status, 200);
    ck_assert_str_eq(origin, "*");
    free(origin);
    free(target);
    returned_fini(&head);
    returned_fini(&options);
}
END_TEST

static const char *const platform_headers[] = {
    "Content-Type",
    "facebook-api-version",
    "Vary",
    "x-fb-request-id",
    "x-fb-trace-id",
    "x-fb-rev",
    "X-FB-Debug",
    "Access-Control-Allow-Origin",
    "cross-origin-resource-policy",
    "Strict-Transport-Security",
    "Pragma",
    "Cache-Control",
    "Expires",
    "Date",
};

START_TEST(replies_carry_the_platform_s_headers)
{
    const char *options[] = {"--strict", "--now=2024-03-01T09:00:00Z", "--clock=frozen", NULL};
    struct served strict = served_start(options);
    struct returned plain = served_call(&server, "GET", "/v19.0/me", NULL, NULL),
                    bare = served_call(&strict, "GET", "/v19.0/me", NULL, NULL);

    for (int i = 0; i < COUNT(platform_headers); i++) {
        char *value = returned_header(&plain, platform_headers[i]);

        ck_assert_msg(value != NULL, "no %s in %s", platform_headers[i], plain.headers);
        free(value);
    }
    char *rule = returned_header(&plain, "X-Understudy-Rule"),
         *none = returned_header(&bare, "X-Understudy-Rule");
    char *date = returned_header(&bare, "Date"), *cache = returned_header(&plain, "Cache-Control"),
         *www = returned_header(&plain, "WWW-Authenticate");
    ck_assert_str_eq(rule, "AUTH-TOKEN");
    ck_assert_ptr_null(none);
    ck_assert_str_eq(date, "Fri, 01 Mar 2024 09:00:00 GMT");
    ck_assert_str_eq(cache, "no-store");
    ck_assert_msg(strncmp(www, "OAuth \"Facebook Platform\"", 25) == 0, "%s", www);
    free(rule);
    free(date);
    free(cache);
    free(www);
    returned_fini(&plain);
    returned_fini(&bare);
    ck_assert_int_eq(served_stop(&strict), 0);
}
END_TEST

START_TEST(every_answer_has_its_own_ids)
{
    char *target = target_of("/v19.0/me?access_token=TOKEN");
    char ids[20][64];

    for (int i = 0; i < 20; i++) { /* the same shape again and again */
        struct returned returned = served_call(&server, "GET", target, NULL, NULL);
        char *id = returned_header(&returned, "x-fb-request-id");

        snprintf(ids[i], sizeof ids[i], "%s", id);
        ck_assert_uint_eq(strlen(ids[i]), 23);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(ids[i], ids[j]);
        free(id);
        returned_fini(&returned);
    }
    free(target);
}
END_TEST

/* ---- TLS and the proxy --------------------------------------------------------------------------------------------------------------------- */

/* The status of a GET through the proxy (NULL: none), with our authority trusted; 0 when there was no answer. */
static long
get_through(const json_t *ready, const char *url, bool is_proxied)
{
    CURL *curl = curl_easy_init();
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_CAINFO, json_string_value(json_object_get(ready, "ca")));
    curl_easy_setopt(curl, CURLOPT_PROXY,
                     is_proxied ? json_string_value(json_object_get(ready, "proxy")) : "");
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return status;
}

static const struct {
    const char *url;
    bool is_proxied;
    long status;
} visits[] = {
    {"https://graph.facebook.com/v19.0/me?access_token=TOKEN", true, 200},
    {"http://graph.facebook.com/v19.0/me?access_token=TOKEN", true, 200},
    {"TLS/v19.0/me?access_token=TOKEN", false, 200},
    {"TLS/_sim/health", false, 200},
    {"https://PROXY/v19.0/me?access_token=TOKEN", false, 200}, /* axios before 0.19 */
    {"https://example.com/", true, 0},
    {"http://example.com/", true, 403},
    {"https://graph.facebook.com.example.com/", true, 0},
};

/* Puts `with` in the place of a word. */
static void
fill_in(char *text, size_t size, const char *place, const char *with)
{
    char *at = strstr(text, place);
    char rest[1024];

    if (at == NULL)
        return;
    snprintf(rest, sizeof rest, "%s", at + strlen(place));
    snprintf(at, size - (size_t)(at - text), "%s%s", with, rest);
}

START_TEST(built_in_hosts_lead_here_and_no_others)
{
    const char *options[] = {"--tls=127.0.0.1:0", "--proxy=127.0.0.1:0", NULL};
    struct served other = served_start(options);
    const json_t *page =
        json_array_get(json_object_get(json_object_get(other.ready, "world"), "pages"), 0);

    for (int i = 0; i < COUNT(visits); i++) {
        char url[1024];

        snprintf(url, sizeof url, "%s", visits[i].url);
        fill_in(url, sizeof url, "TOKEN", json_string_value(json_object_get(page, "access_token")));
        fill_in(url, sizeof url, "TLS", json_string_value(json_object_get(other.ready, "tls")));
        fill_in(url, sizeof url, "PROXY",
                strstr(json_string_value(json_object_get(other.ready, "proxy")), "://") + 3);
        long status = get_through(other.ready, url, visits[i].is_proxied);
        ck_assert_msg(status == visits[i].status, "%s: %ld", visits[i].url, status);
    }
    struct returned journal =
        served_call(&other, "GET", "/_sim/worlds/default/journal", NULL, NULL);
    ck_assert_ptr_nonnull(
        strstr(journal.text, "\"note\":\"proxy_refused\",\"text\":\"example.com:443\""));
    returned_fini(&journal);
    char *authority = strdup(json_string_value(json_object_get(other.ready, "ca")));
    ck_assert_int_eq(access(authority, R_OK), 0);
    ck_assert_int_eq(served_stop(&other), 0);
    ck_assert_int_ne(access(authority, R_OK), 0);
    free(authority);
}
END_TEST

/* ---- the end ----------------------------------------------------------------------------------------------------------------------------- */

static const int ends[] = {SIGTERM, SIGINT, SIGHUP};

START_TEST(the_journal_file_is_whole_at_the_end)
{
    char path[] = "/tmp/understudy-journal-XXXXXX", option[64], line[65536];
    int file = mkstemp(path);
    unsigned lines = 0;

    snprintf(option, sizeof option, "--journal=%s", path);
    const char *options[] = {option, "--seed=42", NULL};
    struct served other = served_start(options);
    for (int i = 0; i < 50; i++) {
        struct returned returned = served_call(&other, "GET", "/v19.0/me", NULL, NULL);

        returned_fini(&returned);
    }
    ck_assert_int_eq(served_stop_by(&other, ends[_i]), 0);
    FILE *in = fdopen(file, "r");
    while (fgets(line, sizeof line, in) != NULL) {
        json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        ck_assert_msg(record != NULL, "%s", line);
        if (lines++ == 0)
            ck_assert_int_eq(json_integer_value(json_object_get(record, "seed")), 42);
        json_decref(record);
    }
    ck_assert_uint_eq(lines, 1 + 1 + 50 + 1); /* header, created, calls, dropped */
    fclose(in);
    unlink(path);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("serve");
    TCase *each = tcase_create("served");

    tcase_add_checked_fixture(each, server_start, server_stop);
    tcase_set_timeout(each, 60);
    tcase_add_loop_test(each, a_bad_option_is_one_line_and_exit_2, 0, COUNT(refusals));
    tcase_add_test(each, a_taken_port_is_exit_2);
    tcase_add_test(each, a_world_file_is_read_and_its_mistakes_have_a_place);
    tcase_add_test(each, the_default_world_is_the_same_everywhere);
    tcase_add_test(each, an_absolute_target_is_the_same);
    tcase_add_test(each, a_body_may_come_in_chunks);
    tcase_add_test(each, a_body_that_is_too_large_is_answered_and_the_connection_lives);
    tcase_add_loop_test(each, a_long_query_is_read_or_refused, 0, COUNT(queries));
    tcase_add_loop_test(each, garbage_hurts_nobody, 0, COUNT(garbage));
    tcase_add_test(each, head_and_options_are_answered);
    tcase_add_test(each, replies_carry_the_platform_s_headers);
    tcase_add_test(each, every_answer_has_its_own_ids);
    tcase_add_test(each, built_in_hosts_lead_here_and_no_others);
    tcase_add_loop_test(each, the_journal_file_is_whole_at_the_end, 0, COUNT(ends));
    suite_add_tcase(suite, each);
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
