#include "graph/conduct.h"

#include <string.h>

#include "graph/enforce.h"
#include "graph/event.h"
#include "graph/fields.h"
#include "graph/findings.h"
#include "graph/misuse.h"
#include "graph/note.h"
#include "graph/route.h"
#include "graph/send.h"
#include "world/limits.h"
#include "world/watch.h"

/* ---- what a message says ------------------------------------------------------------------------------------------------------ */

static bool
was_found(const struct call *c, enum rule_id rule)
{
    for (unsigned i = 0; i < c->reply->finding_count; i++)
        if (c->reply->findings[i].rule == rule)
            return true;
    return false;
}

static const char *
hit_text(struct call *c, const struct content_hit *hit)
{
    return hit->language != NULL ? call_printf(c, "%s: \"%s\" (%s)", content_kind_text(hit->kind), hit->phrase, hit->language)
                                 : call_printf(c, "%s: %s", content_kind_text(hit->kind), hit->phrase);
}

/* Inside the window everything may be said; under a tag, outside of it, only what the tag is for. */
static void
find_tag_content(struct call *c)
{
    struct content_hit hit;
    unsigned forbidden = content_forbidden(c->ask.tag);

    if (forbidden == 0 || c->ask.is_action || c->verdict.error != ERR_NONE || c->verdict.rule == RULE_WIN_STD_24H)
        return;
    if (!c->world->content_rules_are_off) {
        call_saw(c, RULE_FND_TAG_CONTENT);
        if (content_find(field(c, F_SEND_MESSAGE), forbidden, c->arena, &hit))
            call_finding(c, RULE_FND_TAG_CONTENT, hit_text(c, &hit));
    }
    if (!was_found(c, RULE_FND_TAG_CONTENT) && !was_found(c, RULE_FND_HUMAN_AUTOMATIC))
        return;
    call_saw(c, RULE_FND_ENFORCED);
    enforce_misuse(c->world, c->page_index);
}

/* What the person asked to be told stands in the title of the request. */
static void
find_otn_purpose(struct call *c)
{
    struct content_hit hit, asked;

    if (c->ask.to != TO_OTN_TOKEN || c->verdict.error != ERR_NONE || c->grant == NULL || c->world->content_rules_are_off)
        return;
    call_saw(c, RULE_FND_OTN_PURPOSE);
    if (content_find(field(c, F_SEND_MESSAGE), KIND_PROMOTION | KIND_COUPON, c->arena, &hit) &&
        !content_find_text(str_of(c->grant->text2), KIND_PROMOTION | KIND_COUPON, c->arena, &asked))
        call_finding(c, RULE_FND_OTN_PURPOSE, hit_text(c, &hit));
}

/* Whether so many characters stand together without a space: looked at in steps, which costs words nothing. */
static bool
has_run(struct str text, size_t wanted)
{
    for (size_t i = wanted - 1; i < text.n; i += wanted) {
        size_t from = i, until = i;

        while (from > 0 && text.s[from - 1] != ' ')
            from--;
        while (until < text.n && text.s[until] != ' ')
            until++;
        if (until > from && until - from >= wanted)
            return true;
    }
    return false;
}

/* App secrets are of so many characters, tokens are longer. */
#define SECRET_LENGTH 32

/* The first of the secrets that a text of the tree holds, NULL when none does. */
static const char *
find_secret(const struct jnode *node, const char *const secrets[2])
{
    const char *found = NULL;

    if (node->type == J_STRING) {
        if (node->text.n < SECRET_LENGTH || !has_run(node->text, SECRET_LENGTH))
            return NULL;
        for (unsigned i = 0; i < 2 && found == NULL; i++)
            if (*secrets[i] != '\0' && memmem(node->text.s, node->text.n, secrets[i], strlen(secrets[i])) != NULL)
                found = secrets[i];
        return found;
    }
    for (const struct jnode *child = node->first; child != NULL && found == NULL; child = child->next)
        found = find_secret(child, secrets);
    return found;
}

/* What people, or browsers they open, get to see. */
static void
find_leak(struct call *c)
{
    const struct jnode *message = field(c, F_SEND_MESSAGE);

    if (message == NULL || c->credential == NULL)
        return;
    const char *const secrets[2] = { c->credential->token, c->app->secret };
    call_saw(c, RULE_FND_SECRET_SENT);
    const char *found = find_secret(message, secrets);
    if (found != NULL)
        call_finding(c, RULE_FND_SECRET_SENT, found == c->app->secret ? "the app secret" : "the access token");
}

/* ---- what is about to end ------------------------------------------------------------------------------------------------------ */

/* Requests and tokens of recurring notifications, where they end: the rule that lets them pass goes on for those who live elsewhere. */
static bool
ends_with_notifications(const struct call *c)
{
    return (c->ask.to == TO_RN_TOKEN || c->ask.is_recurring_request) && !region_keeps_tokens(c) && !span_has(era_row(ERA_RECURRING_ENDED)->span, c->as_of);
}

/* Whatever let the call pass and will not be there in ninety days; the three update tags have a row of their own. */
static void
find_ending(struct call *c)
{
    if (c->verdict.error != ERR_NONE || c->verdict.rule == RULE_NONE || policy_rules[c->verdict.rule].kind != RULE_KIND_GRANT)
        return;
    const struct rule *rule = &policy_rules[c->verdict.rule];
    bool is_notification = ends_with_notifications(c);
    ms_t until = is_notification ? era_row(ERA_RECURRING_ENDED)->span.from : era_row(rule->era)->span.until;

    call_saw(c, RULE_FND_ENDING);
    if (until < MS_ALWAYS && until - c->as_of <= 90 * DAY)
        call_finding(c, RULE_FND_ENDING, call_printf(c, "%s holds for %lld more days, until %s", is_notification ? "the consent to recurring notifications" : rule->id,
                                                     (long long)((until - c->as_of + DAY - 1) / DAY), call_date(c, until)));
}

/* ---- what the page was told before --------------------------------------------------------------------------------------------- */

static bool
tells_when(enum rule_id rule)
{
    return rule == RULE_LIM_MESSENGER_24H || rule == RULE_LIM_PAGES_24H || rule == RULE_LIM_PAGES_BY_USER;
}

/* Calls in the same instant were on their way already. */
static void
find_impatience(struct call *c)
{
    bool is_told = c->verdict.error != ERR_NONE && tells_when(c->verdict.rule);
    struct page_watch *watch = c->page->watch;

    if (watch != NULL && watch->regain_at != MS_NEVER) {
        call_saw(c, RULE_FND_REGAIN_IGNORED);
        if (is_told && watch->told_at < c->now && c->now < watch->regain_at)
            call_finding(c, RULE_FND_REGAIN_IGNORED, call_printf(c, "%lld minutes too early", (long long)((watch->regain_at - c->now + MINUTE - 1) / MINUTE)));
        if (c->now >= watch->regain_at)
            watch->regain_at = MS_NEVER;
    }
    if (!is_told || (watch != NULL && watch->regain_at != MS_NEVER))
        return;
    enum limit_id limit = limit_of_rule(c->verdict.rule);
    struct limit_state state = limit_state(c->world, limit, c->limit_ask.keys[limit_row(limit)->key], c->limit_ask.page);
    watch = page_watch(c->page);
    watch->told_at = c->now;
    watch->regain_at = state.free_at;
}

/* So many listings in so long a time are no catching up after an outage [inferred]. */
#define POLLED_MANY 10
#define POLLED_WITHIN (10 * MINUTE)

static void
find_polling(struct call *c)
{
    if (!(c->limit_ask.classes & CLASS_CONVERSATION_LIST) || c->method != METHOD_GET)
        return;
    struct page_watch *watch = page_watch(c->page);
    if (!within_ms(watch->polled_since, POLLED_WITHIN, c->now)) {
        watch->polled_since = c->now;
        watch->polled = 0;
    }
    call_saw(c, RULE_FND_POLLING);
    if (++watch->polled == POLLED_MANY) /* told once for each ten minutes */
        call_finding(c, RULE_FND_POLLING, call_printf(c, "%u times within ten minutes", watch->polled));
}

/* ---- webhooks that were not the platform's ------------------------------------------------------------------------------------- */

/* An answer this soon after a forged post is one to it [inferred]. */
#define ANSWERED_WITHIN (30 * SECOND)

static void
find_forged(struct call *c)
{
    struct thread_extra *x = c->thread->extra;

    if (x == NULL || x->forged_at == MS_NEVER || c->verdict.error != ERR_NONE)
        return;
    call_saw(c, RULE_FND_FORGED_ANSWERED);
    if (c->now - x->forged_at < ANSWERED_WITHIN)
        call_finding(c, RULE_FND_FORGED_ANSWERED, "the signature of the last post about this person was wrong or missing");
    x->forged_at = MS_NEVER;
}

void
conduct_of_call(struct call *c)
{
    if (c->page == NULL || c->route == NULL || c->is_injected)
        return;
    find_impatience(c);
    find_polling(c);
    if (!(c->route->flags & ROUTE_SEND))
        return;
    find_tag_content(c);
    find_otn_purpose(c);
    if (c->verdict.error != ERR_NONE)
        return;
    find_leak(c);
    find_ending(c);
    if (c->thread != NULL)
        find_forged(c);
}

/* ---- what did not happen ----------------------------------------------------------------------------------------------------------- */

#define REACTS_WITHIN (30 * SECOND) /* [documented until the policy page lost the sentence: webhooks.md 3.18] */
#define ANSWERS_WITHIN DAY

/* Whether the page still owes an answer to what the person did at `at`. */
static bool
owes(const struct world *world, const struct thread *t, ms_t at)
{
    unsigned silent = THREAD_BLOCKED | THREAD_BANNED | THREAD_DEACTIVATED | THREAD_MESSAGES_OFF | THREAD_SPAM | THREAD_OPTED_OUT | THREAD_REPORTED;

    return t->last_message == at && t->page_run == 0 && (t->flags & silent) == 0 && world->now >= world->pages[t->page]->restricted_until &&
           thread_owner(world, t) == INDEX_NONE;
}

/* The page said something in the day before, or fell silent when the person said stop: then silence is no neglect. */
static bool
may_be_silent(const struct world *world, const struct thread *t, ms_t at)
{
    unsigned looked = 0;

    for (const struct message *m = world_message(world, t->newest); m != NULL && looked < 50; m = world_message(world, m->previous), looked++) {
        if (m->flags & MESSAGE_FROM_PAGE)
            return at - m->at < DAY;
        if (message_says_stop(m))
            return true;
    }
    return false;
}

/* That all was well is written once for each page: it only shows that somebody looked. */
static void
note_well(struct world *world, const struct thread *t, const char *id, enum rule_id rule, unsigned bit)
{
    struct page_watch *watch = page_watch(world->pages[t->page]);

    if ((watch->noted & bit) == 0)
        note_seen(world, id, rule, t->page, t);
    watch->noted |= bit;
}

/* a: the thread, b: when the person did what wants an answer. When the person has gone on meanwhile, what came later counts. */
static void
look_for_answer(struct world *world, const struct outbox_item *item)
{
    const struct thread *t = world_thread(world, (uint32_t)item->a);
    ms_t at = (ms_t)item->b;

    if (t->last_message != at)
        return;
    if (owes(world, t, at) && !may_be_silent(world, t, at))
        note_finding(world, "no_answer", RULE_FND_NO_ANSWER, t->page, t, "no answer within 24 hours: the window is closed");
    else
        note_well(world, t, "no_answer", RULE_FND_NO_ANSWER, 1);
}

static void
look_for_reaction(struct world *world, const struct outbox_item *item)
{
    const struct thread *t = world_thread(world, (uint32_t)item->a);
    ms_t at = (ms_t)item->b;

    if (t->last_message != at)
        return;
    if (!owes(world, t, at) || may_be_silent(world, t, MS_ALWAYS)) {
        note_well(world, t, "no_reaction", RULE_FND_NO_REACTION, 2);
        return;
    }
    note_finding(world, "no_reaction", RULE_FND_NO_REACTION, t->page, t, "nothing within 30 seconds of the webhook");
    if (at + ANSWERS_WITHIN > world->now)
        outbox_push_timer(&world->outbox, at + ANSWERS_WITHIN, look_for_answer, item->a, item->b);
}

/* One of the apps that were told keeps the time: the first one that is subscribed. */
static bool
keeps_time(const struct page *page, uint32_t app)
{
    for (uint32_t i = 0; i < page->app_count; i++)
        if (page->apps[i].is_subscribed)
            return page->apps[i].app == app;
    return false;
}

static bool
wants_answer(const struct world *world, const struct delivery *delivery)
{
    unsigned count;
    const struct event_row *rows = event_rows(&count);

    return (delivery->event == rows[EVENT_MESSAGE].id || delivery->event == rows[EVENT_POSTBACK].id) && delivery->field != FIELD_STANDBY &&
           keeps_time(world->pages[delivery->page], delivery->app);
}

static void
judge_forged(struct world *world, struct thread *t, const struct delivery *delivery, int status)
{
    thread_extra(t)->forged_at = world->now;
    if (status == 200)
        note_finding(world, "forged", RULE_FND_FORGED_TAKEN, delivery->page, t, "a post with a wrong or missing signature was answered with 200");
    else
        note_seen(world, "forged", RULE_FND_FORGED_TAKEN, delivery->page, t);
}

void
conduct_of_delivery(struct world *world, const struct delivery *delivery, int status)
{
    struct thread *t = delivery->thread_key != 0 ? world_find_psid(world, delivery->thread_key) : NULL;

    if (t == NULL)
        return;
    if ((delivery->tricks & (TRICK_FORGED | TRICK_UNSIGNED)) != 0) {
        judge_forged(world, t, delivery, status);
        return;
    }
    if (t->extra != NULL)
        t->extra->forged_at = MS_NEVER;
    if (status == 200 && wants_answer(world, delivery))
        outbox_push_timer(&world->outbox, world->now + REACTS_WITHIN, look_for_reaction, t->index, (uint64_t)t->last_message);
}
