/* The writer of JSON, byte for byte. */
#include <check.h>
#include <stdlib.h>

#include "graph/jwrite.h"
#include "world/xalloc.h"

static const struct row {
    struct {
        const char *s;
        size_t n;
    } text;
    unsigned flags;
    const char *written;
} rows[] = {
#define ROW(text, flags, written)                                                                  \
    {                                                                                              \
        {text, sizeof(text) - 1}, flags, written                                                   \
    }
    ROW("", JW_GRAPH, "\"\""),
    ROW("plain ASCII ~", JW_GRAPH, "\"plain ASCII ~\""),
    ROW("a/b", JW_GRAPH, "\"a\\/b\""),
    ROW("a/b", JW_OURS, "\"a/b\""),
    ROW("\"\\", JW_GRAPH, "\"\\\"\\\\\""),
    ROW("\b\f\n\r\t", JW_GRAPH, "\"\\b\\f\\n\\r\\t\""),
    ROW("\x01\x1f\x7f", JW_GRAPH, "\"\\u0001\\u001f\x7f\""),
    ROW("a\0b", JW_GRAPH, "\"a\\u0000b\""),
    ROW("äöå", JW_GRAPH, "\"\\u00e4\\u00f6\\u00e5\""),
    ROW("äöå", JW_UTF8, "\"äöå\""),
    ROW("€", JW_GRAPH, "\"\\u20ac\""),
    ROW("❤️", JW_WEBHOOK, "\"\\u2764\\ufe0f\""),
    ROW("😀", JW_GRAPH, "\"\\ud83d\\ude00\""),
    ROW("x😀y", JW_OURS, "\"x😀y\""),
    ROW("\xF4\x8F\xBF\xBF", JW_GRAPH, "\"\\udbff\\udfff\""),
    ROW("<%@/", JW_GRAPH, "\"<%@\\/\""),
    ROW("<%@/", JW_WEBHOOK, "\"\\u003C\\u0025\\u0040\\/\""),
    ROW("a\xffz", JW_GRAPH, "\"a\\ufffdz\""),
    ROW("a\xc3", JW_OURS, "\"a\\ufffd\""),
    ROW("\xed\xa0\x80", JW_GRAPH, "\"\\ufffd\\ufffd\\ufffd\""),
};

START_TEST(strings)
{
    const struct row *row = &rows[_i];
    struct buf buf = {0};

    jw_string(&buf, (struct str){row->text.s, row->text.n}, row->flags);
    ck_assert_str_eq(buf.s, row->written);
    buf_fini(&buf);
}
END_TEST

/* Whatever is written reads back as it was, in every mode. */
START_TEST(reads_back)
{
    static const unsigned modes[] = {JW_GRAPH, JW_UTF8,    JW_PLAIN_SLASH,
                                     JW_OURS,  JW_WEBHOOK, JW_WEBHOOK | JW_UTF8};
    struct arena arena;
    struct buf raw = {0}, buf = {0};

    arena_init(&arena);
    for (unsigned c = 0; c < 0x80; c++)
        buf_char(&raw, (char)c);
    buf_adds(&raw, "ğüşıöç €😀");
    for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
        buf_reset(&buf);
        jw_string(&buf, buf_view(&raw), modes[i]);

        const struct jnode *node = json_read(&arena, buf_view(&buf), 0, NULL);

        ck_assert(node != NULL && str_eq(node->text, buf_view(&raw)));
    }
    buf_fini(&raw);
    buf_fini(&buf);
    arena_fini(&arena);
}
END_TEST

START_TEST(ids_that_javascript_would_round_are_texts)
{
    struct buf buf = {0};

    jw_open(&buf, '{');
    jw_kv_id(&buf, "a", STR("9007199254740991"));
    jw_kv_id(&buf, "b", STR("9007199254740992"));
    jw_kv_id(&buf, "c", STR("x1"));
    jw_kv_id(&buf, "d", STR(""));
    jw_close(&buf, '}');
    ck_assert_str_eq(buf.s,
                     "{\"a\":9007199254740991,\"b\":\"9007199254740992\",\"c\":\"x1\",\"d\":\"\"}");
    buf_fini(&buf);
}
END_TEST

START_TEST(pieces)
{
    struct buf buf = {0};

    jw_open(&buf, '{');
    jw_kv_str(&buf, "a", STR("x/y"));
    jw_kv_int(&buf, "b", -5);
    jw_kv_bool(&buf, "c", true);
    jw_kv_null(&buf, "d");
    jw_kv_text(&buf, "e", NULL);
    jw_kv_text(&buf, "e2", "E");
    jw_kv_raw(&buf, "f", STR("[1,{}]"));
    jw_key(&buf, "g");
    jw_open(&buf, '[');
    jw_open(&buf, '{');
    jw_close(&buf, '}');
    jw_open(&buf, '{');
    jw_kv_strf(&buf, "h", STR("ç/"), JW_OURS);
    jw_close(&buf, '}');
    jw_item(&buf);
    jw_string(&buf, STR("["), JW_GRAPH);
    jw_item(&buf);
    buf_int64(&buf, 7);
    jw_close(&buf, ']');
    jw_key_str(&buf, STR("\"k\""), JW_GRAPH);
    jw_open(&buf, '[');
    jw_close(&buf, ']');
    jw_close(&buf, '}');
    ck_assert_str_eq(
        buf.s,
        "{\"a\":\"x\\/y\",\"b\":-5,\"c\":true,\"d\":null,\"e\":null,\"e2\":\"E\",\"f\":[1,{}],"
        "\"g\":[{},{\"h\":\"ç/\"},\"[\",7],\"\\\"k\\\"\":[]}");
    buf_char(&buf, '\n');
    jw_open(&buf, '{');
    jw_close(&buf, '}');
    ck_assert(str_starts_lit(str_from(buf_view(&buf), buf.n - 4), "}\n{}"));
    buf_fini(&buf);
}
END_TEST

START_TEST(whole_numbers)
{
    static const struct {
        int64_t number;
        const char *written;
    } numbers[] = {{0, "0"},
                   {-1, "-1"},
                   {INT64_MAX, "9223372036854775807"},
                   {INT64_MIN, "-9223372036854775808"},
                   {100, "100"}};
    struct buf buf = {0};

    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_reset(&buf);
        buf_int64(&buf, numbers[i].number);
        ck_assert_str_eq(buf.s, numbers[i].written);
    }
    buf_fini(&buf);
}
END_TEST

START_TEST(buffers_grow)
{
    struct buf buf = {0};

    ck_assert(str_eq_lit(buf_view(&buf), ""));
    buf_add(&buf, NULL, 0);
    ck_assert_str_eq(buf.s, "");
    for (unsigned i = 0; i < 1000; i++)
        buf_printf(&buf, "%03u,%s", i, i == 999 ? "end" : "");
    ck_assert_uint_eq(buf.n, 4003);
    ck_assert_str_eq(buf.s + 3996, "999,end");
    buf_fini(&buf);
    ck_assert_ptr_null(buf.s);
}
END_TEST

START_TEST(trees)
{
    struct arena arena;
    struct buf buf = {0};
    char first[512];

    arena_init_buffer(&arena, first, sizeof first);

    const struct jnode *root = json_read(&arena,
                                         STR("{ \"n\" : [ 1.50 , -0 , true,false,null , {} , [] ], "
                                             "\"s\":\"\\u00e7\\/\", \"\\u00e7\" : { \"x\":1 } }"),
                                         0, NULL);

    jw_node(&buf, root, JW_GRAPH);
    ck_assert_str_eq(
        buf.s,
        "{\"n\":[1.50,-0,true,false,null,{},[]],\"s\":\"\\u00e7\\/\",\"\\u00e7\":{\"x\":1}}");
    buf_reset(&buf);
    jw_open(&buf, '{');
    jw_kv_node(&buf, "t", json_get(root, "s"), JW_OURS);
    jw_close(&buf, '}');
    ck_assert_str_eq(buf.s, "{\"t\":\"ç/\"}");
    buf_fini(&buf);
    arena_fini(&arena);
}
END_TEST

/* What the arena promises to all of this. */
START_TEST(arenas)
{
    struct arena arena;
    char first[100];

    arena_init_buffer(&arena, first + 1, sizeof first - 1);
    for (unsigned round = 0; round < 3; round++) {
        char *inside = arena_alloc(&arena, 3);

        ck_assert(inside > first && inside < first + sizeof first);
        for (size_t size = 0; size < 3000; size += 7) {
            char *memory = arena_alloc(&arena, size);

            ck_assert_ptr_nonnull(memory);
            ck_assert_uint_eq((uintptr_t)memory % 8, 0);
            memset(memory, (int)round, size);
        }
        memset(arena_alloc(&arena, 100000), 1, 100000);
        ck_assert_str_eq(arena_strndup(&arena, "abcdef", 3), "abc");
        ck_assert_int_eq(*(char *)arena_zalloc(&arena, 1), 0);
        arena_reset(&arena);
    }
    arena_fini(&arena);

    arena_init_buffer(&arena, first, 3); /* too small for anything */
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0));
    ck_assert_ptr_nonnull(arena_alloc(&arena, 1));
    arena_fini(&arena);

    arena_init_buffer(&arena, first + 1, 3); /* and nothing of it is aligned */
    ck_assert_ptr_nonnull(arena_alloc(&arena, 1));
    arena_fini(&arena);

    arena_init(&arena);
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0));
    arena_reset(&arena);
    memset(arena_alloc(&arena, 50), 1, 50);
    arena_fini(&arena);
}
END_TEST

START_TEST(heap)
{
    char *copy = xstrdup("abc");
    int *zeros = xcalloc(3, sizeof *zeros);

    ck_assert_str_eq(copy, "abc");
    ck_assert(zeros[0] == 0 && zeros[1] == 0 && zeros[2] == 0);
    copy = xrealloc(copy, 8);
    ck_assert_str_eq(copy, "abc");
    free(copy);
    free(zeros);

    void *nothing[] = {xmalloc(0), xcalloc(0, 8), xcalloc(8, 0), xrealloc(NULL, 0),
                       xstrndup("", 0)};

    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        ck_assert_ptr_nonnull(nothing[i]);
        free(nothing[i]);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("jwrite");
    TCase *tcase = tcase_create("jwrite");

    tcase_add_loop_test(tcase, strings, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tcase, reads_back);
    tcase_add_test(tcase, pieces);
    tcase_add_test(tcase, ids_that_javascript_would_round_are_texts);
    tcase_add_test(tcase, ids_that_javascript_would_round_are_texts);
    tcase_add_test(tcase, whole_numbers);
    tcase_add_test(tcase, buffers_grow);
    tcase_add_test(tcase, trees);
    tcase_add_test(tcase, arenas);
    tcase_add_test(tcase, heap);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
