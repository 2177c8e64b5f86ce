#include "conformance/moment.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const ms_t SECOND = 1000, MINUTE = 60000, HOUR = 3600000, DAY = 86400000;
static const ms_t LONGEST = 31622400000000; /* a thousand years */

/* A run of digits, as many as allowed; leaves `*text` behind it. */
static bool
digits_read(const char **text, unsigned digits_max, ms_t *number)
{
    const char *at = *text;

    *number = 0;
    for (; isdigit((unsigned char)*at) && (unsigned)(at - *text) < digits_max; at++)
        *number = *number * 10 + (*at - '0');
    if (at == *text || isdigit((unsigned char)*at))
        return false;
    *text = at;
    return true;
}

/* `.5`, `.25` or `.999` as milliseconds; nothing is zero. */
static bool
fraction_read(const char **text, ms_t *milliseconds)
{
    *milliseconds = 0;
    if (**text != '.')
        return true;
    const char *start = ++*text;
    if (!digits_read(text, 3, milliseconds))
        return false;
    for (long given = *text - start; given < 3; given++)
        *milliseconds *= 10;
    return true;
}

static bool
day_exists(const struct tm *day)
{
    struct tm copy = *day;

    timegm(&copy);
    return copy.tm_year == day->tm_year && copy.tm_mon == day->tm_mon &&
           copy.tm_mday == day->tm_mday;
}

bool
moment_read(const char *text, ms_t *at)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    int parts[6] = {0};
    int part = 0;

    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] != 'd') {
            if (text[i] != shape[i])
                return false;
            part++;
        } else if (isdigit((unsigned char)text[i])) {
            parts[part] = parts[part] * 10 + (text[i] - '0');
        } else {
            return false;
        }
    }
    text += sizeof shape - 1;

    struct tm day = {.tm_year = parts[0] - 1900,
                     .tm_mon = parts[1] - 1,
                     .tm_mday = parts[2],
                     .tm_hour = parts[3],
                     .tm_min = parts[4],
                     .tm_sec = parts[5]};
    ms_t fraction;
    if (parts[3] > 23 || parts[4] > 59 || parts[5] > 59 || !day_exists(&day))
        return false;
    if (!fraction_read(&text, &fraction) || strcmp(text, "Z") != 0)
        return false;
    *at = (ms_t)timegm(&day) * 1000 + fraction;
    return true;
}

void
moment_write(ms_t at, char text[static MOMENT_TEXT_SIZE])
{
    ms_t fraction = ((at % SECOND) + SECOND) % SECOND;
    time_t seconds = (time_t)((at - fraction) / SECOND);
    struct tm day;

    gmtime_r(&seconds, &day);
    size_t length = strftime(text, MOMENT_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(text + length, MOMENT_TEXT_SIZE - length, ".%03dZ", (int)fraction);
}

/* 23:59:59.999 or 0:00:01 behind the days, if any. */
static bool
clock_read(const char *text, ms_t *length)
{
    ms_t hours, minutes, seconds, fraction;

    if (!digits_read(&text, 6, &hours) || *text++ != ':' || !digits_read(&text, 2, &minutes) ||
        *text++ != ':' || !digits_read(&text, 2, &seconds) || !fraction_read(&text, &fraction))
        return false;
    if (*text != '\0' || minutes > 59 || seconds > 59)
        return false;
    *length += hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction;
    return true;
}

/* The unit behind a number; 0 when there is none. */
static ms_t
unit_read(const char **text)
{
    static const struct {
        const char *name;
        ms_t length;
    } units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                 {"h", 3600000}, {"d", 86400000}, {"w", 604800000}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(*text, units[i].name, size) == 0 && !isalpha((unsigned char)(*text)[size])) {
            *text += size;
            return units[i].length;
        }
    }
    return 0;
}

bool
moment_read_duration(const char *text, ms_t *length)
{
    if (*text++ != '+' || *text == '\0')
        return false;
    *length = 0;
    while (*text != '\0') {
        const char *part = text;
        ms_t number;

        if (!digits_read(&text, 12, &number))
            return false;
        if (*text == ':') {
            if (!clock_read(part, length))
                return false;
            break;
        }
        ms_t unit = unit_read(&text);
        if (unit == 0 || number > LONGEST / unit)
            return false;
        *length += number * unit;
        if (*length > LONGEST)
            return false;
    }
    return *length <= LONGEST;
}

void
moment_write_duration(ms_t length, char text[static DURATION_TEXT_SIZE])
{
    ms_t days = length >= 2 * DAY ? length / DAY : 0;
    ms_t rest = length - days * DAY;
    int used = 0;

    if (days > 0)
        used = snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "d", days);
    snprintf(text + used, (size_t)(DURATION_TEXT_SIZE - used), "%02d:%02d:%02d.%03d",
             (int)(rest / HOUR), (int)(rest / MINUTE % 60), (int)(rest / SECOND % 60),
             (int)(rest % SECOND));
}
