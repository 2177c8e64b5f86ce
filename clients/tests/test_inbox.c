/* Events in the order of their times, whatever the order of their coming; and nothing twice. */
#include "clients/shell/inbox.h"

#include <check.h>
#include <string.h>

static struct inbox *inbox;

static void
set_up(void)
{
    inbox = inbox_new();
}

static void
tear_down(void)
{
    inbox_free(&inbox);
}

static int
put(const char *text)
{
    return inbox_put(inbox, text, strlen(text));
}

static void
expect_at(long long at)
{
    struct event *event = inbox_take(inbox, 0);

    if (at == 0) {
        ck_assert_ptr_null(event);
        return;
    }
    ck_assert_ptr_nonnull(event);
    ck_assert_int_eq(event->at, at);
    event_free(event);
}

START_TEST(events_come_out_by_their_time)
{
    ck_assert_int_eq(
        put("{\"entry\":[{\"time\":1709283600900,\"messaging\":[{\"timestamp\":1709283600300},"
            "{\"timestamp\":1709283600100}]},"
            "{\"time\":1709283600901,\"messaging\":[{\"timestamp\":1709283600200}]}]}"),
        0);
    expect_at(1709283600100);
    expect_at(1709283600200);
    expect_at(1709283600300);
    expect_at(0);
}
END_TEST

START_TEST(seconds_become_milliseconds)
{
    put("{\"entry\":[{\"time\":1709283600,\"changes\":[{\"field\":\"feed\"}]},"
        "{\"time\":1709283600500,\"messaging\":[{\"timestamp\":1701599111}]}]}");
    expect_at(1701599111000);
    expect_at(1709283600000);
}
END_TEST

START_TEST(standby_is_left_alone)
{
    put("{\"entry\":[{\"time\":1709283600900,\"standby\":[{\"timestamp\":1709283600300}]}]}");
    expect_at(0);
}
END_TEST

/* What is no webhook is refused or holds no event. */
static const struct {
    const char *body;
    int outcome;
} odd[] = {{"", -1},
           {"{", -1},
           {"[]", 0},
           {"{\"entry\":{}}", 0},
           {"{\"entry\":[1,null,{\"messaging\":7}]}", 0}};

START_TEST(odd_bodies_hold_nothing)
{
    ck_assert_int_eq(put(odd[_i].body), odd[_i].outcome);
    expect_at(0);
}
END_TEST

START_TEST(things_are_seen_once)
{
    ck_assert(!inbox_seen_before(inbox, "message", "m_1", 0));
    ck_assert(inbox_seen_before(inbox, "message", "m_1", 0));
    ck_assert(!inbox_seen_before(inbox, "postback", "m_1", 0));
    ck_assert(!inbox_seen_before(inbox, "message", "m_1", 5));
    ck_assert(!inbox_seen_before(inbox, "message", "m_2", 0));
}
END_TEST

/* The memory is long but not endless: the oldest goes first. */
START_TEST(the_oldest_is_forgotten)
{
    for (long long at = 0; at < 8192; at++)
        ck_assert(!inbox_seen_before(inbox, "message", "m", at));
    ck_assert(inbox_seen_before(inbox, "message", "m", 0));
    ck_assert(!inbox_seen_before(inbox, "message", "m", 8192));
    ck_assert(inbox_seen_before(inbox, "message", "m", 1));
    ck_assert(!inbox_seen_before(inbox, "message", "m", 0));
}
END_TEST

START_TEST(a_closed_inbox_does_not_wait)
{
    ck_assert(!inbox_is_closed(inbox));
    inbox_close(inbox);
    ck_assert(inbox_is_closed(inbox));
    ck_assert_ptr_null(inbox_take(inbox, 24LL * 60 * 60 * 1000));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("inbox");
    TCase *tests = tcase_create("inbox");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, events_come_out_by_their_time);
    tcase_add_test(tests, seconds_become_milliseconds);
    tcase_add_test(tests, standby_is_left_alone);
    tcase_add_loop_test(tests, odd_bodies_hold_nothing, 0, (int)(sizeof odd / sizeof odd[0]));
    tcase_add_test(tests, things_are_seen_once);
    tcase_add_test(tests, the_oldest_is_forgotten);
    tcase_add_test(tests, a_closed_inbox_does_not_wait);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
