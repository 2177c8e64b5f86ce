/* The bytes of every webhook event. Each file of fixtures/golden/events is a case: its first line says what happens, every further line is the body of one post,
 * in order. UNDERSTUDY_UPDATE=1 writes the files anew: read the difference before it is committed. */
#include <check.h>
#include <dirent.h>

#include "people/faults.h"
#include "tests/people_bench.h"

#define FOLDER "fixtures/golden/events"

static char *names[200];
static int name_count;

static char *
read_file(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    struct buf text = {0};
    char chunk[4096];
    size_t got;

    ck_assert_msg(file != NULL, "cannot open %s", path);
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_add(&text, chunk, got);
    fclose(file);
    buf_char(&text, '\0');
    *n = text.n - 1;
    return text.s;
}

/* What the page says goes through the Graph API, as a client would send it. */
static void
page_says(struct bench *b, const json_t *step)
{
    json_t *body = json_object();
    const json_t *message = json_object_get(step, "page_says"), *to = json_object_get(step, "to");

    if (to != NULL)
        json_object_set(body, "recipient", (json_t *)(uintptr_t)to);
    else
        json_object_set_new(body, "recipient", json_pack("{s:s}", "id", b->psid));
    json_object_set(body, "message", (json_t *)(uintptr_t)message);
    if (json_object_get(step, "reply_to") != NULL) { /* always the newest message of the thread */
        char mid[MID_SIZE];

        world_mid(b->world, b->ann->newest, mid);
        json_object_set_new(body, "reply_to", json_pack("{s:s}", "mid", mid));
    }
    char *text = json_dumps(body, JSON_COMPACT);
    int status = bench_call(b, "POST", "/v19.0/me/messages", "application/json", text);
    ck_assert_msg(status == 200, "%s: %s", text, bench_body(b));
    free(text);
    json_decref(body);
}

/* ["POST","/v19.0/me/messenger_profile",{...}] */
static void
call(struct bench *b, const json_t *words)
{
    char *text = json_dumps(json_array_get(words, 2), JSON_COMPACT);
    int status = bench_call(b, json_string_value(json_array_get(words, 0)),
                            json_string_value(json_array_get(words, 1)), "application/json", text);

    ck_assert_msg(status == 200, "%s: %s", text, bench_body(b));
    free(text);
}

static void
play(struct bench *b, const json_t *step, struct buf *out)
{
    char problem[512];
    ms_t wait;

    if (json_object_get(step, "call") != NULL) {
        call(b, json_object_get(step, "call"));
    } else if (json_object_get(step, "page_says") != NULL) {
        page_says(b, step);
    } else if (json_object_get(step, "wait") != NULL) {
        const char *text = json_string_value(json_object_get(step, "wait"));

        ck_assert_msg(duration_read(str_of(text), &wait), "cannot read %s", text);
        people_drive(b, b->world->now + wait, 200, out);
    } else if (json_object_get(step, "faults") != NULL) {
        ck_assert_msg(
            faults_set(b->world, json_object_get(step, "faults"), problem, sizeof problem) == 0,
            "%s", problem);
    } else {
        ck_assert_msg(people_act(b->world, step, NULL, problem, sizeof problem) == 0, "%s",
                      problem);
    }
    people_settle(b, out);
}

/* What stands before the part of an id that is drawn: "m_", "mid.$cAA", "mid.1457764197618:" or nothing. */
static size_t
mid_prefix(const char *mid, size_t n)
{
    const char *colon = memchr(mid, ':', n);

    return colon != NULL                      ? (size_t)(colon - mid) + 1
           : n == 34                          ? 8
           : n == MID_LENGTH && mid[1] == '_' ? 2
                                              : 0;
}

/* Message ids as m_(number): how they are made is not what is tested here. */
static void
shorten_mids(const struct bench *b, struct buf *out)
{
    struct buf shorter = {0};

    for (size_t i = 0; i < out->n;) {
        size_t n = strcspn(out->s + i, "\"\n");
        uint64_t number =
            n <= MID_LENGTH ? mid_read(mix64(b->world->key, ID_MID), out->s + i, n) : 0;

        if (number != 0 && number < b->world->messages.next && i > 0 && out->s[i - 1] == '"') {
            buf_printf(&shorter, "%.*s(%u)", (int)mid_prefix(out->s + i, n), out->s + i,
                       (unsigned)number);
            i += n;
        } else {
            buf_char(&shorter, out->s[i++]);
        }
    }
    buf_fini(out);
    *out = shorter;
}

/* Header keys: now, version (of the first app's fields), second_app (its fields), routing (index of the default app), locale, region. */
static void
set_up(struct bench *b, const json_t *header)
{
    const char *now = json_string_value(json_object_get(header, "now")),
               *locale = json_string_value(json_object_get(header, "locale"));
    const char *region = json_string_value(json_object_get(header, "region"));
    const json_t *second = json_object_get(header, "second_app");
    ms_t at = BENCH_NOW;

    if (now != NULL)
        ck_assert_msg(datetime_read(str_of(now), &at), "cannot read %s", now);
    people_init(b, at);
    b->world->apps[0]->webhook.version =
        (version_t)json_integer_value(json_object_get(header, "version"));
    if (region != NULL)
        thread_extra(b->ann)->region = strdup(region);
    if (locale != NULL)
        thread_extra(b->ann)->locale = strdup(locale);
    if (second != NULL) {
        webhook_fields fields = 0;

        for (size_t i = 0; i < json_array_size(second); i++) {
            const char *name = json_string_value(json_array_get(second, i));

            fields |= FIELD_BIT(webhook_field_named(name, strlen(name)));
        }
        world_add_app(b->world, "2517776481860112", NULL, NULL, NULL);
        bench_subscribe(b, 1, fields);
    }
    if (json_object_get(header, "routing") != NULL)
        b->page->default_app = (uint32_t)json_integer_value(json_object_get(header, "routing"));
}

START_TEST(test_golden)
{
    struct bench b;
    struct buf out = {0};
    char path[300];
    size_t n;

    snprintf(path, sizeof path, FOLDER "/%s", names[_i]);
    char *text = read_file(path, &n);
    size_t first = strcspn(text, "\n");
    json_t *header = json_loadb(text, first, 0, NULL);
    ck_assert_msg(header != NULL, "%s:1: not JSON", path);
    set_up(&b, header);
    for (size_t i = 0; i < json_array_size(json_object_get(header, "steps")); i++)
        play(&b, json_array_get(json_object_get(header, "steps"), i), &out);
    buf_char(&out, '\0');
    out.n--;
    shorten_mids(&b, &out);
    buf_char(&out, '\0');
    if (getenv("UNDERSTUDY_UPDATE") != NULL) {
        FILE *file = fopen(path, "wb");

        ck_assert_ptr_nonnull(file);
        fprintf(file, "%.*s\n%s", (int)first, text, out.s);
        fclose(file);
    } else {
        const char *expected = text + first + (text[first] == '\n');

        ck_assert_msg(strcmp(expected, out.s) == 0, "%s: expected\n%.1500s\ngot\n%.1500s", path,
                      expected, out.s);
    }
    json_decref(header);
    buf_fini(&out);
    free(text);
    bench_fini(&b);
}
END_TEST

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
list_files(void)
{
    DIR *folder = opendir(FOLDER);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL && name_count < 200)
        if (strstr(entry->d_name, ".jsonl") != NULL)
            names[name_count++] = strdup(entry->d_name);
    if (folder != NULL)
        closedir(folder);
    qsort(names, (size_t)name_count, sizeof *names, by_name);
}

int
main(void)
{
    Suite *suite = suite_create("event golden");
    TCase *tests = tcase_create("golden");

    list_files();
    if (name_count == 0) {
        fprintf(stderr, "no cases in " FOLDER "\n");
        return 1;
    }
    tcase_add_loop_test(tests, test_golden, 0, name_count);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (int i = 0; i < name_count; i++)
        free(names[i]);
    return failed != 0;
}
