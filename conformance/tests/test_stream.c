/* What follows from a journal: violations, rules reached, events in bodies. */
#include <check.h>
#include <stdlib.h>

#include "conformance/alloc.h"
#include "conformance/stream.h"

static struct stream stream;
static json_t *rules;

static void
set_up(void)
{
    stream_init(&stream);
    rules = json_pack("{s:{s:s}, s:{s:s}, s:{s:s}}", "ERR", "severity", "error", "WARN", "severity",
                      "warning", "NONE", "severity", "none");
}

static void
tear_down(void)
{
    stream_fini(&stream);
    json_decref(rules);
}

static void
take(const char *lines)
{
    ck_assert_int_eq(stream_take(&stream, lines, strlen(lines)), 0);
}

START_TEST(lines_become_records)
{
    take("{\"understudy\":\"journal\",\"schema\":1}\n{\"seq\":1,\"kind\":\"world\"}\n\n{\"seq\":2,"
         "\"kind\":\"call\"}\n");
    take("{\"seq\":3,\"kind\":\"act\"}");
    ck_assert_uint_eq(stream_count(&stream), 3);
    ck_assert_int_eq(stream.last_seq, 3);
    ck_assert_str_eq(stream.text, "{\"seq\":1,\"kind\":\"world\"}\n{\"seq\":2,\"kind\":\"call\"}\n"
                                  "{\"seq\":3,\"kind\":\"act\"}\n");
    ck_assert_int_eq(stream_newest(&stream, "call", 99), 1);
    ck_assert_int_eq(stream_newest(&stream, "act", 1), -1);
    ck_assert_int_eq(stream_line(0), 2);
}
END_TEST

START_TEST(what_is_no_record_is_refused)
{
    static const char *const bad[] = {"{\"seq\":1}\noops\n", "{\"kind\":\"call\"}\n", "[1]\n",
                                      "{\"seq\":\"1\"}\n"};

    ck_assert_int_eq(stream_take(&stream, bad[_i], strlen(bad[_i])), -1);
}
END_TEST

static const struct {
    const char *record, *rule;
    size_t count;
    const char *broken;
} violations[] = {
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"ERR\"}", NULL, 1, "ERR"},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"WARN\"}", NULL, 1, "WARN"},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"NONE\"}", NULL, 0, NULL},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"ELSE\"}", NULL, 0, NULL},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":null}", NULL, 0, NULL},
    {"{\"kind\":\"call\",\"outcome\":\"permitted\",\"rule\":\"ERR\"}", NULL, 0, NULL},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"ERR\",\"injected\":true}", NULL, 0,
     NULL},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"ERR\"}", "WARN", 0, NULL},
    {"{\"kind\":\"call\",\"outcome\":\"permitted\",\"rule\":\"ERR\",\"findings\":[{\"rule\":\"F\","
     "\"severity\":\"error\"},"
     "{\"rule\":\"G\",\"severity\":\"note\"},{\"rule\":\"F\",\"severity\":\"error\"}]}",
     NULL, 2, "F"},
    {"{\"kind\":\"call\",\"outcome\":\"refused\",\"rule\":\"ERR\",\"findings\":[{\"rule\":\"F\","
     "\"severity\":\"warning\"}]}",
     NULL, 2, "ERR"},
    {"{\"kind\":\"note\",\"findings\":[{\"rule\":\"F\",\"severity\":\"warning\"}]}", "F", 1, "F"},
    {"{\"kind\":\"note\"}", NULL, 0, NULL},
};

START_TEST(violations_are_counted)
{
    json_t *record = json_loads(violations[_i].record, 0, NULL);
    const char *broken = NULL, *severity = NULL;

    ck_assert_uint_eq(stream_violations(record, rules, violations[_i].rule, &broken, &severity),
                      violations[_i].count);
    if (violations[_i].broken == NULL)
        ck_assert_ptr_null(broken);
    else
        ck_assert_str_eq(broken, violations[_i].broken);
    ck_assert_int_eq(severity == NULL, broken == NULL);
    json_decref(record);
}
END_TEST

START_TEST(rules_are_reached_in_three_ways)
{
    json_t *record = json_loads(
        "{\"rule\":\"A\",\"seen\":[\"B\",\"C\"],\"findings\":[{\"rule\":\"D\"}]}", 0, NULL);

    for (const char *rule = "ABCD"; *rule != '\0'; rule++)
        ck_assert(stream_reaches(record, (char[]){*rule, '\0'}));
    ck_assert(!stream_reaches(record, "E"));
    json_decref(record);
}
END_TEST

/* Webhook records and the fields of their events. */
static const struct {
    const char *record, *fields;
} webhooks[] = {
    {"{\"field\":\"messages\",\"body\":{\"entry\":[{\"messaging\":[{\"message\":{}}]}]}}",
     "messages "},
    {"{\"field\":\"x\",\"body\":{\"entry\":[{\"standby\":[{\"message\":{}}]}]}}", "x "},
    {"{\"field\":\"feed\",\"body\":{\"entry\":[{\"changes\":[{\"field\":\"feed\"}]}]}}", "feed "},
    {"{\"field\":\"messages\",\"body\":{\"entry\":[{\"messaging\":[{\"message\":{}},{\"message\":{"
     "\"is_echo\":true}}]},"
     "{\"messaging\":[{\"delivery\":{}},{\"read\":{}},{\"postback\":{}},{\"optin\":{}},{"
     "\"referral\":{}}]}]}}",
     "messages message_echoes message_deliveries message_reads messaging_postbacks "
     "messaging_optins messaging_referrals "},
    {"{\"field\":\"messages\",\"body\":{\"entry\":[{\"standby\":[{\"message\":{}}]},{\"changes\":[{"
     "\"field\":\"feed\"}]}]}}",
     "standby feed "},
    {"{\"field\":\"messages\",\"body\":{\"entry\":[{\"messaging\":[{\"reaction\":{}},{\"strange\":{"
     "}}]}]}}",
     "message_reactions  "},
    {"{\"field\":\"messages\",\"body\":{}}", ""},
    {"{\"field\":\"messages\"}", ""},
};

static void
note_field(void *to, const char *field, json_t *event)
{
    ck_assert_ptr_nonnull(event);
    strcat(strcat(to, field), " ");
}

START_TEST(events_have_fields)
{
    json_t *record = json_loads(webhooks[_i].record, 0, NULL);
    char fields[300] = "";

    stream_events(record, note_field, fields);
    ck_assert_str_eq(fields, webhooks[_i].fields);
    json_decref(record);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("stream");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, lines_become_records);
    tcase_add_loop_test(all, what_is_no_record_is_refused, 0, 4);
    tcase_add_loop_test(all, violations_are_counted, 0, sizeof violations / sizeof *violations);
    tcase_add_test(all, rules_are_reached_in_three_ways);
    tcase_add_loop_test(all, events_have_fields, 0, sizeof webhooks / sizeof *webhooks);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
