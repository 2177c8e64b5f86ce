/* HTTP as a client speaks it: one call, or many at once, over kept connections.
 * Knows libcurl; knows nothing of what is called. A wire belongs to one thread. */
#ifndef CONFORMANCE_WIRE_H
#define CONFORMANCE_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct wire;

struct wire_header {
    char *name, *value;
};

struct wire_request {
    char *method, *url;          /* owned */
    struct wire_header *headers; /* owned */
    size_t header_count;
    char *body; /* owned; NULL: none */
    size_t body_length;
};

struct wire_reply {
    long status;                 /* 0: no answer */
    struct wire_header *headers; /* as received, in order */
    size_t header_count;
    char *body; /* ends in a NUL that does not count */
    size_t body_length;
    json_t *json; /* of the body, NULL when it is not JSON */
    char *error;  /* why there is no answer; NULL when there is one */
};

/* Once a program, before any thread. */
void wire_setup(void);

struct wire *wire_new(void);
void wire_free(struct wire **wire);

void wire_request_header(struct wire_request *request, const char *name, const char *value);
void wire_request_fini(struct wire_request *request);

/* Makes one call. The reply is filled in any case; free it with wire_reply_fini. */
void wire_call(struct wire *wire, const struct wire_request *request, struct wire_reply *reply);

/* Makes `count` calls at the same time, each on a connection of its own. */
void wire_call_all(struct wire *wire, const struct wire_request *requests,
                   struct wire_reply *replies, size_t count);

/* Makes a call whose body ends one byte before its announced end, and waits until the other side has closed the connection. Returns 0, -1 when there was none. */
int wire_call_cut(struct wire *wire, const struct wire_request *request);

/* The first header of that name, whatever its case; NULL when there is none. */
const char *wire_reply_header(const struct wire_reply *reply, const char *name);

void wire_reply_fini(struct wire_reply *reply);

#endif
