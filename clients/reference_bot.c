/* A well-behaved shop bot, an outside program: the harness must find nothing to blame in it.
 *
 * It acknowledges a webhook at once and works in a thread of its own; drops duplicates; takes events in the order of their
 * timestamps; leaves echoes and standby alone; answers only inside a person's window, which it computes from the times the
 * platform tells; falls silent on an opt-out, while a colleague has the thread and for people who cannot be reached; spends
 * a one-time token once, on what it was asked for; waits longer and longer after a passing error and never repeats a final one. */
#include "shell/inbox.h"
#include "shell/shell.h"
#include "shop/shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long long ms_t;

#define SECOND_MS 1000LL
#define MINUTE_MS (60 * SECOND_MS)
#define DAY_MS (24 * 60 * MINUTE_MS)
#define WINDOW_MS                                                                                  \
    (DAY_MS - MINUTE_MS) /* a minute of caution: our clock is the platform's, seen late */
#define COMMENT_MS (7 * DAY_MS - MINUTE_MS)
#define TOKEN_LIFE_MS (364 * DAY_MS)

#define INBOX_APP_ID "263902037430900" /* the Page inbox, where colleagues answer */

enum { ATTEMPTS_MAX = 5 };

struct person {
    char *psid;
    enum shop_lang lang;
    ms_t last_act;   /* newest act that opens the window, 0 = none */
    ms_t stopped_at; /* newest opt-out, 0 = none */
    ms_t
        human_since; /* a colleague has the thread, 0 = no; it comes back after a day of the person's silence */
    bool unreachable; /* blocked us or left; until they write again */
};

/* Somebody asked to be told once. */
struct wish {
    struct wish *next;
    struct person *person;
    char *token;
    ms_t asked_at;
};

struct outgoing {
    struct outgoing *next;
    const char *edge;      /* of the page: "messages", "pass_thread_control" */
    json_t *body;          /* owned */
    struct person *person; /* NULL for a user_ref or a comment */
    bool in_window;        /* goes out only inside the window */
    bool once;             /* must never go out twice, not even after a lost answer */
    int attempts;
};

struct bot {
    struct shell_env env;
    struct shell_line *line;
    struct inbox *inbox; /* filled by the listener; all else belongs to the worker */
    struct person **people;
    size_t people_count;
    struct wish *wishes;
    struct outgoing *outbox; /* in the order of sending */
    ms_t platform_now, learned_at;
    ms_t hold_until; /* platform time; nothing is sent before */
    ms_t pause_ms, restock_ms;
    const char *handover_app; /* empty: colleagues read the inbox without a hand-over */
};

/* ---- time: the platform's, as far as events and Date headers have told it ---- */

static ms_t
now_ms(const struct bot *bot)
{
    return bot->platform_now + (shell_monotonic_ms() - bot->learned_at);
}

static void
learn_time(struct bot *bot, ms_t at)
{
    if (at >= bot->platform_now) {
        bot->platform_now = at;
        bot->learned_at = shell_monotonic_ms();
    }
}

/* ---- people and what we remember ---- */

static struct person *
person_of(struct bot *bot, const char *psid)
{
    for (size_t i = 0; i < bot->people_count; i++)
        if (strcmp(bot->people[i]->psid, psid) == 0)
            return bot->people[i];

    struct person *person = shell_alloc(sizeof *person);
    *person = (struct person){.psid = shell_copy(psid)};
    bot->people = realloc(bot->people, (bot->people_count + 1) * sizeof(struct person *));
    if (!bot->people)
        abort();
    bot->people[bot->people_count++] = person;
    return person;
}

static void
forget_wishes(struct bot *bot, const struct person *person)
{
    for (struct wish **at = &bot->wishes; *at;) {
        struct wish *wish = *at;
        if (wish->person != person) {
            at = &wish->next;
            continue;
        }
        *at = wish->next;
        free(wish->token);
        free(wish);
    }
}

/* ---- sending ---- */

/* Takes over `body`. */
static struct outgoing *
queue(struct bot *bot, const char *edge, struct person *person, json_t *body)
{
    struct outgoing *out = shell_alloc(sizeof *out), **at = &bot->outbox;

    *out = (struct outgoing){
        .edge = edge, .body = body, .person = person, .in_window = person != NULL};
    while (*at)
        at = &(*at)->next;
    *at = out;
    return out;
}

static json_t *
message_new(const char *type, const char *recipient_key, const char *recipient,
            enum shop_intent intent, enum shop_lang lang)
{
    return json_pack("{s:s, s:{s:s}, s:o}", "messaging_type", type, "recipient", recipient_key,
                     recipient, "message", shop_answer_new(intent, lang));
}

static void
answer(struct bot *bot, struct person *person, enum shop_intent intent)
{
    if (intent == SHOP_ORDER) /* looking it up takes a moment */
        queue(bot, "messages", person,
              json_pack("{s:{s:s}, s:s}", "recipient", "id", person->psid, "sender_action",
                        "typing_on"));
    queue(bot, "messages", person,
          message_new("RESPONSE", "id", person->psid, intent, person->lang));
    if (intent == SHOP_HUMAN) {
        person->human_since = now_ms(bot);
        if (*bot->handover_app)
            queue(bot, "pass_thread_control", person,
                  json_pack("{s:{s:s}, s:s}", "recipient", "id", person->psid, "target_app_id",
                            bot->handover_app));
    }
}

/* What the goods that came back mean for those who asked. The wish is gone before the message leaves. */
static void
grant_due_wishes(struct bot *bot)
{
    for (struct wish **at = &bot->wishes; *at;) {
        struct wish *wish = *at;
        ms_t age = now_ms(bot) - wish->asked_at;
        if (age < bot->restock_ms) {
            at = &wish->next;
            continue;
        }
        if (age < TOKEN_LIFE_MS) {
            struct outgoing *out = queue(bot, "messages", wish->person,
                                         message_new("UPDATE", "one_time_notif_token", wish->token,
                                                     SHOP_RESTOCKED, wish->person->lang));
            out->in_window = false;
            out->once = true;
        }
        *at = wish->next;
        free(wish->token);
        free(wish);
    }
}

static bool
may_send(const struct bot *bot, const struct outgoing *out)
{
    const struct person *person = out->person;

    if (!person)
        return true;
    if (person->stopped_at || person->unreachable)
        return false;
    return !out->in_window || now_ms(bot) - person->last_act < WINDOW_MS;
}

static bool
error_passes(json_int_t code, json_int_t subcode, const json_t *error, long status)
{
    static const json_int_t passing[] = {4, 17, 32, 613, 80006, 1200, 2, -1};

    if (subcode == 2018338) /* a warning for misused tags, no limit */
        return false;
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (code == passing[i])
            return true;
    return json_is_true(json_object_get(error, "is_transient")) || (!error && status >= 500);
}

/* A final error: draw the lesson for this person. */
static void
learn_refusal(struct bot *bot, struct person *person, json_int_t code, json_int_t subcode)
{
    if (!person)
        return;
    if (code == 551 || subcode == 1545041 || subcode == 2018108 || subcode == 2018001)
        person->unreachable = true;
    else if (subcode == 2018278)
        person->last_act = 0;
    else if (subcode == 2018300)
        person->human_since = now_ms(bot);
}

/* Sends the head of the outbox. Returns true when it is done with, one way or the other. */
static bool
send_head(struct bot *bot, struct outgoing *out)
{
    struct shell_reply reply;
    char path[128];

    if (!may_send(bot, out))
        return true;
    snprintf(path, sizeof path, "%s/%s", bot->env.page_id, out->edge);
    bool answered = shell_post(bot->line, path, out->body, &reply) == 0;
    const json_t *error = json_object_get(reply.body, "error");
    json_int_t code = json_integer_value(json_object_get(error, "code"));
    json_int_t subcode = json_integer_value(json_object_get(error, "error_subcode"));
    bool passes = answered ? error_passes(code, subcode, error, reply.status) : !out->once;

    if (reply.date_ms)
        learn_time(bot, reply.date_ms);
    if (error || !answered)
        fprintf(stderr, "%s: status %ld, error %lld/%lld\n", out->edge, reply.status, code,
                subcode);
    if (error && !passes)
        learn_refusal(bot, out->person, code, subcode);
    if (passes)
        bot->hold_until = now_ms(bot) + (bot->pause_ms << out->attempts);
    if (reply.regain_minutes > 0)
        bot->hold_until = now_ms(bot) + reply.regain_minutes * MINUTE_MS;
    shell_reply_free(&reply);
    return !passes || ++out->attempts == ATTEMPTS_MAX;
}

static void
drop_head(struct bot *bot)
{
    struct outgoing *out = bot->outbox;

    bot->outbox = out->next;
    json_decref(out->body);
    free(out);
}

/* ---- events ---- */

/* An act that opens the window. After a day of silence the thread has come back from the colleagues by itself. */
static void
note_act(struct person *person, ms_t at)
{
    ms_t before = person->last_act > person->human_since ? person->last_act : person->human_since;

    if (at - before >= DAY_MS)
        person->human_since = 0;
    if (at > person->last_act)
        person->last_act = at;
}

/* A person said or tapped something: the window opens, and they get an answer if they want one. */
static void
on_words(struct bot *bot, struct person *person, enum shop_intent intent, ms_t at)
{
    note_act(person, at);
    person->unreachable = false;
    if (intent == SHOP_STOP) {
        person->stopped_at = at > person->stopped_at ? at : person->stopped_at;
        forget_wishes(bot, person);
        return;
    }
    if (at - person->stopped_at >= DAY_MS || (intent == SHOP_START && at > person->stopped_at))
        person->stopped_at = 0; /* who comes back with a question wants an answer */
    if (!person->stopped_at && !person->human_since)
        answer(bot, person, intent);
}

/* A message or a postback; what was tapped says more than the words on it. */
static void
on_said(struct bot *bot, struct person *person, const json_t *said, ms_t at)
{
    const json_t *reply = json_object_get(said, "quick_reply");
    enum shop_intent tapped = shop_payload(shell_text(reply ? reply : said, "payload"));
    const char *text = shell_text(said, "text");
    const char *words = *text ? text : shell_text(said, "title");
    enum shop_intent heard = *words ? shop_understand(words, &person->lang) : SHOP_MENU;

    on_words(bot, person, tapped == SHOP_UNCLEAR ? heard : tapped, at);
}

/* An m.me link into the thread is an act of the person; an ad click alone is not, a message follows it. */
static void
on_referral(struct bot *bot, struct person *person, const json_t *referral, ms_t at)
{
    if (strcmp(shell_text(referral, "source"), "SHORTLINK") == 0)
        on_words(bot, person, SHOP_GREET, at);
}

static void
on_reaction(struct bot *bot, struct person *person, const json_t *reaction, ms_t at)
{
    (void)bot;
    if (strcmp(shell_text(reaction, "action"), "react") == 0)
        note_act(person, at);
}

/* The tap on "Notify me" gives a token and opens no window; Send to Messenger opens one; a stop is a stop. */
static void
on_optin(struct bot *bot, struct person *person, const json_t *optin, ms_t at)
{
    const char *type = shell_text(optin, "type");
    const char *status = shell_text(optin, "notification_messages_status");

    if (strcmp(type, "one_time_notif_req") == 0) {
        if (strncmp(shell_text(optin, "payload"), "RESTOCK:", 8) != 0)
            return; /* not a thing that we offered */
        struct wish *wish = shell_alloc(sizeof *wish);
        *wish = (struct wish){bot->wishes, person,
                              shell_copy(shell_text(optin, "one_time_notif_token")), at};
        bot->wishes = wish;
        if (!person->human_since)
            answer(bot, person, SHOP_NOTED);
    } else if (strcmp(status, "STOP NOTIFICATIONS") == 0) {
        person->stopped_at = at;
        forget_wishes(bot, person);
    } else if (strcmp(status, "RESUME NOTIFICATIONS") == 0) {
        person->stopped_at = 0;
    } else if (!*type && json_object_get(optin, "ref")) {
        on_words(bot, person, SHOP_GREET, at);
    }
}

static void
on_thread_control(struct bot *bot, struct person *person, const json_t *control, ms_t at)
{
    const json_t *owner = json_object_get(control, "new_owner_app_id");
    char id[32];

    if (json_is_integer(owner))
        snprintf(id, sizeof id, "%lld", json_integer_value(owner));
    else
        snprintf(id, sizeof id, "%s", shell_text(control, "new_owner_app_id"));
    person->human_since = strcmp(id, bot->env.app_id) == 0 ? 0 : at;
}

/* A comment gets one private reply, within seven days, and opens no window. */
static void
on_comment(struct bot *bot, const json_t *change, ms_t at)
{
    const json_t *value = json_object_get(change, "value");
    const char *id = shell_text(value, "comment_id");
    enum shop_lang lang = SHOP_EN;

    if (strcmp(shell_text(value, "item"), "comment") != 0 ||
        strcmp(shell_text(value, "verb"), "add") != 0 ||
        strcmp(shell_text(json_object_get(value, "from"), "id"), bot->env.page_id) == 0 ||
        now_ms(bot) - at >= COMMENT_MS || inbox_seen_before(bot->inbox, "comment", id, 0))
        return;
    shop_understand(shell_text(value, "message"), &lang);
    queue(bot, "messages", NULL, message_new("RESPONSE", "comment_id", id, SHOP_COMMENTED, lang));
}

static const struct {
    const char *key; /* the event's own object inside the item */
    void (*handle)(struct bot *, struct person *, const json_t *, ms_t at);
} kinds[] = {
    {"message", on_said},
    {"postback", on_said},
    {"referral", on_referral},
    {"reaction", on_reaction},
    {"optin", on_optin},
    {"pass_thread_control", on_thread_control},
    {"take_thread_control", on_thread_control},
};

static void
handle(struct bot *bot, const struct event *event)
{
    const char *psid = shell_text(json_object_get(event->item, "sender"), "id");

    learn_time(bot, event->sent_at);
    learn_time(bot, event->at);
    if (json_object_get(event->item, "field")) {
        on_comment(bot, event->item, event->at);
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const json_t *happened = json_object_get(event->item, kinds[i].key);
        const char *mid = shell_text(happened, "mid");
        if (!happened)
            continue;
        if (json_is_true(json_object_get(happened, "is_echo")))
            return;
        bool has_own_mid =
            *mid && kinds[i].handle != on_reaction; /* a reaction names somebody else's */
        if (inbox_seen_before(bot->inbox, kinds[i].key, has_own_mid ? mid : psid,
                              has_own_mid ? 0 : event->at))
            return;
        const char *user_ref = shell_text(happened, "user_ref");
        if (*psid)
            kinds[i].handle(bot, person_of(bot, psid), happened, event->at);
        else if (*user_ref) /* the checkbox: one message to a person we do not know yet */
            queue(bot, "messages", NULL,
                  message_new("UPDATE", "user_ref", user_ref, SHOP_GREET, SHOP_EN));
        return;
    }
}

/* ---- the listener's thread, and the worker's ---- */

static unsigned
on_webhook(void *closure, const char *bytes, size_t length, bool signed_by_app)
{
    struct bot *bot = closure;

    if (!signed_by_app)
        return 401;
    return inbox_put(bot->inbox, bytes, length) == 0 ? 200 : 400;
}

/* How long the worker may sleep, in real milliseconds. */
static ms_t
idle_ms(const struct bot *bot)
{
    ms_t wait = DAY_MS;

    if (bot->outbox && bot->hold_until - now_ms(bot) < wait)
        wait = bot->hold_until - now_ms(bot);
    for (const struct wish *wish = bot->wishes; wish; wish = wish->next)
        if (wish->asked_at + bot->restock_ms - now_ms(bot) < wait)
            wait = wish->asked_at + bot->restock_ms - now_ms(bot);
    return wait;
}

/* Everything that has come in is understood before anything goes out: a stop overtakes the answers before it. */
static void *
work(void *closure)
{
    struct bot *bot = closure;

    for (;;) {
        struct event *event = inbox_take(bot->inbox, idle_ms(bot));
        if (event) {
            handle(bot, event);
            event_free(event);
            continue;
        }
        grant_due_wishes(bot);
        if (bot->outbox && now_ms(bot) >= bot->hold_until) {
            if (send_head(bot, bot->outbox))
                drop_head(bot);
        } else if (inbox_is_closed(bot->inbox)) {
            return NULL;
        }
    }
}

static void
bot_fini(struct bot *bot)
{
    while (bot->outbox)
        drop_head(bot);
    for (size_t i = 0; i < bot->people_count; i++) {
        forget_wishes(bot, bot->people[i]);
        free(bot->people[i]->psid);
        free(bot->people[i]);
    }
    free(bot->people);
    shell_line_free(&bot->line);
    inbox_free(&bot->inbox);
}

int
main(void)
{
    static struct bot bot;

    if (shell_environment(&bot.env))
        return 2;
    bot.pause_ms = shell_number("BOT_PAUSE_MS", SECOND_MS);
    bot.restock_ms = shell_number("SHOP_RESTOCK_DAYS", 30) * DAY_MS;
    bot.handover_app = getenv("HANDOVER_APP_ID") ? getenv("HANDOVER_APP_ID") : INBOX_APP_ID;
    bot.inbox = inbox_new();
    bot.line = shell_line_new(&bot.env, false);
    int status = shell_run(&bot.env, on_webhook, work, bot.inbox, &bot);

    bot_fini(&bot);
    return status;
}
