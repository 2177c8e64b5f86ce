/* http.h - HTTP in and out: one libmicrohttpd daemon a listener, requests become exchanges, replies get the platform's headers. It decides nothing. */
#ifndef UNDERSTUDY_EDGE_HTTP_H
#define UNDERSTUDY_EDGE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct server;

/* A key and a certificate as PEM texts, for TLS. */
struct http_identity {
    const char *key, *certificate;
};

/* Listens on host:port (port 0: any free one) with so many threads. identity NULL: no TLS. Returns NULL with one line in problem. */
struct http *http_start(struct server *server, const char *host, uint16_t port, unsigned threads,
                        const struct http_identity *identity, char *problem, size_t size);

/* Where it listens. */
uint16_t http_port(const struct http *http);

/* No new connections from here on. */
void http_quiesce(struct http *http);

/* Ends it; nothing may be suspended any more. */
void http_stop(struct http **http);

#endif
