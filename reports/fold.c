#include "reports/fold.h"

#include <string.h>

#include "reports/cover.h"
#include "reports/evidence.h"
#include "reports/part.h"
#include "reports/react.h"
#include "reports/standing.h"
#include "reports/tree.h"
#include "reports/violations.h"

enum { REPORT_SCHEMA = 1 };

struct fold {
    struct cover *cover;
    struct react *react;
    struct violations *violations;
    json_t *summary;
    json_t *results;
};

/* ---- counting ---- */

static void
count_call(struct fold *fold, const struct place *place, const json_t *record)
{
    tree_count(fold->summary, "calls", 1);
    if (strcmp(tree_text(record, "outcome"), "refused") == 0)
        tree_count(fold->summary, "calls_refused", 1);
    if (tree_is_true(record, "injected"))
        tree_count(fold->summary, "calls_injected", 1);
    if (place->is_scripted)
        tree_count(fold->summary, "calls_scripted", 1);
    if (place->result)
        tree_count(json_array_get(fold->results, place->result_number), "calls", 1);
}

static void
count_record(struct fold *fold, const struct place *place, const json_t *record)
{
    const char *kind = tree_text(record, "kind");

    tree_count(fold->summary, "records", 1);
    if (strcmp(kind, "call") == 0)
        count_call(fold, place, record);
    else if (strcmp(kind, "webhook") == 0)
        tree_count(tree_object(fold->summary, "webhooks"), tree_text(record, "outcome"), 1);
    else if (strcmp(kind, "note") == 0)
        tree_count(tree_object(fold->summary, "notes"), tree_text(record, "note"), 1);
    else if (strcmp(kind, "act") == 0) {
        tree_count(fold->summary, "acts", 1);
        if (json_object_get(record, "refused"))
            tree_count(fold->summary, "acts_refused", 1);
    }
}

static void
visit(const struct place *place, json_t *record, void *who)
{
    struct fold *fold = who;

    count_record(fold, place, record);
    cover_record(fold->cover, place, record);
    react_record(fold->react, place, record);
    violations_record(fold->violations, place, record);
}

/* ---- the tree ---- */

/* The value that all headers agree on; null when they do not, or when none has it. */
static json_t *
agreed_new(json_t *journals, const char *key)
{
    json_t *agreed = NULL, *journal;
    size_t i;

    json_array_foreach(journals, i, journal)
    {
        json_t *header = json_array_get(json_object_get(journal, "records"), 0);
        json_t *value = json_object_get(header, key);

        if (!value || (agreed && !json_equal(agreed, value)))
            return json_null();
        agreed = value;
    }
    return agreed ? json_incref(agreed) : json_null();
}

static void
set_run(json_t *tree, json_t *journals)
{
    static const char *const keys[] = {"version", "seed", "kind"};
    json_t *quiet_ms = agreed_new(journals, "quiet_ms"), *harness = tree_object(tree, "harness");

    tree_set_text(tree, "understudy", "report");
    tree_set_int(tree, "schema", REPORT_SCHEMA);
    tree_set_text(tree, "program", "understudy");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        tree_set(tree, keys[i], agreed_new(journals, keys[i]));
    if (json_is_null(json_object_get(tree, "kind"))) /* of several kinds, or of a server alone */
        tree_set_text(tree, "kind", "report");
    tree_set(harness, "quiet_ms", quiet_ms);
    tree_set(harness, "journals", evidence_summary_new(journals));
}

/* Where steps began is only needed to find lines, and long. */
static json_t *
results_new(json_t *journals)
{
    json_t *results = evidence_results_new(journals), *one;
    size_t i;

    json_array_foreach(results, i, one)
    {
        json_object_del(one, "places");
        tree_set_int(one, "calls", 0);
        tree_set(one, "violated", json_array());
    }
    return results;
}

static json_t *
summary_new(void)
{
    static const char *const counts[] = {"records",        "calls",          "calls_refused",
                                         "calls_injected", "calls_scripted", "acts",
                                         "acts_refused"};
    json_t *summary = json_object();

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        tree_set_int(summary, counts[i], 0);
    tree_object(summary, "webhooks");
    tree_object(summary, "notes");
    return summary;
}

static void
summarise_results(json_t *summary, json_t *results)
{
    static const char *const verdicts[] = {"pass", "fail", "skip", "error", "known", "fixed"};
    json_t *by_verdict = tree_object(summary, "results"), *one;
    size_t i;

    for (i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        tree_set_int(by_verdict, verdicts[i], 0);
    json_array_foreach(results, i, one) tree_count(by_verdict, tree_text(one, "verdict"), 1);
}

static void
summarise_broken(json_t *summary, json_t *tree)
{
    static const char *const lists[] = {"violations", "remarks", "provoked"};
    json_t *row;
    size_t i;

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_t *counts = tree_object(summary, lists[k]);

        tree_set_int(counts, "error", 0);
        tree_set_int(counts, "warning", 0);
        tree_set_int(counts, "note", 0);
        json_array_foreach(json_object_get(tree, lists[k]), i, row)
            tree_count(counts, tree_text(row, "severity"), tree_int(row, "count"));
    }
}

static void
summarise_coverage(json_t *summary, json_t *coverage)
{
    json_t *shares = tree_object(summary, "coverage"), *part;
    const char *name;

    json_object_foreach(coverage, name, part)
    {
        json_t *share = tree_object(shares, name);

        tree_copy(share, part, "reached");
        tree_copy(share, part, "total");
        tree_copy(share, part, "percent");
    }
}

json_t *
fold_new(json_t *journals, json_t *rules)
{
    json_t *tree = json_object(), *coverage;
    struct fold fold = {
        .cover = cover_new(rules),
        .react = react_new(json_object_get(rules, "errors")),
        .violations = violations_new(json_object_get(rules, "rules")),
        .summary = summary_new(),
        .results = results_new(journals),
    };

    set_run(tree, journals);
    tree_set(tree, "pages", standing_rows_new(fold.results));
    tree_set(tree, "results", fold.results);
    tree_set(tree, "summary", fold.summary);
    evidence_walk(journals, visit, &fold);

    coverage = cover_finish_new(fold.cover);
    tree_set(coverage, "errors", react_finish_new(fold.react));
    tree_set(tree, "coverage", coverage);
    violations_finish(fold.violations, tree);
    summarise_results(fold.summary, fold.results);
    summarise_broken(fold.summary, tree);
    summarise_coverage(fold.summary, coverage);
    return tree;
}
