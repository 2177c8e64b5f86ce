/* A world and calls on it without a socket: what the tests of the Graph rooms stand on. */
#ifndef UNDERSTUDY_TESTS_GRAPH_BENCH_H
#define UNDERSTUDY_TESTS_GRAPH_BENCH_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "graph/api.h"

#define BENCH_NOW CIVIL(2024, 3, 4)

struct bench {
    struct world *world;
    struct app *app;
    struct page *page;
    struct credential *token;
    struct thread *ann; /* her window is open */
    char psid[UINT64_SIZE];
    struct arena arena;
    struct parameters params;
    struct reply reply;
};

static inline void
bench_init_at(struct bench *b, ms_t now)
{
    graph_init();
    *b = (struct bench){ 0 };
    b->world = world_new("bench", 7, 0, now);
    b->app = world_add_app(b->world, NULL, NULL, NULL, NULL);
    b->page = world_add_page(b->world, NULL, NULL, NULL);
    page_connect_app(b->page, 0);
    b->token = world_add_credential(b->world, CREDENTIAL_PAGE, 0, 0, NULL);
    b->ann = world_add_thread(b->world, 0, 0);
    b->ann->flags |= THREAD_STARTED;
    b->ann->last_act = b->ann->last_message = now;
    format_uint64(b->psid, b->ann->psid);
    arena_init(&b->arena);
}

static inline void
bench_init(struct bench *b)
{
    bench_init_at(b, BENCH_NOW);
}

static inline void
bench_fini(struct bench *b)
{
    reply_fini(&b->reply);
    arena_fini(&b->arena);
    world_free(&b->world);
}

/* One call with the page's token (unless the path carries one of its own); returns the status; the body is in b->reply.body. */
static inline int
bench_call(struct bench *b, const char *method, const char *target, const char *content_type, const char *body)
{
    struct request req = { .method = method_of(str_of(method)), .method_text = str_of(method), .content_type = str_of(content_type),
                           .body = str_of(body) };
    char path[2048];

    if (strstr(target, "access_token") == NULL && strstr(target, "(none)") == NULL)
        snprintf(path, sizeof path, "%s%caccess_token=%s", target, strchr(target, '?') != NULL ? '&' : '?', b->token->token);
    else
        snprintf(path, sizeof path, "%.*s", (int)strcspn(target, "("), target);
    request_target(&req, str_of(path));
    arena_reset(&b->arena);
    reply_reset(&b->reply);
    params_read(&b->params, &req, &b->arena);
    graph_handle(b->world, &req, &b->params, &b->arena, &b->reply);
    return b->reply.status;
}

/* POST /v19.0/me/messages with a JSON body in which %s stands for Ann's PSID. */
static inline int
bench_send(struct bench *b, const char *format)
{
    char body[8192];
    const char *hole = strstr(format, "%s");

    snprintf(body, sizeof body, "%.*s%s%s", hole != NULL ? (int)(hole - format) : (int)strlen(format), format, hole != NULL ? b->psid : "",
             hole != NULL ? hole + 2 : "");
    return bench_call(b, "POST", "/v19.0/me/messages", "application/json", body);
}

/* Single quotes stand for double ones, <80> for a text of 80 letters, <11:x> for x eleven times with commas, @ for Ann. */
static inline void
bench_expand(char *out, size_t size, const char *in, const char *psid)
{
    size_t n = 0;

    for (; *in != '\0'; in++) {
        if (*in == '@') {
            n += (size_t)snprintf(out + n, size - n, "%s", psid);
        } else if (*in == '<' && isdigit((unsigned char)in[1])) {
            char *end;
            unsigned long times = strtoul(in + 1, &end, 10);
            const char *close = strchr(end, '>');
            char part[512];
            char quoted[512];

            snprintf(quoted, sizeof quoted, "%.*s", (int)(close - end - 1), *end == ':' ? end + 1 : " ");
            bench_expand(part, sizeof part, *end == ':' ? quoted : "x", psid);
            for (unsigned long i = 0; i < times; i++)
                n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 && *end == ':' ? "," : "", part);
            in = close;
        } else {
            out[n++] = *in == '\'' ? '"' : *in;
        }
        ck_assert(n + 1 < size);
    }
    out[n] = '\0';
}

static inline const char *
bench_body(const struct bench *b)
{
    return b->reply.body.s != NULL ? b->reply.body.s : "";
}

#endif
