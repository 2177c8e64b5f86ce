#include "edge/answer.h"

#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "edge/exchange.h"
#include "edge/server.h"
#include "edge/unconst.h"
#include "world/ids.h"

enum { DEBUG_LENGTH = 88, REQUEST_LENGTH = FBTRACE_SIZE - 1, TRACE_LENGTH = 11, DATE_LENGTH = 29 };

static void
add(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

/* ---- the platform's headers ------------------------------------------------------------------------------------------------------ */

/* As long and of the alphabet of the real one; the same for the same request of the same world. */
static void
write_debug(char out[DEBUG_LENGTH + 1], const struct reply *reply)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t seed;

    memcpy(&seed, reply->fbtrace + 1, sizeof seed);
    for (unsigned i = 0; i < DEBUG_LENGTH; i += 8) {
        uint64_t draw = mix64(seed, i);

        for (unsigned j = 0; j < 8; j++, draw >>= 6)
            out[i + j] = alphabet[draw & 63];
    }
    out[DEBUG_LENGTH - 2] = out[DEBUG_LENGTH - 1] = '=';
    out[DEBUG_LENGTH] = '\0';
}

static void
add_version(struct MHD_Response *response, version_t version)
{
    char text[2 * UINT64_SIZE] = "v";
    size_t n = 1;

    if (version == 0)
        return;
    n += format_uint64(text + n, (uint64_t)version / 100);
    text[n++] = '.';
    format_uint64(text + n, (uint64_t)version % 100);
    add(response, "facebook-api-version", text);
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
add_platform_headers(struct MHD_Response *response, const struct reply *reply)
{
    char debug[DEBUG_LENGTH + 1];

    if (reply->www_authenticate[0] != '\0')
        add(response, "WWW-Authenticate", reply->www_authenticate);
    if (reply->etag[0] != '\0')
        add(response, "ETag", reply->etag);
    add(response, "Content-Type", reply->content_type);
    add(response, "Vary", "Origin, Accept-Encoding");
    add(response, "x-fb-request-id", reply->fbtrace);
    add(response, "x-fb-trace-id", reply->trace_short);
    add_version(response, reply->version);
    add(response, "Strict-Transport-Security", "max-age=15552000; preload");
    add(response, "Pragma", "no-cache");
    add(response, "Cache-Control",
        reply->is_error ? "no-store" : "private, no-cache, no-store, must-revalidate");
    add(response, "x-fb-rev", "1021345678");
    if (!has_header(reply, "Access-Control-Allow-Origin"))
        add(response, "Access-Control-Allow-Origin", "*");
    add(response, "cross-origin-resource-policy", "cross-origin");
    add(response, "Expires", "Sat, 01 Jan 2000 00:00:00 GMT");
    write_debug(debug, reply);
    add(response, "X-FB-Debug", debug);
}

static void
add_our_headers(struct MHD_Response *response, const struct reply *reply)
{
    if (reply->rule != NULL)
        add(response, "X-Understudy-Rule", reply->rule);
    for (unsigned i = 0; i < reply->finding_count; i++)
        add(response, "X-Understudy-Finding", policy_rules[reply->findings[i].rule].id);
}

static struct MHD_Response *
response_new(const struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.n, reply->body.s, MHD_RESPMEM_PERSISTENT);

    if (response == NULL)
        return NULL;
    if (exchange->is_graph) {
        add_platform_headers(response, reply);
        if (!exchange->server->is_strict)
            add_our_headers(response, reply);
    } else {
        if (reply->body.n > 0)
            add(response, "Content-Type", reply->content_type);
        add(response, "Cache-Control", "no-store");
    }
    for (unsigned i = 0; i < reply->header_count; i++)
        add(response, reply->headers[i].name, reply->headers[i].value);
    if (exchange->date[0] != '\0')
        add(response, "Date", exchange->date);
    return response;
}

/* ---- the same shape again -------------------------------------------------------------------------------------------------------- */

/* Building a response costs libmicrohttpd fifty allocations, a fifth of the time of a whole send. Answers of one kind differ in a few values of the same length only, so the
 * record keeps its last response and writes those into it. The body lies in the reply's buffer anyway; its length is part of the shape. */

static bool
may_keep(const struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;

    return exchange->is_graph && reply->body.n > 0 && strlen(exchange->date) == DATE_LENGTH &&
           strlen(reply->fbtrace) == REQUEST_LENGTH && strlen(reply->trace_short) == TRACE_LENGTH;
}

static bool
findings_fit(const struct frame *frame, const struct reply *reply)
{
    if (frame->finding_count != reply->finding_count)
        return false;
    for (unsigned i = 0; i < reply->finding_count; i++)
        if (frame->findings[i] != reply->findings[i].rule)
            return false;
    return true;
}

static bool
headers_fit(const struct frame *frame, const struct reply *reply)
{
    if (frame->header_count != reply->header_count)
        return false;
    for (unsigned i = 0; i < reply->header_count; i++)
        if (strcmp(frame->headers[i].name, reply->headers[i].name) != 0 ||
            frame->headers[i].n != strlen(reply->headers[i].value))
            return false;
    return true;
}

static bool
fits(const struct frame *frame, const struct reply *reply)
{
    return frame->response != NULL && frame->body == reply->body.s &&
           frame->body_n == reply->body.n && frame->is_error == reply->is_error &&
           frame->version == reply->version && frame->rule == reply->rule &&
           frame->content_type == reply->content_type &&
           strcmp(frame->www_authenticate, reply->www_authenticate) == 0 &&
           strcmp(frame->etag, reply->etag) == 0 && headers_fit(frame, reply) &&
           findings_fit(frame, reply);
}

void
answer_forget(struct exchange *exchange)
{
    if (exchange->frame.response != NULL)
        MHD_destroy_response(exchange->frame.response);
    exchange->frame.response = NULL;
}

/* The value of a header inside of the response, which is ours to write as long as its length stays. */
static char *
place_of(struct MHD_Response *response, const char *name)
{
    return unconst(MHD_get_response_header(response, name));
}

static void
keep(struct exchange *exchange, struct MHD_Response *response)
{
    struct frame *frame = &exchange->frame;
    const struct reply *reply = &exchange->reply;

    frame->response = response;
    frame->body = reply->body.s;
    frame->body_n = reply->body.n;
    frame->is_error = reply->is_error;
    frame->version = reply->version;
    frame->rule = reply->rule;
    frame->content_type = reply->content_type;
    memcpy(frame->www_authenticate, reply->www_authenticate, strlen(reply->www_authenticate) + 1);
    memcpy(frame->etag, reply->etag, strlen(reply->etag) + 1);
    frame->request_id = place_of(response, "x-fb-request-id");
    frame->trace_id = place_of(response, "x-fb-trace-id");
    frame->debug = place_of(response, "X-FB-Debug");
    frame->date = place_of(response, "Date");
    frame->finding_count = reply->finding_count;
    for (unsigned i = 0; i < reply->finding_count; i++)
        frame->findings[i] = reply->findings[i].rule;
    frame->header_count = reply->header_count;
    for (unsigned i = 0; i < reply->header_count; i++) {
        frame->headers[i].name = reply->headers[i].name;
        frame->headers[i].value = place_of(response, reply->headers[i].name);
        frame->headers[i].n = strlen(frame->headers[i].value);
    }
}

static void
renew(struct exchange *exchange)
{
    const struct frame *frame = &exchange->frame;
    const struct reply *reply = &exchange->reply;
    char debug[DEBUG_LENGTH + 1];

    write_debug(debug, reply);
    memcpy(frame->request_id, reply->fbtrace, REQUEST_LENGTH);
    memcpy(frame->trace_id, reply->trace_short, TRACE_LENGTH);
    memcpy(frame->debug, debug, DEBUG_LENGTH);
    memcpy(frame->date, exchange->date, DATE_LENGTH);
    for (unsigned i = 0; i < frame->header_count; i++)
        memcpy(frame->headers[i].value, reply->headers[i].value, frame->headers[i].n);
}

bool
answer_send(struct exchange *exchange)
{
    bool is_kept = may_keep(exchange);
    struct MHD_Response *response = exchange->frame.response;

    if (exchange->closes)
        return false;
    if (is_kept && fits(&exchange->frame, &exchange->reply)) {
        renew(exchange);
    } else {
        if (is_kept)
            answer_forget(exchange);
        response = response_new(exchange);
        if (response == NULL)
            return false;
        if (is_kept)
            keep(exchange, response);
    }
    enum MHD_Result queued =
        MHD_queue_response(exchange->connection, (unsigned)exchange->reply.status, response);
    if (!is_kept)
        MHD_destroy_response(response);
    return queued == MHD_YES;
}
