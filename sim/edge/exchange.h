/* exchange.h - one request and its answer on a connection, from the first byte to the last. All its memory is of one piece that is used again, so that a small
 * request costs no allocation. */
#ifndef UNDERSTUDY_EDGE_EXCHANGE_H
#define UNDERSTUDY_EDGE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/datetime.h"
#include "graph/api.h"
#include "graph/request.h"
#include "world/arena.h"

struct MHD_Connection;
struct exchange_pool;
struct server;
struct tenant;

/* The platform takes files of 25 MB; around them there may be other parts. */
#define EXCHANGE_BODY_MAX ((size_t)26 * 1024 * 1024)
enum { EXCHANGE_BUFFER = 12 * 1024, EXCHANGE_BODY_INLINE = 4 * 1024, HANDSHAKE_TEXT = 256 };

enum exchange_state {
    EXCHANGE_NEW,     /* the request line has come */
    EXCHANGE_READING, /* headers are known, the body comes */
    EXCHANGE_ASLEEP,  /* suspended; the next that is heard of it is that it was woken */
    EXCHANGE_ANSWERED /* the reply is on its way */
};

/* What a handshake got. */
struct handshake {
    char *url, *verify_token; /* owned */
    char challenge[24];
    int status;                    /* 0: no answer */
    char reason[HANDSHAKE_TEXT];   /* reason phrase, or what went wrong */
    char received[HANDSHAKE_TEXT]; /* the beginning of the body */
    size_t received_n;
    int curl_errno;
    bool is_right; /* the body was the challenge */
};

/* A response of libmicrohttpd that is used again for the next answer of the same size (answer.c). */
enum { FRAME_NAME_SIZE = 32 };
struct frame {
    struct MHD_Response *response; /* owned; NULL: none */
    const char *body;              /* where its body lies, in the reply's buffer */
    size_t body_n;
    struct buf head;            /* owned; the header lines of the answer in the making */
    char name[FRAME_NAME_SIZE]; /* of the first line, which to libmicrohttpd is the only one */
    char *value;                /* what follows, inside the response */
    size_t value_n;
};

struct exchange {
    struct exchange *next; /* in the pool's list or a list of those who wait */
    struct server *server;
    struct MHD_Connection *connection;
    enum exchange_state state; /* only for the connection's thread */
    struct request request;
    struct str target;              /* the request target as it came; in the arena */
    struct str host, origin, world; /* headers; borrowed from the connection; STR_NONE */
    struct arena arena;
    struct parameters params;

    uint64_t length;     /* of the body, as announced; 0: none, or not known */
    bool has_length;     /* it was announced */
    bool is_chunked;     /* the body says itself where it ends */
    bool is_coded;       /* the body comes in a way that nobody here can undo */
    bool lengths_differ; /* its length was announced in two ways */
    unsigned refused;    /* the status with which we refuse its head; 0: we do not */

    char *body; /* in the arena, or owned when is_body_owned */
    size_t body_n, body_room;
    bool is_body_owned;
    bool is_body_too_large;

    struct reply reply;
    struct frame frame;       /* stays with the record from one request to the next */
    bool is_graph;            /* the reply is the platform's */
    bool closes;              /* no answer: the connection is cut */
    char date[DATETIME_SIZE]; /* virtual time of the answer */
    struct tenant *tenant;    /* held; NULL: none */
    bool is_call;             /* counted as a Graph call of the tenant */

    /* While it waits. */
    void (*resume)(struct exchange *exchange); /* goes on, on the connection's thread */
    int64_t deadline_us;                       /* real time when waiting ends; INT64_MAX: never */
    uint64_t after;                            /* journal call: the cursor */
    bool is_refused; /* the wait ended because the world or the server went */
    struct handshake handshake;
    void *purpose; /* the resuming function's own; owned by it */

    char buffer[EXCHANGE_BUFFER] __attribute__((aligned(16)));
};

struct exchange_pool *exchange_pool_new(struct server *server);
/* None may be in use. */
void exchange_pool_free(struct exchange_pool **pool);
/* How many are in use. */
unsigned exchange_pool_busy(struct exchange_pool *pool);

/* A fresh one for a request with that target (copied). */
struct exchange *exchange_new(struct exchange_pool *pool, const char *target);
/* Gives everything back: tenant, body, reply. */
void exchange_done(struct exchange *exchange);

/* Prepares for a body of that many bytes (0: unknown), then takes it piece by piece. */
void exchange_expect(struct exchange *exchange, size_t n);
void exchange_take(struct exchange *exchange, const char *bytes, size_t n);

/* Suspends the connection until exchange_wake; `resume` goes on then. False when the server is stopping: nothing was done. Called on the connection's thread; from then
 * on the exchange belongs to whoever is to wake it. */
bool exchange_sleep(struct exchange *exchange, void (*resume)(struct exchange *));
void exchange_wake(struct exchange *exchange);

#endif
