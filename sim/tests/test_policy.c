/* The decision, row by row: one before, at, one after each boundary; then guards on the table itself. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"

/* A Monday in the era of the four tags; the person's last act. */
#define ACT CIVIL(2024, 3, 4)
#define D2019 CIVIL(2019, 6, 1)
#define D2026 CIVIL(2026, 6, 1)
#define END_OF_TAGS CIVIL(2026, 4, 27)

struct row {
    const char *name;
    ms_t act;      /* last act, MS_NEVER */
    ms_t after_ms; /* now = act + after (or 2024-03-04 + after when there was none) */
    enum tag tag;
    enum messaging_type type;
    enum rule_id rule;
    enum graph_err error;
};

static const struct row rows[] = {
    { "first instant of the window", ACT, 0, TAG_NONE, MT_RESPONSE, RULE_WIN_STD_24H, ERR_NONE },
    { "last instant of the window", ACT, DAY - 1, TAG_NONE, MT_RESPONSE, RULE_WIN_STD_24H, ERR_NONE },
    { "first instant outside it", ACT, DAY, TAG_NONE, MT_RESPONSE, RULE_WIN_STD_24H, ERR_OUTSIDE_WINDOW },
    { "nobody wrote", MS_NEVER, 0, TAG_NONE, MT_NONE, RULE_WIN_STD_24H, ERR_OUTSIDE_WINDOW },
    { "human agent inside the window", ACT, DAY - 1, TAG_HUMAN_AGENT, MT_MESSAGE_TAG, RULE_WIN_STD_24H, ERR_NONE },
    { "human agent, window just closed", ACT, DAY, TAG_HUMAN_AGENT, MT_MESSAGE_TAG, RULE_TAG_HUMAN_7D, ERR_NONE },
    { "human agent, day seven", ACT, 7 * DAY - 1, TAG_HUMAN_AGENT, MT_MESSAGE_TAG, RULE_TAG_HUMAN_7D, ERR_NONE },
    { "human agent, too late", ACT, 7 * DAY, TAG_HUMAN_AGENT, MT_MESSAGE_TAG, RULE_TAG_HUMAN_7D, ERR_OUTSIDE_WINDOW },
    { "feedback tag without its template", ACT, 2 * DAY, TAG_CUSTOMER_FEEDBACK, MT_MESSAGE_TAG, RULE_TAG_FEEDBACK_FORM, ERR_FEEDBACK_TAG_TEMPLATE },
    { "update tag before its end", END_OF_TAGS - 10 * DAY, 10 * DAY - 1, TAG_ACCOUNT_UPDATE, MT_MESSAGE_TAG, RULE_TAG_UPDATE, ERR_NONE },
    { "update tag at its end", END_OF_TAGS - 10 * DAY, 10 * DAY, TAG_ACCOUNT_UPDATE, MT_MESSAGE_TAG, RULE_TAG_UPDATE_DEAD, ERR_TAG_DEAD },
    { "dead tag inside the window", D2026, 1, TAG_CONFIRMED_EVENT_UPDATE, MT_MESSAGE_TAG, RULE_TAG_UPDATE_DEAD, ERR_TAG_DEAD },
    { "unknown tag", ACT, 1, TAG_UNKNOWN, MT_MESSAGE_TAG, RULE_TAG_KNOWN, ERR_INVALID_TAG },
    { "tag of 2019 in its time", D2019, 30 * DAY, TAG_SHIPPING_UPDATE, MT_MESSAGE_TAG, RULE_TAG_LEGACY, ERR_NONE },
    { "tag of 2019 on its last day", CIVIL(2020, 3, 4) - 2 * DAY, 2 * DAY - 1, TAG_SHIPPING_UPDATE, MT_MESSAGE_TAG, RULE_TAG_LEGACY, ERR_NONE },
    { "tag of 2019 after its end", CIVIL(2020, 3, 4) - 2 * DAY, 2 * DAY, TAG_SHIPPING_UPDATE, MT_MESSAGE_TAG, RULE_TAG_KNOWN, ERR_INVALID_TAG },
    { "one more message in 2019", D2019, 30 * HOUR, TAG_NONE, MT_RESPONSE, RULE_WIN_PLUS_ONE, ERR_NONE },
    { "one more message, last instant", CIVIL(2020, 3, 4) - 2 * DAY, 2 * DAY - 1, TAG_NONE, MT_RESPONSE, RULE_WIN_PLUS_ONE, ERR_NONE },
    { "no more message", CIVIL(2020, 3, 4) - 2 * DAY, 2 * DAY, TAG_NONE, MT_RESPONSE, RULE_WIN_STD_24H, ERR_OUTSIDE_WINDOW },
    { "tag with another type", ACT, 1, TAG_HUMAN_AGENT, MT_RESPONSE, RULE_TAG_TYPE, ERR_TAG_TYPE },
    { "tag without a type", ACT, 2 * DAY, TAG_HUMAN_AGENT, MT_NONE, RULE_TAG_HUMAN_7D, ERR_NONE },
    { "type without a tag", ACT, 1, TAG_NONE, MT_MESSAGE_TAG, RULE_TAG_MISSING, ERR_TAG_REQUIRED },
    { "utility long after", ACT, 90 * DAY, TAG_NONE, MT_UTILITY, RULE_UTILITY_ANYTIME, ERR_NONE },
};

static struct policy_view
fine_view(ms_t act)
{
    return (struct policy_view){ .last_act = act, .ad_message = MS_NEVER, .person_is_known = true, .person_is_here = true,
                                 .person_receives = true, .person_has_role = true, .human_agent_is_approved = true,
                                 .utility_is_permitted = true, .region_has_otn = true, .page_has_recurring = true, .page_may_match = true, .grant_made = MS_NEVER };
}

START_TEST(test_rows)
{
    const struct row *r = &rows[_i];
    struct policy_view view = fine_view(r->act);
    struct policy_ask ask = { .to = TO_PSID, .tag = r->tag, .type = r->type };
    ms_t now = (r->act == MS_NEVER ? ACT : r->act) + r->after_ms;
    struct verdict v = policy_decide(&view, &ask, now, now);

    ck_assert_msg(v.rule == r->rule, "%s: decided by %s", r->name, policy_rules[v.rule].id);
    ck_assert_msg(v.error == r->error, "%s: error %d", r->name, (int)v.error);
    ck_assert_msg(rule_set_has(&v.seen, r->rule), "%s: the deciding rule was not seen", r->name);
}
END_TEST

/* Gates: each refuses alone, and in the order of the table. */
START_TEST(test_gates)
{
    static const struct {
        size_t offset;
        bool bad;
        enum recipient_kind to;
        enum rule_id rule;
    } gates[] = {
        { offsetof(struct policy_view, person_is_known), false, TO_PSID, RULE_RCPT_KNOWN },
        { offsetof(struct policy_view, page_is_restricted), true, TO_PSID, RULE_PAGE_RESTRICTED },
        { offsetof(struct policy_view, person_has_role), false, TO_PSID, RULE_PERM_ROLE },
        { offsetof(struct policy_view, person_is_here), false, TO_PSID, RULE_RCPT_HERE },
        { offsetof(struct policy_view, person_receives), false, TO_PSID, RULE_RCPT_RECEIVES },
        { offsetof(struct policy_view, other_app_controls), true, TO_PSID, RULE_THREAD_OWNER },
        { offsetof(struct policy_view, other_app_controls), true, TO_USER_REF, RULE_THREAD_OWNER },
        { offsetof(struct policy_view, other_app_controls), true, TO_COMMENT, RULE_PRIV_REPLY_OWNER },
        { offsetof(struct policy_view, other_app_controls), true, TO_POST, RULE_PRIV_REPLY_OWNER },
        { offsetof(struct policy_view, grant_is_spent), true, TO_COMMENT, RULE_PRIV_REPLY_ONE },
    };
    struct policy_view view = fine_view(ACT);
    struct policy_ask ask = { .to = gates[_i].to };

    view.grant_is_known = true;
    view.grant_made = ACT;
    view.grant_until = MS_ALWAYS;
    ck_assert_int_eq(policy_decide(&view, &ask, ACT + 1, ACT + 1).error, ERR_NONE);
    memcpy((char *)&view + gates[_i].offset, &gates[_i].bad, sizeof(bool));
    struct verdict v = policy_decide(&view, &ask, ACT + 1, ACT + 1);
    ck_assert_str_eq(policy_rules[v.rule].id, policy_rules[gates[_i].rule].id);
    ck_assert_int_ne(v.error, ERR_NONE);
}
END_TEST

/* What lets one message out: known, own, unused, alive. */
START_TEST(test_tokens)
{
    static const struct {
        const char *name;
        bool known, foreign, spent;
        ms_t after_ms;
        bool permits;
    } tokens[] = {
        { "fresh", true, false, false, 0, true },
        { "last instant of its year", true, false, false, YEAR - 1, true },
        { "a year old", true, false, false, YEAR, false },
        { "used", true, false, true, 1, false },
        { "of another page", true, true, false, 1, false },
        { "unknown", false, false, false, 1, false },
    };
    struct policy_view view = fine_view(MS_NEVER);
    struct policy_ask ask = { .to = TO_OTN_TOKEN };

    view.grant_is_known = tokens[_i].known;
    view.grant_is_foreign = tokens[_i].foreign;
    view.grant_is_spent = tokens[_i].spent;
    view.grant_made = ACT;
    view.grant_until = ACT + YEAR;
    struct verdict v = policy_decide(&view, &ask, ACT + tokens[_i].after_ms, ACT);
    ck_assert_int_eq(v.rule, RULE_OTN_TOKEN);
    ck_assert_msg((v.error == ERR_NONE) == tokens[_i].permits, "%s", tokens[_i].name);
}
END_TEST

START_TEST(test_private_reply)
{
    struct policy_view view = fine_view(MS_NEVER);
    struct policy_ask ask = { .to = TO_COMMENT };

    view.grant_is_known = true;
    view.grant_made = ACT;
    view.grant_until = MS_ALWAYS;
    ck_assert_int_eq(policy_decide(&view, &ask, ACT + 7 * DAY - 1, ACT).error, ERR_NONE);
    ck_assert_int_eq(policy_decide(&view, &ask, ACT + 7 * DAY, ACT).rule, RULE_PRIV_REPLY_7D);
    ck_assert_int_ne(policy_decide(&view, &ask, ACT + 7 * DAY, ACT).error, ERR_NONE);
}
END_TEST

START_TEST(test_ad_window)
{
    struct policy_view view = fine_view(CIVIL(2026, 10, 1));
    struct policy_ask ask = { .to = TO_PSID, .type = MT_RESPONSE };
    ms_t start = CIVIL(2026, 10, 1);

    view.ad_message = start;
    ck_assert_int_ne(policy_decide(&view, &ask, start + DAY, start).error, ERR_NONE); /* the switch is off */
    view.ad_window_is_on = true;
    ck_assert_int_eq(policy_decide(&view, &ask, start + 7 * DAY - 1, start).rule, RULE_WIN_AD_7D);
    ck_assert_int_eq(policy_decide(&view, &ask, start + 7 * DAY - 1, start).error, ERR_NONE);
    ck_assert_int_ne(policy_decide(&view, &ask, start + 7 * DAY, start).error, ERR_NONE);
    ck_assert_int_ne(policy_decide(&view, &ask, start + DAY, CIVIL(2026, 9, 27)).error, ERR_NONE); /* before its date */
}
END_TEST

/* ---- the table -------------------------------------------------------------------------------------------------------------- */

START_TEST(test_table)
{
    bool grants_began = false;

    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule *r = &policy_rules[i];

        for (unsigned j = 0; j < i; j++)
            ck_assert_str_ne(r->id, policy_rules[j].id);
        ck_assert_msg(*r->title != '\0' && *r->cite != '\0', "%s has no title or cite", r->id);
        ck_assert_msg(r->kind == RULE_KIND_FINDING || r->error != ERR_NONE, "%s has no error", r->id);
        grants_began |= r->kind == RULE_KIND_GRANT;
        ck_assert_msg(!grants_began || r->kind == RULE_KIND_GRANT || r->holds == NULL, "%s stands after grants", r->id);
        ck_assert_msg(r->kind != RULE_KIND_GRANT || (r->holds != NULL && r->applies != NULL), "%s cannot grant", r->id);
    }
}
END_TEST

/* Versions: an ended one is served by the oldest usable one, an unknown one by none. */
START_TEST(test_versions)
{
    ck_assert_int_eq(version_serving(1900, CIVIL(2026, 5, 21) - 1), 1900);
    ck_assert_int_eq(version_serving(1900, CIVIL(2026, 5, 21)), 2000);
    ck_assert_int_eq(version_serving(206, CIVIL(2026, 10, 1)), 2100);
    ck_assert_int_eq(version_serving(9900, CIVIL(2026, 10, 1)), 0);
    ck_assert_int_eq(version_serving(0, CIVIL(2026, 7, 29) - 1), 2500);
    ck_assert_int_eq(version_serving(0, CIVIL(2026, 7, 29)), 2600);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("policy");
    TCase *tc = tcase_create("policy");
    SRunner *runner;

    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, test_rows, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_loop_test(tc, test_gates, 0, 7);
    tcase_add_loop_test(tc, test_tokens, 0, 6);
    tcase_add_test(tc, test_private_reply);
    tcase_add_test(tc, test_ad_window);
    tcase_add_test(tc, test_table);
    tcase_add_test(tc, test_versions);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
