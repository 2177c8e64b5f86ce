/* oracle.h - how a page's sends might have gone at best: the schedule that the same limits allow, against what the client did. Pure: instants in, numbers out. */
#ifndef UNDERSTUDY_CORE_ORACLE_H
#define UNDERSTUDY_CORE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

/* One try to send something, in the order of time. */
struct oracle_try {
    ms_t at;
    uint32_t what;       /* the same for tries of the same message; 0: not known, a message of its own */
    uint8_t bound;       /* bits: by which of the limits it is counted; 0: refused by a limit of another kind, whose wait is not the rate's */
    bool is_refused;     /* by a limit; else it went out */
};

struct oracle_limit {
    ms_t window;
    int64_t max;
    bool is_on;
};

/* One message: when it was first tried, and when it went out. */
struct oracle_job {
    ms_t wanted, sent;   /* sent MS_NEVER: not yet */
    ms_t best;           /* when it could have gone out */
    uint32_t what;
    uint8_t bound;
};

struct oracle_result {
    size_t sent;         /* messages that went out */
    size_t refusals;     /* tries that a limit refused: all could have been avoided by waiting */
    size_t given_up;     /* messages that were refused and never sent */
    ms_t waited;         /* sum over messages: from first try to going out */
    ms_t waited_at_best; /* the same in the best schedule */
    ms_t lost;           /* sum over messages: later than at best */
    ms_t took, took_at_best; /* from the first try of all to the last message out */
};

/* How the windows of one limit were used. */
struct oracle_use {
    size_t sent;         /* messages that it counts */
    int64_t peak;        /* most of them in any window */
    int64_t busy;        /* windows, laid end to end, in which something went out */
};

/* Makes the messages of the tries: jobs has room for `count`, and comes back in the order in which they were first tried. Returns how many there are; refusals
 * and given_up are set. */
size_t oracle_jobs(const struct oracle_try *tries, size_t count, struct oracle_job *jobs, struct oracle_result *result);

/* Sets `best` of every job: the first instant, not before it was wanted, at which every limit that counts it lets it pass beside all jobs before it. For limits that are windows this
 * order of first come, first served is the best there is: whoever waits lets nobody of the same kind go earlier. slots is room for count instants for each limit. Fills the result. */
void oracle_judge(struct oracle_job *jobs, size_t count, const struct oracle_limit *limits, unsigned limit_count, ms_t *slots, struct oracle_result *result);

/* How the windows of a limit (its bit) were used. */
struct oracle_use oracle_windows(const struct oracle_try *tries, size_t count, uint8_t bit, ms_t window);

#endif
