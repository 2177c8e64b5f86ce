/* Calls of the Graph API as a scripted bot makes them, and judging the replies. */
#include "conformance/story.h"

#include <strings.h>

#include "conformance/alloc.h"
#include "conformance/encode.h"

enum place { PLACE_QUERY, PLACE_BEARER, PLACE_BODY };

/* The words of a `call` step, taken apart. Word texts are owned. */
struct call_words {
    char *method, *path;
    char *token; /* NULL: none */
    enum place place;
    char *type, *bytes; /* of `call raw` */
    size_t bytes_length;
    enum encoding encoding;
};

static void
call_words_fini(struct call_words *words)
{
    free(words->method);
    free(words->path);
    free(words->token);
    free(words->type);
    free(words->bytes);
}

/* ---- credentials ---- */

/* The token of a page, app or token by name, or a text with variables. NULL for `none`. */
static enum step_result
find_token(struct story *story, const struct word *who, char **token)
{
    if (strcmp(who->text, "none") == 0)
        return STEP_DONE;
    if (strstr(who->text, "${") != NULL)
        return story_word(story, who, token);
    const json_t *thing = json_object_get(story->scope.things, who->text);
    const char *text = json_string_value(json_object_get(thing, "access_token"));
    if (text == NULL)
        return story_trouble(story,
                             alloc_print("the world shows no access token for `%s`", who->text));
    *token = alloc_text(text);
    return STEP_DONE;
}

/* ---- making a request ---- */

static void
add_query(struct wire_request *request, const char *query)
{
    char *longer =
        alloc_print("%s%c%s", request->url, strchr(request->url, '?') == NULL ? '?' : '&', query);

    free(request->url);
    request->url = longer;
}

static void
add_token(struct wire_request *request, const struct call_words *words, json_t *body)
{
    if (words->token == NULL)
        return;
    if (words->place == PLACE_BEARER) {
        char *value = alloc_print("Bearer %s", words->token);
        wire_request_header(request, "Authorization", value);
        free(value);
    } else if (words->place == PLACE_BODY && json_is_object(body)) {
        json_object_set_new(body, "access_token", json_string(words->token));
    } else {
        char *encoded = scope_percent_encode(words->token);
        char *query = alloc_print("access_token=%s", encoded);
        add_query(request, query);
        free(query);
        free(encoded);
    }
}

/* Builds the request; takes the body (may be NULL). */
static void
build_request(struct story *story, const struct call_words *words, json_t *body,
              struct wire_request *request)
{
    *request = (struct wire_request){.method = alloc_text(words->method),
                                     .url = alloc_print("%s%s", story->plan->base, words->path)};
    /* A call without a credential, or with a wrong one, belongs to no world unless it says so. */
    wire_request_header(request, "X-Understudy-World", story->outcome->world);
    if (words->place == PLACE_BODY && body == NULL)
        body = json_object();
    /* A call whose credential tells nothing belongs to this world all the same. */
    wire_request_header(request, "X-Understudy-World", story->outcome->world);
    add_token(request, words, body);
    if (words->bytes != NULL) {
        request->body = alloc_zero(words->bytes_length + 1, 1);
        request->body_length = words->bytes_length;
        memcpy(request->body, words->bytes, words->bytes_length);
        wire_request_header(request, "Content-Type", words->type);
    } else if (body != NULL && words->encoding == ENCODING_QUERY) {
        char *query = encode_form_new(body);
        add_query(request, query);
        free(query);
    } else if (body != NULL) {
        request->body = encode_body_new(words->encoding, body, &request->body_length);
        wire_request_header(request, "Content-Type", encode_content_type(words->encoding));
    }
    for (size_t i = 0; i < story->with.header_count; i++) {
        const struct wire_header *header = &story->with.headers[i];
        for (size_t j = 0; j < request->header_count; j++) /* the last word is the scenario's */
            if (strcasecmp(request->headers[j].name, header->name) == 0) {
                free(request->headers[j].name);
                free(request->headers[j].value);
                request->headers[j] = request->headers[--request->header_count];
            }
        wire_request_header(request, header->name, header->value);
    }
    json_decref(body);
}

/* ---- reading a step ---- */

static enum step_result
read_as(struct story *story, const struct step *step, size_t *at, struct call_words *words)
{
    if (*at + 1 >= step->word_count || strcmp(step->words[*at].text, "as") != 0)
        return STEP_DONE;
    enum step_result result = find_token(story, &step->words[*at + 1], &words->token);
    *at += 2;
    if (result == STEP_DONE && *at + 1 < step->word_count &&
        strcmp(step->words[*at].text, "via") == 0) {
        const char *place = step->words[*at + 1].text;
        words->place = strcmp(place, "bearer") == 0 ? PLACE_BEARER
                       : strcmp(place, "body") == 0 ? PLACE_BODY
                                                    : PLACE_QUERY;
        *at += 2;
    }
    return result;
}

/* A text as it is, or hex:c3a4 for bytes that are no text. */
static enum step_result
read_bytes(struct story *story, const struct word *word, struct call_words *words)
{
    char *text = NULL;
    enum step_result result = story_word(story, word, &text);

    if (result != STEP_DONE)
        return result;
    if (strncmp(text, "hex:", 4) == 0) {
        words->bytes = encode_hex_new(text + 4, &words->bytes_length);
        free(text);
    } else {
        words->bytes = text;
        words->bytes_length = strlen(text);
    }
    return STEP_DONE;
}

static enum step_result
read_call(struct story *story, const struct step *step, struct call_words *words)
{
    size_t at = 2;

    enum found found =
        scope_expand_text(&story->scope, step->words[1].text, scope_percent_encode, &words->path);
    if (found == FOUND_ABSENT)
        return STEP_LEFT_OUT;
    if (found == FOUND_NOTHING) {
        char *missing = words->path;
        words->path = NULL;
        enum step_result failed =
            story_fail(story, alloc_print("%s is not bound here", missing), NULL, NULL);
        free(missing);
        return failed;
    }
    enum step_result result = story_word(story, &step->words[0], &words->method);
    if (result == STEP_DONE)
        result = read_as(story, step, &at, words);
    if (result == STEP_DONE && step->verb == VERB_CALL_RAW) {
        words->type = alloc_text(step->words[at].text);
        result = read_bytes(story, &step->words[at + 1], words);
    } else if (result == STEP_DONE && at < step->word_count) {
        words->encoding = encode_named(step->words[at].text);
    }
    return result;
}

static enum step_result
request_of_call(struct story *story, const struct step *step, struct wire_request *request)
{
    struct call_words words = {0};
    json_t *body = NULL;
    enum step_result result = read_call(story, step, &words);

    if (result == STEP_DONE && step->json != NULL)
        result = story_json(story, step->json, &body);
    if (result == STEP_DONE)
        build_request(story, &words, body, request);
    call_words_fini(&words);
    return result;
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
/* Merges in depth; null takes a member out. */
static void
merge(json_t *into, json_t *from)
{
    const char *key;
    json_t *member;

    json_object_foreach(from, key, member)
    {
        json_t *old = json_object_get(into, key);
        if (json_is_null(member))
            json_object_del(into, key);
        else if (json_is_object(old) && json_is_object(member))
            merge(old, member);
        else
            json_object_set(into, key, member);
    }
}
/* NOLINTEND(misc-no-recursion) */

static enum step_result
request_of_send(struct story *story, const struct step *step, struct wire_request *request)
{
    const struct word *said = &step->words[2];
    bool has_text = said->is_quoted || strcmp(said->text, "-") != 0;
    json_t *more = NULL, *id = NULL;
    char *text = NULL;
    struct reference who = {.start = NULL};
    struct call_words words = {.method = alloc_text("POST"),
                               .path = alloc_print("/%s/me/messages", story->plan->api)};

    snprintf(who.name, sizeof who.name, "%s", step->words[1].text);
    enum step_result result =
        scope_find(&story->scope, &who, &id) == FOUND
            ? find_token(story, &step->words[0], &words.token)
            : story_trouble(story, alloc_print("the world has no id for `%s`", who.name));
    if (result == STEP_DONE && has_text)
        result = story_word(story, said, &text);
    if (result == STEP_DONE && step->json != NULL)
        result = story_json(story, step->json, &more);
    if (result == STEP_DONE) {
        bool is_tagged = json_is_string(json_object_get(more, "tag"));
        json_t *body = json_pack("{s:{s:O}, s:s}", "recipient", "id", id, "messaging_type",
                                 is_tagged ? "MESSAGE_TAG" : "RESPONSE");
        if (has_text)
            json_object_set_new(body, "message", json_pack("{s:s}", "text", text));
        merge(body, more);
        build_request(story, &words, body, request);
    }
    json_decref(more);
    free(text);
    call_words_fini(&words);
    return result;
}

static enum step_result
request_of(struct story *story, const struct step *step, struct wire_request *request)
{
    return step->verb == VERB_SEND ? request_of_send(story, step, request)
                                   : request_of_call(story, step, request);
}

/* ---- calling ---- */

enum step_result
verb_with(struct story *story, const struct step *step)
{
    char *value = NULL;
    enum step_result result = story_word(story, &step->words[1], &value);

    if (result == STEP_DONE)
        wire_request_header(&story->with, step->words[0].text, value);
    free(value);
    return result;
}

/* What decided the last call: by its record, or, when it belongs to no world (no token, or an unknown one), by
 * the header of the reply. "" when nothing did. */
static const char *
decided_rule(const struct story *story)
{
    const struct stream *stream = &story->outcome->stream;

    if (story->call_record >= 0)
        return stream_text(stream_record(stream, (size_t)story->call_record), "rule");
    const char *header = wire_reply_header(&story->reply, "X-Understudy-Rule");
    return header == NULL ? "" : header;
}

static const char *
decided_outcome(const struct story *story)
{
    const struct stream *stream = &story->outcome->stream;

    if (story->call_record >= 0)
        return stream_text(stream_record(stream, (size_t)story->call_record), "outcome");
    return story->reply.status >= 400 ? "refused" : "permitted";
}

/* The record of the last call, once the journal has been read. */
static void
note_call(struct story *story)
{
    const struct stream *stream = &story->outcome->stream;

    story->call_record = -1;
    for (size_t i = story->mark; i < stream_count(stream); i++)
        if (stream_is(stream_record(stream, i), "call"))
            story->call_record = (long)i;
    if (story->call_record < 0 && decided_rule(story)[0] != '\0')
        json_object_set_new(story->met_rules, decided_rule(story), json_true());
}

static enum step_result
no_answer(struct story *story, const struct wire_reply *reply)
{
    return story_trouble(story, alloc_print("the server gave no answer: %s", reply->error));
}

enum step_result
verb_call(struct story *story, const struct step *step)
{
    struct wire_request request = {0};
    enum step_result result = request_of(story, step, &request);

    if (result != STEP_DONE)
        return result;
    wire_request_fini(&story->with);
    wire_reply_fini(&story->reply);
    story->header_bot = NULL;
    story->mark = stream_count(&story->outcome->stream);
    wire_call(story->control.wire, &request, &story->reply);
    wire_request_fini(&request);
    if (story->reply.status == 0)
        return no_answer(story, &story->reply);
    result = story_settle(story);
    note_call(story);
    return result;
}

enum step_result
verb_send(struct story *story, const struct step *step)
{
    return verb_call(story, step);
}

/* ---- blocks ---- */

static enum step_result
keep_replies(struct story *story, const struct wire_request *requests, size_t count)
{
    size_t before = story->reply_count;

    story->replies =
        alloc_checked(realloc(story->replies, (before + count + 1) * sizeof *story->replies));
    wire_call_all(story->control.wire, requests, story->replies + before, count);
    story->reply_count += count;
    for (size_t i = before; i < story->reply_count; i++)
        if (story->replies[i].status == 0)
            return no_answer(story, &story->replies[i]);
    return STEP_DONE;
}

/* One after the other, settling in between, so that the journal is the same each time. */
static enum step_result
repeat_calls(struct story *story, const struct step *block, const struct step *end)
{
    for (const struct step *step = block + 1; step < end; step++) {
        struct wire_request request = {0};
        struct wire_reply reply;
        story->step = step;
        enum step_result result = request_of(story, step, &request);
        if (result == STEP_LEFT_OUT)
            continue;
        if (result != STEP_DONE)
            return result;
        wire_call(story->control.wire, &request, &reply);
        wire_request_fini(&request);
        story->replies = alloc_one_more(story->replies, story->reply_count, sizeof *story->replies);
        story->replies[story->reply_count++] = reply;
        if (reply.status == 0)
            return no_answer(story, &reply);
        if (control_settle(&story->control, story->outcome->world) != 0)
            return story_trouble(story, alloc_text(story->control.error));
    }
    return STEP_DONE;
}

static enum step_result
parallel_calls(struct story *story, const struct step *block, const struct step *end, size_t times)
{
    struct wire_request *requests = alloc_zero(times * (size_t)(end - block), sizeof *requests);
    size_t count = 0;
    enum step_result result = STEP_DONE;

    for (size_t i = 0; i < times; i++)
        for (const struct step *step = block + 1; result == STEP_DONE && step < end; step++) {
            story->step = step;
            result = request_of(story, step, &requests[count]);
            count += result == STEP_DONE;
            result = result == STEP_LEFT_OUT ? STEP_DONE : result;
        }
    if (result == STEP_DONE)
        result = keep_replies(story, requests, count);
    for (size_t i = 0; i < count; i++)
        wire_request_fini(&requests[i]);
    free(requests);
    return result;
}

enum step_result
story_block(struct story *story, const struct step *block, const struct step *end)
{
    char *text = NULL;
    enum step_result result = story_word(story, &block->words[0], &text);

    if (result != STEP_DONE)
        return result;
    size_t times = strtoul(text, NULL, 10);
    free(text);
    for (size_t i = 0; i < story->reply_count; i++)
        wire_reply_fini(&story->replies[i]);
    free(story->replies);
    story->replies = NULL;
    story->reply_count = 0;
    story->mark = stream_count(&story->outcome->stream);
    if (block->verb == VERB_PARALLEL)
        result = parallel_calls(story, block, end, times);
    for (size_t i = 0; block->verb == VERB_REPEAT && result == STEP_DONE && i < times; i++)
        result = repeat_calls(story, block, end);
    wire_request_fini(&story->with);
    if (result == STEP_DONE)
        result = story_settle(story);
    note_call(story);
    return result;
}

/* ---- judging ---- */

static bool
status_fits(const char *wanted, long status)
{
    if (strcmp(wanted, "any") == 0)
        return true;
    if (strcmp(wanted + 1, "xx") == 0)
        return status / 100 == wanted[0] - '0';
    return status == strtol(wanted, NULL, 10);
}

enum step_result
verb_replies(struct story *story, const struct step *step)
{
    char *status = NULL, *wanted = NULL;
    size_t count = 0;
    enum step_result result = story_word(story, &step->words[0], &status);

    if (result == STEP_DONE)
        result = story_word(story, &step->words[1], &wanted);
    for (size_t i = 0; result == STEP_DONE && i < story->reply_count; i++) {
        const struct wire_reply *reply = &story->replies[i];
        count += status_fits(status, reply->status) &&
                 (step->json == NULL ||
                  pattern_match(step->json, reply->json, false, &story->scope, NULL));
    }
    if (result == STEP_DONE) {
        bool is_least = wanted[0] == '>', is_most = wanted[0] == '<';
        size_t number = strtoul(is_least || is_most ? wanted + 2 : wanted, NULL, 10);
        bool is_good = is_least ? count >= number : is_most ? count <= number : count == number;
        if (!is_good)
            result = story_fail(story, alloc_text("another number of replies"),
                                alloc_print("%s of %zu", wanted, story->reply_count),
                                alloc_print("%zu", count));
    }
    free(status);
    free(wanted);
    return result;
}

/* 200, permitted by WIN-STD-24H; 400 (#10) This message is sent outside ..., refused by WIN-STD-24H */
static char *
describe_reply(const struct story *story)
{
    const json_t *json = story->reply.json;
    const char *message =
        json_string_value(json_object_get(json_object_get(json, "error"), "message"));
    const char *detail = json_string_value(json_object_get(json, "detail"));
    const char *said = message != NULL ? message : detail != NULL ? detail : "";
    const char *rule = decided_rule(story);
    char *answer = alloc_print("%ld%s%s", story->reply.status, said[0] != '\0' ? " " : "", said);

    if (rule[0] == '\0')
        return answer;
    char *longer = alloc_print("%s, %s by %s", answer, decided_outcome(story), rule);
    free(answer);
    return longer;
}

enum step_result
verb_expect(struct story *story, const struct step *step)
{
    bool is_exact = step->word_count == 2;
    char *status = NULL;
    struct mismatch mismatch = {.expected = NULL};
    enum step_result result = story_word(story, &step->words[0], &status);

    if (result != STEP_DONE)
        return result;
    story->act_step = NULL;
    bool fits = status_fits(status, story->reply.status);
    bool matches = step->json == NULL ||
                   pattern_match(step->json, story->reply.json, is_exact, &story->scope, &mismatch);
    if (fits && !matches) {
        result = story_fail_pattern(story, &mismatch);
    } else if (!fits) {
        bool has_more = mismatch.expected != NULL;
        char *expected = alloc_print(
            "%s%s%s%s%s", status, has_more ? ", " : "", has_more ? mismatch.path : "",
            has_more && mismatch.path[0] != '\0' ? " " : "", has_more ? mismatch.expected : "");
        result = story_fail(story, alloc_text("another answer"), expected, describe_reply(story));
        mismatch_fini(&mismatch);
    }
    free(status);
    return result;
}

enum step_result
verb_expect_rule(struct story *story, const struct step *step)
{
    char *rule = NULL, *verdict = NULL;
    enum step_result result = story_word(story, &step->words[0], &rule);

    if (result == STEP_DONE && step->word_count == 2)
        result = story_word(story, &step->words[1], &verdict);
    if (result == STEP_LEFT_OUT && rule != NULL)
        result = STEP_DONE; /* an absent verdict is either */
    if (result == STEP_DONE) {
        const char *decided = decided_rule(story);
        bool is_rule = strcmp(rule, "none") == 0 ? decided[0] == '\0' : strcmp(rule, decided) == 0;
        bool is_verdict = verdict == NULL || strcmp(verdict, decided_outcome(story)) == 0;
        if (!is_rule || !is_verdict)
            result =
                story_fail(story, alloc_text("another rule decided"),
                           verdict == NULL ? alloc_text(rule) : alloc_print("%s %s", rule, verdict),
                           describe_reply(story));
    }
    free(rule);
    free(verdict);
    return result;
}

enum step_result
verb_header(struct story *story, const struct step *step)
{
    const struct story_bot *bot = story->header_bot;
    struct mismatch mismatch;
    char *of_hook = NULL;
    const char *value;

    if (bot != NULL) {
        of_hook = hub_bot_header(bot->hub, bot->events[bot->last].arrival, step->words[0].text);
        value = of_hook;
    } else {
        value = wire_reply_header(&story->reply, step->words[0].text);
    }
    bool matches = pattern_match_text(step->words[1].text, value, &story->scope, &mismatch);
    free(of_hook);
    return matches ? STEP_DONE : story_fail_pattern(story, &mismatch);
}
