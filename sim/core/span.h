/* span.h - instants, durations and half-open spans of time. Knows no clock: an instant is always an argument. */
#ifndef UNDERSTUDY_CORE_SPAN_H
#define UNDERSTUDY_CORE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* An instant (milliseconds since 1970-01-01T00:00:00Z) or a duration in milliseconds. */
typedef int64_t ms_t;

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

/* Far enough away that adding a year to it does not overflow. */
#define MS_NEVER (INT64_MIN / 4)
#define MS_ALWAYS (INT64_MAX / 4)

/* [from, until): the first instant belongs to it, the last does not. */
struct span {
    ms_t from;
    ms_t until;
};

static inline bool
span_has(struct span span, ms_t at)
{
    return span.from <= at && at < span.until;
}

/* Whether `at` lies less than `length_ms` after `start`; false when `start` never happened. The first instant of a window is
 * inside it, the instant `start + length_ms` is the first one outside. */
static inline bool
within_ms(ms_t start, ms_t length_ms, ms_t at)
{
    return start != MS_NEVER && at >= start && at - start < length_ms;
}

#endif
