/* Reading journals: what is refused and how it is said; verdicts; where records stand. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/evidence.h"
#include "reports/tests/desk.h"
#include "reports/tree.h"

#define HEAD "{\"understudy\":\"journal\",\"schema\":1,\"version\":\"0.1.0\",\"seed\":1}\n"
#define AT "\"at\":\"2024-03-01T09:00:00.000Z\",\"world\":\"w\""
#define ACT(seq) "{\"seq\":" #seq "," AT ",\"kind\":\"act\",\"act\":\"message\"}\n"

#define VERDICT(result)                                                                            \
    "{\"seq\":1," AT ",\"kind\":\"note\",\"note\":\"verdict\",\"result\":" result "}\n"

static char folder[256];

static void
open_folder(void)
{
    desk_folder(folder);
}

static void
clean_folder(void)
{
    desk_clean(folder);
}

/* `why` NULL: it is read, with so many records beside the header; else part of what is said after
 * "j.jsonl". */
/* clang-format off */
static const struct {
    const char *text;
    const char *why;
    size_t records;
    json_int_t torn_line;
} texts[] = {
    {HEAD ACT(1) ACT(2), NULL, 2, 0},
    {HEAD, NULL, 0, 0},
    {HEAD ACT(3) ACT(7), NULL, 2, 0},
    {HEAD ACT(1) "{\"seq\":2,\"at\":\"20", NULL, 1, 3},
    {HEAD ACT(1) "{", NULL, 1, 3},
    {HEAD ACT(1) "12", NULL, 1, 3},
    {HEAD "{\"seq\":1," AT ",\"kind\":\"act\",\"act\":\"message\"}", NULL, 1, 0},
    {HEAD ACT(1) HEAD ACT(1), NULL, 3, 0},
    {HEAD ACT(4) "{\"seq\":1," AT ",\"kind\":\"world\",\"event\":\"created\"}\n" ACT(2), NULL, 3, 0},
    {"", ":1: empty, expected a journal's header line", 0, 0},
    {"{\"understudy\":\"jour", ":1: ", 0, 0},
    {"[]\n", ":1: not an object, expected one JSON object", 0, 0},
    {"{\"understudy\":\"recording\",\"version\":1}\n", ":1: not a journal", 0, 0},
    {"{\"understudy\":\"journal\",\"schema\":2}\n", ":1: a journal of another schema, expected \"schema\":1", 0, 0},
    {ACT(1), ":1: not a journal", 0, 0},
    {HEAD "\n", ":2: ", 0, 0},
    {HEAD "nonsense\n" ACT(1), ":2: ", 0, 0},
    {HEAD ACT(1) "[1]\n", ":3: not an object, expected one JSON object", 0, 0},
    {HEAD ACT(1) "{\"a\":1,\"a\":2}\n", ":3: duplicate object key", 0, 0},
    {HEAD ACT(1) "{\"seq\":2}\n", ":3: \"at\" is missing, expected a text", 0, 0},
    {HEAD "{\"seq\":\"1\"," AT ",\"kind\":\"act\"}\n", ":2: \"seq\" is of another type, expected a whole number", 0, 0},
    {HEAD "{\"seq\":0," AT ",\"kind\":\"act\"}\n", ":2: \"seq\" is 0, expected 1 or more", 0, 0},
    {HEAD ACT(2) ACT(2), ":3: \"seq\" is 2 after 2 in world \"w\", expected more", 0, 0},
    {HEAD "{\"seq\":1," AT ",\"kind\":\"dream\"}\n", ":2: \"kind\" is \"dream\", expected world, call", 0, 0},
    {HEAD "{\"seq\":1,\"at\":\"noon\",\"world\":\"w\",\"kind\":\"act\"}\n", ":2: \"at\" is \"noon\", expected a time", 0, 0},
    {HEAD "{\"seq\":1," AT ",\"kind\":\"call\",\"method\":\"GET\",\"path\":\"/\",\"status\":\"200\"}\n",
     ":2: \"status\" is of another type, expected a whole number", 0, 0},
    {HEAD "{\"seq\":1," AT ",\"kind\":\"call\",\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"outcome\":\"permitted\","
          "\"seen\":{}}\n",
     ":2: \"seen\" is of another type, expected a list", 0, 0},
    {HEAD VERDICT("{\"id\":\"a\",\"verdict\":\"pass\"}"), NULL, 1, 0},
    {HEAD VERDICT("{\"id\":\"a\",\"verdict\":\"good\"}"), ":2: \"verdict\" is \"good\", expected pass, fail", 0, 0},
    {HEAD VERDICT("{\"verdict\":\"pass\"}"), ":2: \"id\" is missing, expected a text", 0, 0},
    {HEAD VERDICT("{\"id\":\"a\",\"verdict\":\"pass\",\"duration_virtual_ms\":-1}"), ":2: \"duration_virtual_ms\" is neg", 0, 0},
    {HEAD VERDICT("{\"id\":\"a\",\"verdict\":\"pass\",\"covers\":\"X\"}"), ":2: \"covers\" is of another type", 0, 0},
    {HEAD VERDICT("null"), ":2: a verdict without \"result\"", 0, 0},
    {HEAD VERDICT("7"), ":2: \"result\" is of another type", 0, 0},
};
/* clang-format on */

START_TEST(reads)
{
    char path[300], why[512] = "";

    desk_write(folder, "j.jsonl", texts[_i].text);
    snprintf(path, sizeof path, "%s/j.jsonl", folder);

    json_t *journal = evidence_read_new(path, why, sizeof why);

    if (texts[_i].why) {
        ck_assert_msg(journal == NULL, "row %d was read", _i);
        ck_assert_msg(strstr(why, texts[_i].why) != NULL, "row %d: %s", _i, why);
        ck_assert_msg(strncmp(why, path, strlen(path)) == 0, "row %d: %s", _i, why);
        return;
    }
    ck_assert_msg(journal != NULL, "row %d: %s", _i, why);
    ck_assert_uint_eq(json_array_size(json_object_get(journal, "records")), texts[_i].records + 1);
    ck_assert_int_eq(tree_int(journal, "torn_line"), texts[_i].torn_line);
    json_decref(journal);
}
END_TEST

START_TEST(says_what_is_not_there)
{
    char why[512];

    ck_assert_ptr_null(evidence_read_new("/nowhere/j.jsonl", why, sizeof why));
    ck_assert_str_eq(why, "/nowhere/j.jsonl: No such file or directory, expected a journal");
    ck_assert_ptr_null(evidence_read_new(folder, why, sizeof why));
    ck_assert_msg(strstr(why, "Is a directory") != NULL, "%s", why);
}
END_TEST

/* A letter of NUL in a line, and bytes that are no UTF-8. */
START_TEST(refuses_what_is_no_text)
{
    char path[300], why[512];

    desk_write(folder, "j.jsonl",
               HEAD "{\"seq\":1," AT ",\"kind\":\"note\",\"note\":\"\xC3\x28\"}\n");
    snprintf(path, sizeof path, "%s/j.jsonl", folder);
    ck_assert_ptr_null(evidence_read_new(path, why, sizeof why));
    ck_assert_msg(strstr(why, ":2: ") != NULL, "%s", why);

    FILE *out = fopen(path, "w");

    fwrite(HEAD "{\0}\n", 1, sizeof HEAD - 1 + 4, out);
    fclose(out);
    ck_assert_ptr_null(evidence_read_new(path, why, sizeof why));
    ck_assert_msg(strstr(why, ":2: ") != NULL, "%s", why);
}
END_TEST

/* ---- verdicts ---- */

static json_t *
json_of(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(value != NULL, "%d: %s in %s", error.line, error.text, text);
    return value;
}

static const char two_results[] =
    "{\"version\":\"0.1.0\",\"seed\":7,\"kind\":\"run\",\"quiet_ms\":150,"
    "\"results\":[{\"id\":\"a\",\"file\":\"a.scn\",\"verdict\":\"pass\",\"journal\":\"z.jsonl\","
    "\"world\":\"wa\","
    "\"places\":[[1,3],[2,8],[4,9]]},"
    "{\"id\":\"b\",\"file\":\"b.scn\",\"verdict\":\"fail\",\"journal\":\"z.jsonl\",\"world\":"
    "\"wb\",\"played_by\":\"script\"}],"
    "\"journals\":[{\"name\":\"z.jsonl\",\"records\":["
    "{\"seq\":1,\"at\":\"2024-03-01T09:00:00.000Z\",\"world\":\"wa\",\"kind\":\"act\",\"act\":"
    "\"x\"},"
    "{\"seq\":3,\"at\":\"2024-03-01T09:00:01.000Z\",\"world\":\"wa\",\"kind\":\"act\",\"act\":"
    "\"x\"},"
    "{\"seq\":1,\"at\":\"2024-03-01T09:00:02.000Z\",\"world\":\"wb\",\"kind\":\"act\",\"act\":"
    "\"x\"}]}]}";

START_TEST(completes_journals_once)
{
    json_t *result = json_of(two_results), *journals = evidence_complete_new(result);
    json_t *records = json_object_get(json_array_get(journals, 0), "records");
    json_t *header = json_array_get(records, 0), *note = json_array_get(records, 4);

    ck_assert_uint_eq(json_array_size(records), 6);
    ck_assert_str_eq(tree_text(header, "understudy"), "journal");
    ck_assert_int_eq(tree_int(header, "seed"), 7);
    ck_assert_int_eq(tree_int(header, "quiet_ms"), 150);
    ck_assert_str_eq(tree_text(header, "kind"), "run");
    ck_assert_str_eq(tree_text(note, "note"), "verdict");
    ck_assert_str_eq(tree_text(note, "world"), "wa");
    ck_assert_int_eq(tree_int(note, "seq"), 4);
    ck_assert_str_eq(tree_text(note, "at"), "2024-03-01T09:00:01.000Z");
    ck_assert_ptr_null(json_object_get(json_object_get(note, "result"), "journal"));

    json_object_set(result, "journals", journals); /* what is complete stays as it is */
    json_t *again = evidence_complete_new(result);

    ck_assert(json_equal(again, journals));
    json_decref(again);
    json_decref(journals);
    json_decref(result);
}
END_TEST

START_TEST(results_without_a_journal_get_one)
{
    json_t *result = json_of("{\"results\":[{\"id\":\"a\",\"verdict\":\"skip\"}],\"journals\":[]}");
    json_t *journals = evidence_complete_new(result), *results = evidence_results_new(journals);

    ck_assert_uint_eq(json_array_size(journals), 1);
    ck_assert_uint_eq(json_array_size(results), 1);
    ck_assert_str_eq(tree_text(json_array_get(results, 0), "verdict"), "skip");
    ck_assert_str_eq(tree_text(json_array_get(results, 0), "journal"), "journal.jsonl");
    json_decref(results);
    json_decref(journals);
    json_decref(result);
}
END_TEST

struct seen_places {
    size_t count;
    struct place places[8];
};

static void
note_place(const struct place *place, json_t *record, void *who)
{
    struct seen_places *seen = who;

    ck_assert(json_is_object(record));
    ck_assert_uint_lt(seen->count, 8);
    seen->places[seen->count++] = *place;
}

START_TEST(knows_where_records_stand)
{
    json_t *result = json_of(two_results), *journals = evidence_complete_new(result);
    struct seen_places seen = {0};

    evidence_walk(journals, note_place, &seen);
    ck_assert_uint_eq(seen.count, 3);
    ck_assert_uint_eq(seen.places[0].line, 2);
    ck_assert_int_eq(seen.places[0].source_line, 3);
    ck_assert_int_eq(seen.places[1].source_line, 8);
    ck_assert_int_eq(seen.places[2].source_line, 0);
    ck_assert_uint_eq(seen.places[1].result_number, 0);
    ck_assert_uint_eq(seen.places[2].result_number, 1);
    ck_assert(!seen.places[0].is_scripted);
    ck_assert(seen.places[2].is_scripted);
    ck_assert_int_eq(seen.places[1].at_ms - seen.places[0].at_ms, 1000);
    json_decref(journals);
    json_decref(result);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("evidence");
    TCase *cases = tcase_create("evidence");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(cases, open_folder, clean_folder);
    tcase_add_loop_test(cases, reads, 0, sizeof texts / sizeof *texts);
    tcase_add_test(cases, says_what_is_not_there);
    tcase_add_test(cases, refuses_what_is_no_text);
    tcase_add_test(cases, completes_journals_once);
    tcase_add_test(cases, results_without_a_journal_get_one);
    tcase_add_test(cases, knows_where_records_stand);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
