#include "conformance/record.h"

#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conformance/alloc.h"
#include "conformance/import.h"
#include "conformance/record_har.h"

/* Set by the command line. */
struct recorder {
    const char *upstream, *webhook, *listen, *har_path, *recording_path;
    struct har_file *har;
    atomic_int in_flight; /* requests that have begun and are not answered to the end */
};

/* As long as one request may take; what is in flight at the end is finished. */
enum { FINISH_MS = 61000 };

/* Headers that belong to one connection and are not passed on (RFC 9110 7.6.1), those that libcurl writes itself, and what would
 * have answers come packed: they could not be read in the HAR. */
static const char *const hop_headers[] = {
    "Connection", "Keep-Alive", "Proxy-Authorization", "TE",
    "Trailer",    "Upgrade",    "Transfer-Encoding",   "Content-Length",
    "Expect",     "Host",       "Accept-Encoding"};

struct bytes {
    char *s;
    size_t n, room;
};

static void
bytes_add(struct bytes *to, const void *from, size_t n)
{
    if (to->n + n + 1 > to->room) {
        to->room = (to->n + n + 1) * 2;
        to->s = alloc_checked(realloc(to->s, to->room));
    }
    memcpy(to->s + to->n, from, n);
    to->n += n;
    to->s[to->n] = '\0';
}

/* One request on its way through. */
struct passing {
    char *uri; /* as it came: nothing of it is read and written again */
    bool is_begun, has_content_type;
    struct bytes request, response;
    struct curl_slist *headers;
    char *content_type;          /* of the answer */
    struct MHD_Response *answer; /* headers are added while they come */
    struct bytes answer_headers; /* "name\0value\0" pairs */
};

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
is_hop(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof hop_headers / sizeof *hop_headers; i++)
        if (strlen(hop_headers[i]) == n && strncasecmp(hop_headers[i], name, n) == 0)
            return true;
    return false;
}

/* ---- passing on -------------------------------------------------------------------------------------------------------------- */

static enum MHD_Result
copy_header(void *to, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct passing *p = to;

    (void)kind;
    if (strcasecmp(name, "Content-Type") == 0)
        p->has_content_type = true;
    if (!is_hop(name, strlen(name))) {
        char *line = alloc_print("%s: %s", name, value != NULL ? value : "");

        p->headers = curl_slist_append(p->headers, line);
        free(line);
    }
    return MHD_YES;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *to)
{
    bytes_add(&((struct passing *)to)->response, bytes, size * count);
    return size * count;
}

static size_t
take_header(char *line, size_t size, size_t count, void *to)
{
    struct passing *p = to;
    size_t n = size * count;
    const char *colon = memchr(line, ':', n);

    if (colon == NULL || is_hop(line, (size_t)(colon - line)))
        return n;
    const char *value = colon + 1, *end = line + n;
    while (value < end && *value == ' ')
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n'))
        end--;
    bytes_add(&p->answer_headers, line, (size_t)(colon - line));
    bytes_add(&p->answer_headers, "", 1);
    bytes_add(&p->answer_headers, value, (size_t)(end - value));
    bytes_add(&p->answer_headers, "", 1);
    if (strncasecmp(line, "Content-Type", 12) == 0 && p->content_type == NULL)
        p->content_type = alloc_slice(value, (size_t)(end - value));
    return n;
}

/* The status, or 502 with the reason as the body. */
static int
forward(struct passing *p, const char *method, const char *url)
{
    CURL *curl = curl_easy_init();
    char why[CURL_ERROR_SIZE] = "";
    long status = 0;

    p->headers = curl_slist_append(p->headers, "Expect:");
    if (!p->has_content_type)
        p->headers = curl_slist_append(p->headers, "Content-Type:");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, p->headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, p);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, p);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (p->request.n > 0 || strcmp(method, "POST") == 0) { /* also nothing has its length */
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, p->request.n > 0 ? p->request.s : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->request.n);
    } else if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    CURLcode result = curl_easy_perform(curl);
    if (result == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    else
        bytes_add(&p->response, why, strlen(why));
    curl_easy_cleanup(curl);
    return result == CURLE_OK ? (int)status : 502;
}

static enum MHD_Result
answer(struct MHD_Connection *connection, struct passing *p, int status)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        p->response.n, p->response.s != NULL ? p->response.s : "", MHD_RESPMEM_MUST_COPY);

    for (size_t i = 0; i < p->answer_headers.n;) {
        const char *name = p->answer_headers.s + i, *value = name + strlen(name) + 1;

        MHD_add_response_header(response, name, value);
        i += strlen(name) + strlen(value) + 2;
    }
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return queued;
}

/* The length of an address up to the slash that ends it: paths begin with their own. */
static size_t
without_slash(const char *address)
{
    size_t n = strlen(address);

    while (n > 0 && address[n - 1] == '/')
        n--;
    return n;
}

/* What the platform posts to /webhook goes to the client, everything else to the platform. */
static char *
target_of(const struct recorder *r, const char *uri)
{
    const char *query = strchr(uri, '?');
    bool is_webhook =
        strncmp(uri, "/webhook", 8) == 0 && (uri[8] == '\0' || uri[8] == '/' || uri[8] == '?');

    if (!is_webhook)
        return alloc_print("%.*s%s", (int)without_slash(r->upstream), r->upstream, uri);
    if (query == NULL)
        return alloc_text(r->webhook);
    return alloc_print("%s%c%s", r->webhook, strchr(r->webhook, '?') != NULL ? '&' : '?',
                       query + 1);
}

static enum MHD_Result
pass_on(struct recorder *r, struct MHD_Connection *connection, const char *method,
        struct passing *p)
{
    char *url = target_of(r, p->uri);
    int64_t started = now_ms();

    MHD_get_connection_values(connection, MHD_HEADER_KIND, copy_header, p);
    int status = forward(p, method, url);
    har_add(r->har, &(struct har_entry){.method = method,
                                        .url = url,
                                        .request = p->request.s,
                                        .request_n = p->request.n,
                                        .request_type = MHD_lookup_connection_value(
                                            connection, MHD_HEADER_KIND, "Content-Type"),
                                        .response = p->response.s != NULL ? p->response.s : "",
                                        .response_n = p->response.n,
                                        .response_type = p->content_type,
                                        .status = status,
                                        .started_ms = started,
                                        .took_ms = now_ms() - started});
    free(url);
    return answer(connection, p, status);
}

static void *
on_uri(void *recorder, const char *uri, struct MHD_Connection *connection)
{
    struct passing *p = alloc_zero(1, sizeof *p);

    (void)connection;
    p->uri = alloc_text(uri);
    atomic_fetch_add(&((struct recorder *)recorder)->in_flight, 1);
    return p;
}

static enum MHD_Result
on_request(void *recorder, struct MHD_Connection *connection, const char *path, const char *method,
           const char *version, const char *data, size_t *size, void **state)
{
    struct passing *p = *state;

    (void)version;
    (void)path;
    if (!p->is_begun) {
        p->is_begun = true;
        return MHD_YES;
    }
    if (*size > 0) {
        bytes_add(&p->request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return pass_on(recorder, connection, method, p);
}

static void
on_done(void *recorder, struct MHD_Connection *connection, void **state,
        enum MHD_RequestTerminationCode why)
{
    struct passing *p = *state;

    (void)connection;
    (void)why;
    if (p == NULL)
        return;
    atomic_fetch_sub(&((struct recorder *)recorder)->in_flight, 1);
    free(p->uri);
    curl_slist_free_all(p->headers);
    free(p->request.s);
    free(p->response.s);
    free(p->answer_headers.s);
    free(p->content_type);
    free(p);
}

/* ---- the command --------------------------------------------------------------------------------------------------------------- */

static int
listen_on(const char *host_and_port)
{
    const char *colon = strrchr(host_and_port, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE},
                    *found = NULL;
    int on = 1, fd = -1;

    if (colon != NULL) {
        char *host = alloc_slice(host_and_port, (size_t)(colon - host_and_port));

        if (getaddrinfo(host, colon + 1, &hints, &found) == 0)
            fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        free(host);
    }
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, 512) < 0) {
            close(fd);
            fd = -1;
        }
    }
    if (found != NULL)
        freeaddrinfo(found);
    return fd;
}

static unsigned
port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    char port[16] = "0";

    getsockname(fd, (struct sockaddr *)&address, &n);
    getnameinfo((struct sockaddr *)&address, n, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return (unsigned)strtoul(port, NULL, 10);
}

/* The recording is made of the HAR: one reader of webhook bodies for both. */
static int
write_recording(const struct recorder *r)
{
    char name[] = "import", format[] = "har", option[] = "--title", title[] = "recorded";
    char *part = alloc_print("%s.part", r->recording_path), *har = alloc_text(r->har_path);
    char *arguments[] = {name, format, har, option, title, NULL};
    int kept = dup(STDOUT_FILENO), result = 2;

    fflush(stdout);
    if (kept >= 0 && freopen(part, "w", stdout) != NULL) {
        result = import_main(5, arguments);
        fflush(stdout);
        dup2(kept, STDOUT_FILENO);
        if (result == 0 && rename(part, r->recording_path) != 0)
            result = 2;
        if (result != 0)
            unlink(part);
    }
    if (kept >= 0)
        close(kept);
    free(part);
    free(har);
    return result;
}

static void
tell_ready(const struct recorder *r, int fd)
{
    char *listen = alloc_print("http://%.*s:%u", (int)(strrchr(r->listen, ':') - r->listen),
                               r->listen, port_of(fd));
    json_t *ready = json_pack("{s:b, s:s, s:s, s:s}", "ready", 1, "listen", listen, "upstream",
                              r->upstream, "webhook", r->webhook);

    json_dumpf(ready, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(ready);
    free(listen);
}

static int
serve(struct recorder *r, int fd)
{
    sigset_t stops;
    char why[512];
    int signal_number;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request,
        r, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_uri, r,
        MHD_OPTION_NOTIFY_COMPLETED, on_done, r, MHD_OPTION_END);
    if (daemon == NULL) {
        fputs("understudy record: cannot start to listen\n", stderr);
        return 2;
    }
    tell_ready(r, fd);
    sigwait(&stops, &signal_number);
    fd = MHD_quiesce_daemon(daemon);
    for (int i = 0; i < FINISH_MS / 10 && atomic_load(&r->in_flight) > 0; i++)
        usleep(10000);
    MHD_stop_daemon(daemon);
    close(fd);
    if (har_close(r->har, why, sizeof why) < 0) {
        fprintf(stderr, "understudy record: %s\n", why);
        return 2;
    }
    return r->recording_path != NULL ? write_recording(r) : 0;
}

static const char usage_text[] = "usage: understudy record --upstream URL --webhook URL [--listen "
                                 "HOST:PORT] [--har FILE] [--recording FILE]\n"
                                 "Give the client this address as its Graph API, and the platform "
                                 "this address with /webhook as the callback.\n"
                                 "Defaults: --listen 127.0.0.1:8081 --har recorded.har. Stops at "
                                 "SIGTERM or SIGINT and writes the files then.\n";

static bool
is_address(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

int
record_main(int argc, char **argv)
{
    static const struct option options[] = {{"upstream", required_argument, NULL, 'u'},
                                            {"webhook", required_argument, NULL, 'w'},
                                            {"listen", required_argument, NULL, 'l'},
                                            {"har", required_argument, NULL, 'a'},
                                            {"recording", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct recorder r = {.listen = "127.0.0.1:8081", .har_path = "recorded.har"};
    char why[512];
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case 'u':
            r.upstream = optarg;
            break;
        case 'w':
            r.webhook = optarg;
            break;
        case 'l':
            r.listen = optarg;
            break;
        case 'a':
            r.har_path = optarg;
            break;
        case 'r':
            r.recording_path = optarg;
            break;
        case 'h':
            fputs(usage_text, stdout);
            return 0;
        default:
            return 2;
        }
    }
    if (r.upstream == NULL || r.webhook == NULL || optind != argc) {
        fputs("understudy record: expected --upstream URL and --webhook URL; type: understudy "
              "record --help\n",
              stderr);
        return 2;
    }
    if (!is_address(r.upstream) || !is_address(r.webhook)) {
        fprintf(stderr, "understudy record: `%s` is no address, expected http://.. or https://..\n",
                is_address(r.upstream) ? r.webhook : r.upstream);
        return 2;
    }
    int fd = listen_on(r.listen);
    if (fd < 0) {
        fprintf(stderr,
                "understudy record: cannot listen on %s: %s; give another HOST:PORT to --listen\n",
                r.listen, errno != 0 ? strerror(errno) : "no such address");
        return 2;
    }
    r.har = har_open(r.har_path, why, sizeof why);
    if (r.har == NULL) {
        fprintf(stderr, "understudy record: %s\n", why);
        close(fd);
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return serve(&r, fd);
}
