/* `understudy rules`: the rule table as text or JSON. */
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "edge/rules_markdown.h"
#include "edge/rules_table.h"
#include "edge/serve.h"
#include "edge/wallclock.h"
#include "graph/api.h"

enum { EXIT_TROUBLE = 2 };

static void
print_text(ms_t as_of)
{
    char at[DATETIME_SIZE];

    datetime_iso(at, as_of);
    printf("Rules as of %.10s\n\n%-26s %-8s %-8s %-11s %-8s %s\n", at, "id", "kind", "severity",
           "fidelity", "in force", "title");
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = &policy_rules[i];

        printf("%-26s %-8s %-8s %-11s %-8s %s\n", rule->id, rule_kind_text(rule->kind),
               severity_text(rule->severity), fidelity_name(rule->fidelity),
               span_has(era_row(rule->era)->span, as_of) ? "yes" : "no", rule->title);
    }
}

static void
print_json(ms_t as_of)
{
    struct buf out = {0};

    graph_init();
    rules_table_write(&out, as_of);
    printf("%.*s\n", (int)out.n, out.s);
    buf_fini(&out);
}

static int
complain(const char *what, const char *which)
{
    fprintf(stderr,
            "understudy rules: %s '%s'; try: understudy rules [--json | --markdown] [--as-of "
            "2024-03-01]\n",
            what, which);
    return EXIT_TROUBLE;
}

/* A date, or +90d: so much later than now. */
static bool
read_day(const char *text, ms_t *as_of)
{
    ms_t ahead;

    if (*text != '+')
        return datetime_read(str_of(text), as_of);
    if (!duration_read(str_of(text + 1), &ahead) || ahead < 0 || ahead > 100 * YEAR)
        return false;
    *as_of += ahead;
    return true;
}

int
rules_main(int argc, char **argv)
{
    ms_t as_of = wallclock_now();
    bool is_json = false, is_markdown = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            puts("usage: understudy rules [--json | --markdown] [--as-of DATE|+90d]\n\nThe rule "
                 "table, "
                 "with fidelity "
                 "and cites. --markdown prints all tables: docs/fidelity.md.");
            return 0;
        }
        if (strcmp(argv[i], "--json") == 0)
            is_json = true;
        else if (strcmp(argv[i], "--markdown") == 0)
            is_markdown = true;
        else if (strcmp(argv[i], "--as-of") != 0)
            return complain("no option", argv[i]);
        else if (i + 1 == argc || !read_day(argv[i + 1], &as_of))
            return complain("--as-of needs a date, not", i + 1 == argc ? "nothing" : argv[i + 1]);
        else
            i++;
    }
    if (is_markdown)
        rules_markdown_write(stdout, as_of);
    else if (is_json)
        print_json(as_of);
    else
        print_text(as_of);
    return fflush(stdout) == 0 ? 0 : EXIT_TROUBLE;
}
