/* Markdown, short enough for a comment on a change: what failed, what was broken, how much was
 * covered. */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/markup.h"
#include "reports/tree.h"
#include "reports/wording.h"

enum { SENT_LETTERS_MAX = 300, NEVER_MAX = 30 };

static void
put_md_new(FILE *out, char *text)
{
    markup_md(out, text);
    free(text);
}

static void
put_summary(FILE *out, json_t *tree)
{
    json_t *summary = json_object_get(tree, "summary"), *harness = json_object_get(tree, "harness");
    char *verdicts = wording_verdicts_new(json_object_get(summary, "results"));
    char *violations = wording_severities_new(json_object_get(summary, "violations"));

    fprintf(out, "# understudy %s\n\n", tree_text(tree, "kind"));
    fprintf(out, "**Results:** %s  \n**Violations:** %s  \n", verdicts, violations);
    fprintf(out, "%lld acts, %lld calls, %lld refused", (long long)tree_int(summary, "acts"),
            (long long)tree_int(summary, "calls"), (long long)tree_int(summary, "calls_refused"));
    fprintf(out, "; understudy %s", tree_text(tree, "version"));
    if (json_is_integer(json_object_get(tree, "seed")))
        fprintf(out, ", seed %lld", (long long)tree_int(tree, "seed"));
    fputs(".\n", out);
    if (json_is_integer(json_object_get(harness, "quiet_ms")))
        fprintf(out, "\nReal time mattered: a client counted as quiet after %lld ms.\n",
                (long long)tree_int(harness, "quiet_ms"));
    free(verdicts);
    free(violations);
}

static void
put_results(FILE *out, json_t *tree)
{
    json_t *result;
    size_t rows = 0, i;

    json_array_foreach(json_object_get(tree, "results"), i, result)
    {
        if (strcmp(tree_text(result, "verdict"), "pass") == 0)
            continue;
        if (rows++ == 0)
            fputs("\n## Not passed\n\n| verdict | where | scenario | what |\n| --- | --- | --- | "
                  "--- |\n",
                  out);
        const json_t *failure = json_object_get(result, "failure");

        fprintf(out, "| %s | ", tree_text(result, "verdict"));
        markup_md(out, tree_text(result, *tree_text(result, "file") ? "file" : "id"));
        if (tree_int(failure, "line") > 0)
            fprintf(out, ":%lld", (long long)tree_int(failure, "line"));
        fputs(" | ", out);
        markup_md(out, tree_text(result, "title"));
        fputs(" | ", out);
        put_md_new(out, wording_brief_new(result));
        fputs(" |\n", out);
    }
}

static void
put_fact(FILE *out, const char *name, const char *text)
{
    if (*text == '\0')
        return;
    fprintf(out, "- %s: ", name);
    markup_md(out, text);
    fputc('\n', out);
}

static void
put_fact_new(FILE *out, const char *name, char *text)
{
    put_fact(out, name, text);
    free(text);
}

static void
put_violation(FILE *out, const json_t *row)
{
    char *sent = wording_sent_new(row, SENT_LETTERS_MAX);

    fprintf(out, "\n### %s: %s (%lldx, %s)\n\n", tree_text(row, "severity"), tree_text(row, "rule"),
            (long long)tree_int(row, "count"), tree_text(row, "how"));
    markup_md(out, tree_text(row, "title"));
    fputs("\n\n", out);
    put_fact_new(out, "first", wording_place_new(json_object_get(row, "first")));
    if (*sent) {
        fputs("- sent: ", out);
        markup_md_code(out, sent);
        fputc('\n', out);
    }
    put_fact_new(out, "answer", wording_answered_new(row));
    if (strcmp(tree_text(row, "how"), "finding") == 0)
        put_fact(out, "found", tree_text(row, "detail"));
    put_fact(out, "why", tree_text(row, "why"));
    put_fact(out, "instead", tree_text(row, "advice"));
    put_fact_new(out, "source", wording_source_new(row));
    free(sent);
}

static void
put_list(FILE *out, json_t *tree, const char *list, const char *title)
{
    json_t *row;
    size_t i;

    if (json_array_size(json_object_get(tree, list)) > 0)
        fprintf(out, "\n## %s\n", title);
    json_array_foreach(json_object_get(tree, list), i, row) put_violation(out, row);
}

static void
put_coverage(FILE *out, json_t *tree)
{
    static const char *const parts[] = {"rules",     "endpoints", "fields",
                                        "templates", "events",    "errors"};
    json_t *shares = json_object_get(json_object_get(tree, "summary"), "coverage");

    fputs("\n## Coverage\n\n| part | reached |\n| --- | --- |\n", out);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *share = wording_share_new(json_object_get(shares, parts[i]));

        fprintf(out, "| %s | %s |\n", parts[i], share);
        free(share);
    }
}

static void
put_errors(FILE *out, json_t *tree)
{
    static const char *const lists[] = {"rows", "unknown"};
    json_t *errors = json_object_get(json_object_get(tree, "coverage"), "errors"), *row;
    size_t rows = 0, i;

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_array_foreach(json_object_get(errors, lists[k]), i, row)
        {
            if (tree_int(row, "count") == 0)
                continue;
            if (rows++ == 0)
                fputs("\n## Errors and what the client did next\n\n| error | times | injected | "
                      "then |\n"
                      "| --- | --- | --- | --- |\n",
                      out);
            fputs("| ", out);
            markup_md(out, tree_text(row, "id"));
            fprintf(out, " | %lld | %lld | ", (long long)tree_int(row, "count"),
                    (long long)tree_int(row, "injected"));
            put_md_new(out, wording_reaction_new(row));
            fputs(" |\n", out);
        }
    }
}

static void
put_missing(FILE *out, json_t *tree)
{
    json_t *missing = json_object_get(json_object_get(json_object_get(tree, "coverage"), "rules"),
                                      "missing"),
           *gap;
    size_t i;

    if (json_array_size(missing) == 0)
        return;
    fprintf(out, "\n<details><summary>%zu directions of rules were never reached</summary>\n\n",
            json_array_size(missing));
    json_array_foreach(missing, i, gap)
    {
        if (i == NEVER_MAX) {
            fprintf(out, "- and %zu more\n", json_array_size(missing) - NEVER_MAX);
            break;
        }
        fputs("- ", out);
        markup_md(out, tree_text(gap, "rule"));
        fputs(" never ", out);
        markup_md(out, tree_text(gap, "direction"));
        fputc('\n', out);
    }
    fputs("\n</details>\n", out);
}

void
report_md(json_t *tree, FILE *out)
{
    put_summary(out, tree);
    put_results(out, tree);
    put_list(out, tree, "violations", "Violations");
    put_list(out, tree, "remarks", "Remarks");
    put_coverage(out, tree);
    put_errors(out, tree);
    put_missing(out, tree);
}
