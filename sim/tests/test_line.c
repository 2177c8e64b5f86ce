/* Kept connections to a callback: what each kind of answer comes to, and when a connection is used again. The other end is this test's own socket, which says what
 * the row says, byte for byte. */
#include <check.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/str.h"
#include "edge/line.h"
#include "edge/listener.h"
#include "edge/reactor.h"
#include "edge/wallclock.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))
#define HEADERS "X-Of-The-Test: yes\r\n"
#define BODY "{\"object\":\"page\"}"

static struct reactor *reactor;
static struct lines *lines;
static int listener, peer;     /* peer: the connection that came last; -1: none */
static unsigned accepted;
static bool has_hung_up;       /* our line, on that connection */
static char heard[1 << 16];    /* what came on it since it was last emptied */
static size_t heard_n;
static char url[64];

static void
set_up(void)
{
    char problem[200];

    curl_global_init(CURL_GLOBAL_DEFAULT);
    reactor = reactor_new();
    lines = lines_new(reactor);
    listener = listener_open("127.0.0.1", 0, problem, sizeof problem);
    ck_assert_int_ge(listener, 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/hook?a=b", listener_port(listener));
    peer = -1;
    accepted = 0;
    heard_n = 0;
}

static void
tear_down(void)
{
    lines_free(&lines);
    reactor_free(&reactor);
    if (peer >= 0)
        close(peer);
    close(listener);
    curl_global_cleanup();
}

/* Lets both ends do what they can. */
static void
turn(void)
{
    struct pollfd files[] = {{.fd = listener, .events = POLLIN}, {.fd = peer, .events = POLLIN}};

    reactor_wait(reactor, 1000);
    lines_expire(lines);
    if (poll(files, 2, 0) <= 0)
        return;
    if (files[0].revents != 0) {
        if (peer >= 0)
            close(peer);
        peer = accept(listener, NULL, NULL);
        accepted++;
        has_hung_up = false;
    } else if (files[1].revents != 0) {
        ssize_t n = read(peer, heard + heard_n, sizeof heard - 1 - heard_n);

        has_hung_up = n <= 0;
        heard_n += n > 0 ? (size_t)n : 0;
        heard[heard_n] = '\0';
    }
}

/* Nothing here waits for long; a test that would is stopped by Check. */
static void
hear(const char *until)
{
    heard_n = 0;
    heard[0] = '\0';
    while (strstr(heard, until) == NULL)
        turn();
}

static void
say(const char *bytes, size_t n)
{
    ck_assert_int_eq(send(peer, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

static struct sending *
ended(void)
{
    struct sending *sending;

    while ((sending = lines_ended(lines)) == NULL)
        turn();
    return sending;
}

static void
post(struct sending *sending, const char *to)
{
    *sending = (struct sending){.answer_ms = 20000, .no_answer = "too late"};
    lines_post(lines, sending, to, STR(HEADERS), STR(BODY));
}

START_TEST(a_post_is_written_as_it_is_given)
{
    struct sending sending;
    char expected[400];

    post(&sending, url);
    hear(BODY);
    snprintf(expected, sizeof expected, "POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n" HEADERS "Content-Length: 17\r\n\r\n" BODY, listener_port(listener));
    ck_assert_str_eq(heard, expected);
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ck_assert_ptr_eq(ended(), &sending);
    ck_assert_int_eq(sending.status, 200);
    ck_assert_ptr_null(sending.reason);
}
END_TEST

/* ---- answers -------------------------------------------------------------------------------------------------------------------- */

enum ending { STAYS_OPEN, CLOSES };

/* `again`: whether a second post comes on the same connection. */
static const struct {
    const char *answer;
    enum ending ending;
    int status;
    const char *reason;
    bool again;
} answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nEVENT_RECEIVED", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 204 No Content\r\n\r\n", STAYS_OPEN, 204, NULL, true},
    {"HTTP/1.1 304 Not Modified\r\n\r\n", STAYS_OPEN, 304, NULL, true},
    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 302, NULL, true},
    {"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops", STAYS_OPEN, 500, NULL, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 404, NULL, true},
    /* the other end will close, or has lost count of what belongs to what */
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 200, NULL, false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 200, NULL, false},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", STAYS_OPEN, 200, NULL, true},
    {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n", STAYS_OPEN, 101, NULL, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nand more", STAYS_OPEN, 200, NULL, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", CLOSES, 200, NULL, false},
    {"HTTP/1.1 200 OK\r\n\r\nup to the end", CLOSES, 200, NULL, false},
    /* no answer */
    {"", CLOSES, 0, "the connection was closed without an answer", false},
    {"HTTP/1.1 20", CLOSES, 0, "the connection was closed without an answer", false},
    {"HTTP/1.1 200 OK\r\nContent-Le", CLOSES, 0, "the connection was closed without an answer", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", CLOSES, 0, "the connection was closed without an answer", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", CLOSES, 0, "the connection was closed without an answer", false},
    {"EVENT_RECEIVED", STAYS_OPEN, 0, "the answer is not HTTP", false},
    {"\x16\x03\x01\x02", STAYS_OPEN, 0, "the answer is not HTTP", false},
    {"HTTP/1.1 two hundred\r\n\r\n", STAYS_OPEN, 0, "the answer is not HTTP", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", STAYS_OPEN, 0, "the answer is not HTTP", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", STAYS_OPEN, 0, "the answer is not HTTP", false},
};

static void
answer(int row, bool at_once)
{
    size_t n = strlen(answers[row].answer);

    hear(BODY);
    for (size_t i = 0; i < n && !has_hung_up; i += at_once ? n : 1) {
        say(answers[row].answer + i, at_once ? n : 1);
        if (!at_once)
            turn();
    }
    if (answers[row].ending == CLOSES)
        shutdown(peer, SHUT_WR);
}

static void
check_answer(int row, bool at_once)
{
    struct sending first, second;

    post(&first, url);
    answer(row, at_once);
    ck_assert_ptr_eq(ended(), &first);
    ck_assert_int_eq(first.status, answers[row].status);
    ck_assert_pstr_eq(first.reason, answers[row].reason);
    turn();
    turn();
    post(&second, url);
    hear(BODY);
    ck_assert_uint_eq(accepted, answers[row].again ? 1 : 2);
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ck_assert_ptr_eq(ended(), &second);
    ck_assert_int_eq(second.status, 200);
}

START_TEST(an_answer_has_its_outcome)
{
    check_answer(_i, true);
}
END_TEST

/* Bytes that come behind the answer in a packet of their own are noticed on the idle line. */
START_TEST(an_answer_may_come_byte_by_byte)
{
    check_answer(_i, false);
}
END_TEST

/* ---- connections ---------------------------------------------------------------------------------------------------------------- */

START_TEST(a_body_larger_than_any_buffer_goes_out_whole)
{
    enum { SIZE = 8 << 20 };
    char *body = malloc(SIZE);
    struct sending sending = {.answer_ms = 20000};
    size_t got = 0;

    memset(body, 'x', SIZE);
    lines_post(lines, &sending, url, STR(HEADERS), (struct str){body, SIZE});
    free(body); /* it was copied */
    hear("\r\n\r\n");
    got = heard_n - (size_t)(strstr(heard, "\r\n\r\n") + 4 - heard);
    while (got < SIZE) {
        heard_n = 0;
        turn();
        got += heard_n;
    }
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ck_assert_ptr_eq(ended(), &sending);
    ck_assert_int_eq(sending.status, 200);
}
END_TEST

/* It could not be told what the rest of the body would be taken for. */
START_TEST(a_line_answered_before_the_body_was_read_is_hung_up)
{
    enum { SIZE = 64 << 20 };
    char *body = calloc(1, SIZE);
    struct sending sending = {.answer_ms = 20000}, second;

    lines_post(lines, &sending, url, STR(HEADERS), (struct str){body, SIZE});
    free(body);
    while (accepted == 0)
        turn();
    say("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", 45);
    while (lines_ended(lines) == NULL) { /* nobody reads the body */
        reactor_wait(reactor, 1000);
        lines_expire(lines);
    }
    ck_assert_int_eq(sending.status, 413);
    post(&second, url);
    hear(BODY);
    ck_assert_uint_eq(accepted, 2);
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ended();
}
END_TEST

START_TEST(posts_at_the_same_time_have_lines_of_their_own)
{
    struct sending first, second;

    post(&first, url);
    hear(BODY);
    int peer_of_first = dup(peer);
    post(&second, url);
    hear(BODY);
    ck_assert_uint_eq(accepted, 2);
    say("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 43);
    ck_assert_ptr_eq(ended(), &second);
    ck_assert_int_eq(write(peer_of_first, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 44), 44);
    ck_assert_ptr_eq(ended(), &first);
    ck_assert_int_eq(first.status, 202);
    ck_assert_int_eq(second.status, 201);
    close(peer_of_first);
}
END_TEST

/* Receivers hang up on idle connections when they like. */
START_TEST(a_line_that_was_hung_up_while_idle_is_not_used)
{
    struct sending first, second;

    post(&first, url);
    hear(BODY);
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ended();
    shutdown(peer, SHUT_RDWR);
    for (int64_t until_us = wallclock_ticks_us() + 2000; wallclock_ticks_us() < until_us;)
        continue; /* the reactor does not hear of it before the next post */
    post(&second, url);
    hear(BODY);
    ck_assert_uint_eq(accepted, 2);
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ended();
    ck_assert_int_eq(second.status, 200);
}
END_TEST

/* Those that wait have times of their own; the one that began later is over first. */
START_TEST(patience_ends)
{
    struct sending first, second = {.answer_ms = 30, .no_answer = "no answer in time"};

    post(&first, url);
    hear(BODY);
    int peer_of_first = dup(peer);
    lines_post(lines, &second, url, STR(HEADERS), STR(BODY));
    ck_assert_ptr_eq(ended(), &second);
    ck_assert_int_eq(second.status, 0);
    ck_assert_str_eq(second.reason, "no answer in time");
    ck_assert_ptr_null(lines_ended(lines));
    first.deadline_us = 0;
    second.answer_ms = 0;
    lines_post(lines, &second, url, STR(HEADERS), STR(BODY));
    ck_assert_ptr_eq(ended(), &first);
    ck_assert_str_eq(first.reason, "too late");
    ck_assert_ptr_eq(ended(), &second);
    close(peer_of_first);
}
END_TEST

/* The platform counts it as a failure and comes back later; it does not send it twice. */
START_TEST(a_post_that_is_taken_and_hung_up_on_is_not_repeated)
{
    struct sending first, second;

    post(&first, url);
    hear(BODY);
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ended();
    post(&second, url);
    hear(BODY);
    shutdown(peer, SHUT_RDWR);
    ck_assert_ptr_eq(ended(), &second);
    ck_assert_int_eq(second.status, 0);
    ck_assert_str_eq(second.reason, "the connection was closed without an answer");
    ck_assert_uint_eq(accepted, 1);
}
END_TEST

/* ---- URLs ----------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *url, *reason;
} bad_urls[] = {
    {"ftp://127.0.0.1/hook", "the callback is no http or https URL"},
    {"file:///etc/passwd", "the callback is no http or https URL"},
    {"127.0.0.1/hook", "the callback is no http or https URL"},
    {"http://", "the callback is no http or https URL"},
    {"http://127.0.0.1:99999/", "the callback is no http or https URL"},
    {"", "the callback is no http or https URL"},
    {"http://127.0.0.1/a b", "the callback is no http or https URL"},
    {"http://127.0.0.1:1/hook", "connection refused"},
    {"http://nobody.invalid/hook", "the host is not known"},
};

START_TEST(a_bad_url_is_an_outcome)
{
    struct sending sending;

    post(&sending, bad_urls[_i].url);
    ck_assert_ptr_eq(ended(), &sending);
    ck_assert_int_eq(sending.status, 0);
    ck_assert_str_eq(sending.reason, bad_urls[_i].reason);
}
END_TEST

/* What stands in front of HOST:PORT and behind it; what the request then begins with. */
static const struct {
    const char *before, *after, *line, *header;
} urls[] = {
    {"http://", "", "POST / HTTP/1.1\r\n", "Host: "},
    {"http://", "/", "POST / HTTP/1.1\r\n", "Host: "},
    {"http://", "?a=b&c=%2F", "POST /?a=b&c=%2F HTTP/1.1\r\n", "Host: "},
    {"http://", "/hook#part", "POST /hook HTTP/1.1\r\n", "Host: "},
    {"HTTP://", "/Hook", "POST /Hook HTTP/1.1\r\n", "Host: "},
    {"http://me:my%20secret@", "/hook", "POST /hook HTTP/1.1\r\n", "Authorization: Basic bWU6bXkgc2VjcmV0\r\n"},
};

START_TEST(a_url_says_where_to)
{
    struct sending sending;
    char to[200];

    snprintf(to, sizeof to, "%s127.0.0.1:%u%s", urls[_i].before, listener_port(listener), urls[_i].after);
    post(&sending, to);
    hear(BODY);
    ck_assert_msg(strncmp(heard, urls[_i].line, strlen(urls[_i].line)) == 0, "%s", heard);
    ck_assert_ptr_nonnull(strstr(heard, urls[_i].header));
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    ended();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("line");
    TCase *tcase = tcase_create("line");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, a_post_is_written_as_it_is_given);
    tcase_add_loop_test(tcase, an_answer_has_its_outcome, 0, COUNT(answers));
    tcase_add_loop_test(tcase, an_answer_may_come_byte_by_byte, 0, COUNT(answers));
    tcase_add_test(tcase, a_body_larger_than_any_buffer_goes_out_whole);
    tcase_add_test(tcase, a_line_answered_before_the_body_was_read_is_hung_up);
    tcase_add_test(tcase, posts_at_the_same_time_have_lines_of_their_own);
    tcase_add_test(tcase, a_line_that_was_hung_up_while_idle_is_not_used);
    tcase_add_test(tcase, a_post_that_is_taken_and_hung_up_on_is_not_repeated);
    tcase_add_test(tcase, patience_ends);
    tcase_add_loop_test(tcase, a_bad_url_is_an_outcome, 0, COUNT(bad_urls));
    tcase_add_loop_test(tcase, a_url_says_where_to, 0, COUNT(urls));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
