/* Feeding the recorded inputs of a journal to fresh worlds, and comparing the journals that come out.
 * Knows journals and the control API. */
#ifndef CONFORMANCE_REWIND_H
#define CONFORMANCE_REWIND_H

#include "conformance/control.h"

/* Reads the journal at `path`, replays its worlds one after the other, writes what comes out to `out` (NULL: nowhere) and
 * compares line by line. Returns the exit code: 0 when all lines are the same, 1 with the first that differs on stdout,
 * 2 after a line on stderr. */
int rewind_journal(struct control *control, const char *path, const char *out);

#endif
