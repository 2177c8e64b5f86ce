/* settings.h - the command line of `understudy serve` as a struct. One table drives reading, usage and help. */
#ifndef UNDERSTUDY_EDGE_SETTINGS_H
#define UNDERSTUDY_EDGE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/span.h"

enum { SETTINGS_HOST = 256, SETTINGS_WORLDS_MAX = 256 };

struct address {
    char host[SETTINGS_HOST]; /* without brackets */
    uint16_t port;
    bool is_set;
};

struct settings {
    struct address listen, tls, proxy;
    const char *worlds[SETTINGS_WORLDS_MAX]; /* files; borrowed from the command line */
    unsigned world_count;
    ms_t now; /* MS_NEVER: not given */
    unsigned times;
    uint64_t seed;
    const char *journal, *admin_token;
    bool is_strict, has_clock_files, wants_help;
    unsigned threads;
};

/* Returns 0, or -1 after one line on stderr that says what is wrong and what to type. */
int settings_read(struct settings *settings, int argc, char **argv);
void settings_usage(FILE *out);

#endif
