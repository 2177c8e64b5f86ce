/* Test Anything Protocol, version 14: scenarios first, then each rule that was broken. */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"
#include "reports/wording.h"

static void
put_description(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '#' || *text == '\\')
            fputc('\\', out);
        fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
    }
}

/* YAML takes JSON as it is, which spares it a second set of escapes. */
static void
put_note(FILE *out, const char *key, char *text)
{
    if (*text) {
        json_t *value = tree_text_new(text);
        char *quoted = tree_line_new(value);

        fprintf(out, "  %s: %s\n", key, quoted);
        json_decref(value);
        free(quoted);
    }
    free(text);
}

static void
put_scenario(FILE *out, size_t number, const json_t *result)
{
    /* clang-format off */
    static const struct {
        const char *verdict;
        const char *start;
        const char *directive;
    } lines[] = {{"pass", "ok", ""},           {"fail", "not ok", ""},
                 {"error", "not ok", ""},      {"skip", "ok", " # SKIP"},
                 {"known", "not ok", " # TODO known"}, {"fixed", "ok", " # TODO fixed"}};
    /* clang-format on */
    const char *file = tree_text(result, *tree_text(result, "file") ? "file" : "id");
    size_t row = 0;

    while (row + 1 < sizeof lines / sizeof *lines &&
           strcmp(lines[row].verdict, tree_text(result, "verdict")) != 0)
        row++;
    fprintf(out, "%s %zu - ", lines[row].start, number);
    put_description(out, file);
    fputs(": ", out);
    put_description(out, tree_text(result, "title"));
    fprintf(out, "%s\n", lines[row].directive);
    if (json_is_object(json_object_get(result, "failure"))) {
        fputs("  ---\n", out);
        put_note(out, "verdict", wording_new("%s", tree_text(result, "verdict")));
        put_note(out, "failure", wording_failure_new(result));
        fputs("  ...\n", out);
    }
}

static void
put_violation(FILE *out, size_t number, const json_t *row)
{
    fprintf(out, "not ok %zu - ", number);
    put_description(out, tree_text(row, "rule"));
    fputs(": ", out);
    put_description(out, tree_text(row, "title"));
    fputs("\n  ---\n", out);
    put_note(out, "severity", wording_new("%s", tree_text(row, "severity")));
    fprintf(out, "  count: %lld\n", (long long)tree_int(row, "count"));
    put_note(out, "first", wording_place_new(json_object_get(row, "first")));
    put_note(out, "sent", wording_sent_new(row, 0));
    put_note(out, "answer", wording_answered_new(row));
    put_note(out, "why", wording_new("%s", tree_text(row, "why")));
    put_note(out, "instead", wording_new("%s", tree_text(row, "advice")));
    put_note(out, "source", wording_source_new(row));
    fputs("  ...\n", out);
}

void
report_tap(json_t *tree, FILE *out)
{
    json_t *results = json_object_get(tree, "results"),
           *violations = json_object_get(tree, "violations"), *row;
    size_t scenarios = json_array_size(results), i;

    fprintf(out, "TAP version 14\n1..%zu\n", scenarios + json_array_size(violations));
    json_array_foreach(results, i, row) put_scenario(out, i + 1, row);
    json_array_foreach(violations, i, row) put_violation(out, scenarios + i + 1, row);
}
