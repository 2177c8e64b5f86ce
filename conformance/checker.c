#include "conformance/checker.h"

#include "conformance/alloc.h"
#include "conformance/pattern.h"
#include "conformance/words.h"

void
checker_complain(const struct checker *checker, const char *what, const char *word,
                 const char *expected)
{
    complaints_add(checker->complaints, checker->step->file, checker->step->line,
                   "%s `%s`, expected %s", what, word, expected);
}

/* ---- names ---- */

static const char *const thing_names[] = {"nothing", "a page", "a user",  "an app",
                                          "a token", "a bot",  "a value", "a column"};

enum thing
checker_thing(const struct checker *checker, const char *name)
{
    return (enum thing)json_integer_value(json_object_get(checker->things, name));
}

void
checker_declare(struct checker *checker, const char *name, enum thing thing)
{
    enum thing old = checker_thing(checker, name);
    bool is_first_app = thing == THING_APP && strcmp(name, "app") == 0 && old == THING_APP;

    if (!word_is_name(name) || word_is_reserved(name))
        checker_complain(checker, "bad name", name,
                         "lower case letters, digits and _, and no word of the language");
    else if (old != THING_NONE && !is_first_app)
        complaints_add(checker->complaints, checker->step->file, checker->step->line,
                       "`%s` is %s already, expected another name", name, thing_names[old]);
    else
        json_object_set_new(checker->things, name, json_integer(thing));
}

bool
checker_want(const struct checker *checker, const char *name, enum thing thing)
{
    if (checker_thing(checker, name) == thing)
        return true;
    enum thing is = checker_thing(checker, name);
    complaints_add(checker->complaints, checker->step->file, checker->step->line,
                   "`%s` is %s here, expected %s declared above", name, thing_names[is],
                   thing_names[thing]);
    return false;
}

bool
checker_texts(const struct checker *checker, const struct word *word, bool (*test)(const char *),
              const char *what, const char *expected)
{
    for (size_t i = 0; i < checker->scope_count; i++) {
        char *text = NULL;
        enum found found = scope_expand_text(&checker->scopes[i], word->text, NULL, &text);
        bool is_good = found != FOUND || test(text);
        int line = checker->step->line;

        if (!is_good && strstr(word->text, "${") != NULL && checker->script->row_count > i)
            line = checker->script->rows[i].line;
        if (!is_good)
            complaints_add(checker->complaints,
                           line == checker->step->line ? checker->step->file
                                                       : checker->script->path,
                           line, "%s `%s`, expected %s", what, text, expected);
        free(text);
        if (!is_good)
            return false;
    }
    return true;
}

/* ---- variables ---- */

static bool
field_exists(enum thing thing, const char *field)
{
    static const char *const fields[][8] = {
        [THING_PAGE] = {"id", "access_token", "name", "username", NULL},
        [THING_USER] = {"psid", "name", "first_name", "last_name", "locale", "asid", "page_id",
                        NULL},
        [THING_APP] = {"id", "secret", "verify_token", "access_token", NULL},
        [THING_TOKEN] = {"access_token", NULL},
        [THING_COLUMN] = {NULL},
    };

    for (size_t i = 0; fields[thing][i] != NULL; i++)
        if (strcmp(fields[thing][i], field) == 0)
            return true;
    return false;
}

/* References of one text. `binds` is where `${x:type}` goes, NULL where nothing can be bound. */
static void
check_references(struct checker *checker, const char *text, json_t *binds)
{
    struct reference reference;

    for (; reference_next(text, &reference); text = reference.end) {
        char *shown = alloc_slice(reference.start, (size_t)(reference.end - reference.start));
        enum thing thing = checker_thing(checker, reference.name);

        if (reference.is_escape) {
            /* stands for itself */
        } else if (reference.is_broken) {
            checker_complain(checker, "broken variable in", text,
                             "${name}, ${name.field} or ${name:type}");
        } else if (reference.type[0] != '\0' && binds == NULL) {
            checker_complain(checker, "nothing can be bound by", shown, "${name} without a type");
        } else if (reference.type[0] != '\0') {
            if (thing != THING_NONE && thing != THING_VALUE)
                complaints_add(checker->complaints, checker->step->file, checker->step->line,
                               "`%s` is %s already, expected another name", reference.name,
                               thing_names[thing]);
            json_object_set_new(binds, reference.name, json_true());
        } else if (thing == THING_NONE || thing == THING_BOT) {
            if (binds == NULL || json_object_get(binds, reference.name) == NULL)
                checker_complain(checker, "unknown variable", shown, "a name that is bound above");
        } else if (reference.field[0] != '\0' && !field_exists(thing, reference.field)) {
            checker_complain(checker, "unknown field in", shown, "one listed in docs/scenarios.md");
        } else {
            json_object_set_new(checker->used, reference.name, json_true());
        }
        free(shown);
    }
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
static void
check_json_references(struct checker *checker, json_t *json, json_t *binds)
{
    const char *key;
    json_t *member;

    if (json_is_string(json))
        check_references(checker, json_string_value(json), binds);
    json_object_foreach(json, key, member)
    {
        check_json_references(checker, member, binds);
    }
    for (size_t i = 0; i < json_array_size(json); i++)
        check_json_references(checker, json_array_get(json, i), binds);
}
/* NOLINTEND(misc-no-recursion) */

/* A pattern: well formed, and what it binds is known from the next step on. */
void
checker_pattern(struct checker *checker, json_t *pattern)
{
    if (pattern == NULL)
        return;
    char *wrong = pattern_check(pattern);
    if (wrong != NULL)
        complaints_add(checker->complaints, checker->step->file, checker->step->line, "%s", wrong);
    free(wrong);

    json_t *binds = json_object();
    const char *name;
    json_t *unused;
    check_json_references(checker, pattern, binds);
    json_object_foreach(binds, name, unused)
    {
        if (checker_thing(checker, name) == THING_NONE)
            json_object_set_new(checker->things, name, json_integer(THING_VALUE));
    }
    json_decref(binds);
}

void
checker_value(struct checker *checker, json_t *json)
{
    if (json != NULL)
        check_json_references(checker, json, NULL);
}

void
checker_text(struct checker *checker, const char *text)
{
    check_references(checker, text, NULL);
}
