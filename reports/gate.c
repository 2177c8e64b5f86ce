/* The gate: what exit code a run deserves, by its verdicts, its violations, thresholds, baseline
 * and waivers. */
#include "reports/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/cover.h"
#include "reports/tree.h"

enum { GATE_OPEN = 0, GATE_FAILED = 1, GATE_ERROR = 2, LISTED_MAX = 10 };

struct gate {
    json_t *tree;
    json_t *baseline; /* rule -> line; NULL without a baseline */
    json_t *waivers;  /* rule, direction -> line */
    int outcome;
    char *why;
    size_t why_size;
    size_t why_used;
};

__attribute__((format(printf, 3, 4))) static void
verdict(struct gate *gate, int outcome, const char *format, ...)
{
    char *line;
    va_list values;

    va_start(values, format);
    if (vasprintf(&line, format, values) < 0)
        abort();
    va_end(values);
    if (outcome > gate->outcome)
        gate->outcome = outcome;
    if (gate->why_used < gate->why_size)
        gate->why_used += (size_t)snprintf(gate->why + gate->why_used,
                                           gate->why_size - gate->why_used, "%s", line);
    free(line);
}

/* ---- the two lists ---- */

static size_t
words(char *line, char *word[], size_t wanted)
{
    size_t found = 0;
    char *rest = line + strspn(line, " \t");

    while (*rest && found < wanted) {
        word[found++] = rest;
        if (found == wanted) /* the last one is a sentence */
            break;
        rest += strcspn(rest, " \t");
        if (*rest)
            *rest++ = '\0';
        rest += strspn(rest, " \t");
    }
    return found;
}

static void
list_line(struct gate *gate, json_t *list, const char *path, size_t number, char *line,
          bool has_direction)
{
    char *word[3], key[256];
    size_t wanted = has_direction ? 3 : 2, found;

    line[strcspn(line, "\r\n")] = '\0';
    if (line[strspn(line, " \t")] == '\0' || line[strspn(line, " \t")] == '#')
        return;
    found = words(line, word, wanted);
    if (found < wanted || *word[wanted - 1] == '\0') {
        verdict(gate, GATE_ERROR, "%s:%zu: a reason is missing, expected: RULE-ID %sreason\n", path,
                number, has_direction ? "direction " : "");
        return;
    }
    snprintf(key, sizeof key, "%s%s%s", word[0], has_direction ? " " : "",
             has_direction ? word[1] : "");
    if (json_object_get(list, key)) {
        verdict(gate, GATE_ERROR, "%s:%zu: %s stands there twice\n", path, number, key);
        return;
    }
    json_t *name = tree_text_new(key);

    tree_set_int(list, json_string_value(name), (json_int_t)number);
    json_decref(name);
}

static json_t *
list_new(struct gate *gate, const char *path, bool has_direction)
{
    FILE *in = fopen(path, "r");
    json_t *list = json_object();
    char *line = NULL;
    size_t room = 0, number = 0;

    if (!in) {
        verdict(gate, GATE_ERROR, "%s: %s\n", path, strerror(errno));
        return list;
    }
    while (getline(&line, &room, in) >= 0)
        list_line(gate, list, path, ++number, line, has_direction);
    free(line);
    fclose(in);
    return list;
}

/* ---- verdicts and violations ---- */

static bool
is_known(const struct gate *gate, const char *rule)
{
    return gate->baseline && json_object_get(gate->baseline, rule);
}

/* Failed for nothing but rules of which the baseline says that they are broken. */
static bool
is_excused(const struct gate *gate, const json_t *result)
{
    json_t *violated = json_object_get(result, "violated"), *rule;
    size_t i;

    if (strcmp(tree_text(json_object_get(result, "failure"), "cause"), "violation") != 0)
        return false;
    json_array_foreach(violated, i,
                       rule) if (!is_known(gate, json_string_value(rule))) return false;
    return json_array_size(violated) > 0;
}

static void
judge_results(struct gate *gate)
{
    json_t *result;
    size_t i;

    json_array_foreach(json_object_get(gate->tree, "results"), i, result)
    {
        const char *id = tree_text(result, "id");

        if (strcmp(tree_text(result, "verdict"), "error") == 0)
            verdict(gate, GATE_ERROR, "%s: error\n", id);
        else if (strcmp(tree_text(result, "verdict"), "fail") == 0 && !is_excused(gate, result))
            verdict(gate, GATE_FAILED, "%s: fail\n", id);
    }
}

/* Where a verdict was given, it has judged the violations too: a scenario may expect one. */
static void
judge_violations(struct gate *gate)
{
    json_t *row;
    size_t i;

    json_array_foreach(json_object_get(gate->tree, "violations"), i, row)
    {
        const char *rule = tree_text(row, "rule");

        if (tree_int(row, "unjudged") > 0 && !is_known(gate, rule))
            verdict(gate, GATE_FAILED, "%s: broken %lld times\n", rule,
                    (long long)tree_int(row, "unjudged"));
    }
}

static void
judge_baseline(struct gate *gate, const char *path)
{
    json_t *line, *row;
    const char *rule;
    size_t i;

    json_object_foreach(gate->baseline, rule, line)
    {
        bool is_broken = false;

        json_array_foreach(json_object_get(gate->tree, "violations"), i, row) is_broken =
            is_broken || strcmp(tree_text(row, "rule"), rule) == 0;
        if (!is_broken)
            verdict(gate, GATE_FAILED, "%s:%lld: %s was not broken; take it out of the baseline\n",
                    path, (long long)json_integer_value(line), rule);
    }
}

/* ---- coverage ---- */

static json_t *
rule_row(const struct gate *gate, const char *id, size_t length)
{
    json_t *rules = json_object_get(json_object_get(gate->tree, "coverage"), "rules"), *row;
    size_t i;

    json_array_foreach(json_object_get(rules, "rows"), i,
                       row) if (strlen(tree_text(row, "id")) == length &&
                                strncmp(tree_text(row, "id"), id, length) == 0) return row;
    return NULL;
}

static void
judge_waivers(struct gate *gate, const char *path)
{
    json_t *line;
    const char *key;

    json_object_foreach(gate->waivers, key, line)
    {
        size_t length = strcspn(key, " ");
        const char *direction = key + length + 1;
        const json_t *row = rule_row(gate, key, length);
        struct directions way = cover_directions(tree_text(row, "kind"));
        long long number = (long long)json_integer_value(line);

        if (!row || !tree_is_true(row, "in_force"))
            verdict(gate, GATE_FAILED, "%s:%lld: %s: no such rule in force; take the waiver out\n",
                    path, number, key);
        else if (strcmp(direction, way.quiet) != 0 && strcmp(direction, way.loud) != 0)
            verdict(gate, GATE_ERROR, "%s:%lld: %s: expected the direction %s or %s\n", path,
                    number, key, way.quiet, way.loud);
        else if (tree_int(row, direction) > 0)
            verdict(gate, GATE_FAILED, "%s:%lld: %s was reached; take the waiver out\n", path,
                    number, key);
    }
}

static bool
is_waived(const struct gate *gate, const json_t *gap)
{
    char key[256];

    snprintf(key, sizeof key, "%s %s", tree_text(gap, "rule"), tree_text(gap, "direction"));
    return gate->waivers && json_object_get(gate->waivers, key);
}

static json_int_t
count_waived(const struct gate *gate, json_t *missing)
{
    json_int_t waived = 0;
    json_t *gap;
    size_t i;

    json_array_foreach(missing, i, gap) waived += is_waived(gate, gap);
    return waived;
}

static void
list_missing(struct gate *gate, json_t *part)
{
    json_t *missing = json_object_get(part, "missing"), *never = json_object_get(part, "never"),
           *one;
    size_t listed = 0, left_out = 0, i;

    json_array_foreach(missing, i, one)
    {
        if (is_waived(gate, one))
            continue;
        if (listed++ < LISTED_MAX)
            verdict(gate, GATE_FAILED, "  never %s: %s  %s\n", tree_text(one, "direction"),
                    tree_text(one, "rule"), tree_text(one, "title"));
        else
            left_out++;
    }
    json_array_foreach(never, i, one)
    {
        if (listed++ < LISTED_MAX)
            verdict(gate, GATE_FAILED, "  never: %s\n", json_string_value(one));
        else
            left_out++;
    }
    if (left_out)
        verdict(gate, GATE_FAILED, "  and %zu more\n", left_out);
}

static void
judge_part(struct gate *gate, const char *name, double percent)
{
    json_t *part = json_object_get(json_object_get(gate->tree, "coverage"), name);
    json_int_t total =
        tree_int(part, "total") - count_waived(gate, json_object_get(part, "missing"));
    json_int_t reached = tree_int(part, "reached");

    if ((double)reached * 100.0 >= percent * (double)total)
        return;
    json_int_t thousandths = reached * 1000 / total;

    verdict(gate, GATE_FAILED, "%s: %lld of %lld reached, %.1f %%, expected %.1f %%\n", name,
            (long long)reached, (long long)total, (double)thousandths / 10.0, percent);
    list_missing(gate, part);
}

/* An error that its row says nothing leads to, and that came without a fault: the row is wrong. */
static void
judge_unreached(struct gate *gate)
{
    json_t *errors = json_object_get(json_object_get(gate->tree, "coverage"), "errors"), *row;
    size_t i;

    json_array_foreach(json_object_get(errors, "rows"), i,
                       row) if (json_is_false(json_object_get(row, "reached")) &&
                                tree_int(row, "count") > tree_int(row, "injected"))
        verdict(gate, GATE_FAILED, "errors: %s was reached, though its row says: %s\n",
                tree_text(row, "id"), tree_text(row, "reason"));
}

static void
judge_thresholds(struct gate *gate, const char *fail_under)
{
    char *list = strdup(fail_under), *rest = list, *word;
    json_t *coverage = json_object_get(gate->tree, "coverage");

    if (!list)
        abort();
    while ((word = strsep(&rest, ",")) != NULL) {
        char *number = strchr(word, '='), *end = NULL;
        double percent = number ? strtod(number + 1, &end) : -1;

        if (number)
            *number = '\0';
        if (!number || end == number + 1 || *end || !(percent >= 0 && percent <= 100))
            verdict(gate, GATE_ERROR, "--fail-under %s: expected KIND=PERCENT, as in rules=95\n",
                    word);
        else if (!json_object_get(coverage, word))
            verdict(gate, GATE_ERROR,
                    "--fail-under: no kind '%s', expected rules, endpoints, fields, templates, "
                    "events or errors\n",
                    word);
        else
            judge_part(gate, word, percent);
        if (number && strcmp(word, "errors") == 0)
            judge_unreached(gate);
    }
    free(list);
}

int
reports_gate_limits(json_t *result, const struct reports_limits *limits, char *why, size_t why_size)
{
    struct gate gate = {
        .tree = json_object_get(result, "report"), .why = why, .why_size = why_size};

    if (why_size > 0)
        *why = '\0';
    if (!gate.tree) {
        verdict(&gate, GATE_ERROR, "no report has been computed yet\n");
        return gate.outcome;
    }
    if (limits->baseline_file)
        gate.baseline = list_new(&gate, limits->baseline_file, false);
    if (limits->waiver_file)
        gate.waivers = list_new(&gate, limits->waiver_file, true);
    judge_results(&gate);
    judge_violations(&gate);
    if (gate.baseline)
        judge_baseline(&gate, limits->baseline_file);
    if (gate.waivers)
        judge_waivers(&gate, limits->waiver_file);
    if (limits->fail_under)
        judge_thresholds(&gate, limits->fail_under);
    json_decref(gate.baseline);
    json_decref(gate.waivers);
    return gate.outcome;
}

int
reports_gate(json_t *result, const char *fail_under, const char *baseline_file, char *why,
             size_t why_size)
{
    struct reports_limits limits = {.fail_under = fail_under, .baseline_file = baseline_file};

    return reports_gate_limits(result, &limits, why, why_size);
}
