#include "conformance/pace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
real_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool
pace_of(const char *text, unsigned *times)
{
    char *end;

    *times = strcmp(text, "wall") == 0;
    if (*times == 1 || strcmp(text, "frozen") == 0)
        return true;
    if (text[0] != 'x' || text[1] < '1' || text[1] > '9')
        return false;
    errno = 0;
    unsigned long number = strtoul(text + 1, &end, 10);
    *times = (unsigned)number;
    return errno == 0 && *end == '\0' && number <= PACE_TIMES_MAX;
}

void
pace_begin(struct pace *pace, ms_t from)
{
    pace->from = from;
    pace->since_us = real_us();
}

bool
pace_sleep(const struct pace *pace, ms_t until)
{
    ms_t whole = (until - pace->from) / pace->times, rest = (until - pace->from) % pace->times;
    int64_t left_us =
        pace->since_us + whole * 1000 + (rest * 1000 + pace->times - 1) / pace->times - real_us();
    const int64_t slice_us = (int64_t)PACE_SLICE_MS * 1000;
    bool is_last = left_us <= slice_us;

    if (!is_last)
        left_us = slice_us;
    if (left_us > 0) {
        struct timespec nap = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
        nanosleep(&nap, NULL);
    }
    return is_last;
}
