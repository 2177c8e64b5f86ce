/* Posts that fail: the schedule of retries, the alert, the unsubscription, healing; all on virtual time (webhooks.md 1.6). */
#include <check.h>

#include "people/faults.h"
#include "tests/people_bench.h"
#include "world/subscription.h"

static struct bench b;

static void
setup(void)
{
    people_init(&b, BENCH_NOW);
}

static void
teardown(void)
{
    bench_fini(&b);
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------------ */

static const struct {
    unsigned attempt;
    ms_t failed_after, next; /* since the first attempt */
} retries[] = {
    {1, 0, 0},
    {1, 300, 300}, /* answered slowly: at once means now, not back then */
    {2, 0, 5 * SECOND},
    {3, 5 * SECOND, 30 * SECOND},
    {4, 30 * SECOND, 2 * MINUTE},
    {5, 2 * MINUTE, 5 * MINUTE},
    {6, 5 * MINUTE, 15 * MINUTE},
    {7, 15 * MINUTE, 30 * MINUTE},
    {8, 30 * MINUTE, 45 * MINUTE},
    {9, 45 * MINUTE, 60 * MINUTE},
};

START_TEST(test_schedule)
{
    ck_assert_int_eq(
        subscription_retry_at(retries[_i].attempt, BENCH_NOW, BENCH_NOW + retries[_i].failed_after, subscription_patience(BENCH_NOW)),
        BENCH_NOW + retries[_i].next);
}
END_TEST

START_TEST(test_schedule_ends)
{
    ck_assert_int_eq(subscription_retry_at(10, BENCH_NOW, BENCH_NOW, subscription_patience(BENCH_NOW)), MS_NEVER);
    /* until 2020 every hour, up to eight */
    ck_assert_int_eq(subscription_patience(CIVIL(2020, 1, 1))->disable_ms, HOUR);
    ck_assert_int_eq(subscription_patience(CIVIL(2020, 1, 1))->answer_ms, 5 * SECOND);
    ck_assert_int_eq(subscription_patience(CIVIL(2020, 1, 1) - 1)->disable_ms, 8 * HOUR);
    ck_assert_int_eq(subscription_patience(CIVIL(2020, 1, 1) - 1)->answer_ms, 20 * SECOND);
    ck_assert_int_eq(subscription_retry_at(10, BENCH_NOW, BENCH_NOW, subscription_patience(0)), BENCH_NOW + 2 * HOUR);
    ck_assert_int_eq(subscription_retry_at(16, BENCH_NOW, BENCH_NOW, subscription_patience(0)), BENCH_NOW + 8 * HOUR);
    ck_assert_int_eq(subscription_retry_at(17, BENCH_NOW, BENCH_NOW, subscription_patience(0)), MS_NEVER);
}
END_TEST

/* ---- a webhook that fails ------------------------------------------------------------------------------------------------------------- */

struct tally {
    const char *what;
    unsigned count;
    bool is_field; /* look for the text anywhere in a record */
};

static void
count_line(void *to, const char *line, size_t n)
{
    struct tally *tally = to;

    tally->count += memmem(line, n, tally->what, strlen(tally->what)) != NULL;
}

/* Records of the journal that hold the text. */
static unsigned
records_with(const char *what)
{
    struct tally tally = {what, 0, false};

    for (uint64_t seq = 1; seq < world_journal_next(b.world); seq++)
        world_journal_read(b.world, seq, count_line, &tally);
    return tally.count;
}

/* Instants since the first post at which something happens, and how much has happened just before, at, and by then. */
static const struct {
    ms_t at;
    unsigned posts_before, posts_at;
    const char *note; /* in the journal at that instant and not before */
} milestones[] = {
    {5 * SECOND, 2, 3, NULL},
    {30 * SECOND, 3, 4, NULL},
    {2 * MINUTE, 4, 5, NULL},
    {5 * MINUTE, 5, 6, NULL},
    {15 * MINUTE, 6, 7, "webhook_alert"},
    {30 * MINUTE, 7, 8, NULL},
    {45 * MINUTE, 8, 9, NULL},
    {60 * MINUTE, 9, 9, "webhook_disabled"},
};

START_TEST(test_failing)
{
    unsigned posts;

    people_does(&b, "{'act':'message','text':'hi'}");
    posts = people_drive(&b, BENCH_NOW + milestones[_i].at - 1, 500, NULL);
    ck_assert_uint_eq(posts, milestones[_i].posts_before);
    if (milestones[_i].note != NULL)
        ck_assert_uint_eq(records_with(milestones[_i].note), 0);
    posts += people_drive(&b, BENCH_NOW + milestones[_i].at, 500, NULL);
    ck_assert_uint_eq(posts, milestones[_i].posts_at);
    if (milestones[_i].note != NULL)
        ck_assert_uint_eq(records_with(milestones[_i].note), 1);
}
END_TEST

START_TEST(test_disabled)
{
    people_does(&b, "{'act':'message','text':'one'}");
    people_drive(&b, BENCH_NOW + 59 * MINUTE, 500, NULL);
    people_does(&b, "{'act':'message','text':'two'}");
    people_drive(&b, BENCH_NOW + 60 * MINUTE, 500, NULL);
    ck_assert(!b.page->apps[0].is_subscribed);
    ck_assert_uint_eq(records_with("\"outcome\":\"dropped\""), 2);
    people_does(&b, "{'act':'message','text':'three'}");
    ck_assert_uint_eq(people_drive(&b, BENCH_NOW + 3 * HOUR, 500, NULL), 0);
    /* subscribed again: as if nothing had been */
    b.page->apps[0].is_subscribed = true;
    people_does(&b, "{'act':'message','text':'four'}");
    ck_assert_uint_eq(people_drive(&b, BENCH_NOW + 3 * HOUR, 200, NULL), 1);
    ck_assert_uint_eq(records_with("webhook_disabled"), 1);
}
END_TEST

/* In 2019 the platform was patient for eight hours. */
START_TEST(test_disabled_in_2019)
{
    b.world->policy_date_is_clock = false;
    b.world->policy_date = CIVIL(2019, 6, 1);
    people_does(&b, "{'act':'message','text':'one'}");
    people_drive(&b, BENCH_NOW + 8 * HOUR - 1, 500, NULL);
    ck_assert(b.page->apps[0].is_subscribed);
    ck_assert_uint_eq(records_with("webhook_alert"), 1);
    people_drive(&b, BENCH_NOW + 8 * HOUR, 500, NULL);
    ck_assert(!b.page->apps[0].is_subscribed);
    ck_assert_uint_eq(records_with("failing for eight hours"), 1);
}
END_TEST

/* A retry differs in entry.time alone, or in nothing when that is asked for. */
START_TEST(test_retried_bytes)
{
    static const ms_t after[] = {0, 0, 5 * SECOND, 30 * SECOND};
    bool is_same = _i != 0;
    struct buf posts = {0};
    char stamp[40];

    json_t *fault = json_pack("{s:s}", "fault", is_same ? "same_bytes" : "none");
    ck_assert_int_eq(faults_set(b.world, fault, stamp, sizeof stamp), 0);
    json_decref(fault);
    people_does(&b, "{'act':'message','text':'hi'}");
    people_drive(&b, BENCH_NOW + 5 * SECOND, 500, &posts);
    people_drive(&b, BENCH_NOW + HOUR - 1, 200, &posts);
    size_t length = strcspn(posts.s, "\n") + 1;
    ck_assert_uint_eq(posts.n, 4 * length);
    size_t timestamp = (size_t)((char *)memmem(posts.s, length, "\"timestamp\":", 12) - posts.s);
    for (size_t i = 0; i < 4; i++) {
        snprintf(stamp, sizeof stamp, "\"time\":%lld,", (long long)(BENCH_NOW + (is_same ? 0 : after[i])));
        ck_assert_ptr_nonnull(memmem(posts.s + i * length, length, stamp, strlen(stamp)));
        ck_assert_mem_eq(posts.s + timestamp, posts.s + i * length + timestamp, length - timestamp);
    }
    buf_fini(&posts);
}
END_TEST

START_TEST(test_heals)
{
    people_does(&b, "{'act':'message','text':'hi'}");
    people_drive(&b, BENCH_NOW + 20 * MINUTE, 500, NULL);
    ck_assert(b.app->webhook.is_alerted);
    people_drive(&b, BENCH_NOW + 30 * MINUTE, 200, NULL);
    ck_assert(!b.app->webhook.is_alerted);
    ck_assert_int_eq(b.app->webhook.failing_since, MS_NEVER);
    ck_assert_uint_eq(records_with("webhook_healed"), 1);
    /* a new hour begins with a new failure */
    people_does(&b, "{'act':'message','text':'hi'}");
    people_drive(&b, BENCH_NOW + 89 * MINUTE, 500, NULL);
    ck_assert(b.page->apps[0].is_subscribed);
    people_drive(&b, BENCH_NOW + 90 * MINUTE, 500, NULL);
    ck_assert(!b.page->apps[0].is_subscribed);
}
END_TEST

/* Only the page whose posts fail loses its subscription. */
START_TEST(test_other_page)
{
    struct page *other = world_add_page(b.world, NULL, NULL, NULL);
    struct page_app *link = page_connect_app(other, 0);

    link->is_subscribed = true;
    link->fields = ALL_FIELDS;
    people_does(&b, "{'act':'message','text':'hi'}");
    people_drive(&b, BENCH_NOW + 2 * HOUR, 500, NULL);
    ck_assert(!b.page->apps[0].is_subscribed);
    ck_assert(other->apps[0].is_subscribed);
}
END_TEST

START_TEST(test_forged_is_not_the_platforms)
{
    struct fault forge = {.kind = FAULT_FORGE};

    fault_add(b.world, &forge);
    people_does(&b, "{'act':'message','text':'hi'}");
    ck_assert_uint_eq(people_drive(&b, BENCH_NOW + 2 * HOUR, 401, NULL), 1);
    ck_assert_int_eq(b.app->webhook.failing_since, MS_NEVER);
    ck_assert_uint_eq(records_with("\"signature\":\"forged\""), 1);
}
END_TEST

/* ---- who gets what ----------------------------------------------------------------------------------------------------------------------- */

static unsigned
posts_of_message(void)
{
    people_does(&b, "{'act':'message','text':'hi'}");
    return people_settle(&b, NULL);
}

START_TEST(test_switches)
{
    ck_assert_uint_eq(posts_of_message(), 1);
    b.app->webhook.fields = FIELD_BIT(FIELD_MESSAGE_ECHOES); /* not in the app's webhook */
    ck_assert_uint_eq(posts_of_message(), 0);
    b.app->webhook.fields = ALL_FIELDS;
    b.page->apps[0].fields = FIELD_BIT(FIELD_MESSAGE_ECHOES); /* not on the page */
    ck_assert_uint_eq(posts_of_message(), 0);
    b.page->apps[0].fields = ALL_FIELDS;
    b.page->apps[0].is_subscribed = false;
    ck_assert_uint_eq(posts_of_message(), 0);
    b.page->apps[0].is_subscribed = true;
    b.app->is_live = false; /* development mode */
    ck_assert_uint_eq(posts_of_message(), 0);
    b.ann->flags |= THREAD_HAS_ROLE;
    ck_assert_uint_eq(posts_of_message(), 1);
    free(b.app->webhook.url);
    b.app->webhook.url = NULL;
    ck_assert_uint_eq(posts_of_message(), 0);
}
END_TEST

START_TEST(test_without_values)
{
    struct buf posts = {0};

    b.app->webhook.include_values = false;
    people_does(&b, "{'act':'message','text':'secret'}");
    people_settle(&b, &posts);
    buf_char(&posts, '\0');
    ck_assert_ptr_null(strstr(posts.s, "secret"));
    ck_assert_ptr_nonnull(strstr(posts.s, "\"changed_fields\":[\"messages\"]"));
    buf_fini(&posts);
}
END_TEST

/* Idle after a day, the thread is the default app's again, even if the person then writes. */
START_TEST(test_thread_falls_idle)
{
    struct buf posts = {0};

    world_add_app(b.world, NULL, NULL, NULL, NULL);
    bench_subscribe(&b, 1, ALL_FIELDS);
    b.page->default_app = 0;
    people_does(&b, "{'act':'message','text':'hi'}");
    thread_extra(b.ann)->owner = 1;
    people_drive(&b, BENCH_NOW + DAY - 1, 200, NULL);
    people_does(&b, "{'act':'message','text':'to the second'}");
    people_drive(&b, BENCH_NOW + 3 * DAY, 200, NULL);
    ck_assert_uint_eq(thread_owner(b.world, b.ann), INDEX_NONE);
    people_does(&b, "{'act':'message','text':'to the first'}");
    people_settle(&b, &posts);
    buf_char(&posts, '\0');
    ck_assert_ptr_nonnull(strstr(posts.s, "\"messaging\"")); /* the first app is told */
    ck_assert_uint_eq(thread_owner(b.world, b.ann), INDEX_NONE);
    buf_fini(&posts);
}
END_TEST

/* Receipts: none when nothing is unread, none with receipts off; a read implies delivery. */
START_TEST(test_reads)
{
    people_does(&b, "{'act':'message','text':'hi'}");
    people_settle(&b, NULL);
    people_does(&b, "{'act':'read'}");
    ck_assert_uint_eq(people_settle(&b, NULL), 0);
    ck_assert_int_eq(bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"x\"}}"),
                     200);
    people_drive(&b, BENCH_NOW + 10 * SECOND, 200, NULL);
    people_does(&b, "{'act':'read'}");
    ck_assert_uint_eq(people_settle(&b, NULL), 1);
    ck_assert_int_eq(b.ann->read, BENCH_NOW);
    ck_assert_int_eq(b.ann->delivered, BENCH_NOW);
    people_does(&b, "{'act':'reads_off'}");
    ck_assert_int_eq(bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"x\"}}"),
                     200);
    people_drive(&b, BENCH_NOW + 20 * SECOND, 200, NULL);
    people_does(&b, "{'act':'read'}");
    ck_assert_uint_eq(people_settle(&b, NULL), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("event post");
    TCase *tests = tcase_create("posts");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_schedule, 0, sizeof retries / sizeof *retries);
    tcase_add_test(tests, test_schedule_ends);
    tcase_add_loop_test(tests, test_failing, 0, sizeof milestones / sizeof *milestones);
    tcase_add_test(tests, test_disabled);
    tcase_add_test(tests, test_disabled_in_2019);
    tcase_add_loop_test(tests, test_retried_bytes, 0, 2);
    tcase_add_test(tests, test_heals);
    tcase_add_test(tests, test_other_page);
    tcase_add_test(tests, test_forged_is_not_the_platforms);
    tcase_add_test(tests, test_switches);
    tcase_add_test(tests, test_without_values);
    tcase_add_test(tests, test_thread_falls_idle);
    tcase_add_test(tests, test_reads);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
