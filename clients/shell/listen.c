#include "shell.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_BYTES_MAX = 4 * 1024 * 1024, SHA256_BYTES = 32 };

struct shell_listener {
    struct MHD_Daemon *http;
    const struct shell_env *env; /* borrowed */
    shell_hook *hook;
    void *bot;
};

/* A POST while it arrives. */
struct body {
    char *bytes;
    size_t length;
    bool too_large;
};

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)(size_t)text, MHD_RESPMEM_MUST_COPY);

    MHD_add_response_header(response, "Content-Type", "text/plain");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
answer_handshake(const struct shell_listener *listener, struct MHD_Connection *connection)
{
    const char *mode = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.mode");
    const char *token =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.verify_token");
    const char *challenge =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.challenge");

    if (mode && strcmp(mode, "subscribe") == 0 && token &&
        strcmp(token, listener->env->verify_token) == 0 && challenge)
        return answer(connection, MHD_HTTP_OK, challenge);
    return answer(connection, MHD_HTTP_FORBIDDEN, "wrong verify token");
}

static bool
signature_fits(const struct shell_env *env, const char *header, const struct body *body)
{
    unsigned char digest[SHA256_BYTES];
    char expected[2 * SHA256_BYTES + 1];

    if (!header || strncmp(header, "sha256=", 7) != 0 || strlen(header + 7) != 2 * SHA256_BYTES)
        return false;
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, env->app_secret, strlen(env->app_secret), body->bytes,
                         body->length, digest))
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(expected + 2 * i, 3, "%02x", digest[i]);
    return gnutls_memcmp(expected, header + 7, 2 * SHA256_BYTES) ==
           0; /* takes the same time for any header */
}

static void
gather(struct body *body, const char *bytes, size_t length)
{
    if (body->too_large || body->length + length > BODY_BYTES_MAX) {
        body->too_large = true;
        return;
    }
    char *grown = realloc(body->bytes, body->length + length + 1);
    if (!grown)
        abort();
    memcpy(grown + body->length, bytes, length);
    body->bytes = grown;
    body->length += length;
    body->bytes[body->length] = '\0';
}

static enum MHD_Result
on_request(void *closure, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *upload, size_t *upload_length, void **request)
{
    const struct shell_listener *listener = closure;
    struct body *body = *request;

    (void)version;
    if (!body) { /* headers only so far */
        *request = body = shell_alloc(sizeof *body);
        *body = (struct body){.bytes = shell_copy("")};
        return MHD_YES;
    }
    if (*upload_length > 0) {
        gather(body, upload, *upload_length);
        *upload_length = 0;
        return MHD_YES;
    }
    if (strcmp(url, "/webhook") != 0)
        return answer(connection, MHD_HTTP_NOT_FOUND, "only /webhook is served");
    if (strcmp(method, "GET") == 0)
        return answer_handshake(listener, connection);
    if (strcmp(method, "POST") != 0)
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or POST");
    if (body->too_large)
        return answer(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too large");

    const char *header =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Hub-Signature-256");
    unsigned status = listener->hook(listener->bot, body->bytes, body->length,
                                     signature_fits(listener->env, header, body));
    return answer(connection, status, status == MHD_HTTP_OK ? "EVENT_RECEIVED" : "refused");
}

static void
on_completed(void *closure, struct MHD_Connection *connection, void **request,
             enum MHD_RequestTerminationCode code)
{
    struct body *body = *request;

    (void)closure, (void)connection, (void)code;
    if (body) {
        free(body->bytes);
        free(body);
    }
    *request = NULL;
}

struct shell_listener *
shell_listen(const struct shell_env *env, shell_hook *hook, void *bot)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(env->port)};
    struct shell_listener *listener = shell_alloc(sizeof *listener);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *listener = (struct shell_listener){.env = env, .hook = hook, .bot = bot};
    listener->http = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, env->port, NULL, NULL, on_request, listener,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (!listener->http) {
        fprintf(stderr, "cannot listen on 127.0.0.1:%u\n", env->port);
        free(listener);
        return NULL;
    }
    return listener;
}

void
shell_stop(struct shell_listener **listener)
{
    if (*listener)
        MHD_stop_daemon((*listener)->http);
    free(*listener);
    *listener = NULL;
}
