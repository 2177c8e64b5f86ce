/* The arithmetic of windows against an oracle that keeps everything and counts it all again each time. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/quota.h"

/* ---- the oracle ------------------------------------------------------------------------------------------------------------ */

struct oracle {
    ms_t *at;
    size_t count, room;
};

static void
oracle_add(struct oracle *o, ms_t at)
{
    if (o->count == o->room) {
        o->room = o->room == 0 ? 64 : o->room * 2;
        o->at = realloc(o->at, o->room * sizeof *o->at);
        ck_assert_ptr_nonnull(o->at);
    }
    o->at[o->count++] = at;
}

/* How many lie in (now - window, now]. */
static int64_t
oracle_used(const struct oracle *o, ms_t now, ms_t window)
{
    int64_t n = 0;

    for (size_t i = 0; i < o->count; i++)
        n += o->at[i] > now - window && o->at[i] <= now;
    return n;
}

/* The most that were admitted in any window of that length, by sliding it over every admitted instant. */
static int64_t
oracle_most(const struct oracle *o, ms_t window)
{
    int64_t most = 0;
    size_t first = 0;

    for (size_t i = 0; i < o->count; i++) {
        while (o->at[first] <= o->at[i] - window)
            first++;
        if ((int64_t)(i - first + 1) > most)
            most = (int64_t)(i - first + 1);
    }
    return most;
}

/* ---- arrivals -------------------------------------------------------------------------------------------------------------- */

static uint64_t state;

static uint64_t
draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* How long until the next call: bursts, steady streams, and jumps, one of them of a year. */
static ms_t
pause_of(unsigned kind, ms_t window)
{
    switch (draw() % 8) {
    case 0:
        return kind == 0 ? 0 : (ms_t)(draw() % (uint64_t)window);
    case 1:
        return kind == 1 ? 0 : window - 1;
    case 2:
        return draw() % 64 == 0 ? window : 1;
    case 3:
        return draw() % 512 == 0 ? YEAR + (ms_t)(draw() % 1000) : 0;
    default:
        return (ms_t)(draw() % (uint64_t)(window / 8 + 2)) / (ms_t)(1 + draw() % 16);
    }
}

#define START INT64_C(1704067200000) /* 2024-01-01 */

static const struct {
    ms_t window;
    int64_t max;
} limits[] = { { 1000, 1 }, { 1000, 2 }, { 1000, 10 }, { 1000, 300 }, { 600000, 10 }, { 3600000, 750 }, { 1, 3 }, { 86400000, 5 }, { 1439, 17 }, { 7, 4 } };
#define LIMITS (int)(sizeof limits / sizeof *limits)

/* ---- the ring --------------------------------------------------------------------------------------------------------------- */

/* A ring that grows when it is full. */
struct growing {
    struct quota_ring ring;
    uint32_t room;
    ms_t *at;
};

static void
grow(struct growing *g)
{
    if (g->at != NULL && g->ring.count < g->room)
        return;
    uint32_t room = g->at != NULL ? g->room * 2 : 1;
    ms_t *more = malloc(room * sizeof *more);
    ck_assert_ptr_nonnull(more);
    if (g->at != NULL)
        quota_ring_move(&g->ring, more, g->at, g->room);
    free(g->at);
    g->at = more;
    g->room = room;
}

/* In every window at most max are admitted, and a call is refused exactly when max lie behind it. */
START_TEST(ring_is_exact)
{
    ms_t window = limits[_i].window, now = START;
    int64_t max = limits[_i].max;
    struct oracle admitted = { 0 };
    struct growing g = { 0 };

    grow(&g);

    state = 88172645463325252u + (uint64_t)_i;
    for (unsigned n = 0; n < 4000; n++) {
        now += pause_of(n / 1000 % 3, window);
        int64_t used = quota_ring_used(&g.ring, g.at, g.room, now, window), behind = oracle_used(&admitted, now, window);
        ck_assert_msg(used == behind, "limit %d, call %u: %lld, oracle %lld", _i, n, (long long)used, (long long)behind);
        ms_t free_at = quota_ring_free_at(&g.ring, g.at, g.room, window, max);
        ck_assert_int_eq(used >= max, free_at > now);
        if (used >= max) {
            ck_assert_int_lt(oracle_used(&admitted, free_at, window), max);
            ck_assert_int_ge(oracle_used(&admitted, free_at - 1, window), max);
            continue;
        }
        grow(&g);
        quota_ring_add(&g.ring, g.at, g.room, now);
        oracle_add(&admitted, now);
    }
    ck_assert_int_le(oracle_most(&admitted, window), max);
    ck_assert_uint_le(g.room, (uint32_t)max * 2);
    free(g.at);
    free(admitted.at);
}
END_TEST

/* ---- slices ----------------------------------------------------------------------------------------------------------------- */

/* In every window at most max are admitted; what is refused although fewer lie behind it is at most one slice early. */
START_TEST(slices_keep_their_bound)
{
    ms_t window = limits[_i].window, now = START + _i, late = quota_slices_error(limits[_i].window);
    int64_t max = limits[_i].max;
    struct oracle admitted = { 0 };
    struct quota_slices *slices = malloc(quota_slices_size(window));

    ck_assert_ptr_nonnull(slices);
    quota_slices_init(slices, window);
    state = 2463534242u + (uint64_t)_i;
    for (unsigned n = 0; n < 4000; n++) {
        now += pause_of(n / 1000 % 3, window);
        int64_t used = quota_slices_used(slices, now, window), behind = oracle_used(&admitted, now, window);
        ck_assert_int_ge(used, behind);
        ck_assert_int_le(used, oracle_used(&admitted, now, window + late));
        if (window <= QUOTA_SLICES)
            ck_assert_int_eq(used, behind);
        if (used >= max) {
            ms_t free_at = quota_slices_free_at(slices, window, max);
            ck_assert_int_gt(free_at, now);
            ck_assert_int_le(free_at - now, window + late);
            ck_assert_int_lt(oracle_used(&admitted, free_at, window), max);
            continue;
        }
        quota_slices_add(slices, now, window);
        oracle_add(&admitted, now);
    }
    ck_assert_int_le(oracle_most(&admitted, window), max);
    free(slices);
    free(admitted.at);
}
END_TEST

/* What the oracle says of when there is room again, slices say too. */
START_TEST(slices_tell_when_there_is_room)
{
    ms_t window = DAY;
    struct quota_slices *slices = malloc(quota_slices_size(window));

    ck_assert_ptr_nonnull(slices);
    quota_slices_init(slices, window);
    ck_assert_int_eq(quota_slices_free_at(slices, window, 2), MS_NEVER);
    quota_slices_add(slices, START, window);
    ck_assert_int_eq(quota_slices_free_at(slices, window, 2), MS_NEVER);
    quota_slices_add(slices, START + 10 * MINUTE, window);
    ms_t free_at = quota_slices_free_at(slices, window, 2);
    ck_assert_int_eq(free_at, START + DAY + MINUTE - 1);
    ck_assert_int_eq(quota_slices_used(slices, free_at - 1, window), 2);
    ck_assert_int_eq(quota_slices_used(slices, free_at, window), 1);
    ck_assert_int_eq(quota_slices_used(slices, START + 1000 * DAY, window), 0);
    free(slices);
}
END_TEST

/* ---- boundaries to the millisecond ------------------------------------------------------------------------------------------ */

START_TEST(room_comes_back_to_the_millisecond)
{
    struct quota_ring ring = { 0 };
    ms_t at[4];

    quota_ring_add(&ring, at, 4, START);
    quota_ring_add(&ring, at, 4, START);
    ck_assert_uint_eq(quota_ring_used(&ring, at, 4, START, SECOND), 2);
    ck_assert_uint_eq(quota_ring_used(&ring, at, 4, START + 999, SECOND), 2);
    ck_assert_int_eq(quota_ring_free_at(&ring, at, 4, SECOND, 2), START + 1000);
    ck_assert_uint_eq(quota_ring_used(&ring, at, 4, START + 1000, SECOND), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("quota");
    TCase *tc = tcase_create("quota");

    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, ring_is_exact, 0, LIMITS);
    tcase_add_loop_test(tc, slices_keep_their_bound, 0, LIMITS);
    tcase_add_test(tc, slices_tell_when_there_is_room);
    tcase_add_test(tc, room_comes_back_to_the_millisecond);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
