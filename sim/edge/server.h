/* server.h - the parts of a running server that its requests share. Made and taken apart by serve.c. */
#ifndef UNDERSTUDY_EDGE_SERVER_H
#define UNDERSTUDY_EDGE_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "edge/spec.h"

struct driver;
struct exchange_pool;
struct journal_file;
struct registry;
struct tenant;

/* What is counted for GET /_sim/metrics. */
struct server_counts {
    atomic_ullong graph_calls, graph_errors, control_calls, deliveries, deliveries_failed,
        worlds_made;
};

struct server {
    struct registry *registry;
    struct driver *driver;
    struct journal_file *file; /* NULL: none */
    struct exchange_pool *pool;
    struct tenant
        *nowhere; /* answers calls that belong to no world: as the platform does to strangers */
    struct spec_head defaults; /* of worlds that are made; now MS_NEVER: the wall clock's */
    const char *admin_token;   /* borrowed; NULL: none */
    bool is_open;              /* listens on loopback only: the control API needs no token */
    bool is_strict;            /* no headers of ours on replies of the platform */
    struct server_counts counts;
    atomic_bool is_stopping;
    atomic_uint suspended; /* exchanges that wait for the driver */
};

#endif
