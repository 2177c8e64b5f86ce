/* clock_file.h - the time of a world as a file that libfaketime follows (FAKETIME_TIMESTAMP_FILE): how far it is from the wall clock. A client that runs under it reads
 * the world's date from its own system, and timers keep their length. The file is replaced as a whole, so that nobody reads half of it. */
#ifndef UNDERSTUDY_EDGE_CLOCK_FILE_H
#define UNDERSTUDY_EDGE_CLOCK_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/span.h"

struct clock_file;

/* Makes the folder of this server's clock files. False with one line in problem. */
bool clock_files_begin(char *problem, size_t size);
/* Removes it; all files must have been freed. Nothing when it was never made. */
void clock_files_end(void);

/* A file for a world; NULL when there is no folder for them. */
struct clock_file *clock_file_new(void);
/* Removes it. NULL is fine. */
void clock_file_free(struct clock_file **file);

/* From now on the file says that time; a difference that it says already is not written again. NULL is fine. */
void clock_file_show(struct clock_file *file, ms_t now);

/* Where it is; NULL for NULL. */
const char *clock_file_path(const struct clock_file *file);

#endif
