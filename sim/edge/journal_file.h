/* journal_file.h - the records of all worlds streamed into one file, through a buffer: a header line, then one record a line, as they happen. */
#ifndef UNDERSTUDY_EDGE_JOURNAL_FILE_H
#define UNDERSTUDY_EDGE_JOURNAL_FILE_H

#include <stddef.h>
#include <stdint.h>

struct journal_file;

/* Makes (or empties) the file and writes its header. NULL with one line in problem. */
struct journal_file *journal_file_new(const char *path, uint64_t seed, char *problem, size_t size);

/* Writes out what is left and closes it. Returns 0, or -1 when something could not be written; then a line is on stderr. */
int journal_file_free(struct journal_file **file);

/* Takes a record without newline. May be called from any thread. */
void journal_file_add(void *file, const char *line, size_t n);

/* Writes out what is in the buffer. */
void journal_file_flush(struct journal_file *file);

#endif
