/*
 * The reader of JSON: rows for its own decisions, and jansson as the oracle for everything that
 * both of them read.
 */
#include <check.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "core/utf8.h"
#include "graph/json.h"
#include "graph/jwrite.h"
#include "world/xalloc.h"

static struct arena arena;

static void
setup(void)
{
    arena_init(&arena);
}

static void
teardown(void)
{
    arena_fini(&arena);
}

/* --- Rows ------------------------------------------------------------------------------------- */

/* What json_read makes of a text: its tree written plainly, or NULL when it must be refused. */
static const struct row {
    const char *text;
    unsigned flags;
    const char *tree;
} rows[] = {
    {"null", 0, "null"},
    {" true ", 0, "true"},
    {"\t\r\n false", 0, "false"},
    {"0", 0, "0"},
    {"-0", 0, "-0"},
    {"-12.50e+03", 0, "-12.50e+03"},
    {"1E5", 0, "1E5"},
    {"123456789012345678901234567890", 0, "\"123456789012345678901234567890\""}, /* as a text */
    {"9223372036854775807", 0, "9223372036854775807"},
    {"-9223372036854775808", 0, "-9223372036854775808"},
    {"9223372036854775808", 0, "\"9223372036854775808\""},
    {"1e308", 0, "1e308"},
    {"1e309", 0, "\"1e309\""},
    {"\"\"", 0, "\"\""},
    {"{}", 0, "{}"},
    {"[ ]", 0, "[]"},
    {"[1 , 2,[ ],{\"a\" :null}]", 0, "[1,2,[],{\"a\":null}]"},
    {"\"a\\/b\\u0041\\n\"", 0, "\"a/bA\\n\""},
    {"\"\\ud83d\\ude00\"", 0, "\"😀\""},
    {"\"\\uD83D\\uDE00\"", 0, "\"😀\""},
    {"\"\\u0000\"", 0, "\"\\u0000\""},
    {"\"\\u0001\"", JSON_NO_NUL, "\"\\u0001\""},
    {"\"\\u0000\"", JSON_NO_NUL, NULL},
    {"{\"a\\u0000\":1}", JSON_NO_NUL, NULL},
    {"\"0123456789abcdefghijkl\\tmnopqrstuvwxyz0123456789\"", 0,
     "\"0123456789abcdefghijkl\\tmnopqrstuvwxyz0123456789\""},
    {"\"0123456789abcdefghişğmnopqrstuvwxyz\"", 0, "\"0123456789abcdefghişğmnopqrstuvwxyz\""},
    {"\"\x7f\"", 0, "\"\x7f\""},
    /* refused by the grammar */
    {"", 0, NULL},
    {" ", 0, NULL},
    {"nul", 0, NULL},
    {"nulll", 0, NULL},
    {"True", 0, NULL},
    {"01", 0, NULL},
    {"-", 0, NULL},
    {"+1", 0, NULL},
    {".5", 0, NULL},
    {"1.", 0, NULL},
    {"1e", 0, NULL},
    {"1e+", 0, NULL},
    {"0x10", 0, NULL},
    {"NaN", 0, NULL},
    {"[1,]", 0, NULL},
    {"[,1]", 0, NULL},
    {"[1 2]", 0, NULL},
    {"[1", 0, NULL},
    {"[", 0, NULL},
    {"]", 0, NULL},
    {"[1}", 0, NULL},
    {"{\"a\"}", 0, NULL},
    {"{\"a\":}", 0, NULL},
    {"{\"a\":1,}", 0, NULL},
    {"{a:1}", 0, NULL},
    {"{\"a\":1", 0, NULL},
    {"{1:1}", 0, NULL},
    {"{}{}", 0, NULL},
    {"// x\n1", 0, NULL},
    {"\xEF\xBB\xBF{}", 0, NULL},
    /* refused strings */
    {"\"", 0, NULL},
    {"\"abc", 0, NULL},
    {"\"abc\\", 0, NULL},
    {"\"abc\\\"", 0, NULL},
    {"\"a\nb\"", 0, NULL},
    {"\"a\x01\"", 0, NULL},
    {"\"\\x41\"", 0, NULL},
    {"\"\\'\"", 0, NULL},
    {"\"\\u12\"", 0, NULL},
    {"\"\\u12g4\"", 0, NULL},
    {"\"\\ud83d\"", 0, NULL},
    {"\"\\ud83d\\u0041\"", 0, NULL},
    {"\"\\ude00\\ud83d\"", 0, NULL},
    {"\"\\ud83d\\ud83d\"", 0, NULL},
    {"\"\\ud83dxxxxxx\"", 0, NULL},
    {"\"\x80\"", 0, NULL},
    {"\"\xC0\xAF\"", 0, NULL},
    {"\"\xC3\"", 0, NULL},
    {"\"\xE2\x82\"", 0, NULL},
    {"\"\xE0\x80\xAF\"", 0, NULL},
    {"\"\xED\xA0\x80\"", 0, NULL},
    {"\"\xF0\x80\x80\x80\"", 0, NULL},
    {"\"\xF4\x90\x80\x80\"", 0, NULL},
    {"\"\xF5\x80\x80\x80\"", 0, NULL},
    {"\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"", 0,
     "\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\""},
    /* the same name twice */
    {"{\"a\":1,\"a\":2}", 0, NULL},
    {"{\"a\":1,\"\\u0061\":2}", 0, NULL},
    {"{\"a\":{\"x\":1},\"b\":0,\"a\":[2]}", JSON_LAST_WINS, "{\"a\":[2],\"b\":0}"},
    {"{\"\":1}", 0, "{\"\":1}"},
    /* single quotes */
    {"{'id':'1'}", 0, NULL},
    {"{'id':'1'}", JSON_LENIENT, "{\"id\":\"1\"}"},
    {"['a\"b', \"c'd\", 'e\\'f']", JSON_LENIENT, "[\"a\\\"b\",\"c'd\",\"e'f\"]"},
    {"{u'id':'1'}", JSON_LENIENT, NULL},
    {"{id:'1', _a2 : {b:1}}", JSON_LENIENT, "{\"id\":\"1\",\"_a2\":{\"b\":1}}"},
    {"{id:'1'}", 0, NULL},
    {"{2a:1}", JSON_LENIENT, NULL},
    {"{:1}", JSON_LENIENT, NULL},
    {"{id}", JSON_LENIENT, NULL},
    {"{id:1,id:2}", JSON_LENIENT, NULL},
    {"{id:1,'id':2}", JSON_LENIENT | JSON_LAST_WINS, "{\"id\":2}"},
    {"{a:b}", JSON_LENIENT, NULL},
    {"'a\"", JSON_LENIENT, NULL},
    {"[1,]", JSON_LENIENT, NULL},
};

START_TEST(reads_or_refuses)
{
    const struct row *row = &rows[_i];
    struct json_error error = {0};
    struct buf buf = {0};
    const struct jnode *root = json_read(&arena, str_of(row->text), row->flags, &error);

    ck_assert_msg((root != NULL) == (row->tree != NULL), "%s: %s", row->text,
                  root != NULL ? "was read" : error.reason);
    if (root != NULL) {
        jw_node(&buf, root, JW_OURS);
        ck_assert_str_eq(buf.s, row->tree);
    } else {
        ck_assert_ptr_nonnull(error.reason);
        ck_assert_uint_le(error.offset, strlen(row->text));
    }
    buf_fini(&buf);
}
END_TEST

START_TEST(tells_where_it_stopped)
{
    struct json_error error;

    ck_assert_ptr_null(json_read(&arena, STR("{\n \"a\": 1,\n \"b\": tru\n}"), 0, &error));
    ck_assert_uint_eq(error.line, 3);
    ck_assert_uint_eq(error.offset, 17);
    ck_assert_str_eq(error.reason, "value expected");
    ck_assert_ptr_null(json_read(&arena, STR_NONE, 0, NULL));
}
END_TEST

static const struct jnode *
read_nested(unsigned depth)
{
    struct buf buf = {0};

    for (unsigned i = 0; i < depth; i++)
        buf_adds(&buf, i % 2 == 0 ? "[" : "{\"a\":");
    buf_adds(&buf, "1");
    for (unsigned i = depth; i-- > 0;)
        buf_adds(&buf, i % 2 == 0 ? "]" : "}");

    const struct jnode *root = json_read(&arena, buf_view(&buf), 0, NULL);

    buf_fini(&buf);
    return root;
}

/* What other readers may refuse is told, and only that. */
START_TEST(tells_oddities)
{
    static const struct {
        const char *text;
        bool is_odd;
    } texts[] = {{"{\"a\":1,\"b\":1}", false},
                 {"{\"a\":1,\"a\":2}", true},
                 {"[123456789012345678]", false},
                 {"[1234567890123456789]", true},
                 {"[1e5]", true},
                 {"\"1234567890123456789\"", false}};
    struct json_error error = {1, 1, "left over"};

    ck_assert_ptr_nonnull(json_read(&arena, str_of(texts[_i].text), JSON_LAST_WINS, &error));
    ck_assert_msg((error.reason != NULL) == texts[_i].is_odd, "%s", texts[_i].text);
}
END_TEST

START_TEST(limits_depth)
{
    ck_assert_ptr_nonnull(read_nested(JSON_DEPTH_MAX - 1));
    ck_assert_ptr_nonnull(read_nested(JSON_DEPTH_MAX));
    ck_assert_ptr_null(read_nested(JSON_DEPTH_MAX + 1));
    ck_assert_ptr_null(read_nested(100000));
}
END_TEST

/* Depth counts what is open, not what was. */
START_TEST(depth_falls_again)
{
    struct buf buf = {0};

    buf_adds(&buf, "[0");
    for (unsigned i = 0; i < 3 * JSON_DEPTH_MAX; i++)
        buf_adds(&buf, ",[{}]");
    buf_adds(&buf, "]");
    ck_assert_ptr_nonnull(json_read(&arena, buf_view(&buf), 0, NULL));
    buf_fini(&buf);
}
END_TEST

/* Around the number of members where a table takes over from comparing, and where it grows. */
START_TEST(finds_twins_among_many)
{
    unsigned members = (unsigned)_i;
    struct buf buf = {0};

    buf_char(&buf, '{');
    for (unsigned i = 0; i < members; i++)
        buf_printf(&buf, "%s\"key%u\":%u", i == 0 ? "" : ",", i, i);
    for (unsigned twin = 0; twin < members; twin += members / 7 + 1) {
        size_t n = buf.n;

        buf_printf(&buf, ",\"key%u\":\"again\"}", twin);
        ck_assert_ptr_null(json_read(&arena, buf_view(&buf), 0, NULL));

        const struct jnode *root = json_read(&arena, buf_view(&buf), JSON_LAST_WINS, NULL);

        ck_assert_uint_eq(root->count, members);
        ck_assert(str_eq_lit(json_at(json_read(&arena, STR("[1]"), 0, NULL), 0)->text, "1"));

        const struct jnode *child = root->first;

        for (unsigned i = 0; i < twin; i++)
            child = child->next;
        ck_assert(str_eq_lit(child->text, "again"));
        buf.n = n;
    }
    buf_char(&buf, '}');

    const struct jnode *root = json_read(&arena, buf_view(&buf), 0, NULL);

    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(root->count, members);
    buf_fini(&buf);
}
END_TEST

START_TEST(keeps_slices_of_the_source)
{
    const struct jnode *root =
        json_read(&arena, STR(" {\"a\": [1, {\"b\" : 2} ], \"c\": \"d\\n\"} "), 0, NULL);

    ck_assert(str_eq_lit(root->text, "{\"a\": [1, {\"b\" : 2} ], \"c\": \"d\\n\"}"));
    ck_assert(str_eq_lit(json_get(root, "a")->text, "[1, {\"b\" : 2} ]"));
    ck_assert(str_eq_lit(json_get(root, "c")->text, "d\n"));
    ck_assert_uint_eq(json_get(root, "a")->count, 2);
    ck_assert(str_eq_lit(json_at(json_get(root, "a"), 1)->text, "{\"b\" : 2}"));
    ck_assert_ptr_null(json_at(json_get(root, "a"), 2));
    ck_assert_ptr_null(json_at(root, 0));
    ck_assert_ptr_null(json_get(root, "b"));
    ck_assert_ptr_null(json_get(json_get(root, "a"), "b"));
    ck_assert_ptr_null(json_get(NULL, "b"));
}
END_TEST

static const struct number_row {
    const char *text;
    bool is_whole;
    int64_t value;
} number_rows[] = {
    {"0", true, 0},
    {"-1", true, -1},
    {"9223372036854775807", true, INT64_MAX},
    {"9223372036854775808", false, 0},
    {"-9223372036854775808", true, INT64_MIN},
    {"-9223372036854775809", false, 0},
    {"99999999999999999999", false, 0},
    {"\"263902037430900\"", true, 263902037430900},
    {"\"-5\"", true, -5},
    {"\"\"", false, 0},
    {"\"-\"", false, 0},
    {"\"5 \"", false, 0},
    {"1.0", false, 0},
    {"1e3", false, 0},
    {"true", false, 0},
    {"null", false, 0},
    {"[1]", false, 0},
};

START_TEST(whole_numbers)
{
    const struct number_row *row = &number_rows[_i];
    int64_t value = 4711;

    ck_assert(json_int64(json_read(&arena, str_of(row->text), 0, NULL), &value) == row->is_whole);
    ck_assert_int_eq(value, row->is_whole ? row->value : 4711);
    ck_assert(!json_int64(NULL, &value));
}
END_TEST

START_TEST(truth)
{
    static const char *const yes[] = {"true", "\"true\"", "1", "\"1\""};
    static const char *const no[] = {"false", "\"false\"", "0", "\"0\""};
    static const char *const neither[] = {"null", "2", "\"yes\"", "\"\"", "[]", "1.0"};
    bool value = false;

    for (unsigned i = 0; i < 4; i++) {
        ck_assert(json_bool(json_read(&arena, str_of(yes[i]), 0, NULL), &value) && value);
        ck_assert(json_bool(json_read(&arena, str_of(no[i]), 0, NULL), &value) && !value);
    }
    for (unsigned i = 0; i < sizeof neither / sizeof *neither; i++)
        ck_assert(!json_bool(json_read(&arena, str_of(neither[i]), 0, NULL), &value));
    ck_assert(!json_bool(NULL, &value));
}
END_TEST

START_TEST(counts_code_points)
{
    ck_assert_uint_eq(utf8_length(STR("")), 0);
    ck_assert_uint_eq(utf8_length(STR("abc")), 3);
    ck_assert_uint_eq(utf8_length(STR("Ayşe")), 4);
    ck_assert_uint_eq(utf8_length(STR("😀€")), 2);
    ck_assert(utf8_valid(STR("Ayşe 😀")));
    ck_assert(!utf8_valid(STR("Ay\xc5")));
    ck_assert(utf8_valid(STR_NONE));
}
END_TEST

START_TEST(builds_trees)
{
    struct jnode *root = json_node_new(&arena, J_OBJECT);
    struct jnode *list = json_node_new(&arena, J_ARRAY);
    struct buf buf = {0};

    json_append(root, STR("a"), json_string_new(&arena, STR("x")));
    json_append(root, STR("b"), list);
    json_append(list, STR_NONE, json_node_new(&arena, J_TRUE));
    json_append(list, STR_NONE, json_node_new(&arena, J_NULL));
    jw_node(&buf, root, JW_GRAPH);
    ck_assert_str_eq(buf.s, "{\"a\":\"x\",\"b\":[true,null]}");
    ck_assert_uint_eq(list->count, 2);
    buf_fini(&buf);
}
END_TEST

/* --- The oracle ------------------------------------------------------------------------------- */

static const char *const seeds[] = {
    "{\"recipient\":{\"id\":\"1234567890123456\"},\"messaging_type\":\"RESPONSE\",\"message\":{"
    "\"text\":\"hello, world!\"}}",
    "{\"recipient\":{\"id\":1},\"message\":{\"attachment\":{\"type\":\"template\",\"payload\":{"
    "\"template_type\":\"generic\","
    "\"elements\":[{\"title\":\"Ay\\u015fe\",\"image_url\":\"https:\\/\\/x.test\\/"
    "a.png\",\"buttons\":[{\"type\":\"postback\","
    "\"title\":\"Se\xC3\xA7\",\"payload\":\"A|B\"},{\"type\":\"web_url\",\"url\":\"https://x.test/"
    "?a=1&b=%20\",\"title\":\"\\ud83d\\ude00\"}]}]}}}}",
    "[0,-1,1.5,-0.25e-3,1E9,true,false,null,\"\",[],{},[[[]]],{\"\":{\"\":[]}}]",
    "{\"message\":{\"quick_replies\":[{\"content_type\":\"text\",\"title\":\"\xF0\x9F\x98\x80\","
    "\"payload\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}]}}",
    "\"\\u0000\\uffff\\ud800\\udc00\"",
    "  {  \"a\"  :  1  ,  \"b\"  :  [  1  ,  2  ]  }  ",
    "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,"
    "\"l\":12,\"m\":13,\"n\":14}",
};

/* Does our tree say the same as jansson's? */
static bool
same(const struct jnode *ours, const json_t *theirs)
{
    char number[64];
    const struct jnode *child = ours->first;
    int64_t whole = 0;
    json_t *value;
    const char *key;
    size_t i;

    switch (json_typeof(theirs)) {
    case JSON_NULL:
        return ours->type == J_NULL;
    case JSON_TRUE:
        return ours->type == J_TRUE;
    case JSON_FALSE:
        return ours->type == J_FALSE;
    case JSON_STRING:
        return ours->type == J_STRING &&
               str_eq(ours->text,
                      (struct str){json_string_value(theirs), json_string_length(theirs)});
    case JSON_INTEGER:
        return ours->type == J_NUMBER && json_int64(ours, &whole) &&
               whole == json_integer_value(theirs);
    case JSON_REAL:
        snprintf(number, sizeof number, "%.*s", STR_ARG(ours->text));
        return ours->type == J_NUMBER &&
               (ours->text.n >= sizeof number || json_real_value(theirs) == strtod(number, NULL));
    case JSON_ARRAY:
        if (ours->type != J_ARRAY || ours->count != json_array_size(theirs))
            return false;
        json_array_foreach(theirs, i, value)
        {
            if (!same(child, value))
                return false;
            child = child->next;
        }
        return child == NULL;
    case JSON_OBJECT:
        if (ours->type != J_OBJECT || ours->count != json_object_size(theirs))
            return false;
        for (; child != NULL; child = child->next) {
            key = xstrndup(child->key.s, child->key.n);
            value = json_object_get(theirs, key);
            free((void *)(uintptr_t)key);
            if (value == NULL || !same(child, value))
                return false;
        }
        return true;
    }
    return false;
}

/* What jansson cannot hold, or holds deeper than we do. */
static bool
is_known_difference(const struct jnode *ours, const json_error_t *theirs, const char *our_reason)
{
    if (ours == NULL)
        return strcmp(our_reason, "nested too deeply") == 0;
    return json_error_code(theirs) == json_error_numeric_overflow ||
           json_error_code(theirs) == json_error_null_byte_in_key;
}

static unsigned agreed;

static void
compare(struct str text)
{
    struct json_error error = {0};
    json_error_t their_error;
    const struct jnode *ours = json_read(&arena, text, 0, &error);
    json_t *theirs = json_loadb(
        text.s, text.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &their_error);

    if ((ours == NULL) != (theirs == NULL)) {
        ck_assert_msg(is_known_difference(ours, &their_error, error.reason),
                      "<%.*s>: we say %s, jansson %s", STR_ARG(text),
                      ours == NULL ? error.reason : "fine",
                      theirs == NULL ? their_error.text : "fine");
    } else if (ours != NULL) {
        ck_assert_msg(same(ours, theirs), "<%.*s>: trees differ", STR_ARG(text));
    }
    agreed += ours != NULL && theirs != NULL;
    json_decref(theirs);
    arena_reset(&arena);
}

static uint64_t
next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/*
 * Changes one to three places: a byte replaced, dropped or put in, a piece copied elsewhere, or the
 * end cut off.
 */
static size_t
mutate(char *text, size_t n, size_t size, uint64_t *random)
{
    static const char likely[] =
        "{}[]:,\"\\'/ue+-.019 \t\n\x01\x7f\x80\xC3\xA7\xED\xA0\xF0\x9F\x98\x80tfn";

    for (unsigned changes = 1 + (unsigned)(next_random(random) % 3); changes > 0 && n > 1;
         changes--) {
        size_t at = next_random(random) % n;
        char c = likely[next_random(random) % (sizeof likely - 1)];

        switch (next_random(random) % 5) {
        case 0:
            text[at] = c;
            break;
        case 1:
            memmove(text + at, text + at + 1, n - at - 1);
            n--;
            break;
        case 2:
            if (n < size) {
                memmove(text + at + 1, text + at, n - at);
                text[at] = c;
                n++;
            }
            break;
        case 3: {
            size_t from = next_random(random) % n;
            size_t count = next_random(random) % 16;

            count = count > n - at ? n - at : count > n - from ? n - from : count;
            memmove(text + at, text + from, count);
            break;
        }
        default:
            n = next_random(random) % 8 == 0 ? at : n;
        }
    }
    return n;
}

START_TEST(agrees_with_the_oracle)
{
    uint64_t random = UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)_i;
    char text[1024];

    agreed = 0;
    compare(str_of(seeds[_i]));
    ck_assert_uint_eq(agreed, 1);
    for (unsigned round = 0; round < 20000; round++) {
        size_t n = strlen(seeds[_i]);

        memcpy(text, seeds[_i], n);
        n = mutate(text, n, sizeof text, &random);

        char *exact = xstrndup(text, n); /* so that a sanitizer sees a read behind the end */

        exact = xrealloc(exact, n > 0 ? n : 1);
        compare((struct str){exact, n});
        free(exact);
    }
    ck_assert_uint_gt(agreed, 100); /* the mutations must not all be nonsense */
}
END_TEST

START_TEST(rows_agree_with_the_oracle)
{
    if (rows[_i].flags == 0)
        compare(str_of(rows[_i].text));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, reads_or_refuses, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tcase, tells_where_it_stopped);
    tcase_add_loop_test(tcase, tells_oddities, 0, 6);
    tcase_add_test(tcase, limits_depth);
    tcase_add_test(tcase, depth_falls_again);
    tcase_add_loop_test(tcase, finds_twins_among_many, 1, 70);
    tcase_add_test(tcase, keeps_slices_of_the_source);
    tcase_add_loop_test(tcase, whole_numbers, 0, sizeof number_rows / sizeof *number_rows);
    tcase_add_test(tcase, truth);
    tcase_add_test(tcase, counts_code_points);
    tcase_add_test(tcase, builds_trees);
    tcase_add_loop_test(tcase, agrees_with_the_oracle, 0, sizeof seeds / sizeof *seeds);
    tcase_add_loop_test(tcase, rows_agree_with_the_oracle, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
