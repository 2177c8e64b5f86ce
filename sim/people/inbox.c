#include "people/inbox.h"

#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "people/act_family.h"
#include "world/page_extra.h"

/* Page texts in which the automations are kept. */
#define INSTANT_KEY "people.instant_reply"
#define AWAY_KEY "people.away_message"
#define AWAY_HOURS_KEY "people.away_hours"
#define QUESTION_PREFIX "people.question."
#define COMMENT_KEY "people.comment_reply"

static uint64_t
say(struct act *act, struct str text, struct str reply_to_mid, uint32_t flags)
{
    struct buf members = {0}, json = {0};

    jw_kv_str(&members, "text", text);
    if (reply_to_mid.s != NULL) {
        jw_key(&members, "reply_to");
        jw_open(&members, '{');
        jw_kv_str(&members, "mid", reply_to_mid);
        jw_close(&members, '}');
    }
    buf_char(&json, '{');
    buf_str(&json, buf_view(&members));
    buf_char(&json, '}');
    uint64_t number =
        world_add_message(act->world, act->thread, INDEX_NONE,
                          MESSAGE_FROM_PAGE | MESSAGE_FROM_INBOX | flags, buf_view(&json));
    event_echo(act->world, act->thread, number, buf_view(&members), STR_NONE, OWNER_INBOX);
    buf_fini(&members);
    buf_fini(&json);
    return number;
}

uint64_t
inbox_say(struct act *act, struct str text, struct str reply_to_mid)
{
    return say(act, text, reply_to_mid, 0);
}

void
inbox_take(struct act *act)
{
    uint32_t owner = thread_owner(act->world, act->thread);

    /* From the questions of a lead ad the inbox can always take it [documented]. */
    if (owner == OWNER_INBOX || (act->page->default_app == INDEX_NONE && owner != OWNER_LEADS))
        return;
    struct thread_extra *extra = thread_extra(act->thread);
    extra->owner = OWNER_INBOX;
    extra->owner_until = MS_NEVER;
    event_take_control(act->world, act->thread, owner, OWNER_INBOX, STR_NONE, INDEX_NONE);
}

/* ---- automations ------------------------------------------------------------------------------------------------------------------------- */

/* "hh:mm" in minutes of the day, up to 24:00; -1 when it is not that. */
static int
read_minutes(const char *text)
{
    for (unsigned i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return -1;
    int minutes =
        ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
    return text[3] < '6' && minutes <= 24 * 60 ? minutes : -1;
}

/* "09:00-18:00"; false when it is not that. */
static bool
read_hours(const char *text, int *from, int *until)
{
    if (text == NULL || strlen(text) != 11 || text[5] != '-')
        return false;
    *from = read_minutes(text);
    *until = read_minutes(text + 6);
    return *from >= 0 && *until >= 0;
}

static bool
is_away(const struct act *act)
{
    int from, until;
    struct civil now = civil_of(act->world->now);
    int minute = now.hour * 60 + now.minute;

    if (!read_hours(page_text(act->page, AWAY_HOURS_KEY), &from, &until))
        return true;
    return from <= until ? minute < from || minute >= until : minute < from && minute >= until;
}

/* Byte-wise, ASCII letters in either case: enough for words that a page sets itself. */
static bool
contains(struct str text, struct str word)
{
    for (size_t i = 0; word.n > 0 && i + word.n <= text.n; i++)
        if (str_eq_nocase((struct str){text.s + i, word.n}, word))
            return true;
    return false;
}

static const char *
answer_to_question(const struct act *act)
{
    struct str text = act_text(act, AF_TEXT);
    const char *key;

    for (unsigned n = 0;
         text.s != NULL && (key = page_text_key(act->page, QUESTION_PREFIX, n)) != NULL; n++)
        if (contains(text, str_of(key + strlen(QUESTION_PREFIX))))
            return page_text(act->page, key);
    return NULL;
}

/* One answer at most: to a question, else because nobody is there, else because it is the first message. */
static const char *
choose_answer(const struct act *act)
{
    const char *answer = answer_to_question(act);

    if (answer == NULL && is_away(act))
        answer = page_text(act->page, AWAY_KEY);
    if (answer == NULL && (act->thread->flags & THREAD_STARTED) == 0)
        answer = page_text(act->page, INSTANT_KEY);
    return answer;
}

void
inbox_answer(struct act *act)
{
    const char *answer = act->page->extra != NULL ? choose_answer(act) : NULL;
    struct message *asked = world_message(act->world, act->thread->newest);

    if (asked != NULL && act->page->extra != NULL && page_text(act->page, AWAY_KEY) != NULL &&
        is_away(act))
        asked->flags |= MESSAGE_WHILE_AWAY;
    if (answer != NULL)
        say(act, str_of(answer), STR_NONE, MESSAGE_AUTOMATIC);
}

void
inbox_answer_comment(struct act *act, struct node *comment)
{
    const char *answer = page_text(act->page, COMMENT_KEY);

    if (answer == NULL ||
        (act->thread->flags & (THREAD_BLOCKED | THREAD_MESSAGES_OFF | THREAD_BANNED)) != 0)
        return;
    say(act, str_of(answer), STR_NONE, MESSAGE_AUTOMATIC);
    comment->is_spent = true; /* one private reply for each comment, whoever writes it */
}

/* ---- setting them -------------------------------------------------------------------------------------------------------------------------- */

static int
set_answer(struct act *act, const char *key)
{
    bool is_on = !act_has(act, AF_ON) || act_number(act, AF_ON) != 0;

    if (is_on && !act_has(act, AF_TEXT))
        return act_refuse(act, "/text: missing, expected what the inbox answers (or on: false)");
    page_set_text(act->page, key, is_on ? act_text(act, AF_TEXT) : STR_NONE);
    return 0;
}

int
act_instant_reply(struct act *act)
{
    return set_answer(act, INSTANT_KEY);
}

int
act_comment_reply(struct act *act)
{
    return set_answer(act, COMMENT_KEY);
}

int
act_away_message(struct act *act)
{
    int from, until;

    if (act_has(act, AF_HOURS)) {
        struct buf hours = {0};

        buf_str(&hours, act_text(act, AF_HOURS));
        bool is_good = read_hours(hours.s, &from, &until);
        buf_fini(&hours);
        if (!is_good)
            return act_refuse(act, "/hours: expected the office hours as hh:mm-hh:mm");
    }
    if (set_answer(act, AWAY_KEY) < 0)
        return -1;
    if (act_has(act, AF_HOURS))
        page_set_text(act->page, AWAY_HOURS_KEY, act_text(act, AF_HOURS));
    return 0;
}

int
act_frequent_question(struct act *act)
{
    struct buf key = {0};

    buf_adds(&key, QUESTION_PREFIX);
    buf_str(&key, act_text(act, AF_KEYWORD));
    int result = set_answer(act, key.s);
    buf_fini(&key);
    return result;
}
