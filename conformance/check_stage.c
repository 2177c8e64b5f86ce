/* Checks of the steps that stand before anything happens. */
#include "conformance/checker.h"

#include "conformance/alloc.h"
#include "conformance/words.h"

void
check_scenario(struct checker *checker, const struct step *step)
{
    if (checker->has_title)
        checker_complain(checker, "a second title", step->words[0].text,
                         "one `scenario` in a file");
    if (step != checker->script->steps)
        checker_complain(checker, "a title after other steps", step->words[0].text,
                         "it at the top");
    checker->has_title = true;
}

void
check_needs(struct checker *checker, const struct step *step)
{
    static const char expected[] =
        "client, scripted, rule ID, act NAME, event NAME, field NAME, or api >= vN.N";
    const char *kind = step->words[0].text;
    bool is_alone = strcmp(kind, "client") == 0 || strcmp(kind, "scripted") == 0;
    bool is_row = strcmp(kind, "rule") == 0 || strcmp(kind, "act") == 0 ||
                  strcmp(kind, "event") == 0 || strcmp(kind, "field") == 0;

    if (strcmp(kind, "api") == 0) {
        const char *operator= step->word_count == 3 ? step->words[1].text : "";
        bool is_known = strcmp(operator, ">=") == 0 || strcmp(operator, "<") == 0;
        if (!is_known || check_api_number(step->words[2].text) < 0)
            checker_complain(checker, "cannot read", step->source, expected);
    } else if (!(is_alone && step->word_count == 1) && !(is_row && step->word_count == 2)) {
        checker_complain(checker, "cannot read", step->source, expected);
    }
}

void
check_columns(struct checker *checker, const struct step *step)
{
    if (checker->script->row_count == 0)
        checker_complain(checker, "a table without rows below", step->source,
                         "at least one indented line");
    for (size_t i = 0; i < checker->script->row_count; i++) {
        const struct row *row = &checker->script->rows[i];
        for (size_t j = 0; j < row->word_count; j++)
            if (strstr(row->words[j].text, "${") != NULL)
                complaints_add(
                    checker->complaints, checker->script->path, row->line,
                    "a variable in the cell `%s`, which is put in as it stands, expected "
                    "it in the step that uses the column",
                    row->words[j].text);
    }
}

/* The words of `set`: NAME VALUE [times N], or NAME [times N] JSON. */
static bool
set_has_shape(const struct step *step, size_t *times_at)
{
    size_t values = step->json == NULL ? 2 : 1;

    *times_at = 0;
    if (step->word_count == values)
        return true;
    *times_at = values + 1;
    return step->word_count == values + 2 && strcmp(step->words[values].text, "times") == 0;
}

void
check_set(struct checker *checker, const struct step *step)
{
    size_t times_at;

    if (!set_has_shape(step, &times_at)) {
        checker_complain(checker, "cannot read", step->source, verb_table[step->verb].usage);
        return;
    }
    checker_value(checker, step->json);
    for (size_t i = 1; i < step->word_count; i++)
        checker_text(checker, step->words[i].text);
    if (times_at != 0)
        checker_texts(checker, &step->words[times_at], word_is_count, "bad count",
                      "a number up to 9999999");
    checker_declare(checker, step->words[0].text, THING_VALUE);
    if (step->json != NULL || times_at != 0)
        return;
    for (size_t i = 0; i < checker->scope_count; i++) {
        char *text = NULL;
        if (scope_expand_text(&checker->scopes[i], step->words[1].text, NULL, &text) == FOUND)
            scope_bind_new(&checker->scopes[i], step->words[0].text,
                           scope_value_of_word_new(text, step->words[1].is_quoted));
        free(text);
    }
}

void
check_world(struct checker *checker, const struct step *step)
{
    static const struct {
        const char *key, *instead;
    } taken[] = {{"name", "nothing: it is the file's"}, {"now", "the verb `clock`"},
                 {"clock", "the verb `clock`"},         {"apps", "the verb `app`"},
                 {"pages", "the verb `page`"},          {"users", "the verb `user`"},
                 {"tokens", "the verb `token`"},        {"webhook", "the verb `bot`"}};

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (json_object_get(step->json, taken[i].key) != NULL)
            checker_complain(checker, "a member that has a verb", taken[i].key, taken[i].instead);
    if (!json_is_object(step->json))
        checker_complain(checker, "not an object behind", "world", "{...}");
    checker_value(checker, step->json);
}

void
check_declared(struct checker *checker, const struct step *step)
{
    enum thing thing = step->verb == VERB_APP    ? THING_APP
                       : step->verb == VERB_PAGE ? THING_PAGE
                       : step->verb == VERB_USER ? THING_USER
                                                 : THING_TOKEN;

    if (step->json != NULL && !json_is_object(step->json))
        checker_complain(checker, "not an object behind", step->source, "{...}");
    checker_value(checker, step->json);
    if (thing == THING_USER)
        checker_want(checker, step->words[1].text, THING_PAGE);
    checker_declare(checker, step->words[0].text, thing);
}

void
check_bot(struct checker *checker, const struct step *step)
{
    const char *place = step->words[1].text;
    const char *at = strchr(place, '@');
    char *page = alloc_slice(place, at == NULL ? strlen(place) : (size_t)(at - place));
    const char *app = at == NULL ? "app" : at + 1;
    json_t *fields = json_object();
    const char *other;
    json_t *bot;

    checker_want(checker, page, THING_PAGE);
    if (at != NULL)
        checker_want(checker, app, THING_APP);
    json_object_foreach(checker->bots, other, bot)
    {
        if (strcmp(json_string_value(json_object_get(bot, "app")), app) == 0)
            complaints_add(
                checker->complaints, step->file, step->line,
                "`%s` is the subscriber of this app already, expected PAGE@APP with another app",
                other);
    }
    for (size_t i = 2; i < step->word_count; i++)
        json_object_set_new(fields, step->words[i].text, json_true());
    checker_declare(checker, step->words[0].text, THING_BOT);
    json_object_set_new(checker->bots, step->words[0].text,
                        json_pack("{s:o, s:s}", "fields", fields, "app", app));
    free(page);
}
