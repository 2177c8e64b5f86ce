/* handlers.h - every handler that routes.def names, declared from the table itself. */
#ifndef UNDERSTUDY_GRAPH_HANDLERS_H
#define UNDERSTUDY_GRAPH_HANDLERS_H

#include "graph/api.h"

#define ROUTE(method, object, edge, handler, ...) handler_fn handler;
#include "graph/routes.def"
#undef ROUTE

#endif
