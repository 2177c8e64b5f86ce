/* A bot that breaks the rules on purpose, an outside program: each wrong deed must show in the harness's report.
 *
 * The deeds, each switched off by naming it in CARELESS_NOT (a list with commas):
 *   late      writes to people again 25 hours after they wrote, on whatever webhook comes then
 *   tag       tags every message HUMAN_AGENT, though no human typed it
 *   token     spends a one-time token, and then spends it again
 *   stranger  writes to people who never wrote: to whoever comments on a post, and to CARELESS_STRANGER if that is set
 *   retry     repeats a final error at once, three times
 *   twice     answers a repeated delivery of the same event again
 *   echo      answers the echo of its first answer (the first only: it is careless, not endless)
 *   query     keeps its token in the URL
 *   unsigned  believes a webhook without looking at the signature
 *   stop      goes on writing after a stop */
#include "shell/inbox.h"
#include "shell/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef long long ms_t;

#define HOUR_MS (60 * 60 * 1000LL)

enum { REPEATS_OF_FINAL_ERROR = 3 };

struct person {
    struct person *next;
    char *psid;
    ms_t wrote_at;
    bool reminded; /* of the present silence */
    bool stopped;
    bool asked; /* for a one-time token */
};

struct bot {
    struct shell_env env;
    struct shell_line *line;
    struct inbox *inbox;
    struct person *people;
    bool stranger_written, echo_answered;
};

static bool
commits(const char *deed)
{
    const char *list = getenv("CARELESS_NOT");
    size_t length = strlen(deed);

    for (const char *at = list ? strstr(list, deed) : NULL; at; at = strstr(at + 1, deed))
        if ((at == list || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
            return false;
    return true;
}

static struct person *
person_of(struct bot *bot, const char *psid)
{
    struct person *person = bot->people;

    while (person && strcmp(person->psid, psid) != 0)
        person = person->next;
    if (!person) {
        person = shell_alloc(sizeof *person);
        *person = (struct person){.next = bot->people, .psid = shell_copy(psid)};
        bot->people = person;
    }
    return person;
}

/* Takes over `message`. */
static void
send_message(struct bot *bot, const char *recipient_key, const char *recipient, const char *tag,
             json_t *message)
{
    json_t *body =
        json_pack("{s:{s:s}, s:o}", "recipient", recipient_key, recipient, "message", message);
    struct shell_reply reply;
    char path[128];
    bool is_final = true;

    json_object_set_new(body, "messaging_type", json_string(tag ? "MESSAGE_TAG" : "UPDATE"));
    if (tag)
        json_object_set_new(body, "tag", json_string(tag));
    snprintf(path, sizeof path, "%s/messages", bot->env.page_id);
    for (int repeat = 0; is_final && repeat <= (commits("retry") ? REPEATS_OF_FINAL_ERROR : 0);
         repeat++) {
        is_final =
            shell_post(bot->line, path, body, &reply) == 0 && json_object_get(reply.body, "error");
        shell_reply_free(&reply);
    }
    json_decref(body);
}

static void
send_text(struct bot *bot, const char *recipient_key, const char *recipient, const char *tag,
          const char *text)
{
    send_message(bot, recipient_key, recipient, tag, json_pack("{s:s}", "text", text));
}

/* Everybody who has been silent for 25 hours hears from us, allowed or not; without the tag, under which it would pass. */
static void
remind_all(struct bot *bot, ms_t now)
{
    for (struct person *person = bot->people; person; person = person->next) {
        if (person->reminded || !person->wrote_at || now - person->wrote_at < 25 * HOUR_MS)
            continue;
        person->reminded = true;
        if (!person->stopped || commits("stop"))
            send_text(bot, "id", person->psid, NULL,
                      "We miss you! Today only: 20 % off all kettles.");
    }
}

static void
on_words(struct bot *bot, const char *psid, const json_t *said, ms_t at)
{
    struct person *person = person_of(bot, psid);
    const char *tag = commits("tag") ? "HUMAN_AGENT" : NULL;

    person->wrote_at = at;
    person->reminded = false;
    person->stopped = person->stopped || strcasecmp(shell_text(said, "text"), "stop") == 0;
    if (person->stopped && !commits("stop"))
        return;
    send_text(bot, "id", psid, tag, "Buy a kettle!");
    if (person->asked)
        return;
    person->asked = true; /* for the consent that will be used twice */
    send_message(bot, "id", psid, tag,
                 json_pack("{s:{s:s, s:{s:s, s:s, s:s}}}", "attachment", "type", "template",
                           "payload", "template_type", "one_time_notif_req", "title",
                           "Tell me of new kettles", "payload", "KETTLES"));
}

static void
on_token(struct bot *bot, const char *token)
{
    send_text(bot, "one_time_notif_token", token, NULL, "The kettle is back.");
    if (commits("token"))
        send_text(bot, "one_time_notif_token", token, NULL, "And it is still here.");
}

/* A comment asks for one private reply; we write to its author as if they had written to us. */
static void
on_comment(struct bot *bot, const json_t *value)
{
    const char *author = shell_text(json_object_get(value, "from"), "id");

    if (*author && strcmp(author, bot->env.page_id) != 0 && commits("stranger"))
        send_text(bot, "id", author, NULL, "We saw your comment. Buy a kettle!");
}

static void
handle(struct bot *bot, const struct event *event)
{
    const json_t *item = event->item;
    const json_t *message = json_object_get(item, "message");
    const json_t *said = message ? message : json_object_get(item, "postback");
    const char *psid = shell_text(json_object_get(item, "sender"), "id");
    const char *token = shell_text(json_object_get(item, "optin"), "one_time_notif_token");

    if (commits("late"))
        remind_all(bot, event->at);
    if (json_object_get(item, "value"))
        on_comment(bot, json_object_get(item, "value"));
    if (json_is_true(json_object_get(message, "is_echo"))) {
        if (!bot->echo_answered && commits("echo"))
            send_text(bot, "id", shell_text(json_object_get(item, "recipient"), "id"), NULL,
                      "Did you say something?");
        bot->echo_answered = true;
        return;
    }
    if (!commits("twice") && said &&
        inbox_seen_before(bot->inbox, "said", shell_text(said, "mid"), event->at))
        return;
    if (said)
        on_words(bot, psid, said, event->at);
    else if (*token)
        on_token(bot, token);
    else
        return;

    const char *stranger = getenv("CARELESS_STRANGER");
    if (stranger && !bot->stranger_written && commits("stranger")) {
        bot->stranger_written = true;
        send_text(bot, "id", stranger, NULL, "You do not know us, but we have kettles.");
    }
}

static unsigned
on_webhook(void *closure, const char *bytes, size_t length, bool signed_by_app)
{
    struct bot *bot = closure;

    if (!signed_by_app && !commits("unsigned"))
        return 401;
    inbox_put(bot->inbox, bytes, length);
    return 200;
}

static void *
work(void *closure)
{
    struct bot *bot = closure;

    for (;;) {
        struct event *event = inbox_take(bot->inbox, HOUR_MS);
        if (event) {
            handle(bot, event);
            event_free(event);
        } else if (inbox_is_closed(bot->inbox)) {
            return NULL;
        }
    }
}

int
main(void)
{
    static struct bot bot;

    if (shell_environment(&bot.env))
        return 2;
    bot.inbox = inbox_new();
    bot.line = shell_line_new(&bot.env, commits("query"));
    int status = shell_run(&bot.env, on_webhook, work, bot.inbox, &bot);

    for (struct person *person = bot.people, *next; person; person = next) {
        next = person->next;
        free(person->psid);
        free(person);
    }
    shell_line_free(&bot.line);
    inbox_free(&bot.inbox);
    return status;
}
