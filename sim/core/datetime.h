/*
 * Dates and durations as text, by civil arithmetic of our own: the libc functions would bring time
 * zones and the machine's locale into the core. It never asks what time it is.
 */
#ifndef UNDERSTUDY_CORE_DATETIME_H
#define UNDERSTUDY_CORE_DATETIME_H

#include <stdbool.h>
#include <stddef.h>

#include "core/span.h"
#include "core/str.h"

/* Room for any text written here, with its NUL. */
#define DATETIME_SIZE 32
#define DURATION_SIZE 40

/* A point of the proleptic Gregorian calendar in UTC. */
struct civil {
    int year;       /* 1970..9999 */
    int month, day; /* from 1 */
    int hour, minute, second, ms;
    int weekday; /* 0 = Sunday */
};

struct civil civil_of(ms_t);         /* the instant must lie in 1970..9999 */
ms_t civil_ms(const struct civil *); /* the weekday is not looked at */

/* Of the Gregorian calendar; months from 1 to 12. */
bool datetime_is_leap(int year);
int datetime_days_in_month(int year, int month);

/*
 * ISO 8601: `2024-03-01T09:00:00`, with or without fraction (cut to ms), seconds may be left out, a
 * space may stand for 'T', then `Z`, `+hh:mm`, `+hhmm`, `+hh` or nothing (UTC); or a date alone
 * (its midnight UTC). Years 1970..9999. False, *at untouched, for anything else.
 */
bool datetime_read(struct str text, ms_t *at);

/*
 * Each writes at most DATETIME_SIZE bytes with the NUL and gives the length. at: 1970..9999.
 *
 * iso:   2024-03-01T09:00:00.000Z, as in journals
 * graph: 2024-03-01T09:00:00+0000, as the Graph API writes it
 * http:  Fri, 01 Mar 2024 09:00:00 GMT (RFC 9110 5.6.7)
 */
size_t datetime_iso(char out[DATETIME_SIZE], ms_t at);
size_t datetime_graph(char out[DATETIME_SIZE], ms_t at);
size_t datetime_http(char out[DATETIME_SIZE], ms_t at);

/*
 * Wednesday, 14-Feb-18 18:00:00 PST: how the text of an expired token (190/463) writes time, in the
 * Pacific zone with its summer time.
 */
#define DATETIME_TOKEN_SIZE 48
size_t datetime_token(char out[DATETIME_TOKEN_SIZE], ms_t at);

/*
 * A duration: any number of `<digits><unit>` in falling order of unit (w, d, h, m, s, ms; a
 * fraction is allowed in the last one), then optionally a clock part `h:mm:ss` or `h:mm:ss.fff` or
 * `h:mm`; one sign in front: `24h`, `+23:59:59.999`, `6d23:59:59.999`, `+1d2h`, `90s`, `250ms`,
 * `1.5s`, `-30s`. False, *length untouched, for anything else or beyond 1000 years.
 */
bool duration_read(struct str text, ms_t *length);

/*
 * The shortest form that duration_read gives back: `1d`, `6d23h59m59s999ms`, `0s`, `-30s`. Gives
 * the length written.
 */
size_t duration_write(char out[DURATION_SIZE], ms_t length);

#endif
