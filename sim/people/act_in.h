/* act_in.h - for the families act_*.c: one act on its way, with its fields read and its person found. A handler checks first and changes afterwards: once it has
 * changed anything it no longer refuses. */
#ifndef UNDERSTUDY_PEOPLE_ACT_IN_H
#define UNDERSTUDY_PEOPLE_ACT_IN_H

#include <jansson.h>

#include "graph/event.h"
#include "world/world.h"

enum act_field {
#define ACT_FIELD(symbol, ...) AF_##symbol,
#include "people/act_fields.def"
#undef ACT_FIELD
    AF_COUNT
};

enum act_id {
#define ACT(symbol, ...) ACT_##symbol,
#include "people/acts.def"
#undef ACT
    ACT_COUNT
};

/* Who does it. */
enum act_by { BY_PERSON, BY_STAFF, BY_PLATFORM };
/* What the person must be able to do: REACHABLE neither blocked the page nor is banned nor gone; HERE not gone; ANY whatever; NOBODY the act needs no person. */
enum act_state { NEEDS_REACHABLE, NEEDS_HERE, NEEDS_ANY, NEEDS_NOBODY };

struct act;
typedef int act_fn(struct act *act); /* 0, or -1 by act_refuse */

struct act_row {
    const char *name;
    act_fn *play;
    uint64_t required, optional; /* bits of act_field */
    struct span span;            /* policy dates at which it can happen */
    const char *cite;
    const char *summary;
    enum act_by by;
    enum act_state state;
    enum fidelity fidelity;
    bool opens_window; /* opens or refreshes the standard window (send.md 3, webhooks.md 3.3) */
};
extern const struct act_row act_rows[ACT_COUNT];

struct act_value {
    struct str text;    /* TEXT, ID */
    double number;      /* NUMBER, FLAG */
    const json_t *json; /* OBJECT, LIST, ANY; borrowed */
};

struct act {
    struct world *world;
    const struct act_row *row;
    struct page *page;
    uint32_t page_index;
    struct thread *thread;             /* NULL only when the row needs nobody */
    uint64_t given;                    /* bits of act_field */
    struct act_value values[AF_COUNT]; /* only those given hold anything */
    bool opens;                        /* from the row; a handler may take it back */
    struct buf made;                   /* members of what the act made */
    char numbers[8][UINT64_SIZE];      /* texts of ids that came as numbers */
    unsigned number_count;
    char *problem;
    size_t problem_size;
};

/* Plays an act whose fields are set: checks state and date, runs the handler, opens the window, writes the journal record. input: the spec as JSON for the journal.
 * 0 or -1. act->made is the caller's to give back (buf_fini) in both cases. */
int act_play(struct act *act, struct str input);

static inline bool
act_has(const struct act *act, enum act_field field)
{
    return (act->given >> (unsigned)field & 1) != 0;
}

/* STR_NONE, 0, NULL when it was not given. */
static inline struct str
act_text(const struct act *act, enum act_field field)
{
    return act_has(act, field) ? act->values[field].text : STR_NONE;
}

static inline const json_t *
act_json(const struct act *act, enum act_field field)
{
    return act_has(act, field) ? act->values[field].json : NULL;
}

static inline double
act_number(const struct act *act, enum act_field field)
{
    return act_has(act, field) ? act->values[field].number : 0;
}

/* Sets a field, for players that have no JSON (the generator). The text is borrowed until the act is over. */
void act_set_text(struct act *act, enum act_field field, struct str text);

/* Says why not; always -1. */
int act_refuse(struct act *act, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- what families share (act_tools.c) ------------------------------------------------------------------------------------------- */

/* The same value for the library's iterators, which change nothing but know no const. */
json_t *json_to_iterate(const json_t *value);
/* The text of a JSON string, STR_NONE for anything else. */
struct str json_str(const json_t *value);
/* The member as text, STR_NONE when it is none. */
struct str json_member(const json_t *object, const char *key);
/* Appends a jansson value as the platform would write it. */
void put_json(struct buf *out, const json_t *value, unsigned flags);

/* Writes made members. */
void made_mid(struct act *act, uint64_t number);

/* The message that `mid` names (or, when it was not given, `otherwise`): 0 with *number and *message, or -1 (refused). */
int act_find_message(struct act *act, enum act_field field, const char *otherwise, uint64_t *number,
                     struct message **message);
int act_find_mid(struct act *act, struct str mid, uint64_t *number, struct message **message);

/* How many messages of a thread a person would scroll back. */
#define LOOK_BACK_MAX 50

/* The newest message of the page in the thread for which fits() returns something; NULL, or the message, its JSON as a new reference and what was found. */
typedef const json_t *fits_fn(const struct act *act, const json_t *message);
struct message *act_newest_fitting(struct act *act, fits_fn *fits, json_t **message_json,
                                   const json_t **found);
/* The template payload of a message when it is of that type. */
const json_t *message_template(const json_t *message, const char *type);

/* Stores a message of the person ({members}) and queues its event, with what the person brought along (arrival.h). Writes mid and timestamp to made. */
void act_say(struct act *act, struct buf *members, const struct event_message_extra *extra);

/* Reads an instant or a duration from now; false when the text is neither. */
bool act_until(const struct act *act, enum act_field field, ms_t *until);

/* How the person came to a thread in which nothing has happened yet: an ad click or a link, told with the first message or the first tap. */
void arrival_set(struct act *act, struct str referral_json, bool is_ad);
/* Takes it: true and the JSON appended to out. */
bool arrival_take(struct act *act, struct buf *out, bool *is_ad);
/* The user_ref that a page has written to and that this person is: told once with the first message. */
void arrival_set_user_ref(struct act *act, const struct node *user_ref);
bool arrival_take_user_ref(struct act *act, struct buf *out);

/* A referral as the webhook shows it. Nothing given: only source and type. */
void put_referral(struct buf *out, const struct act *act, const char *source);

#endif
