/* What a failed step says: where, what was required, when, what was expected, what came instead. */
#include "conformance/story.h"

#include "conformance/alloc.h"

/* ---- when ---- */

/* The newest thing a person did, up to now. */
static const json_t *
newest_act(const struct story *story)
{
    const struct stream *stream = &story->outcome->stream;

    for (long i = (long)stream_count(stream) - 1; i >= 0; i--) {
        const json_t *record = stream_record(stream, (size_t)i);
        if (stream_is(record, "act") && json_object_get(record, "user") != NULL &&
            json_object_get(record, "refused") == NULL)
            return record;
    }
    return NULL;
}

/* 2024-03-02T09:00:00.000Z = last message + 24:00:00.000 */
static char *
describe_time(const struct story *story)
{
    const struct stream *stream = &story->outcome->stream;
    const json_t *newest = stream_record(stream, stream_count(stream) - 1);
    const json_t *act = newest_act(story);
    ms_t now, then;
    char text[DURATION_TEXT_SIZE];

    if (stream_count(stream) == 0 || !moment_read(stream_text(newest, "at"), &now))
        return NULL;
    if (act == NULL || !moment_read(stream_text(act, "at"), &then))
        return alloc_text(stream_text(newest, "at"));
    moment_write_duration(now - then, text);
    return alloc_print("%s = last %s + %s", stream_text(newest, "at"), stream_text(act, "act"),
                       text);
}

/* ---- which rule ---- */

/* The rule a step is about: the one it names, else the first that the file covers. */
static char *
find_rule(struct story *story)
{
    const struct step *step = story->step;
    const struct script *script = story->script;
    bool names_one =
        step != NULL && (step->verb == VERB_EXPECT_RULE || step->verb == VERB_FINDING ||
                         step->verb == VERB_VIOLATION || step->verb == VERB_NO_FINDING);

    if (names_one && step->word_count > 0) {
        char *text = NULL;
        if (scope_expand_text(&story->scope, step->words[0].text, NULL, &text) == FOUND)
            return text;
        free(text);
    }
    for (size_t i = 0; i < script->step_count; i++)
        if (script->steps[i].verb == VERB_COVERS)
            return alloc_text(script->steps[i].words[0].text);
    return NULL;
}

static char *
describe_rule(const struct story *story)
{
    const json_t *call = story->call_record < 0
                             ? NULL
                             : stream_record(&story->outcome->stream, (size_t)story->call_record);
    const char *rule = stream_text(call, "rule");

    return rule[0] == '\0' ? NULL : alloc_text(rule);
}

/* ---- filling it in ---- */

static long
journal_line(const struct story *story)
{
    const struct stream *stream = &story->outcome->stream;

    if (story->call_record >= 0)
        return stream_line((size_t)story->call_record);
    return stream_count(stream) == 0 ? 0 : stream_line(stream_count(stream) - 1);
}

enum step_result
story_fail(struct story *story, char *message, char *expected, char *actual)
{
    struct failure *failure = &story->outcome->failure;
    const struct step *step = story->step;

    if (failure->message != NULL) { /* the first one counts */
        free(message);
        free(expected);
        free(actual);
        return STEP_FAILED;
    }
    failure->file = step == NULL ? story->script->path : step->file;
    failure->line = step == NULL ? 1 : step->line;
    failure->step = alloc_text(step == NULL ? "" : step->source);
    failure->message = message;
    failure->expected = expected;
    failure->actual = actual;
    failure->rule_id = find_rule(story);
    failure->at = describe_time(story);
    failure->rule = describe_rule(story);
    failure->journal_line = journal_line(story);
    return STEP_FAILED;
}

enum step_result
story_fail_pattern(struct story *story, struct mismatch *mismatch)
{
    const char *space = mismatch->path[0] == '\0' ? "" : " ";
    char *expected = alloc_print("%s%s%s", mismatch->path, space, mismatch->expected);
    char *actual = alloc_print("%s%s%s", mismatch->path, space, mismatch->actual);

    mismatch_fini(mismatch);
    return story_fail(story, alloc_text("does not match"), expected, actual);
}
