#include "graph/health.h"

#include <stdlib.h>

#include "core/datetime.h"
#include "core/oracle.h"
#include "graph/limits.h"
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

/* The limits that hold a page's sends back, as they are in this world. */
static void
limits_of_sends(struct world *world, uint32_t page, struct oracle_limit limits[PAGE_RATES])
{
    for (unsigned i = 0; i < PAGE_RATES; i++) {
        struct limit_state state = limit_state(world, page_rates[i], 0, page);

        limits[i] = (struct oracle_limit){ state.window, state.max, limit_is_on(world, page_rates[i]) };
    }
}

static void
write_result(struct buf *out, const struct oracle_result *r)
{
    jw_kv_int(out, "sent", (int64_t)r->sent);
    jw_kv_int(out, "refusals_avoidable", (int64_t)r->refusals);
    jw_kv_int(out, "given_up", (int64_t)r->given_up);
    jw_kv_int(out, "waited_ms", r->waited);
    jw_kv_int(out, "waited_at_best_ms", r->waited_at_best);
    jw_kv_int(out, "lost_ms", r->lost);
    jw_kv_int(out, "took_ms", r->took);
    jw_kv_int(out, "took_at_best_ms", r->took_at_best);
}

/* Of the limits the one that came nearest to being used up; the first when nothing was sent. */
static void
write_use(struct buf *out, const struct oracle_try *tries, size_t count, const struct oracle_limit limits[PAGE_RATES])
{
    unsigned tightest = PAGE_RATES;
    struct oracle_use most = { 0 };

    for (unsigned i = 0; i < PAGE_RATES; i++) {
        struct oracle_use use = oracle_windows(tries, count, (uint8_t)(1u << i), limits[i].window);

        if (!limits[i].is_on || (tightest < PAGE_RATES && (double)use.sent * (double)most.busy * (double)limits[tightest].max <=
                                                             (double)most.sent * (double)use.busy * (double)limits[i].max))
            continue;
        tightest = i;
        most = use;
    }
    jw_kv_int(out, "peak", most.peak);
    if (tightest == PAGE_RATES) {
        jw_kv_null(out, "rate_used");
        jw_kv_null(out, "rate");
        return;
    }
    kv_share(out, "rate_used", (int64_t)most.sent, most.busy * limits[tightest].max);
    jw_kv_text(out, "rate", policy_rules[limit_row(page_rates[tightest])->rule].id);
}

void
oracle_json(struct buf *out, struct world *world, uint32_t page)
{
    const struct page_watch *watch = world->pages[page]->watch;
    const struct send_log *sends = watch != NULL ? &watch->sends : NULL;
    uint32_t count = sends != NULL ? sends->count : 0;
    struct oracle_try *tries = xmalloc((count + 1) * sizeof *tries);
    struct oracle_job *jobs = xmalloc((count + 1) * sizeof *jobs);
    ms_t *slots = xmalloc((count + 1) * PAGE_RATES * sizeof *slots);
    struct oracle_limit limits[PAGE_RATES];
    struct oracle_result result;

    limits_of_sends(world, page, limits);
    for (uint32_t i = 0; i < count; i++)
        tries[i] = *send_log_at(sends, i);
    size_t job_count = oracle_jobs(tries, count, jobs, &result);
    oracle_judge(jobs, job_count, limits, PAGE_RATES, slots, &result);
    jw_open(out, '{');
    write_result(out, &result);
    write_use(out, tries, count, limits);
    jw_kv_int(out, "forgotten", sends != NULL ? (int64_t)sends->forgotten : 0);
    jw_close(out, '}');
    free(tries);
    free(jobs);
    free(slots);
}
