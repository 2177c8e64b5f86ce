/* A world with people, a page and an app that hears everything, without sockets: what the tests of acts and events stand on. */
#ifndef UNDERSTUDY_TESTS_PEOPLE_BENCH_H
#define UNDERSTUDY_TESTS_PEOPLE_BENCH_H

#include <jansson.h>

#include "core/datetime.h"
#include "graph/event.h"
#include "people/act.h"
#include "tests/graph_bench.h"
#include "world/delivery.h"
#include "world/fault.h"

#define ALL_FIELDS ((UINT64_C(1) << FIELD_COUNT) - 1)

static inline void
bench_subscribe(struct bench *b, uint32_t app, webhook_fields fields)
{
    struct page_app *link = page_connect_app(b->page, app);

    link->is_subscribed = true;
    link->fields = fields;
    b->world->apps[app]->webhook.fields = fields;
    free(b->world->apps[app]->webhook.url);
    b->world->apps[app]->webhook.url = strdup("https://bot.example/webhook?x=1");
}

/* Ann has not written yet; the app hears everything but standby. */
static inline void
people_init(struct bench *b, ms_t now)
{
    bench_init(b);
    world_free(&b->world);
    b->world = world_new("bench", 7, 0, now);
    b->app = world_add_app(b->world, "1517776481860111", NULL, NULL, NULL);
    b->page = world_add_page(b->world, "1067280970047460", NULL, NULL);
    page_connect_app(b->page, 0);
    b->token = world_add_credential(b->world, CREDENTIAL_PAGE, 0, 0, NULL);
    b->ann = world_add_thread(b->world, 0, UINT64_C(27700000000000001));
    thread_set_alias(b->world, b->ann, "ann");
    format_uint64(b->psid, b->ann->psid);
    bench_subscribe(b, 0, ALL_FIELDS & ~FIELD_BIT(FIELD_STANDBY));
}

/* An act written as JSON with single quotes. What it made is the caller's; NULL when refused (then problem says why). */
static char people_problem[512];

static inline json_t *
people_do(struct bench *b, const char *quoted)
{
    char *text = strdup(quoted);
    json_t *made = NULL;

    for (char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    json_t *spec = json_loads(text, 0, NULL);
    ck_assert_msg(spec != NULL, "bad JSON: %s", text);
    people_problem[0] = '\0';
    int result = people_act(b->world, spec, &made, people_problem, sizeof people_problem);
    ck_assert_msg((result == 0) == (made != NULL) && (result == 0) == (people_problem[0] == '\0'),
                  "%s: %d, %s", text, result, people_problem);
    json_decref(spec);
    free(text);
    return made;
}

static inline void
people_does(struct bench *b, const char *quoted)
{
    json_t *made = people_do(b, quoted);

    ck_assert_msg(made != NULL, "%s: refused: %s", quoted, people_problem);
    json_decref(made);
}

static inline void
people_refuses(struct bench *b, const char *quoted, const char *reason)
{
    json_t *made = people_do(b, quoted);

    ck_assert_msg(made == NULL, "%s: not refused", quoted);
    ck_assert_msg(strstr(people_problem, reason) != NULL, "%s: refused with \"%s\"", quoted,
                  people_problem);
}

/* Moves the clock to `until` and answers every post on the way; what was posted is appended to `out`, one body a line (out may be NULL). */
static inline unsigned
people_drive(struct bench *b, ms_t until, int status, struct buf *out)
{
    struct outbox_item item;
    unsigned posts = 0;

    while (outbox_next_due(&b->world->outbox) <= until) {
        if (outbox_next_due(&b->world->outbox) > b->world->now)
            world_set_now(b->world, outbox_next_due(&b->world->outbox));
        if (!outbox_pop(&b->world->outbox, b->world->now, &item))
            break;
        if (item.delivery == NULL) {
            item.fire(b->world, &item);
            continue;
        }
        event_stamp(b->world, item.delivery);
        if (out != NULL) {
            buf_add(out, item.delivery->body, item.delivery->body_n);
            buf_char(out, '\n');
        }
        posts++;
        event_outcome(b->world, item.delivery, status, NULL);
    }
    if (until > b->world->now)
        world_set_now(b->world, until);
    return posts;
}

static inline unsigned
people_settle(struct bench *b, struct buf *out)
{
    return people_drive(b, b->world->now, 200, out);
}

#endif
