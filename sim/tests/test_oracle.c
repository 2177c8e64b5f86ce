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

static const struct {
    struct oracle_limit limits[2];
    unsigned count;
    ms_t pause;
} rows[] = { { { { 1000, 1 } }, 1, 700 }, { { { 1000, 5 } }, 1, 150 }, { { { 1000, 5 }, { 60000, 60 } }, 2, 400 }, { { { 1000, 300 } }, 1, 3 } };

/* Every job goes at the first millisecond at which the limits let it, seen by trying each. */
START_TEST(no_schedule_is_better)
{
    struct oracle_job jobs[JOBS];
    struct oracle_result result = { 0 };
    ms_t at = START;

    seed = 99 + (uint64_t)_i;
    for (size_t i = 0; i < JOBS; i++) {
        at += draw() % 4 != 0 ? 0 : (ms_t)(draw() % (uint64_t)rows[_i].pause);
        jobs[i] = (struct oracle_job){ .wanted = at, .sent = at + YEAR };
    }
    oracle_judge(jobs, JOBS, rows[_i].limits, rows[_i].count, &result);
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
        { START, 7, false },      { START, 8, false },      { START, 9, true },       { START + 1, 9, true },
        { START + 5000, 9, false }, { START + 6000, 10, true }, { START + 7000, 0, false }, { START + 7000, 7, false },
    };
    struct oracle_job jobs[8];
    struct oracle_result result;
    struct oracle_limit limit = { 1000, 2 };
    size_t count = oracle_jobs(tries, 8, jobs, &result);

    ck_assert_uint_eq(count, 5);
    ck_assert_uint_eq(result.refusals, 3);
    ck_assert_uint_eq(result.given_up, 1);
    ck_assert_int_eq(jobs[2].wanted, START);
    ck_assert_int_eq(jobs[2].sent, START + 5000);
    oracle_judge(jobs, count, &limit, 1, &result);
    ck_assert_int_eq(jobs[2].best, START + 1000);
    ck_assert_int_eq(result.waited, 5000);
    ck_assert_int_eq(result.waited_at_best, 1000);
    ck_assert_int_eq(result.lost, 4000);
    ck_assert_int_eq(result.took, 7000);
    oracle_windows(tries, 8, 1000, &result);
    ck_assert_int_eq(result.peak, 2);
    ck_assert_int_eq(result.busy, 3);
}
END_TEST

START_TEST(nothing_is_nothing)
{
    struct oracle_job jobs[1];
    struct oracle_result result;
    struct oracle_limit limit = { 1000, 2 };

    ck_assert_uint_eq(oracle_jobs(NULL, 0, jobs, &result), 0);
    oracle_judge(jobs, 0, &limit, 1, &result);
    oracle_windows(NULL, 0, 1000, &result);
    ck_assert_int_eq(result.took, 0);
    ck_assert_int_eq(result.peak, 0);
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
    tcase_add_test(tc, nothing_is_nothing);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
