/* Limits of a world: the table of counters against an oracle, and calls from bytes to bytes. */
#include <check.h>
#include <pthread.h>

#include "tests/graph_bench.h"

#include "graph/limits.h"

/* ---- numbers that make no sense ---------------------------------------------------------------------------------------------- */

START_TEST(impossible_numbers_are_refused)
{
    static const struct {
        const char *id;
        int64_t max, window;
        const char *says;
    } rows[] = {
        { "LIM-SEND-TEXT", 0, SECOND, "max is 0, expected 1 to 1000000000" },
        { "LIM-SEND-TEXT", -5, SECOND, "max is -5" },
        { "LIM-SEND-TEXT", 1000000001, SECOND, "max is 1000000001" },
        { "LIM-SEND-TEXT", 5, 0, "window is 0 ms, expected 1 to" },
        { "LIM-SEND-TEXT", 5, -1, "window is -1 ms" },
        { "LIM-SEND-TEXT", 5, YEAR + 1, "window is 31536000001 ms, expected 1 to 31536000000 ms (a year)" },
        { "LIM-COFFEE", 5, SECOND, "there is no limit \"LIM-COFFEE\"" },
        { "WIN-STD-24H", 5, SECOND, "there is no limit \"WIN-STD-24H\"" },
        { "", 5, SECOND, "there is no limit \"\"" },
    };
    struct bench b;
    char problem[256] = "";

    bench_init(&b);
    ck_assert(!limits_configure(b.world, rows[_i].id, rows[_i].max, rows[_i].window, problem, sizeof problem));
    ck_assert_msg(strstr(problem, rows[_i].says) != NULL, "%s", problem);
    ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).max, 300);
    bench_fini(&b);
}
END_TEST

START_TEST(the_largest_numbers_are_taken)
{
    struct bench b;
    char problem[256] = "";

    bench_init(&b);
    ck_assert(limits_configure(b.world, "lim-send-text", 1, YEAR, problem, sizeof problem));
    ck_assert(limits_configure(b.world, "*", 1000000000, 1, problem, sizeof problem));
    ck_assert(limits_configure(b.world, "LIM-SEND-TEXT", 7, LIMIT_AS_PUBLISHED, problem, sizeof problem));
    ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).max, 7);
    ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).window, SECOND);
    ck_assert_int_eq(limit_state(b.world, LIMIT_MESSENGER_24H, 1, 0).window, 1);
    bench_fini(&b);
}
END_TEST

/* ---- the table against an oracle ----------------------------------------------------------------------------------------------- */

#define KEYS 37
#define CALLS 60000

/* Everything that was admitted, one list for each key; old entries are forgotten from the front. */
static struct {
    ms_t at[CALLS];
    unsigned first, count;
} admitted[KEYS];

static uint64_t seed;

static uint64_t
draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static int64_t
behind(unsigned key, ms_t now, ms_t window)
{
    unsigned n = 0;

    for (unsigned i = admitted[key].count; i > 0 && admitted[key].at[i - 1] > now - window; i--)
        n++;
    return n;
}

static const struct {
    int64_t max;
    ms_t window, pause; /* the longest pause between calls */
} table_rows[] = { { 1, SECOND, 120 }, { 5, SECOND, 20 }, { 40, 10 * SECOND, 30 }, { 3, DAY, HOUR }, { 4096, MINUTE, 3 }, { 32768, HOUR, 2 }, { 2, 10, 3 } };

/* Many keys that come and go, jumps of the clock by up to a year: a call is refused exactly when max lie in its window. */
START_TEST(every_window_of_every_key)
{
    struct bench b;
    struct limit_ask ask = { .classes = CLASS_SEND, .page = 0 };
    struct rule_set seen = { { 0 } };
    char problem[256];
    int64_t max = table_rows[_i].max;
    ms_t window = table_rows[_i].window;
    unsigned refused = 0;

    bench_init(&b);
    limits_switch(b.world, "*", false, problem, sizeof problem);
    ck_assert(limits_configure(b.world, "LIM-SEND-TEXT", max, window, problem, sizeof problem));
    memset(admitted, 0, sizeof admitted);
    seed = 1234567 + (uint64_t)_i;
    for (unsigned n = 0; n < CALLS; n++) {
        ms_t step = draw() % 5000 == 0 ? YEAR : draw() % 700 == 0 ? window : draw() % 3 != 0 ? 0 : (ms_t)(draw() % (uint64_t)table_rows[_i].pause);
        world_set_now(b.world, b.world->now + step);
        unsigned key = (unsigned)(draw() % (n / 20000 % 2 == 0 ? KEYS : 3));
        ask.keys[KEY_PAGE] = limit_key_of(key * 7919);
        bool is_refused = limits_look(b.world, &ask, false, &seen) != LIMIT_COUNT;
        ck_assert_int_eq(is_refused, behind(key, b.world->now, window) >= max);
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, ask.keys[KEY_PAGE], 0).used, behind(key, b.world->now, window));
        refused += is_refused;
        if (is_refused)
            continue;
        limits_charge(b.world, &ask, true);
        admitted[key].at[admitted[key].count++] = b.world->now;
    }
    if (max < 4096)
        ck_assert_uint_gt(refused, 0);
    bench_fini(&b);
}
END_TEST

/* Three instants lie in the slot of a key, as distances of 32 bits: 49 days. Whatever lies further apart, or is a fourth, is kept elsewhere, and as exactly. */
START_TEST(few_instants_far_apart)
{
    static const struct {
        int64_t max;
        ms_t gaps[4]; /* before each call */
    } rows[] = {
        { 2, { 0, 1, 0, 0 } },
        { 3, { 0, UINT32_MAX - 1, 1, 0 } },
        { 3, { 0, UINT32_MAX - 1, 2, 0 } },
        { 3, { 0, UINT32_MAX, 0, 0 } },
        { 3, { 0, UINT32_MAX + INT64_C(1), 5, 0 } },
        { 4, { 0, 3, 4, 5 } },
        { 4, { 0, 0, UINT32_MAX + INT64_C(1), UINT32_MAX + INT64_C(1) } },
    };
    struct bench b;
    struct limit_ask ask = { .classes = CLASS_SEND, .page = 0 };
    struct rule_set seen = { { 0 } };
    char problem[256];
    ms_t at[4] = { 0 };

    bench_init(&b);
    limits_switch(b.world, "*", false, problem, sizeof problem);
    limits_configure(b.world, "LIM-SEND-TEXT", rows[_i].max, YEAR, problem, sizeof problem);
    ask.keys[KEY_PAGE] = limit_key_of(0);
    for (int64_t n = 0; n < rows[_i].max; n++) {
        world_set_now(b.world, b.world->now + rows[_i].gaps[n]);
        at[n] = b.world->now;
        ck_assert(limits_look(b.world, &ask, false, &seen) == LIMIT_COUNT);
        limits_charge(b.world, &ask, true);
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, ask.keys[KEY_PAGE], 0).used, n + 1);
    }
    ck_assert(limits_look(b.world, &ask, false, &seen) == LIMIT_SEND_TEXT);
    ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, ask.keys[KEY_PAGE], 0).free_at, at[0] + YEAR);
    for (int64_t n = 0; n < rows[_i].max; n++) {
        int64_t left = 0;

        world_set_now(b.world, at[n] + YEAR);
        for (int64_t later = 0; later < rows[_i].max; later++)
            left += at[later] > at[n];
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, ask.keys[KEY_PAGE], 0).used, left);
    }
    bench_fini(&b);
}
END_TEST

/* More than are kept one by one are counted by slices, which for a second are milliseconds: nothing is lost on the way over, nor on the way back. */
START_TEST(more_than_a_ring_holds)
{
    struct bench b;
    struct limit_ask ask = { .classes = CLASS_SEND, .page = 0 };
    struct rule_set seen = { { 0 } };
    char problem[256];

    bench_init(&b);
    limits_switch(b.world, "*", false, problem, sizeof problem);
    limits_configure(b.world, "LIM-SEND-TEXT", 100000, SECOND, problem, sizeof problem);
    ask.keys[KEY_PAGE] = limit_key_of(0);
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned n = 0; n < 100000; n++) {
            if (n % 1000 == 0)
                world_set_now(b.world, b.world->now + 1);
            ck_assert(limits_look(b.world, &ask, false, &seen) == LIMIT_COUNT);
            limits_charge(b.world, &ask, true);
        }
        ms_t last = b.world->now;
        ck_assert(limits_look(b.world, &ask, false, &seen) == LIMIT_SEND_TEXT);
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).free_at, last - 99 + SECOND);
        world_set_now(b.world, last - 99 + SECOND - 1);
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).used, 100000);
        world_set_now(b.world, last - 99 + SECOND);
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).used, 99000);
        world_set_now(b.world, last + YEAR);
        ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, 1, 0).used, 0);
    }
    bench_fini(&b);
}
END_TEST

/* All limits are looked at before any is charged: what one refuses costs nothing with the others. */
START_TEST(a_refused_call_is_charged_nowhere)
{
    struct bench b;
    char problem[256];

    bench_init(&b);
    limits_configure(b.world, "LIM-MESSENGER-24H", 3, DAY, problem, sizeof problem);
    limits_configure(b.world, "LIM-SEND-TEXT", 5, SECOND, problem, sizeof problem);
    for (unsigned i = 0; i < 6; i++)
        bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"x\"}}");
    ck_assert_str_eq(b.reply.rule, "LIM-MESSENGER-24H");
    ck_assert_int_eq(limit_state(b.world, LIMIT_SEND_TEXT, limit_key_of(0), 0).used, 3);
    bench_fini(&b);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------------------- */

START_TEST(new_keys_for_ever)
{
    struct bench b;
    struct limit_ask ask = { .classes = CLASS_SEND };
    char problem[256];
    size_t keys, bytes, most = 0;

    bench_init(&b);
    limits_switch(b.world, "*", false, problem, sizeof problem);
    limits_configure(b.world, "LIM-SEND-TEXT", 10, SECOND, problem, sizeof problem);
    for (uint32_t key = 0; key < 300000; key++) { /* 10,000 of them within the window */
        ask.keys[KEY_PAGE] = limit_key_of(key);
        if (key % 10 == 0)
            world_set_now(b.world, b.world->now + 1);
        limits_charge(b.world, &ask, true);
        limits_held(b.world, LIMIT_SEND_TEXT, &keys, &bytes);
        most = keys > most ? keys : most;
    }
    ck_assert_uint_lt(most, 25000);
    bench_fini(&b);
}
END_TEST

START_TEST(idle_keys_are_swept_away)
{
    struct bench b;
    struct limit_ask ask = { .classes = CLASS_SEND, .page = 0 };
    char problem[256];
    size_t keys, bytes;

    bench_init(&b);
    limits_switch(b.world, "*", false, problem, sizeof problem);
    limits_configure(b.world, "LIM-SEND-TEXT", 10, SECOND, problem, sizeof problem);
    for (uint32_t key = 0; key < 100000; key++) {
        ask.keys[KEY_PAGE] = limit_key_of(key);
        limits_charge(b.world, &ask, true);
        limits_charge(b.world, &ask, true);
    }
    limits_held(b.world, LIMIT_SEND_TEXT, &keys, &bytes);
    ck_assert_uint_eq(keys, 100000);
    ck_assert_uint_lt(bytes, 100000 * 120);
    for (unsigned n = 0; n < 400000; n++) {
        world_set_now(b.world, b.world->now + SECOND);
        limits_charge(b.world, &ask, true);
    }
    limits_held(b.world, LIMIT_SEND_TEXT, &keys, &bytes);
    ck_assert_uint_eq(keys, 1);
    ck_assert_uint_lt(bytes, 20000);
    bench_fini(&b);
}
END_TEST

/* ---- calls -------------------------------------------------------------------------------------------------------------------- */

#define TEXT "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"x\"}}"
#define AUDIO "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"attachment\":{\"type\":\"audio\",\"payload\":{\"url\":\"https://a.example/x.mp3\"}}}}"
#define TYPING "{\"recipient\":{\"id\":\"%s\"},\"sender_action\":\"typing_on\"}"

/* The last one that goes, the first one that does not, the last millisecond of the window and the first one after it. */
START_TEST(sends_in_a_second)
{
    static const struct {
        const char *body;
        unsigned max;
        const char *rule;
    } rows[] = { { TEXT, 300, "LIM-SEND-TEXT" }, { TYPING, 300, "LIM-SEND-TEXT" }, { AUDIO, 10, "LIM-SEND-MEDIA" } };
    struct bench b;

    bench_init(&b);
    for (unsigned i = 0; i < rows[_i].max; i++)
        ck_assert_msg(bench_send(&b, rows[_i].body) == 200, "%s", bench_body(&b));
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(bench_send(&b, rows[_i].body), 400);
        ck_assert_str_eq(b.reply.rule, rows[_i].rule);
        ck_assert_ptr_nonnull(strstr(bench_body(&b), "(#613) Calls to this api have exceeded the rate limit.\",\"type\":\"OAuthException\",\"code\":613"));
    }
    world_set_now(b.world, BENCH_NOW + 999);
    ck_assert_int_eq(bench_send(&b, rows[_i].body), 400);
    world_set_now(b.world, BENCH_NOW + 1000);
    for (unsigned i = 0; i < rows[_i].max; i++)
        ck_assert_int_eq(bench_send(&b, rows[_i].body), 200);
    ck_assert_int_eq(bench_send(&b, rows[_i].body), 400);
    bench_fini(&b);
}
END_TEST

/* The rate limit comes before the parameters; calls that the policy refuses count. */
START_TEST(the_limit_comes_before_the_parameters)
{
    struct bench b;
    char problem[256];

    bench_init(&b);
    limits_configure(b.world, "LIM-SEND-TEXT", 2, SECOND, problem, sizeof problem);
    ck_assert_int_eq(bench_send(&b, "{}"), 400);
    ck_assert_str_eq(b.reply.rule, "FORM-REQUIRED");
    ck_assert_int_eq(bench_send(&b, "{\"recipient\":{\"id\":\"1\"},\"message\":{\"text\":\"x\"}}"), 400);
    ck_assert_str_eq(b.reply.rule, "RCPT-KNOWN");
    ck_assert_int_eq(bench_send(&b, "{}"), 400);
    ck_assert_str_eq(b.reply.rule, "LIM-SEND-TEXT");
    bench_fini(&b);
}
END_TEST

static const char *
header_of(const struct bench *b, const char *name)
{
    for (unsigned i = 0; i < b->reply.header_count; i++)
        if (strcmp(b->reply.headers[i].name, name) == 0)
            return b->reply.headers[i].value;
    return NULL;
}

/* The header comes with the first whole percent, and says when to come back once the quota is used up. */
START_TEST(usage_of_a_day)
{
    struct bench b;
    char problem[256], expected[256];

    bench_init(&b);
    limits_configure(b.world, "LIM-MESSENGER-24H", 200, LIMIT_AS_PUBLISHED, problem, sizeof problem);
    bench_send(&b, TEXT);
    ck_assert_ptr_null(header_of(&b, "X-Business-Use-Case-Usage"));
    bench_send(&b, TEXT);
    snprintf(expected, sizeof expected,
             "{\"%s\":[{\"type\":\"messenger\",\"call_count\":1,\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_access\":0}]}", b.page->id);
    ck_assert_str_eq(header_of(&b, "X-Business-Use-Case-Usage"), expected);
    for (unsigned i = 2; i < 200; i++)
        ck_assert_int_eq(bench_send(&b, TEXT), 200);
    ck_assert_int_eq(bench_send(&b, TEXT), 400);
    ck_assert_str_eq(b.reply.rule, "LIM-MESSENGER-24H");
    ck_assert_ptr_nonnull(strstr(bench_body(&b), "\"code\":80006"));
    snprintf(expected, sizeof expected,
             "{\"%s\":[{\"type\":\"messenger\",\"call_count\":100,\"total_cputime\":100,\"total_time\":100,\"estimated_time_to_regain_access\":1440}]}",
             b.page->id);
    ck_assert_str_eq(header_of(&b, "X-Business-Use-Case-Usage"), expected);
    b.ann->last_act = BENCH_NOW + DAY;
    world_set_now(b.world, BENCH_NOW + DAY - 1);
    ck_assert_int_eq(bench_send(&b, TEXT), 400);
    world_set_now(b.world, BENCH_NOW + DAY);
    ck_assert_int_eq(bench_send(&b, TEXT), 200);
    bench_fini(&b);
}
END_TEST

/* Before the limits by business the header was that of the page. */
START_TEST(usage_by_era)
{
    struct bench b;
    char problem[256];

    bench_init(&b);
    b.world->policy_date_is_clock = false;
    b.world->policy_date = _i == 0 ? CIVIL(2019, 4, 30) - 1 : CIVIL(2019, 4, 30);
    limits_configure(b.world, "LIM-MESSENGER-24H", 100, LIMIT_AS_PUBLISHED, problem, sizeof problem);
    bench_send(&b, TEXT);
    ck_assert_int_eq(header_of(&b, "X-Page-Usage") != NULL, _i == 0);
    ck_assert_int_eq(header_of(&b, "X-Business-Use-Case-Usage") != NULL, _i == 1);
    bench_fini(&b);
}
END_TEST

/* Above the mark the inbox is blind, but sends go on; it sees again when the volume has dropped. */
START_TEST(high_volume)
{
    struct bench b;

    bench_init(&b);
    for (unsigned i = 0; i < 40; i++)
        bench_send(&b, TEXT);
    ck_assert(!limits_inbox_is_blind(b.world, 0));
    world_set_now(b.world, BENCH_NOW + 500);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_int_eq(bench_send(&b, TEXT), 200);
    ck_assert(limits_inbox_is_blind(b.world, 0));
    world_set_now(b.world, BENCH_NOW + 999);
    ck_assert(limits_inbox_is_blind(b.world, 0));
    world_set_now(b.world, BENCH_NOW + 1000);
    ck_assert(!limits_inbox_is_blind(b.world, 0));
    bench_fini(&b);
}
END_TEST

/* ---- at once ------------------------------------------------------------------------------------------------------------------ */

/* The edge holds the world's lock for each call; so do these. */
static struct {
    struct bench bench;
    pthread_mutex_t lock;
    unsigned admitted;
} crowd = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *
send_some(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 750; i++) {
        pthread_mutex_lock(&crowd.lock);
        crowd.admitted += bench_send(&crowd.bench, TEXT) == 200;
        pthread_mutex_unlock(&crowd.lock);
    }
    return NULL;
}

static unsigned
let_them_send(void)
{
    pthread_t threads[4];

    crowd.admitted = 0;
    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, send_some, NULL), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return crowd.admitted;
}

/* Ten times the limit from four threads: exactly the limit goes; a millisecond before the second is over none; then exactly the limit again. */
START_TEST(exactly_the_limit_under_load)
{
    bench_init(&crowd.bench);
    ck_assert_uint_eq(let_them_send(), 300);
    world_set_now(crowd.bench.world, BENCH_NOW + 999);
    ck_assert_uint_eq(let_them_send(), 0);
    world_set_now(crowd.bench.world, BENCH_NOW + 1000);
    ck_assert_uint_eq(let_them_send(), 300);
    bench_fini(&crowd.bench);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("limits");
    TCase *tc = tcase_create("limits");

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, impossible_numbers_are_refused, 0, 9);
    tcase_add_test(tc, the_largest_numbers_are_taken);
    tcase_add_loop_test(tc, every_window_of_every_key, 0, 7);
    tcase_add_loop_test(tc, few_instants_far_apart, 0, 7);
    tcase_add_test(tc, more_than_a_ring_holds);
    tcase_add_test(tc, a_refused_call_is_charged_nowhere);
    tcase_add_test(tc, idle_keys_are_swept_away);
    tcase_add_test(tc, new_keys_for_ever);
    tcase_add_loop_test(tc, sends_in_a_second, 0, 3);
    tcase_add_test(tc, the_limit_comes_before_the_parameters);
    tcase_add_test(tc, usage_of_a_day);
    tcase_add_loop_test(tc, usage_by_era, 0, 2);
    tcase_add_test(tc, high_volume);
    tcase_add_test(tc, exactly_the_limit_under_load);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
