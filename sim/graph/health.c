#include "graph/health.h"

#include <stdlib.h>

#include "core/datetime.h"
#include "core/oracle.h"
#include "world/limits.h"
#include "world/watch.h"
#include "world/xalloc.h"

/* ---- answers ------------------------------------------------------------------------------------------------------------------ */

#define PERIOD (7 * DAY)            /* [documented: page help, webhooks.md 4.10] */
#define VERY_RESPONSIVE_RATE 90
#define VERY_RESPONSIVE_TIME (15 * MINUTE)

struct waiting {
    ms_t since; /* MS_NEVER: nobody waits */
};

/* What the inbox says by itself and what came while the page was away does not count [documented: page help]. Only those who began to wait within the period count; of the others we know that their answer is no first one. */
static void
count_message(struct page_health *health, struct waiting *waiting, const struct message *m, ms_t from, ms_t *sum)
{
    if ((m->flags & MESSAGE_FROM_PAGE) == 0) {
        if (waiting->since == MS_NEVER && (m->flags & MESSAGE_WHILE_AWAY) == 0) {
            waiting->since = m->at;
            health->asked += m->at > from;
        }
        return;
    }
    if (waiting->since == MS_NEVER || (m->flags & MESSAGE_AUTOMATIC) != 0)
        return;
    if (waiting->since > from) {
        health->answered++;
        *sum += m->at - waiting->since;
    }
    waiting->since = MS_NEVER;
}

static void
count_answers(const struct world *world, uint32_t page, struct page_health *health)
{
    struct waiting *waiting = xmalloc((world->thread_count + 1) * sizeof *waiting);
    ms_t from = world->now - PERIOD, sum = 0;
    uint32_t fresh = 0;

    for (uint32_t i = 0; i < world->thread_count; i++)
        waiting[i].since = MS_NEVER;
    for (uint64_t number = log_first(&world->messages); number < world->messages.next; number++) {
        const struct message *m = world_message(world, number);

        if (m != NULL && world_thread(world, m->thread)->page == page)
            count_message(health, &waiting[m->thread], m, from, &sum);
    }
    for (uint32_t i = 0; i < world->thread_count; i++) /* there is time left for these */
        fresh += waiting[i].since != MS_NEVER && world->now - waiting[i].since <= VERY_RESPONSIVE_TIME;
    free(waiting);
    health->response_time = health->answered > 0 ? sum / health->answered : MS_NEVER;
    uint32_t counted = health->asked > fresh ? health->asked - fresh : 0;
    if (counted < health->answered)
        counted = health->answered;
    health->response_rate = counted > 0 ? (unsigned)((uint64_t)health->answered * 100 / counted) : 100;
    health->is_very_responsive =
        health->answered > 0 && health->response_rate >= VERY_RESPONSIVE_RATE && health->response_time <= VERY_RESPONSIVE_TIME;
}

void
page_health(const struct world *world, uint32_t page, struct page_health *health)
{
    *health = (struct page_health){ .response_time = MS_NEVER };
    count_answers(world, page, health);
    for (uint32_t i = 0; i < world->thread_count; i++) {
        const struct thread *t = world_thread(world, i);

        if (t->page != page || (t->flags & THREAD_STARTED) == 0)
            continue;
        health->people++;
        health->blocked += (t->flags & THREAD_BLOCKED) != 0;
        health->reported += (t->flags & THREAD_REPORTED) != 0;
    }
}

/* ---- as JSON -------------------------------------------------------------------------------------------------------------------- */

static void
kv_time(struct buf *out, const char *key, ms_t at)
{
    char text[DATETIME_SIZE];

    if (at <= MS_NEVER || at >= MS_ALWAYS) {
        jw_kv_null(out, key);
        return;
    }
    datetime_iso(text, at);
    jw_kv_strf(out, key, str_of(text), JW_OURS);
}

/* Percent with one decimal. */
static void
kv_share(struct buf *out, const char *key, int64_t part, int64_t whole)
{
    int64_t tenths = whole > 0 ? part * 1000 / whole : 0;

    jw_key(out, key);
    buf_printf(out, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
}

void
health_json(struct buf *out, const struct world *world, uint32_t page)
{
    struct page_health health;

    page_health(world, page, &health);
    jw_open(out, '{');
    jw_kv_bool(out, "very_responsive", health.is_very_responsive);
    jw_kv_int(out, "response_rate", health.response_rate);
    if (health.response_time == MS_NEVER)
        jw_kv_null(out, "response_time_ms");
    else
        jw_kv_int(out, "response_time_ms", health.response_time);
    jw_kv_int(out, "asked", health.asked);
    jw_kv_int(out, "answered", health.answered);
    jw_kv_int(out, "people", health.people);
    jw_kv_int(out, "blocked", health.blocked);
    jw_kv_int(out, "reported", health.reported);
    kv_share(out, "block_rate", health.blocked, health.people);
    kv_share(out, "report_rate", health.reported, health.people);
    jw_close(out, '}');
}

void
restriction_json(struct buf *out, struct world *world, uint32_t page)
{
    const struct page *p = world->pages[page];
    bool is_restricted = world->now < p->restricted_until;
    unsigned level = p->watch != NULL ? p->watch->level : 0;

    jw_open(out, '{');
    jw_kv_text(out, "state", is_restricted ? "restricted" : level > 0 ? "warned" : "free");
    kv_time(out, "until", is_restricted ? p->restricted_until : MS_NEVER);
    jw_kv_int(out, "level", level);
    kv_time(out, "last_step", p->watch != NULL ? p->watch->stepped_at : MS_NEVER);
    jw_close(out, '}');
}

/* The limits that hold a page's texts back, as they are in this world. */
static unsigned
limits_of_sends(struct world *world, uint32_t page, struct oracle_limit limits[2])
{
    static const enum limit_id ids[] = { LIMIT_SEND_TEXT, LIMIT_MESSENGER_24H };
    unsigned n = 0;

    for (unsigned i = 0; i < 2; i++) {
        struct limit_state state = limit_state(world, ids[i], 0, page);

        if (limit_is_on(world, ids[i]))
            limits[n++] = (struct oracle_limit){ state.window, state.max };
    }
    return n;
}

static void
write_result(struct buf *out, const struct oracle_result *r, const struct oracle_limit *first)
{
    jw_kv_int(out, "sent", (int64_t)r->sent);
    jw_kv_int(out, "refusals_avoidable", (int64_t)r->refusals);
    jw_kv_int(out, "given_up", (int64_t)r->given_up);
    jw_kv_int(out, "waited_ms", r->waited);
    jw_kv_int(out, "waited_at_best_ms", r->waited_at_best);
    jw_kv_int(out, "lost_ms", r->lost);
    jw_kv_int(out, "took_ms", r->took);
    jw_kv_int(out, "took_at_best_ms", r->took_at_best);
    jw_kv_int(out, "peak", r->peak);
    if (first != NULL)
        kv_share(out, "rate_used", (int64_t)r->sent, r->busy * first->max);
    else
        jw_kv_null(out, "rate_used");
}

void
oracle_json(struct buf *out, struct world *world, uint32_t page)
{
    const struct page_watch *watch = world->pages[page]->watch;
    const struct send_log *sends = watch != NULL ? &watch->sends : NULL;
    uint32_t count = sends != NULL ? sends->count : 0;
    struct oracle_try *tries = xmalloc((count + 1) * sizeof *tries);
    struct oracle_job *jobs = xmalloc((count + 1) * sizeof *jobs);
    struct oracle_limit limits[2] = { { SECOND, 1 }, { SECOND, 1 } };
    unsigned limit_count = limits_of_sends(world, page, limits);
    struct oracle_result result;

    for (uint32_t i = 0; i < count; i++)
        tries[i] = *send_log_at(sends, i);
    size_t job_count = oracle_jobs(tries, count, jobs, &result);
    oracle_judge(jobs, job_count, limits, limit_count, &result);
    oracle_windows(tries, count, limits[0].window, &result);
    jw_open(out, '{');
    write_result(out, &result, limit_count > 0 ? &limits[0] : NULL);
    jw_kv_int(out, "forgotten", sends != NULL ? (int64_t)sends->forgotten : 0);
    jw_close(out, '}');
    free(tries);
    free(jobs);
}
