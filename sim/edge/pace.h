/* pace.h - how a world's time goes: it stands still, or it runs on at so many times the speed of the wall clock from where it stood. Arithmetic and the
 * words for it; it moves nothing by itself. */
#ifndef UNDERSTUDY_EDGE_PACE_H
#define UNDERSTUDY_EDGE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/span.h"
#include "core/str.h"

#define PACE_TIMES_MAX 1000000
#define PACE_TEXT_SIZE 16

/* Where time ends: dates have four digits. A pace that gets there stays there. */
#define PACE_END (CIVIL(10000, 1, 1) - 1)

struct pace {
    unsigned times; /* 0: frozen, 1: like the wall clock */
    ms_t base;      /* virtual time at `since_us` */
    int64_t since_us;
};

/* "frozen", "wall" or "xN" with N from 1 to PACE_TIMES_MAX. False, *times untouched, for anything else. */
bool pace_read(struct str text, unsigned *times);
void pace_write(char out[PACE_TEXT_SIZE], unsigned times);

/* The pace that goes on from virtual time `from` at this moment. */
struct pace pace_from(unsigned times, ms_t from);

/* Where virtual time stands by now; of a frozen pace, its base. */
ms_t pace_now(const struct pace *pace);

/* Real microseconds until virtual time reaches `at`; 0 when it has, -1 when the pace is frozen or it takes longer than a year. */
int64_t pace_wait_us(const struct pace *pace, ms_t at);

#endif
