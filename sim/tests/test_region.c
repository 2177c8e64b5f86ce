/* Regions by code, and since when the privacy rules of 2020 hold in each. */
#include <check.h>
#include <stdlib.h>

#include "core/calendar.h"
#include "core/region.h"

#define EUROPE_DAY CIVIL(2020, 12, 16)
#define JAPAN_DAY CIVIL(2021, 3, 1)

static const struct {
    const char *code;
    unsigned bit;
    ms_t private_from; /* MS_ALWAYS: never */
} rows[] = {
    { "EU", REGION_BIT(EUROPE), EUROPE_DAY },
    { "Europe", REGION_BIT(EUROPE), EUROPE_DAY },
    { "FI", REGION_BIT(EUROPE), EUROPE_DAY },
    { "de", REGION_BIT(EUROPE), EUROPE_DAY },
    { "NO", REGION_BIT(EUROPE), EUROPE_DAY },
    { "GB", REGION_BIT(UNITED_KINGDOM), EUROPE_DAY },
    { "uk", REGION_BIT(UNITED_KINGDOM), EUROPE_DAY },
    { "JP", REGION_BIT(JAPAN), JAPAN_DAY },
    { "KR", REGION_BIT(KOREA), MS_ALWAYS },
    { "AU", REGION_BIT(AUSTRALIA), MS_ALWAYS },
    { "AT", REGION_BIT(EUROPE), EUROPE_DAY },
    { "US", 0, MS_ALWAYS },
    { "TR", 0, MS_ALWAYS },
    { "CH", 0, MS_ALWAYS },
    { "EUR", 0, MS_ALWAYS },
    { "", 0, MS_ALWAYS },
    { NULL, 0, MS_ALWAYS },
};

START_TEST(test_row)
{
    struct str code = str_of(rows[_i].code);

    ck_assert_uint_eq(region_bit(code), rows[_i].bit);
    ck_assert(!region_has_privacy_rules(code, EUROPE_DAY - 1));
    ck_assert_int_eq(region_has_privacy_rules(code, EUROPE_DAY), rows[_i].private_from <= EUROPE_DAY);
    ck_assert_int_eq(region_has_privacy_rules(code, JAPAN_DAY - 1), rows[_i].private_from < JAPAN_DAY);
    ck_assert_int_eq(region_has_privacy_rules(code, JAPAN_DAY), rows[_i].private_from <= JAPAN_DAY);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("region");
    TCase *tcase = tcase_create("region");

    tcase_add_loop_test(tcase, test_row, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
