#include "conformance/story.h"

#include "conformance/alloc.h"
#include "conformance/quiet.h"
#include "conformance/standing.h"

static verb_function *const verbs[VERB_COUNT] = {
    [VERB_SET] = verb_set,
    [VERB_CLOCK] = verb_clock,
    [VERB_WORLD] = verb_world,
    [VERB_APP] = verb_app,
    [VERB_PAGE] = verb_page,
    [VERB_USER] = verb_user,
    [VERB_TOKEN] = verb_token,
    [VERB_BOT] = verb_bot,
    [VERB_SAY] = verb_say,
    [VERB_ACT] = verb_act,
    [VERB_MADE] = verb_made,
    [VERB_REFUSED] = verb_refused,
    [VERB_WITH] = verb_with,
    [VERB_CALL] = verb_call,
    [VERB_CALL_RAW] = verb_call,
    [VERB_SEND] = verb_send,
    [VERB_REPLIES] = verb_replies,
    [VERB_EXPECT] = verb_expect,
    [VERB_EXPECT_RULE] = verb_expect_rule,
    [VERB_HEADER] = verb_header,
    [VERB_GET] = verb_get,
    [VERB_HOOK] = verb_hook,
    [VERB_HOOK_NEXT] = verb_hook_next,
    [VERB_HOOK_ANY] = verb_hook_any,
    [VERB_HOOK_BODY] = verb_hook_body,
    [VERB_NEVER] = verb_never,
    [VERB_QUIET] = verb_quiet,
    [VERB_ANSWER] = verb_answer,
    [VERB_SETTLE] = verb_settle,
    [VERB_FAULT] = verb_fault,
    [VERB_FINDING] = verb_finding,
    [VERB_NO_FINDING] = verb_no_finding,
    [VERB_VIOLATION] = verb_violation,
    [VERB_CLEAN] = verb_clean,
    [VERB_WAIT] = verb_wait,
    [VERB_CLIENT_SENDS] = verb_client_sends,
    [VERB_CLIENT_CALLS] = verb_client_calls,
    [VERB_CLIENT_SILENT] = verb_client_silent,
};

/* ---- words and values ---- */

enum step_result
story_trouble(struct story *story, char *message)
{
    struct failure *failure = &story->outcome->failure;

    if (failure->message != NULL) {
        free(message);
        return STEP_TROUBLE;
    }
    failure->message = message;
    failure->file = story->step == NULL ? story->script->path : story->step->file;
    failure->line = story->step == NULL ? 1 : story->step->line;
    failure->step = alloc_text(story->step == NULL ? "the world" : story->step->source);
    return STEP_TROUBLE;
}

enum step_result
story_word(struct story *story, const struct word *word, char **text)
{
    enum found found = scope_expand_text(&story->scope, word->text, NULL, text);

    if (found == FOUND)
        return STEP_DONE;
    if (found == FOUND_ABSENT)
        return STEP_LEFT_OUT;
    char *missing = *text;
    *text = NULL;
    char *message = alloc_print("%s is not bound here", missing);
    free(missing);
    return story_fail(story, message, NULL, NULL);
}

enum step_result
story_json(struct story *story, const json_t *from, json_t **to)
{
    char *missing = NULL;

    if (scope_expand_new(&story->scope, from, to, &missing) == FOUND)
        return STEP_DONE;
    char *message = alloc_print("%s is not bound here", missing);
    free(missing);
    return story_fail(story, message, NULL, NULL);
}

/* ---- the journal ---- */

static struct watch
watch_of(struct story *story)
{
    return (struct watch){.control = &story->control,
                          .world = story->outcome->world,
                          .stream = &story->outcome->stream,
                          .client = story->has_client ? &story->client : NULL,
                          .plan = story->plan->client,
                          .considered = story->records_considered};
}

enum step_result
story_read_journal(struct story *story)
{
    struct watch watch = watch_of(story);

    if (quiet_read_journal(&watch, 0) != 0)
        return story_trouble(story, alloc_text(story->control.error));
    story_hand_out(story);
    return STEP_DONE;
}

enum step_result
story_settle(struct story *story)
{
    struct watch watch = watch_of(story);
    char error[QUIET_ERROR_SIZE];

    int result = quiet_wait(&watch, error);
    story->records_considered = watch.considered;
    story_hand_out(story);
    return result == 0 ? STEP_DONE : story_trouble(story, alloc_text(error));
}

/* ---- steps ---- */

/* With a client under test the scripted bot keeps still; so do steps about what it sent, and about exact order. */
static bool
is_left_to_client(const struct story *story, const struct step *step)
{
    if (!story->has_client || story->is_for_client)
        return false;
    if (verb_table[step->verb].who == WHO_BOT || step->verb == VERB_QUIET)
        return true;
    if (step->verb != VERB_HOOK && step->verb != VERB_HOOK_NEXT && step->verb != VERB_HOOK_BODY &&
        step->verb != VERB_NEVER)
        return false;
    const char *field = step->words[1].text;
    return strcmp(field, "message_echoes") == 0 || strcmp(field, "message_deliveries") == 0 ||
           strcmp(field, "message_reads") == 0;
}

/* Walks the references of a step. True when one of them is to an unbound name; with `keep` the names that the step would bind
 * are remembered as unbound. */
static bool
text_needs_unbound(struct story *story, const char *text, bool keep)
{
    struct reference reference;
    bool is_needed = false;

    for (; reference_next(text, &reference); text = reference.end) {
        if (reference.is_escape || reference.is_broken)
            continue;
        if (reference.type[0] == '\0')
            is_needed = is_needed || json_object_get(story->unbound, reference.name) != NULL;
        else if (keep)
            json_object_set_new(story->unbound, reference.name, json_true());
        else
            json_object_del(story->unbound, reference.name);
    }
    return is_needed;
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
static bool
json_needs_unbound(struct story *story, json_t *json, bool keep)
{
    const char *key;
    json_t *member;
    bool is_needed =
        json_is_string(json) && text_needs_unbound(story, json_string_value(json), keep);

    json_object_foreach(json, key, member)
    {
        is_needed = json_needs_unbound(story, member, keep) || is_needed;
    }
    for (size_t i = 0; i < json_array_size(json); i++)
        is_needed = json_needs_unbound(story, json_array_get(json, i), keep) || is_needed;
    return is_needed;
}
/* NOLINTEND(misc-no-recursion) */

static bool
step_needs_unbound(struct story *story, const struct step *step, bool keep)
{
    bool is_needed = json_needs_unbound(story, step->json, keep);

    for (size_t i = 0; i < step->word_count; i++)
        is_needed = text_needs_unbound(story, step->words[i].text, keep) || is_needed;
    return is_needed;
}

static bool
step_is_left_out(struct story *story, const struct step *step)
{
    bool is_for_other = verb_table[step->verb].who == WHO_CLIENT && !story->has_client;

    if (!is_for_other && !is_left_to_client(story, step) &&
        (json_object_size(story->unbound) == 0 || !step_needs_unbound(story, step, false)))
        return false;
    step_needs_unbound(story, step, true);
    return true;
}

/* The step in which something goes wrong is not always the one that notices. */
static enum step_result
judge_refused_act(struct story *story, const struct step *next)
{
    const struct step *act = story->act_step;

    if (act == NULL || (next != NULL && (next->verb == VERB_REFUSED || next->verb == VERB_EXPECT)))
        return STEP_DONE;
    story->act_step = NULL;
    story->step = act;
    const char *detail = json_string_value(json_object_get(story->reply.json, "detail"));
    return story_fail(
        story, alloc_text("the act was refused"),
        alloc_text("it to be possible, or `refused` behind it"),
        alloc_print("%ld %s", story->reply.status, detail != NULL ? detail : story->reply.body));
}

static void
note_place(struct story *story, const struct step *step)
{
    if (!story->is_made || step->file != story->script->path)
        return;
    json_array_append_new(story->outcome->places,
                          json_pack("[I, i]", story->outcome->stream.last_seq + 1, step->line));
}

static enum step_result
play_step(struct story *story, const struct step *step)
{
    if (verbs[step->verb] == NULL || step_is_left_out(story, step))
        return STEP_DONE;
    enum step_result result = judge_refused_act(story, step);
    if (result != STEP_DONE)
        return result;
    story->step = step;
    if (verb_table[step->verb].phase == PHASE_PLAY && step->verb != VERB_CLOCK)
        result = story_make_world(story);
    if (result != STEP_DONE)
        return result;
    note_place(story, step);
    result = verbs[step->verb](story, step);
    story->outcome->steps++;
    return result == STEP_LEFT_OUT ? STEP_DONE : result;
}

static const struct step *
block_end(const struct script *script, size_t from)
{
    while (script->steps[from].verb != VERB_END)
        from++;
    return &script->steps[from];
}

static enum step_result
play_steps(struct story *story)
{
    const struct script *script = story->script;
    enum step_result result = STEP_DONE;

    for (size_t i = 0; result == STEP_DONE && i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        if (step->verb != VERB_REPEAT && step->verb != VERB_PARALLEL) {
            result = play_step(story, step);
            continue;
        }
        const struct step *end = block_end(script, i);
        i = (size_t)(end - script->steps);
        if (step_is_left_out(story, step))
            continue;
        result = judge_refused_act(story, step);
        story->step = step;
        if (result == STEP_DONE)
            result = story_make_world(story);
        note_place(story, step);
        if (result == STEP_DONE)
            result = story_block(story, step, end);
        story->outcome->steps++;
        result = result == STEP_LEFT_OUT ? STEP_DONE : result;
    }
    if (result == STEP_DONE)
        result = judge_refused_act(story, NULL);
    return result;
}

/* ---- the end ---- */

/* A rule that the client broke and no `violation` step names. */
static enum step_result
judge_client(struct story *story)
{
    const struct stream *stream = &story->outcome->stream;

    for (size_t i = 0; story->has_client && i < stream_count(stream); i++) {
        const char *rule = NULL, *severity = NULL;
        json_t *record = stream_record(stream, i);
        if (stream_violations(record, story->plan->tables.rules, NULL, &rule, &severity) == 0 ||
            json_object_get(story->named_violations, rule) != NULL)
            continue;
        story->call_record = (long)i;
        enum step_result result =
            story_fail(story, alloc_print("the client broke %s (%s)", rule, severity),
                       alloc_text("no rule broken"), NULL);
        free(story->outcome->failure.rule_id);
        story->outcome->failure.rule_id = alloc_text(rule);
        story->outcome->failure.is_violation = true;
        return result;
    }
    return STEP_DONE;
}

static enum step_result
judge_the_end(struct story *story)
{
    enum step_result result = STEP_DONE;

    if (story->is_made)
        result = story_settle(story);
    for (size_t i = 0; result == STEP_DONE && i < story->bot_count; i++)
        result = story_end_nevers(story, &story->bots[i]);
    for (size_t i = 0; result == STEP_DONE && i < story->bot_count; i++) {
        struct story_bot *bot = &story->bots[i];
        char *complaint =
            bot->hub == NULL || story->expects_forgery ? NULL : hub_bot_complaint(bot->hub);
        if (complaint != NULL)
            result =
                story_fail(story, complaint, alloc_text("a signature over the exact bytes"), NULL);
    }
    return result == STEP_DONE ? judge_client(story) : result;
}

static bool
has_reached(const struct story *story, const char *rule)
{
    const struct stream *stream = &story->outcome->stream;
    bool is_reached = json_object_get(story->met_rules, rule) != NULL;

    for (size_t i = 0; !is_reached && i < stream_count(stream); i++)
        is_reached = stream_reaches(stream_record(stream, i), rule);
    return is_reached;
}

static void
note_reached(struct story *story)
{
    const struct script *script = story->script;

    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        for (size_t j = 0; step->verb == VERB_COVERS && j < step->word_count; j++)
            if (has_reached(story, step->words[j].text))
                json_object_set_new(story->outcome->reached, step->words[j].text, json_true());
    }
}

/* ---- beginning and ending ---- */

static void
story_init(struct story *story, const struct plan *plan, const struct script *script, long row,
           struct outcome *outcome)
{
    *story = (struct story){
        .plan = plan, .script = script, .row = row, .outcome = outcome, .call_record = -1};
    story->client.process = (struct process){.out = -1, .err_file = -1};
    control_init(&story->control, plan->base, plan->admin_token);
    scope_init(&story->scope);
    story->world_spec = json_object();
    story->user_pages = json_object();
    story->unbound = json_object();
    story->named_violations = json_object();
    story->met_rules = json_object();
    story->has_client = plan->client != NULL;
    moment_read("2024-03-01T09:00:00Z", &story->start);
    snprintf(story->mode, sizeof story->mode, "frozen");
    json_t *api = json_string(plan->api);
    scope_bind_new(&story->scope, "api", api);
    for (size_t i = 0; row >= 0 && i < script->rows_step->word_count; i++)
        check_bind_cell(&story->scope, script, (size_t)row, i);
    for (size_t i = 0; i < script->step_count; i++)
        if (script->steps[i].verb == VERB_NEEDS &&
            strcmp(script->steps[i].words[0].text, "client") == 0)
            story->is_for_client = true;

    *outcome = (struct outcome){.reached = json_object(), .places = json_array()};
    stream_init(&outcome->stream);
}

static void
names_free(struct story_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(names[i].name);
        json_decref(names[i].spec);
    }
    free(names);
}

static void
bot_fini(struct story_bot *bot)
{
    for (size_t i = 0; i < bot->never_count; i++)
        free(bot->nevers[i].field);
    hub_bot_free(&bot->hub);
    free(bot->nevers);
    free(bot->events);
    free(bot->name);
    free(bot->page);
    free(bot->app);
    free(bot->url_path);
    json_decref(bot->fields);
}

static void
story_fini(struct story *story)
{
    if (story->is_made) {
        story->outcome->pages = standing_new(&story->control, story->outcome->world);
        control_drop(&story->control, story->outcome->world);
    }
    for (size_t i = 0; i < story->bot_count; i++)
        bot_fini(&story->bots[i]);
    free(story->bots);
    free(story->later_sets);
    names_free(story->apps, story->app_count);
    names_free(story->pages, story->page_count);
    names_free(story->users, story->user_count);
    names_free(story->tokens, story->token_count);
    for (size_t i = 0; i < story->reply_count; i++)
        wire_reply_fini(&story->replies[i]);
    free(story->replies);
    wire_reply_fini(&story->reply);
    wire_request_fini(&story->with);
    json_decref(story->world_spec);
    json_decref(story->user_pages);
    json_decref(story->unbound);
    json_decref(story->named_violations);
    json_decref(story->met_rules);
    scope_fini(&story->scope);
    control_fini(&story->control);
}

/* Virtual time from the first record to the last. */
static ms_t
duration_of(const struct stream *stream)
{
    ms_t first = 0, last = 0;

    if (stream_count(stream) > 0) {
        moment_read(stream_text(stream_record(stream, 0), "at"), &first);
        moment_read(stream_text(stream_record(stream, stream_count(stream) - 1), "at"), &last);
    }
    return last - first;
}

static const struct step *
find_step(const struct script *script, enum verb verb)
{
    for (size_t i = 0; i < script->step_count; i++)
        if (script->steps[i].verb == verb)
            return &script->steps[i];
    return NULL;
}

void
story_tell(const struct plan *plan, const struct script *script, long row, struct outcome *outcome)
{
    struct story story;
    const struct step *known = find_step(script, VERB_KNOWN);

    story_init(&story, plan, script, row, outcome);
    if (check_needs_missing(script, &plan->tables, plan->api, plan->client != NULL,
                            &outcome->reason)) {
        outcome->verdict = VERDICT_SKIP;
        story_fini(&story);
        return;
    }
    enum step_result result = play_steps(&story);
    if (result == STEP_DONE)
        result = judge_the_end(&story);
    else if (story.is_made)
        story_read_journal(&story); /* what happened up to the failure is evidence */
    note_reached(&story);
    outcome->duration_ms = duration_of(&outcome->stream);
    if (story.has_client)
        client_stop(&story.client);

    if (result == STEP_TROUBLE)
        outcome->verdict = VERDICT_ERROR;
    else if (known != NULL)
        outcome->verdict = result == STEP_DONE ? VERDICT_FIXED : VERDICT_KNOWN;
    else
        outcome->verdict = result == STEP_DONE ? VERDICT_PASS : VERDICT_FAIL;
    if (known != NULL && outcome->reason == NULL)
        outcome->reason = alloc_text(known->words[0].text);
    story_fini(&story);
}

void
outcome_fini(struct outcome *outcome)
{
    struct failure *failure = &outcome->failure;

    free(failure->step);
    free(failure->message);
    free(failure->rule_id);
    free(failure->at);
    free(failure->expected);
    free(failure->actual);
    free(failure->rule);
    free(outcome->reason);
    free(outcome->world);
    json_decref(outcome->reached);
    json_decref(outcome->places);
    json_decref(outcome->pages);
    stream_fini(&outcome->stream);
    *outcome = (struct outcome){0};
}
