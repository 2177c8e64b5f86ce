#include "world/send_log.h"

#include <stdlib.h>

#include "world/xalloc.h"

#define ROOM_FIRST 64

void
send_log_fini(struct send_log *log)
{
    free(log->tries);
    *log = (struct send_log){ 0 };
}

const struct oracle_try *
send_log_at(const struct send_log *log, uint32_t i)
{
    return &log->tries[(log->first + i) & (log->room - 1)];
}

void
send_log_add(struct send_log *log, const struct oracle_try *try)
{
    if (log->count == log->room && log->room < SEND_LOG_MAX) { /* not a ring yet: `first` is 0 */
        log->room = log->room == 0 ? ROOM_FIRST : log->room * 2;
        log->tries = xrealloc(log->tries, log->room * sizeof *log->tries);
    }
    if (log->count == log->room) {
        log->refused -= log->tries[log->first].is_refused;
        log->first = (log->first + 1) & (log->room - 1);
        log->count--;
        log->forgotten++;
    }
    log->tries[(log->first + log->count++) & (log->room - 1)] = *try;
    log->refused += try->is_refused;
}
