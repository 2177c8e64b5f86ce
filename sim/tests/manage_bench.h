/* Stories of calls for the management endpoints: one call a step, in order, in one world. In targets and bodies $ann is Ann's PSID, $page and $app the ids, $id the
 * last "id" that an answer began with, $mid the last message id, $secret the app's secret. */
#ifndef UNDERSTUDY_TESTS_MANAGE_BENCH_H
#define UNDERSTUDY_TESTS_MANAGE_BENCH_H

#include <check.h>

#include "tests/graph_bench.h"

struct step {
    const char *method, *target;
    const char *body;     /* NULL: none; JSON when it begins with { or [, else a form */
    int status;
    const char *contains; /* of the answer; NULL: anything; with '!' in front: must not be there */
};

struct stage {
    struct bench b;
    char id[128], mid[128];
};

static inline const char *
stage_value(const struct stage *s, const char *at, size_t *n)
{
    const struct {
        const char *name, *value;
    } values[] = { { "$ann", s->b.psid },      { "$page", s->b.page->id }, { "$app", s->b.app->id },
                   { "$secret", s->b.app->secret }, { "$id", s->id },      { "$mid", s->mid } };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strncmp(at, values[i].name, strlen(values[i].name)) == 0) {
            *n = strlen(values[i].name);
            return values[i].value;
        }
    return NULL;
}

static inline void
stage_fill(const struct stage *s, char *out, size_t size, const char *text)
{
    size_t used = 0, n;

    while (*text != '\0') {
        const char *value = *text == '$' ? stage_value(s, text, &n) : NULL;

        if (value == NULL) {
            ck_assert_uint_lt(used + 1, size);
            out[used++] = *text++;
            continue;
        }
        ck_assert_uint_lt(used + strlen(value), size);
        memcpy(out + used, value, strlen(value));
        used += strlen(value);
        text += n;
    }
    out[used] = '\0';
}

static inline void
stage_keep(char *out, size_t size, const char *body, const char *key)
{
    const char *at = strstr(body, key);

    if (at == NULL)
        return;
    at += strlen(key);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static inline void
stage_init(struct stage *s)
{
    char problem[128];

    bench_init(&s->b);
    limits_switch(s->b.world, "*", false, problem, sizeof problem); /* they have a test of their own */
    s->id[0] = s->mid[0] = '\0';
}

static inline void
stage_fini(struct stage *s)
{
    bench_fini(&s->b);
}

static inline void
stage_play(struct stage *s, const struct step *step)
{
    static char target[1536], body[65536], want[8192];

    stage_fill(s, target, sizeof target, step->target);
    stage_fill(s, body, sizeof body, step->body != NULL ? step->body : "");
    const char *type = step->body == NULL ? NULL : *step->body == '{' || *step->body == '[' ? "application/json" : "application/x-www-form-urlencoded";
    int status = bench_call(&s->b, step->method, target, type, body);
    ck_assert_msg(status == step->status, "%s %s %s: status %d, wanted %d: %s", step->method, target, body, status, step->status, bench_body(&s->b));
    if (step->contains != NULL) {
        stage_fill(s, want, sizeof want, step->contains);
        bool is_wanted = want[0] != '!';
        bool is_there = strstr(bench_body(&s->b), is_wanted ? want : want + 1) != NULL;
        ck_assert_msg(is_there == is_wanted, "%s %s %s: wanted %s, got %s", step->method, target, body, want, bench_body(&s->b));
    }
    if (strncmp(bench_body(&s->b), "{\"id\":\"", 7) == 0)
        stage_keep(s->id, sizeof s->id, bench_body(&s->b), "{\"id\":\"");
    stage_keep(s->mid, sizeof s->mid, bench_body(&s->b), "\"message_id\":\"");
}

/* The steps until one without a method. */
static inline void
stage_play_all(struct stage *s, const struct step *steps)
{
    for (; steps->method != NULL; steps++)
        stage_play(s, steps);
}

#define STORY(name, ...)                                                                           \
    START_TEST(name)                                                                               \
    {                                                                                              \
        static const struct step steps[] = { __VA_ARGS__, { NULL, NULL, NULL, 0, NULL } };         \
        struct stage s;                                                                            \
        stage_init(&s);                                                                            \
        stage_play_all(&s, steps);                                                                 \
        stage_fini(&s);                                                                            \
    }                                                                                              \
    END_TEST

/* The same in a world of another date. */
#define STORY_AT(name, instant, ...)                                                               \
    START_TEST(name)                                                                               \
    {                                                                                              \
        static const struct step steps[] = { __VA_ARGS__, { NULL, NULL, NULL, 0, NULL } };         \
        struct stage s;                                                                            \
        stage_init(&s);                                                                            \
        s.b.world->now = (instant);                                                                \
        s.b.ann->last_act = s.b.ann->last_message = (instant);                                     \
        s.b.token->issued = (instant);                                                             \
        stage_play_all(&s, steps);                                                                 \
        stage_fini(&s);                                                                            \
    }                                                                                              \
    END_TEST

static inline int
suite_main(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);

    suite_add_tcase(suite, tc);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tc, tests[i]);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
