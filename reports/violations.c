#include "reports/violations.h"

#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"

enum { PLACES_MAX = 20 };

struct violations {
    json_t *rules;     /* id -> row of the rule table */
    json_t *violated;  /* list name -> (severity, rule, how) -> row */
    json_t *by_result; /* number of a result -> rules that were broken in it */
};

struct violations *
violations_new(json_t *rules)
{
    struct violations *violations = tree_alloc(1, sizeof *violations);
    json_t *rule;
    size_t i;

    violations->rules = json_object();
    violations->violated = json_object();
    violations->by_result = json_object();
    json_array_foreach(rules, i, rule)
        tree_set(violations->rules, tree_text(rule, "id"), json_incref(rule));
    return violations;
}

/* Worst first; what is not in the list is no violation. */
static const char *const severities[] = {"error", "warning", "note"};
enum { SEVERITY_COUNT = sizeof severities / sizeof *severities, SEVERITY_NOTE = 2 };

static size_t
severity_rank(const char *severity)
{
    size_t rank = 0;

    while (rank < SEVERITY_COUNT && strcmp(severities[rank], severity) != 0)
        rank++;
    return rank;
}

static const char *
list_name(const struct place *place, const char *severity)
{
    if (place->is_scripted)
        return "provoked";
    return severity_rank(severity) == SEVERITY_NOTE ? "remarks" : "violations";
}

/* What was sent and what came back, for the first time that a rule was broken. */
static void
describe_call(json_t *row, const json_t *record)
{
    static const char *const sent_keys[] = {"method",   "path",    "query",
                                            "encoding", "request", "client"};
    json_t *sent = json_object(), *answered = json_object();

    for (size_t i = 0; i < sizeof sent_keys / sizeof *sent_keys; i++)
        tree_copy(sent, record, sent_keys[i]);
    tree_copy(answered, record, "status");
    tree_copy(answered, record, "error");
    tree_set(row, "sent", sent);
    tree_set(row, "answered", answered);
}

static json_t *
row_new(const struct violations *violations, const char *rule, const char *severity,
        const char *how)
{
    static const char *const kept[] = {"title", "why", "advice", "fidelity"};
    const json_t *known = json_object_get(violations->rules, rule);
    json_t *row = json_object();

    tree_set_text(row, "rule", rule);
    tree_set_text(row, "severity", severity);
    tree_set_text(row, "how", how);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        tree_set_text(row, kept[i], tree_text(known, kept[i]));
    if (!known)
        tree_set_text(row, "title", "A rule that is not in this program's table");
    tree_set_text(row, "source", tree_text(known, "cite"));
    tree_set_text(row, "url", tree_text(known, "url"));
    tree_set_int(row, "count", 0);
    tree_set_int(row, "unjudged", 0);
    tree_set(row, "places", json_array());
    return row;
}

static void
broken_in_result(struct violations *violations, const struct place *place, const char *rule)
{
    char number[32];

    if (!place->result)
        return;
    snprintf(number, sizeof number, "%zu", place->result_number);
    tree_add_once(tree_array(violations->by_result, number), rule);
}

struct broken_rule {
    const char *rule;
    const char *severity;
    const char *how; /* "refused" or "finding" */
    const char *detail;
};

static void
count_broken(struct violations *violations, const struct place *place, const json_t *record,
             struct broken_rule broken)
{
    char key[256];
    size_t rank = severity_rank(broken.severity);

    if (rank == SEVERITY_COUNT)
        return;
    json_t *list = tree_object(violations->violated, list_name(place, broken.severity));

    snprintf(key, sizeof key, "%zu %s %s", rank, broken.rule, broken.how);

    json_t *row = json_object_get(list, key);

    if (!row) {
        row = row_new(violations, broken.rule, broken.severity, broken.how);
        tree_set(list, key, row);
        tree_set(row, "first", evidence_place_new(place));
        tree_set_text(row, "detail", broken.detail);
        if (json_object_get(record, "method"))
            describe_call(row, record);
    }
    tree_count(row, "count", 1);
    if (!place->result)
        tree_count(row, "unjudged", 1);
    if (json_array_size(json_object_get(row, "places")) < PLACES_MAX)
        tree_add(json_object_get(row, "places"), evidence_place_new(place));
    if (!place->is_scripted && rank < SEVERITY_NOTE)
        broken_in_result(violations, place, broken.rule);
}

static void
check_refusal(struct violations *violations, const struct place *place, const json_t *record)
{
    const char *id = tree_text(record, "rule");
    const json_t *rule = json_object_get(violations->rules, id);
    const char *severity = rule ? tree_text(rule, "severity") : "error";

    if (!*id || strcmp(tree_text(record, "outcome"), "refused") != 0 ||
        tree_is_true(record, "injected"))
        return;
    if (severity_rank(severity) >= SEVERITY_NOTE)
        return; /* nobody's mistake */
    count_broken(violations, place, record,
                 (struct broken_rule){id, severity, "refused",
                                      tree_text(json_object_get(record, "error"), "message")});
}

void
violations_record(struct violations *violations, const struct place *place, json_t *record)
{
    json_t *finding;
    size_t i;

    if (strcmp(tree_text(record, "kind"), "call") == 0)
        check_refusal(violations, place, record);
    json_array_foreach(json_object_get(record, "findings"), i, finding) count_broken(
        violations, place, record,
        (struct broken_rule){tree_text(finding, "rule"), tree_text(finding, "severity"), "finding",
                             tree_text(finding, "detail")});
}

/* By severity, then by how often, then by id. */
static int
worst_first(const json_t *left, const json_t *right)
{
    size_t rank_a = severity_rank(tree_text(left, "severity"));
    size_t rank_b = severity_rank(tree_text(right, "severity"));
    json_int_t count_a = tree_int(left, "count"), count_b = tree_int(right, "count");

    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    if (count_a != count_b)
        return count_a > count_b ? -1 : 1;

    int by_rule = strcmp(tree_text(left, "rule"), tree_text(right, "rule"));

    return by_rule ? by_rule : strcmp(tree_text(left, "how"), tree_text(right, "how"));
}

static json_t *
list_new(json_t *rows)
{
    json_t *list = json_array(), *row;
    const char *key;

    json_object_foreach(rows, key, row) tree_add(list, json_incref(row));
    return tree_sorted_new(list, worst_first);
}

void
violations_finish(struct violations *violations, json_t *tree)
{
    static const char *const lists[] = {"violations", "remarks", "provoked"};
    json_t *results = json_object_get(tree, "results"), *rules;
    const char *number;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        tree_set(tree, lists[i], list_new(json_object_get(violations->violated, lists[i])));
    json_object_foreach(violations->by_result, number, rules) tree_set(
        json_array_get(results, strtoul(number, NULL, 10)), "violated", json_incref(rules));
    json_decref(violations->by_result);
    json_decref(violations->rules);
    json_decref(violations->violated);
    free(violations);
}
