/* Files that appear whole or not at all. The only part of reports that writes to the disk. */
#ifndef REPORTS_PUBLISH_H
#define REPORTS_PUBLISH_H

#include <stdio.h>

#include <jansson.h>

/* Makes the folder `dir` and those above it. Returns 0, or -1 after a line on stderr. */
int publish_folder(const char *dir);

/* Writes what `write` writes of `tree` to dir/name, by way of a second name. Returns 0, or -1 after
 * a line on stderr. */
int publish_file(const char *dir, const char *name, void (*write)(json_t *tree, FILE *out),
                 json_t *tree);

#endif
