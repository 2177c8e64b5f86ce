#include "core/policy.h"

#include <string.h>

/* ---- tags --------------------------------------------------------------------------------------------------------------- */

static const struct tag_row tags[TAG_COUNT] = {
#define TAG(symbol, name, era, cite) [TAG_##symbol] = { name, era, cite },
#include "core/tags.def"
#undef TAG
};

const struct tag_row *
tag_row(enum tag tag)
{
    return tags[tag].name != NULL ? &tags[tag] : NULL;
}

enum tag
tag_named(const char *name, size_t n)
{
    for (unsigned i = 0; i < TAG_COUNT; i++)
        if (tags[i].name != NULL && strlen(tags[i].name) == n && memcmp(tags[i].name, name, n) == 0)
            return (enum tag)i;
    return TAG_UNKNOWN;
}

/* ---- predicates: what a rule is about, and what it asks for ------------------------------------------------------------- */

#define PREDICATE(name)                                                                            \
    static bool name(const struct policy_view *view, const struct policy_ask *ask, ms_t now)
#define UNUSED(x) (void)(x)
#define ALL_UNUSED() (UNUSED(view), UNUSED(ask), UNUSED(now))

PREDICATE(always)
{
    ALL_UNUSED();
    return true;
}

PREDICATE(never)
{
    ALL_UNUSED();
    return false;
}

/* Whom it goes to. */
#define RECIPIENT_PREDICATE(name, expression)                                                      \
    PREDICATE(name)                                                                                \
    {                                                                                              \
        ALL_UNUSED();                                                                              \
        return expression;                                                                         \
    }

RECIPIENT_PREDICATE(rcpt_is_psid, ask->to == TO_PSID)
RECIPIENT_PREDICATE(rcpt_is_psid_untagged, ask->to == TO_PSID && ask->tag == TAG_NONE)
RECIPIENT_PREDICATE(has_person, view->person_is_known)
RECIPIENT_PREDICATE(rcpt_is_otn, ask->to == TO_OTN_TOKEN)
RECIPIENT_PREDICATE(rcpt_is_rn, ask->to == TO_RN_TOKEN)
RECIPIENT_PREDICATE(rcpt_is_comment, ask->to == TO_COMMENT || ask->to == TO_POST)
RECIPIENT_PREDICATE(rcpt_is_no_comment, ask->to != TO_COMMENT && ask->to != TO_POST)
RECIPIENT_PREDICATE(rcpt_is_user_ref, ask->to == TO_USER_REF)
RECIPIENT_PREDICATE(rcpt_is_phone, ask->to == TO_PHONE)

/* What the world says of person, page and app. */
RECIPIENT_PREDICATE(person_is_known, view->person_is_known)
RECIPIENT_PREDICATE(person_is_here, view->person_is_here)
RECIPIENT_PREDICATE(person_receives, view->person_receives)
RECIPIENT_PREDICATE(person_has_role, view->person_has_role)
RECIPIENT_PREDICATE(page_is_free, !view->page_is_restricted)
RECIPIENT_PREDICATE(app_controls, !view->other_app_controls)
RECIPIENT_PREDICATE(human_is_approved, view->human_agent_is_approved)
RECIPIENT_PREDICATE(utility_is_permitted, view->utility_is_permitted)

/* What the message claims. */
RECIPIENT_PREDICATE(has_tag, ask->tag != TAG_NONE)
RECIPIENT_PREDICATE(has_tag_and_type, ask->tag != TAG_NONE && ask->type != MT_NONE)
RECIPIENT_PREDICATE(type_is_tag, ask->type == MT_MESSAGE_TAG || ask->tag == TAG_NON_PROMOTIONAL_SUBSCRIPTION)
RECIPIENT_PREDICATE(tag_is_human, ask->tag == TAG_HUMAN_AGENT && ask->to == TO_PSID)
RECIPIENT_PREDICATE(tag_is_feedback, ask->tag == TAG_CUSTOMER_FEEDBACK && ask->to == TO_PSID)
RECIPIENT_PREDICATE(tag_is_subscription, ask->to == TO_PSID && (ask->tag == TAG_NON_PROMOTIONAL_SUBSCRIPTION || ask->type == MT_SUBSCRIPTION))
RECIPIENT_PREDICATE(has_update_tag, ask->tag == TAG_CONFIRMED_EVENT_UPDATE || ask->tag == TAG_POST_PURCHASE_UPDATE || ask->tag == TAG_ACCOUNT_UPDATE)
RECIPIENT_PREDICATE(region_keeps_tokens, view->region_keeps_tokens)
RECIPIENT_PREDICATE(region_has_otn, view->region_has_otn)
RECIPIENT_PREDICATE(page_may_match, view->page_may_match)
RECIPIENT_PREDICATE(page_has_recurring, view->page_has_recurring)
RECIPIENT_PREDICATE(is_recurring_request, ask->is_recurring_request)
RECIPIENT_PREDICATE(is_otn, ask->is_otn_request || ask->to == TO_OTN_TOKEN)
RECIPIENT_PREDICATE(is_feedback_template, ask->is_feedback_template)
RECIPIENT_PREDICATE(is_utility_to_person, ask->to == TO_PSID && (ask->type == MT_UTILITY || ask->is_utility_template))
RECIPIENT_PREDICATE(is_utility, ask->type == MT_UTILITY || ask->is_utility_template)

/* A legacy tag: any of the set that shrank to four (and the one of the four that was among the seventeen). */
RECIPIENT_PREDICATE(tag_is_legacy, ask->to == TO_PSID && (ask->tag >= TAG_SHIPPING_UPDATE || ask->tag == TAG_ACCOUNT_UPDATE))

/* Time. The windows are half-open: the last instant inside is one millisecond before their length has passed. */
RECIPIENT_PREDICATE(within_24h, within_ms(view->last_act, 24 * HOUR, now))
RECIPIENT_PREDICATE(within_7d, within_ms(view->last_act, 7 * DAY, now))
RECIPIENT_PREDICATE(came_by_ad, ask->to == TO_PSID && view->ad_window_is_on && view->ad_message != MS_NEVER)
RECIPIENT_PREDICATE(within_ad_window, within_ms(view->ad_message, 7 * DAY, now))
RECIPIENT_PREDICATE(plus_one_is_left, view->last_act != MS_NEVER && !view->plus_one_spent)
RECIPIENT_PREDICATE(may_send_subscription, view->page_is_news || (view->subscription_messaging && now < CIVIL(2020, 3, 4)))

/* Things that let one message out. */
RECIPIENT_PREDICATE(grant_is_alive, view->grant_is_known && !view->grant_is_foreign && !view->grant_is_spent && now < view->grant_until)
RECIPIENT_PREDICATE(comment_is_open, !view->grant_is_spent)
RECIPIENT_PREDICATE(comment_is_young, view->grant_is_known && !view->grant_is_foreign && within_ms(view->grant_made, 7 * DAY, now))

PREDICATE(otn_is_good)
{
    return grant_is_alive(view, ask, now);
}

PREDICATE(user_ref_is_good)
{
    return grant_is_alive(view, ask, now);
}

PREDICATE(phone_is_matched)
{
    return grant_is_alive(view, ask, now);
}

PREDICATE(rn_is_good)
{
    return grant_is_alive(view, ask, now) && !view->grant_is_stopped;
}

/* A tag counts as known when its row is in force on the policy date; the three update tags have a refusal of their own after their end.
 * Needs the date, so it is told apart from the other predicates by policy_decide passing `as_of` in its place. */
PREDICATE(tag_is_known)
{
    UNUSED(view);
    return ask->tag != TAG_UNKNOWN && (ask->tag == TAG_NONE || span_has(era_row(tags[ask->tag].era)->span, now));
}

/* ---- the table ---------------------------------------------------------------------------------------------------------- */

const struct rule policy_rules[RULE_COUNT] = {
#define RULE(symbol, id, kind, severity, applies, holds, error, era, fidelity, cite, title, why, advice)                       \
    [RULE_##symbol] = { id,       RULE_KIND_##kind, SEV_##severity, applies, holds, error, ERA_##era, FIDELITY_##fidelity, cite, \
                        title, why, advice },
#include "core/rules.def"
#undef RULE
};

_Static_assert(RULE_COUNT <= RULE_SET_WORDS * 64, "more rules than a rule_set holds");

const char *
rule_kind_text(enum rule_kind kind)
{
    static const char *const texts[] = { "form", "gate", "limit", "grant", "finding" };

    return texts[kind];
}

const char *
severity_text(enum severity severity)
{
    static const char *const texts[] = { "none", "note", "warning", "error" };

    return texts[severity];
}

/* ---- the decision ------------------------------------------------------------------------------------------------------- */

/* What of a row a decision looks at, close together, because it walks over all of them. */
static const struct {
    predicate_fn *applies, *holds;
    enum era era;
} judged[RULE_COUNT] = {
#define RULE(symbol, id, kind, severity, applies, holds, error, era, fidelity, cite, title, why, advice) [RULE_##symbol] = { applies, holds, ERA_##era },
#include "core/rules.def"
#undef RULE
};

struct verdict
policy_decide(const struct policy_view *view, const struct policy_ask *ask, ms_t now, ms_t as_of)
{
    struct verdict v = { RULE_NONE, ERR_NONE, { { 0 } } };

    for (unsigned i = 0; i < RULE_COUNT; i++) {
        if (judged[i].holds == NULL || !judged[i].applies(view, ask, now) || (judged[i].era != ERA_ALWAYS && !span_has(era_row(judged[i].era)->span, as_of)))
            continue;
        rule_set_add(&v.seen, (enum rule_id)i);

        const struct rule *r = &policy_rules[i];
        bool holds = r->holds(view, ask, r->holds == tag_is_known ? as_of : now);
        if (r->kind != RULE_KIND_GRANT && holds)
            continue; /* as it should be: ask on */
        v.rule = (enum rule_id)i;
        v.error = holds ? ERR_NONE : r->error;
        if (r->kind != RULE_KIND_GRANT || holds)
            return v; /* refused by a gate, or permitted */
    }
    return v; /* the last grant asked withheld */
}
