/* Virtual time as text. */
#include <check.h>
#include <stdlib.h>

#include "reports/instant.h"

static const struct {
    const char *text;
    bool is_instant;
    long long ms;
} instants[] = {
    {"1970-01-01T00:00:00.000Z", true, 0},
    {"1970-01-01T00:00:00Z", true, 0},
    {"2024-02-29T23:59:59.999Z", true, 1709251199999},
    {"2024-03-01T00:00:00.000Z", true, 1709251200000},
    {"2024-03-01T00:00:00.5Z", true, 1709251200500},
    {"2100-03-01T00:00:00.000Z", true, 4107542400000},
    {"2000-02-29T12:00:00.001Z", true, 951825600001},
    {"2024-13-01T00:00:00.000Z", false, 0},
    {"2024-00-01T00:00:00.000Z", false, 0},
    {"2024-03-01T24:00:00.000Z", false, 0},
    {"2024-03-01T09:00:00.000", false, 0},
    {"2024-03-01T09:00:00.0000Z", false, 0},
    {"2024-03-01 09:00:00Z", false, 0},
    {"2024-3-1T09:00:00Z", false, 0},
    {"yesterday", false, 0},
    {"", false, 0},
};

START_TEST(reads)
{
    long long ms = 0;

    ck_assert_msg(instant_parse(instants[_i].text, &ms) == instants[_i].is_instant, "%s",
                  instants[_i].text);
    if (instants[_i].is_instant)
        ck_assert_msg(ms == instants[_i].ms, "%s is %lld", instants[_i].text, ms);
}
END_TEST

static const struct {
    long long ms;
    const char *span;
} spans[] = {
    {0, "0 ms"},
    {999, "999 ms"},
    {1000, "1 s"},
    {1500, "1.500 s"},
    {59999, "59.999 s"},
    {60000, "00:01:00"},
    {86399999, "23:59:59.999"},
    {86400000, "1d 00:00:00"},
    {262800250, "3d 01:00:00.250"},
};

START_TEST(writes_spans)
{
    char text[INSTANT_TEXT_SIZE];

    instant_span(spans[_i].ms, text);
    ck_assert_str_eq(text, spans[_i].span);
}
END_TEST

START_TEST(writes_seconds)
{
    char text[INSTANT_TEXT_SIZE];

    instant_seconds(1709251199999, text);
    ck_assert_str_eq(text, "2024-02-29T23:59:59");
    instant_seconds(0, text);
    ck_assert_str_eq(text, "1970-01-01T00:00:00");
    instant_seconds(1735689599000, text);
    ck_assert_str_eq(text, "2024-12-31T23:59:59");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("instant");
    TCase *cases = tcase_create("instant");
    SRunner *runner = srunner_create(suite);

    tcase_add_loop_test(cases, reads, 0, sizeof instants / sizeof *instants);
    tcase_add_loop_test(cases, writes_spans, 0, sizeof spans / sizeof *spans);
    tcase_add_test(cases, writes_seconds);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
