#include "edge/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <http_parser.h>
#include <poll.h>
#include <sys/epoll.h>

#include "edge/wallclock.h"
#include "edge/reactor.h"
#include "graph/jwrite.h"
#include "world/map.h"
#include "world/xalloc.h"

/* Receivers hang up on idle connections, many after five seconds, so a line that was idle for four is not used again. */
enum {
    IDLE_MAX = 256,
    IDLE_US = 4000000,
    SILENT_US = 1000,
    CALLBACK_BUCKETS = 64,
    READ_SIZE = 16 * 1024
};

/* A URL, and how a request to it begins. It lasts as long as a line to it. */
struct callback {
    struct callback *next;
    char *url;
    struct buf head;
    unsigned lines;
};

struct line {
    struct transfer transfer; /* opening it */
    struct watch watch;
    struct lines *lines;
    struct callback *callback;
    CURL *easy;
    struct sending *sending; /* NULL: idle */
    struct line *newer,
        *older; /* among the idle ones; `older` also in the list of records to use again */
    int64_t idle_since_us;
    struct buf out;
    size_t written;
    http_parser parser;
    curl_socket_t socket;
    bool is_open;
    bool wants_room;
    bool is_answered, may_stay; /* set by the parser */
};

struct lines {
    struct reactor *reactor;
    struct callback *callbacks[CALLBACK_BUCKETS];
    struct line *newest, *oldest; /* idle */
    unsigned idle;
    struct line *spare;
    struct sending *under_way, **last_under_way;
    int64_t due_us; /* not later than the first time of one of them is over; INT64_MAX: none */
    struct sending *ended, **last_ended;
};

/* ---- callbacks ------------------------------------------------------------------------------------------------------------------ */

static bool
add_part(struct buf *head, CURLU *url, CURLUPart part, unsigned flags)
{
    char *text;

    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return false;
    buf_adds(head, text);
    curl_free(text);
    return true;
}

/* A user and a password in the URL are sent, as every HTTP client does. [inferred] */
static void
add_authorization(struct buf *head, CURLU *url)
{
    struct buf pair = {0};
    gnutls_datum_t plain, coded;

    if (add_part(&pair, url, CURLUPART_USER, CURLU_URLDECODE)) {
        buf_char(&pair, ':');
        add_part(&pair, url, CURLUPART_PASSWORD, CURLU_URLDECODE);
        plain = (gnutls_datum_t){(unsigned char *)pair.s, (unsigned)pair.n};
        if (gnutls_base64_encode2(&plain, &coded) != 0)
            abort();
        buf_adds(head, "Authorization: Basic ");
        buf_add(head, coded.data, coded.size);
        buf_adds(head, "\r\n");
        gnutls_free(coded.data);
    }
    buf_fini(&pair);
}

static bool
write_head(struct buf *head, const char *text)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *query = NULL, *port = NULL;
    bool is_good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                   (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

    if (is_good) {
        buf_adds(head, "POST ");
        add_part(head, url, CURLUPART_PATH, 0);
        if (curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK)
            buf_printf(head, "?%s", query);
        buf_adds(head, " HTTP/1.1\r\nHost: ");
        is_good = add_part(head, url, CURLUPART_HOST, CURLU_PUNYCODE);
        if (curl_url_get(url, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT) == CURLUE_OK)
            buf_printf(head, ":%s", port);
        buf_adds(head, "\r\n");
        add_authorization(head, url);
    }
    curl_free(scheme);
    curl_free(query);
    curl_free(port);
    curl_url_cleanup(url);
    return is_good;
}

static struct callback **
bucket_of(struct lines *lines, const char *url)
{
    return &lines->callbacks[hash_bytes(url, strlen(url)) % CALLBACK_BUCKETS];
}

/* NULL when the URL is none that can be posted to. */
static struct callback *
callback_of(struct lines *lines, const char *url)
{
    struct callback **bucket = bucket_of(lines, url), *callback = *bucket;

    while (callback != NULL && strcmp(callback->url, url) != 0)
        callback = callback->next;
    if (callback != NULL)
        return callback;
    callback = xcalloc(1, sizeof *callback);
    if (!write_head(&callback->head, url)) {
        buf_fini(&callback->head);
        free(callback);
        return NULL;
    }
    callback->url = xstrdup(url);
    callback->next = *bucket;
    return *bucket = callback;
}

static void
callback_drop(struct lines *lines, struct callback *callback)
{
    struct callback **link = bucket_of(lines, callback->url);

    if (--callback->lines > 0)
        return;
    while (*link != callback)
        link = &(*link)->next;
    *link = callback->next;
    buf_fini(&callback->head);
    free(callback->url);
    free(callback);
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------------- */

static void
append(struct sending ***last, struct sending *sending)
{
    sending->next = NULL;
    sending->link = *last;
    **last = sending;
    *last = &sending->next;
}

static void
end(struct lines *lines, struct sending *sending, int status, const char *reason)
{
    sending->line = NULL;
    sending->status = status;
    sending->reason = reason;
    append(&lines->last_ended, sending);
}

static void
take_off(struct lines *lines, struct sending *sending)
{
    *sending->link = sending->next;
    if (sending->next != NULL)
        sending->next->link = sending->link;
    else
        lines->last_under_way = sending->link;
}

struct sending *
lines_ended(struct lines *lines)
{
    struct sending *sending = lines->ended;

    if (sending == NULL)
        return NULL;
    lines->ended = sending->next;
    if (lines->ended == NULL)
        lines->last_ended = &lines->ended;
    return sending;
}

/* ---- lines: idle and hung up ---------------------------------------------------------------------------------------------------- */

static void
leave_idle(struct line *line)
{
    struct lines *lines = line->lines;

    *(line->newer != NULL ? &line->newer->older : &lines->newest) = line->older;
    *(line->older != NULL ? &line->older->newer : &lines->oldest) = line->newer;
    lines->idle--;
}

static void
hang_up(struct line *line)
{
    struct lines *lines = line->lines;

    curl_multi_remove_handle(reactor_multi(lines->reactor), line->easy);
    callback_drop(lines, line->callback);
    line->is_open = false;
    line->older = lines->spare;
    lines->spare = line;
}

static void
become_idle(struct line *line)
{
    struct lines *lines = line->lines;

    line->idle_since_us = wallclock_ticks_us();
    line->newer = NULL;
    line->older = lines->newest;
    *(lines->newest != NULL ? &lines->newest->newer : &lines->oldest) = line;
    lines->newest = line;
    if (++lines->idle > IDLE_MAX) {
        struct line *oldest = lines->oldest;

        leave_idle(oldest);
        hang_up(oldest);
    }
}

/* The sending of a line has ended; the line stays or is hung up. */
static void
finish(struct line *line, int status, const char *reason, bool stays)
{
    struct sending *sending = line->sending;

    line->sending = NULL;
    take_off(line->lines, sending);
    end(line->lines, sending, status, reason);
    if (stays)
        become_idle(line);
    else
        hang_up(line);
}

static void
fail(struct line *line, CURLcode why)
{
    finish(line, 0, reactor_reason(why), false);
}

/* ---- lines: what is written and read -------------------------------------------------------------------------------------------- */

static void
want_room(struct line *line, bool wants)
{
    if (line->wants_room != wants)
        reactor_watch(line->lines->reactor, line->socket, &line->watch, wants);
    line->wants_room = wants;
}

static void
push(struct line *line)
{
    while (line->written < line->out.n) {
        size_t n = 0;
        CURLcode result = curl_easy_send(line->easy, line->out.s + line->written,
                                         line->out.n - line->written, &n);

        if (result == CURLE_AGAIN) {
            want_room(line, true);
            return;
        }
        if (result != CURLE_OK) {
            fail(line, CURLE_GOT_NOTHING);
            return;
        }
        line->written += n;
    }
    want_room(line, false);
}

/* 100 and 103 are followed by the answer itself; behind 101 there is no HTTP any more. */
static int
on_message(http_parser *parser)
{
    struct line *line = parser->data;

    if (parser->status_code / 100 == 1 && parser->status_code != 101)
        return 0;
    line->is_answered = true;
    line->may_stay = http_should_keep_alive(parser) != 0 && parser->upgrade == 0;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {.on_message_complete = on_message};

/* False when the line has nothing to send any more. An answer may come before the request has been read; nobody then knows what the rest of it would be taken for. */
static bool
take(struct line *line, const char *bytes, size_t n)
{
    size_t parsed = http_parser_execute(&line->parser, &settings, bytes, n);

    if (line->is_answered)
        finish(line, line->parser.status_code, NULL,
               line->may_stay && parsed == n && n > 0 && line->written == line->out.n);
    else if (HTTP_PARSER_ERRNO(&line->parser) != HPE_OK)
        fail(line, n > 0 ? CURLE_WEIRD_SERVER_REPLY : CURLE_GOT_NOTHING);
    else if (n == 0)
        fail(line, CURLE_GOT_NOTHING);
    return line->sending != NULL;
}

static void
pull(struct line *line)
{
    char bytes[READ_SIZE];
    CURLcode result;

    do {
        size_t n = 0;

        result = curl_easy_recv(line->easy, bytes, sizeof bytes, &n);
        if (result == CURLE_AGAIN)
            return;
        if (result != CURLE_OK) {
            fail(line, CURLE_GOT_NOTHING);
            return;
        }
        if (!take(line, bytes, n))
            return;
    } while (true);
}

/* Of an idle line nothing is expected: it is being closed, or its other end has lost count. */
static void
on_ready(struct watch *watch, uint32_t events)
{
    struct line *line = (struct line *)(void *)((char *)watch - offsetof(struct line, watch));

    if (line->sending == NULL) {
        leave_idle(line);
        hang_up(line);
        return;
    }
    if ((events & EPOLLOUT) != 0)
        push(line);
    if (line->sending != NULL && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
        pull(line);
}

/* ---- lines: being opened -------------------------------------------------------------------------------------------------------- */

static void
on_open(struct transfer *transfer, CURLcode result)
{
    struct line *line = (struct line *)(void *)transfer;

    if (result == CURLE_OK)
        result = curl_easy_getinfo(line->easy, CURLINFO_ACTIVESOCKET, &line->socket);
    if (result != CURLE_OK) {
        fail(line, result);
        return;
    }
    line->is_open = true;
    line->wants_room = false;
    reactor_watch(line->lines->reactor, line->socket, &line->watch, false);
    push(line);
}

static struct line *
line_new(struct lines *lines, struct callback *callback)
{
    struct line *line = lines->spare;

    if (line != NULL) {
        lines->spare = line->older;
    } else {
        line = xcalloc(1, sizeof *line);
        line->transfer.on_end = on_open;
        line->watch.on_ready = on_ready;
        line->lines = lines;
        line->easy = reactor_easy_new(&line->transfer);
        curl_easy_setopt(line->easy, CURLOPT_CONNECT_ONLY, 1L);
        curl_easy_setopt(line->easy, CURLOPT_FRESH_CONNECT, 1L);
    }
    line->callback = callback;
    callback->lines++;
    curl_easy_setopt(line->easy, CURLOPT_URL, callback->url);
    return line;
}

/* Whether an idle line may have been hung up while nobody waited. */
static bool
is_silent(const struct line *line, int64_t now_us)
{
    struct pollfd file = {.fd = line->socket, .events = POLLIN};

    return now_us - line->idle_since_us < SILENT_US || poll(&file, 1, 0) == 0;
}

static struct line *
idle_line(struct lines *lines, const struct callback *callback)
{
    int64_t now_us = wallclock_ticks_us();
    struct line *line = lines->newest;

    while (line != NULL && now_us - line->idle_since_us < IDLE_US) {
        struct line *older = line->older;

        if (line->callback == callback) {
            leave_idle(line);
            if (is_silent(line, now_us))
                return line;
            hang_up(line);
        }
        line = older;
    }
    return NULL;
}

void
lines_post(struct lines *lines, struct sending *sending, const char *url, struct str headers,
           struct str body)
{
    struct callback *callback = callback_of(lines, url);

    if (callback == NULL) {
        end(lines, sending, 0, reactor_reason(CURLE_URL_MALFORMAT));
        return;
    }
    callback->lines++; /* held while lines to it may be hung up */
    struct line *line = idle_line(lines, callback);
    bool is_open = line != NULL;
    if (!is_open)
        line = line_new(lines, callback);
    callback->lines--;
    line->sending = sending;
    line->is_answered = false;
    line->written = 0;
    buf_reset(&line->out);
    buf_str(&line->out, buf_view(&callback->head));
    buf_str(&line->out, headers);
    buf_adds(&line->out, "Content-Length: ");
    buf_int64(&line->out, (int64_t)body.n);
    buf_adds(&line->out, "\r\n\r\n");
    buf_str(&line->out, body);
    http_parser_init(&line->parser, HTTP_RESPONSE);
    line->parser.data = line;
    sending->line = line;
    sending->deadline_us = wallclock_ticks_us() + sending->answer_ms * 1000;
    lines->due_us = sending->deadline_us < lines->due_us ? sending->deadline_us : lines->due_us;
    append(&lines->last_under_way, sending);
    if (is_open)
        push(line);
    else
        curl_multi_add_handle(reactor_multi(lines->reactor), line->easy);
}

/* ---- all of them ---------------------------------------------------------------------------------------------------------------- */

struct lines *
lines_new(struct reactor *reactor)
{
    struct lines *lines = xcalloc(1, sizeof *lines);

    lines->reactor = reactor;
    lines->last_under_way = &lines->under_way;
    lines->last_ended = &lines->ended;
    lines->due_us = INT64_MAX;
    return lines;
}

void
lines_free(struct lines **given)
{
    struct lines *lines = *given;

    while (lines->oldest != NULL) {
        struct line *line = lines->oldest;

        leave_idle(line);
        hang_up(line);
    }
    while (lines->spare != NULL) {
        struct line *line = lines->spare;

        lines->spare = line->older;
        curl_easy_cleanup(line->easy);
        buf_fini(&line->out);
        free(line);
    }
    free(lines);
    *given = NULL;
}

static void
give_up_late(struct lines *lines, int64_t now_us)
{
    struct sending *next;

    lines->due_us = INT64_MAX;
    for (struct sending *sending = lines->under_way; sending != NULL; sending = next) {
        next = sending->next;
        if (sending->deadline_us <= now_us)
            finish(sending->line, 0, sending->no_answer, false);
        else if (sending->deadline_us < lines->due_us)
            lines->due_us = sending->deadline_us;
    }
}

int64_t
lines_expire(struct lines *lines)
{
    int64_t now_us = wallclock_ticks_us();

    if (lines->due_us <= now_us)
        give_up_late(lines, now_us);
    while (lines->oldest != NULL && lines->oldest->idle_since_us + IDLE_US <= now_us) {
        struct line *line = lines->oldest;

        leave_idle(line);
        hang_up(line);
    }
    if (lines->oldest != NULL && lines->oldest->idle_since_us + IDLE_US < lines->due_us)
        return lines->oldest->idle_since_us + IDLE_US;
    return lines->due_us;
}
