/* attachment.h - what attachments must fulfil: answers of URLs, uploaded files, saved ids (send.md 1.4). Nothing is fetched: a world says what its outside answers. */
#ifndef UNDERSTUDY_GRAPH_ATTACHMENT_H
#define UNDERSTUDY_GRAPH_ATTACHMENT_H

#include "graph/api.h"

/* Checks one attachment object ({type, payload} of media) against the world: URL answers, uploaded files, ids. With is_reusable (or is_saved, an upload) makes the
 * attachment node: *made (NULL: nothing is saved). file: the uploaded part or NULL. */
enum graph_err check_attachment(struct call *call, const struct jnode *attachment, const struct file_part *file, bool is_saved, struct node **made);

/* The host part of a URL that has been found to be one. */
struct str url_host(struct str url);

/* Whether the platform could fetch something of that type from a URL. */
enum graph_err check_attachment_url(struct call *call, struct str type, struct str url);

/* An attachment_id is the page's own and alive; *saved (may be NULL) is its node, whose text is the type it was saved as. */
enum graph_err check_attachment_id(struct call *call, struct str id, const struct node **saved);

/* Whether a content type (image/png) is what a declared type (image) says. Files may be anything. */
bool attachment_type_fits(struct str declared, struct str content_type);

/* What a world says of a URL: a word for a failure, or a content type and perhaps how large and how slow it is: "image/png", "video/mp4; bytes=9000000; seconds=80". */
struct url_answer {
    enum { URL_ANSWERS, URL_FAILS, URL_TIMES_OUT, URL_TOO_LARGE } how;
    struct str content_type; /* borrowed; STR_NONE: unsaid, and so always the right one */
    uint64_t bytes, seconds; /* 0: unsaid */
};
struct url_answer url_answer(const struct world *world, struct str url);

#endif
