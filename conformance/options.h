/* Command lines of the harness: one table for run, replay and exec.
 * Knows nothing of what the options do. */
#ifndef CONFORMANCE_OPTIONS_H
#define CONFORMANCE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum option_id {
#define OPTION(symbol, name, letter, argument, where, help) OPTION_##symbol,
#include "conformance/options.def"
#undef OPTION
    OPTION_COUNT
};

enum option_where { OPTIONS_RUN = 1, OPTIONS_REPLAY = 2, OPTIONS_EXEC = 4, OPTIONS_SERVER = 8 };

struct options {
    const char **values[OPTION_COUNT]; /* borrowed from argv; as often as given */
    size_t counts[OPTION_COUNT];
    char **rest; /* what is not an option; borrowed from argv */
    int rest_count;
};

/* Reads a command line. `argv[0]` is the subcommand. Returns 0; -1 after one line on stderr that says what is wrong and
 * what to type. The caller frees with options_fini in either case. */
int options_read(struct options *options, enum option_where where, int argc, char **argv);
void options_fini(struct options *options);

/* True when it was given. */
bool options_has(const struct options *options, enum option_id id);

/* The value given last, or `otherwise`. */
const char *options_text(const struct options *options, enum option_id id, const char *otherwise);

/* The value as a number from `least` to `most`. Returns 0; -1 after a line on stderr. */
int options_number(const struct options *options, enum option_id id, long least, long most,
                   long otherwise, long *number);

/* Prints the usage of a subcommand. */
void options_usage(enum option_where where, const char *subcommand, const char *operands, FILE *to);

/* The arguments for `understudy serve` that follow from the options given; a NULL-terminated array, the caller frees it
 * and nothing in it but the array's own texts with options_arguments_free. */
char **options_server_arguments(const struct options *options);

/* Adds `--NAME value` to such an array, unless the command line has that option. */
void options_server_default(const struct options *options, char ***arguments, enum option_id id,
                            const char *value);

/* Adds what a client needs that only knows graph.facebook.com: a TLS listener and a proxy on free ports. */
void options_server_for_client(const struct options *options, char ***arguments);
void options_arguments_free(char **arguments);

#endif
