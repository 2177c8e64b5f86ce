#include "edge/answer.h"

#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "edge/exchange.h"
#include "edge/server.h"
#include "world/ids.h"

enum { DEBUG_LENGTH = 88, REV_LENGTH = 10 };

static void
add(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

/* As long and of the alphabet of the real one; the same for the same request of the same world. */
static void
add_debug(struct MHD_Response *response, const struct reply *reply)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char debug[DEBUG_LENGTH + 1];
    uint64_t seed, draw = 0;

    memcpy(&seed, reply->fbtrace + 1, sizeof seed);
    for (unsigned i = 0; i < DEBUG_LENGTH; i++) {
        if (i % 10 == 0)
            draw = mix64(seed, i);
        debug[i] = alphabet[draw & 63];
        draw >>= 6;
    }
    debug[DEBUG_LENGTH - 2] = debug[DEBUG_LENGTH - 1] = '=';
    debug[DEBUG_LENGTH] = '\0';
    add(response, "X-FB-Debug", debug);
}

/* send.md 7.2. The order is that of the reply captured there. */
static void
add_platform_headers(struct MHD_Response *response, const struct reply *reply)
{
    char version[16];

    if (reply->www_authenticate[0] != '\0')
        add(response, "WWW-Authenticate", reply->www_authenticate);
    if (reply->etag[0] != '\0')
        add(response, "ETag", reply->etag);
    add(response, "Content-Type", reply->content_type);
    add(response, "Vary", "Origin, Accept-Encoding");
    add(response, "x-fb-request-id", reply->fbtrace);
    add(response, "x-fb-trace-id", reply->trace_short);
    if (reply->version != 0) {
        version[0] = 'v';
        size_t n = 1 + format_uint64(version + 1, (uint64_t)reply->version / 100);
        version[n++] = '.';
        format_uint64(version + n, (uint64_t)reply->version % 100);
        add(response, "facebook-api-version", version);
    }
    add(response, "Strict-Transport-Security", "max-age=15552000; preload");
    add(response, "Pragma", "no-cache");
    add(response, "Cache-Control", reply->is_error ? "no-store" : "private, no-cache, no-store, must-revalidate");
    add(response, "x-fb-rev", "1021345678");
    add(response, "Access-Control-Allow-Origin", "*");
    add(response, "cross-origin-resource-policy", "cross-origin");
    add(response, "Expires", "Sat, 01 Jan 2000 00:00:00 GMT");
    add_debug(response, reply);
}

static void
add_our_headers(struct MHD_Response *response, const struct reply *reply)
{
    if (reply->rule != NULL)
        add(response, "X-Understudy-Rule", reply->rule);
    for (unsigned i = 0; i < reply->finding_count; i++)
        add(response, "X-Understudy-Finding", policy_rules[reply->findings[i].rule].id);
}

bool
answer_send(struct exchange *exchange)
{
    struct reply *reply = &exchange->reply;

    if (exchange->closes)
        return false;
    struct MHD_Response *response = MHD_create_response_from_buffer(reply->body.n, reply->body.s, MHD_RESPMEM_PERSISTENT);

    if (response == NULL)
        return false;
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
    enum MHD_Result queued = MHD_queue_response(exchange->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued == MHD_YES;
}
