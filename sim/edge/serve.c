#include "edge/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>

#include "edge/authority.h"
#include "edge/clock_file.h"
#include "edge/drive.h"
#include "edge/exchange.h"
#include "edge/http.h"
#include "edge/journal_file.h"
#include "edge/listener.h"
#include "edge/proxy.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/settings.h"
#include "edge/tenancy.h"
#include "edge/tenant.h"
#include "edge/world_show.h"

enum { EXIT_TROUBLE = 2, PROBLEM_SIZE = 512, LAST_REPLIES_MS = 2000, RETURN_HOME_MS = 15000 };

struct serving {
    struct settings settings;
    struct server server;
    struct http *http, *https;
    struct authority authority;
    struct proxy *proxy;
    sigset_t signals;
};

static int
complain(const char *problem)
{
    fprintf(stderr, "understudy serve: %s\n", problem);
    return -1;
}

/* ---- worlds of the command line ------------------------------------------------------------------------------------------------ */

static int
world_complaint(const char *path, const struct problem *problem)
{
    fprintf(stderr, "understudy serve: %s: %s\n", path, problem->detail);
    return -1;
}

static int
make_world(struct server *server, const json_t *spec, const char *path)
{
    struct problem problem;
    struct tenant *tenant = tenancy_begin(server, spec, &server->defaults, &problem);

    if (tenant == NULL)
        return world_complaint(path, &problem);
    tenant_release(tenant);
    return 0;
}

static int
make_world_of_file(struct server *server, const char *path)
{
    json_error_t error;
    json_t *spec = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (spec == NULL) {
        if (error.line > 0)
            fprintf(stderr, "understudy serve: %s:%d: %s, expected a world as JSON\n", path,
                    error.line, error.text);
        else
            fprintf(stderr, "understudy serve: %s: %s; give a file with a world as JSON\n", path,
                    error.text);
        return -1;
    }
    int result = make_world(server, spec, path);
    json_decref(spec);
    return result;
}

static int
make_worlds(struct serving *serving)
{
    struct server *server = &serving->server;

    for (unsigned i = 0; i < serving->settings.world_count; i++)
        if (make_world_of_file(server, serving->settings.worlds[i]) != 0)
            return -1;
    if (serving->settings.world_count > 0)
        return 0;
    json_t *spec = json_pack("{s:s}", "name", "default");
    int result = make_world(server, spec, "default");
    json_decref(spec);
    return result;
}

/* ---- ready ------------------------------------------------------------------------------------------------------------------------ */

static json_t *
url_new(const char *scheme, const char *host, uint16_t port)
{
    char text[SETTINGS_HOST + 32];

    snprintf(text, sizeof text, strchr(host, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u", scheme,
             host, (unsigned)port);
    return json_string(text);
}

/* The world that a client gets when it asks for none: the default one, else the first. */
static json_t *
first_world_new(struct server *server)
{
    size_t count;
    struct tenant **all = registry_all(server->registry, &count);
    json_t *world = json_null();
    size_t chosen = 0;

    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, "default") == 0)
            chosen = i;
    if (count > 0 && tenant_enter(all[chosen])) {
        world = world_show_new(all[chosen]);
        tenant_leave(all[chosen]);
    }
    for (size_t i = 0; i < count; i++)
        tenant_release(all[i]);
    free(all);
    return world;
}

static int
say_ready(struct serving *serving)
{
    const struct settings *settings = &serving->settings;
    json_t *ready = json_object();

    json_object_set_new(ready, "ready", json_true());
    json_object_set_new(ready, "listen",
                        url_new("http", settings->listen.host, http_port(serving->http)));
    json_object_set_new(ready, "tls",
                        serving->https != NULL
                            ? url_new("https", settings->tls.host, http_port(serving->https))
                            : json_null());
    if (serving->https != NULL)
        json_object_set_new(ready, "ca", json_string(serving->authority.ca_path));
    json_object_set_new(ready, "proxy",
                        serving->proxy != NULL
                            ? url_new("http", settings->proxy.host, proxy_port(serving->proxy))
                            : json_null());
    json_object_set_new(ready, "world", first_world_new(&serving->server));
    char *line = json_dumps(ready, JSON_COMPACT);
    json_decref(ready);
    int result = printf("%s\n", line) > 0 && fflush(stdout) == 0
                     ? 0
                     : complain("cannot write the ready line on stdout");
    free(line);
    return result;
}

/* ---- begin and end ---------------------------------------------------------------------------------------------------------------- */

/* Every connection and every delivery is a descriptor. */
static void
raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* All threads inherit the blocked signals; the main thread waits for them. */
static void
block_signals(struct serving *serving)
{
    struct sigaction hangup;

    sigemptyset(&serving->signals);
    sigaddset(&serving->signals, SIGTERM);
    sigaddset(&serving->signals, SIGINT);
    /* A terminal that is closed ends it as well, unless it was started with nohup. */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&serving->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &serving->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* The TLS listener, with a certificate of an authority of our own. */
static int
listen_with_tls(struct serving *serving, char *problem)
{
    const struct settings *settings = &serving->settings;

    if (!settings->tls.is_set)
        return 0;
    if (authority_init(&serving->authority, problem, PROBLEM_SIZE) != 0)
        return -1;
    struct http_identity identity = {serving->authority.key_pem, serving->authority.cert_pem};
    serving->https = http_start(&serving->server, settings->tls.host, settings->tls.port,
                                settings->threads, &identity, problem, PROBLEM_SIZE);
    return serving->https != NULL ? 0 : -1;
}

static int
listen_as_proxy(struct serving *serving, char *problem)
{
    const struct settings *settings = &serving->settings;

    if (!settings->proxy.is_set)
        return 0;
    struct proxy_ends ends = {http_port(serving->https), http_port(serving->http)};
    serving->proxy = proxy_start(&serving->server, settings->proxy.host, settings->proxy.port, ends,
                                 problem, PROBLEM_SIZE);
    return serving->proxy != NULL ? 0 : -1;
}

static int
begin(struct serving *serving)
{
    const struct settings *settings = &serving->settings;
    struct server *server = &serving->server;
    char problem[PROBLEM_SIZE];

    server->defaults =
        (struct spec_head){.seed = settings->seed, .times = settings->times, .now = settings->now};
    server->admin_token = settings->admin_token;
    server->is_open = listener_is_loopback(settings->listen.host) &&
                      (!settings->tls.is_set || listener_is_loopback(settings->tls.host));
    server->is_strict = settings->is_strict;
    if (settings->journal != NULL &&
        (server->file =
             journal_file_new(settings->journal, settings->seed, problem, sizeof problem)) == NULL)
        return complain(problem);
    if (settings->has_clock_files && !clock_files_begin(problem, sizeof problem))
        return complain(problem);
    server->pool = exchange_pool_new(server);
    server->driver = driver_new(server);
    server->registry = registry_new(server->driver, server->file);
    server->nowhere = tenancy_nowhere(server);
    if (make_worlds(serving) != 0)
        return -1;
    serving->http = http_start(server, settings->listen.host, settings->listen.port,
                               settings->threads, NULL, problem, sizeof problem);
    if (serving->http == NULL || listen_with_tls(serving, problem) != 0 ||
        listen_as_proxy(serving, problem) != 0)
        return complain(problem);
    return 0;
}

/* Waits until nobody uses something any more, but not for ever. */
static void
wait_until_none(unsigned (*left)(struct server *), struct server *server, unsigned ms_max)
{
    const struct timespec moment = {0, 1000000};

    for (unsigned ms = 0; ms < ms_max && left(server) > 0; ms++)
        nanosleep(&moment, NULL);
}

static unsigned
suspended(struct server *server)
{
    return atomic_load(&server->suspended);
}

static unsigned
being_answered(struct server *server)
{
    return server->pool != NULL ? exchange_pool_busy(server->pool) : 0;
}

static void
drop_all(struct server *server)
{
    size_t count;
    struct tenant **all = registry_all(server->registry, &count);

    for (size_t i = 0; i < count; i++) {
        tenancy_end(all[i]);
        tenant_release(all[i]);
    }
    free(all);
}

/* What is in flight comes home, what waits is refused, what was asked is answered; then the journal is written out. */
static int
end(struct serving *serving)
{
    struct server *server = &serving->server;

    http_quiesce(serving->http);
    http_quiesce(serving->https);
    atomic_store(&server->is_stopping, true);
    if (server->registry != NULL)
        driver_wind_down(server->driver);
    wait_until_none(suspended, server, RETURN_HOME_MS);
    if (server->driver != NULL)
        driver_free(&server->driver);
    wait_until_none(being_answered, server, LAST_REPLIES_MS);
    proxy_stop(&serving->proxy);
    http_stop(&serving->https);
    http_stop(&serving->http);
    authority_fini(&serving->authority);
    if (server->registry != NULL) {
        drop_all(server);
        tenant_release(server->nowhere);
        registry_free(&server->registry);
    }
    clock_files_end();
    exchange_pool_free(&server->pool);
    return journal_file_free(&server->file);
}

int
serve_main(int argc, char **argv)
{
    struct serving serving;
    int signal_number;

    memset(&serving, 0, sizeof serving);
    if (settings_read(&serving.settings, argc, argv) != 0)
        return EXIT_TROUBLE;
    if (serving.settings.wants_help) {
        settings_usage(stdout);
        return EXIT_SUCCESS;
    }
    block_signals(&serving);
    raise_descriptors();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    graph_init();
    int result = begin(&serving);
    if (result == 0)
        result = say_ready(&serving);
    if (result == 0)
        sigwait(&serving.signals, &signal_number);
    if (end(&serving) != 0)
        result = -1;
    curl_global_cleanup();
    return result == 0 ? EXIT_SUCCESS : EXIT_TROUBLE;
}
