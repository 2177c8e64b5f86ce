/* Requests that HTTP cannot read: whatever is broken about them, there is an answer, and a record in the journal of the world that they concern. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>

#include "served.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))
#define BODY "{\"recipient\":{\"id\":\"1\"},\"message\":{\"text\":\"hi\"}}" /* 48 bytes */
#define POST "POST /v19.0/me/messages?access_token=TOKEN HTTP/1.1\r\nHost: x\r\nUser-Agent: mine\r\nContent-Type: application/json\r\n"

static struct served served;
static json_t *world; /* another one than the default */

static void
setup(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    served = served_start(NULL);
    world = served_json(&served, "POST", "/_sim/worlds", "{\"name\":\"shop\",\"clock\":\"frozen\",\"now\":\"2024-03-01T09:00:00Z\"}", 201);
}

static void
teardown(void)
{
    json_decref(world);
    ck_assert_int_eq(served_stop(&served), 0);
}

/* The text with the token of shop's page in the place of TOKEN. */
static char *
with_token(const char *text)
{
    const char *at = strstr(text, "TOKEN");
    const char *token = json_string_value(json_object_get(json_array_get(json_object_get(world, "pages"), 0), "access_token"));
    size_t size = strlen(text) + strlen(token) + 1;
    char *out = malloc(size);

    if (at == NULL)
        snprintf(out, size, "%s", text);
    else
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, token, at + 5);
    return out;
}

/* Sends it, ends our side, and reads the answer to the end. */
static char *
send_and_end(const char *text)
{
    char *bytes = with_token(text);
    int to = served_send(&served, bytes, strlen(bytes));

    shutdown(to, SHUT_WR);
    free(bytes);
    return served_receive(to, NULL);
}

static unsigned
count_records(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "/_sim/worlds/%s/journal", name);
    struct returned returned = served_call(&served, "GET", path, NULL, NULL);
    unsigned count = 0;
    for (const char *c = returned.text; *c != '\0'; c++)
        count += *c == '\n';
    returned_fini(&returned);
    return count;
}

/* The last record of a world; waits for the one after `after` records. */
static json_t *
record_after(const char *name, unsigned after)
{
    char path[128];

    snprintf(path, sizeof path, "/_sim/worlds/%s/journal?after=%u&wait=20000", name, after);
    struct returned returned = served_call(&served, "GET", path, NULL, NULL);
    ck_assert_msg(returned.json != NULL, "not one record after %u: %s", after, returned.text);
    json_t *record = json_incref(returned.json);
    returned_fini(&returned);
    return record;
}

static const char *
text_of(const json_t *record, const char *key)
{
    const char *text = json_string_value(json_object_get(record, key));

    return text != NULL ? text : "";
}

/* ---- bodies that end early ------------------------------------------------------------------------------------------------------ */

static const char *const cut_bodies[] = {
    POST "Content-Length: 49\r\n\r\n" BODY, /* all is there, but more was announced */
    POST "Content-Length: 100\r\n\r\n{\"recipient\":{\"id\":",
    POST "Content-Length: 20000000\r\n\r\n" BODY,
    POST "Transfer-Encoding: chunked\r\n\r\n40\r\n" BODY,
    POST "Transfer-Encoding: chunked\r\n\r\n30\r\n" BODY "\r\n",
    "POST /v19.0/me/messages?access_token=TOKEN HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nrecipient={\"id\":\"1\"}&message={\"text\":\"hi\"}",
    "POST /v19.0/me/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 60\r\n\r\nrecipient={\"id\":\"1\"}",
    "DELETE /v19.0/me/messenger_profile?access_token=TOKEN HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nfields=[\"greeting\"]",
};

START_TEST(a_body_that_ends_early_is_refused)
{
    unsigned before = count_records("shop");
    char *got = send_and_end(cut_bodies[_i]);
    json_t *record = record_after("shop", before);

    ck_assert_msg(strncmp(got, "HTTP/1.1 400 Bad Request\r\n", 26) == 0, "%s", got);
    ck_assert_msg(strstr(got, "\r\nX-Understudy-Rule: FORM-BODY\r\n") != NULL, "%s", got);
    ck_assert_msg(strstr(got, "\r\n\r\n{\"error\":{\"message\":\"Invalid parameter\",\"type\":\"OAuthException\",\"code\":100,") != NULL, "%s", got);
    ck_assert_str_eq(text_of(record, "kind"), "call");
    ck_assert_str_eq(text_of(record, "outcome"), "refused");
    ck_assert_str_eq(text_of(record, "rule"), "FORM-BODY");
    ck_assert_str_eq(text_of(record, "token"), "page:0");
    ck_assert_int_eq(json_integer_value(json_object_get(record, "status")), 400);
    ck_assert(json_is_true(json_object_get(record, "cut")));
    json_decref(record);
    free(got);
}
END_TEST

START_TEST(a_body_that_its_sender_abandons_is_written_down)
{
    unsigned before = count_records("shop");
    char *bytes = with_token(cut_bodies[_i]);

    close(served_send(&served, bytes, strlen(bytes)));
    json_t *record = record_after("shop", before);
    ck_assert(json_is_true(json_object_get(record, "cut")));
    json_decref(record);
    free(bytes);
}
END_TEST

/* After the head alone; the server has said that it waits. */
START_TEST(a_body_that_never_begins_is_refused)
{
    char *bytes = with_token(POST "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"), part[64];
    unsigned before = count_records("shop");
    int to = served_send(&served, bytes, strlen(bytes));

    ck_assert_int_gt((int)recv(to, part, sizeof part, 0), 0);
    ck_assert_int_eq(strncmp(part, "HTTP/1.1 100 ", 13), 0);
    shutdown(to, SHUT_WR);
    char *got = served_receive(to, NULL);
    json_t *record = record_after("shop", before);
    ck_assert_msg(strncmp(got, "HTTP/1.1 400 ", 13) == 0, "%s", got);
    ck_assert(json_is_true(json_object_get(record, "cut")));
    json_decref(record);
    free(got);
    free(bytes);
}
END_TEST

/* A whole request whose sender ends his side at once is a whole request. */
static const char *const whole_bodies[] = {
    POST "Content-Length: 48\r\nConnection: close\r\n\r\n" BODY,
    POST "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"recip\r\n29\r\nient\":{\"id\":\"1\"},\"message\":{\"text\":\"hi\"}}\r\n0\r\n\r\n",
};

START_TEST(a_whole_body_is_not_cut)
{
    unsigned before = count_records("shop");
    char *got = send_and_end(whole_bodies[_i]);
    json_t *record = record_after("shop", before);

    ck_assert_msg(strstr(got, "No matching user found") != NULL, "%s", got);
    ck_assert_ptr_null(json_object_get(record, "cut"));
    json_decref(record);
    free(got);
}
END_TEST

START_TEST(a_cut_request_to_the_control_api_has_a_problem_document)
{
    char *got = send_and_end("POST /_sim/worlds HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{}");

    ck_assert_msg(strncmp(got, "HTTP/1.1 400 ", 13) == 0 && strstr(got, "application/problem+json") != NULL, "%s", got);
    free(got);
}
END_TEST

/* A kept connection whose next request is cut. */
START_TEST(the_answer_before_a_cut_request_is_whole)
{
    char *got = send_and_end("GET /v19.0/me?access_token=x HTTP/1.1\r\nHost: x\r\n\r\nPOST /v19.0/me/messages?access_token=x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{}");
    const char *second = strstr(got + 1, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n");

    ck_assert_msg(strncmp(got, "HTTP/1.1 400 ", 13) == 0 && second != NULL, "%s", got);
    free(got);
}
END_TEST

/* ---- heads that HTTP refuses ------------------------------------------------------------------------------------------------------ */

#define GET "GET /v19.0/me?access_token=TOKEN HTTP/1.1\r\nHost: x\r\n"

/* Those whose method is known by then are refused by us, the others by the library. */
static const struct {
    const char *bytes;
    long status;
    const char *method;
} refusals[] = {
    { POST "Content-Length: x\r\n\r\n" BODY, 400, "" },
    { POST "Content-Length: -1\r\n\r\n" BODY, 400, "" },
    { POST "Content-Length: 4 8\r\n\r\n" BODY, 400, "" },
    { POST "Content-Length: 48, 7\r\n\r\n" BODY, 400, "" },
    { POST "Content-Length: 99999999999999999999999\r\n\r\n" BODY, 413, "" },
    { POST "Content-Length: 48\r\nContent-Length: 7\r\n\r\n" BODY, 400, "POST" },
    { POST "Content-Length: 5000\r\nContent-Length: 7000\r\n\r\n" BODY, 400, "POST" },
    { POST "Transfer-Encoding: gzip\r\n\r\n" BODY, 501, "POST" },
    { POST "Transfer-Encoding: gzip, chunked\r\n\r\n30\r\n" BODY "\r\n0\r\n\r\n", 501, "POST" },
    { POST "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "POST" },
    { POST "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"XX", 400, "POST" },
    { POST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n", 413, "POST" },
    { GET "No colon\r\n\r\n", 400, "" },
};

static void
check_note(const json_t *record, long status, const char *method, const char *path)
{
    ck_assert_str_eq(text_of(record, "kind"), "note");
    ck_assert_str_eq(text_of(record, "note"), "http_refused");
    ck_assert_int_eq(json_integer_value(json_object_get(record, "status")), status);
    ck_assert_str_eq(text_of(record, "method"), method);
    ck_assert_str_eq(text_of(record, "path"), path);
    ck_assert_int_gt((int)strlen(text_of(record, "text")), 0);
}

static void
check_status(const char *got, long status)
{
    char line[32];

    snprintf(line, sizeof line, "HTTP/1.1 %ld ", status);
    ck_assert_msg(strncmp(got, line, strlen(line)) == 0, "wanted %s, got %.300s", line, got);
}

START_TEST(what_http_refuses_is_written_down)
{
    unsigned before = count_records("shop");
    char *bytes = with_token(refusals[_i].bytes);
    char *got = served_raw(&served, bytes, strlen(bytes), NULL);
    json_t *record = record_after("shop", before);

    check_status(got, refusals[_i].status);
    check_note(record, refusals[_i].status, refusals[_i].method, strncmp(bytes, "GET", 3) == 0 ? "/v19.0/me" : "/v19.0/me/messages");
    ck_assert_uint_eq(count_records("shop"), before + 1);
    json_decref(record);
    free(bytes);
    free(got);
}
END_TEST

/* A head of so many bytes, all of them in the target or all in a header. Those that fill the connection's memory leave no room for an answer of the library. */
static char *
head_of(size_t size, bool is_target)
{
    char *head = malloc(size + 1), *start = with_token(is_target ? "GET /v19.0/me?access_token=TOKEN&x=" : GET "X-Long: ");
    const char *end = is_target ? " HTTP/1.1\r\nHost: x\r\nUser-Agent: mine\r\n\r\n" : "\r\nUser-Agent: mine\r\n\r\n";

    memset(head, 'x', size);
    memcpy(head, start, strlen(start));
    strcpy(head + size - strlen(end), end);
    free(start);
    return head;
}

START_TEST(a_head_that_is_too_large_is_answered_and_written_down)
{
    for (size_t size = 15000; size < 18000; size += size < 16000 ? 500 : 20) {
        unsigned before = count_records("shop"), others = count_records("default");
        char *head = head_of(size, _i == 0), *got = served_raw(&served, head, size, NULL);
        bool is_known = count_records("shop") > before; /* a request line that does not end is nobody's: the default world has it */
        json_t *record = is_known ? record_after("shop", before) : record_after("default", others);
        long status = (long)json_integer_value(json_object_get(record, "status"));

        ck_assert_msg(status == 414 || status == 431, "%zu: %ld", size, status);
        check_status(got, status);
        check_note(record, status, text_of(record, "method"), is_known ? "/v19.0/me" : "");
        ck_assert_uint_eq(count_records("shop") + count_records("default"), before + others + 1);
        ck_assert(is_known || _i == 0);
        json_decref(record);
        free(head);
        free(got);
    }
}
END_TEST

/* Whose they are nobody can know. */
static const char *const strange_lines[] = {
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
};

START_TEST(another_http_is_written_down_in_the_default_world)
{
    unsigned before = count_records("default");
    char *got = served_raw(&served, strange_lines[_i], strlen(strange_lines[_i]), NULL);
    json_t *record = record_after("default", before);

    check_status(got, 505);
    check_note(record, 505, "", "");
    json_decref(record);
    free(got);
}
END_TEST

/* A page in the path, or a header, names the world too. */
START_TEST(a_refused_request_finds_its_world)
{
    const char *page = json_string_value(json_object_get(json_array_get(json_object_get(world, "pages"), 0), "id"));
    unsigned before = count_records("shop");
    char path[128], bytes[512];

    snprintf(path, sizeof path, "/v19.0/%s/messages", _i == 0 ? page : "me");
    snprintf(bytes, sizeof bytes, "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: x\r\n\r\n", path, _i == 0 ? "" : "X-Understudy-World: shop\r\n");
    char *got = served_raw(&served, bytes, strlen(bytes), NULL);
    json_t *record = record_after("shop", before);

    check_note(record, 400, "", path);
    json_decref(record);
    free(got);
}
END_TEST

START_TEST(the_control_api_is_in_no_journal)
{
    static const char bytes[] = "POST /_sim/worlds HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n{}";
    unsigned before = count_records("default");
    char *got = served_raw(&served, bytes, sizeof bytes - 1, NULL);

    check_status(got, 400);
    ck_assert_uint_eq(count_records("default"), before);
    free(got);
}
END_TEST

/* ---- a journal with such requests, fed again --------------------------------------------------------------------------------------- */

static const char *const mixed[] = {
    POST "Content-Length: 48\r\nConnection: close\r\n\r\n" BODY,
    POST "Content-Length: 49\r\n\r\n" BODY,
    POST "Content-Length: 48\r\nConnection: close\r\n\r\n" BODY,
    POST "Content-Length: x\r\n\r\n" BODY,
    POST "Content-Length: 90\r\n\r\n{\"recipient\":{\"id\":",
    "POST /v19.0/me/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 60\r\n\r\nrecipient={\"id\":\"1\"}&mess",
    "POST /v19.0/me/messages?access_token=none HTTP/1.1\r\nHost: x\r\nX-Understudy-World: again\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{\"rec",
    POST "Transfer-Encoding: gzip\r\n\r\n" BODY,
    POST "Content-Length: 48\r\nConnection: close\r\n\r\n" BODY,
};

/* Writes the journal of a world to a file of that name. */
static void
save_journal(const char *name, const char *file)
{
    char path[128];
    FILE *out = fopen(file, "w");

    snprintf(path, sizeof path, "/_sim/worlds/%s/journal", name);
    struct returned returned = served_call(&served, "GET", path, NULL, NULL);
    fputs(returned.text, out);
    fclose(out);
    returned_fini(&returned);
}

/* Notes are passed over, calls are cut again; all other records come out the same, the trace ids in their answers too. */
START_TEST(a_journal_with_them_can_be_fed_again)
{
    char file[] = "/tmp/understudy-again-XXXXXX", command[512];

    close(mkstemp(file));
    json_decref(world);
    world = served_json(&served, "POST", "/_sim/worlds", "{\"name\":\"again\",\"seed\":7,\"now\":\"2024-03-01T09:00:00.000Z\",\"clock\":\"frozen\"}", 201);
    for (int i = 0; i < COUNT(mixed); i++)
        free(send_and_end(mixed[i]));
    ck_assert_uint_eq(count_records("again"), 1 + COUNT(mixed));
    save_journal("again", file);
    snprintf(command, sizeof command, "\"$UNDERSTUDY\" replay --journal-inputs %s", file);
    ck_assert_int_eq(system(command), 0);
    unlink(file);
}
END_TEST

/* ---- the suite --------------------------------------------------------------------------------------------------------------------- */

int
main(void)
{
    Suite *suite = suite_create("cut_requests");
    TCase *cut = tcase_create("cut");

    tcase_add_checked_fixture(cut, setup, teardown);
    tcase_set_timeout(cut, 60);
    tcase_add_loop_test(cut, a_body_that_ends_early_is_refused, 0, COUNT(cut_bodies));
    tcase_add_loop_test(cut, a_body_that_its_sender_abandons_is_written_down, 0, COUNT(cut_bodies));
    tcase_add_test(cut, a_body_that_never_begins_is_refused);
    tcase_add_loop_test(cut, a_whole_body_is_not_cut, 0, COUNT(whole_bodies));
    tcase_add_test(cut, a_cut_request_to_the_control_api_has_a_problem_document);
    tcase_add_test(cut, the_answer_before_a_cut_request_is_whole);
    tcase_add_loop_test(cut, what_http_refuses_is_written_down, 0, COUNT(refusals));
    tcase_add_loop_test(cut, a_head_that_is_too_large_is_answered_and_written_down, 0, 2);
    tcase_add_loop_test(cut, another_http_is_written_down_in_the_default_world, 0, COUNT(strange_lines));
    tcase_add_loop_test(cut, a_refused_request_finds_its_world, 0, 2);
    tcase_add_test(cut, the_control_api_is_in_no_journal);
    tcase_add_test(cut, a_journal_with_them_can_be_fed_again);
    suite_add_tcase(suite, cut);
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
