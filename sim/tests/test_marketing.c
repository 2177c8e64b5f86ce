/* Paid marketing messages (send.md 5.3). */
#include "tests/manage_bench.h"
#include "tests/people_bench.h"

#define A "/v25.0/act_77/"
#define SEND "{\"message_id\":\"%s\",\"messenger_delivery_data\":{\"subscription_token\":\"%s\"},\"message\":%s%s}"
#define CARD "{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"generic\",\"elements\":[{\"title\":\"t\",\"buttons\":[%s]}]}}}"

struct shop {
    struct stage s;
    char campaign[128];
    struct node *token;
};

static void
shop_init(struct shop *m)
{
    stage_init(&m->s);
    m->s.b.world->now = CIVIL(2026, 4, 1);
    m->s.b.ann->last_message = m->s.b.world->now - DAY;
    stage_play(&m->s, &(struct step){ "POST", A "message_campaign", "{\"name\":\"spring\",\"page_id\":$page,\"daily_budget\":1000}", 200, "{\"id\":\"" });
    snprintf(m->campaign, sizeof m->campaign, "%s", m->s.id);
    m->token = world_add_node(m->s.b.world, NODE_RN_TOKEN, NULL, 0);
    m->token->thread = m->s.b.ann->index;
}

static void
send(struct shop *m, const char *account, const char *campaign, const char *token, const char *message, const char *more, int status, const char *want)
{
    char body[2048], target[64];

    snprintf(body, sizeof body, SEND, campaign, token, message, more);
    snprintf(target, sizeof target, "/v25.0/%s/messages", account);
    stage_play(&m->s, &(struct step){ "POST", target, body, status, want });
}

#define GOOD(status, want) send(&m, "act_77", m.campaign, m.token->id, "{\"text\":\"sale\"}", "", status, want)

START_TEST(sends)
{
    struct shop m;

    shop_init(&m);
    GOOD(200, "{\"success\":true,\"marketing_message_tracking_id\":\"");
    ck_assert_uint_eq(m.s.b.ann->message_count, 1);
    /* The pause of twelve hours is LIM-MARKETING-12H's, which has a case in both directions. */
    world_set_now(m.s.b.world, CIVIL(2026, 4, 1) + 12 * HOUR);
    GOOD(200, "success");
    stage_fini(&m.s);
}
END_TEST

/* Its own events, when the app asked for them: sent, delivered, read once, clicked. */
START_TEST(events)
{
    static const char *const wanted[] = {
        "},\"field\":\"marketing_message_echoes\"}",
        "},\"field\":\"marketing_message_deliveries\"}",
        "},\"field\":\"marketing_message_reads\"}",
        "},\"field\":\"marketing_message_clicks\"}",
    };
    char problem[256];
    struct shop m;
    struct buf out = { 0 };

    shop_init(&m);
    bench_subscribe(&m.s.b, 0, ALL_FIELDS & ~FIELD_BIT(FIELD_STANDBY));
    json_t *click = json_pack("{s:s,s:s}", "act", "marketing_click", "user", m.s.b.psid), *read = json_pack("{s:s,s:s}", "act", "read", "user", m.s.b.psid);
    ck_assert_int_eq(people_act(m.s.b.world, click, NULL, problem, sizeof problem), -1);
    ck_assert_ptr_nonnull(strstr(problem, "no such marketing message"));
    GOOD(200, "{\"success\":true,\"marketing_message_tracking_id\":\"");
    people_drive(&m.s.b, m.s.b.world->now + MINUTE, 200, &out);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(people_act(m.s.b.world, read, NULL, problem, sizeof problem), 0);
    ck_assert_int_eq(people_act(m.s.b.world, click, NULL, problem, sizeof problem), 0);
    people_settle(&m.s.b, &out);
    buf_char(&out, '\0');
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *at = strstr(out.s, wanted[i]);

        ck_assert_msg(at != NULL && strstr(at + 1, wanted[i]) == NULL, "%s: not once in %s", wanted[i], out.s);
        while (at > out.s && at[-1] != '\n') /* back to where the post begins */
            at--;
        const char *value = strstr(at, "\"value\":{\"recipient_id\":\"10816374754679678\",\"page_id\":415926987550164,");
        ck_assert_ptr_nonnull(value);
        ck_assert_ptr_nonnull(strstr(value, m.campaign));
        ck_assert_ptr_nonnull(strstr(value, m.token->id));
    }
    json_decref(click);
    json_decref(read);
    buf_fini(&out);
    stage_fini(&m.s);
}
END_TEST

START_TEST(refusals)
{
    struct shop m;

    shop_init(&m);
    send(&m, "act_77", "1", m.token->id, "{\"text\":\"x\"}", "", 400, "\"code\":2300001");
    send(&m, "act_78", m.campaign, m.token->id, "{\"text\":\"x\"}", "", 400, "\"code\":2300014");
    send(&m, "act_77", m.campaign, "nobody", "{\"text\":\"x\"}", "", 400, "\"code\":2300004");
    send(&m, "act_77", m.campaign, m.token->id, "{}", "", 400, "\"code\":2300010");
    m.s.b.ann->last_message = m.s.b.world->now - 10 * SECOND;
    send(&m, "act_77", m.campaign, m.token->id, "{\"text\":\"x\"}", ",\"min_conversation_gap_seconds\":60", 400, "\"code\":2300052");
    send(&m, "act_77", m.campaign, m.token->id, "{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"type\":\"phone_number\",\"title\":\"a\"}]}}}",
         "", 400, "\"code\":2300023");
    send(&m, "act_77", m.campaign, m.token->id, "{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"generic\",\"elements\":[{\"title\":\"x\",\"buttons\":[{\"type\":\"web_url\",\"title\":\"a\"}]}]}}}",
         "", 400, "\"code\":2300024");
    send(&m, "act_77", m.campaign, m.token->id, "{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"button\",\"buttons\":[{\"type\":\"postback\"}]}}}", "", 400, "\"code\":2300025");
    send(&m, "act_77", m.campaign, m.token->id, "{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"button\",\"buttons\":[{},{},{},{}]}}}", "", 400, "\"code\":2300026");
    m.token->is_stopped = true;
    GOOD(400, "\"code\":2300034");
    m.token->is_stopped = false;
    m.s.b.ann->flags |= THREAD_BLOCKED;
    GOOD(400, "\"code\":2300036");
    m.s.b.ann->flags &= ~(uint32_t)THREAD_BLOCKED;
    free(thread_extra(m.s.b.ann)->region);
    m.s.b.ann->extra->region = strdup("JP");
    GOOD(400, "\"code\":2300032");
    m.s.b.ann->extra->region[0] = 'U';
    m.s.b.ann->extra->region[1] = 'S';
    m.token->until = CIVIL(2023, 8, 10);
    GOOD(400, "\"code\":2300037");
    m.token->until = MS_ALWAYS;
    world_add_page(m.s.b.world, NULL, NULL, NULL);
    m.token->page = 1;
    GOOD(400, "\"code\":2300005");
    m.token->page = 0;
    char target[160];
    snprintf(target, sizeof target, "/v25.0/%s", m.campaign);
    stage_play(&m.s, &(struct step){ "POST", target, "status=PAUSED", 200, "success" });
    stage_play(&m.s, &(struct step){ "GET", target, NULL, 200, "\"status\":\"PAUSED\"" });
    GOOD(400, "\"code\":2300000");
    stage_play(&m.s, &(struct step){ "POST", target, "status=ACTIVE", 200, "success" });
    stage_play(&m.s, &(struct step){ "POST", target, "status=DREAMING", 400, "must be one of" });
    GOOD(200, "success");
    stage_fini(&m.s);
}
END_TEST

STORY_AT(campaigns, CIVIL(2026, 4, 1),
    { "POST", A "message_campaign", "{\"name\":\"a\",\"page_id\":\"$page\"}", 400, "\"code\":2300007" },
    { "POST", A "message_campaign", "{\"name\":\"a\",\"page_id\":\"$page\",\"daily_budget\":0}", 400, "\"code\":2300007" },
    { "POST", A "message_campaign", "{\"name\":\"a\",\"page_id\":\"999\",\"daily_budget\":5}", 400, "\"code\":2300039" },
    { "POST", A "message_campaign", "{\"page_id\":\"999\",\"daily_budget\":5}", 400, "(#100) The parameter name is required" },
    { "POST", A "message_campaign", "{\"name\":\"a\",\"page_id\":\"$page\",\"daily_budget\":5,\"start_time\":\"2026-04-02\"}", 200, "{\"id\":\"" },
    { "POST", A "messages", "{\"message_id\":\"$id\",\"messenger_delivery_data\":{\"subscription_token\":\"x\"}}", 400, "\"code\":2300033" },
    { "POST", A "message_campaign", "{\"name\":\"a\",\"page_id\":\"$page\",\"daily_budget\":5,\"start_time\":\"2027-04-02\"}", 400, "Invalid parameter" },
    { "POST", A "messages", "{\"message_id\":\"1\"}", 400, "(#100) The parameter messenger_delivery_data is required" })

STORY_AT(before, CIVIL(2025, 6, 30), { "POST", "/v23.0/act_77/message_campaign", "{\"name\":\"a\",\"page_id\":\"$page\",\"daily_budget\":5}", 400, "Unknown path components" })

START_TEST(unsubscribe)
{
    struct stage s;
    char body[256];

    stage_init(&s);
    struct node *token = world_add_node(s.b.world, NODE_RN_TOKEN, NULL, 0);
    token->thread = s.b.ann->index;
    s.b.world->now = CIVIL(2026, 6, 11) - 1;
    stage_play(&s, &(struct step){ "POST", "/v25.0/me/messaging_customer_base/unsubscribe", "{\"data\":[]}", 400, "Unknown path components" });
    s.b.world->now = CIVIL(2026, 6, 11);
    stage_play(&s, &(struct step){ "POST", "/v25.0/me/messaging_customer_base/unsubscribe", "{\"data\":[]}", 400, "(#100) param data must be non-empty." });
    snprintf(body, sizeof body, "{\"data\":[{\"phone\":\"+1\"},{\"psid\":\"1\"},{\"psid\":\"$ann\",\"phone\":\"+1\"},{\"subscriber_token\":\"%s\"}]}", token->id);
    stage_play(&s, &(struct step){ "POST", "/v25.0/me/messaging_customer_base/unsubscribe", body, 200, "{\"invalid_rows_count\":2}" });
    ck_assert(token->is_stopped);
    token->is_stopped = false;
    stage_play(&s, &(struct step){ "POST", "/v25.0/me/messaging_customer_base/unsubscribe", "{\"data\":[{\"psid\":\"$ann\"}]}", 200, "{\"invalid_rows_count\":0}" });
    ck_assert(token->is_stopped);
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { sends, events, refusals, campaigns, before, unsubscribe };

    return suite_main("marketing", tests, sizeof tests / sizeof *tests);
}
