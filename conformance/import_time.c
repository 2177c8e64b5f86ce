/* Instants as foreign files write them: 2024-03-01T09:00:00Z, 2022-07-12T19:11:07+0000, 2024-03-01 09:00, 2024-03-01T09:00:00.250+02:00. */
#include <ctype.h>
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
    if (*text == '\0' || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
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

bool
import_read_time(const char *text, int64_t *at_ms)
{
    char plain[MOMENT_TEXT_SIZE];
    int second, ms, zone;

    if (text == NULL || strlen(text) < 16 || (text[10] != 'T' && text[10] != ' '))
        return false;
    memcpy(plain, text, 16);
    plain[10] = 'T';
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
