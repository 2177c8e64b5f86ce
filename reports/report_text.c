/* For a person at a terminal: verdicts first, then what was broken, then what was and was not
 * covered. */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/cover.h"
#include "reports/standing.h"
#include "reports/tree.h"
#include "reports/wording.h"

enum { SENT_LETTERS_MAX = 160, NEVER_MAX = 12 };
enum colour { PLAIN, BOLD, RED, GREEN, YELLOW, DIM };

struct paper {
    FILE *out;
    bool is_painted;
};

static void
paint(const struct paper *paper, enum colour colour, const char *text)
{
    static const char *const codes[] = {"0", "1", "31", "32", "33", "2"};

    if (paper->is_painted && colour != PLAIN)
        fprintf(paper->out, "\033[%sm%s\033[0m", codes[colour], text);
    else
        fputs(text, paper->out);
}

/* Paints first and fills up with blanks after, so that columns stand in line either way. */
static void
paint_padded(const struct paper *paper, enum colour colour, const char *text, int width)
{
    int rest = width - (int)strlen(text);

    paint(paper, colour, text);
    fprintf(paper->out, "%*s", rest > 0 ? rest : 0, "");
}

static enum colour
colour_of(const char *word)
{
    /* clang-format off */
    static const struct {
        const char *word;
        enum colour colour;
    } colours[] = {{"pass", GREEN},   {"fail", RED},     {"error", RED},   {"skip", DIM},
                   {"known", YELLOW}, {"fixed", YELLOW}, {"warning", YELLOW}, {"note", DIM}};
    /* clang-format on */

    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (strcmp(colours[i].word, word) == 0)
            return colours[i].colour;
    return PLAIN;
}

/* What clients sent must not steer the terminal: control characters become blanks. */
static void
put_plain(const struct paper *paper, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7F ? ' ' : text[i], paper->out);
}

/* Prints the text, which it takes over, each of its lines behind `indent`. */
static void
put_lines(const struct paper *paper, const char *indent, char *text)
{
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        fputs(indent, paper->out);
        put_plain(paper, line, (size_t)(end - line));
        fputc('\n', paper->out);
        end += *end == '\n';
    }
    free(text);
}

static void
put_heading(const struct paper *paper, const char *title, char *rest)
{
    fputc('\n', paper->out);
    paint(paper, BOLD, title);
    fprintf(paper->out, "%s%s\n", *rest ? "  " : "", rest);
    free(rest);
}

/* ---- the run ---- */

static void
put_run(const struct paper *paper, json_t *tree)
{
    json_t *summary = json_object_get(tree, "summary"), *harness = json_object_get(tree, "harness"),
           *journal;
    size_t journals = json_array_size(json_object_get(harness, "journals")), i;

    fprintf(paper->out, "understudy %s  %s", tree_text(tree, "version"), tree_text(tree, "kind"));
    if (json_is_integer(json_object_get(tree, "seed")))
        fprintf(paper->out, "  seed %lld", (long long)tree_int(tree, "seed"));
    fprintf(paper->out, "  %zu journal%s, %lld records: %lld acts, %lld calls, %lld refused\n",
            journals, journals == 1 ? "" : "s", (long long)tree_int(summary, "records"),
            (long long)tree_int(summary, "acts"), (long long)tree_int(summary, "calls"),
            (long long)tree_int(summary, "calls_refused"));
    if (json_is_integer(json_object_get(harness, "quiet_ms")))
        fprintf(paper->out, "real time mattered: a client counted as quiet after %lld ms\n",
                (long long)tree_int(harness, "quiet_ms"));
    json_array_foreach(json_object_get(harness, "journals"), i,
                       journal) if (tree_int(journal, "torn_line") > 0)
        fprintf(paper->out, "%s:%lld: the last line is torn off and was left out\n",
                tree_text(journal, "name"), (long long)tree_int(journal, "torn_line"));
}

/* ---- results ---- */

static bool
is_fine(const json_t *result)
{
    return strcmp(tree_text(result, "verdict"), "pass") == 0;
}

static void
put_result(const struct paper *paper, const json_t *result)
{
    const char *verdict = tree_text(result, "verdict"), *file = tree_text(result, "file");
    json_int_t line = tree_int(json_object_get(result, "failure"), "line");

    fputs("  ", paper->out);
    paint_padded(paper, colour_of(verdict), verdict, 6);
    fprintf(paper->out, " %s", *file ? file : tree_text(result, "id"));
    if (line > 0)
        fprintf(paper->out, ":%lld", (long long)line);
    fprintf(paper->out, "  %s\n", tree_text(result, "title"));
    put_lines(paper, "           ", wording_failure_new(result));
}

static void
put_results(const struct paper *paper, json_t *tree)
{
    json_t *result;
    size_t i;

    if (json_array_size(json_object_get(tree, "results")) == 0)
        return;
    put_heading(paper, "RESULTS",
                wording_verdicts_new(json_object_get(json_object_get(tree, "summary"), "results")));
    json_array_foreach(json_object_get(tree, "results"), i, result) if (!is_fine(result))
        put_result(paper, result);
}

/* ---- violations ---- */

static void
put_labelled(const struct paper *paper, const char *label, const char *text)
{
    if (*text == '\0')
        return;
    fprintf(paper->out, "           %-8s ", label);
    put_plain(paper, text, strlen(text));
    fputc('\n', paper->out);
}

static void
put_labelled_new(const struct paper *paper, const char *label, char *text)
{
    put_labelled(paper, label, text);
    free(text);
}

static void
put_violation(const struct paper *paper, const json_t *row)
{
    fputs("  ", paper->out);
    paint_padded(paper, colour_of(tree_text(row, "severity")), tree_text(row, "severity"), 8);
    fprintf(paper->out, " %s  %lldx  %s  %s\n", tree_text(row, "rule"),
            (long long)tree_int(row, "count"), tree_text(row, "how"), tree_text(row, "title"));
    put_labelled_new(paper, "first", wording_place_new(json_object_get(row, "first")));
    put_labelled_new(paper, "sent", wording_sent_new(row, SENT_LETTERS_MAX));
    put_labelled_new(paper, "answer", wording_answered_new(row));
    if (strcmp(tree_text(row, "how"), "finding") == 0)
        put_labelled(paper, "found", tree_text(row, "detail"));
    put_labelled(paper, "why", tree_text(row, "why"));
    put_labelled(paper, "instead", tree_text(row, "advice"));
    put_labelled_new(paper, "source", wording_source_new(row));
}

static void
put_violations(const struct paper *paper, json_t *tree)
{
    json_t *summary = json_object_get(tree, "summary"), *row;
    size_t i;

    put_heading(paper, "VIOLATIONS",
                wording_severities_new(json_object_get(summary, "violations")));
    json_array_foreach(json_object_get(tree, "violations"), i, row) put_violation(paper, row);
    if (json_array_size(json_object_get(tree, "remarks")) > 0) {
        put_heading(paper, "REMARKS", wording_severities_new(json_object_get(summary, "remarks")));
        json_array_foreach(json_object_get(tree, "remarks"), i, row) put_violation(paper, row);
    }
    if (json_array_size(json_object_get(tree, "provoked")) > 0) {
        put_heading(paper, "PROVOKED BY SCENARIOS",
                    wording_severities_new(json_object_get(summary, "provoked")));
        json_array_foreach(json_object_get(tree, "provoked"), i, row) fprintf(
            paper->out, "  %-8s %-24s %6lldx  %s\n", tree_text(row, "severity"),
            tree_text(row, "rule"), (long long)tree_int(row, "count"), tree_text(row, "title"));
    }
}

/* ---- pages ---- */

static void
put_page(const struct paper *paper, const json_t *row)
{
    const char *file = tree_text(row, "file");

    fputs("  ", paper->out);
    put_plain(paper, *file ? file : tree_text(row, "result"),
              strlen(*file ? file : tree_text(row, "result")));
    fprintf(paper->out, "  page %s\n", tree_text(row, "page"));
    put_labelled_new(paper, "answers", standing_health_new(row));
    put_labelled_new(paper, "standing", standing_restriction_new(row));
    put_labelled_new(paper, "sends", standing_sends_new(row));
}

static void
put_pages(const struct paper *paper, json_t *tree)
{
    json_t *pages = json_object_get(tree, "pages"), *row;
    bool is_long = json_array_size(pages) > NEVER_MAX;
    size_t shown = 0, i;

    if (json_array_size(pages) == 0)
        return;
    put_heading(paper, "PAGES",
                wording_new("at the end of each part; sends against the best schedule that the "
                            "limits allow"));
    json_array_foreach(pages, i, row)
    {
        if (shown == NEVER_MAX || (is_long && !standing_is_telling(row)))
            continue;
        shown++;
        put_page(paper, row);
    }
    if (shown < json_array_size(pages))
        fprintf(paper->out, "  and %zu more: report.json\n", json_array_size(pages) - shown);
}

/* ---- coverage ---- */

static void
put_shares(const struct paper *paper, json_t *tree)
{
    static const char *const parts[] = {"rules",     "endpoints", "fields",
                                        "templates", "events",    "errors"};
    json_t *shares = json_object_get(json_object_get(tree, "summary"), "coverage");

    put_heading(paper, "COVERAGE", wording_new("rules count in both directions"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *share = wording_share_new(json_object_get(shares, parts[i]));

        fprintf(paper->out, "  %-10s %s\n", parts[i], share);
        free(share);
    }
}

static void
put_direction(const struct paper *paper, const json_t *row, const char *direction)
{
    char text[64];

    snprintf(text, sizeof text, "%s %lld", direction, (long long)tree_int(row, direction));
    paint_padded(paper, tree_int(row, direction) ? PLAIN : YELLOW, text, 18);
}

static void
put_rule(const struct paper *paper, const json_t *row)
{
    struct directions way = cover_directions(tree_text(row, "kind"));
    json_t *files = json_object_get(row, "reached_by");
    size_t file_count = json_array_size(files);

    fprintf(paper->out, "  %-24s consulted %-7lld ", tree_text(row, "id"),
            (long long)tree_int(row, "consulted"));
    put_direction(paper, row, way.quiet);
    put_direction(paper, row, way.loud);
    if (!tree_int(row, way.quiet) || !tree_int(row, way.loud)) {
        paint(paper, YELLOW, "!! never ");
        paint(paper, YELLOW, tree_int(row, way.quiet) ? way.loud : way.quiet);
        fputs("  ", paper->out);
    }
    if (file_count > 0)
        fputs(json_string_value(json_array_get(files, 0)), paper->out);
    if (file_count > 1)
        fprintf(paper->out, " and %zu more", file_count - 1);
    fputc('\n', paper->out);
}

static void
put_rules(const struct paper *paper, json_t *rules)
{
    json_t *row;
    size_t consulted = 0, i;

    json_array_foreach(json_object_get(rules, "rows"), i, row)
    {
        if (tree_int(row, "consulted") == 0)
            continue;
        if (consulted++ == 0)
            put_heading(paper, "RULES THAT WERE ASKED", wording_new("%s", ""));
        put_rule(paper, row);
    }
}

static void
put_error(const struct paper *paper, const json_t *row)
{
    char *reaction = wording_reaction_new(row);
    json_int_t injected = tree_int(row, "injected"), scripted = tree_int(row, "scripted");

    fprintf(paper->out, "  %-24s %5lldx  %s", tree_text(row, "id"),
            (long long)tree_int(row, "count"), reaction);
    if (injected)
        fprintf(paper->out, "  [%lld injected]", (long long)injected);
    if (scripted)
        fprintf(paper->out, "  [%lld in scenarios]", (long long)scripted);
    fputc('\n', paper->out);
    free(reaction);
}

static void
put_errors(const struct paper *paper, json_t *errors)
{
    static const char *const lists[] = {"rows", "unknown"};
    json_t *row;
    size_t met = 0, i;

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_array_foreach(json_object_get(errors, lists[k]), i, row)
        {
            if (tree_int(row, "count") == 0)
                continue;
            if (met++ == 0)
                put_heading(paper, "ERRORS",
                            wording_new("and what the client did next in the thread"));
            put_error(paper, row);
        }
    }
}

static void
put_unknown_endpoints(const struct paper *paper, json_t *endpoints)
{
    json_t *unknown = json_object_get(endpoints, "unknown"), *row;
    size_t i;

    if (json_array_size(unknown) == 0)
        return;
    put_heading(paper, "UNKNOWN ENDPOINTS", wording_new("were called"));
    json_array_foreach(unknown, i, row)
    {
        fprintf(paper->out, "  %6lldx  ", (long long)tree_int(row, "count"));
        put_plain(paper, tree_text(row, "id"), strlen(tree_text(row, "id")));
        fputc('\n', paper->out);
    }
}

static void
put_never(const struct paper *paper, const char *part, json_t *never)
{
    json_t *id;
    size_t i;

    if (json_array_size(never) == 0)
        return;
    fprintf(paper->out, "  %-10s %zu:", part, json_array_size(never));
    json_array_foreach(never, i, id)
    {
        if (i == NEVER_MAX) {
            fprintf(paper->out, " and %zu more", json_array_size(never) - NEVER_MAX);
            break;
        }
        fprintf(paper->out, "%s %s", i ? "," : "", json_string_value(id));
    }
    fputc('\n', paper->out);
}

static void
put_never_reached(const struct paper *paper, json_t *coverage)
{
    static const char *const parts[] = {"endpoints", "fields", "templates", "events", "errors"};
    json_t *untouched = json_array(), *row;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(coverage, "rules"), "rows"), i,
                       row) if (tree_is_true(row, "in_force") && tree_int(row, "consulted") == 0)
        tree_add(untouched, tree_text_new(tree_text(row, "id")));
    put_heading(paper, "NEVER REACHED", wording_new("all of it: coverage.txt, report.json"));
    put_never(paper, "rules", untouched);
    for (i = 0; i < sizeof parts / sizeof *parts; i++)
        put_never(paper, parts[i], json_object_get(json_object_get(coverage, parts[i]), "never"));
    json_decref(untouched);
}

void
report_text_painted(json_t *tree, FILE *out, bool is_painted)
{
    struct paper paper = {.out = out, .is_painted = is_painted};
    json_t *coverage = json_object_get(tree, "coverage");

    put_run(&paper, tree);
    put_results(&paper, tree);
    put_violations(&paper, tree);
    put_pages(&paper, tree);
    put_shares(&paper, tree);
    put_rules(&paper, json_object_get(coverage, "rules"));
    put_errors(&paper, json_object_get(coverage, "errors"));
    put_unknown_endpoints(&paper, json_object_get(coverage, "endpoints"));
    put_never_reached(&paper, coverage);
}

void
report_text(json_t *tree, FILE *out)
{
    report_text_painted(tree, out, false);
}
