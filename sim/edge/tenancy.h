/* tenancy.h - worlds come, are made anew, and go: from a spec to a tenant that can be found, and back. */
#ifndef UNDERSTUDY_EDGE_TENANCY_H
#define UNDERSTUDY_EDGE_TENANCY_H

#include <jansson.h>

#include "edge/problem.h"
#include "edge/spec.h"

struct server;
struct tenant;

/* Makes the world that a spec asks for. defaults: what holds when it does not say; now MS_NEVER: the wall clock's. Returns a held tenant, or NULL with the problem set. */
struct tenant *tenancy_begin(struct server *server, const json_t *spec,
                             const struct spec_head *defaults, struct problem *problem);

/* Makes the world anew from its spec and seed. False when it has been dropped. */
bool tenancy_reset(struct tenant *tenant);

/* Drops the world and all of its memory; who waits for it is refused. False when somebody else was faster. */
bool tenancy_end(struct tenant *tenant);

/* A world with nothing in it, which no one finds by name: for calls that belong to none. */
struct tenant *tenancy_nowhere(struct server *server);

#endif
