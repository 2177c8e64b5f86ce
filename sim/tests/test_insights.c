/* Insights counted from what happened (webhooks.md 4.9). */
#include "tests/manage_bench.h"

#define I "/v19.0/me/insights?metric=page_messages_"

static void
say(struct stage *s, struct thread *thread, unsigned flags)
{
    world_add_message(s->b.world, thread, flags ? 0 : INDEX_NONE, flags, STR("{\"text\":\"x\"}"));
}

static void
act(struct stage *s, const char *what, const struct thread *thread)
{
    char rest[128];

    snprintf(rest, sizeof rest, ",\"act\":\"%s\",\"user\":\"%llu\",\"input\":{},\"made\":{}}", what, (unsigned long long)thread->psid);
    world_record(s->b.world, "act", str_of(rest));
}

/* Three days: Ann on the first, Bob on the second; Bob blocks on the third. Days end at eight in the morning UTC. */
START_TEST(counts)
{
    static const struct {
        const char *target, *want;
    } rows[] = {
        { I "new_conversations_unique&since=2024-03-04T09:00:00Z&until=2024-03-07T07:00:00Z",
          "\"period\":\"day\",\"values\":[{\"value\":1,\"end_time\":\"2024-03-05T08:00:00+0000\"},{\"value\":1,\"end_time\":\"2024-03-06T08:00:00+0000\"},"
          "{\"value\":0,\"end_time\":\"2024-03-07T08:00:00+0000\"}]" },
        { I "new_conversations_unique&since=2024-03-04T09:00:00Z&until=2024-03-07T07:00:00Z&period=total_over_range",
          "\"values\":[{\"value\":2,\"end_time\":\"2024-03-07T08:00:00+0000\"}]" },
        { I "total_messaging_connections&since=1709630000&until=1709700000", "{\"value\":1,\"end_time\":\"2024-03-06T08:00:00+0000\"}" },
        { I "blocked_conversations_unique&since=1709800000000&until=1709900000000", "{\"value\":1,\"end_time\":\"2024-03-08T08:00:00+0000\"}" },
        { I "reported_conversations_unique,page_messages_blocked_conversations_unique", "\"id\":\"$page\\/insights\\/page_messages_blocked_conversations_unique\\/day\"" },
        { I "reported_conversations_unique", "\"paging\":{\"previous\":\"https:\\/\\/graph.facebook.com\\/v19.0\\/$page\\/insights?access_token=" },
        { I "new_conversations_unique&period=week&since=2024-03-07&until=2024-03-08", "\"value\":2," },
    };
    struct stage s;

    stage_init(&s);
    struct thread *bob = world_add_thread(s.b.world, 0, 0);
    world_set_now(s.b.world, BENCH_NOW + 10 * HOUR);
    say(&s, s.b.ann, 0);
    say(&s, s.b.ann, MESSAGE_FROM_PAGE);
    world_set_now(s.b.world, BENCH_NOW + 34 * HOUR);
    say(&s, s.b.ann, 0);
    say(&s, bob, 0);
    world_set_now(s.b.world, BENCH_NOW + 82 * HOUR);
    act(&s, "block", bob);
    bob->flags |= THREAD_BLOCKED;
    stage_play(&s, &(struct step){ "GET", rows[_i].target, NULL, 200, rows[_i].want });
    stage_fini(&s);
}
END_TEST

STORY(mistakes,
    { "GET", "/v19.0/me/insights", NULL, 400, "(#100) The parameter metric is required" },
    { "GET", I "nonsense", NULL, 400, "(#100) The value must be a valid insights metric" },
    { "GET", I "active_threads_unique", NULL, 400, "(#100) The value must be a valid insights metric" },
    { "GET", I "new_conversations_unique&period=year", NULL, 400, "(#100) Param period must be one of" },
    { "GET", I "new_conversations_unique&since=yesterday", NULL, 400, "Invalid parameter" },
    { "GET", I "new_conversations_unique&since=2023-01-01", NULL, 400, "more than 93 days" },
    { "GET", I "new_conversations_unique&since=2024-03-09&until=2024-03-01", NULL, 400, "between since and until" })

STORY_AT(old_metrics, CIVIL(2018, 10, 1),
    { "GET", "/me/insights/?metric=page_messages_active_threads_unique,page_messages_reported_conversations_by_report_type_unique", NULL, 200, "\"paging\":{" },
    { "GET", "/me/insights/?metric=page_messages_open_conversations_unique", NULL, 400, "valid insights metric" })

STORY(links,
    { "GET", I "new_conversations_unique&period=week", NULL, 200, "&metric=page_messages_new_conversations_unique&period=week&since=" },
    { "GET", "/v19.0/me/insights?metric=[\"page_messages_new_conversations_unique\",\"page_messages_blocked_conversations_unique\"]", NULL, 200,
      "&metric=page_messages_new_conversations_unique,page_messages_blocked_conversations_unique&since=" })

/* The id of an insight is a path to it. */
STORY(paths,
    { "GET", "/v19.0/me/insights/page_messages_new_conversations_unique", NULL, 200, "\"name\":\"page_messages_new_conversations_unique\",\"period\":\"day\"" },
    { "GET", "/v19.0/$page/insights/page_messages_new_conversations_unique/week", NULL, 200, "\"id\":\"$page\\/insights\\/page_messages_new_conversations_unique\\/week\"" },
    { "GET", "/v19.0/me/insights/page_messages_new_conversations_unique/year", NULL, 400, "(#100) Param period must be one of" },
    { "GET", "/v19.0/me/insights/nonsense", NULL, 400, "(#100) The value must be a valid insights metric" },
    { "GET", "/v19.0/me/insights/", NULL, 400, "(#100) The parameter metric is required" },
    { "POST", "/v19.0/me/insights/page_messages_new_conversations_unique", "{}", 400, "Unknown path components" })

STORY_AT(older_metrics, CIVIL(2017, 3, 1),
    { "GET", "/me/insights/?metric=page_messages_feedback_by_action_unique", NULL, 200, "\"value\":{\"TURN_OFF\":0,\"TURN_ON\":0,\"DELETE\":0,\"OTHER\":0,\"REPORT_SPAM\":0}" })

int
main(void)
{
    Suite *suite = suite_create("insights");
    TCase *tc = tcase_create("insights");

    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, counts, 0, 7);
    tcase_add_test(tc, mistakes);
    tcase_add_test(tc, old_metrics);
    tcase_add_test(tc, older_metrics);
    tcase_add_test(tc, links);
    tcase_add_test(tc, paths);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
