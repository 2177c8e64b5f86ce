/* From a result tree to files: which formats there are, and which of them were asked for. */
#include "reports/report.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "reports/evidence.h"
#include "reports/fold.h"
#include "reports/publish.h"
#include "reports/tree.h"
#include "reports/writers.h"

static const struct format {
    const char *name;
    const char *file;
    void (*write)(json_t *tree, FILE *out);
} formats_known[] = {
#define REPORT(name, file, function) {#name, file, function},
#include "reports/reports.def"
#undef REPORT
};
enum { FORMAT_COUNT = sizeof formats_known / sizeof *formats_known };

static bool
is_word(const char *name, const char *word, size_t length)
{
    return strlen(name) == length && strncmp(name, word, length) == 0;
}

/* Marks the formats of the list in `wanted`. Returns 0, or -1 with a line in `why`. */
static int
formats_parse(const char *formats, bool wanted[FORMAT_COUNT], char *why, size_t why_size)
{
    const char *list = formats ? formats : "all";

    memset(wanted, 0, FORMAT_COUNT * sizeof *wanted);
    for (const char *word = list, *end = NULL; !end || *end; word = end + 1) {
        size_t length = strcspn(word, ","), found = 0;

        end = word + length;
        for (size_t i = 0; i < FORMAT_COUNT; i++) {
            if (is_word("all", word, length) || is_word(formats_known[i].name, word, length)) {
                wanted[i] = true;
                found++;
            }
        }
        if (!found) {
            int used =
                snprintf(why, why_size, "no report format '%.*s', expected all", (int)length, word);

            for (size_t i = 0; i < FORMAT_COUNT && used >= 0 && (size_t)used < why_size; i++)
                used +=
                    snprintf(why + used, why_size - (size_t)used, ", %s", formats_known[i].name);
            return -1;
        }
    }
    return 0;
}

int
reports_formats_check(const char *formats, char *why, size_t why_size)
{
    bool wanted[FORMAT_COUNT];

    return formats_parse(formats, wanted, why, why_size);
}

/* The tree is computed once and kept beside what it was computed from. */
static json_t *
computed(json_t *result, json_t *rules, json_t *journals)
{
    if (!json_object_get(result, "report"))
        tree_set(result, "report", fold_new(journals, rules));
    return json_object_get(result, "report");
}

static int
write_journals(json_t *journals, json_t *result, const char *dir)
{
    json_t *journal;
    size_t i;

    if (tree_is_true(result, "journals_are_files")) /* the evidence stays where it is */
        return 0;
    json_array_foreach(journals, i,
                       journal) if (publish_file(dir, tree_text(journal, "name"), evidence_write,
                                                 journal) != 0) return -1;
    return 0;
}

int
reports_write(json_t *result, json_t *rules, const char *dir, const char *formats)
{
    bool wanted[FORMAT_COUNT];
    char why[256];

    if (formats_parse(formats, wanted, why, sizeof why) != 0) {
        fprintf(stderr, "understudy: %s\n", why);
        return -1;
    }
    if (publish_folder(dir) != 0)
        return -1;

    json_t *journals = evidence_complete_new(result), *tree = computed(result, rules, journals);
    int outcome = write_journals(journals, result, dir);

    for (size_t i = 0; i < FORMAT_COUNT && outcome == 0; i++)
        if (wanted[i])
            outcome = publish_file(dir, formats_known[i].file, formats_known[i].write, tree);
    json_decref(journals);
    return outcome;
}

int
reports_stream(json_t *result, json_t *rules, const char *format, FILE *out)
{
    json_t *journals = evidence_complete_new(result), *tree = computed(result, rules, journals);
    int outcome = -1;

    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(formats_known[i].name, format) == 0) {
            formats_known[i].write(tree, out);
            outcome = 0;
        }
    }
    json_decref(journals);
    return outcome;
}

void
reports_print(json_t *result, json_t *rules, FILE *out)
{
    json_t *journals = evidence_complete_new(result);
    const char *no_color = getenv("NO_COLOR");
    bool is_painted = isatty(fileno(out)) == 1 && !(no_color && *no_color);

    report_text_painted(computed(result, rules, journals), out, is_painted);
    json_decref(journals);
}
