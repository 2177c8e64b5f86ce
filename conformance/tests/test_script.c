/* The reader and the checks: what good files become, and what is said about bad ones. */
#include <check.h>
#include <stdlib.h>

#include "conformance/check.h"
#include "conformance/script.h"

static const char *const head = "scenario \"A\"\npage shop\nuser ann shop\nbot b1 shop messages\n";

/* Reads and checks a text that begins on line 1; returns all complaints, one a line. */
static char *
complaints_of(const char *text)
{
    struct complaints complaints = {0};
    struct script *script = script_read_bytes("t.scn", "t", text, strlen(text), &complaints);
    char *out = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&out, &size);

    if (complaints.count == 0)
        check_script(script, &complaints);
    complaints_print(&complaints, to);
    fclose(to);
    complaints_fini(&complaints);
    script_free(&script);
    return out;
}

/* Files that are wrong as a whole. */
static const struct {
    const char *text, *complaint;
} bad_files[] = {
    {"", "t.scn:1: no title, expected scenario \"TITLE\" first\n"},
    {"page shop\nscenario \"A\"\n",
     "t.scn:2: a title after other steps `A`, expected it at the top\n"},
    {"scenario \"A\"\nscenario \"B\"\n",
     "t.scn:2: a second title `B`, expected one `scenario` in a file\n"
     "t.scn:2: a title after other steps `B`, expected it at the top\n"},
    {"scenario \"A\"\n\xff\n", "t.scn:2: is not UTF-8 text\n"},
    {"scenario \"A\"\n\n\xc0\xaf\n", "t.scn:3: is not UTF-8 text\n"},
    {"scenario \"A\nclean\n", "t.scn:1: a text has no end, expected \" on the same line\n"},
    {"scenario \"A\\q\"\n", "t.scn:1: a text is not a JSON string: invalid escape near '\"A\\q'\n"},
    {"scenario A\"B\"\n",
     "t.scn:1: a quote inside a bare word, expected the whole word in quotes\n"},
    {"scenario \"A\"B\n", "t.scn:1: something is stuck to the end of a text, expected a space\n"},
    {"scenario \"A\" \"B\"\n", "t.scn:1: usage: scenario \"TITLE\"\n"},
    {"scenario \"A\"\nrows a b\n  1 2\n  1\npage shop\nset x \"${a} ${b}\"\n",
     "t.scn:4: a row of 1 cells, expected 2 as in `rows`\n"},
    {"scenario \"A\"\nrows a\n  1\npage shop\n",
     "t.scn:2: a column that no step uses `a`, expected ${name} somewhere\n"},
    {"scenario \"A\"\nrows a\npage shop\n",
     "t.scn:2: a table without rows below `rows a`, expected at least one indented line\n"
     "t.scn:2: a column that no step uses `a`, expected ${name} somewhere\n"},
    {"scenario \"A\"\nrows a\n  \"${b}\"\npage shop\nset x \"${a}\"\n",
     "t.scn:3: a variable in the cell `${b}`, which is put in as it stands, expected it in the "
     "step "
     "that uses the column\n"},
    {"scenario \"A\"\ninclude nowhere.scn\n",
     "nowhere.scn: cannot be read: No such file or directory\n"
     "t.scn:2: included from here\n"},
    {"scenario \"A\"\nrows t\n  +24h\n  soon\npage shop\nclock ${t}\n",
     "t.scn:4: bad time `soon`, expected 2024-03-01T09:00:00Z, +24h, +23:59:59.999, frozen, wall "
     "or x60\n"},
};

/* Steps that are wrong behind a head of four good lines. */
static const struct {
    const char *text, *complaint;
} bad_steps[] = {
    {"sya ann \"hi\"", "t.scn:5: unknown verb `sya`, did you mean `say`?\n"},
    {"frobnicate",
     "t.scn:5: unknown verb `frobnicate`, expected one of `understudy run --verbs`\n"},
    {"say ann", "t.scn:5: usage: say USER \"TEXT\" [JSON]\n"},
    {"say ann \"hi\" {\"a\":1,\"a\":2}", "t.scn:5: duplicate object key near '\"a\"'\n"},
    {"say ann \"hi\" {\n\"a\":1,\n\"b\"}\nclean", "t.scn:7: ':' expected near '}'\n"},
    {"say ann \"hi\" {", "t.scn:6: string or '}' expected near end of file\n"},
    {"say ann \"hi\" {} x",
     "t.scn:5: something follows the JSON value, expected the end of the line\n"},
    {"say ann \"hi\" []", "t.scn:5: not an object behind `say ann \"hi\"`, expected {...}\n"},
    {"say bob \"hi\"", "t.scn:5: `bob` is nothing here, expected a user declared above\n"},
    {"say shop \"hi\"", "t.scn:5: `shop` is a page here, expected a user declared above\n"},
    {"user ann shop", "t.scn:5: `ann` is a user already, expected another name\n"},
    {"user Ann shop", "t.scn:5: bad name `Ann`, expected lower case letters, digits and _, and no "
                      "word of the language\n"},
    {"user next shop", "t.scn:5: bad name `next`, expected lower case letters, digits and _, and "
                       "no word of the language\n"},
    {"user bob store", "t.scn:5: `store` is nothing here, expected a page declared above\n"},
    {"bot b2 shop messages",
     "t.scn:5: `b1` is the subscriber of this app already, expected PAGE@APP with another app\n"},
    {"say ann \"hi\"\npage late",
     "t.scn:6: too late for `page`, expected it before the first step in which "
     "something happens\n"},
    {"world {\"now\":\"x\"}",
     "t.scn:5: a member that has a verb `now`, expected the verb `clock`\n"},
    {"needs luck",
     "t.scn:5: cannot read `needs luck`, expected client, scripted, rule ID, act NAME, event NAME, "
     "field NAME, or api >= vN.N\n"},
    {"needs api >= 19",
     "t.scn:5: cannot read `needs api >= 19`, expected client, scripted, rule ID, act NAME, event "
     "NAME, field NAME, or api >= vN.N\n"},
    {"clock soon", "t.scn:5: bad time `soon`, expected 2024-03-01T09:00:00Z, +24h, +23:59:59.999, "
                   "frozen, wall or "
                   "x60\n"},
    {"clock +24:60:00",
     "t.scn:5: bad time `+24:60:00`, expected 2024-03-01T09:00:00Z, +24h, +23:59:59.999, frozen, "
     "wall or x60\n"},
    {"clock 2024-02-30T00:00:00Z",
     "t.scn:5: bad time `2024-02-30T00:00:00Z`, expected 2024-03-01T09:00:00Z, +24h, "
     "+23:59:59.999, frozen, wall or x60\n"},
    {"expect 200",
     "t.scn:5: nothing was called before `expect 200`, expected `call` or `send` above\n"},
    {"send shop ann \"x\"\nexpect ok",
     "t.scn:6: bad status `ok`, expected a number, 2xx, 4xx, 5xx or any\n"},
    {"send shop ann \"x\"\nexpect 200 somewhat {}",
     "t.scn:6: cannot read `somewhat`, expected `exactly` or JSON\n"},
    {"send shop ann \"x\"\nexpect 200 {\"a\":\"${b}\"}",
     "t.scn:6: unknown variable `${b}`, expected a name that is bound above\n"},
    {"send shop ann \"x\"\nexpect 200 {\"a\":\"${b:wrong}\"}",
     "t.scn:6: unknown type `wrong` in \"${b:wrong}\", expected any, string, text, number, "
     "integer, boolean, object, "
     "array or id\n"},
    {"send shop ann \"x\"\nexpect 200 {\"a\":\"x${b:text}\"}",
     "t.scn:6: \"x${b:text}\" binds inside a text, expected ${b:text} alone\n"},
    {"send shop ann \"x\"\nexpect 200 {\"a\":\"<sting>\"}",
     "t.scn:6: unknown marker \"<sting>\"; for that very text write \"<is:<sting>>\"\n"},
    {"send shop ann \"x\"\nexpect 200 {\"a\":\"<re:(>\"}",
     "t.scn:6: a bad regular expression: Unmatched ( or \\(\n"},
    {"send shop ann \"x\"\nexpect 200 {\"a\":\"<array:x>\"}",
     "t.scn:6: \"<array:x>\", expected a number as in \"<array:3>\"\n"},
    {"send shop ann \"${later}\"\nexpect 200 {\"a\":\"${later:text}\"}",
     "t.scn:5: unknown variable `${later}`, expected a name that is bound above\n"},
    {"send shop ann \"${ann.shoe_size}\"",
     "t.scn:5: unknown field in `${ann.shoe_size}`, expected one listed in docs/scenarios.md\n"},
    {"send shop ann \"${x:text}\"",
     "t.scn:5: nothing can be bound by `${x:text}`, expected ${name} without a type\n"},
    {"send shop ann \"${\"",
     "t.scn:5: broken variable in `${`, expected ${name}, ${name.field} or ${name:type}\n"},
    {"call FETCH! /me", "t.scn:5: bad method `FETCH!`, expected GET, POST, DELETE ...\n"},
    {"call GET me", "t.scn:5: bad path `me`, expected one that begins with /\n"},
    {"call GET /me as b1",
     "t.scn:5: unknown credential `b1`, expected a page, app or token declared above, or none\n"},
    {"call GET /me as shop via pigeon",
     "t.scn:5: unknown place `pigeon`, expected query, bearer or body\n"},
    {"call POST /me as shop xml {}",
     "t.scn:5: unknown encoding `xml`, expected json, form, query or multipart\n"},
    {"call POST /me as shop form",
     "t.scn:5: an encoding without a body `form`, expected JSON behind it\n"},
    {"call raw POST /me as shop text/plain",
     "t.scn:5: cannot read `call raw POST /me as shop text/plain`, expected call raw METHOD PATH "
     "[as WHO [via "
     "query|bearer]] TYPE \"BYTES\"\n"},
    {"call raw POST /me as shop text/plain hex:abc",
     "t.scn:5: bad bytes `hex:abc`, expected pairs of hex digits behind hex:\n"},
    {"hook b1 message_echoes", "t.scn:5: `b1` does not subscribe to `message_echoes`, expected the "
                               "field in its `bot` step\n"},
    {"hook ann messages", "t.scn:5: `ann` is a user here, expected a bot declared above\n"},
    {"hook any b1 [{}]",
     "t.scn:5: cannot read an element of `hook any b1`, expected {\"FIELD\": PATTERN}\n"},
    {"answer b1 teapot", "t.scn:5: bad answer `teapot`, expected a status, close or hang\n"},
    {"made {}", "t.scn:5: no act before `made`, expected `say` or `act` above\n"},
    {"repeat 3\nend",
     "t.scn:6: nothing between `repeat 3`, expected `send` or `call` before `end`\n"},
    {"repeat many\nsend shop ann \"x\"\nend",
     "t.scn:5: bad count `many`, expected a number up to 9999999\n"},
    {"repeat 3\nsend shop ann \"x\"", "t.scn:5: a block without an end, expected `end`\n"},
    {"repeat 3\nsay ann \"x\"\nend",
     "t.scn:6: in a block `say ann \"x\"`, expected only `send` and `call` up to "
     "`end`\n"},
    {"repeat 3\nsend shop ann \"x\"\nend\nexpect 200",
     "t.scn:8: order-free replies before `expect 200`, expected `replies` after a block\n"},
    {"end", "t.scn:5: no block before `end`, expected `repeat` or `parallel` above\n"},
    {"set x 1 times many", "t.scn:5: bad count `many`, expected a number up to 9999999\n"},
    {"set x 1 2", "t.scn:5: cannot read `set x 1 2`, expected set NAME VALUE [times N] | set NAME "
                  "[times N] JSON\n"},
    {"set x 1\nset x 2", "t.scn:6: `x` is a value already, expected another name\n"},
};

START_TEST(bad_file_is_named)
{
    char *got = complaints_of(bad_files[_i].text);
    ck_assert_str_eq(got, bad_files[_i].complaint);
    free(got);
}
END_TEST

START_TEST(bad_step_is_named)
{
    char text[2000];
    snprintf(text, sizeof text, "%s%s\n", head, bad_steps[_i].text);
    char *got = complaints_of(text);
    ck_assert_str_eq(got, bad_steps[_i].complaint);
    free(got);
}
END_TEST

START_TEST(every_mistake_is_named)
{
    char *got = complaints_of(
        "scenario \"A\"\npaeg shop\nuser ann\n  still broken\nsay {\n \"a\" }\nbot b\n");
    ck_assert_str_eq(got, "t.scn:2: unknown verb `paeg`, did you mean `page`?\n"
                          "t.scn:3: usage: user NAME PAGE [JSON]\n"
                          "t.scn:6: ':' expected near '}'\n"
                          "t.scn:7: usage: bot NAME PAGE|PAGE@APP FIELD...\n");
    free(got);
}
END_TEST

START_TEST(good_file_becomes_steps)
{
    static const char text[] =
        "# a comment\n"
        "scenario \"T\u00fcrk\u00e7e\"  # behind\n"
        "covers   WIN-STD-24H\n"
        "rows     a   b\n"
        "         1   \"x y\"\n"
        "\n"
        "  # between\n"
        "         -   #3\n"
        "\t+24h \"-\"\n"
        "page     shop\n"
        "user     ann shop { \"locale\": \"tr_TR\",\n"
        "           \"first_name\": \"\\ud83d\\ude00\" }   # JSON over lines\n"
        "say      ann \"a#b ${a}${b}\"\n"
        "call     raw POST /me application/json \"{\"\n";
    struct complaints complaints = {0};
    struct script *script = script_read_bytes("t.scn", "t", text, sizeof text - 1, &complaints);

    check_script(script, &complaints);
    complaints_print(&complaints, stderr);
    ck_assert_uint_eq(complaints.count, 1); /* `-   #3` is one cell and a comment */
    ck_assert_str_eq(complaints.lines[0], "t.scn:8: a row of 1 cells, expected 2 as in `rows`");
    ck_assert_str_eq(script->title, "T\u00fcrk\u00e7e");
    ck_assert_uint_eq(script->row_count, 2);
    ck_assert_str_eq(script->rows[0].words[1].text, "x y");
    ck_assert(script->rows[1].words[1].is_quoted);
    ck_assert_int_eq(script->rows[1].line, 9);
    ck_assert_uint_eq(script->step_count, 7);
    ck_assert_int_eq(script->steps[4].verb, VERB_USER);
    ck_assert_int_eq(script->steps[4].line, 11);
    ck_assert_str_eq(json_string_value(json_object_get(script->steps[4].json, "first_name")),
                     "\xf0\x9f\x98\x80");
    ck_assert_int_eq(script->steps[5].line, 13);
    ck_assert_str_eq(script->steps[5].words[1].text, "a#b ${a}${b}");
    ck_assert_int_eq(script->steps[6].verb, VERB_CALL_RAW);
    ck_assert_str_eq(script->steps[6].source, "call raw POST /me application/json \"{\"");
    complaints_fini(&complaints);
    script_free(&script);
}
END_TEST

START_TEST(whole_language_is_accepted)
{
    struct complaints complaints = {0};
    struct script *script =
        script_read("conformance/tests/data/good/language.scn", "language", &complaints);

    check_script(script, &complaints);
    complaints_print(&complaints, stderr);
    ck_assert_uint_eq(complaints.count, 0);
    bool is_used[VERB_COUNT] = {[VERB_INCLUDE] = true};
    for (size_t i = 0; i < script->step_count; i++)
        is_used[script->steps[i].verb] = true;
    for (enum verb verb = 0; verb < VERB_COUNT; verb++)
        ck_assert_msg(is_used[verb], "language.scn does not use `%s`", verb_table[verb].name);
    complaints_fini(&complaints);
    script_free(&script);
}
END_TEST

START_TEST(mistake_in_include_names_that_file)
{
    struct complaints complaints = {0};
    struct script *script =
        script_read("conformance/tests/data/bad/include.scn", "include", &complaints);

    ck_assert_uint_eq(complaints.count, 2);
    ck_assert_str_eq(
        complaints.lines[0],
        "conformance/tests/data/bad/included.part:3: unknown verb `sned`, did you mean `send`?");
    ck_assert_str_eq(complaints.lines[1],
                     "conformance/tests/data/bad/included.part:4: an include inside an include, "
                     "expected one level");
    complaints_fini(&complaints);
    script_free(&script);
}
END_TEST

START_TEST(server_tables_are_asked)
{
    static const char text[] =
        "scenario \"A\"\ncovers WIN-STD-24\nrows r\n  TAG-X\n  -\n  WIN-STD-24H\npage shop\n"
        "user ann shop\nbot b1 shop mesages\nact postbak ann\nact postback ann {\"pyload\":1}\n"
        "violation ${r}\n";
    struct complaints complaints = {0};
    struct script *script = script_read_bytes("t.scn", "t", text, sizeof text - 1, &complaints);
    struct check_tables tables = {
        .rules = json_pack("{s:{}}", "WIN-STD-24H"),
        .acts = json_pack("{s:{s:[{s:s}]}}", "postback", "fields", "name", "payload"),
        .fields = json_pack("{s:b}", "messages", 1),
    };

    check_script(script, &complaints);
    ck_assert_uint_eq(complaints.count, 0);
    check_script_tables(script, &tables, &complaints);
    static const char *const wanted[] = {
        "t.scn:2: unknown rule `WIN-STD-24`, did you mean `WIN-STD-24H`?",
        "t.scn:9: unknown webhook field `mesages`, did you mean `messages`?",
        "t.scn:10: unknown act `postbak`, did you mean `postback`?",
        "t.scn:11: the act `postback` has no field `pyload`, see GET /_sim/acts",
        "t.scn:4: unknown rule `TAG-X`, expected one that the server knows",
    };
    ck_assert_uint_eq(complaints.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < complaints.count; i++)
        ck_assert_str_eq(complaints.lines[i], wanted[i]);
    json_decref(tables.rules);
    json_decref(tables.acts);
    json_decref(tables.fields);
    complaints_fini(&complaints);
    script_free(&script);
}
END_TEST

/* Any prefix of a good file is read without harm, whatever is said about it. */
START_TEST(truncated_files_do_no_harm)
{
    struct complaints complaints = {0};
    size_t length = 0;
    char *bytes = script_load("conformance/tests/data/good/language.scn", SCRIPT_BYTES_MAX, &length,
                              &complaints);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i <= length; i += 7) {
        struct script *script =
            script_read_bytes("conformance/tests/data/good/t.scn", "t", bytes, i, &complaints);
        check_script(script, &complaints);
        script_free(&script);
    }
    complaints_fini(&complaints);
    free(bytes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("script");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, bad_file_is_named, 0, sizeof bad_files / sizeof *bad_files);
    tcase_add_loop_test(all, bad_step_is_named, 0, sizeof bad_steps / sizeof *bad_steps);
    tcase_add_test(all, every_mistake_is_named);
    tcase_add_test(all, good_file_becomes_steps);
    tcase_add_test(all, whole_language_is_accepted);
    tcase_add_test(all, mistake_in_include_names_that_file);
    tcase_add_test(all, server_tables_are_asked);
    tcase_add_test(all, truncated_files_do_no_harm);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
