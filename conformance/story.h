/* One scenario as it happens: its world, what is bound, what was answered, what arrived.
 * For story*.c and verb_*.c; everybody else needs only story_tell(). A story belongs to one thread. */
#ifndef CONFORMANCE_STORY_H
#define CONFORMANCE_STORY_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "conformance/check.h"
#include "conformance/client.h"
#include "conformance/control.h"
#include "conformance/hub.h"
#include "conformance/moment.h"
#include "conformance/pattern.h"
#include "conformance/scope.h"
#include "conformance/script.h"
#include "conformance/stream.h"

/* What all stories of a run have in common; nobody changes it while they run. */
struct plan {
    const char *base;        /* of the server */
    const char *admin_token; /* NULL: none */
    const char *api;         /* v19.0 */
    const char *as_of;       /* NULL: the world's own date */
    long seed;
    bool
        is_seed_shared; /* every world has the seed as it is, because a client outside knows the credentials */
    const struct client_plan *client; /* NULL: the scripted bot */
    struct check_tables tables;
    struct hub *hub;
};

enum verdict_kind {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_SKIP,
    VERDICT_ERROR,
    VERDICT_KNOWN,
    VERDICT_FIXED
};

/* Why a scenario did not pass. Texts are owned or NULL. */
struct failure {
    const char *file; /* borrowed from the script */
    int line;
    char *step;
    char *message;
    char *rule_id; /* the rule it is about */
    char *at, *expected, *actual, *rule;
    long journal_line; /* 0: none */
    bool is_violation;
};

/* What came out. */
struct outcome {
    enum verdict_kind verdict;
    struct failure failure; /* empty when it passed */
    char *reason;           /* of a skip or a known failure */
    char *world;            /* name of its world; NULL when none was made */
    ms_t duration_ms;       /* virtual */
    size_t steps;
    json_t *reached; /* rule id -> true, those in `covers` */
    json_t *places;  /* [[seq, line], ...] */
    json_t *pages;   /* how they stood at the end (standing.h); NULL: nobody asked */
    struct stream stream;
};

/* Plays a script, or one row of it (row < 0: it has no table). Never fails: trouble is a verdict. */
void story_tell(const struct plan *plan, const struct script *script, long row,
                struct outcome *outcome);

void outcome_fini(struct outcome *outcome);

/* ---- for the verbs ---- */

enum step_result {
    STEP_DONE,
    STEP_LEFT_OUT, /* a word of it is an absent cell */
    STEP_FAILED,   /* the story's failure is filled in */
    STEP_TROUBLE   /* the harness or its surroundings; the failure's message says what */
};

struct story_name {
    char *name;
    json_t *spec; /* what the step asked for */
};

/* One event that a bot got. */
struct story_event {
    const char *field; /* borrowed from the record */
    json_t *event;     /* borrowed from the record */
    size_t record;     /* index in the stream */
    size_t arrival;    /* number of the post at the hub */
};

struct story_never {
    char *field;
    const struct step *step;
    size_t from; /* events before it do not count */
};

struct story_bot {
    char *name, *page, *app, *url_path;
    json_t *fields;
    struct hub_bot *hub; /* NULL with a client under test */
    struct story_event *events;
    size_t event_count;
    size_t arrival_count; /* posts seen in the journal */
    size_t cursor;        /* events before it are matched or passed over */
    size_t last;          /* index of the event matched last, for `header` */
    struct story_never *nevers;
    size_t never_count;
};

struct story {
    const struct plan *plan;
    const struct script *script;
    long row;
    struct control control;
    struct scope scope;
    struct outcome *outcome;
    const struct step *step;

    struct story_name *apps, *pages, *users, *tokens;
    size_t app_count, page_count, user_count, token_count;
    json_t *world_spec; /* members of `world` */
    json_t *user_pages; /* user -> name of the page */
    struct story_bot *bots;
    size_t bot_count;

    const struct step **later_sets; /* constants that wait for the world's ids */
    size_t later_set_count;

    bool is_made; /* the world exists */
    ms_t start, now;
    char mode[16];             /* frozen, wall, x60 */
    size_t records_considered; /* see quiet.h */
    size_t records_read;       /* of the stream, that bots and client have been told of */

    struct wire_reply reply;      /* to the last call, act or get */
    struct wire_request with;     /* headers for the next call */
    const struct step *act_step;  /* an act that was refused and nobody has asked about yet */
    size_t mark;                  /* records from here on belong to the last call and after */
    long call_record;             /* index of the last call's record, -1: none */
    struct story_bot *header_bot; /* `header` is about its last event; NULL: about the reply */

    struct wire_reply *replies; /* of the last block */
    size_t reply_count;

    struct client client;
    bool has_client, is_for_client; /* `needs client` */
    size_t client_cursor;           /* records before it are matched or passed over */
    json_t *unbound;                /* names that a step left out would have bound */
    json_t *named_violations;       /* rules that `violation` or `finding` steps name */
    json_t *met_rules;              /* rules that decided calls which belong to no world */
    bool expects_forgery;
};

typedef enum step_result verb_function(struct story *story, const struct step *step);

/* story_world.c */
verb_function verb_set, verb_world, verb_app, verb_page, verb_user, verb_token, verb_bot,
    verb_clock;
/* Makes the world if there is none yet. */
enum step_result story_make_world(struct story *story);
/* verb_act.c */
verb_function verb_say, verb_act, verb_made, verb_refused, verb_settle, verb_fault, verb_get;
/* verb_call.c */
verb_function verb_with, verb_call, verb_send, verb_replies, verb_expect, verb_expect_rule,
    verb_header;
/* Plays the steps between a block's first line and its `end`. */
enum step_result story_block(struct story *story, const struct step *block, const struct step *end);
/* verb_hook.c */
verb_function verb_hook, verb_hook_next, verb_hook_any, verb_hook_body, verb_never, verb_quiet,
    verb_answer;
/* Judges the standing prohibitions of a bot and forgets them. */
enum step_result story_end_nevers(struct story *story, struct story_bot *bot);
/* Tells the bots of new records. */
void story_hand_out(struct story *story);
/* verb_judge.c */
verb_function verb_finding, verb_no_finding, verb_violation, verb_clean, verb_client_sends,
    verb_client_calls, verb_client_silent, verb_wait;

/* Puts variables into a word. STEP_DONE: `*text` is new. */
enum step_result story_word(struct story *story, const struct word *word, char **text);

/* Puts variables into a JSON value. */
enum step_result story_json(struct story *story, const json_t *from, json_t **to);

/* Reads what is new in the journal and hands it out. */
enum step_result story_read_journal(struct story *story);

/* After a step that acts: settle, wait for the client, read the journal. */
enum step_result story_settle(struct story *story);

/* Fails the step; all texts are new and become the story's; NULL where there is nothing to say. */
enum step_result story_fail(struct story *story, char *message, char *expected, char *actual);

/* The same for a pattern; takes what the mismatch owns. */
enum step_result story_fail_pattern(struct story *story, struct mismatch *mismatch);

/* Trouble of the harness's own; takes the message. */
enum step_result story_trouble(struct story *story, char *message);

#endif
