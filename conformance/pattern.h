/* JSON patterns: does a value look as expected, and if not, where does it differ first?
 * Knows JSON and variables, nothing of tests. */
#ifndef CONFORMANCE_PATTERN_H
#define CONFORMANCE_PATTERN_H

#include <stdbool.h>

#include <jansson.h>

#include "conformance/scope.h"

enum { PATTERN_PATH_MAX = 200 };

/* Where a value differs from its pattern. Texts are owned; free with mismatch_fini. */
struct mismatch {
    char path[PATTERN_PATH_MAX]; /* error.code, entry[0].id; empty for the value itself */
    char *expected;              /* what the pattern says there */
    char *actual;                /* what is there; `nothing` when the key is missing */
};

void mismatch_fini(struct mismatch *mismatch);

/* Checks a pattern as written: unknown markers, bad regular expressions, types that do not exist. Returns NULL when it
 * is good, else what is wrong (new text, the caller frees). */
char *pattern_check(const json_t *pattern);

/* Matches. Variables are read from `scope`; what `${x:type}` binds is written to `scope` only when all of the pattern
 * matches. `is_exact`: no keys beyond those of the pattern. `actual` NULL: the thing is not there. The mismatch may be
 * NULL; it is filled only when the result is false. */
bool pattern_match(const json_t *pattern, const json_t *actual, bool is_exact, struct scope *scope,
                   struct mismatch *mismatch);

/* The same for a text and a pattern that is a word, as in `header NAME PATTERN`; `actual` NULL: not there. */
bool pattern_match_text(const char *pattern, const char *actual, struct scope *scope,
                        struct mismatch *mismatch);

#endif
