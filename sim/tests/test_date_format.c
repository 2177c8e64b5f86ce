/* Instants by formats; every row is what PHP's DateTime::format says in UTC. */
#include <check.h>
#include <stdlib.h>

#include "core/date_format.h"

static const struct {
    ms_t at;
    const char *format, *text;
} rows[] = {
    {1709283600123LL, "U", "1709283600"},
    {1709283600123LL, "Y-m-d H:i:s", "2024-03-01 09:00:00"},
    {1709283600123LL, "c", "2024-03-01T09:00:00+00:00"},
    {1709283600123LL, "r", "Fri, 01 Mar 2024 09:00:00 +0000"},
    {1709283600123LL, "d D j l N S w z", "01 Fri 1 Friday 5 st 5 60"},
    {1709283600123LL, "W o", "09 2024"},
    {1709283600123LL, "F M m n t L Y y", "March Mar 03 3 31 1 2024 24"},
    {1709283600123LL, "a A B g G h H i s", "am AM 416 9 9 09 09 00 00"},
    {1709283600123LL, "v u", "123 123000"},
    {1709283600123LL, "e I O P T Z", "UTC 0 +0000 +00:00 UTC 0"},
    {1709283600123LL, "\\d\\e\\\\", "de\\"},
    {1709283600123LL, "jS \\o\\f F", "1st of March"},
    {1709283600123LL, "H:i?!", "09:00?!"},
    {0LL, "U", "0"},
    {0LL, "d D j l N S w z", "01 Thu 1 Thursday 4 st 4 0"},
    {1767225599999LL, "W o", "01 2026"},
    {1451606400000LL, "W o", "53 2015"},
    {1420070400000LL, "W o", "01 2015"},
    {1483228799000LL, "W o", "52 2016"},
    {1582934400000LL, "W o", "09 2020"},
    {946684799999LL, "W o", "52 1999"},
    {1104537600000LL, "W o", "53 2004"},
    {1230768000000LL, "W o", "01 2009"},
    {1609459199999LL, "W o", "53 2020"},
    {1293840000000LL, "W o", "52 2010"},
    {1767225599999LL, "d D j l N S w z", "31 Wed 31 Wednesday 3 st 3 364"},
    {1767225599999LL, "a A B g G h H i s", "pm PM 041 11 23 11 23 59 59"},
    {253370764800000LL, "Y-m-d H:i:s", "9999-01-01 00:00:00"},
    {0LL, "a A B g G h H i s", "am AM 041 12 0 12 00 00 00"},
    {946684799999LL, "a A B g G h H i s", "pm PM 041 11 23 11 23 59 59"},
    {1451606400000LL, "a A B g G h H i s", "am AM 041 12 0 12 00 00 00"},
    {946684799999LL, "jS \\o\\f F", "31st of December"},
    {951782400000LL, "jS \\o\\f F", "29th of February"},
    {951782400000LL, "F M m n t L Y y", "February Feb 02 2 29 1 2000 00"},
};

START_TEST(writes_as_php_does)
{
    char out[96];
    size_t n = date_format(out, sizeof out, rows[_i].at, str_of(rows[_i].format));

    ck_assert_str_eq(out, rows[_i].text);
    ck_assert_uint_eq(n, strlen(rows[_i].text));
}
END_TEST

/* A text that does not fit is cut, never written past its end. */
START_TEST(is_cut)
{
    char out[6] = "xxxxx";

    ck_assert_uint_eq(date_format(out, 5, 0, STR("Y-m-d")), 4);
    ck_assert_str_eq(out, "1970");
    ck_assert_uint_eq(date_format(out, 1, 0, STR("Y")), 0);
    ck_assert_str_eq(out, "");
    ck_assert_uint_eq(date_format(out, 0, 0, STR("Y")), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("date_format");
    TCase *tcase = tcase_create("date_format");

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, writes_as_php_does, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tcase, is_cut);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
