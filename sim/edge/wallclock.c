#include "edge/wallclock.h"

#include <time.h>

ms_t
wallclock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (ms_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
wallclock_ticks_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
