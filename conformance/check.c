#include "conformance/check.h"

#include "conformance/alloc.h"
#include "conformance/checker.h"
#include "conformance/words.h"

static check_function *const checks[VERB_COUNT] = {
    [VERB_SCENARIO] = check_scenario,
    [VERB_COVERS] = NULL,
    [VERB_NEEDS] = check_needs,
    [VERB_KNOWN] = NULL,
    [VERB_INCLUDE] = NULL,
    [VERB_ROWS] = check_columns,
    [VERB_SET] = check_set,
    [VERB_CLOCK] = check_clock,
    [VERB_WORLD] = check_world,
    [VERB_APP] = check_declared,
    [VERB_PAGE] = check_declared,
    [VERB_USER] = check_declared,
    [VERB_TOKEN] = check_declared,
    [VERB_BOT] = check_bot,
    [VERB_SAY] = check_act,
    [VERB_ACT] = check_act,
    [VERB_MADE] = check_act_answer,
    [VERB_REFUSED] = check_act_answer,
    [VERB_WITH] = check_with,
    [VERB_CALL] = check_call,
    [VERB_CALL_RAW] = check_call,
    [VERB_SEND] = check_send,
    [VERB_REPEAT] = check_block,
    [VERB_PARALLEL] = check_block,
    [VERB_END] = check_block,
    [VERB_REPLIES] = check_replies,
    [VERB_EXPECT] = check_expect,
    [VERB_EXPECT_RULE] = check_expect_rule,
    [VERB_HEADER] = check_header,
    [VERB_GET] = check_get,
    [VERB_HOOK] = check_hook,
    [VERB_HOOK_NEXT] = check_hook,
    [VERB_HOOK_ANY] = check_hook_any,
    [VERB_HOOK_BODY] = check_hook,
    [VERB_NEVER] = check_hook,
    [VERB_QUIET] = check_quiet,
    [VERB_ANSWER] = check_answer,
    [VERB_SETTLE] = NULL,
    [VERB_FAULT] = check_fault,
    [VERB_FINDING] = check_plain,
    [VERB_NO_FINDING] = check_plain,
    [VERB_VIOLATION] = check_violation,
    [VERB_CLEAN] = NULL,
    [VERB_WAIT] = NULL,
    [VERB_CLIENT_SENDS] = check_plain,
    [VERB_CLIENT_CALLS] = check_client_calls,
    [VERB_CLIENT_SILENT] = NULL,
};

/* Declarations come first; a `clock` that only says where the world begins is one of them. */
static void
check_order(struct checker *checker, const struct step *step)
{
    enum verb_phase phase = verb_table[step->verb].phase;

    if (step->verb == VERB_CLOCK && !checker->has_played) {
        char *text = NULL;
        if (scope_expand_text(&checker->scopes[0], step->words[0].text, NULL, &text) == FOUND &&
            word_is_clock_start(text))
            phase = PHASE_STAGE;
        free(text);
    }
    if (phase == PHASE_PLAY)
        checker->has_played = true;
    else if (checker->has_played && step->verb != VERB_SET)
        checker_complain(checker, "too late for", verb_table[step->verb].name,
                         "it before the first step in which something happens");
    if (checker->block != NULL && step->verb != VERB_CALL && step->verb != VERB_SEND &&
        step->verb != VERB_CALL_RAW && step->verb != VERB_END)
        checker_complain(checker, "in a block", step->source, "only `send` and `call` up to `end`");
}

static void
checker_init(struct checker *checker, const struct script *script, struct complaints *complaints)
{
    *checker = (struct checker){.script = script,
                                .complaints = complaints,
                                .things = json_object(),
                                .bots = json_object(),
                                .used = json_object()};
    checker->scope_count = script->row_count > 0 ? script->row_count : 1;
    checker->scopes = alloc_zero(checker->scope_count, sizeof *checker->scopes);
    for (size_t i = 0; i < checker->scope_count; i++) {
        scope_init(&checker->scopes[i]);
        scope_bind_new(&checker->scopes[i], "api", json_string("v19.0"));
        for (size_t j = 0; i < script->row_count && j < script->rows_step->word_count; j++)
            check_bind_cell(&checker->scopes[i], script, i, j);
    }
    json_object_set_new(checker->things, "app", json_integer(THING_APP));
    json_object_set_new(checker->things, "api", json_integer(THING_VALUE));
}

static void
declare_columns(struct checker *checker)
{
    const struct step *table = checker->script->rows_step;

    checker->step = table;
    for (size_t i = 0; table != NULL && i < table->word_count; i++)
        checker_declare(checker, table->words[i].text, THING_COLUMN);
}

static void
check_columns_used(struct checker *checker)
{
    const struct step *table = checker->script->rows_step;

    checker->step = table;
    for (size_t i = 0; table != NULL && i < table->word_count; i++)
        if (json_object_get(checker->used, table->words[i].text) == NULL)
            checker_complain(checker, "a column that no step uses", table->words[i].text,
                             "${name} somewhere");
}

void
check_bind_cell(struct scope *scope, const struct script *script, size_t row, size_t column)
{
    const char *name = script->rows_step->words[column].text;
    const struct word *cell = &script->rows[row].words[column];

    if (!cell->is_quoted && strcmp(cell->text, "-") == 0)
        scope_bind_absent(scope, name);
    else
        scope_bind_new(scope, name, scope_value_of_word_new(cell->text, cell->is_quoted));
}

void
check_script(const struct script *script, struct complaints *complaints)
{
    struct checker checker;
    size_t before = complaints->count;

    checker_init(&checker, script, complaints);
    declare_columns(&checker);
    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        checker.step = step;
        check_order(&checker, step);
        if (checks[step->verb] != NULL)
            checks[step->verb](&checker, step);
    }
    check_columns_used(&checker);
    if (checker.block != NULL)
        complaints_add(complaints, checker.block->file, checker.block->line,
                       "a block without an end, expected `end`");
    if (!checker.has_title && complaints->count == before)
        complaints_add(complaints, script->path, 1, "no title, expected scenario \"TITLE\" first");

    for (size_t i = 0; i < checker.scope_count; i++)
        scope_fini(&checker.scopes[i]);
    free(checker.scopes);
    json_decref(checker.things);
    json_decref(checker.bots);
    json_decref(checker.used);
}
