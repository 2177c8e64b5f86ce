/* How long a client is waited for: learned per kind of event, lengthened by late answers, never short before a leap. */
#include <check.h>
#include <stdlib.h>

#include "conformance/alloc.h"
#include "conformance/habits.h"

#define HOUR ((ms_t)3600 * 1000)
enum { QUIET = 150 };

static struct habits habits;
static struct stream stream;
static int seq;

static void
begin(void)
{
    habits_init(&habits);
    stream_init(&stream);
    seq = 0;
}

static void
end(void)
{
    habits_fini(&habits);
    stream_fini(&stream);
}

/* A record, taken in at `real_ms`. */
static void
take(long real_ms, const char *rest)
{
    char *line = alloc_print("{\"seq\":%d,%s}", ++seq, rest);
    size_t from = stream_count(&stream);

    ck_assert_int_eq(stream_take(&stream, line, strlen(line)), 0);
    habits_take(&habits, &stream, from, real_ms);
    free(line);
}

static void
hook(long real_ms, const char *event, const char *person)
{
    char *rest = alloc_print("\"kind\":\"webhook\",\"event\":\"%s\",\"body\":{\"entry\":[{"
                             "\"messaging\":[{\"sender\":{\"id\":\"%s\"}}]}]}",
                             event, person);
    take(real_ms, rest);
    free(rest);
}

static void
call(long real_ms, const char *person)
{
    char *rest = alloc_print("\"kind\":\"call\",\"client\":\"a bot\",\"user\":\"%s\"", person);
    take(real_ms, rest);
    free(rest);
}

static long
patience(ms_t ahead)
{
    return habits_patience_ms(&habits, QUIET, ahead);
}

/* A client that has called at once each time that there was something to call for. */
static void
learn_a_prompt_client(void)
{
    for (int i = 0; i < 5; i++) {
        hook(i, "message", "ann");
        call(i, "ann");
        habits_learn(&habits, -1);
        habits_rest(&habits);
    }
}

START_TEST(test_a_kind_is_waited_for_until_it_is_known)
{
    call(0, "ann");
    for (int i = 0; i < 5; i++) {
        hook(0, "message", "ann");
        ck_assert_int_eq(patience(0), QUIET);
        habits_learn(&habits, -1);
    }
    hook(0, "message", "ann");
    ck_assert_int_eq(patience(0), 0);
    hook(0, "postback", "ann"); /* another kind, not known yet */
    ck_assert_int_eq(patience(0), QUIET);
}
END_TEST

START_TEST(test_who_has_never_called_may_still_be_typing)
{
    for (int i = 0; i < 3; i++) {
        hook(0, "message", "ann");
        ck_assert_int_eq(patience(0), 1500);
        habits_learn(&habits, -1);
    }
    hook(0, "message", "ann");
    ck_assert_int_eq(patience(0), QUIET);
}
END_TEST

START_TEST(test_a_surprise_lengthens_and_is_forgotten_slowly)
{
    learn_a_prompt_client();
    hook(9, "message", "ann");
    habits_learn(&habits, 100);
    hook(9, "message", "ann");
    ck_assert_int_eq(patience(0), 155);
    habits_learn(&habits, -1);
    hook(9, "message", "ann");
    ck_assert_int_eq(patience(0), 152);
    for (int i = 0; i < 200; i++) {
        hook(9, "message", "ann");
        habits_learn(&habits, -1);
    }
    hook(9, "message", "ann");
    ck_assert_int_eq(patience(0), 0);
}
END_TEST

START_TEST(test_a_leap_is_waited_for)
{
    static const struct {
        ms_t ahead;
        long patience;
    } rows[] = {{0, 0},         {144 * 1000 - 1, 0}, {144 * 1000, 1},   {HOUR, 25},
                {3 * HOUR, 75}, {6 * HOUR - 1, 149}, {6 * HOUR, QUIET}, {1000 * HOUR, QUIET}};

    learn_a_prompt_client();
    hook(9, "message", "ann");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(patience(rows[i].ahead), rows[i].patience);
}
END_TEST

START_TEST(test_a_late_answer_is_told_and_brings_patience_back)
{
    learn_a_prompt_client();
    hook(1000, "message", "ann");
    habits_learn(&habits, -1);
    habits_rest(&habits);
    hook(1010, "message", "bob"); /* while Bob is waited for, the answer to Ann comes */
    call(1300, "ann");
    call(1301, "ann");
    ck_assert_uint_eq(habits.late_calls, 1);
    ck_assert_int_eq(patience(0), 455); /* half as long again as the 300 ms that it took */
    for (int i = 0; i < 20; i++) {
        hook(1400, "message", "bob");
        habits_learn(&habits, -1);
    }
    hook(1400, "message", "bob");
    ck_assert_int_eq(patience(0), 0);
}
END_TEST

/* What was said to a person, what the person did, and what comes long after: nothing of that is late. */
START_TEST(test_what_is_not_late)
{
    hook(0, "message", "ann");
    call(1, "ann");
    habits_rest(&habits);
    take(10, "\"kind\":\"act\",\"act\":\"message\",\"user\":\"ann\"");
    call(11, "ann"); /* told before the webhook that it answers */
    hook(11, "message", "ann");
    habits_rest(&habits);
    hook(20, "message", "bob");
    call(5012, "ann"); /* five seconds after: of its own accord */
    call(5012, "eve"); /* nothing about Eve has ever reached it */
    call(5012, "");
    ck_assert_uint_eq(habits.late_calls, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("habits");
    TCase *tests = tcase_create("habits");

    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, test_a_kind_is_waited_for_until_it_is_known);
    tcase_add_test(tests, test_who_has_never_called_may_still_be_typing);
    tcase_add_test(tests, test_a_surprise_lengthens_and_is_forgotten_slowly);
    tcase_add_test(tests, test_a_leap_is_waited_for);
    tcase_add_test(tests, test_a_late_answer_is_told_and_brings_patience_back);
    tcase_add_test(tests, test_what_is_not_late);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
