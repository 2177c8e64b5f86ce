/* Dates and durations, row by row. */
#include <check.h>

#include "core/datetime.h"

static const struct instant_row {
    const char *text;
    ms_t at;
    const char *iso;
    const char *http;
} instants[] = {
    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"1970-01-01", 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"1999-12-31T23:59:59.999Z", INT64_C(946684799999), "1999-12-31T23:59:59.999Z",
     "Fri, 31 Dec 1999 23:59:59 GMT"},
    {"2000-02-29T12:00Z", INT64_C(951825600000), "2000-02-29T12:00:00.000Z",
     "Tue, 29 Feb 2000 12:00:00 GMT"},
    {"2016-04-12T00:00:00", INT64_C(1460419200000), "2016-04-12T00:00:00.000Z",
     "Tue, 12 Apr 2016 00:00:00 GMT"},
    {"2024-03-01T09:00:00.000Z", INT64_C(1709283600000), "2024-03-01T09:00:00.000Z",
     "Fri, 01 Mar 2024 09:00:00 GMT"},
    {"2024-03-01T09:00:00+0000", INT64_C(1709283600000), "2024-03-01T09:00:00.000Z",
     "Fri, 01 Mar 2024 09:00:00 GMT"},
    {"2024-03-01T12:00:00+03:00", INT64_C(1709283600000), "2024-03-01T09:00:00.000Z",
     "Fri, 01 Mar 2024 09:00:00 GMT"},
    {"2024-03-01T14:30:00+05:30", INT64_C(1709283600000), "2024-03-01T09:00:00.000Z",
     "Fri, 01 Mar 2024 09:00:00 GMT"},
    {"2024-03-01 01:00:00.5-08", INT64_C(1709283600500), "2024-03-01T09:00:00.500Z",
     "Fri, 01 Mar 2024 09:00:00 GMT"},
    {"2024-03-01t09:00:00.0019z", INT64_C(1709283600001), "2024-03-01T09:00:00.001Z",
     "Fri, 01 Mar 2024 09:00:00 GMT"},
    {"2026-04-27T00:00:00Z", INT64_C(1777248000000), "2026-04-27T00:00:00.000Z",
     "Mon, 27 Apr 2026 00:00:00 GMT"},
    {"2100-02-28T23:59:59Z", INT64_C(4107542399000), "2100-02-28T23:59:59.000Z",
     "Sun, 28 Feb 2100 23:59:59 GMT"},
    {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999), "9999-12-31T23:59:59.999Z",
     "Fri, 31 Dec 9999 23:59:59 GMT"},
};

START_TEST(reads_and_writes_instants)
{
    const struct instant_row *row = &instants[_i];
    char text[DATETIME_SIZE];
    ms_t at = -1;

    ck_assert_msg(datetime_read(str_of(row->text), &at), "%s", row->text);
    ck_assert_int_eq(at, row->at);
    ck_assert_uint_eq(datetime_iso(text, at), strlen(row->iso));
    ck_assert_str_eq(text, row->iso);
    ck_assert_uint_eq(datetime_http(text, at), strlen(row->http));
    ck_assert_str_eq(text, row->http);
    ck_assert_uint_eq(datetime_graph(text, at), 24);
    ck_assert_int_eq(memcmp(text, row->iso, 19), 0);
    ck_assert_str_eq(text + 19, "+0000");
}
END_TEST

static const char *const no_instants[] = {
    "",
    "2024",
    "2024-03",
    "2024-3-1",
    "2024-00-01",
    "2024-13-01",
    "2024-02-30",
    "2023-02-29",
    "2100-02-29",
    "2024-04-31",
    "2024-03-00",
    "1969-12-31",
    "1970-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "2024-03-01T",
    "2024-03-01T9:00:00Z",
    "2024-03-01T24:00:00Z",
    "2024-03-01T09:60:00Z",
    "2024-03-01T09:00:60Z",
    "2024-03-01T09:00:00.Z",
    "2024-03-01T09:00:00ZZ",
    "2024-03-01T09:00:00 Z",
    "2024-03-01T09:00:00+",
    "2024-03-01T09:00:00+3",
    "2024-03-01T09:00:00+03:",
    "2024-03-01T09:00:00+03:60",
    "2024-03-01T09:00:00+15:00",
    "2024-03-01X09:00:00Z",
    " 2024-03-01",
    "2024-03-01 ",
    "now",
};

START_TEST(refuses_what_is_no_instant)
{
    ms_t at = 4711;

    ck_assert_msg(!datetime_read(str_of(no_instants[_i]), &at), "%s", no_instants[_i]);
    ck_assert_int_eq(at, 4711);
}
END_TEST

/* Every day of 500 years, counted by hand: no formula in common with the code. */
START_TEST(walks_the_calendar)
{
    static const int days_in[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1970, month = 1, day = 1, weekday = 4;

    for (ms_t at = 0; year < 2470; at += DAY) {
        struct civil civil = civil_of(at + DAY - 1);
        struct civil midnight = {.year = year, .month = month, .day = day};

        ck_assert(civil.year == year && civil.month == month && civil.day == day &&
                  civil.weekday == weekday);
        ck_assert(civil.hour == 23 && civil.minute == 59 && civil.second == 59 && civil.ms == 999);
        ck_assert_int_eq(civil_ms(&midnight), at);
        ck_assert_int_eq(civil_ms(&civil), at + DAY - 1);
        weekday = (weekday + 1) % 7;

        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        if (++day > days_in[month - 1] + (month == 2 && leap ? 1 : 0)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}
END_TEST

/* In the text of an expired token; the zone changes at 10:00 and 9:00 UTC. */
static const struct token_row {
    const char *at;
    const char *text;
} token_rows[] = {
    {"2018-02-15T02:00:00Z", "Wednesday, 14-Feb-18 18:00:00 PST"},
    {"2018-02-15T21:46:35Z", "Thursday, 15-Feb-18 13:46:35 PST"},
    {"2024-03-10T09:59:59Z", "Sunday, 10-Mar-24 01:59:59 PST"},
    {"2024-03-10T10:00:00Z", "Sunday, 10-Mar-24 03:00:00 PDT"},
    {"2024-11-03T08:59:59Z", "Sunday, 03-Nov-24 01:59:59 PDT"},
    {"2024-11-03T09:00:00Z", "Sunday, 03-Nov-24 01:00:00 PST"},
    {"2026-03-08T10:00:00Z", "Sunday, 08-Mar-26 03:00:00 PDT"},
    {"2026-11-01T09:00:00Z", "Sunday, 01-Nov-26 01:00:00 PST"},
};

START_TEST(writes_pacific_time)
{
    char text[DATETIME_TOKEN_SIZE];
    ms_t at = 0;

    ck_assert(datetime_read(str_of(token_rows[_i].at), &at));
    ck_assert_uint_eq(datetime_token(text, at), strlen(token_rows[_i].text));
    ck_assert_str_eq(text, token_rows[_i].text);
}
END_TEST

static const struct duration_row {
    const char *text;
    ms_t length;
    const char *written;
} durations[] = {
    {"0s", 0, "0s"},
    {"24h", 24 * HOUR, "1d"},
    {"+24h", 24 * HOUR, "1d"},
    {"+23:59:59.999", DAY - 1, "23h59m59s999ms"},
    {"6d23:59:59.999", 7 * DAY - 1, "6d23h59m59s999ms"},
    {"+1d2h", DAY + 2 * HOUR, "1d2h"},
    {"90s", 90 * SECOND, "1m30s"},
    {"250ms", 250, "250ms"},
    {"1.5s", 1500, "1s500ms"},
    {"0.25h", 15 * MINUTE, "15m"},
    {"1d1.5h", DAY + 90 * MINUTE, "1d1h30m"},
    {"-30s", -30 * SECOND, "-30s"},
    {"2w", 14 * DAY, "14d"},
    {"1w6d23:59", 13 * DAY + 23 * HOUR + 59 * MINUTE, "13d23h59m"},
    {"5m", 5 * MINUTE, "5m"},
    {"5m10ms", 5 * MINUTE + 10, "5m10ms"},
    {"+0:00:00.001", 1, "1ms"},
    {"48:00", 2 * DAY, "2d"},
    {"365d", YEAR, "365d"},
    {"365000d", 1000 * YEAR, "365000d"},
    {"1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5, "1d2h3m4s5ms"},
};

START_TEST(reads_and_writes_durations)
{
    const struct duration_row *row = &durations[_i];
    char text[DURATION_SIZE];
    ms_t length = 4711;

    ck_assert_msg(duration_read(str_of(row->text), &length), "%s", row->text);
    ck_assert_int_eq(length, row->length);
    ck_assert_uint_eq(duration_write(text, length), strlen(row->written));
    ck_assert_str_eq(text, row->written);
    ck_assert(duration_read(str_of(text), &length));
    ck_assert_int_eq(length, row->length);
}
END_TEST

static const char *const no_durations[] = {
    "",
    "+",
    "-",
    "1",
    "h",
    "1x",
    "1hh",
    "1H",
    "h1",
    "1h2d",
    "1h1h",
    "1ms1s",
    "1.5h3m",
    "1.h",
    ".5h",
    "1 h",
    " 1h",
    "1h ",
    "1:2",
    "1:60",
    "1:00:60",
    "1:00:00.",
    "1:00:00s",
    "2h1:00",
    "1m1:00",
    "1:00:00:00",
    "--1h",
    "+-1h",
    "365001d",
    "365000d1ms",
    "99999999999999999999d",
    "99999999999999:00",
    "1h+1h",
    "1d-2h",
};

START_TEST(refuses_what_is_no_duration)
{
    ms_t length = 4711;

    ck_assert_msg(!duration_read(str_of(no_durations[_i]), &length), "%s", no_durations[_i]);
    ck_assert_int_eq(length, 4711);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("datetime");
    TCase *tcase = tcase_create("datetime");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, reads_and_writes_instants, 0, sizeof instants / sizeof *instants);
    tcase_add_loop_test(tcase, refuses_what_is_no_instant, 0,
                        sizeof no_instants / sizeof *no_instants);
    tcase_add_test(tcase, walks_the_calendar);
    tcase_add_loop_test(tcase, writes_pacific_time, 0, sizeof token_rows / sizeof *token_rows);
    tcase_add_loop_test(tcase, reads_and_writes_durations, 0, sizeof durations / sizeof *durations);
    tcase_add_loop_test(tcase, refuses_what_is_no_duration, 0,
                        sizeof no_durations / sizeof *no_durations);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
