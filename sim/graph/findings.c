#include "graph/findings.h"

#include "graph/fields.h"
#include "graph/route.h"
#include "graph/send.h"

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
            call_finding(c, RULE_FND_RETRY_FINAL, call_printf(c, "after %d", graph_error(x->failed_error)->code));
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
    if (c->route == NULL || !(c->route->flags & ROUTE_SEND))
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
}
