#include "conformance/options.h"

#include <errno.h>
#include <getopt.h>

#include "conformance/alloc.h"

enum { R = OPTIONS_RUN, P = OPTIONS_REPLAY, E = OPTIONS_EXEC, S = OPTIONS_SERVER };

static const struct option_row {
    const char *name, *argument, *help;
    unsigned where;
    char letter;
} rows[OPTION_COUNT] = {
#define OPTION(symbol, name, letter, argument, where, help)                                        \
    [OPTION_##symbol] = {name, argument, help, where, letter},
#include "conformance/options.def"
#undef OPTION
};

static const char *
subcommand_name(enum option_where where)
{
    return where == OPTIONS_RUN ? "run" : where == OPTIONS_REPLAY ? "replay" : "exec";
}

static void
add_value(struct options *options, enum option_id id, const char *value)
{
    size_t *count = &options->counts[id];

    options->values[id] = alloc_checked(realloc(options->values[id], (*count + 1) * sizeof value));
    options->values[id][(*count)++] = value;
}

/* What getopt_long is to know: the rows of a subcommand. */
struct known_options {
    struct option rows[OPTION_COUNT + 1];
    char letters[2 + 3 * OPTION_COUNT];
};

static void
list_options(enum option_where where, struct known_options *known)
{
    size_t count = 0;

    /* Options and paths may be mixed, but what follows exec's COMMAND is the command's. */
    *known = (struct known_options){.letters = ":"};
    if (where == OPTIONS_EXEC)
        memcpy(known->letters, "+:", 3);
    for (int id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = &rows[id];
        if ((row->where & where) == 0)
            continue;
        known->rows[count++] = (struct option){
            row->name, row->argument == NULL ? no_argument : required_argument, NULL, 256 + id};
        if (row->letter != 0)
            snprintf(known->letters + strlen(known->letters), 3, "%c%s", row->letter,
                     row->argument == NULL ? "" : ":");
    }
}

static int
refuse(enum option_where where, bool is_short, const char *text)
{
    fprintf(stderr, "understudy %s: %s `%s`; see: understudy %s --help\n", subcommand_name(where),
            is_short ? "a value is missing after" : "unknown or incomplete option", text,
            subcommand_name(where));
    return -1;
}

static enum option_id
option_of(int got)
{
    int id = 0;

    if (got >= 256)
        return (enum option_id)(got - 256);
    while (rows[id].letter != got)
        id++;
    return (enum option_id)id;
}

int
options_read(struct options *options, enum option_where where, int argc, char **argv)
{
    struct known_options known;

    *options = (struct options){0};
    list_options(where, &known);
    optind = 0;
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, known.letters, known.rows, NULL)) != -1;) {
        if (got == '?' || got == ':') {
            char letter[] = {'-', (char)optopt, '\0'};
            bool is_letter = optopt > 0 && optopt < 256;
            return refuse(where, got == ':', is_letter ? letter : argv[optind - 1]);
        }
        add_value(options, option_of(got), optarg == NULL ? "" : optarg);
    }
    options->rest = argv + optind;
    options->rest_count = argc - optind;
    return 0;
}

void
options_fini(struct options *options)
{
    for (int id = 0; id < OPTION_COUNT; id++)
        free(options->values[id]);
    *options = (struct options){0};
}

bool
options_has(const struct options *options, enum option_id id)
{
    return options->counts[id] > 0;
}

const char *
options_text(const struct options *options, enum option_id id, const char *otherwise)
{
    return options->counts[id] > 0 ? options->values[id][options->counts[id] - 1] : otherwise;
}

int
options_number(const struct options *options, enum option_id id, long least, long most,
               long otherwise, long *number)
{
    const char *text = options_text(options, id, NULL);
    char *end;

    *number = otherwise;
    if (text == NULL)
        return 0;
    errno = 0;
    *number = strtol(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && *number >= least && *number <= most)
        return 0;
    fprintf(stderr, "understudy: bad --%s `%s`, expected a number from %ld to %ld\n", rows[id].name,
            text, least, most);
    return -1;
}

void
options_usage(enum option_where where, const char *subcommand, const char *operands, FILE *to)
{
    fprintf(to, "usage: understudy %s [options] %s\n", subcommand, operands);
    for (int id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = &rows[id];
        char shown[64];

        if ((row->where & where) == 0)
            continue;
        snprintf(shown, sizeof shown, "--%s%s%s", row->name, row->argument == NULL ? "" : " ",
                 row->argument == NULL ? "" : row->argument);
        if (row->letter != 0)
            fprintf(to, "  -%c, %-26s %s\n", row->letter, shown, row->help);
        else
            fprintf(to, "  %-30s %s\n", shown, row->help);
    }
}

char **
options_server_arguments(const struct options *options)
{
    char **arguments = NULL;
    size_t count = 0;

    for (int id = 0; id < OPTION_COUNT; id++) {
        if ((rows[id].where & OPTIONS_SERVER) == 0)
            continue;
        for (size_t i = 0; i < options->counts[id]; i++) {
            arguments = alloc_checked(realloc(arguments, (count + 3) * sizeof *arguments));
            arguments[count++] = alloc_print("--%s", rows[id].name);
            if (rows[id].argument != NULL)
                arguments[count++] = alloc_text(options->values[id][i]);
        }
    }
    arguments = alloc_checked(realloc(arguments, (count + 1) * sizeof *arguments));
    arguments[count] = NULL;
    return arguments;
}

void
options_server_default(const struct options *options, char ***arguments, enum option_id id,
                       const char *value)
{
    size_t count = 0;

    if (options_has(options, id))
        return;
    while ((*arguments)[count] != NULL)
        count++;
    *arguments = alloc_checked(realloc(*arguments, (count + 3) * sizeof **arguments));
    (*arguments)[count] = alloc_print("--%s", rows[id].name);
    (*arguments)[count + 1] = alloc_text(value);
    (*arguments)[count + 2] = NULL;
}

void
options_server_for_client(const struct options *options, char ***arguments)
{
    options_server_default(options, arguments, OPTION_TLS, "127.0.0.1:0");
    options_server_default(options, arguments, OPTION_PROXY, "127.0.0.1:0");
}

void
options_arguments_free(char **arguments)
{
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++)
        free(arguments[i]);
    free(arguments);
}
