#include "edge/proxy.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pthread.h>

#include "edge/listener.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "edge/tunnel.h"
#include "graph/jwrite.h"
#include "world/xalloc.h"

enum { TUNNELS_MAX = 512, TLS_GREETING = 0x16 /* first byte of a TLS handshake */ };

struct proxy {
    struct server *server;
    struct proxy_ends ends;
    pthread_t thread;
    int listener, ending; /* ending: readable when the thread is to end */
    uint16_t port;
    struct tunnel *tunnels[TUNNELS_MAX];
    size_t count;
};

/* ---- who may go where -------------------------------------------------------------------------------------------------------------- */

static bool
is_platform(struct str host)
{
    static const char *const hosts[] = {"graph.facebook.com", "graph-video.facebook.com",
                                        "www.facebook.com", "m.me"};

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (str_eq_nocase(host, str_of(hosts[i])))
            return true;
    return false;
}

/* Refused hosts are named in the journal of the default world, or of the oldest. */
static void
note_refusal(struct server *server, struct str host)
{
    size_t count;
    struct tenant **all = registry_all(server->registry, &count);
    struct tenant *tenant = registry_find_name(server->registry, STR("default"));
    struct buf rest = {0};

    if (tenant == NULL && count > 0) {
        tenant = all[0];
        tenant_hold(tenant);
    }
    buf_adds(&rest, ",\"note\":\"proxy_refused\"");
    jw_kv_strf(&rest, "text", host, JW_OURS);
    buf_char(&rest, '}');
    if (tenant != NULL && tenant_enter(tenant)) {
        world_record(tenant->world, "note", buf_view(&rest));
        tenant_leave(tenant);
    }
    if (tenant != NULL)
        tenant_release(tenant);
    for (size_t i = 0; i < count; i++)
        tenant_release(all[i]);
    free(all);
    buf_fini(&rest);
    fprintf(stderr, "understudy serve: the proxy refused %.*s\n", STR_ARG(host));
}

static void
refuse(struct proxy *proxy, struct tunnel *tunnel, struct str host)
{
    note_refusal(proxy->server, host);
    tunnel_say(tunnel, "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: "
                       "close\r\nContent-Length: 49\r\n\r\n"
                       "This proxy leads to the simulated platform only.\n");
    tunnel->closes_after = true;
}

static struct str
word(struct str *rest)
{
    const char *space = memchr(rest->s, ' ', rest->n);
    struct str found = {rest->s, space != NULL ? (size_t)(space - rest->s) : rest->n};

    *rest = str_from(*rest, found.n + (space != NULL));
    return found;
}

static struct str
without_port(struct str host)
{
    const char *colon = memchr(host.s, ':', host.n);

    return colon != NULL ? (struct str){host.s, (size_t)(colon - host.s)} : host;
}

/* The host of http://host/path. */
static struct str
host_of(struct str url)
{
    const char *scheme = memmem(url.s, url.n, "://", 3);

    if (scheme == NULL)
        return STR("");
    struct str rest = str_from(url, (size_t)(scheme + 3 - url.s));
    const char *slash = memchr(rest.s, '/', rest.n);
    return slash != NULL ? (struct str){rest.s, (size_t)(slash - rest.s)} : rest;
}

static void
lead(struct proxy *proxy, struct tunnel *tunnel)
{
    /* axios before 0.19 speaks TLS to the proxy itself, as if it were the platform, and names the whole address in there. */
    if (tunnel->up.n > 0 && tunnel->up.bytes[0] == TLS_GREETING) {
        tunnel->is_over = !tunnel_open(tunnel, proxy->ends.tls, 0);
        return;
    }
    struct str head = tunnel_head(tunnel), rest = head;

    if (head.s == NULL)
        return;
    struct str method = word(&rest), target = word(&rest);
    bool is_connect = str_eq_lit(method, "CONNECT");
    struct str host = is_connect ? target : host_of(target);

    if (!is_platform(without_port(host))) {
        refuse(proxy, tunnel, host);
        return;
    }
    if (!tunnel_open(tunnel, is_connect ? proxy->ends.tls : proxy->ends.plain,
                     is_connect ? head.n : 0))
        tunnel->is_over = true;
    else if (is_connect)
        tunnel_say(tunnel, "HTTP/1.1 200 Connection established\r\n\r\n");
}

/* ---- the thread ------------------------------------------------------------------------------------------------------------------- */

static void
take_client(struct proxy *proxy)
{
    int client = accept4(proxy->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (client >= 0)
        proxy->tunnels[proxy->count++] = tunnel_new(client);
}

static void
move_tunnels(struct proxy *proxy, const struct pollfd *polled)
{
    size_t kept = 0;

    for (size_t i = 0; i < proxy->count; i++) {
        struct tunnel *tunnel = proxy->tunnels[i];

        tunnel_move(tunnel, polled + 2 * i);
        if (!tunnel->is_over && tunnel->server < 0 && !tunnel->closes_after)
            lead(proxy, tunnel);
        if (tunnel->is_over)
            tunnel_free(&tunnel);
        else
            proxy->tunnels[kept++] = tunnel;
    }
    proxy->count = kept;
}

static void *
run(void *given)
{
    struct proxy *proxy = given;
    struct pollfd polled[2 + 2 * TUNNELS_MAX];

    for (;;) {
        polled[0] = (struct pollfd){proxy->ending, POLLIN, 0};
        polled[1] = (struct pollfd){proxy->count < TUNNELS_MAX ? proxy->listener : -1, POLLIN, 0};
        for (size_t i = 0; i < proxy->count; i++)
            tunnel_wants(proxy->tunnels[i], polled + 2 + 2 * i);
        if (poll(polled, 2 + 2 * proxy->count, -1) < 0 && errno != EINTR)
            break;
        if ((polled[0].revents & POLLIN) != 0)
            break;
        move_tunnels(proxy, polled + 2);
        if ((polled[1].revents & POLLIN) != 0)
            take_client(proxy);
    }
    return NULL;
}

struct proxy *
proxy_start(struct server *server, const char *host, uint16_t port, struct proxy_ends ends,
            char *problem, size_t size)
{
    int listener = listener_open(host, port, problem, size);

    if (listener < 0)
        return NULL;
    struct proxy *proxy = xcalloc(1, sizeof *proxy);
    *proxy = (struct proxy){.server = server,
                            .ends = ends,
                            .listener = listener,
                            .ending = eventfd(0, EFD_CLOEXEC),
                            .port = listener_port(listener)};
    if (proxy->ending < 0 || pthread_create(&proxy->thread, NULL, run, proxy) != 0)
        abort();
    return proxy;
}

uint16_t
proxy_port(const struct proxy *proxy)
{
    return proxy->port;
}

void
proxy_stop(struct proxy **given)
{
    struct proxy *proxy = *given;
    uint64_t one = 1;

    if (proxy == NULL)
        return;
    if (write(proxy->ending, &one, sizeof one) < 0)
        abort();
    pthread_join(proxy->thread, NULL);
    for (size_t i = 0; i < proxy->count; i++)
        tunnel_free(&proxy->tunnels[i]);
    close(proxy->listener);
    close(proxy->ending);
    free(proxy);
    *given = NULL;
}
