/* What is known of a script up to the step under check, and what all checks have in common.
 * For the files check*.c only; everybody else includes check.h. */
#ifndef CONFORMANCE_CHECKER_H
#define CONFORMANCE_CHECKER_H

#include <stdbool.h>

#include <jansson.h>

#include "conformance/check.h"
#include "conformance/scope.h"

enum thing {
    THING_NONE,
    THING_PAGE,
    THING_USER,
    THING_APP,
    THING_TOKEN,
    THING_BOT,
    THING_VALUE,
    THING_COLUMN
};

struct checker {
    const struct script *script;
    struct complaints *complaints;
    const struct step *step;
    json_t *things;       /* name -> enum thing */
    json_t *bots;         /* name -> {"fields": {...}, "app": name} */
    json_t *used;         /* names that some step uses */
    struct scope *scopes; /* one a row, or a single one: the cells and what `set` says */
    size_t scope_count;
    const struct step *block; /* inside repeat or parallel */
    bool has_title, has_played;
    bool has_call;  /* a call whose reply can be judged */
    bool has_reply; /* that, or the answer to an act or get */
    bool has_block; /* the last calls were those of a block */
    bool has_act, has_hook;
};

/* Complains about a word of the step under check: `WHAT `WORD`, expected EXPECTED`. */
void checker_complain(const struct checker *checker, const char *what, const char *word,
                      const char *expected);

enum thing checker_thing(const struct checker *checker, const char *name);

/* Gives a name its meaning, or complains that it has one or is none. */
void checker_declare(struct checker *checker, const char *name, enum thing thing);

/* True when the name is such a thing; complains otherwise. */
bool checker_want(const struct checker *checker, const char *name, enum thing thing);

/* Asks every text that a word can be, one for each row; a text that depends on what is bound at run time is not asked.
 * Complains about the first that fails, at the line of its row. */
bool checker_texts(const struct checker *checker, const struct word *word,
                   bool (*test)(const char *), const char *what, const char *expected);

/* Checks the variables of a text in which nothing can be bound. */
void checker_text(struct checker *checker, const char *text);

/* Checks the variables of a JSON value in which nothing can be bound; NULL is fine. */
void checker_value(struct checker *checker, json_t *json);

/* Checks a pattern; what it binds is known from then on. NULL is fine. */
void checker_pattern(struct checker *checker, json_t *pattern);

typedef void check_function(struct checker *, const struct step *);

/* check_stage.c */
check_function check_scenario, check_needs, check_columns, check_set, check_world, check_declared,
    check_bot;
/* check_play.c */
check_function check_clock, check_act, check_act_answer, check_with, check_call, check_send,
    check_block, check_replies, check_expect, check_expect_rule, check_header, check_get,
    check_hook, check_hook_any, check_quiet, check_answer, check_fault, check_plain,
    check_violation, check_client_calls;

#endif
