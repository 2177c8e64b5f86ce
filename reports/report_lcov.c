/* Coverage for tools that know lines and branches. The source that they show is coverage.txt: one
 * row of a table a line. A rule is a line with two branches, its two directions; any other row is a
 * line. */
#include "reports/writers.h"

#include <string.h>

#include "reports/cover.h"
#include "reports/tree.h"

static const char *const parts[] = {"rules",     "endpoints", "fields",
                                    "templates", "events",    "errors"};
enum { PART_COUNT = sizeof parts / sizeof *parts };

/* Calls `row` for each row with the number of its line in coverage.txt; `heading` before each part.
 */
static void
each_row(json_t *tree, FILE *out, void (*heading)(FILE *, const char *part),
         void (*row)(FILE *, size_t line, const char *part, const json_t *row))
{
    json_t *coverage = json_object_get(tree, "coverage"), *one;
    size_t line = 0, i;

    for (size_t k = 0; k < PART_COUNT; k++) {
        line++;
        if (heading)
            heading(out, parts[k]);
        json_array_foreach(json_object_get(json_object_get(coverage, parts[k]), "rows"), i, one)
            row(out, ++line, parts[k], one);
    }
}

static bool
is_rule(const char *part)
{
    return strcmp(part, "rules") == 0;
}

static long long
times_met(const char *part, const json_t *row)
{
    return tree_int(row, is_rule(part) ? "consulted" : "count");
}

/* ---- coverage.txt ---- */

static void
put_heading(FILE *out, const char *part)
{
    fprintf(out, "# %s\n", part);
}

/* Ids and titles are one line each: a line break in one would move all rows after it. */
static void
put_flat(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
}

static void
put_row(FILE *out, size_t line, const char *part, const json_t *row)
{
    (void)line;
    fprintf(out, "%-10s ", part);
    put_flat(out, tree_text(row, "id"));
    if (is_rule(part)) {
        struct directions way = cover_directions(tree_text(row, "kind"));

        fprintf(out, "  consulted %lld  %s %lld  %s %lld%s  ", times_met(part, row), way.quiet,
                (long long)tree_int(row, way.quiet), way.loud, (long long)tree_int(row, way.loud),
                tree_is_true(row, "in_force") ? "" : "  not in force");
        put_flat(out, tree_text(row, "title"));
    } else {
        fprintf(out, "  %lld", times_met(part, row));
    }
    fputc('\n', out);
}

void
report_rows(json_t *tree, FILE *out)
{
    each_row(tree, out, put_heading, put_row);
}

/* ---- coverage.lcov ---- */

/* "-" says that the branch was never stood at, 0 that it was and went the other way. */
static void
put_branch(FILE *out, size_t line, int branch, const json_t *row, const char *direction)
{
    if (tree_int(row, "consulted") == 0)
        fprintf(out, "BRDA:%zu,0,%d,-\n", line, branch);
    else
        fprintf(out, "BRDA:%zu,0,%d,%lld\n", line, branch, (long long)tree_int(row, direction));
}

static void
put_line(FILE *out, size_t line, const char *part, const json_t *row)
{
    if (is_rule(part)) {
        struct directions way = cover_directions(tree_text(row, "kind"));

        if (!tree_is_true(row, "in_force") && times_met(part, row) == 0)
            return; /* nobody is owed it */
        put_branch(out, line, 0, row, way.quiet);
        put_branch(out, line, 1, row, way.loud);
    }
    if (json_is_false(json_object_get(row, "reached")) && times_met(part, row) == 0)
        return;
    fprintf(out, "DA:%zu,%lld\n", line, times_met(part, row));
}

void
report_lcov(json_t *tree, FILE *out)
{
    fputs("TN:understudy\nSF:coverage.txt\n", out);
    each_row(tree, out, NULL, put_line);
    fputs("end_of_record\n", out);
}
