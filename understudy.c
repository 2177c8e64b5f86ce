/* The program: a table of subcommands and main(). Knows what each is called and who does it, nothing of how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/import.h"
#include "conformance/record.h"
#include "conformance/run.h"
#include "reports/report.h"
#include "sim/edge/serve.h"
#include "sim/graph/api.h"

enum { EXIT_USAGE = 2 };

/* The rule table goes to reports as the server gives it, so that nothing there knows the platform. Which rules are owed
 * follows from the dates in the journals: the instant of the table does not matter. */
static int
report_subcommand(int argc, char **argv)
{
    struct buf table = {0};

    graph_init();
    rules_json(&table, 0, STR_NONE);
    json_t *rules = json_loadb(table.s, table.n, JSON_REJECT_DUPLICATES, NULL);
    int outcome = report_main(argc, argv, rules);

    json_decref(rules);
    buf_fini(&table);
    return outcome;
}

static int
comes_later(int argc, char **argv)
{
    (void)argc;
    fprintf(stderr, "understudy: %s is not there yet; it comes with a later version\n", argv[0]);
    return EXIT_USAGE;
}

static int help_main(int argc, char **argv);

/* One subcommand a row, in the order in which help lists them. A function gets its own name as argv[0]
 * and returns the exit code: 0 as wanted, 1 the client broke a rule, 2 the harness failed or was misused. */
static const struct subcommand {
    const char *name;
    const char *usage;
    const char *summary;
    int (*run)(int argc, char **argv);
} subcommands[] = {
    {"serve", "[options]", "The fake platform, until SIGTERM.", serve_main},
    {"run", "[options] PATH...", "Scenarios against a scripted bot or a client.", run_main},
    {"check", "[options]", "The numbered conformance checks against a client.", comes_later},
    {"replay", "[options] RECORDING", "A recording of user behaviour against a client.",
     replay_main},
    {"exec", "[options] -- COMMAND...", "Serve, and run COMMAND with its environment set.",
     exec_main},
    {"load", "[options]", "Load against the platform's limits, in both directions.", comes_later},
    {"report", "[options] JOURNAL...", "Reports again, from journals; several runs merge.",
     report_subcommand},
    {"import", "FORMAT FILE", "Somebody's recording into ours, on stdout.", import_main},
    {"generate", "[options]", "People made up by a model, as a recording on stdout.",
     generate_main},
    {"record", "--upstream URL [options]",
     "Stand between a platform and a client and write down both directions.", record_main},
    {"rules", "[--json] [--as-of DATE]", "The rule table, with fidelity and cites.", rules_main},
    {"help", "[SUBCOMMAND]", "This list, or the options of one subcommand.", help_main},
};
enum { SUBCOMMAND_COUNT = sizeof subcommands / sizeof *subcommands, NAME_MAX_LEN = 31 };

static const struct subcommand *
subcommand_find(const char *name)
{
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    return NULL;
}

static size_t
min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters to insert, delete or change to make one word of the other; words up to NAME_MAX_LEN letters. */
static size_t
edit_distance(const char *from, const char *to)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t width = min_of(strlen(to), NAME_MAX_LEN);

    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 0; from[i] && i < NAME_MAX_LEN; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t changed = diagonal + (from[i] != to[j]);

            diagonal = row[j + 1];
            row[j + 1] = min_of(changed, min_of(row[j], row[j + 1]) + 1);
        }
    }
    return row[width];
}

static int
unknown_subcommand(const char *name)
{
    const char *nearest = "help";
    size_t best = 3; /* further away than two letters is a guess, not a suggestion */

    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        size_t distance = edit_distance(name, subcommands[i].name);

        if (distance < best) {
            best = distance;
            nearest = subcommands[i].name;
        }
    }
    fprintf(stderr, "understudy: no subcommand '%s'; try: understudy %s\n", name, nearest);
    return EXIT_USAGE;
}

static void
print_list(FILE *out)
{
    fputs("usage: understudy SUBCOMMAND [options]\n\n", out);
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        fprintf(out, "  %-7s %-25s %s\n", subcommands[i].name, subcommands[i].usage,
                subcommands[i].summary);
    fputs("  --version\n\nExit codes: 0 as wanted; 1 the client broke a rule; 2 the harness or its "
          "surroundings failed.\n",
          out);
}

static int
help_main(int argc, char **argv)
{
    if (argc < 2) {
        print_list(stdout);
        return EXIT_SUCCESS;
    }
    const struct subcommand *found = subcommand_find(argv[1]);

    if (!found)
        return unknown_subcommand(argv[1]);
    if (found->run == help_main || found->run == comes_later) {
        printf("understudy %s %s\n%s\n", found->name, found->usage, found->summary);
        return EXIT_SUCCESS;
    }
    char name[NAME_MAX_LEN + 1], option[] = "--help";
    char *asked[] = {name, option, NULL};

    snprintf(name, sizeof name, "%s", found->name);
    return found->run(2, asked);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        print_list(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("understudy " UNDERSTUDY_VERSION);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_main(1, argv + 1);

    const struct subcommand *found = subcommand_find(argv[1]);

    return found ? found->run(argc - 1, argv + 1) : unknown_subcommand(argv[1]);
}
