/* content.h - what a well-shaped message must also fulfil: the business checks with subcodes, after the policy (send.md 1.7). */
#ifndef UNDERSTUDY_GRAPH_CONTENT_H
#define UNDERSTUDY_GRAPH_CONTENT_H

#include "graph/api.h"

/* The stage. Passes for routes that are no send. */
enum graph_err check_content(struct call *call);

/* Checks one attachment object ({type, payload} of media) against the world: URL answers, uploaded files, ids. With is_reusable (or an upload) makes the attachment
 * node: *made. file: the uploaded part or NULL. */
enum graph_err check_attachment(struct call *call, const struct jnode *attachment, const struct file_part *file, bool is_saved, struct node **made);

/* Rows of templates.def name these. */
enum graph_err content_generic(struct call *call, const struct jnode *payload);
enum graph_err content_buttons(struct call *call, const struct jnode *payload);

/* A list of buttons of any template. */
enum graph_err check_buttons(struct call *call, const struct jnode *buttons);

#endif
