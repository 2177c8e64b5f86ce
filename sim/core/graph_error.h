/*
 * Every error the platform is known to give, as a table. A row is a fact: numbers, text, and how
 * sure we are of it. How an error becomes bytes is graph/error_body.h's; when it is given is
 * rules.def's and the handlers'.
 */
#ifndef UNDERSTUDY_CORE_GRAPH_ERROR_H
#define UNDERSTUDY_CORE_GRAPH_ERROR_H

#include <stddef.h>

#include "core/span.h"

/* How a fact is known. Order: best first. */
enum fidelity { FIDELITY_DOCUMENTED, FIDELITY_OBSERVED, FIDELITY_INFERRED };
const char *fidelity_name(enum fidelity); /* "documented", "observed", "inferred" */

enum graph_err {
    ERR_NONE,
#define ERROR(sym, http, type, code, subcode, transient, user_title, user_msg, text, fidelity,     \
              cite)                                                                                \
    ERR_##sym,
#include "core/errors.def"
#undef ERROR
    GRAPH_ERR_COUNT
};

struct graph_error {
    const char *id;   /* the symbol without ERR_: "OUTSIDE_WINDOW" */
    const char *type; /* "OAuthException", "GraphMethodException", ... */
    int http;         /* status of the answer; 0: never on this wire */
    int code;
    int subcode;            /* 0: none */
    int transient;          /* -1: the key is not written; 0, 1 */
    const char *user_title; /* NULL: the key is not written */
    const char *user_msg;   /* the same; may hold %s, see graph_error_fill */
    const char *text;       /* message; holds one %s for each argument; any other % is plain text */
    const char *cite;       /* a key of fixtures/sources.json */
    enum fidelity fidelity; /* of numbers and text together */
};

/* A pattern with every %s replaced by the next of args; else as graph_error_text. */
size_t graph_error_fill(char *out, size_t size, const char *pattern, const char *const *args,
                        unsigned nargs);

/* The row; ERR_NONE has none and must not be asked for. */
const struct graph_error *graph_error(enum graph_err);

/* Why no situation of a world leads to it (errors_unreached.def); NULL: one does. A fault can order it all the same. */
const char *graph_error_unreached(enum graph_err);

/*
 * The first row with that code and subcode (0: none) whose text needs no argument, else the first
 * one at all, else ERR_NONE. For faults that name numbers. Rows that never come over this wire
 * (http 0) are not found.
 */
enum graph_err graph_error_find(int code, int subcode);

/* What the platform gave at that time in the place of an error of today, and the subcode it wrote: 0 for none (errors_dated.def). */
enum graph_err graph_error_then(enum graph_err, ms_t as_of);
int graph_error_subcode_then(enum graph_err, ms_t as_of);

/* How many %s the row's text has. */
unsigned graph_error_args(const struct graph_error *);

/*
 * The message with its arguments, in order, into out (NUL-terminated, cut at size). args may be
 * NULL when the row needs none; a NULL argument is written as nothing. Gives the length written.
 */
size_t graph_error_text(char *out, size_t size, const struct graph_error *, const char *const *args,
                        unsigned nargs);

#endif
