/* Outcomes as people read them and as reports take them.
 * Knows outcomes and the rule table; decides nothing. */
#ifndef CONFORMANCE_RESULT_H
#define CONFORMANCE_RESULT_H

#include <stdio.h>

#include <jansson.h>

#include "conformance/story.h"

/* One scenario, or one row of it, and what came out. */
struct result {
    const struct script *script;
    long row; /* -1: it has no table */
    struct outcome outcome;
};

/* Prints one line, and for a failure the lines of docs/scenarios.md. */
void result_print(const struct result *result, const json_t *rules, FILE *to);

/* The last line: how many of each. */
void result_print_summary(const struct result *results, size_t count, FILE *to);

/* Appends to `results` and `journals` of a result tree. */
void result_add(const struct result *result, const json_t *rules, bool has_client, json_t *results,
                json_t *journals);

/* 2 when one is an error, 1 when one failed, else 0. */
int result_exit_code(const struct result *results, size_t count);

#endif
