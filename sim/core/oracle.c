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

        result->refusals += try->is_refused;
        if (try->bound == 0)
            continue;
        struct oracle_job *job = try->what != 0 ? find_open(jobs, n, try->what) : NULL;
        if (job == NULL) {
            job = &jobs[n++];
            *job = (struct oracle_job){ .wanted = try->at, .sent = MS_NEVER, .what = try->what, .bound = try->bound };
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

/* What a limit has let out in the schedule, in the order of time. */
struct lane {
    const struct oracle_limit *limit;
    ms_t *at;
    size_t count;
};

/* The place of the first instant after `at`. */
static size_t
place_after(const struct lane *lane, ms_t at)
{
    size_t low = 0, high = lane->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (lane->at[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first instant from `at` on at which one more leaves no window with more than max: every max that stand together within less than a window keep a span around
 * them closed, and those spans come in the order of time. */
static ms_t
first_room(const struct lane *lane, ms_t at)
{
    size_t max = (size_t)lane->limit->max;
    ms_t window = lane->limit->window;

    for (size_t i = place_after(lane, at - window); i + max <= lane->count && lane->at[i + max - 1] - window < at; i++)
        if (lane->at[i + max - 1] - lane->at[i] < window && at < lane->at[i] + window)
            at = lane->at[i] + window;
    return at;
}

static void
let_out(struct lane *lane, ms_t at)
{
    size_t place = place_after(lane, at);

    for (size_t i = lane->count++; i > place; i--)
        lane->at[i] = lane->at[i - 1];
    lane->at[place] = at;
}

/* A job goes when all its limits have room at once. */
static ms_t
first_room_of_all(const struct lane *lanes, unsigned count, uint8_t bound, ms_t at)
{
    ms_t before;

    do {
        before = at;
        for (unsigned l = 0; l < count; l++)
            if (bound >> l & 1 && lanes[l].limit->is_on)
                at = first_room(&lanes[l], at);
    } while (at != before);
    return at;
}

#define LIMITS_MAX 8

static void
schedule(struct oracle_job *jobs, size_t count, const struct oracle_limit *limits, unsigned limit_count, ms_t *slots)
{
    struct lane lanes[LIMITS_MAX];
    ms_t newest[1 << LIMITS_MAX]; /* of each kind: who came later goes no sooner */

    for (unsigned l = 0; l < limit_count; l++)
        lanes[l] = (struct lane){ &limits[l], slots + l * count, 0 };
    for (unsigned kind = 0; kind < 1 << LIMITS_MAX; kind++)
        newest[kind] = MS_NEVER;
    for (size_t i = 0; i < count; i++) {
        struct oracle_job *job = &jobs[i];

        job->best = first_room_of_all(lanes, limit_count, job->bound, later(job->wanted, newest[job->bound]));
        newest[job->bound] = job->best;
        for (unsigned l = 0; l < limit_count; l++)
            if (job->bound >> l & 1)
                let_out(&lanes[l], job->best);
    }
}

void
oracle_judge(struct oracle_job *jobs, size_t count, const struct oracle_limit *limits, unsigned limit_count, ms_t *slots, struct oracle_result *result)
{
    ms_t last_sent = MS_NEVER, last_at_best = MS_NEVER;

    result->sent = count;
    if (count == 0)
        return;
    schedule(jobs, count, limits, limit_count, slots);
    for (size_t i = 0; i < count; i++) {
        result->waited += jobs[i].sent - jobs[i].wanted;
        result->waited_at_best += jobs[i].best - jobs[i].wanted;
        result->lost += jobs[i].sent > jobs[i].best ? jobs[i].sent - jobs[i].best : 0;
        last_sent = later(last_sent, jobs[i].sent);
        last_at_best = later(last_at_best, jobs[i].best);
    }
    result->took = last_sent - jobs[0].wanted;
    result->took_at_best = last_at_best - jobs[0].wanted;
}

/* ---- windows ----------------------------------------------------------------------------------------------------------------------- */

static bool
is_counted(const struct oracle_try *try, uint8_t bit)
{
    return !try->is_refused && (try->bound & bit) != 0;
}

struct oracle_use
oracle_windows(const struct oracle_try *tries, size_t count, uint8_t bit, ms_t window)
{
    struct oracle_use use = { 0 };
    ms_t begun = MS_NEVER;
    size_t first = 0;
    int64_t in = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_counted(&tries[i], bit))
            continue;
        use.sent++;
        in++;
        for (; tries[first].at <= tries[i].at - window; first++)
            in -= is_counted(&tries[first], bit);
        if (in > use.peak)
            use.peak = in;
        if (begun == MS_NEVER || tries[i].at >= begun + window) {
            begun = tries[i].at;
            use.busy++;
        }
    }
    return use;
}
