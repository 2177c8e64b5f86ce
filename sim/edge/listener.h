/* listener.h - listening sockets: the one place that binds. */
#ifndef UNDERSTUDY_EDGE_LISTENER_H
#define UNDERSTUDY_EDGE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A non-blocking socket that listens on host:port (port 0: any free one); -1 with one line in problem. */
int listener_open(const char *host, uint16_t port, char *problem, size_t size);

/* The port it got. */
uint16_t listener_port(int listener);

/* Whether the host is this very machine: localhost, 127.x.x.x, ::1. */
bool listener_is_loopback(const char *host);

#endif
