/* What the fold counts, row by row: a journal of the fixtures, a place in report.json, the number
 * that must stand there. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/evidence.h"
#include "reports/fold.h"
#include "reports/tests/desk.h"
#include "reports/tree.h"

/* clang-format off */
static const struct {
    const char *journal;
    const char *path; /* keys; of a list the row with that id, rule or file */
    json_int_t count;
} rows[] = {
    /* A polite client: everything permitted, nothing broken. */
    {"good.jsonl", "summary/violations/error", 0},
    {"good.jsonl", "summary/violations/warning", 0},
    {"good.jsonl", "summary/results/pass", 1},
    {"good.jsonl", "coverage/rules/rows/WIN-STD-24H/permitted", 3},
    {"good.jsonl", "coverage/rules/rows/WIN-STD-24H/refused", 0},
    {"good.jsonl", "coverage/rules/rows/AUTH-TOKEN/consulted", 4},
    {"good.jsonl", "coverage/templates/rows/generic/count", 1},
    {"good.jsonl", "coverage/templates/reached", 1},
    {"good.jsonl", "coverage/events/rows/echo/delivered", 1},
    {"good.jsonl", "coverage/endpoints/rows/GET \x01{psid}/count", 1},
    {"good.jsonl", "coverage/fields/rows/send.message.text/count", 2},
    {"good.jsonl", "results/scenarios\x01shop\x01polite.scn/calls", 4},
    /* A careless one. */
    {"careless.jsonl", "violations/WIN-STD-24H/count", 2},
    {"careless.jsonl", "violations/WIN-STD-24H/unjudged", 0},
    {"careless.jsonl", "violations/WIN-STD-24H/first/line", 11},
    {"careless.jsonl", "violations/WIN-STD-24H/first/journal_line", 6},
    {"careless.jsonl", "violations/RCPT-KNOWN/count", 1},
    {"careless.jsonl", "violations/FND-HUMAN-AUTOMATIC/count", 1},
    {"careless.jsonl", "violations/FND-RETRY-FINAL/count", 1},
    {"careless.jsonl", "summary/violations/error", 5},
    {"careless.jsonl", "coverage/rules/rows/WIN-STD-24H/permitted", 0},
    {"careless.jsonl", "coverage/rules/rows/WIN-STD-24H/refused", 3}, /* one of them withheld, then the tag permitted */
    {"careless.jsonl", "coverage/rules/rows/TAG-HUMAN-7D/permitted", 1},
    {"careless.jsonl", "coverage/rules/rows/FND-RETRY-FINAL/raised", 1},
    {"careless.jsonl", "coverage/rules/rows/FND-RETRY-FINAL/not_raised", 1},
    {"careless.jsonl", "coverage/errors/rows/OUTSIDE_WINDOW/count", 2},
    {"careless.jsonl", "coverage/errors/rows/OUTSIDE_WINDOW/retried", 1},
    {"careless.jsonl", "coverage/errors/rows/OUTSIDE_WINDOW/retry_after_ms/max", 0},
    {"careless.jsonl", "coverage/errors/rows/OUTSIDE_WINDOW/sent_other", 1},
    {"careless.jsonl", "coverage/errors/rows/NO_MATCHING_USER/gave_up", 1},
    {"careless.jsonl", "coverage/endpoints/unknown/POST \x01{version}\x01{id}\x01"
                       "broadcast/count", 1},
    {"careless.jsonl", "coverage/fields/unknown/text/count", 1},
    {"careless.jsonl", "summary/results/known", 1},
    {"careless.jsonl", "summary/results/skip", 1},
    /* A server's journal, which nobody judged. */
    {"refused.jsonl", "violations/LIM-PAGE-SEND/count", 1},
    {"refused.jsonl", "violations/LIM-PAGE-SEND/unjudged", 1},
    {"refused.jsonl", "violations/LIM-PAGE-SEND/first/journal_line", 5},
    {"refused.jsonl", "violations/RULE-OF-TOMORROW/count", 1},
    {"refused.jsonl", "summary/violations/error", 1}, /* a person who blocked the page is nobody's mistake */
    {"refused.jsonl", "coverage/rules/rows/RCPT-HERE/refused", 2},
    {"refused.jsonl", "coverage/rules/rows/LIM-PAGE-SEND/respected", 3},
    {"refused.jsonl", "coverage/rules/rows/LIM-PAGE-SEND/refused", 1},
    {"refused.jsonl", "coverage/rules/unknown/RULE-OF-TOMORROW/count", 1},
    {"refused.jsonl", "coverage/errors/rows/RATE_PAGE/retried", 1},
    {"refused.jsonl", "coverage/errors/rows/RATE_PAGE/retry_after_ms/median", 4000},
    {"refused.jsonl", "coverage/errors/rows/PERSON_UNAVAILABLE/gave_up", 1},
    {"refused.jsonl", "coverage/errors/rows/PERSON_UNAVAILABLE/sent_other", 1},
    {"refused.jsonl", "coverage/errors/unknown/999\x01" "7/count", 1},
    /* Faults and the scenarios' own calls are no violations. */
    {"injected.jsonl", "summary/violations/error", 0},
    {"injected.jsonl", "summary/violations/warning", 0},
    {"injected.jsonl", "summary/calls_injected", 2},
    {"injected.jsonl", "summary/calls_scripted", 2},
    {"injected.jsonl", "summary/provoked/error", 2},
    {"injected.jsonl", "provoked/WIN-STD-24H/first/line", 9},
    {"injected.jsonl", "coverage/rules/rows/LIM-PAGE-SEND/refused", 0},
    {"injected.jsonl", "coverage/rules/rows/WIN-STD-24H/refused", 1},
    {"injected.jsonl", "coverage/errors/rows/RATE_PAGE/injected", 1},
    {"injected.jsonl", "coverage/errors/rows/RATE_PAGE/retry_after_ms/min", 1000},
    {"injected.jsonl", "coverage/errors/rows/SERVICE_DOWN/retry_after_ms/min", 2000},
    {"injected.jsonl", "coverage/errors/rows/NO_MATCHING_USER/scripted", 1},
    {"injected.jsonl", "coverage/errors/rows/NO_MATCHING_USER/gave_up", 0},
    /* Findings where the wire says 200, or says nothing. */
    {"findings.jsonl", "violations/FND-NO-ANSWER/count", 1},
    {"findings.jsonl", "violations/FND-NO-ANSWER/first/line", 2},
    {"findings.jsonl", "remarks/FND-TAG-IN-WINDOW/count", 1},
    {"findings.jsonl", "remarks/FND-TAG-IN-WINDOW/first/line", 3},
    {"findings.jsonl", "summary/violations/error", 0},
    {"findings.jsonl", "summary/remarks/note", 1},
    {"findings.jsonl", "summary/webhooks/failed", 1},
    {"findings.jsonl", "summary/webhooks/dropped", 1},
    {"findings.jsonl", "summary/notes/webhook_disabled", 1},
    {"findings.jsonl", "summary/acts_refused", 1},
    {"findings.jsonl", "harness/quiet_ms", 150},
    {"findings.jsonl", "coverage/rules/rows/FND-NO-ANSWER/raised", 1},
    {"findings.jsonl", "coverage/rules/rows/TAG-LEGACY/consulted", 0},
    {"findings.jsonl", "coverage/rules/total", 22}, /* 11 rules in force, two directions each */
    {"findings.jsonl", "coverage/errors/total", 6}, /* one of seven cannot be reached */
};
/* clang-format on */

static json_t *
row_named(json_t *list, const char *name)
{
    static const char *const keys[] = {"id", "rule", "file"};
    json_t *row;
    size_t i;

    json_array_foreach(list, i,
                       row) for (size_t k = 0; k < sizeof keys / sizeof *keys;
                                 k++) if (strcmp(tree_text(row, keys[k]), name) == 0) return row;
    return NULL;
}

/* Walks down; \x01 in a step stands for a slash. */
static json_t *
at_path(json_t *tree, const char *path)
{
    char *copy = strdup(path), *rest = copy, *step;

    while (tree && (step = strsep(&rest, "/")) != NULL) {
        for (char *letter = step; *letter; letter++)
            if (*letter == '\x01')
                *letter = '/';
        tree = json_is_array(tree) ? row_named(tree, step) : json_object_get(tree, step);
    }
    free(copy);
    return tree;
}

START_TEST(counts)
{
    char why[256];
    json_t *rules = desk_rules_new(), *result = json_object();
    json_t *journal = evidence_read_new(desk_data(rows[_i].journal), why, sizeof why);

    ck_assert_msg(journal != NULL, "%s", why);
    tree_add(tree_array(result, "journals"), journal);
    json_t *journals = evidence_complete_new(result), *tree = fold_new(journals, rules);
    json_t *number = at_path(tree, rows[_i].path);

    ck_assert_msg(json_is_integer(number), "%s: no number at %s", rows[_i].journal, rows[_i].path);
    ck_assert_msg(json_integer_value(number) == rows[_i].count, "%s: %s is %lld, expected %lld",
                  rows[_i].journal, rows[_i].path, (long long)json_integer_value(number),
                  (long long)rows[_i].count);
    json_decref(tree);
    json_decref(journals);
    json_decref(result);
    json_decref(rules);
}
END_TEST

/* A rule is owed if it was in force in some world, whatever the day of the report. TAG-LEGACY ended
 * on 2020-03-04. */
static const struct {
    const char *at;
    const char *policy_date;
    bool is_owed;
} eras[] = {
    {"2020-03-03T23:59:59.999Z", "clock", true},
    {"2020-03-04T00:00:00.000Z", "clock", false},
    {"2024-03-01T09:00:00.000Z", "2020-03-03", true},
    {"2024-03-01T09:00:00.000Z", "2020-03-03T23:59:59.999Z", true},
    {"2024-03-01T09:00:00.000Z", "2020-03-04", false},
    {"2019-03-01T09:00:00.000Z", "2020-03-04T00:00:00.000Z", false},
};

START_TEST(rules_are_owed_in_their_time)
{
    json_t *rules = desk_rules_new();
    json_t *result = json_pack("{s:[{s:s,s:[{s:i,s:s,s:s,s:s,s:s,s:s}]}]}", "journals", "name", "j",
                               "records", "seq", 1, "at", eras[_i].at, "world", "w", "kind",
                               "world", "event", "created", "policy_date", eras[_i].policy_date);
    json_t *journals = evidence_complete_new(result), *tree = fold_new(journals, rules);

    ck_assert_msg(tree_is_true(at_path(tree, "coverage/rules/rows/TAG-LEGACY"), "in_force") ==
                      eras[_i].is_owed,
                  "row %d", _i);
    ck_assert_int_eq(tree_int(at_path(tree, "coverage/rules"), "total"),
                     eras[_i].is_owed ? 24 : 22);
    json_decref(tree);
    json_decref(journals);
    json_decref(result);
    json_decref(rules);
}
END_TEST

/* Without a rule table everything is unknown, and nothing breaks. */
START_TEST(needs_no_rules)
{
    char why[256];
    json_t *result = json_object(),
           *journal = evidence_read_new(desk_data("careless.jsonl"), why, sizeof why);

    tree_add(tree_array(result, "journals"), journal);
    json_t *journals = evidence_complete_new(result), *tree = fold_new(journals, NULL);

    ck_assert_int_eq(tree_int(at_path(tree, "coverage/rules"), "total"), 0);
    ck_assert(json_is_null(at_path(tree, "coverage/rules/percent")));
    ck_assert_int_eq(tree_int(at_path(tree, "violations/WIN-STD-24H"), "count"), 2);
    json_decref(tree);
    json_decref(journals);
    json_decref(result);
}
END_TEST

START_TEST(names_what_was_broken_in_each_result)
{
    char why[256];
    json_t *rules = desk_rules_new(), *result = json_object();

    tree_add(tree_array(result, "journals"),
             evidence_read_new(desk_data("careless.jsonl"), why, sizeof why));
    json_t *journals = evidence_complete_new(result), *tree = fold_new(journals, rules);

    ck_assert_uint_eq(
        json_array_size(at_path(tree, "results/scenarios\x01shop\x01late.scn/violated")), 4);
    ck_assert_uint_eq(
        json_array_size(at_path(tree, "results/scenarios\x01shop\x01known.scn/violated")), 0);
    json_decref(tree);
    json_decref(journals);
    json_decref(result);
    json_decref(rules);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("fold");
    TCase *cases = tcase_create("fold");
    SRunner *runner = srunner_create(suite);

    tcase_add_loop_test(cases, counts, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(cases, rules_are_owed_in_their_time, 0, sizeof eras / sizeof *eras);
    tcase_add_test(cases, needs_no_rules);
    tcase_add_test(cases, names_what_was_broken_in_each_result);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
