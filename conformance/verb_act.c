/* What people do, what goes wrong, and what the world holds. */
#include "conformance/story.h"

#include "conformance/alloc.h"

/* ---- acts ---- */

/* POST acts; the answer becomes the reply. A refusal is kept for `refused`; anything else that is no success is trouble. */
static enum step_result
perform(struct story *story, const struct step *step, json_t *act)
{
    char *path = control_world_path(story->outcome->world, "/acts");

    wire_reply_fini(&story->reply);
    story->header_bot = NULL;
    int result = control_call(&story->control, "POST", path, act, &story->reply);
    free(path);
    json_decref(act);
    story->act_step = result != 0 ? step : NULL;
    story->mark = stream_count(&story->outcome->stream);
    if (result != 0 &&
        (story->reply.status < 400 || story->reply.status >= 500 || story->reply.status == 404))
        return story_trouble(story, alloc_text(story->control.error));
    return story_settle(story);
}

/* {"act":..,"user" or "page":..} and what the step adds. */
static enum step_result
act_of(struct story *story, const struct step *step, const char *name, const char *who,
       json_t **act)
{
    json_t *members = NULL;
    struct reference whole = {.start = who};
    json_t *id = NULL;

    snprintf(whole.name, sizeof whole.name, "%s", who);
    if (scope_find(&story->scope, &whole, &id) != FOUND)
        return story_trouble(story, alloc_print("the world has no id for `%s`", who));
    if (step->json != NULL) {
        enum step_result result = story_json(story, step->json, &members);
        if (result != STEP_DONE)
            return result;
    }
    bool is_page = json_object_get(story->user_pages, who) == NULL;
    *act = json_pack("{s:s, s:O}", "act", name, is_page ? "page" : "user", id);
    json_object_update(*act, members);
    json_decref(members);
    return STEP_DONE;
}

enum step_result
verb_say(struct story *story, const struct step *step)
{
    json_t *act = NULL;
    char *text = NULL;
    enum step_result result = story_word(story, &step->words[1], &text);

    if (result == STEP_DONE)
        result = act_of(story, step, "message", step->words[0].text, &act);
    if (result == STEP_DONE) {
        if (json_object_get(act, "text") == NULL)
            json_object_set_new(act, "text", json_string(text));
        result = perform(story, step, act);
    }
    free(text);
    return result;
}

enum step_result
verb_act(struct story *story, const struct step *step)
{
    json_t *act = NULL;
    char *name = NULL;
    enum step_result result = story_word(story, &step->words[0], &name);

    if (result == STEP_DONE)
        result = act_of(story, step, name, step->words[1].text, &act);
    if (result == STEP_DONE)
        result = perform(story, step, act);
    free(name);
    return result;
}

static enum step_result
match_reply(struct story *story, const struct step *step)
{
    struct mismatch mismatch;

    if (step->json == NULL ||
        pattern_match(step->json, story->reply.json, false, &story->scope, &mismatch))
        return STEP_DONE;
    return story_fail_pattern(story, &mismatch);
}

enum step_result
verb_made(struct story *story, const struct step *step)
{
    return match_reply(story, step);
}

enum step_result
verb_refused(struct story *story, const struct step *step)
{
    bool was_refused = story->act_step != NULL;

    story->act_step = NULL;
    if (!was_refused)
        return story_fail(story, alloc_text("the act was possible"), alloc_text("it to be refused"),
                          alloc_print("%ld", story->reply.status));
    return match_reply(story, step);
}

/* ---- the rest ---- */

enum step_result
verb_settle(struct story *story, const struct step *step)
{
    (void)step;
    if (control_settle_all(&story->control, story->outcome->world) != 0)
        return story_trouble(story, alloc_text(story->control.error));
    return story_settle(story);
}

enum step_result
verb_fault(struct story *story, const struct step *step)
{
    json_t *fault = NULL;
    enum step_result result = story_json(story, step->json, &fault);

    if (result != STEP_DONE)
        return result;
    char *path = control_world_path(story->outcome->world, "/faults");
    const char *name = json_string_value(json_object_get(fault, "fault"));
    story->expects_forgery = story->expects_forgery || (name != NULL && strcmp(name, "forge") == 0);
    wire_reply_fini(&story->reply);
    if (control_call(&story->control, "POST", path, fault, &story->reply) != 0)
        result = story_trouble(story, alloc_text(story->control.error));
    free(path);
    json_decref(fault);
    return result == STEP_DONE ? story_settle(story) : result;
}

enum step_result
verb_get(struct story *story, const struct step *step)
{
    char *text = NULL;

    if (scope_expand_text(&story->scope, step->words[0].text, scope_percent_encode, &text) !=
        FOUND) {
        free(text);
        return story_fail(story, alloc_print("%s is not bound here", step->words[0].text), NULL,
                          NULL);
    }
    char *rest = alloc_print("/%s", text);
    char *path =
        text[0] == '/' ? alloc_text(text) : control_world_path(story->outcome->world, rest);
    wire_reply_fini(&story->reply);
    story->header_bot = NULL;
    int result = control_call(&story->control, "GET", path, NULL, &story->reply);
    free(path);
    free(rest);
    free(text);
    if (story->reply.status == 0)
        return story_trouble(story, alloc_text(story->control.error));
    if (result != 0 && step->json != NULL)
        return story_fail(story, alloc_text("cannot be had"), NULL,
                          alloc_text(story->control.error));
    return match_reply(story, step);
}
