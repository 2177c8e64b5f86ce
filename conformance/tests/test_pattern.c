/* Patterns and variables: what matches, what does not and where, what is bound. */
#include <check.h>
#include <stdlib.h>

#include "conformance/encode.h"
#include "conformance/pattern.h"
#include "conformance/scope.h"

static struct scope scope;

static void
set_up(void)
{
    scope_init(&scope);
    scope_bind_new(&scope, "mid", json_string("m_1"));
    scope_bind_new(&scope, "code", json_integer(10));
    scope_bind_new(&scope, "dots", json_string("a.b*c"));
    scope_bind_new(&scope, "evil", json_string("<any>"));
    scope_bind_new(&scope, "shop", json_string("99"));
    scope_bind_absent(&scope, "tag");
    json_t *thing = json_pack("{s:s}", "name", "Shop");
    scope_bind_thing(&scope, "shop", thing);
    json_decref(thing);
}

static void
tear_down(void)
{
    scope_fini(&scope);
}

static json_t *
parse(const char *text)
{
    json_error_t error;
    json_t *value = text == NULL ? NULL : json_loads(text, JSON_DECODE_ANY, &error);

    ck_assert_msg(text == NULL || value != NULL, "%s: %s", text, error.text);
    return value;
}

/* `path` NULL: it matches. `actual` NULL: nothing is there. */
static const struct {
    const char *pattern, *actual, *path, *expected, *found;
} rows[] = {
    {"{}", "{\"a\":1}", NULL, NULL, NULL},
    {"{\"a\":1}", "{\"a\":1,\"b\":2}", NULL, NULL, NULL},
    {"{\"a\":1}", "{\"a\":\"1\"}", "a", "1", "\"1\""},
    {"{\"a\":\"1\"}", "{\"a\":1}", "a", "\"1\"", "1"},
    {"{\"a\":1}", "{\"a\":1.0}", NULL, NULL, NULL},
    {"{\"a\":1.5}", "{\"a\":1}", "a", "1.5", "1"},
    {"{\"a\":9007199254740993}", "{\"a\":9007199254740992}", "a", "9007199254740993",
     "9007199254740992"},
    {"{\"a\":null}", "{\"a\":null}", NULL, NULL, NULL},
    {"{\"a\":null}", "{}", "a", "null", "nothing"},
    {"{\"a\":true}", "{\"a\":false}", "a", "true", "false"},
    {"{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":{\"b\":{}}}", "a.b.c", "1", "nothing"},
    {"{\"a\":{}}", "{\"a\":[]}", "a", "an object", "[]"},
    {"{\"a\":[]}", "{\"a\":{}}", "a", "an array", "{}"},
    {"[1,2]", "[1,2]", NULL, NULL, NULL},
    {"[1,2]", "[1,2,3]", "", "2 elements", "[1, 2, 3]"},
    {"[1,2]", "[1]", "", "2 elements", "[1]"},
    {"[{\"a\":1}]", "[{\"a\":2,\"b\":1}]", "[0].a", "1", "2"},
    {"{\"e\":[{\"id\":\"<id>\"}]}", "{\"e\":[{\"id\":\"x1\"}]}", "e[0].id", "<id>", "\"x1\""},
    {"[\"<some>\",{\"a\":2}]", "[{\"a\":1},{\"a\":2}]", NULL, NULL, NULL},
    {"[\"<some>\",{\"a\":3}]", "[{\"a\":1}]", "", "some element {\"a\": 3}", "[{\"a\": 1}]"},
    {"[\"<some>\"]", "[1,2]", NULL, NULL, NULL},
    {"\"<any>\"", "null", NULL, NULL, NULL},
    {"{\"a\":\"<any>\"}", "{}", "a", "<any>", "nothing"},
    {"{\"a\":\"<absent>\"}", "{}", NULL, NULL, NULL},
    {"{\"a\":\"<absent>\"}", "{\"a\":null}", "a", "<absent>", "null"},
    {"\"<string>\"", "\"\"", NULL, NULL, NULL},
    {"\"<text>\"", "\"\"", "", "<text>", "\"\""},
    {"\"<number>\"", "1.5", NULL, NULL, NULL},
    {"\"<integer>\"", "1.5", "", "<integer>", "1.5"},
    {"\"<boolean>\"", "true", NULL, NULL, NULL},
    {"\"<object>\"", "{}", NULL, NULL, NULL},
    {"\"<array>\"", "[]", NULL, NULL, NULL},
    {"\"<array:2>\"", "[1,2]", NULL, NULL, NULL},
    {"\"<array:2>\"", "[1]", "", "<array:2>", "[1]"},
    {"\"<id>\"", "\"123\"", NULL, NULL, NULL},
    {"\"<id>\"", "\"\"", "", "<id>", "\"\""},
    {"\"<re:^a+$>\"", "\"aaa\"", NULL, NULL, NULL},
    {"\"<re:^a+$>\"", "\"ab\"", "", "<re:^a+$>", "\"ab\""},
    {"\"<re:1>\"", "1", "", "<re:1>", "1"},
    {"\"<re:^${dots}!$>\"", "\"a.b*c!\"", NULL, NULL, NULL},
    {"\"<re:^${dots}!$>\"", "\"aXbbc!\"", "", "<re:^${dots}!$>", "\"aXbbc!\""},
    {"\"<is:<any>>\"", "\"<any>\"", NULL, NULL, NULL},
    {"\"<is:<any>>\"", "\"x\"", "", "\"<any>\"", "\"x\""},
    {"\"<3\"", "\"<3\"", NULL, NULL, NULL},
    {"\"<B>bold</B>\"", "\"<B>bold</B>\"", NULL, NULL, NULL},
    {"\"${mid}\"", "\"m_1\"", NULL, NULL, NULL},
    {"\"${mid}\"", "\"m_2\"", "", "\"m_1\"", "\"m_2\""},
    {"\"${code}\"", "10", NULL, NULL, NULL},
    {"\"${code}\"", "\"10\"", "", "10", "\"10\""},
    {"\"#${code} ${mid}\"", "\"#10 m_1\"", NULL, NULL, NULL},
    {"\"${shop.name}\"", "\"Shop\"", NULL, NULL, NULL},
    {"\"$${mid}\"", "\"${mid}\"", NULL, NULL, NULL},
    {"\"${nobody}\"", "\"x\"", "", "${nobody} (not bound)", "\"x\""},
    {"\"${evil}\"", "\"anything\"", "", "\"<any>\"", "\"anything\""},
    {"\"${evil}\"", "\"<any>\"", NULL, NULL, NULL},
    {"{\"a\":\"${tag}\",\"b\":1}", "{\"a\":5,\"b\":1}", NULL, NULL, NULL},
    {"{\"a\":{\"b\":\"${tag}\"}}", "{}", NULL, NULL, NULL},
    {"{\"a\":\"${x:integer}\",\"b\":\"${x}\"}", "{\"a\":1,\"b\":1}", NULL, NULL, NULL},
    {"{\"a\":\"${x:integer}\",\"b\":\"${x}\"}", "{\"a\":1,\"b\":2}", "b", "1", "2"},
    {"{\"a\":\"${x:string}\"}", "{\"a\":1}", "a", "${x:string}", "1"},
    {"{\"a\":1}", NULL, "", "an object", "nothing"},
    {"1", NULL, "", "1", "nothing"},
    {"\"x\"", NULL, "", "\"x\"", "nothing"},
};

START_TEST(patterns_match_or_say_where_not)
{
    json_t *pattern = parse(rows[_i].pattern), *actual = parse(rows[_i].actual);
    struct mismatch mismatch;
    bool is_match = pattern_match(pattern, actual, false, &scope, &mismatch);

    ck_assert_msg(is_match == (rows[_i].path == NULL), "%s against %s", rows[_i].pattern,
                  rows[_i].actual);
    if (!is_match) {
        ck_assert_str_eq(mismatch.path, rows[_i].path);
        ck_assert_str_eq(mismatch.expected, rows[_i].expected);
        ck_assert_str_eq(mismatch.actual, rows[_i].found);
    }
    mismatch_fini(&mismatch);
    json_decref(pattern);
    json_decref(actual);
}
END_TEST

START_TEST(exact_allows_no_more_keys)
{
    json_t *pattern = parse("{\"a\":{\"b\":1}}"), *good = parse("{\"a\":{\"b\":1}}"),
           *bad = parse("{\"a\":{\"b\":1,\"c\":2}}");
    struct mismatch mismatch;

    ck_assert(pattern_match(pattern, good, true, &scope, NULL));
    ck_assert(!pattern_match(pattern, bad, true, &scope, &mismatch));
    ck_assert_str_eq(mismatch.path, "a.c");
    ck_assert_str_eq(mismatch.expected, "<absent>");
    mismatch_fini(&mismatch);
    json_decref(pattern);
    json_decref(good);
    json_decref(bad);
}
END_TEST

START_TEST(only_a_whole_match_binds)
{
    json_t *pattern = parse("{\"a\":\"${new:integer}\",\"b\":2}"),
           *bad = parse("{\"a\":1,\"b\":3}"), *good = parse("{\"a\":7,\"b\":2}");

    ck_assert(!pattern_match(pattern, bad, false, &scope, NULL));
    ck_assert_ptr_null(json_object_get(scope.values, "new"));
    ck_assert(pattern_match(pattern, good, false, &scope, NULL));
    ck_assert_int_eq(json_integer_value(json_object_get(scope.values, "new")), 7);
    json_decref(pattern);
    json_decref(bad);
    json_decref(good);
}
END_TEST

/* What becomes of JSON with variables in it. */
static const struct {
    const char *from, *to;
} expansions[] = {
    {"{\"a\":\"${code}\"}", "{\"a\":10}"},
    {"{\"a\":\"x${code}y\"}", "{\"a\":\"x10y\"}"},
    {"{\"a\":\"${tag}\",\"b\":1}", "{\"b\":1}"},
    {"{\"a\":\"x${tag}\"}", "{\"a\":\"x\"}"},
    {"{\"a\":{\"b\":\"${tag}\"}}", "{}"},
    {"[\"${tag}\",\"${mid}\"]", "[\"m_1\"]"},
    {"{\"a\":{}}", "{\"a\":{}}"},
    {"{\"${mid}\":1}", "{\"${mid}\":1}"},
    {"\"$${mid}\"", "\"${mid}\""},
    {"\"\\u0130\\ud83d\\ude00\"", "\"\\u0130\\ud83d\\ude00\""},
};

START_TEST(values_are_put_in)
{
    json_t *from = parse(expansions[_i].from), *wanted = parse(expansions[_i].to), *to = NULL;
    char *missing = NULL;

    ck_assert_int_eq(scope_expand_new(&scope, from, &to, &missing), FOUND);
    ck_assert_msg(json_equal(to, wanted), "%s", expansions[_i].from);
    json_decref(from);
    json_decref(wanted);
    json_decref(to);
}
END_TEST

START_TEST(unbound_names_are_reported)
{
    json_t *from = parse("{\"a\":[\"x ${nobody.name}\"]}"), *to = NULL;
    char *missing = NULL;

    ck_assert_int_eq(scope_expand_new(&scope, from, &to, &missing), FOUND_NOTHING);
    ck_assert_str_eq(missing, "${nobody.name}");
    free(missing);
    json_decref(from);
}
END_TEST

/* Cells and `set` values. */
static const struct {
    const char *word;
    bool is_quoted;
    const char *json;
} cells[] = {
    {"10", false, "10"},
    {"10", true, "\"10\""},
    {"-5", false, "-5"},
    {"1.5", false, "1.5"},
    {"true", false, "true"},
    {"null", false, "null"},
    {"010", false, "\"010\""},
    {"+24h", false, "\"+24h\""},
    {"[1]", false, "\"[1]\""},
    {"", true, "\"\""},
    {"99999999999999999999", false, "\"99999999999999999999\""},
};

START_TEST(words_become_values)
{
    json_t *value = scope_value_of_word_new(cells[_i].word, cells[_i].is_quoted),
           *wanted = parse(cells[_i].json);

    ck_assert_msg(json_equal(value, wanted), "%s", cells[_i].word);
    json_decref(value);
    json_decref(wanted);
}
END_TEST

START_TEST(paths_are_encoded)
{
    char *text = NULL;

    scope_bind_new(&scope, "odd", json_string("1|a b/\xc3\xa7"));
    ck_assert_int_eq(scope_expand_text(&scope, "/${odd}?x=${code}", scope_percent_encode, &text),
                     FOUND);
    ck_assert_str_eq(text, "/1%7Ca%20b%2F%C3%A7?x=10");
    free(text);
}
END_TEST

START_TEST(bodies_are_encoded)
{
    json_t *body = parse("{\"a\":\"x y&z\",\"b\":{\"c\":[1,true]},\"d\":5}");
    size_t length;
    char *form = encode_body_new(ENCODING_FORM, body, &length);

    ck_assert_str_eq(form, "a=x%20y%26z&b=%7B%22c%22%3A%5B1%2Ctrue%5D%7D&d=5");
    free(form);
    json_decref(body);

    body = parse("{\"m\":{\"a\":1},\"filedata\":{\"file\":{\"name\":\"a.png\",\"type\":\"image/"
                 "png\",\"bytes\":12}}}");
    char *parts = encode_body_new(ENCODING_MULTIPART, body, &length);
    const char *boundary = strstr(encode_content_type(ENCODING_MULTIPART), "boundary=") + 9;
    char wanted[600];
    int size =
        snprintf(wanted, sizeof wanted,
                 "--%s\r\nContent-Disposition: form-data; name=\"m\"\r\n\r\n{\"a\":1}\r\n--%s\r\n"
                 "Content-Disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\n"
                 "Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n%c%c%c%c\r\n--%s--\r\n",
                 boundary, boundary, 0, 0, 0, 0, boundary);
    ck_assert_uint_eq(length, (size_t)size);
    ck_assert_mem_eq(parts, wanted, length);
    free(parts);
    json_decref(body);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_loop_test(all, patterns_match_or_say_where_not, 0, sizeof rows / sizeof *rows);
    tcase_add_test(all, exact_allows_no_more_keys);
    tcase_add_test(all, only_a_whole_match_binds);
    tcase_add_loop_test(all, values_are_put_in, 0, sizeof expansions / sizeof *expansions);
    tcase_add_test(all, unbound_names_are_reported);
    tcase_add_loop_test(all, words_become_values, 0, sizeof cells / sizeof *cells);
    tcase_add_test(all, paths_are_encoded);
    tcase_add_test(all, bodies_are_encoded);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
