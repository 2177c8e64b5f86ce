/* line.h - kept connections to callbacks: each carries one POST at a time and waits for its answer. libcurl opens them (names, addresses, TLS) and moves their bytes,
 * http_parser reads what comes back. The URL is all they know of whom they call. */
#ifndef UNDERSTUDY_EDGE_LINE_H
#define UNDERSTUDY_EDGE_LINE_H

#include <stdint.h>

#include "core/str.h"

struct line;
struct lines;
struct reactor;

/* A POST on its way: a part of the caller's own record of it. */
struct sending {
    struct sending *next,
        **link;            /* in the list of those on their way, or of those that have ended */
    struct line *line;     /* NULL once it has ended */
    int64_t answer_ms;     /* the caller's: how long an answer may take */
    const char *no_answer; /* the caller's: the reason when it takes longer, a constant */
    int64_t deadline_us;
    int status;         /* of the answer; 0: none came */
    const char *reason; /* why none came, a constant; NULL when one did */
};

/* The reactor is borrowed. */
struct lines *lines_new(struct reactor *reactor);
/* Hangs up; nothing may be on its way. */
void lines_free(struct lines **lines);

/* Posts a body with header lines (each with its line end; Host and Content-Length are added) to an http or https URL. What is given is copied. The record is borrowed
 * until lines_ended gives it back: when it has been answered to the last byte, when it cannot be any more, or when its time is over. A kept connection is used
 * when there is one; if it turns out to be closed the post has failed and is not repeated, as the platform does not. */
void lines_post(struct lines *lines, struct sending *sending, const char *url, struct str headers,
                struct str body);

/* One that has ended; NULL: no other one has. */
struct sending *lines_ended(struct lines *lines);

/* Ends the calls and hangs up the idle lines whose time is over. Gives the real time when that has to be done again, INT64_MAX: never. */
int64_t lines_expire(struct lines *lines);

#endif
