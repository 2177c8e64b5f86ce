/* Instants, durations, and the table of verbs with its page in the manual. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/moment.h"
#include "conformance/verbs.h"

#define DAY ((ms_t)24 * 60 * 60 * 1000)

static const struct {
    const char *text;
    ms_t length; /* -1: refused */
    const char *written;
} durations[] = {
    {"+1ms", 1, "00:00:00.001"},
    {"+90s", 90000, "00:01:30.000"},
    {"+5m", 300000, "00:05:00.000"},
    {"+25h", 25 * 3600000, "25:00:00.000"},
    {"+3d", 3 * DAY, "3d00:00:00.000"},
    {"+2w", 14 * DAY, "14d00:00:00.000"},
    {"+1d2h30m", DAY + 9000000, "26:30:00.000"},
    {"+23:59:59.999", DAY - 1, "23:59:59.999"},
    {"+24:00:00", DAY, "24:00:00.000"},
    {"+0:00:00.001", 1, "00:00:00.001"},
    {"+0:00:00.5", 500, "00:00:00.500"},
    {"+6d23:59:59.999", 7 * DAY - 1, "6d23:59:59.999"},
    {"+0s", 0, "00:00:00.000"},
    {"+365d", 365 * DAY, "365d00:00:00.000"},
    {"+", -1, NULL},
    {"", -1, NULL},
    {"24h", -1, NULL},
    {"-24h", -1, NULL},
    {"+24", -1, NULL},
    {"+24x", -1, NULL},
    {"+h", -1, NULL},
    {"+1h2", -1, NULL},
    {"+1:60:00", -1, NULL},
    {"+1:00:60", -1, NULL},
    {"+1:00", -1, NULL},
    {"+1:00:00.1234", -1, NULL},
    {"+1:00:00h", -1, NULL},
    {"+1msx", -1, NULL},
    {"+999999999999d", -1, NULL},
    {"+9999999999999999999s", -1, NULL},
};

START_TEST(durations_are_read)
{
    ms_t length = -1;
    char text[DURATION_TEXT_SIZE];
    bool is_good = moment_read_duration(durations[_i].text, &length);

    ck_assert_msg(is_good == (durations[_i].length >= 0), "%s", durations[_i].text);
    if (is_good) {
        ck_assert_int_eq(length, durations[_i].length);
        moment_write_duration(length, text);
        ck_assert_str_eq(text, durations[_i].written);
    }
}
END_TEST

static const struct {
    const char *text;
    const char *written; /* NULL: refused */
} moments[] = {
    {"2024-03-01T09:00:00Z", "2024-03-01T09:00:00.000Z"},
    {"2024-03-01T09:00:00.1Z", "2024-03-01T09:00:00.100Z"},
    {"2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"},
    {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"2023-02-29T00:00:00Z", NULL},
    {"2024-13-01T00:00:00Z", NULL},
    {"2024-00-01T00:00:00Z", NULL},
    {"2024-03-01T24:00:00Z", NULL},
    {"2024-03-01T09:60:00Z", NULL},
    {"2024-03-01T09:00:60Z", NULL},
    {"2024-03-01T09:00:00", NULL},
    {"2024-03-01T09:00:00+03:00", NULL},
    {"2024-03-01 09:00:00Z", NULL},
    {"2024-03-01", NULL},
    {"2024-03-01T09:00:00.Z", NULL},
    {"2024-03-01T09:00:00.0000Z", NULL},
    {"", NULL},
};

START_TEST(moments_are_read)
{
    ms_t at;
    char text[MOMENT_TEXT_SIZE];
    bool is_good = moment_read(moments[_i].text, &at);

    ck_assert_msg(is_good == (moments[_i].written != NULL), "%s", moments[_i].text);
    if (is_good) {
        moment_write(at, text);
        ck_assert_str_eq(text, moments[_i].written);
    }
}
END_TEST

static const struct {
    const char *word, *meant;
} suggestions[] = {{"sya", "say"},     {"expct", "expect"}, {"hok", "hook"},
                   {"claen", "clean"}, {"quite", "quiet"},  {"senario", "scenario"},
                   {"zzzzzz", NULL},   {"x", NULL}};

START_TEST(verbs_are_suggested)
{
    const char *meant = verb_suggest(suggestions[_i].word);

    if (suggestions[_i].meant == NULL)
        ck_assert_ptr_null(meant);
    else
        ck_assert_pstr_eq(meant, suggestions[_i].meant);
}
END_TEST

static char *
read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    static char text[200000];

    ck_assert_msg(file != NULL, "%s", path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

START_TEST(manual_page_holds_the_table)
{
    char *manual = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&manual, &size);

    verb_manual(to);
    fclose(to);
    ck_assert_msg(strstr(read_file("docs/scenarios.md"), manual) != NULL,
                  "docs/scenarios.md is out of date: put what `understudy run --verbs` prints "
                  "between its markers");
    free(manual);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("moment");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, durations_are_read, 0, sizeof durations / sizeof *durations);
    tcase_add_loop_test(all, moments_are_read, 0, sizeof moments / sizeof *moments);
    tcase_add_loop_test(all, verbs_are_suggested, 0, sizeof suggestions / sizeof *suggestions);
    tcase_add_test(all, manual_page_holds_the_table);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
