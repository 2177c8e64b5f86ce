/* Instants and durations as people write them: ISO 8601 and +1d2h, in milliseconds.
 * Knows no clock: nothing here asks what time it is. */
#ifndef CONFORMANCE_MOMENT_H
#define CONFORMANCE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t ms_t; /* milliseconds, or milliseconds since 1970-01-01T00:00:00Z */

enum { MOMENT_TEXT_SIZE = 32, DURATION_TEXT_SIZE = 32 };

/* Reads 2024-03-01T09:00:00Z, with or without .mmm. False when it is anything else or no such day exists. */
bool moment_read(const char *text, ms_t *at);

/* Writes 2024-03-01T09:00:00.000Z. */
void moment_write(ms_t at, char text[static MOMENT_TEXT_SIZE]);

/* Reads a duration with a leading +: +90s, +5m, +25h, +3d, +500ms, +2w, +1d2h30m, +23:59:59.999, +6d23:59:59.
 * False when it is anything else or longer than a thousand years. */
bool moment_read_duration(const char *text, ms_t *length);

/* Writes 23:59:59.999, with days in front where there are some beyond the second: 6d23:59:59.999; hours go up to 47. */
void moment_write_duration(ms_t length, char text[static DURATION_TEXT_SIZE]);

#endif
