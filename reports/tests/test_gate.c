/* Exit codes: verdicts, violations, thresholds, waivers, baselines. And the command line of
 * `understudy report`. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/report.h"
#include "reports/tests/desk.h"

static char folder[256];
static json_t *rules;

static void
open_desk(void)
{
    desk_folder(folder);
    rules = desk_rules_new();
}

static void
clear_desk(void)
{
    json_decref(rules);
    desk_clean(folder);
}

/* `options`: of `understudy report`; "@" is the folder, in which "list" holds the text of `list`.
 * `says`: part of stderr. */
/* clang-format off */
static const struct {
    const char *options;
    const char *journals;
    const char *list;
    int exit_code;
    const char *says;
} gates[] = {
    {"", "good.jsonl", NULL, 0, ""},
    {"", "injected.jsonl", NULL, 0, ""},
    {"", "careless.jsonl", NULL, 1, "shop/late: fail\n"},
    {"", "refused.jsonl", NULL, 1, "LIM-PAGE-SEND: broken 1 times\n"},
    {"", "findings.jsonl", NULL, 2, "silence: error\n"},
    {"", "good.jsonl careless.jsonl findings.jsonl", NULL, 2, "shop/late: fail\n"},
    /* thresholds: 6 of 22 directions are 27.27 % */
    {"--fail-under rules=50", "good.jsonl", NULL, 1, "rules: 6 of 22 reached, 27.2 %, expected 50.0 %\n"},
    {"--fail-under rules=27.2", "good.jsonl", NULL, 0, ""},
    {"--fail-under rules=27.3", "good.jsonl", NULL, 1, "  never refused: AUTH-TOKEN  A call carries an access token\n"},
    {"--fail-under endpoints=50", "good.jsonl", NULL, 0, ""},
    {"--fail-under endpoints=51", "good.jsonl", NULL, 1, "  never: GET /me\n"},
    {"--fail-under rules=0,fields=0 --fail-under events=100", "good.jsonl", NULL, 1, "events: 2 of 4 reached"},
    {"--fail-under errors=0", "stale.jsonl", NULL, 1, "was reached, though its row says: only a fault makes it\n"},
    {"--fail-under errors=0", "injected.jsonl", NULL, 0, ""},
    {"--fail-under rules=0", "stale.jsonl", NULL, 0, ""},
    {"--fail-under rules=100.1", "good.jsonl", NULL, 2, "expected KIND=PERCENT"},
    {"--fail-under rules=", "good.jsonl", NULL, 2, "expected KIND=PERCENT"},
    {"--fail-under rules=nan", "good.jsonl", NULL, 2, "expected KIND=PERCENT"},
    {"--fail-under rules", "good.jsonl", NULL, 2, "expected KIND=PERCENT"},
    {"--fail-under lines=3", "good.jsonl", NULL, 2, "no kind 'lines', expected rules, endpoints"},
    /* baselines */
    {"--baseline @/list", "refused.jsonl", "LIM-PAGE-SEND the queue is being mended\nRULE-OF-TOMORROW later\n", 0, ""},
    {"--baseline @/list", "refused.jsonl", "# comment\n\nLIM-PAGE-SEND the queue\n", 1, "RULE-OF-TOMORROW: broken 1"},
    {"--baseline @/list", "careless.jsonl",
     "WIN-STD-24H a\nRCPT-KNOWN b\nFND-HUMAN-AUTOMATIC c\nFND-RETRY-FINAL d\n", 0, ""},
    {"--baseline @/list", "careless.jsonl", "WIN-STD-24H a\nRCPT-KNOWN b\nFND-HUMAN-AUTOMATIC c\n", 1, "shop/late: fail"},
    {"--baseline @/list", "good.jsonl", "WIN-STD-24H used to be late\n", 1,
     "list:1: WIN-STD-24H was not broken; take it out of the baseline\n"},
    {"--baseline @/list", "good.jsonl", "WIN-STD-24H\n", 2, "list:1: a reason is missing, expected: RULE-ID reason"},
    {"--baseline @/list", "refused.jsonl", "LIM-PAGE-SEND a\nLIM-PAGE-SEND b\n", 2, "list:2: LIM-PAGE-SEND stands there twice"},
    {"--baseline @/none", "good.jsonl", NULL, 2, "none: No such file or directory\n"},
    /* waivers */
    {"--fail-under rules=28.5 --waivers @/list", "good.jsonl", "AUTH-TOKEN refused no call can lack one here\n", 0, ""},
    {"--waivers @/list", "good.jsonl", "AUTH-TOKEN permitted it was\n", 1, "list:1: AUTH-TOKEN permitted was reached"},
    {"--waivers @/list", "good.jsonl", "NO-SUCH-RULE refused gone\n", 1, "list:1: NO-SUCH-RULE refused: no such rule in force"},
    {"--waivers @/list", "good.jsonl", "TAG-LEGACY refused gone\n", 1, "list:1: TAG-LEGACY refused: no such rule in force"},
    {"--waivers @/list", "good.jsonl", "AUTH-TOKEN raised gone\n", 2, "expected the direction permitted or refused"},
    {"--waivers @/list", "good.jsonl", "AUTH-TOKEN refused\n", 2, "expected: RULE-ID direction reason"},
    /* misuse */
    {"", "", NULL, 2, "report needs at least one journal; see: understudy help report\n"},
    {"--colour", "good.jsonl", NULL, 2, "no option --colour; see: understudy help report\n"},
    {"--format pdf", "good.jsonl", NULL, 2, "no report format 'pdf', expected all, text, json"},
    {"--format text,json", "good.jsonl", NULL, 2, "several formats need --report DIR"},
    {"--format all", "good.jsonl", NULL, 2, "several formats need --report DIR"},
    {"--report @/list --format text", "good.jsonl", "a file", 2, "list: is a file, expected a folder for reports"},
    {"--format text, --report @/x", "good.jsonl", NULL, 2, "no report format ''"},
    {"", "good.jsonl ../data/good.jsonl", NULL, 2, "good.jsonl: given twice, expected each journal once"},
    {"", "nothing.jsonl", NULL, 2, "nothing.jsonl: No such file or directory, expected a journal"},
    {"", "rules.json", NULL, 2, "rules.json:1: "},
};
/* clang-format on */

static void
command_line(char *line, size_t size, const char *options, const char *journals)
{
    size_t used = 0;

    for (const char *letter = options; *letter && used + 300 < size; letter++)
        used += (size_t)snprintf(line + used, size - used, *letter == '@' ? "%s" : "%.1s",
                                 *letter == '@' ? folder : letter);
    for (const char *name = journals; *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");

        used += (size_t)snprintf(line + used, size - used, " reports/tests/data/%.*s", (int)length,
                                 name);
        name += length;
    }
    line[used] = '\0';
}

START_TEST(decides)
{
    char line[2048];

    if (gates[_i].list)
        desk_write(folder, "list", gates[_i].list);
    command_line(line, sizeof line, gates[_i].options, gates[_i].journals);

    int outcome = desk_report(folder, rules, line);
    char *said = desk_read_new(folder, "err");

    ck_assert_msg(outcome == gates[_i].exit_code, "report %s: exit code %d, said: %s", line,
                  outcome, said);
    if (*gates[_i].says)
        ck_assert_msg(strstr(said, gates[_i].says) != NULL, "report %s: said: %s", line, said);
    else
        ck_assert_msg(*said == '\0', "report %s: said: %s", line, said);
    free(said);
}
END_TEST

START_TEST(helps)
{
    ck_assert_int_eq(desk_report(folder, rules, "--help"), 0);
    char *said = desk_read_new(folder, "out");

    ck_assert_msg(strstr(said, "usage: understudy report") == said, "%s", said);
    free(said);
}
END_TEST

START_TEST(speaks_of_a_torn_line)
{
    char line[512];
    char *journal = desk_read_new("reports/tests/data", "good.jsonl");

    journal[strlen(journal) - 40] = '\0'; /* the verdict was never finished */
    desk_write(folder, "torn.jsonl", journal);
    snprintf(line, sizeof line, "%s/torn.jsonl", folder);
    ck_assert_int_eq(desk_report(folder, rules, line), 0);

    char *out = desk_read_new(folder, "out"), *err = desk_read_new(folder, "err");

    ck_assert_ptr_nonnull(
        strstr(out, "torn.jsonl:11: the last line is torn off and was left out\n"));
    ck_assert_ptr_nonnull(
        strstr(err, "torn.jsonl:11: the last line is torn off and was left out\n"));
    free(journal);
    free(out);
    free(err);
}
END_TEST

START_TEST(one_format_goes_to_stdout)
{
    ck_assert_int_eq(desk_report(folder, rules, "--format tap reports/tests/data/good.jsonl"), 0);
    char *out = desk_read_new(folder, "out");

    ck_assert_str_eq(
        out,
        "TAP version 14\n1..1\nok 1 - scenarios/shop/polite.scn: A polite shop answers in time\n");
    free(out);
}
END_TEST

START_TEST(gate_needs_a_report)
{
    json_t *result = json_object();
    char why[64];

    ck_assert_int_eq(reports_gate(result, NULL, NULL, why, sizeof why), 2);
    ck_assert_str_eq(why, "no report has been computed yet\n");
    json_decref(result);
}
END_TEST

/* However small the room for reasons, it is not left. */
START_TEST(reasons_are_cut_off)
{
    char line[256], why[8] = "1234567";
    json_t *result = json_pack("{s:{s:[{s:s,s:s}]}}", "report", "results", "id", "a-long-name",
                               "verdict", "fail");

    ck_assert_int_eq(reports_gate(result, NULL, NULL, why, sizeof why), 1);
    ck_assert_str_eq(why, "a-long-");
    ck_assert_int_eq(reports_gate(result, NULL, NULL, line, 0), 1);
    json_decref(result);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("gate");
    TCase *cases = tcase_create("gate");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(cases, open_desk, clear_desk);
    tcase_add_loop_test(cases, decides, 0, sizeof gates / sizeof *gates);
    tcase_add_test(cases, helps);
    tcase_add_test(cases, speaks_of_a_torn_line);
    tcase_add_test(cases, one_format_goes_to_stdout);
    tcase_add_test(cases, gate_needs_a_report);
    tcase_add_test(cases, reasons_are_cut_off);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
