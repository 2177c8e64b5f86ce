/* Every recording of fixtures/recordings plays: with a page that answers each message in plain words, all acts are possible but those that need a certain answer. */
#include <check.h>
#include <dirent.h>

#include "tests/people_bench.h"

#define FOLDER "fixtures/recordings"

static char *names[100];
static int name_count;
static struct bench b;

static void
make_people(const json_t *people)
{
    for (size_t i = 0; i < json_array_size(people); i++) {
        const json_t *person = json_array_get(people, i);
        struct thread *thread = world_add_thread(b.world, 0, 0);

        thread_set_alias(b.world, thread, json_string_value(json_object_get(person, "name")));
        thread_extra(thread)->locale = strdup(json_string_value(json_object_get(person, "locale")));
    }
}

/* The page answers whoever may be answered: with quick replies, so that there is something to tap. */
static void
answer_all(void)
{
    for (uint32_t i = 0; i < b.world->thread_count; i++) {
        struct thread *thread = world_thread(b.world, i);
        const struct message *newest = world_message(b.world, thread->newest);

        if (newest == NULL || (newest->flags & MESSAGE_FROM_PAGE) != 0 ||
            (thread->flags & THREAD_BLOCKED) != 0)
            continue;
        format_uint64(b.psid, thread->psid);
        bench_send(&b,
                   "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"ok\",\"quick_replies\":["
                   "{\"content_type\":\"text\",\"title\":\"Yes\",\"payload\":\"YES\"}]}}");
    }
}

static void
play_line(const char *path, unsigned number, json_t *line)
{
    ms_t length, until = b.world->now;
    const char *at = json_string_value(json_object_get(line, "at"));
    char problem[512];

    ck_assert_msg(at != NULL && duration_read(str_of(at), &length), "%s:%u: bad time", path,
                  number);
    people_drive(&b, until + length, 200, NULL);
    if (json_object_get(line, "act") == NULL)
        return;
    json_object_del(line, "at");
    int result = people_act(b.world, line, NULL, problem, sizeof problem);
    const char *act = json_string_value(json_object_get(line, "act"));
    ck_assert_msg(result == 0 || strcmp(act, "notify_me") == 0, "%s:%u: %s: %s", path, number, act,
                  problem);
    people_settle(&b, NULL);
    answer_all();
    people_settle(&b, NULL);
}

START_TEST(test_recording)
{
    char path[300], line[16384];
    unsigned number = 0;
    ms_t now = 0;

    snprintf(path, sizeof path, FOLDER "/%s", names[_i]);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        number++;
        ck_assert_msg(json != NULL, "%s:%u: not JSON", path, number);
        if (number == 1) {
            ck_assert(datetime_read(str_of(json_string_value(json_object_get(json, "now"))), &now));
            people_init(&b, now);
            make_people(json_object_get(json, "people"));
        } else {
            play_line(path, number, json);
        }
        json_decref(json);
    }
    fclose(file);
    people_drive(&b, b.world->now + DAY, 200, NULL);
    ck_assert_uint_gt(number, 5);
    bench_fini(&b);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("act recordings");
    TCase *tests = tcase_create("recordings");
    DIR *folder = opendir(FOLDER);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL && name_count < 100)
        if (strstr(entry->d_name, ".jsonl") != NULL)
            names[name_count++] = strdup(entry->d_name);
    if (folder != NULL)
        closedir(folder);
    if (name_count < 10) {
        fprintf(stderr, "only %d recordings in " FOLDER "\n", name_count);
        return 1;
    }
    tcase_add_loop_test(tests, test_recording, 0, name_count);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (int i = 0; i < name_count; i++)
        free(names[i]);
    return failed != 0;
}
