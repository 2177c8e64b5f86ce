/* Instants as foreign files write them: 2024-03-01T09:00:00Z, 2022-07-12T19:11:07+0000, 2024-03-01 09:00 UTC, 2024-03-01T09:00:00.250+02:00, 2024/03/01 09:00,
 * 01.03.2024 09:00, 1709283600 (seconds), 1709283600000 (ms). What begins 03/01/2024 is not guessed at. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/import.h"
#include "conformance/moment.h"

/* N digits; -1 when there are others. */
static int
digits(const char **text, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

/* "", "Z", "+0000", "+02:00"; minutes to take off. */
static bool
read_zone(const char *text, int *minutes)
{
    int sign = *text == '-' ? -1 : 1;

    *minutes = 0;
    if (*text == '\0' || strcasecmp(text, "Z") == 0 || strcmp(text, "UTC") == 0 ||
        strcmp(text, "GMT") == 0)
        return true;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    int hour = digits(&text, 2);
    if (*text == ':')
        text++;
    int minute = *text == '\0' ? 0 : digits(&text, 2);
    *minutes = sign * (hour * 60 + minute);
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && *text == '\0';
}

/* ":SS" and ".mmm..." where they are. */
static bool
read_seconds(const char **text, int *second, int *ms)
{
    *second = *ms = 0;
    if (**text == ':') {
        ++*text;
        *second = digits(text, 2);
    }
    if (**text == '.' || **text == ',') {
        int unit = 100;
        for (++*text; isdigit((unsigned char)**text); ++*text, unit /= 10)
            *ms += (**text - '0') * unit;
    }
    return *second >= 0;
}

/* "1709283600", "1709283600000"; digits of other lengths are no instant. */
static bool
read_count(const char *text, int64_t *at_ms)
{
    size_t n = strspn(text, "0123456789");

    if (text[n] != '\0' || (n != 10 && n != 13))
        return false;
    *at_ms = strtoll(text, NULL, 10) * (n == 10 ? 1000 : 1);
    return true;
}

/* The first sixteen characters as 2024-03-01T09:00. False when they are no day and minute. */
static bool
read_minute(const char *text, char plain[17])
{
    static const char *const shapes[] = {"0000-00-00T00:00", "0000/00/00T00:00",
                                         "00.00.0000T00:00"};
    size_t shape = 0, i = 0;

    for (; shape < sizeof shapes / sizeof *shapes; shape++) {
        for (i = 0; i < 16; i++)
            if (shapes[shape][i] == '0'   ? !isdigit((unsigned char)text[i])
                : shapes[shape][i] == 'T' ? text[i] != 'T' && text[i] != ' '
                                          : text[i] != shapes[shape][i])
                break;
        if (i == 16)
            break;
    }
    if (i < 16)
        return false;
    memcpy(plain, text, 17);
    if (shape == 2) {
        memcpy(plain, text + 6, 4);
        memcpy(plain + 5, text + 3, 2);
        memcpy(plain + 8, text, 2);
    }
    plain[4] = plain[7] = '-';
    plain[10] = 'T';
    return true;
}

bool
import_read_time(const char *text, int64_t *at_ms)
{
    char plain[MOMENT_TEXT_SIZE];
    int second, ms, zone;

    if (text != NULL && read_count(text, at_ms))
        return true;
    if (text == NULL || strlen(text) < 16 || !read_minute(text, plain))
        return false;
    text += 16;
    if (!read_seconds(&text, &second, &ms) || second > 59)
        return false;
    while (*text == ' ')
        text++;
    snprintf(plain + 16, sizeof plain - 16, ":%02d.%03dZ", second, ms);
    if (!read_zone(text, &zone) || !moment_read(plain, at_ms))
        return false;
    *at_ms -= (int64_t)zone * 60000;
    return true;
}
