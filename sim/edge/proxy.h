/* proxy.h - a proxy for clients that have https://graph.facebook.com built in: CONNECT to one of the platform's hosts leads to our TLS listener, requests in absolute form to
 * our plain one. Every other host is refused, and named in the journal: nothing ever leaves this machine. */
#ifndef UNDERSTUDY_EDGE_PROXY_H
#define UNDERSTUDY_EDGE_PROXY_H

#include <stddef.h>
#include <stdint.h>

struct proxy;
struct server;

/* Where tunnels end, on loopback. */
struct proxy_ends {
    uint16_t tls, plain;
};

/* Listens and starts its thread; NULL with one line in problem. */
struct proxy *proxy_start(struct server *server, const char *host, uint16_t port,
                          struct proxy_ends ends, char *problem, size_t size);
uint16_t proxy_port(const struct proxy *proxy);
void proxy_stop(struct proxy **proxy);

#endif
