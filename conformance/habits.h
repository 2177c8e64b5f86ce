/* How long a client takes to call after something has reached it: learned while it is watched, per kind of event.
 * Knows records of the journal; waits for nothing and reads no clock itself. */
#ifndef CONFORMANCE_HABITS_H
#define CONFORMANCE_HABITS_H

#include <stdbool.h>

#include "conformance/moment.h"
#include "conformance/stream.h"

enum { HABIT_KINDS_MAX = 64, HABIT_NAME_SIZE = 40 };

/* One kind: an event of the journal's webhooks (`message`, `echo` ...), or `call` for what the client itself called. */
struct habit {
    char name[HABIT_NAME_SIZE];
    unsigned waits; /* how often it has been waited for with full patience */
    long
        slowest_ms; /* how long a call let wait for itself although all was quiet; forgotten slowly */
    bool is_fresh; /* among what has come since the last wait */
};

/* Of one client; begin with habits_init. */
struct habits {
    struct habit kinds[HABIT_KINDS_MAX];
    size_t kind_count;
    bool has_called;     /* ever */
    unsigned long_waits; /* spent before it ever called */
    bool never_sleeps;   /* it is always doing something: watching its sleep says nothing */
    json_t *reached;     /* person -> real time when something about them reached the client last */
    json_t *fresh;       /* those people since the client was quiet last */
    long late_ms;        /* how long to wait after a late answer */
    unsigned waits_after_late; /* left of those with full patience */
    size_t late_calls;
};

void habits_init(struct habits *habits);
void habits_fini(struct habits *habits);

/* A new world with new people: what belongs to persons is forgotten, the rest is kept. */
void habits_begin(struct habits *habits);

/* Takes in the records from `from` on. A call about somebody of whom nothing has reached the client since it was found quiet,
 * but something had shortly before, is a late answer. */
void habits_take(struct habits *habits, const struct stream *stream, size_t from, long real_ms);

/* How long to be silent with the client for what was taken in, when time goes on by `ahead` then. `quiet_ms` is the most that
 * a client which answers at once is given. */
long habits_patience_ms(const struct habits *habits, long quiet_ms, ms_t ahead);

/* A wait is over: the client called after so long although all had been quiet, or it did not (-1). */
void habits_learn(struct habits *habits, long surprise_ms);

/* The client is quiet. */
void habits_rest(struct habits *habits);

#endif
