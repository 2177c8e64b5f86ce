/* Made-up people: the same seed gives the same behaviour, days have a rhythm, memory does not grow with time, a bad model is refused. */
#include <check.h>

#include "people/generate.h"
#include "tests/people_bench.h"

static struct generator *
made(const char *text)
{
    char problem[200] = "";
    json_t *spec = json_loads(text, 0, NULL);
    struct generator *generator = generator_new(spec, BENCH_NOW, problem, sizeof problem);

    ck_assert_msg(generator != NULL, "%s", problem);
    json_decref(spec);
    return generator;
}

static uint64_t
fingerprint(const char *spec, uint64_t *count)
{
    struct generator *generator = made(spec);
    struct generated_act act;
    struct buf line = {0};
    uint64_t hash = 0;

    for (*count = 0; generate_next(generator, &act); ++*count) {
        buf_reset(&line);
        generator_write_act(&act, &line);
        hash = mix64(hash, hash_bytes(line.s, line.n));
    }
    buf_fini(&line);
    generator_free(&generator);
    return hash;
}

START_TEST(test_same_seed)
{
    uint64_t first, second, other;
    uint64_t a = fingerprint("{\"seed\":5,\"people\":200,\"days\":10}", &first);

    ck_assert(a == fingerprint("{\"seed\":5,\"people\":200,\"days\":10}", &second));
    ck_assert(a != fingerprint("{\"seed\":6,\"people\":200,\"days\":10}", &other));
    ck_assert_uint_eq(first, second);
    ck_assert_uint_gt(first, 1000);
}
END_TEST

/* The default: a thousand people for thirty days; in order of time, more in the evening than at night, every kind of act at least once. */
START_TEST(test_rhythm)
{
    struct generator *generator = made("{}");
    struct generated_act act;
    unsigned hours[24] = {0}, kinds[ACT_COUNT] = {0};
    bool has_written[1000] = {false};
    ms_t last = 0;

    ck_assert_uint_eq(generator_people(generator), 1000);
    while (generate_next(generator, &act)) {
        ck_assert_int_ge(act.at, last);
        ck_assert_int_ge(act.at, BENCH_NOW);
        ck_assert_int_lt(act.at, BENCH_NOW + 30 * DAY);
        ck_assert_uint_lt(act.person, 1000);
        last = act.at;
        hours[civil_of(act.at + 2 * HOUR).hour]++;
        kinds[act.act]++;
        has_written[act.person] |= act.act == ACT_MESSAGE || act.act == ACT_ATTACHMENT || act.act == ACT_STICKER;
        ck_assert(act.act != ACT_REACT || has_written[act.person]); /* it is a message of her own that she reacts to */
    }
    ck_assert_uint_gt(hours[20], 10 * hours[3]);
    static const enum act_id expected[] = {
        ACT_MESSAGE, ACT_GET_STARTED, ACT_QUICK_REPLY, ACT_POSTBACK,
        ACT_READ,    ACT_ATTACHMENT,  ACT_STICKER,     ACT_REACT,
        ACT_COMMENT, ACT_M_ME,        ACT_AD_CLICK,    ACT_MENU,
        ACT_BLOCK,   ACT_UNBLOCK,     ACT_OPT_IN,      ACT_VISITOR_POST};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_msg(kinds[expected[i]] > 0, "%s never happened", act_rows[expected[i]].name);
    generator_free(&generator);
}
END_TEST

/* All of it is possible in a world; whoever blocks is silent until they unblock. */
START_TEST(test_plays)
{
    struct bench b;
    struct generator *generator = made("{\"people\":300,\"days\":20}");
    struct generated_act act;
    uint64_t refused = 0, count = 0;

    people_init(&b, BENCH_NOW);
    generator_settle_people(generator, b.world, 0);
    ck_assert_uint_eq(b.world->thread_count, 301);
    while (generate_next(generator, &act)) {
        people_drive(&b, act.at, 200, NULL);
        refused += generate_play(b.world, 0, &act) < 0;
        count++;
    }
    ck_assert_uint_gt(count, 1000);
    ck_assert_msg(refused * 100 < count * 3, "%llu of %llu refused", (unsigned long long)refused,
                  (unsigned long long)count);
    generator_free(&generator);
    bench_fini(&b);
}
END_TEST

START_TEST(test_play_all)
{
    struct bench b;
    struct generator *generator = made("{\"people\":100,\"days\":5}");
    char problem[200];
    uint64_t played;

    people_init(&b, BENCH_NOW);
    ck_assert_int_eq(generate_play_all(b.world, 0, generator, &played, problem, sizeof problem),
                     -1);
    ck_assert_ptr_nonnull(strstr(problem, "listens"));
    free(b.app->webhook.url);
    b.app->webhook.url = NULL;
    ck_assert_int_eq(generate_play_all(b.world, 0, generator, &played, problem, sizeof problem), 0);
    ck_assert_uint_gt(played, 100);
    generator_free(&generator);
    bench_fini(&b);
}
END_TEST

START_TEST(test_recording_lines)
{
    struct generator *generator = made("{\"people\":3,\"days\":30}");
    struct generated_act act;
    struct buf text = {0};

    generator_write_header(generator, &text);
    json_t *header = json_loadb(text.s, text.n, 0, NULL);
    ck_assert_uint_eq(json_array_size(json_object_get(header, "people")), 3);
    json_decref(header);
    while (generate_next(generator, &act)) {
        buf_reset(&text);
        generator_write_act(&act, &text);
        json_t *line = json_loadb(text.s, text.n, 0, NULL);
        ck_assert_msg(line != NULL, "%s", text.s);
        ck_assert_str_eq(json_string_value(json_object_get(line, "act")), act_rows[act.act].name);
        json_decref(line);
    }
    buf_fini(&text);
    generator_free(&generator);
}
END_TEST

static const struct {
    const char *spec, *reason;
} bad[] = {
    {"{\"peple\":3}", "/peple: unknown"},
    {"{\"people\":0}", "/people: expected"},
    {"{\"days\":1.5}", "/days: expected"},
    {"{\"from\":\"soon\"}", "/from: expected"},
    {"{\"model\":7}", "expected a model"},
    {"{\"model\":{\"hour\":[]}}", "nearest is hours"},
    {"{\"model\":{\"hours\":[1,2]}}", "/hours: expected a list of 24"},
    {"{\"model\":{\"weekdays\":[0,0,0,0,0,0,0]}}", "/weekdays: expected at least one"},
    {"{\"model\":{\"languages\":{\"xx_XX\":1}}}", "/languages/xx_XX: unknown"},
    {"{\"model\":{\"then\":{\"mesage\":1}}}", "/then/mesage: no such act here, nearest is message"},
    {"{\"model\":{\"then\":{\"message\":0}}}", "/then: expected at least one"},
    {"{\"model\":{\"sessions_a_day\":0}}", "/sessions_a_day: expected"},
};

START_TEST(test_bad_model)
{
    char problem[200] = "";
    json_t *spec = json_loads(bad[_i].spec, 0, NULL);

    ck_assert_ptr_null(generator_new(spec, BENCH_NOW, problem, sizeof problem));
    ck_assert_msg(strstr(problem, bad[_i].reason) != NULL, "%s", problem);
    json_decref(spec);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("act generate");
    TCase *tests = tcase_create("generate");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_same_seed);
    tcase_add_test(tests, test_rhythm);
    tcase_add_test(tests, test_plays);
    tcase_add_test(tests, test_play_all);
    tcase_add_test(tests, test_recording_lines);
    tcase_add_loop_test(tests, test_bad_model, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
