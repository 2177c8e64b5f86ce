#include "core/date_format.h"

#include <stdbool.h>
#include <string.h>

#include "core/datetime.h"

static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

struct writer {
    char *out;
    size_t size, n;
    ms_t at;
    struct civil civil;
};

static void
put(struct writer *w, const char *text, size_t n)
{
    if (w->size == 0)
        return;
    if (n > w->size - 1 - w->n)
        n = w->size - 1 - w->n;
    memcpy(w->out + w->n, text, n);
    w->n += n;
}

static void
put_text(struct writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static void
put_number(struct writer *w, int64_t number, int width)
{
    char digits[24];
    int n = sizeof digits;

    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
        width--;
    } while (number > 0 || width > 0);
    put(w, digits + n, sizeof digits - (size_t)n);
}

/* --- Parts of the calendar -------------------------------------------------------------------- */

/* From 0. */
static int
day_of_year(const struct civil *civil)
{
    int day = civil->day - 1;

    for (int month = 1; month < civil->month; month++)
        day += datetime_days_in_month(civil->year, month);
    return day;
}

static int
iso_weekday(const struct civil *civil)
{
    return civil->weekday == 0 ? 7 : civil->weekday;
}

/* A year has 53 weeks when it ends on a Thursday, or on a Friday as a leap year. */
static int
weeks_in_year(int year, int last_weekday)
{
    return last_weekday == 4 || (last_weekday == 5 && datetime_is_leap(year)) ? 53 : 52;
}

/* Week and year by ISO 8601. */
static void
iso_week(const struct civil *civil, int *week, int *year)
{
    int day = day_of_year(civil), weekday = iso_weekday(civil);
    int first = (weekday + 6 - day % 7 + 7) % 7 + 1; /* weekday of the first of January, from 1 */
    int length = datetime_is_leap(civil->year) ? 366 : 365;
    int last = (first + length - 2) % 7 + 1;

    *year = civil->year;
    *week = (day + 1 - weekday + 10) / 7;
    if (*week < 1)
        *week = weeks_in_year(--*year, (first + 5) % 7 + 1);
    else if (*week > weeks_in_year(civil->year, last)) {
        *week = 1;
        ++*year;
    }
}

static const char *
ordinal_suffix(int day)
{
    if (day % 10 == 0 || day % 10 > 3 || (day > 10 && day < 14))
        return "th";
    return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : "rd";
}

/* --- Letters ---------------------------------------------------------------------------------- */

static bool
put_day(struct writer *w, char letter)
{
    const struct civil *c = &w->civil;

    switch (letter) {
    case 'd':
        put_number(w, c->day, 2);
        return true;
    case 'D':
        put(w, weekdays[c->weekday], 3);
        return true;
    case 'j':
        put_number(w, c->day, 1);
        return true;
    case 'l':
        put_text(w, weekdays[c->weekday]);
        return true;
    case 'N':
        put_number(w, iso_weekday(c), 1);
        return true;
    case 'S':
        put_text(w, ordinal_suffix(c->day));
        return true;
    case 'w':
        put_number(w, c->weekday, 1);
        return true;
    case 'z':
        put_number(w, day_of_year(c), 1);
        return true;
    default:
        return false;
    }
}

static bool
put_year(struct writer *w, char letter)
{
    const struct civil *c = &w->civil;
    int week, year;

    iso_week(c, &week, &year);
    switch (letter) {
    case 'W':
        put_number(w, week, 2);
        return true;
    case 'o':
        put_number(w, year, 4);
        return true;
    case 'F':
        put_text(w, months[c->month - 1]);
        return true;
    case 'M':
        put(w, months[c->month - 1], 3);
        return true;
    case 'm':
        put_number(w, c->month, 2);
        return true;
    case 'n':
        put_number(w, c->month, 1);
        return true;
    case 't':
        put_number(w, datetime_days_in_month(c->year, c->month), 1);
        return true;
    case 'L':
        put_number(w, datetime_is_leap(c->year), 1);
        return true;
    case 'Y':
        put_number(w, c->year, 4);
        return true;
    case 'y':
        put_number(w, c->year % 100, 2);
        return true;
    default:
        return false;
    }
}

/* Thousandths of a day by the clock of Biel, an hour east of UTC. */
static int
beats(ms_t at)
{
    return (int)((at + HOUR) % DAY * 1000 / DAY);
}

static bool
put_clock(struct writer *w, char letter)
{
    const struct civil *c = &w->civil;
    int half = c->hour % 12 == 0 ? 12 : c->hour % 12;

    switch (letter) {
    case 'a':
        put_text(w, c->hour < 12 ? "am" : "pm");
        return true;
    case 'A':
        put_text(w, c->hour < 12 ? "AM" : "PM");
        return true;
    case 'B':
        put_number(w, beats(w->at), 3);
        return true;
    case 'g':
    case 'h':
        put_number(w, half, letter == 'g' ? 1 : 2);
        return true;
    case 'G':
    case 'H':
        put_number(w, c->hour, letter == 'G' ? 1 : 2);
        return true;
    case 'i':
        put_number(w, c->minute, 2);
        return true;
    case 's':
        put_number(w, c->second, 2);
        return true;
    case 'v':
    case 'u':
        put_number(w, c->ms, 3);
        put_text(w, letter == 'u' ? "000" : "");
        return true;
    default:
        return false;
    }
}

/* The zone, which is UTC, and whole dates; the latter are formats themselves. */
static const char *
zone_or_format(char letter, bool *is_format)
{
    *is_format = letter == 'c' || letter == 'r';
    switch (letter) {
    case 'c':
        return "Y-m-d\\TH:i:sP";
    case 'r':
        return "D, d M Y H:i:s O";
    case 'e':
    case 'T':
        return "UTC";
    case 'O':
        return "+0000";
    case 'P':
        return "+00:00";
    case 'p':
        return "Z";
    case 'I':
    case 'Z':
        return "0";
    default:
        return NULL;
    }
}

static void
put_format(struct writer *w, struct str format)
{
    for (size_t i = 0; i < format.n; i++) {
        char letter = format.s[i];
        bool is_format;
        const char *text = zone_or_format(letter, &is_format);

        if (letter == '\\' && i + 1 < format.n)
            put(w, &format.s[++i], 1);
        else if (letter == 'U')
            put_number(w, w->at / SECOND, 1);
        else if (text != NULL && is_format)
            put_format(w, str_of(text));
        else if (text != NULL)
            put_text(w, text);
        else if (!put_day(w, letter) && !put_year(w, letter) && !put_clock(w, letter))
            put(w, &letter, 1);
    }
}

size_t
date_format(char *out, size_t size, ms_t at, struct str format)
{
    struct writer w = {.out = out, .size = size, .at = at, .civil = civil_of(at)};

    put_format(&w, format);
    if (size > 0)
        out[w.n] = '\0';
    return w.n;
}
