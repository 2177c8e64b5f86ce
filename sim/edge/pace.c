#include "edge/pace.h"

#include <stdio.h>

#include "edge/wallclock.h"
#include "world/ids.h"

bool
pace_read(struct str text, unsigned *times)
{
    if (str_eq_lit(text, "frozen")) {
        *times = 0;
        return true;
    }
    if (str_eq_lit(text, "wall")) {
        *times = 1;
        return true;
    }
    if (!str_starts_lit(text, "x"))
        return false;
    uint64_t number = digits_read(text.s + 1, text.n - 1);
    if (number == 0 || number > PACE_TIMES_MAX)
        return false;
    *times = (unsigned)number;
    return true;
}

void
pace_write(char out[PACE_TEXT_SIZE], unsigned times)
{
    if (times > 1)
        snprintf(out, PACE_TEXT_SIZE, "x%u", times);
    else
        snprintf(out, PACE_TEXT_SIZE, "%s", times == 0 ? "frozen" : "wall");
}

struct pace
pace_from(unsigned times, ms_t from)
{
    return (struct pace){times, from, wallclock_ticks_us()};
}

ms_t
pace_now(const struct pace *pace)
{
    if (pace->times == 0)
        return pace->base;
    ms_t now = pace->base + (wallclock_ticks_us() - pace->since_us) * pace->times / 1000;
    return now < PACE_END ? now : PACE_END;
}

int64_t
pace_wait_us(const struct pace *pace, ms_t at)
{
    if (pace->times == 0 || at - pace->base > YEAR * pace->times)
        return -1;
    ms_t whole = (at - pace->base) / pace->times, rest = (at - pace->base) % pace->times;
    int64_t when =
        pace->since_us + whole * 1000 + rest * 1000 / pace->times + 1; /* not a moment too early */
    int64_t left = when - wallclock_ticks_us();
    return left > 0 ? left : 0;
}
