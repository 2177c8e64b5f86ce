#include "reports/instant.h"

#include <stddef.h>
#include <stdio.h>

static const long long SECOND_MS = 1000, DAY_MS = 86400000;

/* Days since 1970-01-01 of a Gregorian date; years count from March, so that the leap day comes
 * last. */
static long long
days_from_date(long long year, int month, int day)
{
    if (month <= 2)
        year--;
    long long era = year / 400, year_of_era = year - era * 400;
    int month_from_march = month > 2 ? month - 3 : month + 9;
    long long day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void
date_from_days(long long days, int *year, int *month, int *day)
{
    days += 719468;
    long long era = days / 146097, day_of_era = days - era * 146097;
    long long year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    long long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    long long month_from_march = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

/* Reads exactly `count` digits. Returns the rest of the text, NULL if there are fewer. */
static const char *
digits(const char *text, int count, int *number)
{
    *number = 0;
    for (; text && count > 0; count--, text++) {
        if (*text < '0' || *text > '9')
            return NULL;
        *number = *number * 10 + (*text - '0');
    }
    return text;
}

static const char *
sign(const char *text, char wanted)
{
    return text && *text == wanted ? text + 1 : NULL;
}

static const char *
fraction(const char *text, int *ms)
{
    int scale = 100;

    *ms = 0;
    if (!text || *text != '.')
        return text;
    for (text++; *text >= '0' && *text <= '9' && scale > 0; text++, scale /= 10)
        *ms += (*text - '0') * scale;
    return text;
}

bool
instant_parse(const char *text, long long *ms)
{
    int year, month, day, hour, minute, second, thousandth;

    text = sign(digits(text, 4, &year), '-');
    text = sign(digits(text, 2, &month), '-');
    text = sign(digits(text, 2, &day), 'T');
    text = sign(digits(text, 2, &hour), ':');
    text = sign(digits(text, 2, &minute), ':');
    text = digits(text, 2, &second);
    text = sign(fraction(text, &thousandth), 'Z');
    if (!text || *text || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    *ms = days_from_date(year, month, day) * DAY_MS +
          ((hour * 60 + minute) * 60 + second) * SECOND_MS + thousandth;
    return true;
}

void
instant_seconds(long long ms, char text[INSTANT_TEXT_SIZE])
{
    long long days = ms / DAY_MS, seconds = ms % DAY_MS / SECOND_MS;
    int year, month, day;

    date_from_days(days, &year, &month, &day);
    snprintf(text, INSTANT_TEXT_SIZE, "%04d-%02d-%02dT%02lld:%02lld:%02lld", year, month, day,
             seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void
instant_span(long long ms, char text[INSTANT_TEXT_SIZE])
{
    long long seconds = ms / SECOND_MS, rest = ms % SECOND_MS, days = seconds / 86400;
    char fractions[8] = "", whole[16] = "";

    if (seconds == 0) {
        snprintf(text, INSTANT_TEXT_SIZE, "%lld ms", ms);
        return;
    }
    if (rest)
        snprintf(fractions, sizeof fractions, ".%03lld", rest);
    if (seconds < 60) {
        snprintf(text, INSTANT_TEXT_SIZE, "%lld%s s", seconds, fractions);
        return;
    }
    if (days)
        snprintf(whole, sizeof whole, "%lldd ", days);
    snprintf(text, INSTANT_TEXT_SIZE, "%s%02lld:%02lld:%02lld%s", whole, seconds / 3600 % 24,
             seconds / 60 % 60, seconds % 60, fractions);
}
