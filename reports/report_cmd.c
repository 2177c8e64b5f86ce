/* understudy report: journals in, the same reports out as the run that wrote them. */
#include "reports/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "reports/evidence.h"
#include "reports/tree.h"

enum { EXIT_USAGE = 2, WHY_SIZE = 8192 };

struct wishes {
    const char *dir;
    const char *formats;
    char *fail_under; /* several options, joined by commas */
    struct reports_limits limits;
};

static void
print_usage(FILE *out)
{
    fputs("usage: understudy report [options] JOURNAL...\n"
          "Reports again, from journals alone; several runs merge.\n\n"
          "  --report DIR             write the reports into DIR\n"
          "  --format LIST            text,json,html,md,junit,sarif,ctrf,tap,lcov,rows or all "
          "(with DIR: all)\n"
          "                           without DIR: one format, on stdout (text)\n"
          "  --fail-under KIND=PERCENT  rules, endpoints, fields, templates, events or errors; "
          "repeatable\n"
          "  --waivers FILE           what --fail-under rules=.. need not see: RULE-ID direction "
          "reason\n"
          "  --baseline FILE          violations that are known: RULE-ID reason\n"
          "  --help\n\n"
          "Exit codes: 0 as wanted; 1 a result failed, a rule was broken or a threshold missed; 2 "
          "a journal is\n"
          "broken or an option is wrong.\n",
          out);
}

static int
usage_error(const char *what)
{
    fprintf(stderr, "understudy: %s; see: understudy help report\n", what);
    return EXIT_USAGE;
}

static void
add_threshold(struct wishes *wishes, const char *threshold)
{
    char *joined;

    if (asprintf(&joined, "%s%s%s", wishes->fail_under ? wishes->fail_under : "",
                 wishes->fail_under ? "," : "", threshold) < 0)
        abort();
    free(wishes->fail_under);
    wishes->fail_under = joined;
}

/* Returns 0 to go on, or 1 when --help was answered, or EXIT_USAGE. */
static int
read_options(int argc, char **argv, struct wishes *wishes)
{
    static const struct option options[] = {
        {"report", required_argument, NULL, 'r'},
        {"format", required_argument, NULL, 'f'},
        {"baseline", required_argument, NULL, 'b'},
        {"fail-under", required_argument, NULL, 'u'},
        {"waivers", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    char what[512];

    optind = 0; /* glibc: start anew, also when somebody else has read options before */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'r':
            wishes->dir = optarg;
            break;
        case 'f':
            wishes->formats = optarg;
            break;
        case 'b':
            wishes->limits.baseline_file = optarg;
            break;
        case 'u':
            add_threshold(wishes, optarg);
            break;
        case 'w':
            wishes->limits.waiver_file = optarg;
            break;
        case 'h':
            print_usage(stdout);
            return 1;
        default:
            snprintf(what, sizeof what, option == ':' ? "option %s needs a value" : "no option %s",
                     argv[optind - 1]);
            return usage_error(what);
        }
    }
    if (optind == argc)
        return usage_error("report needs at least one journal");
    if (wishes->formats && reports_formats_check(wishes->formats, what, sizeof what) != 0)
        return usage_error(what);
    if (!wishes->dir && wishes->formats &&
        (strchr(wishes->formats, ',') || strcmp(wishes->formats, "all") == 0))
        return usage_error("several formats need --report DIR");
    return 0;
}

/* A journal counted twice would double every number. Returns -1 after a line on stderr. */
static int
check_once(char **paths, int count, int number)
{
    struct stat here, there;

    if (stat(paths[number], &here) != 0)
        return 0; /* opening it will say why */
    for (int i = 0; i < number && i < count; i++) {
        if (stat(paths[i], &there) == 0 && here.st_dev == there.st_dev &&
            here.st_ino == there.st_ino) {
            fprintf(stderr, "understudy: %s: given twice, expected each journal once\n",
                    paths[number]);
            return -1;
        }
    }
    return 0;
}

/* Journals are known by the names of their files; two of one name by their whole paths. */
static void
name_journals(json_t *journals)
{
    size_t count = json_array_size(journals);

    for (size_t i = 0; i < count; i++) {
        json_t *one = json_array_get(journals, i);
        const char *name = tree_text(one, "name");
        bool is_shared = false;

        for (size_t j = 0; j < count; j++) {
            json_t *other = json_array_get(journals, j);
            const char *slash = strrchr(tree_text(other, "path"), '/');

            if (i != j && strcmp(name, slash ? slash + 1 : tree_text(other, "path")) == 0)
                is_shared = true;
        }
        if (is_shared)
            tree_set_text(one, "name", tree_text(one, "path"));
    }
}

static json_t *
read_journals_new(char **paths, int count)
{
    json_t *journals = json_array();
    char why[1024];

    for (int i = 0; i < count; i++) {
        if (check_once(paths, count, i) != 0) {
            json_decref(journals);
            return NULL;
        }
        json_t *journal = evidence_read_new(paths[i], why, sizeof why);

        if (!journal) {
            fprintf(stderr, "understudy: %s\n", why);
            json_decref(journals);
            return NULL;
        }
        if (tree_int(journal, "torn_line") > 0)
            fprintf(stderr, "understudy: %s:%lld: the last line is torn off and was left out\n",
                    paths[i], (long long)tree_int(journal, "torn_line"));
        tree_add(journals, journal);
    }
    name_journals(journals);
    return journals;
}

static int
write_reports(json_t *result, json_t *rules, struct wishes *wishes)
{
    char *why = tree_alloc(WHY_SIZE, 1);
    int outcome = 0;

    if (wishes->dir)
        outcome = reports_write(result, rules, wishes->dir, wishes->formats);
    if (outcome != 0) {
        free(why);
        return EXIT_USAGE;
    }
    if (wishes->dir || !wishes->formats || strcmp(wishes->formats, "text") == 0)
        reports_print(result, rules, stdout);
    else
        reports_stream(result, rules, wishes->formats, stdout);

    wishes->limits.fail_under = wishes->fail_under;
    outcome = reports_gate_limits(result, &wishes->limits, why, WHY_SIZE);
    fputs(why, stderr);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "understudy: stdout: %s\n", strerror(errno));
        outcome = EXIT_USAGE;
    }
    free(why);
    return outcome;
}

int
report_main(int argc, char **argv, json_t *rules)
{
    struct wishes wishes = {0};
    int outcome = read_options(argc, argv, &wishes);

    if (outcome != 0) {
        free(wishes.fail_under);
        return outcome == 1 ? 0 : outcome;
    }
    json_t *journals = read_journals_new(argv + optind, argc - optind);

    if (!journals) {
        free(wishes.fail_under);
        return EXIT_USAGE;
    }
    json_t *result = json_object();

    tree_set(result, "results", json_array());
    tree_set(result, "journals", journals);
    tree_set_bool(result, "journals_are_files", true);
    outcome = write_reports(result, rules, &wishes);
    json_decref(result);
    free(wishes.fail_under);
    return outcome;
}
