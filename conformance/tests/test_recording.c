/* Recordings: what good ones become, what is said about bad ones, and that the schema agrees. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance/recording.h"
#include "reports/tests/schema.h"

#define HEADER                                                                                     \
    "{\"understudy\":\"recording\",\"version\":1,\"title\":\"T\",\"now\":\"2024-03-01T09:00:"      \
    "00Z\","                                                                                       \
    "\"people\":[{\"name\":\"ann\",\"locale\":\"fi_FI\"},{\"name\":\"bob\"}]}\n"

static struct check_tables tables;
static char path[64];

static void
set_up(void)
{
    tables.acts =
        json_pack("{s:{s:[{s:s,s:b}]}, s:{s:[{s:s,s:b},{s:s,s:b}]}, s:{s:[]}}", "message", "fields",
                  "name", "text", "required", 0, "postback", "fields", "name", "payload",
                  "required", 1, "name", "title", "required", 0, "read", "fields");
    snprintf(path, sizeof path, "/tmp/understudy-test-XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void
tear_down(void)
{
    json_decref(tables.acts);
    unlink(path);
}

static void
write_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

/* All complaints without the path, one a line. */
static char *
complaints_of(const char *bytes, size_t length)
{
    struct complaints complaints = {0};
    char *out = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&out, &size);

    write_bytes(bytes, length);
    struct recording *recording = recording_read(path, &tables, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        fprintf(to, "%s\n", complaints.lines[i] + strlen(path) + 1);
    fclose(to);
    recording_free(&recording);
    complaints_fini(&complaints);
    return out;
}

static const struct {
    const char *text, *complaint;
} bad[] = {
    {"", "1: is empty, expected {\"understudy\":\"recording\",\"version\":1,...}\n"},
    {"{\"at\":\"+1s\"}\n",
     "1: no header, expected {\"understudy\":\"recording\",\"version\":1,...}\n"},
    {"[]\n", "1: not an object, expected {...} on each line\n"},
    {"{\"understudy\":\"recording\",\"version\":2,\"now\":\"2024-03-01T09:00:00Z\",\"people\":[{"
     "\"name\":\"a\"}]}\n",
     "1: unknown version of the format, expected \"version\":1\n"},
    {"{\"understudy\":\"recording\",\"version\":1,\"now\":\"today\",\"people\":[{\"name\":\"a\"}]}"
     "\n",
     "1: no beginning, expected \"now\":\"2024-03-01T09:00:00Z\"\n"},
    {"{\"understudy\":\"recording\",\"version\":1,\"now\":\"2024-03-01T09:00:00Z\",\"people\":[]}"
     "\n",
     "1: nobody is in it, expected \"people\":[{\"name\":\"...\"}]\n"},
    {"{\"understudy\":\"recording\",\"version\":1,\"now\":\"2024-03-01T09:00:00Z\",\"people\":[{"
     "\"locale\":\"x\"}]}\n",
     "1: person 1 has no name, expected {\"name\":\"...\"}\n"},
    {"{\"understudy\":\"recording\",\"version\":1,\"now\":\"2024-03-01T09:00:00Z\",\"poeple\":[],"
     "\"people\":"
     "[{\"name\":\"a\"},{\"name\":\"a\"}]}\n",
     "1: unknown member `poeple` of the header, did you mean `people`?\n"
     "1: two people are called `a`, expected different names\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"message\",\"text\":\"x\"\n",
     "2: '}' expected near end of file\n"},
    {HEADER "\n{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"mess",
     "3: the last line is cut off: premature end of input near '\"mess'\n"},
    {HEADER "{\"at\":\"+1s\",\"at\":\"+2s\"}\n", "2: duplicate object key near '\"at\"'\n"},
    {HEADER "{\"who\":\"ann\",\"act\":\"read\"}\n",
     "2: no time, expected \"at\":\"+5m\" or \"at\":\"2024-03-01T09:00:00Z\"\n"},
    {HEADER "{\"at\":\"soon\",\"who\":\"ann\",\"act\":\"read\"}\n",
     "2: bad time `soon`, expected +90s, +1d2h, +0:00:00.001 or 2024-03-01T09:00:00Z\n"},
    {HEADER "{\"at\":\"-1s\",\"who\":\"ann\",\"act\":\"read\"}\n",
     "2: bad time `-1s`, expected +90s, +1d2h, +0:00:00.001 or 2024-03-01T09:00:00Z\n"},
    {HEADER
     "{\"at\":\"+1h\"}\n{\"at\":\"2024-03-01T09:59:59.999Z\",\"who\":\"ann\",\"act\":\"read\"}\n",
     "3: time runs backwards: `2024-03-01T09:59:59.999Z`, expected 2024-03-01T10:00:00.000Z or "
     "later\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"eve\",\"act\":\"read\"}\n",
     "2: unknown person `eve`, expected a name of `people` in the header\n"},
    {HEADER "{\"at\":\"+1s\",\"act\":\"read\"}\n",
     "2: nobody does it, expected \"who\":\"...\" with a name of `people`\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\"}\n",
     "2: no act, expected \"act\":\"message\" or another of GET /_sim/acts\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"mesage\"}\n",
     "2: unknown act `mesage`, did you mean `message`?\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"juggle\"}\n",
     "2: unknown act `juggle`, expected one of GET /_sim/acts\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"message\",\"txet\":\"x\"}\n",
     "2: unknown member `txet` of the act `message`, did you mean `text`?\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"postback\"}\n",
     "2: the act `postback` lacks `payload`, expected it on the line\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"message\",\"text\":\"\xe4\"}\n",
     "2: is not UTF-8 text\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"message\",\"text\":\"\\u00e4\\ud800\"}\n",
     "2: invalid Unicode '\\uD800' near '\"\\u00e4\\ud800\"'\n"},
    {HEADER "{\"at\":\"+1s\",\"who\":\"ann\",\"act\":\"message\",\"text\":99999999999999999999}\n",
     "2: too big integer near '99999999999999999999'\n"},
};

START_TEST(bad_recording_is_named)
{
    char *got = complaints_of(bad[_i].text, strlen(bad[_i].text));
    ck_assert_str_eq(got, bad[_i].complaint);
    free(got);
}
END_TEST

START_TEST(long_lines_are_refused_and_passed_over)
{
    size_t head = strlen(HEADER), length = RECORDING_LINE_MAX * 3;
    static const char tail[] = "\n{\"at\":\"oops\"}\n";
    char *bytes = malloc(head + length + sizeof tail);

    memcpy(bytes, HEADER, head);
    memset(bytes + head, 'x', length);
    memcpy(bytes + head + length, tail, sizeof tail);
    char *got = complaints_of(bytes, head + length + sizeof tail - 1);
    ck_assert_str_eq(
        got, "2: the line is 3145729 bytes long, expected at most 1048576\n"
             "3: bad time `oops`, expected +90s, +1d2h, +0:00:00.001 or 2024-03-01T09:00:00Z\n");
    free(got);
    free(bytes);
}
END_TEST

START_TEST(missing_file_is_named)
{
    struct complaints complaints = {0};
    struct recording *recording = recording_read("/nowhere/x.jsonl", NULL, &complaints);

    ck_assert_uint_eq(complaints.count, 1);
    ck_assert_str_eq(complaints.lines[0],
                     "/nowhere/x.jsonl: cannot be read: No such file or directory");
    recording_free(&recording);
    complaints_fini(&complaints);
}
END_TEST

START_TEST(good_recording_becomes_acts)
{
    static const char text[] =
        "\xef\xbb\xbf" HEADER
        "{\"at\":\"+0s\",\"who\":\"ann\",\"act\":\"message\",\"text\":\"Moi \xf0\x9f\x98\x80\"}\n\n"
        "{\"at\":\"+1d2h\",\"who\":\"bob\",\"act\":\"postback\",\"payload\":\"X\"}\n"
        "{\"at\":\"+30d\"}\r\n"
        "{\"at\":\"2024-04-02T09:00:00.001Z\",\"who\":\"ann\",\"act\":\"read\"}";
    struct complaints complaints = {0};

    write_bytes(text, sizeof text - 1);
    struct recording *recording = recording_read(path, &tables, &complaints);
    ck_assert_uint_eq(complaints.count, 0);
    ck_assert_str_eq(recording->title, "T");
    ck_assert_uint_eq(recording->act_count, 4);
    ck_assert_int_eq(recording->acts[1].at - recording->now, 26 * 3600000);
    ck_assert_uint_eq(recording->acts[1].who, 1);
    ck_assert_int_eq(recording->acts[1].line, 4);
    ck_assert_ptr_null(json_object_get(recording->acts[1].act, "at"));
    ck_assert_ptr_null(json_object_get(recording->acts[1].act, "who"));
    ck_assert_ptr_null(recording->acts[2].act);
    ck_assert_int_eq(recording->acts[3].line, 6);
    recording_free(&recording);
    complaints_fini(&complaints);
}
END_TEST

/* Every recording that comes with the program can be read, and its lines fit the schema. */
START_TEST(fixtures_fit_the_schema)
{
    json_t *schema = json_load_file("fixtures/schemas/recording.schema.json", 0, NULL);
    DIR *folder = opendir("fixtures/recordings");
    char why[500] = "";

    ck_assert_ptr_nonnull(schema);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        static char line[RECORDING_LINE_MAX];
        char name[400];
        if (strstr(entry->d_name, ".jsonl") == NULL)
            continue;
        snprintf(name, sizeof name, "fixtures/recordings/%s", entry->d_name);
        FILE *file = fopen(name, "r");
        ck_assert_ptr_nonnull(file);
        for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
            json_t *value = json_loads(line, 0, NULL);
            ck_assert_msg(value != NULL, "%s:%d", name, number);
            ck_assert_msg(schema_fits(schema, value, why, sizeof why), "%s:%d: %s", name, number,
                          why);
            json_decref(value);
        }
        fclose(file);
    }
    if (folder != NULL)
        closedir(folder);
    json_decref(schema);
}
END_TEST

/* Lines, and whether the schema takes them. */
static const struct {
    const char *line;
    bool fits;
} shapes[] = {
    {"{\"at\":\"+30d\"}", true},
    {"{\"at\":\"+6d23:59:59.999\"}", true},
    {"{\"at\":\"2024-03-01T09:00:00.5Z\",\"who\":\"a\",\"act\":\"message\",\"text\":\"x\"}", true},
    {"{\"at\":\"30d\"}", false},
    {"{\"at\":\"+1d\",\"text\":\"x\"}", false},
    {"{\"at\":\"+1d\",\"who\":\"a\"}", false},
    {"{\"at\":5}", false},
    {"{\"understudy\":\"recording\",\"version\":1,\"now\":\"2024-03-01T09:00:00Z\",\"people\":[]}",
     false},
    {"{\"understudy\":\"journal\",\"schema\":1}", false},
};

START_TEST(schema_says_the_same)
{
    json_t *schema = json_load_file("fixtures/schemas/recording.schema.json", 0, NULL);
    json_t *line = json_loads(shapes[_i].line, 0, NULL);
    char why[500] = "";

    ck_assert_msg(schema_fits(schema, line, why, sizeof why) == shapes[_i].fits, "%s %s",
                  shapes[_i].line, why);
    json_decref(line);
    json_decref(schema);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("recording");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_loop_test(all, bad_recording_is_named, 0, sizeof bad / sizeof *bad);
    tcase_add_test(all, long_lines_are_refused_and_passed_over);
    tcase_add_test(all, missing_file_is_named);
    tcase_add_test(all, good_recording_becomes_acts);
    tcase_add_test(all, fixtures_fit_the_schema);
    tcase_add_loop_test(all, schema_says_the_same, 0, sizeof shapes / sizeof *shapes);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
