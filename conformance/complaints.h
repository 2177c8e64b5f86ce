/* What is wrong with files that people wrote: `file:line: what is wrong, expected what`, in the order found.
 * Knows nothing of what the files are. */
#ifndef CONFORMANCE_COMPLAINTS_H
#define CONFORMANCE_COMPLAINTS_H

#include <stddef.h>
#include <stdio.h>

struct complaints {
    char **lines;
    size_t count;
};

/* Adds one; `line` 0 leaves the number out. The text is a format without a newline. */
__attribute__((format(printf, 4, 5))) void complaints_add(struct complaints *list, const char *file,
                                                          int line, const char *format, ...);

/* Prints all of them, one a line. */
void complaints_print(const struct complaints *list, FILE *to);

/* Frees what the list holds and empties it. */
void complaints_fini(struct complaints *list);

#endif
