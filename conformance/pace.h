/* How fast a recording is played: as fast as the client settles, at the pace of the recording, or at so many times that.
 * Knows real time; nothing of worlds. */
#ifndef CONFORMANCE_PACE_H
#define CONFORMANCE_PACE_H

#include <stdbool.h>

#include "conformance/moment.h"

struct pace {
    unsigned times; /* 0: as fast as the client settles; 1: as recorded */
    ms_t from;      /* virtual, when it began */
    int64_t since_us;
};

enum { PACE_TIMES_MAX = 1000000, PACE_SLICE_MS = 500 };

/* Reads frozen, wall or xN. */
bool pace_of(const char *text, unsigned *times);

/* The clock starts to run now. */
void pace_begin(struct pace *pace, ms_t from);

/* Sleeps until the instant has come, but not longer than PACE_SLICE_MS. True when it has. */
bool pace_sleep(const struct pace *pace, ms_t until);

#endif
