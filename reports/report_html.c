/* One page without a network: summary, verdicts, violations, coverage. Light or dark as the
 * reader's system is; tables fold away without a script. The style sheet is in report_html.css.def.
 */
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

#include "reports/cover.h"
#include "reports/markup.h"
#include "reports/standing.h"
#include "reports/tree.h"
#include "reports/wording.h"

static const char *const parts[] = {"rules",     "endpoints", "fields",
                                    "templates", "events",    "errors"};
enum { PART_COUNT = sizeof parts / sizeof *parts };

static const char style[] =
#include "reports/report_html.css.def"
    ;

static void
put_cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    markup_xml(out, text);
    fputs("</td>", out);
}

/* A word that is not to be broken: an id, a kind. */
static void
put_word(FILE *out, const char *text)
{
    fputs("<td class=\"w\">", out);
    markup_xml(out, text);
    fputs("</td>", out);
}

static void
put_number(FILE *out, json_int_t number)
{
    fprintf(out, "<td class=\"n%s\">%lld</td>", number ? "" : " zero", (long long)number);
}

static void
put_badge(FILE *out, const char *word)
{
    fputs("<span class=\"badge ", out);
    markup_xml(out, word);
    fputs("\">", out);
    markup_xml(out, word);
    fputs("</span>", out);
}

/* ---- summary ---- */

static void
put_card(FILE *out, const char *title, char *text, const char *class)
{
    fprintf(out, "<div class=\"card %s\"><h3>%s</h3><p>", class, title);
    markup_xml_new(out, text);
    fputs("</p></div>\n", out);
}

static void
put_bar(FILE *out, const char *part, const json_t *share)
{
    double percent = json_real_value(json_object_get(share, "percent"));

    fprintf(out,
            "<tr><td><a href=\"#%s\">%s</a></td><td class=\"bar\"><div "
            "style=\"width:%.1f%%\"></div></td><td>",
            part, part, percent);
    markup_xml_new(out, wording_share_new(share));
    fputs("</td></tr>\n", out);
}

static void
put_summary(FILE *out, json_t *tree)
{
    json_t *summary = json_object_get(tree, "summary"), *harness = json_object_get(tree, "harness");
    json_t *results = json_object_get(summary, "results"),
           *violations = json_object_get(summary, "violations");
    bool has_failed = tree_int(results, "fail") + tree_int(results, "error") > 0;
    bool is_broken = tree_int(violations, "error") + tree_int(violations, "warning") > 0;

    fputs("<div class=\"cards\">\n", out);
    put_card(out, "Results", wording_verdicts_new(results), has_failed ? "bad" : "good");
    put_card(out, "Violations", wording_severities_new(violations), is_broken ? "bad" : "good");
    put_card(out, "Traffic",
             wording_new("%lld acts, %lld calls, %lld refused, %lld injected",
                         (long long)tree_int(summary, "acts"),
                         (long long)tree_int(summary, "calls"),
                         (long long)tree_int(summary, "calls_refused"),
                         (long long)tree_int(summary, "calls_injected")),
             "plain");
    if (json_is_integer(json_object_get(harness, "quiet_ms")))
        put_card(out, "Real time mattered",
                 wording_new("a client counted as quiet after %lld ms",
                             (long long)tree_int(harness, "quiet_ms")),
                 "plain");
    fputs("</div>\n<table class=\"bars\">\n", out);
    for (size_t i = 0; i < PART_COUNT; i++)
        put_bar(out, parts[i], json_object_get(json_object_get(summary, "coverage"), parts[i]));
    fputs("</table>\n", out);
}

/* ---- violations ---- */

static void
put_fact(FILE *out, const char *name, char *text, bool is_code)
{
    if (*text) {
        fprintf(out, "<dt>%s</dt><dd>%s", name, is_code ? "<code>" : "");
        markup_xml(out, text);
        fprintf(out, "%s</dd>\n", is_code ? "</code>" : "");
    }
    free(text);
}

static void
put_places(FILE *out, const json_t *row)
{
    json_t *places = json_object_get(row, "places"), *place;
    json_int_t more = tree_int(row, "count") - (json_int_t)json_array_size(places);
    size_t i;

    if (json_array_size(places) < 2)
        return;
    fprintf(out, "<details><summary>all places</summary><ul>\n");
    json_array_foreach(places, i, place)
    {
        fputs("<li>", out);
        markup_xml_new(out, wording_place_new(place));
        fputs("</li>\n", out);
    }
    if (more > 0)
        fprintf(out, "<li>and %lld more</li>\n", (long long)more);
    fputs("</ul></details>\n", out);
}

/* Its address is a link, but nothing is fetched from it. */
static void
put_source(FILE *out, const json_t *row)
{
    if (!*tree_text(row, "source"))
        return;
    fputs("<dt>source</dt><dd>", out);
    if (*tree_text(row, "url")) {
        fputs("<a href=\"", out);
        markup_xml(out, tree_text(row, "url"));
        fputs("\">", out);
    }
    markup_xml(out, tree_text(row, "source"));
    if (*tree_text(row, "url"))
        fputs("</a>", out);
    fputs(" (", out);
    markup_xml(out, tree_text(row, "fidelity"));
    fputs(")</dd>\n", out);
}

static void
put_violation(FILE *out, const json_t *row)
{
    bool is_finding = strcmp(tree_text(row, "how"), "finding") == 0;

    fputs("<article class=\"", out);
    markup_xml(out, tree_text(row, "severity"));
    fputs("\"><h3>", out);
    put_badge(out, tree_text(row, "severity"));
    fputs(" ", out);
    markup_xml(out, tree_text(row, "rule"));
    fprintf(out, " <small>%lld&times; %s</small></h3><p>", (long long)tree_int(row, "count"),
            tree_text(row, "how"));
    markup_xml(out, tree_text(row, "title"));
    fputs("</p>\n<dl>\n", out);
    put_fact(out, "first", wording_place_new(json_object_get(row, "first")), false);
    put_fact(out, "sent", wording_sent_new(row, 0), true);
    put_fact(out, "answer", wording_answered_new(row), true);
    put_fact(out, "found", wording_new("%s", is_finding ? tree_text(row, "detail") : ""), false);
    put_fact(out, "why", wording_new("%s", tree_text(row, "why")), false);
    put_fact(out, "instead", wording_new("%s", tree_text(row, "advice")), false);
    put_source(out, row);
    fputs("</dl>\n", out);
    put_places(out, row);
    fputs("</article>\n", out);
}

static void
put_list(FILE *out, json_t *tree, const char *list, const char *title)
{
    json_t *rows = json_object_get(tree, list), *row;
    size_t i;

    if (json_array_size(rows) == 0)
        return;
    fprintf(out, "<h2 id=\"%s\">%s</h2>\n", list, title);
    json_array_foreach(rows, i, row) put_violation(out, row);
}

/* ---- results ---- */

static void
put_result(FILE *out, const json_t *result)
{
    bool is_failure = json_is_object(json_object_get(result, "failure"));

    fputs("<tr><td>", out);
    put_badge(out, tree_text(result, "verdict"));
    fputs("</td>", out);
    put_cell(out, tree_text(result, *tree_text(result, "file") ? "file" : "id"));
    fputs("<td>", out);
    markup_xml(out, tree_text(result, "title"));
    if (is_failure) {
        fputs("<pre>", out);
        markup_xml_new(out, wording_failure_new(result));
        fputs("</pre>", out);
    }
    fputs("</td>", out);
    put_number(out, tree_int(result, "steps"));
    put_number(out, tree_int(result, "calls"));
    fputs("</tr>\n", out);
}

static void
put_results(FILE *out, json_t *tree)
{
    json_t *results = json_object_get(tree, "results"), *result;
    size_t i;

    if (json_array_size(results) == 0)
        return;
    fputs("<h2 "
          "id=\"results\">Results</h2>\n<table><thead><tr><th>verdict</th><th>file</"
          "th><th>scenario</th>"
          "<th class=\"n\">steps</th><th class=\"n\">calls</th></tr></thead><tbody>\n",
          out);
    json_array_foreach(results, i, result) put_result(out, result);
    fputs("</tbody></table>\n", out);
}

/* ---- pages ---- */

static void
put_cell_new(FILE *out, char *text)
{
    put_cell(out, text);
    free(text);
}

static void
put_pages(FILE *out, json_t *tree)
{
    json_t *pages = json_object_get(tree, "pages"), *row;
    size_t i;

    if (json_array_size(pages) == 0)
        return;
    fputs("<h2 id=\"pages\">Pages</h2>\n<details open><summary>how they stood at the end of each "
          "part, "
          "and their sends against the best schedule that the limits allow</summary>\n"
          "<table><thead><tr><th>file</th><th>page</th><th>answers</th><th>standing</th>"
          "<th>sends</th></tr></thead><tbody>\n",
          out);
    json_array_foreach(pages, i, row)
    {
        fputs("<tr>", out);
        put_cell(out, tree_text(row, *tree_text(row, "file") ? "file" : "result"));
        put_word(out, tree_text(row, "page"));
        put_cell_new(out, standing_health_new(row));
        put_cell_new(out, standing_restriction_new(row));
        put_cell_new(out, standing_sends_new(row));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></details>\n", out);
}

/* ---- coverage ---- */

static void
open_part(FILE *out, const char *part, const json_t *share, const char *columns)
{
    fprintf(out, "<details id=\"%s\"><summary>%s: ", part, part);
    markup_xml_new(out, wording_share_new(share));
    fprintf(out, "</summary>\n<table><thead><tr>%s</tr></thead><tbody>\n", columns);
}

static void
put_files(FILE *out, json_t *files)
{
    json_t *file;
    size_t i;

    fputs("<td>", out);
    json_array_foreach(files, i, file)
    {
        if (i > 0)
            fputs(i == 1 ? "<details><summary>more</summary>" : "<br>", out);
        markup_xml(out, json_string_value(file));
    }
    fputs(json_array_size(files) > 1 ? "</details></td>" : "</td>", out);
}

static void
put_rules(FILE *out, json_t *rules)
{
    json_t *row;
    size_t i;

    open_part(out, "rules", rules,
              "<th>rule</th><th>kind</th><th>title</th><th class=\"n\">consulted</th><th "
              "class=\"n\">let be</th>"
              "<th class=\"n\">refused or raised</th><th>reached by</th>");
    json_array_foreach(json_object_get(rules, "rows"), i, row)
    {
        struct directions way = cover_directions(tree_text(row, "kind"));
        bool is_owed = tree_is_true(row, "in_force");
        bool has_gap = !tree_int(row, way.quiet) || !tree_int(row, way.loud);

        fprintf(out, "<tr%s>", !is_owed ? " class=\"idle\"" : has_gap ? " class=\"gap\"" : "");
        put_word(out, tree_text(row, "id"));
        put_word(out, tree_text(row, "kind"));
        put_cell(out, tree_text(row, "title"));
        put_number(out, tree_int(row, "consulted"));
        put_number(out, tree_int(row, way.quiet));
        put_number(out, tree_int(row, way.loud));
        put_files(out, json_object_get(row, "reached_by"));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></details>\n", out);
}

static void
put_counts(FILE *out, const char *name, json_t *part)
{
    static const char *const lists[] = {"rows", "unknown"};
    json_t *row;
    size_t i;

    open_part(out, name, part, "<th>what</th><th class=\"n\">times</th><th>known</th>");
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        bool is_known = k == 0;

        json_array_foreach(json_object_get(part, lists[k]), i, row)
        {
            fprintf(out, "<tr%s><td>", tree_int(row, "count") ? "" : " class=\"gap\"");
            markup_xml(out, tree_text(row, "id"));
            fputs("</td>", out);
            put_number(out, tree_int(row, "count"));
            put_cell(out, is_known ? "" : "in no table");
            fputs("</tr>\n", out);
        }
    }
    fputs("</tbody></table></details>\n", out);
}

static void
put_errors(FILE *out, json_t *errors)
{
    static const char *const lists[] = {"rows", "unknown"};
    json_t *row;
    size_t i;

    open_part(
        out, "errors", errors,
        "<th>error</th><th>message</th><th class=\"n\">times</th><th class=\"n\">injected</th>"
        "<th>what the client did next in the thread</th>");
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_array_foreach(json_object_get(errors, lists[k]), i, row)
        {
            bool is_idle = json_is_false(json_object_get(row, "reached"));

            fprintf(out, "<tr%s>",
                    tree_int(row, "count") ? ""
                    : is_idle              ? " class=\"idle\""
                                           : " class=\"gap\"");
            put_word(out, tree_text(row, "id"));
            put_cell(out, tree_text(row, "message"));
            put_number(out, tree_int(row, "count"));
            put_number(out, tree_int(row, "injected"));
            fputs("<td>", out);
            if (tree_int(row, "count"))
                markup_xml_new(out, wording_reaction_new(row));
            else
                markup_xml(out, tree_text(row, "reason"));
            fputs("</td></tr>\n", out);
        }
    }
    fputs("</tbody></table></details>\n", out);
}

static void
put_journals(FILE *out, json_t *tree)
{
    json_t *journal;
    size_t i;

    fputs("<h2>Journals</h2>\n<table><thead><tr><th>journal</th><th "
          "class=\"n\">records</th><th>from</th><th>to</th>"
          "<th></th></tr></thead><tbody>\n",
          out);
    json_array_foreach(json_object_get(json_object_get(tree, "harness"), "journals"), i, journal)
    {
        fputs("<tr>", out);
        put_cell(out, tree_text(journal, "name"));
        put_number(out, tree_int(journal, "records"));
        put_cell(out, tree_text(journal, "first_at"));
        put_cell(out, tree_text(journal, "last_at"));
        put_cell(out, tree_int(journal, "torn_line") ? "the last line was torn off" : "");
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

void
report_html(json_t *tree, FILE *out)
{
    json_t *coverage = json_object_get(tree, "coverage");

    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
          "<meta name=\"color-scheme\" content=\"light dark\"><title>understudy ",
          out);
    markup_xml(out, tree_text(tree, "kind"));
    fprintf(out, "</title>\n<style>\n%s</style></head>\n<body><main>\n<h1>understudy ", style);
    markup_xml(out, tree_text(tree, "kind"));
    fputs(" <small>", out);
    markup_xml(out, tree_text(tree, "version"));
    if (json_is_integer(json_object_get(tree, "seed")))
        fprintf(out, ", seed %lld", (long long)tree_int(tree, "seed"));
    fputs("</small></h1>\n", out);

    put_summary(out, tree);
    put_list(out, tree, "violations", "Violations");
    put_list(out, tree, "remarks", "Remarks");
    put_results(out, tree);
    put_pages(out, tree);
    fputs("<h2>Coverage</h2>\n", out);
    put_rules(out, json_object_get(coverage, "rules"));
    for (size_t i = 1; i < PART_COUNT - 1; i++)
        put_counts(out, parts[i], json_object_get(coverage, parts[i]));
    put_errors(out, json_object_get(coverage, "errors"));
    put_list(out, tree, "provoked", "Provoked by scenarios on purpose");
    put_journals(out, tree);
    fputs("</main></body></html>\n", out);
}
