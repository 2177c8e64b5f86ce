#include "edge/exchange.h"

#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>
#include <pthread.h>

#include "edge/answer.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "world/xalloc.h"

struct exchange_pool {
    pthread_mutex_t lock;
    struct server *server;
    struct exchange *free;
    unsigned busy;
};

struct exchange_pool *
exchange_pool_new(struct server *server)
{
    struct exchange_pool *pool = xcalloc(1, sizeof *pool);

    pthread_mutex_init(&pool->lock, NULL);
    pool->server = server;
    return pool;
}

void
exchange_pool_free(struct exchange_pool **pool)
{
    while (*pool != NULL && (*pool)->free != NULL) {
        struct exchange *exchange = (*pool)->free;

        (*pool)->free = exchange->next;
        answer_forget(exchange);
        buf_fini(&exchange->frame.head);
        reply_fini(&exchange->reply);
        free(exchange);
    }
    if (*pool != NULL)
        pthread_mutex_destroy(&(*pool)->lock);
    free(*pool);
    *pool = NULL;
}

unsigned
exchange_pool_busy(struct exchange_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    unsigned busy = pool->busy;
    pthread_mutex_unlock(&pool->lock);
    return busy;
}

/* A record as it comes from the pool: of what it held before, only the reply's buffers are kept. */
static void
make_ready(struct exchange *exchange, struct server *server)
{
    exchange->next = NULL;
    exchange->server = server;
    exchange->connection = NULL;
    exchange->state = EXCHANGE_NEW;
    exchange->request = (struct request){.method = METHOD_OTHER};
    exchange->host = exchange->origin = exchange->world = STR_NONE;
    exchange->length = 0;
    exchange->has_length = exchange->lengths_differ = false;
    exchange->is_chunked = exchange->is_coded = false;
    exchange->refused = 0;
    exchange->body = NULL;
    exchange->body_n = exchange->body_room = 0;
    exchange->is_body_owned = exchange->is_body_too_large = false;
    exchange->is_graph = exchange->is_call = exchange->is_refused = exchange->closes = false;
    exchange->date[0] = '\0';
    exchange->tenant = NULL;
    exchange->resume = NULL;
    exchange->deadline_us = INT64_MAX;
    exchange->after = 0;
    exchange->handshake.url = exchange->handshake.verify_token = NULL;
    exchange->purpose = NULL;
    arena_init_buffer(&exchange->arena, exchange->buffer, sizeof exchange->buffer);
    reply_reset(&exchange->reply);
}

struct exchange *
exchange_new(struct exchange_pool *pool, const char *target)
{
    pthread_mutex_lock(&pool->lock);
    struct exchange *exchange = pool->free;
    if (exchange != NULL)
        pool->free = exchange->next;
    pool->busy++;
    pthread_mutex_unlock(&pool->lock);
    if (exchange == NULL) {
        exchange = xmalloc(sizeof *exchange);
        memset(&exchange->reply, 0, sizeof exchange->reply);
        memset(&exchange->handshake, 0, sizeof exchange->handshake);
        memset(&exchange->frame, 0, sizeof exchange->frame);
    }
    make_ready(exchange, pool->server);
    size_t n = strlen(target);
    exchange->target = (struct str){arena_strndup(&exchange->arena, target, n), n};
    return exchange;
}

void
exchange_done(struct exchange *exchange)
{
    struct exchange_pool *pool = exchange->server->pool;

    if (exchange->is_call)
        tenant_call_ends(exchange->tenant);
    if (exchange->tenant != NULL)
        tenant_release(exchange->tenant);
    if (exchange->is_body_owned)
        free(exchange->body);
    free(exchange->handshake.url);
    free(exchange->handshake.verify_token);
    arena_fini(&exchange->arena);
    pthread_mutex_lock(&pool->lock);
    exchange->next = pool->free;
    pool->free = exchange;
    pool->busy--;
    pthread_mutex_unlock(&pool->lock);
}

/* ---- the body ----------------------------------------------------------------------------------------------------------------- */

void
exchange_expect(struct exchange *exchange, size_t n)
{
    if (n > EXCHANGE_BODY_MAX) {
        exchange->is_body_too_large = true;
        return;
    }
    if (n == 0)
        return;
    exchange->body_room = n;
    exchange->is_body_owned = n > EXCHANGE_BODY_INLINE;
    exchange->body = exchange->is_body_owned ? xmalloc(n) : arena_alloc(&exchange->arena, n);
}

static void
make_room(struct exchange *exchange, size_t n)
{
    size_t room = exchange->body_room < 8192 ? 8192 : exchange->body_room;

    while (room < n)
        room *= 2;
    char *body = xrealloc(exchange->is_body_owned ? exchange->body : NULL, room);
    if (!exchange->is_body_owned && exchange->body_n > 0)
        memcpy(body, exchange->body, exchange->body_n);
    exchange->body = body;
    exchange->body_room = room;
    exchange->is_body_owned = true;
}

void
exchange_take(struct exchange *exchange, const char *bytes, size_t n)
{
    if (exchange->is_body_too_large)
        return;
    if (n > EXCHANGE_BODY_MAX - exchange->body_n) {
        exchange->is_body_too_large = true;
        return;
    }
    if (n > exchange->body_room - exchange->body_n)
        make_room(exchange, exchange->body_n + n);
    memcpy(exchange->body + exchange->body_n, bytes, n);
    exchange->body_n += n;
}

/* ---- waiting ------------------------------------------------------------------------------------------------------------------ */

bool
exchange_sleep(struct exchange *exchange, void (*resume)(struct exchange *))
{
    struct server *server = exchange->server;

    atomic_fetch_add(&server->suspended, 1);
    if (atomic_load(&server->is_stopping)) {
        atomic_fetch_sub(&server->suspended, 1);
        return false;
    }
    exchange->state = EXCHANGE_ASLEEP;
    exchange->resume = resume;
    MHD_suspend_connection(exchange->connection);
    return true;
}

void
exchange_wake(struct exchange *exchange)
{
    struct server *server = exchange->server;

    MHD_resume_connection(
        exchange->connection); /* from here on another thread may be done with the exchange */
    atomic_fetch_sub(&server->suspended, 1);
}
