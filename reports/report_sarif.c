/* SARIF 2.1.0: broken rules as results of a static analysis, so that code hosts show them beside
 * the code. A rule that was broken often is one result with its number of times; its further places
 * are related locations. */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/markup.h"
#include "reports/tree.h"
#include "reports/wording.h"

static const char FAILED_ID[] = "SCENARIO-FAILED";

static json_t *
message_new(char *text)
{
    json_t *message = json_object();

    tree_set_text(message, "text", text);
    free(text);
    return message;
}

static json_t *
location_new(const char *file, json_int_t line)
{
    json_t *location = json_object(), *physical = tree_object(location, "physicalLocation");
    char *uri = markup_uri_new(file);

    tree_set_text(tree_object(physical, "artifactLocation"), "uri", uri);
    if (line > 0)
        tree_set_int(tree_object(physical, "region"), "startLine", line);
    free(uri);
    return location;
}

/* The line of the scenario where that is known, else the line of the journal. */
static json_t *
place_new(const json_t *place)
{
    if (*tree_text(place, "file"))
        return location_new(tree_text(place, "file"), tree_int(place, "line"));
    return location_new(tree_text(place, "journal"), tree_int(place, "journal_line"));
}

/* ---- the rules that results speak of ---- */

static void
add_rule(json_t *rules, json_t *indexes, const json_t *row)
{
    json_t *rule = json_object();

    if (json_object_get(indexes, tree_text(row, "rule"))) {
        json_decref(rule);
        return;
    }
    tree_set_int(indexes, tree_text(row, "rule"), (json_int_t)json_array_size(rules));
    tree_set_text(rule, "id", tree_text(row, "rule"));
    tree_set(rule, "shortDescription", message_new(wording_new("%s", tree_text(row, "title"))));
    tree_set(rule, "fullDescription", message_new(wording_new("%s", tree_text(row, "why"))));
    tree_set(rule, "help",
             message_new(
                 wording_new("%s Source: %s", tree_text(row, "advice"), tree_text(row, "source"))));
    if (*tree_text(row, "url"))
        tree_set_text(rule, "helpUri", tree_text(row, "url"));
    tree_set_text(tree_object(rule, "defaultConfiguration"), "level", tree_text(row, "severity"));
    tree_set_text(tree_object(rule, "properties"), "fidelity", tree_text(row, "fidelity"));
    tree_add(rules, rule);
}

static void
add_violation(json_t *results, const json_t *indexes, const json_t *row)
{
    json_t *result = json_object(), *locations = json_array(), *related = json_array();
    json_t *places = json_object_get(row, "places"), *place;
    size_t i;

    tree_set_text(result, "ruleId", tree_text(row, "rule"));
    tree_set_int(result, "ruleIndex", tree_int(indexes, tree_text(row, "rule")));
    tree_set_text(result, "level", tree_text(row, "severity"));
    tree_set_int(result, "occurrenceCount", tree_int(row, "count"));
    tree_set(result, "message",
             message_new(wording_new("%s. %s %s", tree_text(row, "title"), tree_text(row, "detail"),
                                     tree_text(row, "advice"))));
    json_array_foreach(places, i, place) tree_add(i == 0 ? locations : related, place_new(place));
    tree_set(result, "locations", locations);
    tree_set(result, "relatedLocations", related);
    tree_add(results, result);
}

/* ---- scenarios that failed ---- */

static json_t *
failed_rule_new(void)
{
    json_t *rule = json_object();

    tree_set_text(rule, "id", FAILED_ID);
    tree_set(rule, "shortDescription", message_new(wording_new("A scenario failed")));
    return rule;
}

static void
add_failed(json_t *results, size_t rule_index, const json_t *one)
{
    const json_t *failure = json_object_get(one, "failure");
    json_t *result = json_object(), *locations = json_array();
    const char *file = tree_text(one, *tree_text(one, "file") ? "file" : "journal");

    tree_set_text(result, "ruleId", FAILED_ID);
    tree_set_int(result, "ruleIndex", (json_int_t)rule_index);
    tree_set_text(result, "level", "error");
    char *parts = wording_failure_new(one);

    tree_set(result, "message", message_new(wording_new("%s\n%s", tree_text(one, "title"), parts)));
    free(parts);
    tree_add(locations, location_new(file, tree_int(failure, "line")));
    tree_set(result, "locations", locations);
    tree_add(results, result);
}

static bool
has_failed(const json_t *result)
{
    const char *verdict = tree_text(result, "verdict");

    return strcmp(verdict, "fail") == 0 || strcmp(verdict, "error") == 0;
}

void
report_sarif(json_t *tree, FILE *out)
{
    static const char *const lists[] = {"violations", "remarks"};
    json_t *log = json_object(), *run = json_object(), *rules = json_array(),
           *results = json_array();
    json_t *indexes = json_object(), *driver = tree_object(tree_object(run, "tool"), "driver"),
           *row;
    size_t i;

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_array_foreach(json_object_get(tree, lists[k]), i, row)
        {
            add_rule(rules, indexes, row);
            add_violation(results, indexes, row);
        }
    }
    json_array_foreach(json_object_get(tree, "results"), i, row) if (has_failed(row))
        add_failed(results, json_array_size(rules), row);
    tree_add(rules, failed_rule_new());

    tree_set_text(driver, "name", "understudy");
    if (*tree_text(tree, "version"))
        tree_set_text(driver, "version", tree_text(tree, "version"));
    tree_set(driver, "rules", rules);
    tree_set_text(run, "columnKind", "unicodeCodePoints");
    tree_set(run, "results", results);
    tree_set_text(log, "version", "2.1.0");
    tree_set_text(log, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    tree_add(tree_array(log, "runs"), run);
    json_dumpf(log, out, JSON_INDENT(1) | JSON_SORT_KEYS);
    fputc('\n', out);
    json_decref(indexes);
    json_decref(log);
}
