/* route.h - from method and path to the row that answers it. Looking one up costs the same however many there are. */
#ifndef UNDERSTUDY_GRAPH_ROUTE_H
#define UNDERSTUDY_GRAPH_ROUTE_H

#include "graph/api.h"
#include "graph/fields.h"

enum route_flag {
    ROUTE_NO_TOKEN = 1,
    ROUTE_APP_TOKEN = 2, /* an app access token will do */
    ROUTE_SEND = 4,      /* the policy decides */
    ROUTE_LEGACY = 8,    /* an edge of an earlier era */
    ROUTE_OF_PAGE = 16   /* an edge of an app that takes the token of a page */
};

struct route {
    enum method method;
    enum object_kind object;
    const char *edge;      /* "" for the node itself; "a/b" for two components */
    handler_fn *handler;
    enum schema schema;
    unsigned permission;   /* a permission bit or 0 */
    unsigned flags;
    version_t since, until;
    enum fidelity fidelity;
    const char *cite;
};

/* Once, before the first call: the look-up table. */
void routes_init(void);

const struct route *route_rows(unsigned *count);
/* "POST /{page}/messages" */
const char *route_id(const struct route *route);

/* The row, NULL when no row has it in this version. *edge_exists says whether the object has that edge with another method. */
const struct route *route_find(enum method method, enum object_kind object, struct str edge, version_t version, bool *edge_exists);

/* Whether the platform has an edge of that name at all, on whatever kind of object, in this version. */
bool route_knows_edge(struct str edge, version_t version);

const char *object_kind_text(enum object_kind kind); /* "page", "person" ... */

#endif
