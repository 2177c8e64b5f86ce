/* control.h - the control API under /_sim/: who may use it, which route it is, and the problem documents of what is not there. What the routes do is in control_*.c. */
#ifndef UNDERSTUDY_EDGE_CONTROL_H
#define UNDERSTUDY_EDGE_CONTROL_H

#include <jansson.h>

#include "core/str.h"
#include "edge/problem.h"
#include "graph/request.h"

struct exchange;
struct server;
struct tenant;
struct world;

/* Whether the path is one of the control API. */
bool control_is_asked(struct str path);

/* Answers the exchange, or suspends it. */
void control_handle(struct exchange *exchange);

/* ---- for control_*.c --------------------------------------------------------------------------------------------------------- */

/* A call of a route, on its way. */
struct control {
    struct exchange *exchange;
    struct server *server;
    struct reply *reply;
    struct tenant *tenant; /* of {w}: the exchange's, held; NULL for routes without it */
    const json_t *body;    /* an object or an array; an empty object when nothing was sent */
};

typedef void control_fn(struct control *control);

enum control_flag {
    CONTROL_OF_WORLD = 1,  /* the path names a world */
    CONTROL_TAKES_LIST = 2 /* the body may be a list */
};

struct control_route {
    enum method method;
    const char *path; /* "/_sim/worlds/{w}/acts" */
    control_fn *handler;
    unsigned flags;
    const char *summary;
    const char *query; /* the parameters it knows, with a blank between */
    const char *takes; /* the body in words, "" : none */
    const char *gives; /* status and what comes back */
};
const struct control_route *control_routes(size_t *count);

/* Enters the world of the route. False, and the reply says 404, when it is gone. Leave with control_leave. */
bool control_enter(struct control *control);
void control_leave(struct control *control);

/* A wait that ended because the world or the server went: the reply says so. */
void control_refuse(struct exchange *exchange);

/* A parameter of the query as a number: `usual` when it is not there; false, and the reply says 400, when it is none. */
bool control_query_number(struct control *control, const char *name, uint64_t usual,
                          uint64_t *number);
/* Its text, decoded; STR_NONE. */
struct str control_query_text(struct control *control, const char *name);

#define CONTROL_ROUTE(method, path, handler, ...) control_fn handler;
#include "edge/control_routes.def"
#undef CONTROL_ROUTE

#endif
