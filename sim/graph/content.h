/* content.h - what a well-shaped message must also fulfil: the business checks with subcodes, after the policy (send.md 1.7). */
#ifndef UNDERSTUDY_GRAPH_CONTENT_H
#define UNDERSTUDY_GRAPH_CONTENT_H

#include "graph/api.h"

/* The stage. Passes for routes that are no send. */
enum graph_err check_content(struct call *call);

/* Checks one attachment object ({type, payload} of media) against the world: URL answers, uploaded files, ids. With is_reusable (or an upload) makes the attachment
 * node: *made. file: the uploaded part or NULL. */
enum graph_err check_attachment(struct call *call, const struct jnode *attachment, const struct file_part *file, bool is_saved, struct node **made);

/* The checks that rows of templates.def name (template.c): beyond the shape, what a payload of that kind must fulfil. */
enum graph_err content_generic(struct call *call, const struct jnode *payload);
enum graph_err content_buttons(struct call *call, const struct jnode *payload);
enum graph_err content_grid(struct call *call, const struct jnode *payload);
enum graph_err content_media(struct call *call, const struct jnode *payload);
enum graph_err content_receipt(struct call *call, const struct jnode *payload);
enum graph_err content_coupon(struct call *call, const struct jnode *payload);
enum graph_err content_product(struct call *call, const struct jnode *payload);
enum graph_err content_feedback(struct call *call, const struct jnode *payload);

/* An attachment_id is the page's own and alive. */
enum graph_err check_attachment_id(struct call *call, struct str id);

/* A list of buttons of any template. */
enum graph_err check_buttons(struct call *call, const struct jnode *buttons);

#endif
