#include "conformance/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conformance/alloc.h"
#include "conformance/bridge.h"

enum { STOP_MS_MAX = 3000, LAST_WORDS_MAX = 1200 };

/* ---- the environment ---- */

struct variables {
    char **items;
    size_t count;
};

/* Sets NAME when there is a value. */
static void
set_variable(struct variables *variables, const char *name, const json_t *value)
{
    if (!json_is_string(value))
        return;
    variables->items =
        alloc_checked(realloc(variables->items, (variables->count + 2) * sizeof(char *)));
    variables->items[variables->count++] = alloc_print("%s=%s", name, json_string_value(value));
    variables->items[variables->count] = NULL;
}

static void
set_text(struct variables *variables, const char *name, const char *text)
{
    json_t *value = json_string(text);
    set_variable(variables, name, value);
    json_decref(value);
}

/* The monotonic clock stays as it is, so that timers keep their length (clients.md 6), and so do the times of files. */
static void
set_clock(struct variables *variables, const json_t *file)
{
    char *preload = json_is_string(file) ? bridge_preload_new() : NULL;

    if (preload == NULL)
        return;
    set_text(variables, "LD_PRELOAD", preload);
    set_variable(variables, "FAKETIME_TIMESTAMP_FILE", file);
    set_text(variables, "FAKETIME_NO_CACHE", "1");
    set_text(variables, "FAKETIME_DONT_FAKE_MONOTONIC", "1");
    set_text(variables, "NO_FAKE_STAT", "1");
    free(preload);
}

/* libcurl as a library reads no variable for its authority, so PHP's settings must name it. They lie beside the certificate; the
 * empty folder before theirs stands for the one that PHP has built in. */
static void
set_php(struct variables *variables, const json_t *authority)
{
    const char *path = json_string_value(authority);
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    if (slash == NULL)
        return;
    char *folders = alloc_print(":%.*s", (int)(slash - path), path);
    set_text(variables, "PHP_INI_SCAN_DIR", folders);
    free(folders);
}

/* Java asks no variable for a proxy or an authority, but takes options from one, and says on stderr that it did. */
static void
set_java(struct variables *variables, const json_t *authority, const json_t *proxy)
{
    const char *path = json_string_value(authority);
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *host = json_is_string(proxy) ? strstr(json_string_value(proxy), "//") : NULL;
    const char *colon = host != NULL ? strrchr(host, ':') : NULL;

    if (slash == NULL || colon == NULL)
        return;
    char *options = alloc_print(
        "-Djavax.net.ssl.trustStore=%.*s/java.jks -Dhttps.proxyHost=%.*s -Dhttps.proxyPort=%s",
        (int)(slash - path), path, (int)(colon - host) - 2, host + 2, colon + 1);
    set_text(variables, "JAVA_TOOL_OPTIONS", options);
    free(options);
}

/* What the caller has put there stays. */
static void
set_node(struct variables *variables, const json_t *authority)
{
    const char *path = json_string_value(authority);
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *given = getenv("NODE_OPTIONS");

    if (slash == NULL)
        return;
    char *options = alloc_print("%s%s--require \"%.*s/node.cjs\"", given != NULL ? given : "",
                                given != NULL ? " " : "", (int)(slash - path), path);
    set_text(variables, "NODE_OPTIONS", options);
    free(options);
}

char **
client_environment(const json_t *ready, const json_t *world, unsigned short port)
{
    static const char *const certificates[] = {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS",
                                               "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    static const char *const proxies[] = {"HTTPS_PROXY", "https_proxy", "http_proxy"};
    static const char *const exceptions[] = {"NO_PROXY", "no_proxy"};
    struct variables variables = {0};
    const json_t *app = json_array_get(json_object_get(world, "apps"), 0);
    const json_t *page = json_array_get(json_object_get(world, "pages"), 0);
    const json_t *authority = json_object_get(ready, "ca");
    const json_t *proxy = json_object_get(ready, "proxy");
    char number[8];

    snprintf(number, sizeof number, "%hu", port);
    set_variable(&variables, "GRAPH_API_BASE", json_object_get(ready, "listen"));
    set_variable(&variables, "GRAPH_API_BASE_TLS", json_object_get(ready, "tls"));
    set_variable(&variables, "PAGE_ID", json_object_get(page, "id"));
    set_variable(&variables, "PAGE_ACCESS_TOKEN", json_object_get(page, "access_token"));
    set_variable(&variables, "APP_ID", json_object_get(app, "id"));
    set_variable(&variables, "APP_SECRET", json_object_get(app, "secret"));
    set_variable(&variables, "VERIFY_TOKEN", json_object_get(app, "verify_token"));
    set_text(&variables, "WEBHOOK_PORT", number);
    /* Ruby looks for http_proxy, in small letters, even when it speaks https. */
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        set_variable(&variables, proxies[i], proxy);
    for (size_t i = 0; json_is_string(proxy) && i < sizeof exceptions / sizeof *exceptions; i++)
        set_text(&variables, exceptions[i], "localhost,127.0.0.1");
    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
        set_variable(&variables, certificates[i], authority);
    set_node(&variables, authority);
    set_php(&variables, authority);
    set_java(&variables, authority, proxy);
    set_clock(&variables, json_object_get(world, "clock_file"));
    return variables.items;
}

void
client_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        free(environment[i]);
    free(environment);
}

/* ---- ports ---- */

unsigned short
client_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned short port = 0;

    if (listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0 &&
        getsockname(listener, (struct sockaddr *)&address, &size) == 0)
        port = ntohs(address.sin_port);
    if (listener >= 0)
        close(listener);
    return port;
}

static bool
port_accepts(unsigned short port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int caller = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_open = caller >= 0 && connect(caller, (struct sockaddr *)&address, sizeof address) == 0;

    if (caller >= 0)
        close(caller);
    return is_open;
}

/* ---- the client ---- */

static void
say_what_happened(struct client *client, const char *what, char error[static CLIENT_ERROR_SIZE])
{
    char *words = process_last_words(&client->process, LAST_WORDS_MAX);
    size_t length = strlen(words);

    while (length > 0 && words[length - 1] == '\n')
        words[--length] = '\0';
    snprintf(error, CLIENT_ERROR_SIZE, "%s%s%s", what,
             length > 0 ? "; it said last: " : "; it said nothing", words);
    free(words);
}

bool
client_lives(struct client *client, char error[static CLIENT_ERROR_SIZE])
{
    if (client->process.pid == 0 || !process_ended(&client->process))
        return true;
    char *end = process_end_text(&client->process);
    char *what = alloc_print("the client ended by itself (%s)", end);
    say_what_happened(client, what, error);
    free(what);
    free(end);
    return false;
}

static int
wait_for_port(struct client *client, unsigned short port, long patience_ms,
              char error[static CLIENT_ERROR_SIZE])
{
    const struct timespec nap = {.tv_nsec = 5000000L};

    for (long waited = 0; waited <= patience_ms; waited += 5) {
        if (!client_lives(client, error))
            return -1;
        if (port_accepts(port))
            return 0;
        nanosleep(&nap, NULL);
    }
    char *what = alloc_print("the client does not accept connections on WEBHOOK_PORT after %ld ms",
                             patience_ms);
    say_what_happened(client, what, error);
    free(what);
    return -1;
}

int
client_start(struct client *client, const struct client_plan *plan, const json_t *world,
             char error[static CLIENT_ERROR_SIZE])
{
    static char shell[] = "/bin/sh", option[] = "-c";

    *client = (struct client){.process = {.out = -1, .err_file = -1}};
    if (plan->command == NULL) {
        client->webhook = alloc_text(plan->webhook);
        return 0;
    }
    unsigned short port = client_free_port();
    char **environment = client_environment(plan->ready, world, port);
    char *command = alloc_text(plan->command);
    char *argv[] = {shell, option, command, NULL};
    int started = process_start(&client->process, argv, environment, PROCESS_ERR);
    int reason = errno;

    client_environment_free(environment);
    free(command);
    if (started != 0) {
        snprintf(error, CLIENT_ERROR_SIZE, "cannot start the client: %s", strerror(reason));
        return -1;
    }
    client->webhook = alloc_print("http://127.0.0.1:%hu%s", port, plan->webhook_path);
    return wait_for_port(client, port, plan->start_ms, error);
}

void
client_stop(struct client *client)
{
    pid_t pid = client->process.pid;

    process_stop(&client->process, STOP_MS_MAX);
    bridge_sweep(pid);
    free(client->webhook);
    client->webhook = NULL;
}
