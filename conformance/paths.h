/* Which scenario files the operands of a command line mean, and what they are called.
 * Knows the file system; reads no file. */
#ifndef CONFORMANCE_PATHS_H
#define CONFORMANCE_PATHS_H

#include <stddef.h>

struct found_file {
    char *path; /* to open it */
    char *
        name; /* in reports, the same on every machine: no .scn, no leading ./, no folders above the operand's last */
};

struct found_files {
    struct found_file *items;
    size_t count;
};

/* Adds a file, or all .scn files below a folder in the order of their names. Returns 0, or -1 after a line on stderr: it
 * does not exist, cannot be read, or holds no scenario. */
int paths_find(struct found_files *files, const char *operand);

void paths_fini(struct found_files *files);

#endif
