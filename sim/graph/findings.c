#include "graph/findings.h"

#include <string.h>

#include "graph/fields.h"
#include "graph/route.h"
#include "graph/send.h"
#include "graph/words.h"

/* An answer this soon after the person's message was not typed by a person [inferred]. */
#define TYPED_BY_A_PERSON_AFTER (5 * SECOND)

/* A retry sooner than this after the failure is one without a pause [inferred]. */
#define PAUSE_MIN SECOND

static void
find_tag_misuse(struct call *c)
{
    const struct thread *t = c->thread;

    if (c->ask.tag == TAG_NONE || c->verdict.error != ERR_NONE || c->ask.is_action)
        return;
    call_saw(c, RULE_FND_TAG_IN_WINDOW);
    if (c->verdict.rule == RULE_WIN_STD_24H)
        call_finding(c, RULE_FND_TAG_IN_WINDOW, "the window was open");
    if (c->ask.tag != TAG_HUMAN_AGENT)
        return;
    call_saw(c, RULE_FND_HUMAN_AUTOMATIC);
    if (c->template_kind != NULL)
        call_finding(c, RULE_FND_HUMAN_AUTOMATIC, "a template is not typed by a person");
    else if (t != NULL && within_ms(t->last_message, TYPED_BY_A_PERSON_AFTER, c->now))
        call_finding(c, RULE_FND_HUMAN_AUTOMATIC,
                     call_printf(c, "sent %lld ms after the person's message", (long long)(c->now - t->last_message)));
}

static void
find_stranger(struct call *c)
{
    if (c->ask.to != TO_PSID || c->thread == NULL)
        return;
    call_saw(c, RULE_FND_NEVER_WROTE);
    if (!(c->thread->flags & THREAD_STARTED))
        call_finding(c, RULE_FND_NEVER_WROTE, "this person has never written to the page");
}

static void
find_reused_token(struct call *c)
{
    if (c->ask.to != TO_OTN_TOKEN)
        return;
    call_saw(c, RULE_FND_OTN_REUSED);
    if (c->verdict.error == ERR_OTN_TOKEN && c->grant != NULL && c->grant->is_spent)
        call_finding(c, RULE_FND_OTN_REUSED, "the token had been used before");
}

/* An error that the same call may get over by waiting. */
static bool
is_passing(enum graph_err error)
{
    int code = graph_error(error)->code;

    return code == 1 || code == 2 || code == -1 || code == 4 || code == 17 || code == 32 || code == 341 || code == 613 || code == 1200 ||
           (code >= 80001 && code <= 80009);
}

static uint64_t
send_hash(const struct call *c)
{
    uint64_t hash = hash_bytes(c->req->path.s, c->req->path.n);

    if (c->req->body.n > 0)
        hash = mix64(hash, hash_bytes(c->req->body.s, c->req->body.n));
    return mix64(hash, hash_bytes(c->req->query.s, c->req->query.n));
}

static void
find_retries(struct call *c)
{
    struct thread_extra *x = c->thread->extra;
    enum graph_err error = c->verdict.error;
    uint64_t hash = error != ERR_NONE || (x != NULL && x->failed_error != ERR_NONE) ? send_hash(c) : 0;

    if (x != NULL && x->failed_error != ERR_NONE && x->failed_hash == hash) {
        call_saw(c, RULE_FND_RETRY_FINAL);
        call_saw(c, RULE_FND_RETRY_NO_PAUSE);
        if (!is_passing(x->failed_error))
            call_finding(c, RULE_FND_RETRY_FINAL, call_printf(c, "the same again, %lld ms after error %d", (long long)(c->now - x->failed_at), graph_error(x->failed_error)->code));
        else if (c->now - x->failed_at < PAUSE_MIN)
            call_finding(c, RULE_FND_RETRY_NO_PAUSE, call_printf(c, "%lld ms after the error", (long long)(c->now - x->failed_at)));
    }
    if (error == ERR_NONE && x == NULL)
        return;
    x = thread_extra(c->thread);
    x->failed_error = error;
    x->failed_hash = hash;
    x->failed_at = c->now;
}

static void
find_after_block(struct call *c)
{
    struct thread_extra *x = c->thread->extra;
    bool is_unavailable = c->verdict.rule == RULE_RCPT_HERE || c->verdict.rule == RULE_RCPT_RECEIVES;

    if (x != NULL && x->unreachable_since != MS_NEVER) {
        call_saw(c, RULE_FND_AFTER_BLOCK);
        if (is_unavailable && x->unreachable_since < c->now)
            call_finding(c, RULE_FND_AFTER_BLOCK, "told before that this person is not available");
    }
    if (is_unavailable) {
        if (thread_extra(c->thread)->unreachable_since == MS_NEVER)
            c->thread->extra->unreachable_since = c->now;
    } else if (x != NULL && c->verdict.error == ERR_NONE) {
        x->unreachable_since = MS_NEVER;
    }
}

/* ---- what a message says ------------------------------------------------------------------------------------------------------ */

/* Words with which people ask to hear no more, folded (words.h); a message that is nothing else. */
static const char *const stop_words[] = { "stop", "stopall", "unsubscribe", "cancel", "opt out", "dur", "durdur", "iptal", "abonelikten çik", "стоп", "отписаться", "хватит",
                                          "lopeta", "seis", "peru", "peruuta", "peruuta tilaus", "stopp", "abmelden", "arrêt", "arrêter", "baja", "parar", "cancelar",
                                          "إيقاف", "توقف", "إلغاء الاشتراك" };

bool
text_says_stop(struct str text)
{
    struct arena arena;
    bool is_stop = false;

    if (text.n == 0 || text.n > 200)
        return false;
    arena_init(&arena);
    struct str folded = words_fold(text, &arena);
    while (folded.n > 0 && strchr(" .!", folded.s[0]) != NULL)
        folded = str_from(folded, 1);
    while (folded.n > 0 && strchr(" .!", folded.s[folded.n - 1]) != NULL)
        folded.n--;
    for (size_t i = 0; i < sizeof stop_words / sizeof *stop_words && !is_stop; i++)
        is_stop = str_eq(folded, str_of(stop_words[i]));
    arena_fini(&arena);
    return is_stop;
}

bool
message_says_stop(const struct message *message)
{
    struct arena arena;

    if (message->text_n > 200)
        return false;
    arena_init(&arena);
    const struct jnode *object = json_read(&arena, (struct str){ message->text, message->text_n }, 0, NULL);
    bool is_stop = text_says_stop(json_text(json_get(object, "text")));
    arena_fini(&arena);
    return is_stop;
}

/* The message `back` places before the newest of the thread (0: the newest itself), NULL when it is forgotten. */
static const struct message *
message_back(const struct call *c, unsigned back)
{
    uint64_t number = c->thread->newest;
    const struct message *message = world_message(c->world, number);

    while (back-- > 0 && message != NULL)
        message = world_message(c->world, message->previous);
    return message;
}

#define LOOP_MESSAGES 20
#define STOP_LOOKBACK 64
#define SAME_WITHIN (10 * SECOND)

static bool
is_same(const struct message *a, const struct message *b)
{
    return a != NULL && b != NULL && a->text_n == b->text_n && memcmp(a->text, b->text, a->text_n) == 0;
}

/* The second of two that are the same is told; what goes on like that is the loop's affair. */
static void
find_repetition(struct call *c)
{
    const struct message *newest, *before;
    unsigned run = c->thread->page_run;

    if (run < 2)
        return;
    call_saw(c, RULE_FND_DUPLICATE_ANSWER);
    newest = message_back(c, 0);
    before = newest != NULL ? world_message(c->world, newest->previous) : NULL;
    if (is_same(newest, before) && within_ms(before->at, SAME_WITHIN, c->now) &&
        !(run > 2 && is_same(before, world_message(c->world, before->previous))))
        call_finding(c, RULE_FND_DUPLICATE_ANSWER, "the message before it said the same");
    call_saw(c, RULE_FND_ECHO_LOOP);
    if (run % LOOP_MESSAGES == 0 && within_ms(c->thread->last_message, MINUTE, c->now))
        call_finding(c, RULE_FND_ECHO_LOOP, call_printf(c, "%u messages since the person's last", run));
}

/* By the button there is no message of the person: what was sent since is counted. */
static void
find_after_opt_out(struct call *c)
{
    struct thread_extra *x = c->thread->extra;

    if (x == NULL || x->opted_out_at == MS_NEVER)
        return;
    /* Whoever writes again begins the run of the page's messages anew, in the same instant too. */
    if (c->thread->last_message > x->opted_out_at || c->thread->page_run < x->run_at_opt_out + x->sent_since_opt_out + 1) {
        x->opted_out_at = MS_NEVER;
        return;
    }
    call_saw(c, RULE_FND_AFTER_STOP);
    if (++x->sent_since_opt_out >= 2)
        call_finding(c, RULE_FND_AFTER_STOP, call_printf(c, "message %u after the person switched the page's messages off", x->sent_since_opt_out));
}

static void
find_after_stop(struct call *c)
{
    const struct message *last;
    unsigned run = c->thread->page_run;

    if (run == 0 || run > STOP_LOOKBACK || (last = message_back(c, run)) == NULL || last->flags & MESSAGE_FROM_PAGE || last->text_n > 200)
        return;
    call_saw(c, RULE_FND_AFTER_STOP);
    if (run >= 2 && message_says_stop(last))
        call_finding(c, RULE_FND_AFTER_STOP, call_printf(c, "message %u after the person said stop", run));
}

/* A mail address, or a phone number with its plus sign. */
static bool
has_personal_data(struct str text)
{
    const char *at = text.n > 0 ? memchr(text.s, '@', text.n) : NULL;
    const char *plus = text.n > 0 ? memchr(text.s, '+', text.n) : NULL;
    size_t digits = 0;

    if (at != NULL && at > text.s && memchr(at, '.', text.n - (size_t)(at - text.s)) != NULL)
        return true;
    for (; plus != NULL && plus + 1 + digits < text.s + text.n && plus[1 + digits] >= '0' && plus[1 + digits] <= '9'; digits++)
        continue;
    return digits >= 8;
}

/* The payloads of buttons and quick replies; that of a call button is a number by its nature. */
static bool
payloads_have_personal_data(const struct jnode *node, bool *has_payload)
{
    bool is_call = str_eq_lit(json_text(json_get(node, "type")), "phone_number"), has = false;

    for (const struct jnode *child = node->first; child != NULL && !has; child = child->next) {
        if (child->type != J_STRING) {
            has = payloads_have_personal_data(child, has_payload);
        } else if (!is_call && str_eq_lit(child->key, "payload")) {
            *has_payload = true;
            has = has_personal_data(child->text);
        }
    }
    return has;
}

static void
find_personal_data(struct call *c)
{
    struct str metadata = field_text(c, F_MESSAGE_METADATA);
    const struct jnode *message = field(c, F_SEND_MESSAGE);
    bool has_payload = false, is_in_payload = message != NULL && payloads_have_personal_data(message, &has_payload);

    if (metadata.s == NULL && !has_payload)
        return;
    call_saw(c, RULE_FND_PERSONAL_DATA);
    if (has_personal_data(metadata))
        call_finding(c, RULE_FND_PERSONAL_DATA, "metadata");
    else if (is_in_payload)
        call_finding(c, RULE_FND_PERSONAL_DATA, "payload");
}

/* Whether the policy would refuse the message so much later. Eras begin and end at midnight. */
static enum rule_id
refuses_later(const struct call *c, ms_t later)
{
    ms_t as_of = c->world->policy_date_is_clock ? c->as_of + later : c->as_of;
    struct verdict v = policy_decide(&c->view, &c->ask, c->now + later, as_of);

    return v.error != ERR_NONE ? v.rule : RULE_NONE;
}

static bool
may_be_close(const struct call *c)
{
    if (c->world->policy_date_is_clock && c->as_of % DAY >= DAY - MINUTE)
        return true;
    return c->verdict.rule != RULE_WIN_STD_24H || c->now - c->thread->last_act >= DAY - MINUTE;
}

/* Would it have been refused with a clock one minute off? */
static void
find_close_call(struct call *c)
{
    ms_t fine = 0, refused = MINUTE;

    if (c->verdict.rule == RULE_NONE || policy_rules[c->verdict.rule].kind != RULE_KIND_GRANT || c->verdict.error != ERR_NONE)
        return;
    call_saw(c, RULE_FND_CLOSE_CALL);
    if (!may_be_close(c))
        return;
    enum rule_id rule = refuses_later(c, MINUTE);
    if (rule == RULE_NONE)
        return;
    while (refused - fine > 1) {
        ms_t middle = fine + (refused - fine) / 2;

        if (refuses_later(c, middle) != RULE_NONE)
            refused = middle;
        else
            fine = middle;
    }
    if (policy_rules[rule].kind == RULE_KIND_GRANT)
        call_finding(c, RULE_FND_CLOSE_CALL, call_printf(c, "%lld ms before the end of %s", (long long)refused, policy_rules[c->verdict.rule].id));
    else
        call_finding(c, RULE_FND_CLOSE_CALL, call_printf(c, "%lld ms before %s", (long long)refused, policy_rules[rule].id));
}

static void
find_ending_tag(struct call *c)
{
    if (!span_has(era_row(ERA_TAGS_ANNOUNCED)->span, c->as_of) || c->ask.tag == TAG_NONE)
        return;
    call_saw(c, RULE_FND_TAG_ENDING);
    if (c->ask.tag == TAG_CONFIRMED_EVENT_UPDATE || c->ask.tag == TAG_POST_PURCHASE_UPDATE || c->ask.tag == TAG_ACCOUNT_UPDATE)
        call_finding(c, RULE_FND_TAG_ENDING, "dead from 2026-04-27 on");
}

/* ---- how it was called ---------------------------------------------------------------------------------------------------------- */

static void
find_manners(struct call *c)
{
    if (c->credential != NULL && !c->credential->was_in_url) { /* a habit: told once a token */
        call_saw(c, RULE_FND_TOKEN_IN_URL);
        c->credential->was_in_url = c->req->query.n > c->token.n && memmem(c->req->query.s, c->req->query.n, "access_token=", 13) != NULL;
        if (c->credential->was_in_url)
            call_finding(c, RULE_FND_TOKEN_IN_URL, "access_token in the query");
    }
    if (c->req->query.n > 14 && memmem(c->req->query.s, c->req->query.n, "client_secret=", 14) != NULL) {
        call_saw(c, RULE_FND_TOKEN_IN_URL);
        call_finding(c, RULE_FND_TOKEN_IN_URL, "client_secret in the query");
    }
    if (c->version_asked == 0)
        return;
    call_saw(c, RULE_FND_VERSION_ENDED);
    if (version_serving(c->version_asked, c->now + 90 * DAY) != c->version_asked)
        call_finding(c, RULE_FND_VERSION_ENDED, call_printf(c, "v%d.%d ends on %s, served by v%d.%d", c->version_asked / 100, c->version_asked % 100,
                                                            call_date(c, version_expires(c->version_asked)), c->version / 100, c->version % 100));
}

/* A call that a fault answered went no further than its route: whom it was for still counts for what the client does next. */
static void
find_receiver_of_fault(struct call *c)
{
    struct str id = json_text(json_get(call_param(c, "recipient"), "id"));
    struct thread *thread = world_find_psid(c->world, digits_read(id.s, id.n));

    c->thread = thread != NULL && thread->page == c->page_index ? thread : NULL;
}

void
find_findings(struct call *c)
{
    if (c->route == NULL)
        return;
    find_manners(c);
    if (!(c->route->flags & ROUTE_SEND))
        return;
    if (c->is_injected) {
        find_receiver_of_fault(c);
        if (c->thread != NULL)
            find_retries(c);
        return;
    }
    find_tag_misuse(c);
    find_stranger(c);
    find_reused_token(c);
    if (c->thread == NULL)
        return;
    find_retries(c);
    find_after_block(c);
    find_ending_tag(c);
    if (c->verdict.error != ERR_NONE || c->ask.is_action)
        return;
    find_close_call(c);
    find_repetition(c);
    find_after_stop(c);
    find_after_opt_out(c);
    find_personal_data(c);
}
