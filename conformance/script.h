/* The reader of the scenario language: bytes in, an array of steps out, every mistake with its line.
 * Knows the table of verbs and JSON; does not know what a step means (check.h) or does (story.h). */
#ifndef CONFORMANCE_SCRIPT_H
#define CONFORMANCE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "conformance/complaints.h"
#include "conformance/verbs.h"

struct word {
    char *text;
    bool is_quoted; /* was written as "..." */
};

struct step {
    enum verb verb;
    const char *file;   /* borrowed from the script; differs from its path inside an include */
    int line;           /* of the verb, from 1 */
    struct word *words; /* behind the name of the verb */
    size_t word_count;
    json_t *json; /* NULL when there is none */
    char *source; /* name and words as they were written, for reports */
};

/* The table of a `rows` step: cells are words, `rows[i].words[j]` belongs to column j. */
struct row {
    int line;
    struct word *words;
    size_t word_count;
};

struct script {
    char *path;
    char *name;  /* path without .scn and without what is before it: the name in reports */
    char *title; /* of `scenario`; empty until script_read is through */
    struct step *steps;
    size_t step_count;
    const struct step *rows_step; /* NULL: no table; its words are the columns */
    struct row *rows;
    size_t row_count;
    char **files; /* paths of includes, owned */
    size_t file_count;
};

enum { SCRIPT_BYTES_MAX = 4 * 1024 * 1024 };

/* Reads a file and its includes: lines, words, JSON, verbs, arity. Every mistake becomes a complaint.
 * Returns a script in any case, with the steps that could be read; the caller frees it with script_free. */
struct script *script_read(const char *path, const char *name, struct complaints *complaints);

/* The same from memory; `path` is used in messages and for includes. `bytes` need not end in a NUL. */
struct script *script_read_bytes(const char *path, const char *name, const char *bytes,
                                 size_t length, struct complaints *complaints);

/* Frees a script and sets the pointer to NULL. */
void script_free(struct script **script);

/* Reads a whole file, at most `most` bytes. Returns NULL after a complaint; the caller frees. */
char *script_load(const char *path, size_t most, size_t *length, struct complaints *complaints);

/* The line (from 1) of the first byte that is not UTF-8 or is NUL; 0 when all is well. */
int script_bad_text_line(const char *bytes, size_t length);

#endif
