#include "core/datetime.h"

#include <assert.h>
#include <string.h>

#define YEAR_MIN 1970
#define YEAR_MAX 9999

static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* --- Civil arithmetic ------------------------------------------------------------------------- */

bool
datetime_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
datetime_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && datetime_is_leap(year) ? 29 : days[month - 1];
}

/* Days before the first of January of that year, from 1970 on. */
static int64_t
days_before_year(int year)
{
    int64_t before = year - 1;

    return (int64_t)365 * (year - 1970) + (before / 4 - 1969 / 4) - (before / 100 - 1969 / 100) +
           (before / 400 - 1969 / 400);
}

static int64_t
days_of(int year, int month, int day)
{
    int64_t days = days_before_year(year) + day - 1;

    for (int m = 1; m < month; m++)
        days += datetime_days_in_month(year, m);
    return days;
}

struct civil
civil_of(ms_t at)
{
    assert(at >= 0 && at < days_before_year(YEAR_MAX + 1) * DAY);

    int64_t days = at / DAY;
    int ms = (int)(at % DAY);
    int year = (int)(1970 + days / 366); /* never too late: no year is longer */

    while (days_before_year(year + 1) <= days)
        year++;

    struct civil civil = {
        .year = year, .month = 1, .weekday = (int)((days + 4) % 7)}; /* 1970 began on a Thursday */
    int left = (int)(days - days_before_year(year));

    while (left >= datetime_days_in_month(year, civil.month))
        left -= datetime_days_in_month(year, civil.month++);
    civil.day = left + 1;
    civil.hour = ms / (int)HOUR;
    civil.minute = ms / (int)MINUTE % 60;
    civil.second = ms / (int)SECOND % 60;
    civil.ms = ms % (int)SECOND;
    return civil;
}

ms_t
civil_ms(const struct civil *civil)
{
    return days_of(civil->year, civil->month, civil->day) * DAY + civil->hour * HOUR +
           civil->minute * MINUTE + civil->second * SECOND + civil->ms;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* What is left to read. Every read_ function moves on only when it succeeds. */
struct cursor {
    const char *at;
    const char *end;
};

static bool
is_digit(const struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

static bool
read_char(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

/* Exactly that many digits. */
static bool
read_digits(struct cursor *cursor, int count, int *value)
{
    struct cursor ahead = *cursor;
    int sum = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit(&ahead))
            return false;
        sum = sum * 10 + (*ahead.at++ - '0');
    }
    *cursor = ahead;
    *value = sum;
    return true;
}

/* At least one digit of a fraction of one, as thousandths; what is smaller is dropped. */
static bool
read_fraction(struct cursor *cursor, int *thousandths)
{
    int weight = 100;

    if (!is_digit(cursor))
        return false;
    *thousandths = 0;
    while (is_digit(cursor)) {
        *thousandths += weight * (*cursor->at++ - '0');
        weight /= 10;
    }
    return true;
}

/* hh:mm, hh:mm:ss or hh:mm:ss.fff */
static bool
read_time(struct cursor *cursor, struct civil *civil)
{
    if (!read_digits(cursor, 2, &civil->hour) || !read_char(cursor, ':') ||
        !read_digits(cursor, 2, &civil->minute))
        return false;
    if (read_char(cursor, ':')) {
        if (!read_digits(cursor, 2, &civil->second))
            return false;
        if (read_char(cursor, '.') && !read_fraction(cursor, &civil->ms))
            return false;
    }
    return civil->hour < 24 && civil->minute < 60 && civil->second < 60;
}

/* Z, +hh:mm, +hhmm, +hh or nothing: what to subtract from the local time. */
static bool
read_offset(struct cursor *cursor, ms_t *offset)
{
    int hours = 0, minutes = 0;
    bool east = read_char(cursor, '+');

    *offset = 0;
    if (!east && !read_char(cursor, '-')) {
        if (!read_char(cursor, 'Z'))
            read_char(cursor, 'z');
        return true;
    }
    if (!read_digits(cursor, 2, &hours))
        return false;
    if (read_char(cursor, ':') ? !read_digits(cursor, 2, &minutes)
                               : is_digit(cursor) && !read_digits(cursor, 2, &minutes))
        return false;
    if (hours > 14 || minutes > 59)
        return false;
    *offset = (hours * HOUR + minutes * MINUTE) * (east ? 1 : -1);
    return true;
}

bool
datetime_read(struct str text, ms_t *at)
{
    struct cursor cursor = {text.s, text.s + text.n};
    struct civil civil = {0};
    ms_t offset = 0;

    if (!read_digits(&cursor, 4, &civil.year) || !read_char(&cursor, '-') ||
        !read_digits(&cursor, 2, &civil.month) || !read_char(&cursor, '-') ||
        !read_digits(&cursor, 2, &civil.day))
        return false;
    if (civil.year < YEAR_MIN || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
        civil.day > datetime_days_in_month(civil.year, civil.month))
        return false;
    if (cursor.at < cursor.end) {
        if (!read_char(&cursor, 'T') && !read_char(&cursor, 't') && !read_char(&cursor, ' '))
            return false;
        if (!read_time(&cursor, &civil) || !read_offset(&cursor, &offset) || cursor.at < cursor.end)
            return false;
    }

    ms_t instant = civil_ms(&civil) - offset;

    if (instant < 0 || instant >= days_before_year(YEAR_MAX + 1) * DAY)
        return false;
    *at = instant;
    return true;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static char *
put_text(char *out, const char *text)
{
    size_t n = strlen(text);

    memcpy(out, text, n + 1);
    return out + n;
}

static char *
put_char(char *out, char c)
{
    out[0] = c;
    out[1] = '\0';
    return out + 1;
}

/* At least `width` digits. */
static char *
put_number(char *out, int64_t number, int width)
{
    char digits[20];
    int n = 0;

    while (n < width || number > 0) {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    }
    while (n > 0)
        *out++ = digits[--n];
    *out = '\0';
    return out;
}

static char *
put_clock(char *out, const struct civil *civil)
{
    out = put_char(put_number(out, civil->hour, 2), ':');
    out = put_char(put_number(out, civil->minute, 2), ':');
    return put_number(out, civil->second, 2);
}

static char *
put_date_and_clock(char *out, const struct civil *civil)
{
    out = put_char(put_number(out, civil->year, 4), '-');
    out = put_char(put_number(out, civil->month, 2), '-');
    out = put_char(put_number(out, civil->day, 2), 'T');
    return put_clock(out, civil);
}

size_t
datetime_iso(char out[DATETIME_SIZE], ms_t at)
{
    struct civil civil = civil_of(at);
    char *end = put_char(put_date_and_clock(out, &civil), '.');

    return (size_t)(put_char(put_number(end, civil.ms, 3), 'Z') - out);
}

size_t
datetime_graph(char out[DATETIME_SIZE], ms_t at)
{
    struct civil civil = civil_of(at);

    return (size_t)(put_text(put_date_and_clock(out, &civil), "+0000") - out);
}

size_t
datetime_http(char out[DATETIME_SIZE], ms_t at)
{
    struct civil civil = civil_of(at);
    char *end = out;

    memcpy(end, weekdays[civil.weekday], 3);
    end = put_number(put_text(end + 3, ", "), civil.day, 2);
    end = put_text(put_char(end, ' '), months[civil.month - 1]);
    end = put_char(put_number(put_char(end, ' '), civil.year, 4), ' ');
    return (size_t)(put_text(put_clock(end, &civil), " GMT") - out);
}

/* The first Sunday of a month, or a later one, at that hour UTC. */
static ms_t
sunday(int year, int month, int after_weeks, int hour)
{
    int64_t first = days_of(year, month, 1);
    int64_t skip = (7 - (first + 4) % 7) % 7;

    return (first + skip + (int64_t)7 * after_weeks) * DAY + hour * HOUR;
}

/*
 * Summer time on the Pacific coast since 2007: second Sunday of March to first Sunday of November,
 * 2:00 local time each.
 */
static bool
is_pacific_summer(ms_t at)
{
    int year = civil_of(at).year;

    return at >= sunday(year, 3, 1, 10) && at < sunday(year, 11, 0, 9);
}

size_t
datetime_token(char out[DATETIME_TOKEN_SIZE], ms_t at)
{
    bool summer = is_pacific_summer(at);
    ms_t local = at - (summer ? 7 : 8) * HOUR;
    struct civil civil = civil_of(local < 0 ? 0 : local);
    char *end = put_text(put_text(out, weekdays[civil.weekday]), ", ");

    end = put_char(put_number(end, civil.day, 2), '-');
    end = put_char(put_text(end, months[civil.month - 1]), '-');
    end = put_char(put_number(end, civil.year % 100, 2), ' ');
    return (size_t)(put_text(put_clock(end, &civil), summer ? " PDT" : " PST") - out);
}

/* --- Durations -------------------------------------------------------------------------------- */

#define DURATION_MAX (1000 * YEAR)

/* Falling; the writer leaves out weeks. */
static const struct unit {
    const char *name;
    ms_t ms;
} units[] = {{"w", 7 * DAY}, {"d", DAY}, {"h", HOUR}, {"m", MINUTE}, {"s", SECOND}, {"ms", 1}};

#define UNITS (sizeof units / sizeof *units)

/* Digits as a number; false when there are none or it is beyond every duration. */
static bool
read_count(struct cursor *cursor, ms_t *count)
{
    ms_t sum = 0;

    if (!is_digit(cursor))
        return false;
    while (is_digit(cursor)) {
        sum = sum * 10 + (*cursor->at++ - '0');
        if (sum > DURATION_MAX)
            return false;
    }
    *count = sum;
    return true;
}

/* The unit named at the cursor, or UNITS. "ms" is no "m". */
static size_t
read_unit(struct cursor *cursor)
{
    size_t n = 0;

    while (cursor->at + n < cursor->end && cursor->at[n] >= 'a' && cursor->at[n] <= 'z')
        n++;
    for (size_t i = 0; i < UNITS; i++) {
        if (strlen(units[i].name) == n && memcmp(units[i].name, cursor->at, n) == 0) {
            cursor->at += n;
            return i;
        }
    }
    return UNITS;
}

/* The clock part behind its hours: :mm, :mm:ss, :mm:ss.fff, to the end of the text. */
static bool
read_clock(struct cursor *cursor, ms_t hours, ms_t *length)
{
    int minutes = 0, seconds = 0, thousandths = 0;

    if (hours > DURATION_MAX / HOUR || !read_char(cursor, ':') || !read_digits(cursor, 2, &minutes))
        return false;
    if (read_char(cursor, ':')) {
        if (!read_digits(cursor, 2, &seconds) ||
            (read_char(cursor, '.') && !read_fraction(cursor, &thousandths)))
            return false;
    }
    *length += hours * HOUR + minutes * MINUTE + seconds * SECOND + thousandths;
    return minutes < 60 && seconds < 60 && cursor->at == cursor->end;
}

/*
 * One `<digits>[.<digits>]<unit>`; units must fall from *unit on, which becomes the next lower one.
 */
static bool
read_part(struct cursor *cursor, ms_t count, size_t *unit, ms_t *length)
{
    int thousandths = 0;
    bool fraction = read_char(cursor, '.');

    if (fraction && !read_fraction(cursor, &thousandths))
        return false;

    size_t found = read_unit(cursor);

    if (found < *unit || found == UNITS || count > DURATION_MAX / units[found].ms)
        return false;
    if (fraction && cursor->at < cursor->end)
        return false;
    *length += count * units[found].ms + thousandths * units[found].ms / 1000;
    *unit = found + 1;
    return true;
}

bool
duration_read(struct str text, ms_t *length)
{
    struct cursor cursor = {text.s, text.s + text.n};
    bool negative = read_char(&cursor, '-');
    size_t unit = 0;
    ms_t sum = 0;

    if (!negative)
        read_char(&cursor, '+');
    if (cursor.at == cursor.end)
        return false;
    while (cursor.at < cursor.end) {
        ms_t count = 0;

        if (!read_count(&cursor, &count))
            return false;
        if (cursor.at < cursor.end && *cursor.at == ':') {
            /* a clock part may follow weeks and days, not hours */
            if (unit > 2 || !read_clock(&cursor, count, &sum))
                return false;
        } else if (!read_part(&cursor, count, &unit, &sum)) {
            return false;
        }
    }
    if (sum > DURATION_MAX)
        return false;
    *length = negative ? -sum : sum;
    return true;
}

size_t
duration_write(char out[DURATION_SIZE], ms_t length)
{
    char *end = out;
    uint64_t left = length < 0 ? (uint64_t)0 - (uint64_t)length : (uint64_t)length;

    if (length < 0)
        *end++ = '-';
    for (size_t i = 1; i < UNITS; i++) {
        uint64_t count = left / (uint64_t)units[i].ms;

        left %= (uint64_t)units[i].ms;
        if (count > 0)
            end = put_text(put_number(end, (int64_t)count, 1), units[i].name);
    }
    if (length == 0)
        end = put_text(end, "0s");
    return (size_t)(end - out);
}
