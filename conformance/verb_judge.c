/* What the policy says, and what a client under test does: both are read from the journal. */
#include "conformance/story.h"

#include "conformance/alloc.h"

/* ---- findings ---- */

/* The first finding of a rule (NULL: any but notes) from the last call on that matches. Writes its record. */
static json_t *
find_finding(struct story *story, const char *rule, const json_t *pattern,
             struct mismatch *mismatch, long *record)
{
    const struct stream *stream = &story->outcome->stream;

    for (size_t i = story->mark; i < stream_count(stream); i++) {
        json_t *findings = json_object_get(stream_record(stream, i), "findings");
        for (size_t j = 0; j < json_array_size(findings); j++) {
            json_t *finding = json_array_get(findings, j);
            if (rule != NULL ? strcmp(stream_text(finding, "rule"), rule) != 0
                             : strcmp(stream_text(finding, "severity"), "note") == 0)
                continue; /* a note is a remark: it counts when it is asked for by name */
            if (mismatch != NULL)
                mismatch_fini(mismatch);
            if (pattern != NULL && !pattern_match(pattern, finding, false, &story->scope, mismatch))
                continue;
            *record = (long)i;
            return finding;
        }
    }
    return NULL;
}

/* The rules found from the last call on; new text. */
static char *
describe_findings(const struct story *story)
{
    const struct stream *stream = &story->outcome->stream;
    char *text = alloc_text("");

    for (size_t i = story->mark; i < stream_count(stream); i++) {
        const json_t *findings = json_object_get(stream_record(stream, i), "findings");
        for (size_t j = 0; j < json_array_size(findings); j++) {
            char *longer = alloc_print("%s%s%s", text, text[0] == '\0' ? "" : ", ",
                                       stream_text(json_array_get(findings, j), "rule"));
            free(text);
            text = longer;
        }
    }
    if (text[0] != '\0')
        return text;
    free(text);
    return alloc_text("no finding");
}

enum step_result
verb_finding(struct story *story, const struct step *step)
{
    struct mismatch mismatch = {.expected = NULL};
    char *rule = NULL;
    long record;
    enum step_result result = story_word(story, &step->words[0], &rule);

    if (result != STEP_DONE)
        return result;
    json_object_set_new(story->named_violations, rule, json_true());
    if (find_finding(story, rule, step->json, &mismatch, &record) == NULL)
        result = mismatch.expected != NULL
                     ? story_fail_pattern(story, &mismatch)
                     : story_fail(story, alloc_text("not found"), alloc_print("a finding %s", rule),
                                  describe_findings(story));
    mismatch_fini(&mismatch);
    free(rule);
    return result;
}

enum step_result
verb_no_finding(struct story *story, const struct step *step)
{
    char *rule = NULL;
    long record;
    enum step_result result = STEP_DONE;

    if (step->word_count == 1)
        result = story_word(story, &step->words[0], &rule);
    if (result != STEP_DONE)
        return result;
    json_t *finding = find_finding(story, rule, NULL, NULL, &record);
    if (finding != NULL) {
        const char *detail = stream_text(finding, "detail");
        story->call_record = record;
        result = story_fail(story, alloc_text("a finding"), alloc_text("none"),
                            alloc_print("%s%s%s", stream_text(finding, "rule"),
                                        detail[0] == '\0' ? "" : ": ", detail));
    }
    free(rule);
    return result;
}

/* ---- violations ---- */

/* How often a rule (NULL: any) has been broken; writes the first record that shows it. */
static size_t
count_violations(const struct story *story, const char *rule, long *first)
{
    const struct stream *stream = &story->outcome->stream;
    size_t count = 0;

    for (size_t i = 0; i < stream_count(stream); i++) {
        size_t more = stream_violations(stream_record(stream, i), story->plan->tables.rules, rule,
                                        NULL, NULL);
        if (count == 0 && more > 0)
            *first = (long)i;
        count += more;
    }
    return count;
}

enum step_result
verb_violation(struct story *story, const struct step *step)
{
    char *rule = NULL, *number = NULL;
    long first;
    enum step_result result = story_word(story, &step->words[0], &rule);

    if (result == STEP_DONE && step->word_count == 2)
        result = story_word(story, &step->words[1], &number);
    if (result == STEP_LEFT_OUT && rule != NULL)
        result = STEP_DONE; /* an absent number is any */
    if (result == STEP_DONE) {
        size_t count = count_violations(story, rule, &first);
        json_object_set_new(story->named_violations, rule, json_true());
        if (number == NULL ? count == 0 : count != strtoul(number, NULL, 10))
            result = story_fail(story, alloc_print("%s has not been broken as often", rule),
                                alloc_print("%s times", number == NULL ? "1 or more" : number),
                                alloc_print("%zu", count));
    }
    free(rule);
    free(number);
    return result;
}

enum step_result
verb_clean(struct story *story, const struct step *step)
{
    const struct stream *stream = &story->outcome->stream;
    const char *rule = NULL, *severity = NULL;
    long first = -1;

    (void)step;
    size_t count = count_violations(story, NULL, &first);
    if (count == 0)
        return STEP_DONE;
    stream_violations(stream_record(stream, (size_t)first), story->plan->tables.rules, NULL, &rule,
                      &severity);
    story->call_record = first;
    return story_fail(story, alloc_text("a rule has been broken"), alloc_text("no rule broken"),
                      alloc_print("%zu, the first is %s (%s)", count, rule, severity));
}

/* ---- the client ---- */

enum step_result
verb_wait(struct story *story, const struct step *step)
{
    (void)step;
    return story_settle(story);
}

/* /v19.0/me/messages -> /me/messages */
static const char *
without_version(const char *path)
{
    const char *at = path;

    if (at[0] == '/' && at[1] == 'v' && at[2] >= '0' && at[2] <= '9') {
        at += 2;
        at += strspn(at, "0123456789.");
        return at[0] == '/' ? at : path;
    }
    return path;
}

/* Part for part, where * stands for any, and `me` for the page that calls as well. */
static bool
path_fits(const char *wanted, const char *actual, const char *page)
{
    while (*wanted != '\0' && *actual != '\0') {
        size_t mine = strcspn(wanted + 1, "/") + 1, its = strcspn(actual + 1, "/") + 1;
        bool is_any = mine == 2 && wanted[1] == '*';
        bool is_me = mine == 3 && memcmp(wanted + 1, "me", 2) == 0 && its == strlen(page) + 1 &&
                     memcmp(actual + 1, page, its - 1) == 0;
        if (!is_any && !is_me && (mine != its || memcmp(wanted, actual, mine) != 0))
            return false;
        wanted += mine;
        actual += its;
    }
    return *wanted == *actual;
}

static bool
is_client_call(const json_t *record)
{
    return stream_is(record, "call") &&
           strncmp(stream_text(record, "client"), "understudy/", 11) != 0;
}

static bool
is_message(const json_t *record)
{
    const char *path = without_version(stream_text(record, "path"));
    const char *tail = strrchr(path, '/');

    return tail != NULL && strcmp(tail, "/messages") == 0 &&
           strcmp(stream_text(record, "method"), "POST") == 0;
}

/* A client that did not take the webhook cannot have answered: `; the last webhook failed: timeout`. */
static char *
describe_last_webhook(const struct stream *stream)
{
    long newest = stream_newest(stream, "webhook", stream_count(stream));
    const json_t *record = newest < 0 ? NULL : stream_record(stream, (size_t)newest);
    long long status = json_integer_value(json_object_get(record, "status"));
    const char *reason = stream_text(record, "reason");

    if (record == NULL || strcmp(stream_text(record, "outcome"), "failed") != 0)
        return alloc_text("");
    if (status != 0)
        return alloc_print("; the last webhook was answered with %lld", status);
    return alloc_print("; the last webhook got no answer%s%s", reason[0] == '\0' ? "" : ": ",
                       reason);
}

/* The calls from the cursor on; new text. */
static char *
describe_calls(const struct story *story)
{
    enum { SHOWN_MAX = 6 };
    const struct stream *stream = &story->outcome->stream;
    char *text = alloc_text("since then:");
    size_t count = 0;

    for (size_t i = story->client_cursor; i < stream_count(stream) && count < SHOWN_MAX; i++) {
        const json_t *record = stream_record(stream, i);
        if (!is_client_call(record))
            continue;
        char *longer =
            alloc_print("%s%s %s %s %lld", text, count == 0 ? "" : ",",
                        stream_text(record, "method"), stream_text(record, "path"),
                        (long long)json_integer_value(json_object_get(record, "status")));
        free(text);
        text = longer;
        count++;
    }
    if (count > 0)
        return text;
    free(text);
    char *webhook = describe_last_webhook(stream);
    text = alloc_print("the client has called nothing since%s", webhook);
    free(webhook);
    return text;
}

/* Looks for a call of the client from the cursor on. `method` NULL: a message, whose request is matched. */
static enum step_result
seek_call(struct story *story, const struct step *step, const char *method, const char *path)
{
    const struct stream *stream = &story->outcome->stream;
    bool is_sent = step->verb == VERB_CLIENT_SENDS;
    struct mismatch mismatch = {.expected = NULL};

    for (size_t i = story->client_cursor; i < stream_count(stream); i++) {
        const json_t *record = stream_record(stream, i);
        if (!is_client_call(record) || (is_sent && !is_message(record)) ||
            (method != NULL && strcmp(method, stream_text(record, "method")) != 0) ||
            (path != NULL && !path_fits(path, without_version(stream_text(record, "path")),
                                        stream_text(record, "page"))))
            continue;
        mismatch_fini(&mismatch);
        if (step->json == NULL ||
            pattern_match(step->json, is_sent ? json_object_get(record, "request") : record, false,
                          &story->scope, &mismatch)) {
            story->client_cursor = i + 1;
            story->call_record = (long)i;
            return STEP_DONE;
        }
    }
    char *calls = describe_calls(story);
    if (mismatch.expected == NULL)
        return story_fail(story, alloc_text("the client has not called"), alloc_text(step->source),
                          calls);
    char *expected = alloc_print("%s %s", mismatch.path, mismatch.expected);
    char *actual = alloc_print("%s %s; %s", mismatch.path, mismatch.actual, calls);
    mismatch_fini(&mismatch);
    free(calls);
    return story_fail(story, alloc_text("the client has not called so"), expected, actual);
}

enum step_result
verb_client_sends(struct story *story, const struct step *step)
{
    return seek_call(story, step, NULL, NULL);
}

enum step_result
verb_client_calls(struct story *story, const struct step *step)
{
    char *method = NULL, *path = NULL;
    enum step_result result = STEP_DONE;

    if (step->word_count == 2) {
        result = story_word(story, &step->words[0], &method);
        if (result == STEP_DONE)
            result = story_word(story, &step->words[1], &path);
    }
    if (result == STEP_DONE)
        result = seek_call(story, step, method, path);
    free(method);
    free(path);
    return result;
}

enum step_result
verb_client_silent(struct story *story, const struct step *step)
{
    const struct stream *stream = &story->outcome->stream;

    (void)step;
    for (size_t i = story->client_cursor; i < stream_count(stream); i++) {
        if (!is_client_call(stream_record(stream, i)))
            continue;
        story->call_record = (long)i;
        return story_fail(story, alloc_text("the client is not silent"),
                          alloc_text("no call since the last match"), describe_calls(story));
    }
    return STEP_DONE;
}
