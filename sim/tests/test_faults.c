/* Faults that are ordered for a world: what is refused, which draws hit, what they do to answers and to webhooks that wait, how they are shown. */
#include <check.h>

#include "people/faults.h"
#include "tests/people_bench.h"

static struct bench b;

static void
setup(void)
{
    people_init(&b, BENCH_NOW);
}

static void
teardown(void)
{
    bench_fini(&b);
}

static const struct {
    const char *spec, *reason;
} bad_faults[] = {
    {"{\"fault\":\"eror\"}", "/fault: unknown fault \"eror\", nearest is error"},
    {"{\"fault\":\"error\"}", "/code: missing"},
    {"{\"fault\":\"error\",\"code\":\"613\"}", "/code: wrong type"},
    {"{\"fault\":\"duplicate\",\"code\":613}", "/code: the fault duplicate takes no such field"},
    {"{\"fault\":\"duplicate\",\"evry\":2}", "nearest is every"},
    {"{\"fault\":\"late\",\"by\":\"soon\"}", "/by: expected milliseconds or a duration"},
    {"{\"fault\":\"batch\",\"entries\":1001}", "/entries: more than"},
    {"[{\"fault\":\"reorder\"},{\"fault\":\"nope\"}]", "/1/fault: unknown"},
    {"7", "expected an object"},
};

START_TEST(test_bad_fault)
{
    char problem[300];
    json_t *spec = json_loads(bad_faults[_i].spec, JSON_DECODE_ANY, NULL);

    ck_assert_int_eq(faults_set(b.world, spec, problem, sizeof problem), -1);
    ck_assert_msg(strstr(problem, bad_faults[_i].reason) != NULL, "%s", problem);
    ck_assert_ptr_null(b.world->faults);
    json_decref(spec);
}
END_TEST

static void
set_fault(const char *text)
{
    char problem[300];
    json_t *spec = json_loads(text, 0, NULL);

    ck_assert_msg(faults_set(b.world, spec, problem, sizeof problem) == 0, "%s", problem);
    json_decref(spec);
}

/* after, every, times: which of ten draws hit. */
static const struct {
    const char *spec, *hits;
} draws[] = {
    {"{\"fault\":\"drop_event\"}", "xxxxxxxxxx"},
    {"{\"fault\":\"drop_event\",\"times\":2}", "xx........"},
    {"{\"fault\":\"drop_event\",\"after\":3}", "...xxxxxxx"},
    {"{\"fault\":\"drop_event\",\"every\":3}", "..x..x..x."},
    {"{\"fault\":\"drop_event\",\"after\":2,\"every\":2,\"times\":2}", "...x.x...."},
    {"{\"fault\":\"drop_event\",\"event\":\"read\"}", ".........."},
};

START_TEST(test_draws)
{
    char hits[11] = "";

    set_fault(draws[_i].spec);
    for (int i = 0; i < 10; i++)
        hits[i] = fault_draw(b.world, FAULT_DROP_EVENT, "message") != NULL ? 'x' : '.';
    ck_assert_str_eq(hits, draws[_i].hits);
}
END_TEST

START_TEST(test_seeded_draws)
{
    char first[41] = "", second[41] = "";

    for (int round = 0; round < 2; round++) {
        faults_clear(b.world);
        set_fault("{\"fault\":\"drop_event\",\"seed\":5,\"every\":3}");
        for (int i = 0; i < 40; i++)
            (round == 0 ? first : second)[i] =
                fault_draw(b.world, FAULT_DROP_EVENT, "message") != NULL ? 'x' : '.';
    }
    ck_assert_str_eq(first, second);
    ck_assert_ptr_nonnull(strchr(first, 'x'));
    ck_assert_ptr_nonnull(strchr(first, '.'));
}
END_TEST

/* A world whose faults were cleared goes like any other. */
START_TEST(test_cleared)
{
    set_fault("{\"fault\":\"reorder\"}");
    set_fault("{\"fault\":\"none\"}");
    set_fault("{\"fault\":\"none\"}");
    ck_assert_ptr_null(b.world->faults);
}
END_TEST

START_TEST(test_answer_faults)
{
    struct fault_hit hit;
    struct str post = STR("POST"), path = STR("/v19.0/me/messages");

    ck_assert(!faults_on_answer(b.world, post, path, &hit));
    set_fault("{\"fault\":\"latency\",\"ms\":20,\"endpoint\":\"messages\"}");
    ck_assert(faults_on_answer(b.world, post, path, &hit));
    ck_assert_int_eq(hit.latency_ms, 20);
    ck_assert(!faults_on_answer(b.world, post, STR("/v19.0/me/\"x"), &hit));
    set_fault(
        "[{\"fault\":\"none\"},{\"fault\":\"close\",\"times\":1},{\"fault\":\"echo_first\"}]");
    ck_assert(faults_on_answer(b.world, post, path, &hit));
    ck_assert(hit.closes && hit.echo_first);
    ck_assert(faults_on_answer(b.world, post, path, &hit));
    ck_assert(!hit.closes && hit.echo_first);
}
END_TEST

/* What was asked for is shown again, so that it can be asked for again. */
START_TEST(test_faults_are_shown_whole)
{
    static const char *const specs[] = {
        "{\"fault\":\"batch\",\"seed\":9,\"every\":3,\"after\":1,\"times\":2,\"entries\":4,"
        "\"events\":2,\"event\":\"message\"}",
        "{\"fault\":\"late\",\"by\":5000}",
        "{\"fault\":\"latency\",\"ms\":20,\"endpoint\":\"messages\"}",
        "{\"fault\":\"answer_lost\",\"status\":503}",
        "{\"fault\":\"error\",\"code\":10,\"subcode\":2018278}",
    };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        const char *key;
        json_t *spec = json_loads(specs[i], 0, NULL), *value, *list;

        set_fault("{\"fault\":\"none\"}");
        set_fault(specs[i]);
        list = faults_json(b.world);
        json_object_foreach(spec, key, value)
            ck_assert_msg(json_equal(value, json_object_get(json_array_get(list, 0), key)),
                          "%s: %s", specs[i], key);
        json_decref(list);
        json_decref(spec);
    }
}
END_TEST

/* Released in the order in which it came, and only then. */
START_TEST(test_released)
{
    struct buf out = {0};

    set_fault("{\"fault\":\"batch\",\"entries\":3}");
    people_does(&b, "{'act':'message','text':'a'}");
    people_does(&b, "{'act':'message','text':'b'}");
    ck_assert_uint_eq(people_settle(&b, NULL), 0);
    ck_assert(faults_let_go(b.world));
    ck_assert(!faults_let_go(b.world));
    ck_assert_uint_eq(people_settle(&b, &out), 1);
    buf_char(&out, '\0');
    const char *first = strstr(out.s, "\"text\":\"a\"");
    ck_assert(first != NULL && strstr(first, "\"text\":\"b\"") != NULL);
    buf_fini(&out);
}
END_TEST

/* What a fault holds back is neither lost when faults are cleared nor leaked when the world goes. */
START_TEST(test_held_back)
{
    set_fault("{\"fault\":\"reorder\"}");
    people_does(&b, "{'act':'message','text':'a'}");
    ck_assert_uint_eq(people_settle(&b, NULL), 0);
    set_fault("{\"fault\":\"none\"}");
    ck_assert_uint_eq(people_settle(&b, NULL), 1);
    set_fault("{\"fault\":\"batch\",\"entries\":3}");
    people_does(&b, "{'act':'message','text':'b'}");
}
END_TEST

START_TEST(test_error_fault)
{
    people_does(&b, "{'act':'message','text':'hi'}");
    set_fault("{\"fault\":\"error\",\"code\":613,\"subcode\":null,\"times\":1}");
    ck_assert_int_ne(bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"x\"}}"),
                     200);
    ck_assert_ptr_nonnull(strstr(bench_body(&b), "\"code\":613"));
    ck_assert_int_eq(bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"x\"}}"),
                     200);
    json_t *list = faults_json(b.world);
    ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(list, 0), "hits")), 1);
    json_decref(list);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("faults");
    TCase *tests = tcase_create("faults");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_cleared);
    tcase_add_test(tests, test_answer_faults);
    tcase_add_test(tests, test_held_back);
    tcase_add_test(tests, test_released);
    tcase_add_test(tests, test_faults_are_shown_whole);
    tcase_add_loop_test(tests, test_bad_fault, 0, sizeof bad_faults / sizeof *bad_faults);
    tcase_add_loop_test(tests, test_draws, 0, sizeof draws / sizeof *draws);
    tcase_add_test(tests, test_seeded_draws);
    tcase_add_test(tests, test_error_fault);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
