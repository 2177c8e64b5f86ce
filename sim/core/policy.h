/* policy.h - may this message go out now? The heart: rules are rows, the decision is one loop, the verdict names the rule that
 * decided in both directions. Pure: numbers in, a verdict out; no clock, no memory, no text. */
#ifndef UNDERSTUDY_CORE_POLICY_H
#define UNDERSTUDY_CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/graph_error.h"
#include "core/span.h"

/* ---- what a message may claim ------------------------------------------------------------------------------------------ */

enum tag {
    TAG_NONE,
    TAG_UNKNOWN,
#define TAG(symbol, name, era, cite) TAG_##symbol,
#include "core/tags.def"
#undef TAG
    TAG_COUNT
};

struct tag_row {
    const char *name;
    enum era era;
    const char *cite;
};

/* NULL for TAG_NONE and TAG_UNKNOWN. */
const struct tag_row *tag_row(enum tag tag);

/* The tag of a wire name (n bytes): TAG_UNKNOWN when no row has it. */
enum tag tag_named(const char *name, size_t n);

enum messaging_type { MT_NONE, MT_RESPONSE, MT_UPDATE, MT_MESSAGE_TAG, MT_UTILITY, MT_SUBSCRIPTION };

/* What `recipient` names (send.md 1.2). */
enum recipient_kind { TO_PSID, TO_USER_REF, TO_PHONE, TO_COMMENT, TO_POST, TO_OTN_TOKEN, TO_RN_TOKEN };

/* ---- rules -------------------------------------------------------------------------------------------------------------- */

/* FORM: the request must look like this (judged by fields.def and the content checks). GATE: must hold, else refused.
 * LIMIT: no more than this. GRANT: something must permit it; the first that does is the reason. FINDING: the wire says 200,
 * the policy does not. */
enum rule_kind { RULE_KIND_FORM, RULE_KIND_GATE, RULE_KIND_LIMIT, RULE_KIND_GRANT, RULE_KIND_FINDING };

/* How bad it is when a client runs into a rule. SEV_NONE: nobody's mistake (the person blocked the page). */
enum severity { SEV_NONE, SEV_NOTE, SEV_WARNING, SEV_ERROR };

enum rule_id {
#define RULE(symbol, ...) RULE_##symbol,
#include "core/rules.def"
#undef RULE
    RULE_COUNT,
    RULE_NONE = RULE_COUNT
};

#define RULE_SET_WORDS 4
/* A set of rules: which were consulted on the way. */
struct rule_set {
    uint64_t word[RULE_SET_WORDS];
};

static inline void
rule_set_add(struct rule_set *set, enum rule_id rule)
{
    set->word[(unsigned)rule / 64] |= UINT64_C(1) << ((unsigned)rule % 64);
}

static inline bool
rule_set_has(const struct rule_set *set, enum rule_id rule)
{
    return (set->word[(unsigned)rule / 64] >> ((unsigned)rule % 64)) & 1;
}

/* ---- the question ------------------------------------------------------------------------------------------------------- */

/* What the world shows of one conversation, at the instant of the call. Instants are MS_NEVER when it never happened. */
struct policy_view {
    ms_t last_act;         /* the person's last act that opens the standard window */
    ms_t ad_message;       /* the person's first message after a Click-to-Messenger ad */
    bool ad_window_is_on;  /* the world's switch for the window of up to seven days after an ad [documented 2026-09-28] */
    bool plus_one_spent;   /* the page has used the one message after the window that was allowed until 2020-03-04 */
    bool person_is_known;  /* the PSID belongs to this page */
    bool person_is_here;   /* neither blocked the page nor deactivated the account */
    bool person_receives;  /* has not switched the page's messages off */
    bool person_has_role;  /* on the app, or the app is live with advanced access */
    bool other_app_controls;
    bool page_is_restricted;
    bool human_agent_is_approved;
    bool page_is_news;     /* in the News Page Index: NON_PROMOTIONAL_SUBSCRIPTION */
    bool subscription_messaging; /* approved for subscription messaging, until 2020-03-04 */
    bool utility_is_permitted;   /* pages_utility_messaging */
    bool region_keeps_tokens;    /* notification tokens go on working where the person lives: AU, EU, JP, KR, UK */
    bool region_has_otn;         /* one-time notifications were not switched off where the person lives: Europe, Japan */
    bool page_has_recurring;     /* the page used recurring notifications before 2025-09-01 */
    bool page_may_match;         /* customer matching: the page is of the United States, and has paid or the person has a role */
    /* The thing that `recipient` names instead of a person: a token, a comment, a post, a user_ref. */
    bool grant_is_known;
    bool grant_is_foreign; /* made for another page */
    bool grant_is_spent;
    bool grant_is_stopped; /* recurring notifications: the person chose to stop */
    ms_t grant_made;
    ms_t grant_until;      /* the instant it dies; MS_ALWAYS if never */
};

/* What the client asks. */
struct policy_ask {
    enum recipient_kind to;
    enum messaging_type type;
    enum tag tag;
    bool is_action;            /* sender_action instead of a message */
    bool is_feedback_template; /* customer_feedback */
    bool is_reply;             /* carries reply_to */
    bool is_utility_template;
    bool is_otn_request;       /* one_time_notif_req template */
    bool is_recurring_request; /* notification_messages template */
};

struct verdict {
    enum rule_id rule;     /* the rule that decided */
    enum graph_err error;  /* ERR_NONE: it permitted; else it refused or withheld */
    struct rule_set seen;  /* every rule consulted on the way */
};

typedef bool predicate_fn(const struct policy_view *, const struct policy_ask *, ms_t now);

/* One row of rules.def. `holds` is NULL when a stage of its own judges the row (forms, tokens, limits, findings). */
struct rule {
    const char *id;
    enum rule_kind kind;
    enum severity severity;
    predicate_fn *applies;
    predicate_fn *holds;
    enum graph_err error;
    enum era era;
    enum fidelity fidelity;
    const char *cite;
    const char *title;
    const char *why;
    const char *advice;
};

extern const struct rule policy_rules[RULE_COUNT];

const char *rule_kind_text(enum rule_kind kind);
const char *severity_text(enum severity severity);

/* Decides. `now` is the virtual instant that windows are measured at, `as_of` the policy date that eras are looked up with (the
 * same unless the world fixes it). Gates are asked in the order of the table and the first that does not hold refuses; then grants, and
 * the first that holds permits; when none does, the last one asked (the most specific) withheld. */
struct verdict policy_decide(const struct policy_view *view, const struct policy_ask *ask, ms_t now, ms_t as_of);

#endif
