/* Common Test Report Format: the same cases as in JUnit. Times are virtual, in ms since 1970. */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/instant.h"
#include "reports/tree.h"
#include "reports/wording.h"

static const char *
status_of(const char *verdict)
{
    /* clang-format off */
    static const struct {
        const char *verdict;
        const char *status;
    } statuses[] = {{"pass", "passed"}, {"fixed", "passed"}, {"fail", "failed"},
                    {"error", "failed"}, {"skip", "skipped"}, {"known", "other"}};
    /* clang-format on */

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(statuses[i].verdict, verdict) == 0)
            return statuses[i].status;
    return "other";
}

static void
set_text_new(json_t *object, const char *key, char *text)
{
    if (*text)
        tree_set_text(object, key, text);
    free(text);
}

static json_t *
scenario_new(const json_t *result)
{
    const json_t *failure = json_object_get(result, "failure");
    const char *name = tree_text(result, *tree_text(result, "title") ? "title" : "id");
    json_t *test = json_object(), *suite = json_array();

    tree_set_text(test, "name", *name ? name : "unnamed");
    tree_set_text(test, "status", status_of(tree_text(result, "verdict")));
    tree_set_text(test, "rawStatus", tree_text(result, "verdict"));
    tree_set_int(test, "duration", tree_int(result, "duration_virtual_ms"));
    tree_add(suite, tree_text_new("scenarios"));
    tree_set(test, "suite", suite);
    if (*tree_text(result, "file"))
        tree_set_text(test, "filePath", tree_text(result, "file"));
    if (tree_int(failure, "line") > 0)
        tree_set_int(test, "line", tree_int(failure, "line"));
    if (json_is_object(failure))
        tree_set_text(test, "message",
                      tree_text(failure, *tree_text(failure, "message") ? "message" : "step"));
    set_text_new(test, "trace", wording_failure_new(result));
    if (json_is_array(json_object_get(result, "covers")))
        tree_set(test, "tags", json_incref(json_object_get(result, "covers")));
    return test;
}

static json_t *
violation_new(const json_t *row)
{
    const json_t *first = json_object_get(row, "first");
    json_t *test = json_object(), *suite = json_array();

    set_text_new(test, "name",
                 wording_new("%s %s", tree_text(row, "rule"), tree_text(row, "title")));
    tree_set_text(test, "status", "failed");
    tree_set_text(test, "rawStatus", tree_text(row, "severity"));
    tree_set_int(test, "duration", 0);
    tree_add(suite, tree_text_new("violations"));
    tree_set(test, "suite", suite);
    if (*tree_text(first, "file"))
        tree_set_text(test, "filePath", tree_text(first, "file"));
    if (tree_int(first, "line") > 0)
        tree_set_int(test, "line", tree_int(first, "line"));
    set_text_new(test, "message",
                 wording_new("%lld times. %s %s", (long long)tree_int(row, "count"),
                             tree_text(row, "why"), tree_text(row, "advice")));
    set_text_new(test, "trace", wording_sent_new(row, 0));
    return test;
}

static void
set_span(json_t *summary, json_t *tree)
{
    json_t *journals = json_object_get(json_object_get(tree, "harness"), "journals"), *journal;
    long long start = 0, stop = 0, first, last;
    bool is_known = false;
    size_t i;

    json_array_foreach(journals, i, journal)
    {
        if (!instant_parse(tree_text(journal, "first_at"), &first) ||
            !instant_parse(tree_text(journal, "last_at"), &last))
            continue;
        start = !is_known || first < start ? first : start;
        stop = !is_known || last > stop ? last : stop;
        is_known = true;
    }
    tree_set_int(summary, "start", start);
    tree_set_int(summary, "stop", stop);
}

static json_t *
summary_new(json_t *tree, json_t *tests)
{
    static const char *const statuses[] = {"passed", "failed", "skipped", "pending", "other"};
    json_t *summary = json_object(), *test;
    size_t i;

    for (i = 0; i < sizeof statuses / sizeof *statuses; i++)
        tree_set_int(summary, statuses[i], 0);
    json_array_foreach(tests, i, test) tree_count(summary, tree_text(test, "status"), 1);
    tree_set_int(summary, "tests", (json_int_t)json_array_size(tests));
    set_span(summary, tree);
    return summary;
}

void
report_ctrf(json_t *tree, FILE *out)
{
    json_t *report = json_object(), *results = json_object(), *tests = json_array(), *row;
    size_t i;

    json_array_foreach(json_object_get(tree, "results"), i, row) tree_add(tests, scenario_new(row));
    json_array_foreach(json_object_get(tree, "violations"), i, row)
        tree_add(tests, violation_new(row));
    tree_set_text(report, "reportFormat", "CTRF");
    tree_set_text(report, "specVersion", "0.0.0");
    tree_set_text(tree_object(results, "tool"), "name", "understudy");
    if (*tree_text(tree, "version"))
        tree_set_text(tree_object(results, "tool"), "version", tree_text(tree, "version"));
    tree_set(results, "summary", summary_new(tree, tests));
    tree_set(results, "tests", tests);
    tree_set(report, "results", results);
    json_dumpf(report, out, JSON_INDENT(1) | JSON_SORT_KEYS);
    fputc('\n', out);
    json_decref(report);
}
