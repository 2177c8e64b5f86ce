/* `understudy generate`: people made up by a model, as a recording on stdout, however many they are: nothing is held but a byte for each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "edge/serve.h"
#include "people/generate.h"

enum { EXIT_TROUBLE = 2, PROBLEM_SIZE = 512, PEOPLE_AT_A_TIME = 1000 };

/* Where a recording begins when nobody says: as in POST /_sim/generate. */
#define FROM CIVIL(2024, 3, 4)

static const char usage[] = "usage: understudy generate [--model FILE] [--people N] [--days N] "
                            "[--seed N] [--now ISO8601] > recording.jsonl\n\n"
                            "People made up by a model (docs/people.md), as a recording. 1000 "
                            "people, 30 days, seed 1 when nothing is said.\n";

static int
complain(const char *what, const char *which)
{
    fprintf(stderr, "understudy generate: %s `%s`; see: understudy generate --help\n", what, which);
    return EXIT_TROUBLE;
}

/* A value of the command line as the spec has it: whole numbers are numbers. NULL when it is none. */
static json_t *
number_new(const char *text)
{
    char *end;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' ? json_integer(number) : NULL;
}

static int
read_model(json_t *spec, const char *path)
{
    json_error_t error = {0};
    json_t *model = strcmp(path, "default") == 0
                        ? json_string("default")
                        : json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (model == NULL) {
        fprintf(stderr, "%s:%d: %s\n", path, error.line > 0 ? error.line : 1, error.text);
        return EXIT_TROUBLE;
    }
    json_object_set_new(spec, "model", model);
    return 0;
}

static int
read_option(json_t *spec, const char *name, const char *value)
{
    static const char *const numbers[] = {"people", "days", "seed"};

    if (strcmp(name, "--model") == 0)
        return read_model(spec, value);
    if (strcmp(name, "--now") == 0)
        return json_object_set_new(spec, "from", json_string(value));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name + 2, numbers[i]) != 0)
            continue;
        json_t *number = number_new(value);
        if (number == NULL)
            return complain("expected a whole number and not", value);
        return json_object_set_new(spec, numbers[i], number);
    }
    return complain("no option", name);
}

/* Writes what has gathered. False when the disk is full or the reader has gone. */
static bool
flush(struct buf *out)
{
    bool is_written = fwrite(out->s, 1, out->n, stdout) == out->n;

    buf_reset(out);
    return is_written;
}

static bool
write_all(struct generator *generator)
{
    struct buf out = {0};
    struct generated_act act;
    uint32_t people = generator_people(generator);
    bool is_written = true;

    for (uint32_t first = 0; is_written && first < people; first += PEOPLE_AT_A_TIME) {
        uint32_t end = people - first > PEOPLE_AT_A_TIME ? first + PEOPLE_AT_A_TIME : people;
        generator_write_header_part(generator, first, end, &out);
        is_written = flush(&out);
    }
    while (is_written && generate_next(generator, &act)) {
        generator_write_act(&act, &out);
        is_written = flush(&out);
    }
    is_written = is_written && fflush(stdout) == 0;
    buf_fini(&out);
    return is_written;
}

int
generate_main(int argc, char **argv)
{
    json_t *spec = json_object();
    char problem[PROBLEM_SIZE];
    int result = 0;

    for (int i = 1; i < argc && result == 0; i += 2) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            json_decref(spec);
            return 0;
        }
        if (strncmp(argv[i], "--", 2) != 0)
            result = complain("expected an option and not", argv[i]);
        else if (i + 1 == argc)
            result = complain("a value is missing after", argv[i]);
        else
            result = read_option(spec, argv[i], argv[i + 1]);
    }
    struct generator *generator =
        result == 0 ? generator_new(spec, FROM, problem, sizeof problem) : NULL;
    if (result == 0 && generator == NULL) {
        fprintf(stderr, "understudy generate: %s\n", problem);
        result = EXIT_TROUBLE;
    } else if (generator != NULL && !write_all(generator)) {
        fprintf(stderr, "understudy generate: cannot write: %s\n", strerror(errno));
        result = EXIT_TROUBLE;
    }
    generator_free(&generator);
    json_decref(spec);
    return result;
}
