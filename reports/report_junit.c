/* JUnit XML, in the form that both the Ant and the Jenkins schema accept: every scenario is a test
 * case, and so is every rule that a client broke. Virtual time stands where others have the time of
 * day: the same run gives the same bytes. */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/markup.h"
#include "reports/instant.h"
#include "reports/tree.h"
#include "reports/wording.h"

struct suite {
    const char *name;
    int id;
    long long tests, failures, errors, skipped, time_ms;
};

static long long
first_instant(json_t *tree)
{
    json_t *journals = json_object_get(json_object_get(tree, "harness"), "journals"), *journal;
    long long first = 0, at_ms;
    bool is_known = false;
    size_t i;

    json_array_foreach(journals, i, journal)
    {
        if (!instant_parse(tree_text(journal, "first_at"), &at_ms) || (is_known && at_ms >= first))
            continue;
        first = at_ms;
        is_known = true;
    }
    return first;
}

static void
put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    markup_xml(out, value);
    fputc('"', out);
}

static void
put_property(FILE *out, const char *name, char *value)
{
    fputs("      <property", out);
    put_attribute(out, "name", name);
    put_attribute(out, "value", value);
    fputs("/>\n", out);
    free(value);
}

static void
open_suite(FILE *out, json_t *tree, const struct suite *suite)
{
    char instant[INSTANT_TEXT_SIZE];
    json_t *coverage = json_object_get(json_object_get(tree, "summary"), "coverage"), *share;
    const char *part;

    instant_seconds(first_instant(tree), instant);
    fprintf(out,
            "  <testsuite id=\"%d\" package=\"understudy\" name=\"%s\" hostname=\"localhost\" "
            "timestamp=\"%s\""
            " tests=\"%lld\" failures=\"%lld\" errors=\"%lld\" skipped=\"%lld\" "
            "time=\"%lld.%03lld\">\n",
            suite->id, suite->name, instant, suite->tests, suite->failures, suite->errors,
            suite->skipped, suite->time_ms / 1000, suite->time_ms % 1000);
    fputs("    <properties>\n", out);
    put_property(out, "version", wording_new("%s", tree_text(tree, "version")));
    if (json_is_integer(json_object_get(tree, "seed")))
        put_property(out, "seed", wording_new("%lld", (long long)tree_int(tree, "seed")));
    json_object_foreach(coverage, part, share)
    {
        char *name = wording_new("coverage.%s", part);

        put_property(out, name, wording_share_new(share));
        free(name);
    }
    fputs("    </properties>\n", out);
}

static void
close_suite(FILE *out)
{
    fputs("    <system-out></system-out>\n    <system-err></system-err>\n  </testsuite>\n", out);
}

static void
open_case(FILE *out, const char *class, const char *name, long long time_ms)
{
    fputs("    <testcase", out);
    put_attribute(out, "classname", *class ? class : "understudy");
    put_attribute(out, "name", *name ? name : "unnamed");
    fprintf(out, " time=\"%lld.%03lld\">", time_ms / 1000, time_ms % 1000);
}

/* ---- scenarios ---- */

static void
put_outcome(FILE *out, const char *element, const json_t *result)
{
    const json_t *failure = json_object_get(result, "failure");
    const char *message = tree_text(failure, *tree_text(failure, "message") ? "message" : "step");

    fprintf(out, "<%s", element);
    if (strcmp(element, "skipped") != 0)
        put_attribute(out, "type", tree_text(result, "verdict"));
    put_attribute(out, "message", *message ? message : tree_text(result, "verdict"));
    fputc('>', out);
    markup_xml_new(out, wording_failure_new(result));
    fprintf(out, "</%s>", element);
}

static void
put_scenario(FILE *out, const json_t *result)
{
    static const struct {
        const char *verdict;
        const char *element;
    } elements[] = {
        {"fail", "failure"}, {"error", "error"}, {"skip", "skipped"}, {"known", "skipped"}};

    open_case(out, tree_text(result, *tree_text(result, "file") ? "file" : "id"),
              tree_text(result, *tree_text(result, "title") ? "title" : "id"),
              tree_int(result, "duration_virtual_ms"));
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strcmp(elements[i].verdict, tree_text(result, "verdict")) == 0)
            put_outcome(out, elements[i].element, result);
    fputs("</testcase>\n", out);
}

static void
put_scenarios(FILE *out, json_t *tree)
{
    json_t *results = json_object_get(tree, "results"), *result;
    json_t *verdicts = json_object_get(json_object_get(tree, "summary"), "results");
    struct suite suite = {
        .name = "scenarios",
        .id = 0,
        .tests = (long long)json_array_size(results),
        .failures = tree_int(verdicts, "fail"),
        .errors = tree_int(verdicts, "error"),
        .skipped = tree_int(verdicts, "skip") + tree_int(verdicts, "known"),
    };
    size_t i;

    json_array_foreach(results, i, result) suite.time_ms += tree_int(result, "duration_virtual_ms");
    open_suite(out, tree, &suite);
    json_array_foreach(results, i, result) put_scenario(out, result);
    close_suite(out);
}

/* ---- violations ---- */

static void
put_violation(FILE *out, const json_t *row)
{
    char *name = wording_new("%s %s", tree_text(row, "rule"), tree_text(row, "title"));

    open_case(out, "violations", name, 0);
    fputs("<failure", out);
    put_attribute(out, "type", tree_text(row, "severity"));

    char *message =
        wording_new("%lld times, %s", (long long)tree_int(row, "count"), tree_text(row, "how"));

    put_attribute(out, "message", message);
    fputs(">first: ", out);
    markup_xml_new(out, wording_place_new(json_object_get(row, "first")));
    fputs("\nsent: ", out);
    markup_xml_new(out, wording_sent_new(row, 0));
    fputs("\nanswer: ", out);
    markup_xml_new(out, wording_answered_new(row));
    fputs("\nwhy: ", out);
    markup_xml(out, tree_text(row, "why"));
    fputs("\ninstead: ", out);
    markup_xml(out, tree_text(row, "advice"));
    fputs("\nsource: ", out);
    markup_xml_new(out, wording_source_new(row));
    fputs("\n</failure></testcase>\n", out);
    free(message);
    free(name);
}

static void
put_violations(FILE *out, json_t *tree)
{
    json_t *violations = json_object_get(tree, "violations"), *row;
    long long count = (long long)json_array_size(violations);
    struct suite suite = {.name = "violations", .id = 1, .tests = count, .failures = count};
    size_t i;

    open_suite(out, tree, &suite);
    json_array_foreach(violations, i, row) put_violation(out, row);
    close_suite(out);
}

void
report_junit(json_t *tree, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    put_scenarios(out, tree);
    put_violations(out, tree);
    fputs("</testsuites>\n", out);
}
