/* Every format: bytes as in the goldens, the same from a run as from its journals, valid by the
 * schemas. UPDATE_GOLDENS=1 writes the goldens anew; read the difference before it is committed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "reports/evidence.h"
#include "reports/report.h"
#include "reports/tests/desk.h"
#include "reports/tests/schema.h"
#include "reports/tree.h"

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

static const char *const files[] = {
#define REPORT(name, file, function) file,
#include "reports/reports.def"
#undef REPORT
};
enum { FILE_COUNT = sizeof files / sizeof *files };

/* ---- goldens ---- */

static const struct {
    const char *name;
    const char *journals;
    const char *formats;
} goldens[] = {
    {"good", "good.jsonl", "text,json,md"},
    {"careless", "careless.jsonl", "text,json,junit"},
    {"refused", "refused.jsonl", "text,json,sarif"},
    {"injected", "injected.jsonl", "text,json,lcov"},
    {"findings", "findings.jsonl", "text,json,tap"},
    {"merged", "good.jsonl careless.jsonl refused.jsonl injected.jsonl findings.jsonl", "all"},
};

static void
compare_golden(const char *name, const char *file)
{
    char golden_dir[512];
    char *made = desk_read_new(folder, file), *golden;

    snprintf(golden_dir, sizeof golden_dir, "reports/tests/data/golden/%s", name);
    if (made && getenv("UPDATE_GOLDENS")) {
        mkdir("reports/tests/data/golden", 0777);
        mkdir(golden_dir, 0777);
        desk_write(golden_dir, file, made);
    }
    golden = desk_read_new(golden_dir, file);
    ck_assert_msg((made == NULL) == (golden == NULL), "%s/%s: made or expected, not both", name,
                  file);
    if (made)
        ck_assert_msg(strcmp(made, golden) == 0, "%s/%s differs from its golden", name, file);
    free(made);
    free(golden);
}

START_TEST(bytes_are_golden)
{
    char line[2048], journals[1024] = "";
    size_t used = 0;

    for (const char *name = goldens[_i].journals; *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");

        used += (size_t)snprintf(journals + used, sizeof journals - used,
                                 " reports/tests/data/%.*s", (int)length, name);
        name += length;
    }
    snprintf(line, sizeof line, "--report %s --format %s%s", folder, goldens[_i].formats, journals);
    ck_assert_int_ne(desk_report(folder, rules, line), -1);
    for (size_t i = 0; i < FILE_COUNT; i++)
        compare_golden(goldens[_i].name, files[i]);
}
END_TEST

/* ---- a run and its journals say the same ---- */

/* A journal of the fixtures as the harness holds it: no verdicts in the journal, results beside it.
 */
static json_t *
run_new(const char *const *names, size_t count)
{
    json_t *result = json_object(), *results = tree_array(result, "results");

    tree_set_text(result, "program", "understudy");
    for (size_t i = 0; i < count; i++) {
        char *text = desk_read_new("reports/tests/data", names[i]), *rest = text, *line;
        json_t *journal = json_object(), *records = tree_array(journal, "records");

        tree_set_text(journal, "name", names[i]);
        while ((line = strsep(&rest, "\n")) != NULL && *line) {
            json_t *record = json_loads(line, 0, NULL),
                   *verdict = json_object_get(record, "result");

            ck_assert_ptr_nonnull(record);
            if (json_object_get(record, "understudy")) {
                json_object_update_missing(result, record);
                json_decref(record);
            } else if (verdict) {
                json_t *one = json_deep_copy(verdict);

                tree_set_text(one, "journal", names[i]);
                tree_add(results, one);
                json_decref(record);
            } else {
                tree_add(records, record);
            }
        }
        tree_add(tree_array(result, "journals"), journal);
        free(text);
    }
    json_object_del(result, "understudy");
    json_object_del(result, "schema");
    return result;
}

static void
expect_same(const char *left, const char *right, const char *file)
{
    char *a = desk_read_new(left, file), *b = desk_read_new(right, file);

    ck_assert_msg(a != NULL && b != NULL, "%s is missing", file);
    ck_assert_msg(strcmp(a, b) == 0, "%s differs", file);
    free(a);
    free(b);
}

START_TEST(journals_say_what_the_run_said)
{
    static const char *const names[] = {"good.jsonl", "careless.jsonl"};
    char run[512], again[512], third[512], line[4096];
    json_t *result = run_new(names, 2);

    snprintf(run, sizeof run, "%s/run/deep", folder);
    snprintf(again, sizeof again, "%s/again", folder);
    snprintf(third, sizeof third, "%s/third", folder);
    ck_assert_int_eq(reports_write(result, rules, run, NULL), 0);
    snprintf(line, sizeof line, "--report %s %s/good.jsonl %s/careless.jsonl", again, run, run);
    ck_assert_int_eq(desk_report(folder, rules, line), 1);
    snprintf(line, sizeof line, "--report %s %s/careless.jsonl %s/good.jsonl", third, run, run);
    ck_assert_int_eq(desk_report(folder, rules, line), 1);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        expect_same(run, again, files[i]);
        expect_same(run, third, files[i]);
    }
    json_decref(result);
}
END_TEST

/* The journals of a result as one: the header of the first, then the records of all. */
static void
write_as_one(json_t *result, FILE *out)
{
    json_t *journals = evidence_complete_new(result), *journal;
    size_t i;

    json_array_foreach(journals, i, journal)
    {
        if (i > 0)
            json_array_remove(json_object_get(journal, "records"), 0);
        evidence_write(journal, out);
    }
    json_decref(journals);
}

/* All in one file, as --journal wants it: other names and lines of journals, the same judgement. */
START_TEST(one_journal_says_it_too)
{
    static const char *const names[] = {"good.jsonl", "careless.jsonl"};
    json_t *result = run_new(names, 2);
    char path[512], line[1024];

    snprintf(path, sizeof path, "%s/one.jsonl", folder);
    FILE *out = fopen(path, "w");

    write_as_one(result, out);
    fclose(out);
    snprintf(line, sizeof line, "--report %s/one --format md,rows %s", folder, path);
    ck_assert_int_eq(desk_report(folder, rules, line), 1);
    ck_assert_int_eq(reports_write(result, rules, folder, "md,rows"), 0);
    snprintf(line, sizeof line, "%s/one", folder);
    expect_same(folder, line, "coverage.txt");
    json_decref(result);
}
END_TEST

START_TEST(terminal_and_file_say_the_same)
{
    static const char *const names[] = {"careless.jsonl"};
    json_t *result = run_new(names, 1);
    char path[512];

    ck_assert_int_eq(reports_write(result, rules, folder, "text"), 0);
    snprintf(path, sizeof path, "%s/printed", folder);
    FILE *out = fopen(path, "w");

    reports_print(result, rules, out);
    fclose(out);

    char *written = desk_read_new(folder, "report.txt"),
         *printed = desk_read_new(folder, "printed");

    ck_assert_str_eq(written, printed);
    free(written);
    free(printed);
    json_decref(result);
}
END_TEST

START_TEST(only_what_was_asked_for)
{
    static const char *const names[] = {"good.jsonl"};
    json_t *result = run_new(names, 1);
    size_t found = 0;

    ck_assert_int_eq(reports_write(result, rules, folder, "junit,json"), 0);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        char *text = desk_read_new(folder, files[i]);

        found += text != NULL;
        free(text);
    }
    ck_assert_uint_eq(found, 2);
    ck_assert_int_eq(reports_write(result, rules, folder, "junit,,json"), -1);
    ck_assert_int_eq(reports_write(result, rules, "", NULL), -1);
    json_decref(result);
}
END_TEST

/* What cannot be finished leaves what was there before, and nothing half-written. */
START_TEST(files_are_whole_or_as_before)
{
    static const char *const names[] = {"good.jsonl"};
    json_t *result = run_new(names, 1);
    char blocked[512];

    desk_write(folder, "report.txt", "before");
    snprintf(blocked, sizeof blocked, "%s/.report.txt.unfinished", folder);
    mkdir(blocked, 0777); /* the second name is taken, whoever runs the test */
    ck_assert_int_eq(reports_write(result, rules, folder, "text"), -1);

    char *text = desk_read_new(folder, "report.txt");

    ck_assert_str_eq(text, "before");
    free(text);
    json_decref(result);
}
END_TEST

/* ---- schemas ---- */

static json_t *
schema_new(const char *name)
{
    char path[256];
    json_error_t error;

    snprintf(path, sizeof path, "fixtures/schemas/%s.schema.json", name);
    json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(schema != NULL, "%s:%d: %s", path, error.line, error.text);
    return schema;
}

static void
write_all(const char *dir)
{
    static const char *const names[] = {"good.jsonl", "careless.jsonl", "refused.jsonl",
                                        "injected.jsonl", "findings.jsonl"};
    json_t *result = run_new(names, sizeof names / sizeof *names);

    ck_assert_int_eq(reports_write(result, rules, dir, NULL), 0);
    json_decref(result);
}

START_TEST(report_fits_its_schema)
{
    json_t *schema = schema_new("report"), *tree;
    char why[512], path[512];

    write_all(folder);
    snprintf(path, sizeof path, "%s/report.json", folder);
    tree = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(schema_fits(schema, tree, why, sizeof why), "%s", why);

    tree_set_text(json_array_get(json_object_get(tree, "violations"), 0), "count", "many");
    ck_assert(!schema_fits(schema, tree, why, sizeof why));
    ck_assert_str_eq(why, "/violations/0/count: integer");
    json_decref(tree);
    json_decref(schema);
}
END_TEST

START_TEST(journals_fit_their_schema)
{
    static const char *const names[] = {"good.jsonl", "careless.jsonl", "refused.jsonl",
                                        "injected.jsonl", "findings.jsonl"};
    json_t *schema = schema_new("journal");

    write_all(folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = desk_read_new(folder, names[i]), *rest = text, *line, why[512];

        while ((line = strsep(&rest, "\n")) != NULL && *line) {
            json_t *record = json_loads(line, 0, NULL);

            ck_assert_msg(schema_fits(schema, record, why, sizeof why), "%s: %s in %s", names[i],
                          why, line);
            json_decref(record);
        }
        free(text);
    }
    json_decref(schema);
}
END_TEST

START_TEST(junit_fits_its_schema)
{
    char command[1024];
    int outcome;

    if (system("command -v xmllint >/dev/null 2>&1") != 0)
        return; /* libxml2-utils is a convenience, not a need; the golden stands for the rest */
    write_all(folder);
    snprintf(command, sizeof command,
             "xmllint --noout --schema reports/tests/data/junit.xsd %s/junit.xml 2>%s/said", folder,
             folder);
    outcome = system(command);

    char *said = desk_read_new(folder, "said");

    ck_assert_msg(outcome == 0, "%s", said);
    free(said);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("formats");
    TCase *cases = tcase_create("formats");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(cases, open_desk, clear_desk);
    tcase_add_loop_test(cases, bytes_are_golden, 0, sizeof goldens / sizeof *goldens);
    tcase_add_test(cases, journals_say_what_the_run_said);
    tcase_add_test(cases, one_journal_says_it_too);
    tcase_add_test(cases, terminal_and_file_say_the_same);
    tcase_add_test(cases, only_what_was_asked_for);
    tcase_add_test(cases, files_are_whole_or_as_before);
    tcase_add_test(cases, report_fits_its_schema);
    tcase_add_test(cases, journals_fit_their_schema);
    tcase_add_test(cases, junit_fits_its_schema);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
