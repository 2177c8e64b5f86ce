/* The oracle: its schedule keeps the limits, nobody can do better, and what it says of a client is so. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/oracle.h"

#define START INT64_C(1704067200000)
#define JOBS 400

static uint64_t seed;

static uint64_t
draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Whether a job may go out at `at` when those before it went out as they did. */
static bool
may_go(const struct oracle_job *jobs, size_t before, ms_t at, const struct oracle_limit *limits, unsigned limit_count)
{
    for (unsigned l = 0; l < limit_count; l++) {
        int64_t inside = 0;

        for (size_t i = 0; i < before; i++)
            inside += jobs[i].best > at - limits[l].window;
        if (inside >= limits[l].max)
            return false;
    }
    return true;
}

/* Whether one more at `at` leaves no window of any limit that counts it too full: windows that begin at each of those scheduled, and at itself. */
static bool
may_join(const struct oracle_job *jobs, size_t before, ms_t at, const struct oracle_limit *limits, unsigned limit_count)
{
    for (unsigned l = 0; l < limit_count; l++) {
        if (!(jobs[before].bound >> l & 1) || !limits[l].is_on)
            continue;
        for (size_t begin = 0; begin <= before; begin++) {
            ms_t from = begin < before ? jobs[begin].best : at;
            int64_t inside = at >= from && at < from + limits[l].window;

            if (begin < before && !(jobs[begin].bound >> l & 1))
                continue;
            for (size_t i = 0; i < before; i++)
                inside += (jobs[i].bound >> l & 1) && jobs[i].best >= from && jobs[i].best < from + limits[l].window;
            if (inside > limits[l].max)
                return false;
        }
    }
    return true;
}

static const struct {
    struct oracle_limit limits[2];
    unsigned count;
    ms_t pause;
} rows[] = { { { { 1000, 1, true } }, 1, 700 }, { { { 1000, 5, true } }, 1, 150 }, { { { 1000, 5, true }, { 60000, 60, true } }, 2, 400 }, { { { 1000, 300, true } }, 1, 3 } };

/* Every job goes at the first millisecond at which the limits let it, seen by trying each. */
START_TEST(no_schedule_is_better)
{
    struct oracle_job jobs[JOBS];
    ms_t slots[2 * JOBS];
    struct oracle_result result = { 0 };
    ms_t at = START;

    seed = 99 + (uint64_t)_i;
    for (size_t i = 0; i < JOBS; i++) {
        at += draw() % 4 != 0 ? 0 : (ms_t)(draw() % (uint64_t)rows[_i].pause);
        jobs[i] = (struct oracle_job){ .wanted = at, .sent = at + YEAR, .bound = 3 };
    }
    oracle_judge(jobs, JOBS, rows[_i].limits, rows[_i].count, slots, &result);
    for (size_t i = 0; i < JOBS; i++) {
        ms_t earliest = i > 0 && jobs[i - 1].best > jobs[i].wanted ? jobs[i - 1].best : jobs[i].wanted;

        while (!may_go(jobs, i, earliest, rows[_i].limits, rows[_i].count))
            earliest++;
        ck_assert_int_eq(jobs[i].best, earliest);
    }
    ck_assert_uint_eq(result.sent, JOBS);
    ck_assert_int_eq(result.lost, result.waited - result.waited_at_best);
}
END_TEST

/* Tries of one message are one job, wanted when it was first tried. */
START_TEST(tries_become_jobs)
{
    static const struct oracle_try tries[] = {
        { START, 7, 1, false },      { START, 8, 1, false },      { START, 9, 1, true },       { START + 1, 9, 1, true },
        { START + 5000, 9, 1, false }, { START + 6000, 10, 1, true }, { START + 7000, 0, 1, false }, { START + 7000, 7, 1, false },
    };
    struct oracle_job jobs[8];
    ms_t slots[8];
    struct oracle_result result;
    struct oracle_limit limit = { 1000, 2, true };
    size_t count = oracle_jobs(tries, 8, jobs, &result);

    ck_assert_uint_eq(count, 5);
    ck_assert_uint_eq(result.refusals, 3);
    ck_assert_uint_eq(result.given_up, 1);
    ck_assert_int_eq(jobs[2].wanted, START);
    ck_assert_int_eq(jobs[2].sent, START + 5000);
    oracle_judge(jobs, count, &limit, 1, slots, &result);
    ck_assert_int_eq(jobs[2].best, START + 1000);
    ck_assert_int_eq(result.waited, 5000);
    ck_assert_int_eq(result.waited_at_best, 1000);
    ck_assert_int_eq(result.lost, 4000);
    ck_assert_int_eq(result.took, 7000);
    struct oracle_use use = oracle_windows(tries, 8, 1, 1000);
    ck_assert_uint_eq(use.sent, 5);
    ck_assert_int_eq(use.peak, 2);
    ck_assert_int_eq(use.busy, 3);
}
END_TEST

/* Limits of their own: what one kind waits for holds no other kind back, and what both are counted by holds both. Seen by trying each millisecond against all that is
 * scheduled, before and after. */
START_TEST(kinds_wait_for_their_own_limits)
{
    static const struct oracle_limit limits[] = { { 50, 5, true }, { 200, 2, true }, { 1000, 40, true }, { 10, 1, false } };
    static const uint8_t kinds[] = { 1 | 4, 2 | 4, 1 | 2 | 4, 1 | 4 | 8 };
    struct oracle_job jobs[JOBS];
    ms_t slots[4 * JOBS], at = START, newest[16];
    struct oracle_result result = { 0 };

    seed = 7 + (uint64_t)_i;
    for (size_t i = 0; i < 16; i++)
        newest[i] = MS_NEVER;
    for (size_t i = 0; i < JOBS; i++) {
        at += draw() % 3 != 0 ? 0 : (ms_t)(draw() % 100);
        jobs[i] = (struct oracle_job){ .wanted = at, .sent = at, .bound = kinds[draw() % 8 < 5 ? 0 : 1 + draw() % 3] };
    }
    oracle_judge(jobs, JOBS, limits, 4, slots, &result);
    for (size_t i = 0; i < JOBS; i++) {
        ms_t earliest = jobs[i].wanted > newest[jobs[i].bound] ? jobs[i].wanted : newest[jobs[i].bound];

        while (!may_join(jobs, i, earliest, limits, 4))
            earliest++;
        ck_assert_int_eq(jobs[i].best, earliest);
        newest[jobs[i].bound] = earliest;
    }
}
END_TEST

/* A refusal by a limit of another kind is a refusal, but nobody waited for the rate. */
START_TEST(other_limits_are_not_the_rate)
{
    static const struct oracle_try tries[] = { { START, 7, 0, true }, { START + DAY, 7, 1, false } };
    struct oracle_limit limit = { 1000, 1, true };
    struct oracle_job jobs[2];
    ms_t slots[2];
    struct oracle_result result;
    size_t count = oracle_jobs(tries, 2, jobs, &result);

    oracle_judge(jobs, count, &limit, 1, slots, &result);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(result.refusals, 1);
    ck_assert_uint_eq(result.given_up, 0);
    ck_assert_int_eq(result.waited, 0);
    ck_assert_int_eq(result.lost, 0);
}
END_TEST

START_TEST(nothing_is_nothing)
{
    struct oracle_job jobs[1];
    struct oracle_result result;
    struct oracle_limit limit = { 1000, 2, true };

    ck_assert_uint_eq(oracle_jobs(NULL, 0, jobs, &result), 0);
    oracle_judge(jobs, 0, &limit, 1, NULL, &result);
    ck_assert_int_eq(result.took, 0);
    ck_assert_int_eq(oracle_windows(NULL, 0, 1, 1000).peak, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("oracle");
    TCase *tc = tcase_create("oracle");

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, no_schedule_is_better, 0, 4);
    tcase_add_test(tc, tries_become_jobs);
    tcase_add_loop_test(tc, kinds_wait_for_their_own_limits, 0, 5);
    tcase_add_test(tc, other_limits_are_not_the_rate);
    tcase_add_test(tc, nothing_is_nothing);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
