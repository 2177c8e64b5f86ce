#include "edge/answer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include "edge/exchange.h"
#include "edge/server.h"
#include "edge/unconst.h"
#include "world/ids.h"
#include "world/sixes.h"
#include "world/xalloc.h"

enum { DEBUG_LENGTH = 88 };

/* ---- the header, line by line ---------------------------------------------------------------------------------------------------- */

/* More than all constants and values of a known length together: what is put with the two below needs no look at the room. */
enum { FIXED_ROOM = 1024 };

static inline void
put(struct buf *head, const char *text, size_t n)
{
    memcpy(head->s + head->n, text, n);
    head->n += n;
}

#define put_constant(head, literal) put((head), "" literal, sizeof(literal) - 1)

/* A line of any length. */
static void
put_line(struct buf *head, const char *name, const char *value)
{
    size_t name_n = strlen(name), value_n = strlen(value);

    buf_reserve(head, name_n + value_n + 4);
    if (head->n > 0)
        put_constant(head, "\r\n");
    put(head, name, name_n);
    put_constant(head, ": ");
    put(head, value, value_n);
}

/* A value that would not stay one line is left out. */
static bool
is_one_line(const char *value)
{
    return *value != '\0' && strpbrk(value, "\r\n\t") == NULL;
}

/* As long and of the alphabet of the real one; the same for the same request of the same world. */
static void
put_debug(struct buf *head, const struct reply *reply)
{
    char text[DEBUG_LENGTH + 8];
    uint64_t seed;

    memcpy(&seed, reply->fbtrace + 1, sizeof seed);
    for (unsigned i = 0; i < DEBUG_LENGTH; i += 16)
        sixes_write(text + i, mix64(seed, i), mix64(seed, i + 8), SIXES_BASE64);
    text[DEBUG_LENGTH - 2] = text[DEBUG_LENGTH - 1] = '=';
    put_constant(head, "\r\nX-FB-Debug: ");
    put(head, text, DEBUG_LENGTH);
}

static void
put_version(struct buf *head, version_t version)
{
    if (version == 0)
        return;
    put_constant(head, "\r\nfacebook-api-version: v");
    head->n += format_uint64(head->s + head->n, (uint64_t)version / 100);
    put_constant(head, ".");
    head->n += format_uint64(head->s + head->n, (uint64_t)version % 100);
}

/* Whether the reply brings this header itself. */
static bool
has_header(const struct reply *reply, const char *name)
{
    for (unsigned i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return true;
    return false;
}

/* send.md 7.2. The order is that of the reply captured there. */
static void
put_platform_lines(struct buf *head, const struct reply *reply)
{
    if (is_one_line(reply->www_authenticate))
        put_line(head, "WWW-Authenticate", reply->www_authenticate);
    if (reply->etag[0] != '\0')
        put_line(head, "ETag", reply->etag);
    put_line(head, "Content-Type", reply->content_type);
    buf_reserve(head, FIXED_ROOM);
    put_constant(head, "\r\nVary: Origin, Accept-Encoding\r\nx-fb-request-id: ");
    put(head, reply->fbtrace, strlen(reply->fbtrace));
    put_constant(head, "\r\nx-fb-trace-id: ");
    put(head, reply->trace_short, strlen(reply->trace_short));
    put_version(head, reply->version);
    put_constant(head, "\r\nStrict-Transport-Security: max-age=15552000; preload"
                       "\r\nPragma: no-cache\r\nCache-Control: ");
    if (reply->is_error)
        put_constant(head, "no-store");
    else
        put_constant(head, "private, no-cache, no-store, must-revalidate");
    put_constant(head, "\r\nx-fb-rev: 1021345678");
    if (!has_header(reply, "Access-Control-Allow-Origin"))
        put_constant(head, "\r\nAccess-Control-Allow-Origin: *");
    put_constant(head, "\r\ncross-origin-resource-policy: cross-origin"
                       "\r\nExpires: Sat, 01 Jan 2000 00:00:00 GMT");
    put_debug(head, reply);
}

static void
put_our_lines(struct buf *head, const struct reply *reply)
{
    if (reply->rule != NULL)
        put_line(head, "X-Understudy-Rule", reply->rule);
    for (unsigned i = 0; i < reply->finding_count; i++)
        put_line(head, "X-Understudy-Finding", policy_rules[reply->findings[i].rule].id);
}

/* All lines but those that libmicrohttpd adds, without the last line end. */
static void
write_head(struct buf *head, const struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;

    buf_reset(head);
    if (exchange->is_graph) {
        put_platform_lines(head, reply);
        if (!exchange->server->is_strict)
            put_our_lines(head, reply);
    } else {
        if (reply->body.n > 0)
            put_line(head, "Content-Type", reply->content_type);
        put_line(head, "Cache-Control", "no-store");
    }
    for (unsigned i = 0; i < reply->header_count; i++)
        if (is_one_line(reply->headers[i].value))
            put_line(head, reply->headers[i].name, reply->headers[i].value);
    if (exchange->date[0] != '\0')
        put_line(head, "Date", exchange->date);
}

/* ---- the response ---------------------------------------------------------------------------------------------------------------- */

/* Fifteen headers cost libmicrohttpd fifty allocations when they are added and a walk through all of them when they go out: a quarter of a send. To it our answers
 * therefore have one header, named as the first line is, whose value is all the rest, line ends included. It takes no value with line ends in it, but what it keeps is a
 * copy that is ours to write as long as its length stays; and the record keeps its last response, so that the next answer of the same length only writes that copy
 * again. The body lies in the reply's buffer anyway. */

void
answer_forget(struct exchange *exchange)
{
    if (exchange->frame.response != NULL)
        MHD_destroy_response(exchange->frame.response);
    exchange->frame.response = NULL;
}

/* The line's name, NUL-terminated; false when it is longer than any that we have. */
static bool
take_name(char name[FRAME_NAME_SIZE], struct str head)
{
    const char *colon = memchr(head.s, ':', head.n);
    size_t n = colon != NULL ? (size_t)(colon - head.s) : FRAME_NAME_SIZE;

    if (n >= FRAME_NAME_SIZE)
        return false;
    memcpy(name, head.s, n);
    name[n] = '\0';
    return true;
}

static struct MHD_Response *
response_new(struct frame *frame, const struct reply *reply)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.n, reply->body.s, MHD_RESPMEM_PERSISTENT);

    if (response == NULL || !take_name(frame->name, buf_view(&frame->head)))
        return response;
    frame->value_n = frame->head.n - strlen(frame->name) - 2;
    char *value = frame->head.s + frame->head.n - frame->value_n;
    char *placeholder = xmalloc(frame->value_n + 1);
    memset(placeholder, 'x', frame->value_n);
    placeholder[frame->value_n] = '\0';
    if (MHD_add_response_header(response, frame->name, placeholder) == MHD_YES) {
        frame->value = unconst(MHD_get_response_header(response, frame->name));
        memcpy(frame->value, value, frame->value_n);
    }
    free(placeholder);
    frame->body = reply->body.s;
    frame->body_n = reply->body.n;
    return response;
}

static bool
fits(const struct frame *frame, const struct reply *reply)
{
    size_t name_n = strlen(frame->name);

    return frame->response != NULL && frame->body == reply->body.s &&
           frame->body_n == reply->body.n && frame->head.n == name_n + 2 + frame->value_n &&
           memcmp(frame->head.s, frame->name, name_n) == 0 && frame->head.s[name_n] == ':';
}

bool
answer_send(struct exchange *exchange)
{
    struct frame *frame = &exchange->frame;

    if (exchange->closes)
        return false;
    write_head(&frame->head, exchange);
    if (fits(frame, &exchange->reply)) {
        memcpy(frame->value, frame->head.s + frame->head.n - frame->value_n, frame->value_n);
    } else {
        answer_forget(exchange);
        frame->response = response_new(frame, &exchange->reply);
        if (frame->response == NULL)
            return false;
    }
    return MHD_queue_response(exchange->connection, (unsigned)exchange->reply.status,
                              frame->response) == MHD_YES;
}

/* What the socket does not take, or nobody is there to read, is lost. */
static void
write_out(struct MHD_Connection *connection, struct str bytes)
{
    const union MHD_ConnectionInfo *tls =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (tls != NULL)
        gnutls_record_send(tls->tls_session, bytes.s, bytes.n);
    else if (socket != NULL)
        send(socket->connect_fd, bytes.s, bytes.n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
answer_write(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct buf out = {0};

    write_head(&exchange->frame.head, exchange);
    buf_printf(&out, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %zu\r\n",
               reply->status, MHD_get_reason_phrase_for((unsigned)reply->status), reply->body.n);
    buf_str(&out, buf_view(&exchange->frame.head));
    buf_adds(&out, "\r\n\r\n");
    if (exchange->request.method != METHOD_HEAD)
        buf_str(&out, buf_view(&reply->body));
    write_out(exchange->connection, buf_view(&out));
    buf_fini(&out);
}
