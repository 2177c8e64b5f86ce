/* Ids in scripts against the tables of a server. */
#include "conformance/check.h"

#include <stdint.h>

#include "conformance/alloc.h"
#include "conformance/loan.h"

/* Which table a kind of `needs` is about; NULL for kinds that are no table. */
static const json_t *
table_named(const struct check_tables *tables, const char *kind)
{
    return strcmp(kind, "rule") == 0    ? tables->rules
           : strcmp(kind, "act") == 0   ? tables->acts
           : strcmp(kind, "event") == 0 ? tables->events
           : strcmp(kind, "field") == 0 ? tables->fields
                                        : NULL;
}

long
check_api_number(const char *version)
{
    char *end;

    if (version[0] != 'v' || version[1] < '0' || version[1] > '9')
        return -1;
    long major = strtol(version + 1, &end, 10);
    if (*end == '\0')
        return major * 100;
    if (end[0] != '.' || end[1] < '0' || end[1] > '9')
        return -1;
    long minor = strtol(end + 1, &end, 10);
    return *end == '\0' ? major * 100 + minor : -1;
}

static bool
need_is_missing(const struct step *step, const struct check_tables *tables, const char *api,
                bool has_client)
{
    const char *kind = step->words[0].text;

    if (strcmp(kind, "client") == 0)
        return !has_client;
    if (strcmp(kind, "scripted") == 0)
        return has_client;
    if (strcmp(kind, "api") == 0) {
        long wanted = check_api_number(step->words[2].text), given = check_api_number(api);
        return strcmp(step->words[1].text, "<") == 0 ? given >= wanted : given < wanted;
    }
    const json_t *table = table_named(tables, kind);
    return table != NULL && json_object_get(table, step->words[1].text) == NULL;
}

bool
check_needs_missing(const struct script *script, const struct check_tables *tables, const char *api,
                    bool has_client, char **missing)
{
    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        if (step->verb != VERB_NEEDS || !need_is_missing(step, tables, api, has_client))
            continue;
        *missing = alloc_text(step->source);
        return true;
    }
    return false;
}

/* ---- ids ---- */

static const char *
nearest_key(const json_t *table, const char *word)
{
    size_t count = json_object_size(table), used = 0;
    const char **names = alloc_zero(count, sizeof *names);
    const char *key;
    json_t *row;

    json_object_foreach(loan(table), key, row)
    {
        names[used++] = key;
    }
    const char *nearest = verb_nearest(word, names, used);
    free(names);
    return nearest;
}

static void
want_row(const char *file, int line, const char *what, const json_t *table, const char *id,
         struct complaints *complaints)
{
    if (table == NULL || json_object_get(table, id) != NULL)
        return;
    const char *nearest = nearest_key(table, id);
    if (nearest != NULL)
        complaints_add(complaints, file, line, "unknown %s `%s`, did you mean `%s`?", what, id,
                       nearest);
    else
        complaints_add(complaints, file, line,
                       "unknown %s `%s`, expected one that the server knows", what, id);
}

/* A word that is a column stands for all its cells. */
static void
want_word(const struct script *script, const struct step *step, const struct word *word,
          const char *what, const json_t *table, struct complaints *complaints)
{
    struct reference reference;

    if (strstr(word->text, "${") == NULL) {
        want_row(step->file, step->line, what, table, word->text, complaints);
        return;
    }
    if (!reference_whole(word->text, &reference) || script->rows_step == NULL)
        return;
    for (size_t i = 0; i < script->rows_step->word_count; i++) {
        if (strcmp(script->rows_step->words[i].text, reference.name) != 0)
            continue;
        for (size_t j = 0; j < script->row_count; j++) {
            const struct word *cell = &script->rows[j].words[i];
            if (strcmp(cell->text, "-") != 0 && strcmp(cell->text, "none") != 0)
                want_row(script->path, script->rows[j].line, what, table, cell->text, complaints);
        }
    }
}

/* Members of an act that the act does not have. */
static void
check_act_fields(const struct step *step, const char *name, const json_t *row,
                 struct complaints *complaints)
{
    const json_t *fields = json_object_get(row, "fields");
    const char *key;
    json_t *member;

    json_object_foreach(step->json, key, member)
    {
        bool is_known =
            strcmp(key, "user") == 0 || strcmp(key, "page") == 0 || !json_is_array(fields);
        for (size_t i = 0; !is_known && i < json_array_size(fields); i++) {
            const json_t *field = json_array_get(fields, i);
            const char *known = json_is_string(field)
                                    ? json_string_value(field)
                                    : json_string_value(json_object_get(field, "name"));
            is_known = known != NULL && strcmp(known, key) == 0;
        }
        if (!is_known)
            complaints_add(complaints, step->file, step->line,
                           "the act `%s` has no field `%s`, see GET /_sim/acts", name, key);
    }
}

/* Which words of which verbs are ids. */
static const struct mention {
    enum verb verb;
    size_t first, last;
    const char *kind; /* as in `needs` */
    const char *what;
} mentions[] = {
    {VERB_COVERS, 0, SIZE_MAX, "rule", "rule"},
    {VERB_EXPECT_RULE, 0, 0, "rule", "rule"},
    {VERB_FINDING, 0, 0, "rule", "rule"},
    {VERB_NO_FINDING, 0, 0, "rule", "rule"},
    {VERB_VIOLATION, 0, 0, "rule", "rule"},
    {VERB_ACT, 0, 0, "act", "act"},
    {VERB_BOT, 2, SIZE_MAX, "field", "webhook field"},
};

static void
check_step(const struct script *script, const struct step *step, const struct check_tables *tables,
           struct complaints *complaints)
{
    for (size_t i = 0; i < sizeof mentions / sizeof *mentions; i++) {
        const struct mention *mention = &mentions[i];
        if (mention->verb != step->verb)
            continue;
        for (size_t j = mention->first; j < step->word_count && j <= mention->last; j++)
            if (strcmp(step->words[j].text, "none") != 0)
                want_word(script, step, &step->words[j], mention->what,
                          table_named(tables, mention->kind), complaints);
    }
    if (step->verb == VERB_ACT || step->verb == VERB_SAY) {
        const char *act = step->verb == VERB_SAY ? "message" : step->words[0].text;
        check_act_fields(step, act, json_object_get(tables->acts, act), complaints);
    }
}

void
check_script_tables(const struct script *script, const struct check_tables *tables,
                    struct complaints *complaints)
{
    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        if (step->verb == VERB_NEEDS && table_named(tables, step->words[0].text) != NULL &&
            need_is_missing(step, tables, "", false))
            return;
    }
    for (size_t i = 0; i < script->step_count; i++)
        check_step(script, &script->steps[i], tables, complaints);
}
