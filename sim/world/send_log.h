/* send_log.h - the last tries of a page to send something: what the oracle of the limits judges. Bounded; knows numbers only. */
#ifndef UNDERSTUDY_WORLD_SEND_LOG_H
#define UNDERSTUDY_WORLD_SEND_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/oracle.h"

/* So many are kept of each page: 512 KB. */
#define SEND_LOG_MAX 32768

/* {0} is an empty one. */
struct send_log {
    struct oracle_try *tries; /* owned; a ring once it is full */
    uint32_t room, first, count;
    uint32_t refused;         /* among them: only then is it worth knowing which message a try is of */
    uint64_t forgotten;
};

void send_log_fini(struct send_log *log);
void send_log_add(struct send_log *log, const struct oracle_try *try);
/* The i-th oldest that is kept. */
const struct oracle_try *send_log_at(const struct send_log *log, uint32_t i);

#endif
