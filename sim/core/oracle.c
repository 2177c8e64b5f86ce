#include "core/oracle.h"

/* ---- messages of tries --------------------------------------------------------------------------------------------------------- */

/* Tries of one message lie close together: what was open longer ago is another one. */
#define LOOK_BACK 4096

static struct oracle_job *
find_open(struct oracle_job *jobs, size_t count, uint32_t what)
{
    for (size_t i = count; i-- > 0 && count - i <= LOOK_BACK;)
        if (jobs[i].sent == MS_NEVER && jobs[i].what == what)
            return &jobs[i];
    return NULL;
}

size_t
oracle_jobs(const struct oracle_try *tries, size_t count, struct oracle_job *jobs, struct oracle_result *result)
{
    size_t n = 0, kept = 0;

    *result = (struct oracle_result){ 0 };
    for (size_t i = 0; i < count; i++) {
        const struct oracle_try *try = &tries[i];
        struct oracle_job *job = try->what != 0 ? find_open(jobs, n, try->what) : NULL;

        result->refusals += try->is_refused;
        if (job == NULL) {
            job = &jobs[n++];
            *job = (struct oracle_job){ .wanted = try->at, .sent = MS_NEVER, .what = try->what };
        }
        if (!try->is_refused)
            job->sent = try->at;
    }
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].sent == MS_NEVER)
            result->given_up++;
        else
            jobs[kept++] = jobs[i];
    }
    return kept;
}

/* ---- the best schedule ----------------------------------------------------------------------------------------------------------- */

static ms_t
later(ms_t a, ms_t b)
{
    return a > b ? a : b;
}

static void
schedule(struct oracle_job *jobs, size_t count, const struct oracle_limit *limits, unsigned limit_count)
{
    for (size_t i = 0; i < count; i++) {
        jobs[i].best = later(jobs[i].wanted, i > 0 ? jobs[i - 1].best : MS_NEVER);
        for (unsigned l = 0; l < limit_count; l++)
            if (i >= (size_t)limits[l].max)
                jobs[i].best = later(jobs[i].best, jobs[i - (size_t)limits[l].max].best + limits[l].window);
    }
}

void
oracle_judge(struct oracle_job *jobs, size_t count, const struct oracle_limit *limits, unsigned limit_count, struct oracle_result *result)
{
    ms_t last_sent = MS_NEVER;

    result->sent = count;
    if (count == 0)
        return;
    schedule(jobs, count, limits, limit_count);
    for (size_t i = 0; i < count; i++) {
        result->waited += jobs[i].sent - jobs[i].wanted;
        result->waited_at_best += jobs[i].best - jobs[i].wanted;
        result->lost += jobs[i].sent > jobs[i].best ? jobs[i].sent - jobs[i].best : 0;
        last_sent = later(last_sent, jobs[i].sent);
    }
    result->took = last_sent - jobs[0].wanted;
    result->took_at_best = jobs[count - 1].best - jobs[0].wanted;
}

/* ---- windows ----------------------------------------------------------------------------------------------------------------------- */

void
oracle_windows(const struct oracle_try *tries, size_t count, ms_t window, struct oracle_result *result)
{
    ms_t begun = MS_NEVER;
    size_t first = 0;
    int64_t in = 0;

    result->peak = result->busy = 0;
    for (size_t i = 0; i < count; i++) {
        if (tries[i].is_refused)
            continue;
        in++;
        for (; tries[first].at <= tries[i].at - window; first++)
            in -= !tries[first].is_refused;
        if (in > result->peak)
            result->peak = in;
        if (begun == MS_NEVER || tries[i].at >= begun + window) {
            begun = tries[i].at;
            result->busy++;
        }
    }
}
