/* What bots receive. Everything here is judged on the recorded stream, so nothing can race. */
#include "conformance/story.h"

#include "conformance/alloc.h"

/* ---- telling the bots ---- */

struct receiver {
    struct story_bot *bot;
    size_t record;
};

static void
take_event(void *to, const char *field, json_t *event)
{
    struct receiver *receiver = to;
    struct story_bot *bot = receiver->bot;

    bot->events = alloc_one_more(bot->events, bot->event_count, sizeof *bot->events);
    bot->events[bot->event_count++] =
        (struct story_event){field, event, receiver->record, bot->arrival_count};
}

static void
hand_to_bot(struct story_bot *bot, json_t *record, size_t index)
{
    struct receiver receiver = {bot, index};

    if (bot->url_path == NULL || strcmp(bot->url_path, stream_text(record, "url_path")) != 0 ||
        strcmp(stream_text(record, "field"), "handshake") == 0 ||
        strcmp(stream_text(record, "outcome"), "dropped") == 0)
        return;
    stream_events(record, take_event, &receiver);
    bot->arrival_count++;
}

void
story_hand_out(struct story *story)
{
    struct stream *stream = &story->outcome->stream;

    for (; story->records_read < stream_count(stream); story->records_read++) {
        json_t *record = stream_record(stream, story->records_read);
        for (size_t i = 0; stream_is(record, "webhook") && i < story->bot_count; i++)
            hand_to_bot(&story->bots[i], record, story->records_read);
    }
}

static struct story_bot *
find_bot(struct story *story, const char *name)
{
    for (size_t i = 0; i < story->bot_count; i++)
        if (strcmp(story->bots[i].name, name) == 0)
            return &story->bots[i];
    return NULL;
}

/* ---- matching ---- */

/* The events from the cursor on, as a reader may want to see them: `messages, message_echoes`. */
static char *
describe_events(const struct story_bot *bot)
{
    enum { SHOWN_MAX = 8 };
    char *text = alloc_text("");

    for (size_t i = bot->cursor; i < bot->event_count && i < bot->cursor + SHOWN_MAX; i++) {
        char *longer =
            alloc_print("%s%s%s", text, i > bot->cursor ? ", " : "", bot->events[i].field);
        free(text);
        text = longer;
    }
    if (bot->cursor == bot->event_count) {
        free(text);
        return alloc_text("nothing has arrived since");
    }
    char *out = alloc_print("since then: %s%s", text,
                            bot->event_count > bot->cursor + SHOWN_MAX ? ", ..." : "");
    free(text);
    return out;
}

/* What the step wanted and the nearest thing to it; takes the mismatch. */
static enum step_result
fail_hook(struct story *story, const struct story_bot *bot, const char *field,
          struct mismatch *mismatch)
{
    char *expected, *actual;
    char *events = describe_events(bot);

    if (mismatch->expected != NULL) {
        const char *space = mismatch->path[0] == '\0' ? "" : " ";
        expected = alloc_print("%s with %s%s%s", field, mismatch->path, space, mismatch->expected);
        actual = alloc_print("%s%s%s; %s", mismatch->path, space, mismatch->actual, events);
        free(events);
    } else {
        expected = alloc_text(field);
        actual = events;
    }
    mismatch_fini(mismatch);
    return story_fail(story, alloc_text("no such webhook"), expected, actual);
}

static bool
event_matches(struct story *story, const struct story_event *event, const char *field,
              const json_t *pattern, bool is_body, struct mismatch *mismatch)
{
    json_t *record = stream_record(&story->outcome->stream, event->record);
    const json_t *actual = is_body ? json_object_get(record, "body") : event->event;

    return strcmp(event->field, field) == 0 &&
           (pattern == NULL || pattern_match(pattern, actual, false, &story->scope, mismatch));
}

static void
move_cursor(struct story *story, struct story_bot *bot, size_t matched)
{
    bot->last = matched;
    bot->cursor = matched + 1;
    story->header_bot = bot->hub != NULL ? bot : NULL;
}

/* Looks for the event from the cursor on, at most `most` events far. */
static enum step_result
seek(struct story *story, const struct step *step, size_t most, bool is_body)
{
    struct story_bot *bot = find_bot(story, step->words[0].text);
    struct mismatch nearest = {.expected = NULL}, mismatch;
    char *field = NULL;
    enum step_result result = story_word(story, &step->words[1], &field);

    if (result != STEP_DONE)
        return result;
    for (size_t i = bot->cursor; i < bot->event_count && i - bot->cursor < most; i++) {
        mismatch = (struct mismatch){.expected = NULL};
        if (event_matches(story, &bot->events[i], field, step->json, is_body, &mismatch)) {
            mismatch_fini(&nearest);
            move_cursor(story, bot, i);
            free(field);
            return STEP_DONE;
        }
        if (mismatch.expected != NULL) {
            mismatch_fini(&nearest);
            nearest = mismatch;
        }
    }
    result = fail_hook(story, bot, field, &nearest);
    free(field);
    return result;
}

enum step_result
verb_hook(struct story *story, const struct step *step)
{
    return seek(story, step, SIZE_MAX, false);
}

enum step_result
verb_hook_body(struct story *story, const struct step *step)
{
    return seek(story, step, SIZE_MAX, true);
}

/* Beside a client under test, whose answers come in between, the next one is one of those to come. */
enum step_result
verb_hook_next(struct story *story, const struct step *step)
{
    return seek(story, step, story->has_client && !story->is_for_client ? SIZE_MAX : 1, false);
}

enum step_result
verb_hook_any(struct story *story, const struct step *step)
{
    struct story_bot *bot = find_bot(story, step->words[0].text);
    bool *is_taken = alloc_zero(bot->event_count + 1, sizeof *is_taken);
    size_t furthest = bot->cursor;
    enum step_result result = STEP_DONE;

    for (size_t i = 0; result == STEP_DONE && i < json_array_size(step->json); i++) {
        json_t *element = json_array_get(step->json, i);
        const char *field = json_object_iter_key(json_object_iter(element));
        struct mismatch mismatch = {.expected = NULL};
        size_t at = bot->cursor;

        for (; at < bot->event_count; at++) {
            mismatch_fini(&mismatch);
            if (!is_taken[at] && event_matches(story, &bot->events[at], field,
                                               json_object_get(element, field), false, &mismatch))
                break;
        }
        if (at == bot->event_count) {
            result = fail_hook(story, bot, field, &mismatch);
            break;
        }
        is_taken[at] = true;
        if (at + 1 > furthest)
            furthest = at + 1;
    }
    free(is_taken);
    if (result == STEP_DONE)
        move_cursor(story, bot, furthest - 1);
    return result;
}

/* ---- prohibitions ---- */

enum step_result
verb_never(struct story *story, const struct step *step)
{
    struct story_bot *bot = find_bot(story, step->words[0].text);
    char *field = NULL;
    enum step_result result = story_word(story, &step->words[1], &field);

    if (result != STEP_DONE)
        return result;
    bot->nevers = alloc_one_more(bot->nevers, bot->never_count, sizeof *bot->nevers);
    bot->nevers[bot->never_count++] = (struct story_never){field, step, bot->event_count};
    return STEP_DONE;
}

enum step_result
story_end_nevers(struct story *story, struct story_bot *bot)
{
    enum step_result result = STEP_DONE;

    for (size_t i = 0; i < bot->never_count; i++) {
        const struct story_never *never = &bot->nevers[i];
        for (size_t j = never->from; result == STEP_DONE && j < bot->event_count; j++) {
            if (!event_matches(story, &bot->events[j], never->field, never->step->json, false,
                               NULL))
                continue;
            char *event = json_dumps(bot->events[j].event, JSON_COMPACT);
            story->step = never->step;
            story->call_record = (long)bot->events[j].record;
            result = story_fail(story, alloc_text("it arrived"), alloc_print("no %s", never->field),
                                event);
        }
        free(never->field);
    }
    bot->never_count = 0;
    free(bot->nevers);
    bot->nevers = NULL;
    return result;
}

enum step_result
verb_quiet(struct story *story, const struct step *step)
{
    struct story_bot *bot = find_bot(story, step->words[0].text);

    if (bot->cursor < bot->event_count)
        return story_fail(story, alloc_text("not quiet"),
                          alloc_text("nothing since the last match"), describe_events(bot));
    return story_end_nevers(story, bot);
}

/* ---- answering ---- */

enum step_result
verb_answer(struct story *story, const struct step *step)
{
    struct story_bot *bot = find_bot(story, step->words[0].text);
    char *answer = NULL, *times = NULL;
    enum step_result result = story_word(story, &step->words[1], &answer);

    if (result == STEP_DONE && step->word_count == 4)
        result = story_word(story, &step->words[3], &times);
    if (result == STEP_DONE && (times == NULL || strtoul(times, NULL, 10) > 0))
        hub_bot_answer(bot->hub,
                       strcmp(answer, "close") == 0  ? HUB_ANSWER_CLOSE
                       : strcmp(answer, "hang") == 0 ? HUB_ANSWER_HANG
                                                     : (int)strtol(answer, NULL, 10),
                       times == NULL ? 0 : (unsigned)strtoul(times, NULL, 10));
    free(answer);
    free(times);
    return result;
}
