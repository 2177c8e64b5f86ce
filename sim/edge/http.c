#include "edge/http.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "edge/answer.h"
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/graph_call.h"
#include "edge/listener.h"
#include "edge/server.h"
#include "edge/unconst.h"
#include "edge/unread.h"
#include "world/ids.h"
#include "world/xalloc.h"

/* libmicrohttpd clears the whole of a connection's memory one and a half times for each request, so its size is a matter of speed: 8 KB would save a send 3 % of its
 * time. But everything may stand in the query, and a text of 2,000 letters of two bytes then takes 12 KB. What is over HEAD_MAX would leave no room for an answer. */
enum {
    CONNECTION_MEMORY = 16 * 1024,
    HEAD_MAX = 14 * 1024,
    CONNECTIONS_MAX = 4096,
    IDLE_SECONDS = 120
};

struct http {
    struct MHD_Daemon *daemon;
    uint16_t port;
    bool is_quiet;
    MHD_socket listener; /* ours to close once it is quiet */
};

/* ---- requests ----------------------------------------------------------------------------------------------------------------- */

/* The first that is heard of a request: its target as it came, before anybody decodes it. Our copy is all that is read of it, so the query ends here for the
 * library: it would take each parameter apart, and has no room for many. */
static void *
on_target(void *server, const char *target, struct MHD_Connection *connection)
{
    const char *mark = strchr(target, '?');
    char *query = unconst(mark);
    struct exchange *exchange = exchange_new(((struct server *)server)->pool, target);

    exchange->connection = connection;
    if (query != NULL && query[1] != '\0')
        query[1] = '\0';
    return exchange;
}

/* libmicrohttpd need not decode anything: the platform's own rules apply. */
static size_t
leave_encoded(void *server, struct MHD_Connection *connection, char *text)
{
    (void)server;
    (void)connection;
    return strlen(text);
}

static void
take_length(struct exchange *exchange, struct str value)
{
    uint64_t length = digits_read(value.s, value.n);

    exchange->lengths_differ |= exchange->has_length && exchange->length != length;
    exchange->length = length;
    exchange->has_length = true;
}

/* All that libmicrohttpd understands. */
static void
take_coding(struct exchange *exchange, struct str value)
{
    exchange->is_chunked = true;
    exchange->is_coded |= !str_eq_nocase(value, STR("chunked"));
}

static enum MHD_Result
on_header(void *into, enum MHD_ValueKind kind, const char *key, size_t key_n, const char *value,
          size_t value_n)
{
    struct exchange *exchange = into;
    struct str name = {key, key_n}, text = {value, value_n};

    (void)kind;
    if (value == NULL)
        return MHD_YES;
    switch (key_n) {
    case 4:
        if (str_eq_nocase(name, STR("Host")))
            exchange->host = text;
        break;
    case 6:
        if (str_eq_nocase(name, STR("Origin")))
            exchange->origin = text;
        break;
    case 10:
        if (str_eq_nocase(name, STR("User-Agent")))
            exchange->request.user_agent = text;
        break;
    case 12:
        if (str_eq_nocase(name, STR("Content-Type")))
            exchange->request.content_type = text;
        break;
    case 13:
        if (str_eq_nocase(name, STR("Authorization")))
            exchange->request.authorization = text;
        else if (str_eq_nocase(name, STR("If-None-Match")))
            exchange->request.if_none_match = text;
        break;
    case 14:
        if (str_eq_nocase(name, STR("Content-Length")))
            take_length(exchange, text);
        break;
    case 17:
        if (str_eq_nocase(name, STR("Transfer-Encoding")))
            take_coding(exchange, text);
        break;
    case 18:
        if (str_eq_nocase(name, STR("X-Understudy-World")))
            exchange->world = text;
        break;
    default:
        break;
    }
    return MHD_YES;
}

static void
read_head(struct exchange *exchange)
{
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, on_header, exchange);
    request_target(&exchange->request, exchange->target);
}

static void
begin(struct exchange *exchange, const char *method)
{
    exchange->request.method_text = str_of(method);
    exchange->request.method = method_of(exchange->request.method_text);
    read_head(exchange);
    exchange_expect(exchange, (size_t)exchange->length);
    exchange->state = EXCHANGE_READING;
}

static bool
is_head_too_large(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    return info != NULL && info->header_size > HEAD_MAX;
}

/* The status with which the head is refused; 0: it is not. Heads that are larger still, and lengths that are no numbers, never come here: the library refuses them. */
static unsigned
wrong_with_head(const struct exchange *exchange)
{
    if (is_head_too_large(exchange->connection))
        return exchange->target.n > HEAD_MAX / 2 ? MHD_HTTP_URI_TOO_LONG
                                                 : MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    if (exchange->is_coded)
        return MHD_HTTP_NOT_IMPLEMENTED;
    return exchange->lengths_differ ? MHD_HTTP_BAD_REQUEST : 0;
}

static void
dispatch(struct exchange *exchange)
{
    if (!exchange->is_body_too_large)
        exchange->request.body = (struct str){exchange->body, exchange->body_n};
    if (control_is_asked(exchange->request.path))
        control_handle(exchange);
    else
        graph_call(exchange);
}

/* When the peer ends its side right behind a piece of the body, one edge of epoll tells of both, and libmicrohttpd reads the piece only: it would hear of the end when
 * the connection has been idle for too long. So we look whether the end is there, and have it told again. */
static void
look_for_end(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    char next;

    if (info != NULL && recv(info->connect_fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        shutdown(info->connect_fd, SHUT_RD);
}

static enum MHD_Result
on_request(void *server, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct exchange *exchange = *state;

    (void)server;
    (void)connection;
    (void)url;
    (void)version;
    switch (exchange->state) {
    case EXCHANGE_NEW:
        begin(exchange, method);
        exchange->refused = wrong_with_head(exchange);
        return exchange->refused == 0 ? MHD_YES : MHD_NO; /* on_completed answers */
    case EXCHANGE_READING:
        if (*upload_size > 0) {
            exchange_take(exchange, upload, *upload_size);
            *upload_size = 0;
            if (exchange->is_chunked || exchange->body_n < exchange->length)
                look_for_end(exchange);
            return MHD_YES;
        }
        dispatch(exchange);
        break;
    case EXCHANGE_ASLEEP:
        exchange->state = EXCHANGE_READING;
        exchange->resume(exchange);
        break;
    case EXCHANGE_ANSWERED:
    default:
        return MHD_YES;
    }
    if (exchange->state == EXCHANGE_ASLEEP)
        return MHD_YES;
    exchange->state = EXCHANGE_ANSWERED;
    return answer_send(exchange) ? MHD_YES : MHD_NO;
}

/* With what status libmicrohttpd itself refused the request; 0: it did not. */
static unsigned
refused_by_library(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);

    return info != NULL ? info->http_status : 0;
}

/* libmicrohttpd may have used the memory of the head again for its own answer; what it still has of it, it knows. */
static void
read_head_again(struct exchange *exchange)
{
    static const struct str methods[] = {
        [METHOD_GET] = {"GET", 3},  [METHOD_POST] = {"POST", 4}, [METHOD_DELETE] = {"DELETE", 6},
        [METHOD_PUT] = {"PUT", 3},  [METHOD_HEAD] = {"HEAD", 4}, [METHOD_OPTIONS] = {"OPTIONS", 7},
        [METHOD_OTHER] = {NULL, 0},
    };
    enum method method = exchange->request.method;

    exchange->request = (struct request){.method = method, .method_text = methods[method]};
    exchange->host = exchange->origin = exchange->world = STR_NONE;
    read_head(exchange);
}

/* The request is at its end before it was whole. */
static void
give_up(struct exchange *exchange, bool has_timed_out)
{
    unsigned by_library = refused_by_library(exchange->connection);

    if (by_library != 0) {
        read_head_again(exchange);
        unread_refuse(exchange, by_library, true);
    } else if (exchange->refused != 0) {
        unread_refuse(exchange, exchange->refused, false);
    } else if (exchange->state == EXCHANGE_NEW) {
        read_head(exchange);
        unread_refuse(exchange, has_timed_out ? MHD_HTTP_REQUEST_TIMEOUT : MHD_HTTP_BAD_REQUEST,
                      false);
    } else {
        unread_cut(exchange);
    }
}

/* The socket is still open then. A server that stops lets go of requests that it has not got whole. */
static void
on_completed(void *server, struct MHD_Connection *connection, void **state,
             enum MHD_RequestTerminationCode how)
{
    struct exchange *exchange = *state;

    (void)server;
    (void)connection;
    if (exchange == NULL)
        return;
    if (exchange->state <= EXCHANGE_READING && how != MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN)
        give_up(exchange, how == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED);
    exchange_done(exchange);
    *state = NULL;
}

/* What libmicrohttpd says about its work. Nobody is to read it; but of a request that it refuses before it has a target, nothing else is heard. */
static void
on_remark(void *server, const char *format, va_list arguments)
{
    static const char refusal[] = "Error processing request (HTTP response code is %u";

    if (strncmp(format, refusal, sizeof refusal - 1) != 0)
        return;
    unsigned status = va_arg(arguments, unsigned);
    if (status == MHD_HTTP_URI_TOO_LONG || status == MHD_HTTP_HTTP_VERSION_NOT_SUPPORTED)
        unread_line(server, status);
}

/* ---- the listener --------------------------------------------------------------------------------------------------------------- */

struct http *
http_start(struct server *server, const char *host, uint16_t port, unsigned threads,
           const struct http_identity *identity, char *problem, size_t size)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem options[5], *option = options;
    int listener = listener_open(host, port, problem, size);

    if (listener < 0)
        return NULL;
    if (threads > 1) /* a pool of one is refused */
        *option++ = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL};
    if (identity != NULL) {
        flags |= MHD_USE_TLS;
        *option++ = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, unconst(identity->key)};
        *option++ =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, unconst(identity->certificate)};
    }
    *option = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};

    struct http *http = xcalloc(1, sizeof *http);
    http->port = listener_port(listener);
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_remark, server,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        server, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_SECONDS, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (http->daemon == NULL) {
        snprintf(problem, size, "cannot start the HTTP server on %s:%u: %s", host, (unsigned)port,
                 strerror(errno));
        close(listener);
        free(http);
        return NULL;
    }
    return http;
}

uint16_t
http_port(const struct http *http)
{
    return http->port;
}

void
http_quiesce(struct http *http)
{
    if (http == NULL || http->is_quiet)
        return;
    /* Closed when the library's thread can look at it no longer. */
    http->listener = MHD_quiesce_daemon(http->daemon);
    if (http->listener != MHD_INVALID_SOCKET)
        shutdown(http->listener, SHUT_RDWR);
    http->is_quiet = true;
}

void
http_stop(struct http **http)
{
    if (*http == NULL)
        return;
    MHD_stop_daemon((*http)->daemon);
    if ((*http)->is_quiet && (*http)->listener != MHD_INVALID_SOCKET)
        close((*http)->listener);
    free(*http);
    *http = NULL;
}
