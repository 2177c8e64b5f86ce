/* content.h - what a well-shaped message must also fulfil: the business checks with subcodes, after the policy (send.md 1.7). */
#ifndef UNDERSTUDY_GRAPH_CONTENT_H
#define UNDERSTUDY_GRAPH_CONTENT_H

#include "graph/api.h"

/* The stage. Passes for routes that are no send. */
enum graph_err check_content(struct call *call);

/* A message by utility template (utility_send.c); passes for other messages. */
enum graph_err check_utility_send(struct call *call);

/* The checks that rows of templates.def name (template.c): beyond the shape, what a payload of that kind must fulfil. */
enum graph_err content_generic(struct call *call, const struct jnode *payload);
enum graph_err content_list(struct call *call, const struct jnode *payload);
enum graph_err content_open_graph(struct call *call, const struct jnode *payload);
enum graph_err content_recurring(struct call *call, const struct jnode *payload);
enum graph_err content_buttons(struct call *call, const struct jnode *payload);
enum graph_err content_grid(struct call *call, const struct jnode *payload);
enum graph_err content_media(struct call *call, const struct jnode *payload);
enum graph_err content_receipt(struct call *call, const struct jnode *payload);
enum graph_err content_coupon(struct call *call, const struct jnode *payload);
enum graph_err content_product(struct call *call, const struct jnode *payload);
enum graph_err content_feedback(struct call *call, const struct jnode *payload);

#endif
