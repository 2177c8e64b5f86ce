/* Checks of the steps in which something happens. */
#include "conformance/checker.h"

#include "conformance/alloc.h"
#include "conformance/pattern.h"
#include "conformance/words.h"

void
check_clock(struct checker *checker, const struct step *step)
{
    checker_text(checker, step->words[0].text);
    checker_texts(checker, &step->words[0], word_is_clock, "bad time",
                  "2024-03-01T09:00:00Z, +24h, +23:59:59.999, frozen, wall or x60");
}

void
check_act(struct checker *checker, const struct step *step)
{
    const struct word *who = &step->words[step->verb == VERB_SAY ? 0 : 1];

    if (step->verb == VERB_SAY || checker_thing(checker, who->text) != THING_PAGE)
        checker_want(checker, who->text, THING_USER);
    if (step->verb == VERB_SAY)
        checker_text(checker, step->words[1].text);
    if (step->json != NULL && !json_is_object(step->json))
        checker_complain(checker, "not an object behind", step->source, "{...}");
    checker_value(checker, step->json);
    checker->has_act = true;
    checker->has_reply = true;
}

void
check_act_answer(struct checker *checker, const struct step *step)
{
    if (!checker->has_act)
        checker_complain(checker, "no act before", step->source, "`say` or `act` above");
    checker_pattern(checker, step->json);
}

void
check_with(struct checker *checker, const struct step *step)
{
    checker_text(checker, step->words[1].text);
    checker_texts(checker, &step->words[0], word_is_header_name, "bad header name",
                  "letters, digits and -");
}

/* METHOD PATH [as WHO [via PLACE]] ENCODING...; see call_read in verb_call.c, which reads the same words. */
void
check_call(struct checker *checker, const struct step *step)
{
    size_t at = 2;
    size_t rest = step->verb == VERB_CALL_RAW ? 2 : 1;

    checker_texts(checker, &step->words[0], word_is_method, "bad method", "GET, POST, DELETE ...");
    checker_text(checker, step->words[1].text);
    checker_texts(checker, &step->words[1], word_is_path, "bad path", "one that begins with /");
    if (at + 1 < step->word_count && strcmp(step->words[at].text, "as") == 0) {
        const char *who = step->words[at + 1].text;
        enum thing thing = checker_thing(checker, who);
        if (strstr(who, "${") != NULL)
            checker_text(checker, who);
        else if (strcmp(who, "none") != 0 && thing != THING_PAGE && thing != THING_APP &&
                 thing != THING_TOKEN)
            checker_complain(checker, "unknown credential", who,
                             "a page, app or token declared above, or none");
        at += 2;
        if (at + 1 < step->word_count && strcmp(step->words[at].text, "via") == 0) {
            const char *place = step->words[at + 1].text;
            if (strcmp(place, "query") != 0 && strcmp(place, "bearer") != 0 &&
                strcmp(place, "body") != 0)
                checker_complain(checker, "unknown place", place, "query, bearer or body");
            at += 2;
        }
    }
    if (step->verb == VERB_CALL_RAW ? step->word_count != at + rest
                                    : step->word_count > at + rest) {
        checker_complain(checker, "cannot read", step->source, verb_table[step->verb].usage);
    } else if (step->verb == VERB_CALL_RAW) {
        checker_text(checker, step->words[at + 1].text);
        checker_texts(checker, &step->words[at + 1], word_is_bytes, "bad bytes",
                      "pairs of hex digits behind hex:");
    } else if (at < step->word_count) {
        static const char *const encodings[] = {"json", "form", "query", "multipart"};
        bool is_known = false;
        for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
            is_known = is_known || strcmp(encodings[i], step->words[at].text) == 0;
        if (!is_known)
            checker_complain(checker, "unknown encoding", step->words[at].text,
                             "json, form, query or multipart");
        else if (step->json == NULL)
            checker_complain(checker, "an encoding without a body", step->words[at].text,
                             "JSON behind it");
    }
    checker_value(checker, step->json);
    checker->has_call = checker->block == NULL;
    checker->has_reply = true;
    checker->has_block = checker->block != NULL;
}

void
check_send(struct checker *checker, const struct step *step)
{
    checker_want(checker, step->words[0].text, THING_PAGE);
    if (checker_thing(checker, step->words[1].text) != THING_VALUE)
        checker_want(checker, step->words[1].text, THING_USER);
    checker_text(checker, step->words[2].text);
    if (step->json != NULL && !json_is_object(step->json))
        checker_complain(checker, "not an object behind", step->source, "{...}");
    checker_value(checker, step->json);
    checker->has_call = checker->block == NULL;
    checker->has_reply = true;
    checker->has_block = checker->block != NULL;
}

void
check_block(struct checker *checker, const struct step *step)
{
    if (step->verb == VERB_END) {
        if (checker->block == NULL)
            checker_complain(checker, "no block before", "end", "`repeat` or `parallel` above");
        else if (step == checker->block + 1)
            checker_complain(checker, "nothing between", checker->block->source,
                             "`send` or `call` before `end`");
        checker->block = NULL;
        return;
    }
    checker_text(checker, step->words[0].text);
    checker_texts(checker, &step->words[0], word_is_count, "bad count", "a number up to 9999999");
    checker->block = step;
}

void
check_replies(struct checker *checker, const struct step *step)
{
    if (!checker->has_block)
        checker_complain(checker, "no block before", step->source, "`repeat` or `parallel` above");
    checker_text(checker, step->words[0].text);
    checker_text(checker, step->words[1].text);
    checker_texts(checker, &step->words[0], word_is_status, "bad status",
                  "a number, 2xx, 4xx, 5xx or any");
    checker_texts(checker, &step->words[1], word_is_bounded_count, "bad count", "N, >=N or <=N");
    if (step->json != NULL) {
        char *wrong = pattern_check(step->json);
        if (wrong != NULL)
            complaints_add(checker->complaints, step->file, step->line, "%s", wrong);
        free(wrong);
        checker_value(checker, step->json);
    }
}

void
check_expect(struct checker *checker, const struct step *step)
{
    if (!checker->has_reply)
        checker_complain(checker, "nothing was called before", step->source,
                         "`call` or `send` above");
    else if (checker->has_block)
        checker_complain(checker, "order-free replies before", step->source,
                         "`replies` after a block");
    checker_text(checker, step->words[0].text);
    checker_texts(checker, &step->words[0], word_is_status, "bad status",
                  "a number, 2xx, 4xx, 5xx or any");
    if (step->word_count == 2 && strcmp(step->words[1].text, "exactly") != 0)
        checker_complain(checker, "cannot read", step->words[1].text, "`exactly` or JSON");
    checker_pattern(checker, step->json);
}

void
check_expect_rule(struct checker *checker, const struct step *step)
{
    if (!checker->has_call)
        checker_complain(checker, "nothing was called before", step->source,
                         "`call` or `send` above");
    for (size_t i = 0; i < step->word_count; i++)
        checker_text(checker, step->words[i].text);
    if (step->word_count == 2)
        checker_texts(checker, &step->words[1], word_is_verdict, "bad verdict",
                      "permitted or refused");
}

void
check_header(struct checker *checker, const struct step *step)
{
    json_t *pattern = json_string(step->words[1].text);

    if (!checker->has_reply && !checker->has_hook)
        checker_complain(checker, "no reply and no webhook before", step->source,
                         "`call` or `hook` above");
    checker_pattern(checker, pattern);
    json_decref(pattern);
}

void
check_get(struct checker *checker, const struct step *step)
{
    checker_text(checker, step->words[0].text);
    checker_pattern(checker, step->json);
    checker->has_reply = true;
    checker->has_block = false;
}

static void
check_field(struct checker *checker, const char *bot, const char *field)
{
    json_t *fields = json_object_get(json_object_get(checker->bots, bot), "fields");

    if (fields != NULL && json_object_get(fields, field) == NULL)
        complaints_add(checker->complaints, checker->step->file, checker->step->line,
                       "`%s` does not subscribe to `%s`, expected the field in its `bot` step", bot,
                       field);
}

void
check_hook(struct checker *checker, const struct step *step)
{
    if (checker_want(checker, step->words[0].text, THING_BOT))
        check_field(checker, step->words[0].text, step->words[1].text);
    checker_pattern(checker, step->json);
    checker->has_hook = true;
}

void
check_hook_any(struct checker *checker, const struct step *step)
{
    bool is_known = checker_want(checker, step->words[0].text, THING_BOT);

    if (!json_is_array(step->json) || json_array_size(step->json) == 0) {
        checker_complain(checker, "cannot read", step->source, verb_table[step->verb].usage);
        return;
    }
    for (size_t i = 0; i < json_array_size(step->json); i++) {
        json_t *element = json_array_get(step->json, i);
        const char *field = json_object_iter_key(json_object_iter(element));
        if (json_object_size(element) != 1) {
            checker_complain(checker, "cannot read an element of", step->source,
                             "{\"FIELD\": PATTERN}");
            continue;
        }
        if (is_known)
            check_field(checker, step->words[0].text, field);
        checker_pattern(checker, json_object_get(element, field));
    }
    checker->has_hook = true;
}

void
check_quiet(struct checker *checker, const struct step *step)
{
    checker_want(checker, step->words[0].text, THING_BOT);
}

void
check_answer(struct checker *checker, const struct step *step)
{
    checker_want(checker, step->words[0].text, THING_BOT);
    checker_text(checker, step->words[1].text);
    checker_texts(checker, &step->words[1], word_is_webhook_answer, "bad answer",
                  "a status, close or hang");
    if (step->word_count == 2)
        return;
    if (step->word_count != 4 || strcmp(step->words[2].text, "times") != 0) {
        checker_complain(checker, "cannot read", step->source, verb_table[step->verb].usage);
        return;
    }
    checker_text(checker, step->words[3].text);
    checker_texts(checker, &step->words[3], word_is_count, "bad count", "a number");
}

void
check_fault(struct checker *checker, const struct step *step)
{
    checker_value(checker, step->json);
}

/* Words that may hold variables, and a pattern. */
void
check_plain(struct checker *checker, const struct step *step)
{
    for (size_t i = 0; i < step->word_count; i++)
        checker_text(checker, step->words[i].text);
    checker_pattern(checker, step->json);
}

void
check_violation(struct checker *checker, const struct step *step)
{
    check_plain(checker, step);
    if (step->word_count == 2)
        checker_texts(checker, &step->words[1], word_is_count, "bad count", "a number");
}

void
check_client_calls(struct checker *checker, const struct step *step)
{
    if (step->word_count == 1)
        checker_complain(checker, "cannot read", step->source, verb_table[step->verb].usage);
    else if (step->word_count == 2) {
        checker_texts(checker, &step->words[0], word_is_method, "bad method",
                      "GET, POST, DELETE ...");
        checker_texts(checker, &step->words[1], word_is_path, "bad path", "one that begins with /");
    }
    check_plain(checker, step);
}
