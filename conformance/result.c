#include "conformance/result.h"

#include "conformance/alloc.h"

static const char *
result_verdict_name(enum verdict_kind verdict)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass",   [VERDICT_FAIL] = "fail",   [VERDICT_SKIP] = "skip",
        [VERDICT_ERROR] = "error", [VERDICT_KNOWN] = "known", [VERDICT_FIXED] = "fixed",
    };
    return names[verdict];
}

/* scenarios/window/edge#2; new text. */
static char *
result_name(const struct result *result)
{
    if (result->row < 0)
        return alloc_text(result->script->name);
    return alloc_print("%s#%ld", result->script->name, result->row + 1);
}

/* How the row differs from the others: `silence=+24:00:00 tag=-`; new text, empty without a table. */
static char *
result_cells(const struct result *result)
{
    char *text = alloc_text("");

    for (size_t i = 0; result->row >= 0 && i < result->script->rows_step->word_count; i++) {
        const char *cell = result->script->rows[result->row].words[i].text;
        bool is_long = strlen(cell) > 40;
        char *longer =
            alloc_print("%s%s%s=%.40s%s", text, i == 0 ? "" : " ",
                        result->script->rows_step->words[i].text, cell, is_long ? "..." : "");
        free(text);
        text = longer;
    }
    return text;
}

/* WIN-STD-24H  title  [cite]; new text, NULL when the failure is about no rule. */
static char *
describe_requirement(const struct failure *failure, const json_t *rules)
{
    if (failure->rule_id == NULL)
        return NULL;
    const json_t *row = json_object_get(rules, failure->rule_id);
    const char *title = stream_text(row, "title"), *cite = stream_text(row, "cite");
    return alloc_print("%s%s%s%s%s%s", failure->rule_id, title[0] == '\0' ? "" : "  ", title,
                       cite[0] == '\0' ? "" : "  [", cite, cite[0] == '\0' ? "" : "]");
}

static void
print_part(FILE *to, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0')
        fprintf(to, "  %-9s %s\n", name, text);
}

static void
print_failure(const struct result *result, const json_t *rules, FILE *to)
{
    const struct failure *failure = &result->outcome.failure;
    const char *verdict = result->outcome.verdict == VERDICT_ERROR   ? "ERROR"
                          : result->outcome.verdict == VERDICT_KNOWN ? "KNOWN"
                                                                     : "FAIL";
    char *cells = result_cells(result);
    char *requires = describe_requirement(failure, rules);

    fprintf(to, "%s:%d: %s  %s\n", failure->file, failure->line, verdict, failure->step);
    print_part(to, "row", cells);
    print_part(to, "message", failure->message);
    print_part(to, "requires", requires);
    print_part(to, "at", failure->at);
    print_part(to, "expected", failure->expected);
    print_part(to, "actual", failure->actual);
    print_part(to, "rule", failure->rule);
    if (failure->journal_line > 0)
        fprintf(to, "  %-9s line %ld\n", "journal", failure->journal_line);
    free(requires);
    free(cells);
}

void
result_print(const struct result *result, const json_t *rules, FILE *to)
{
    const struct outcome *outcome = &result->outcome;
    char *name = result_name(result);

    fprintf(to, "%-5s  %s  %s", result_verdict_name(outcome->verdict), name, result->script->title);
    if (outcome->reason != NULL)
        fprintf(to, "  (%s)", outcome->reason);
    fprintf(to, "\n");
    if (outcome->failure.step != NULL)
        print_failure(result, rules, to);
    fflush(to);
    free(name);
}

void
result_print_summary(const struct result *results, size_t count, FILE *to)
{
    fprintf(to, "%zu scenario%s", count, count == 1 ? "" : "s");
    for (enum verdict_kind verdict = VERDICT_PASS; verdict <= VERDICT_FIXED; verdict++) {
        size_t number = 0;
        for (size_t i = 0; i < count; i++)
            number += results[i].outcome.verdict == verdict;
        if (number > 0)
            fprintf(to, ", %zu %s", number, result_verdict_name(verdict));
    }
    fprintf(to, "\n");
    fflush(to);
}

/* ---- the tree ---- */

static json_t *
text_or_null_new(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *
failure_new(const struct result *result, const json_t *rules)
{
    const struct failure *failure = &result->outcome.failure;

    if (failure->step == NULL)
        return json_null();
    char *requires = describe_requirement(failure, rules);
    json_t *tree = json_pack(
        "{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "line", failure->line, "step", failure->step,
        "message", failure->message, "requires", text_or_null_new(requires), "at",
        text_or_null_new(failure->at), "expected", text_or_null_new(failure->expected), "actual",
        text_or_null_new(failure->actual), "rule", text_or_null_new(failure->rule));
    json_object_set_new(tree, "journal_line",
                        failure->journal_line > 0 ? json_integer(failure->journal_line)
                                                  : json_null());
    if (failure->is_violation)
        json_object_set_new(tree, "cause", json_string("violation"));
    free(requires);
    return tree;
}

static json_t *
covers_new(const struct script *script)
{
    json_t *covers = json_array();

    for (size_t i = 0; i < script->step_count; i++)
        for (size_t j = 0; script->steps[i].verb == VERB_COVERS && j < script->steps[i].word_count;
             j++)
            json_array_append_new(covers, json_string(script->steps[i].words[j].text));
    return covers;
}

void
result_add(const struct result *result, const json_t *rules, bool has_client, json_t *results,
           json_t *journals)
{
    const struct outcome *outcome = &result->outcome;
    char *name = result_name(result), *cells = result_cells(result);
    char *title = alloc_print("%s%s%s%s", result->script->title, cells[0] == '\0' ? "" : " [",
                              cells, cells[0] == '\0' ? "" : "]");
    char *journal = outcome->world == NULL ? NULL : alloc_print("%s.jsonl", outcome->world);
    json_t *tree = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "id", name, "file",
                             result->script->path, "title", title, "verdict",
                             result_verdict_name(outcome->verdict), "duration_virtual_ms",
                             (json_int_t)outcome->duration_ms, "steps", (json_int_t)outcome->steps,
                             "covers", covers_new(result->script), "failure",
                             failure_new(result, rules), "journal", text_or_null_new(journal));

    json_object_set_new(tree, "world", text_or_null_new(outcome->world));
    json_object_set_new(tree, "played_by", json_string(has_client ? "client" : "script"));
    json_object_set(tree, "places", outcome->places);
    if (json_array_size(outcome->pages) > 0)
        json_object_set(tree, "pages", outcome->pages);
    if (outcome->reason != NULL)
        json_object_set_new(tree, "reason", json_string(outcome->reason));
    json_array_append_new(results, tree);
    if (journal != NULL)
        json_array_append_new(
            journals, json_pack("{s:s, s:O}", "name", journal, "records", outcome->stream.records));
    free(journal);
    free(title);
    free(cells);
    free(name);
}

int
result_exit_code(const struct result *results, size_t count)
{
    int code = 0;

    for (size_t i = 0; i < count; i++) {
        if (results[i].outcome.verdict == VERDICT_ERROR)
            return 2;
        if (results[i].outcome.verdict == VERDICT_FAIL)
            code = 1;
    }
    return code;
}
