/* app_node.h - an app as Graph shows it: by itself, and among the apps that a page's events go to. */
#ifndef UNDERSTUDY_GRAPH_APP_NODE_H
#define UNDERSTUDY_GRAPH_APP_NODE_H

#include "graph/api.h"

/* With the fields that the call asks for. on: its subscription to a page, which shows subscribed_fields too; NULL: the app alone. */
enum graph_err app_write(struct call *call, struct buf *out, const struct app *app, const struct page_app *on);

#endif
