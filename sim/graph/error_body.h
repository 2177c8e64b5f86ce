/*
 * Turns a row of errors.def into the bytes of a reply: body and WWW-Authenticate value
 * as seen on the platform (send.md 7.1, 7.2). It does not choose errors.
 */
#ifndef UNDERSTUDY_GRAPH_ERROR_BODY_H
#define UNDERSTUDY_GRAPH_ERROR_BODY_H

#include <stdint.h>

#include "core/graph_error.h"
#include "core/str.h"
#include "graph/jwrite.h"

#define FBTRACE_SIZE 24 /* 23 characters and a NUL */

/*
 * 23 characters of base64url that begin with 'A', the same for the same seed: fbtrace_id and
 * x-fb-request-id.
 */
void fbtrace_id(char out[FBTRACE_SIZE], uint64_t seed);

/* What a place may add to the row. {0} adds nothing. */
struct error_extra {
    struct str error_data; /* JSON, written as it is; STR_NONE: no key */
    struct str user_title; /* instead of the row's; STR_NONE: the row's */
    struct str user_msg;   /* the same */
};

/*
 * Appends {"error":{...}}. Key order: message, type, code, error_subcode, error_data, is_transient,
 * error_user_title, error_user_msg, fbtrace_id; for code 4: message, type, is_transient, code,
 * fbtrace_id. extra may be NULL. message is the text after graph_error_text.
 */
void error_body(struct buf *, const struct graph_error *, struct str message, struct str fbtrace,
                const struct error_extra *extra);

/* Appends the value of WWW-Authenticate: OAuth "Facebook Platform" "<kind>" "<message>". */
void error_www_authenticate(struct buf *, const struct graph_error *, struct str message);

#endif
