/* tunnel.h - one connection through the proxy: its request head, then bytes both ways. Knows which descriptors wait for what; nothing of hosts. */
#ifndef UNDERSTUDY_EDGE_TUNNEL_H
#define UNDERSTUDY_EDGE_TUNNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/str.h"

enum { TUNNEL_BUFFER = 16 * 1024 };

/* Bytes on their way in one direction. */
struct flow {
    char bytes[TUNNEL_BUFFER];
    size_t at, n;
    bool has_ended; /* nothing more is to be read */
    bool is_shut;   /* and the other side knows */
};

struct tunnel {
    int client, server; /* descriptors; server -1 until the head has come */
    struct flow up, down;
    bool is_over;
    bool closes_after; /* when what is in `down` has been written */
};

struct tunnel *tunnel_new(int client);
void tunnel_free(struct tunnel **tunnel);

/* The request head including its empty line, once it is there; STR_NONE before. A head that does not fit ends the tunnel. */
struct str tunnel_head(struct tunnel *tunnel);

/* Opens the other end on loopback; the first `skip` bytes of what the client sent stay here. False when that failed. */
bool tunnel_open(struct tunnel *tunnel, uint16_t port, size_t skip);

/* Puts a text on its way to the client. */
void tunnel_say(struct tunnel *tunnel, const char *text);

/* What to poll for: fills two entries. */
void tunnel_wants(const struct tunnel *tunnel, struct pollfd polled[2]);
/* Moves what can be moved. */
void tunnel_move(struct tunnel *tunnel, const struct pollfd polled[2]);

#endif
