/* Feature review, language understanding, switches, notification tokens. */
#include "tests/manage_bench.h"
#include "world/page_extra.h"

#define DONE "{\"success\":true}"
#define TOKENS "/v19.0/me/notification_message_tokens"

START_TEST(feature_review)
{
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "GET", "/v19.0/me/messaging_feature_review", NULL, 200, "{\"data\":[]}" });
    s.b.page->subscription_messaging = true;
    stage_play(&s, &(struct step){ "GET", "/v19.0/me/messaging_feature_review", NULL, 200, "{\"data\":[{\"feature\":\"subscription_messaging\",\"status\":\"approved\"}]}" });
    page_set_text(s.b.page, "feature_review/subscription_messaging", STR("limited"));
    stage_play(&s, &(struct step){ "GET", "/v19.0/me/messaging_feature_review", NULL, 200, "\"status\":\"limited\"" });
    stage_fini(&s);
}
END_TEST

STORY(settings,
    { "GET", "/v19.0/me/settings", NULL, 200, "{\"data\":[{\"setting\":\"USERS_CAN_MESSAGE\",\"value\":true}]}" },
    { "POST", "/v19.0/me/settings", "{\"option\":{\"USERS_CAN_MESSAGE\":false,\"COUNTRY_RESTRICTIONS\":[\"TR\"]}}", 200, DONE },
    { "GET", "/v19.0/me/settings", NULL, 200, "{\"data\":[{\"setting\":\"USERS_CAN_MESSAGE\",\"value\":false},{\"setting\":\"COUNTRY_RESTRICTIONS\",\"value\":[\"TR\"]}]}" },
    { "GET", "/m.me/$page(none)", NULL, 404, NULL },
    { "POST", "/v19.0/me/settings", "{\"option\":{\"USERS_CAN_MESSAGE\":\"maybe\"}}", 400, "must be a boolean" },
    { "POST", "/v19.0/me/settings", "{\"option\":7}", 400, "(#100) Param option must be an object." },
    { "POST", "/v19.0/me/settings", "{}", 400, "(#100) The parameter option is required" },
    { "POST", "/v19.0/me/business_messaging_feature_status", "{\"features\":[{}]}", 200, DONE },
    { "POST", "/v19.0/me/business_messaging_feature_status", "{}", 400, "(#100) The parameter features is required" },
    { "POST", "/me/nlp_configs", "{\"nlp_enabled\":true,\"model\":\"ENGLISH\",\"custom_token\":\"x\",\"verbose\":false,\"n_best\":1}", 200, DONE },
    { "POST", "/me/nlp_configs?nlp_enabled=true&model=custom", NULL, 200, DONE },
    { "POST", "/me/nlp_configs", "{\"model\":\"KLINGON\"}", 400, "must be one of" },
    { "POST", "/me/nlp_configs", "{\"n_best\":9}", 400, "less than or equal to 8" })

/* Clients of the time before v3.2 name no fields, and get all. */
STORY_AT(unnamed_fields, CIVIL(2018, 10, 22),
    { "POST", "/v2.6/me/subscribed_apps", NULL, 200, DONE },
    { "POST", "/v2.9/me/subscribed_apps", "{}", 200, DONE },
    { "GET", "/v3.1/me/subscribed_apps?fields=subscribed_fields", NULL, 200, "\"messages\"" })

STORY_AT(named_fields, CIVIL(2018, 10, 23),
    { "POST", "/v3.1/me/subscribed_apps", "{}", 200, DONE },
    { "POST", "/v3.2/me/subscribed_apps", "{}", 400, "(#100) The parameter subscribed_fields is required" },
    { "POST", "/v3.2/me/subscribed_apps", "{\"subscribed_fields\":[\"messages\"]}", 200, DONE },
    { "GET", "/v3.2/me/subscribed_apps?fields=subscribed_fields", NULL, 200, "\"subscribed_fields\":[\"messages\"]" })

/* The apps that a page's events go to, and the app itself, with the fields that are asked for. */
STORY(apps,
    { "POST", "/v19.0/me/subscribed_apps", "{\"subscribed_fields\":[\"messages\",\"feed\"]}", 200, DONE },
    { "GET", "/v19.0/me/subscribed_apps", NULL, 200, "{\"data\":[{\"category\":\"Business\",\"link\":\"" },
    { "GET", "/v19.0/me/subscribed_apps?fields=subscribed_fields", NULL, 200, "{\"data\":[{\"subscribed_fields\":[\"messages\",\"feed\"],\"id\":\"$app\"}]}" },
    { "GET", "/v19.0/me?fields=subscribed_apps{id}", NULL, 200, "{\"subscribed_apps\":{\"data\":[{\"id\":\"$app\"}]},\"id\":\"$page\"}" },
    { "GET", "/v19.0/me/subscribed_apps?fields=x", NULL, 400, "nonexisting field (x) on node type (Application)" },
    { "POST", "/v19.0/me/subscribed_apps", "{\"subscribed_fields\":[]}", 400, "(#100) param subscribed_fields must be non-empty." },
    { "POST", "/v19.0/me/subscribed_apps", "subscribed_fields=", 400, "(#100) param subscribed_fields must be non-empty." },
    { "GET", "/v19.0/me/subscribed_apps?fields=subscribed_fields", NULL, 200, "[\"messages\",\"feed\"]" },
    { "GET", "/v19.0/app", NULL, 200, "\"id\":\"$app\"}" },
    { "GET", "/v19.0/$app?fields=name", NULL, 200, "{\"name\":\"" },
    { "GET", "/v19.0/$app?fields=name", NULL, 200, "!category" },
    { "GET", "/v19.0/$app?fields=subscribed_fields", NULL, 400, "nonexisting field (subscribed_fields) on node type (Application)" },
    { "GET", "/v19.0/$app/subscriptions", NULL, 400, "(#190) Application Secret required" })

/* The badge for quick answers, over the last seven days. */
START_TEST(responsiveness)
{
#define METRICS "/v25.0/me?fields=message_responsiveness_metrics"
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "GET", METRICS, NULL, 200, "{\"message_responsiveness_metrics\":{\"is_very_responsive\":false,\"response_rate\":1}," });
    world_add_message(s.b.world, s.b.ann, INDEX_NONE, 0, STR("{\"text\":\"x\"}"));
    s.b.world->now += 90 * SECOND;
    world_add_message(s.b.world, s.b.ann, 0, MESSAGE_FROM_PAGE, STR("{\"text\":\"y\"}"));
    stage_play(&s, &(struct step){ "GET", METRICS, NULL, 200, "{\"is_very_responsive\":true,\"response_rate\":1,\"response_time\":90}" });
    stage_play(&s, &(struct step){ "GET", METRICS "{response_time}", NULL, 200, "{\"message_responsiveness_metrics\":{\"response_time\":90}," });
    world_add_message(s.b.world, s.b.ann, INDEX_NONE, 0, STR("{\"text\":\"x\"}"));
    s.b.world->now += HOUR;
    stage_play(&s, &(struct step){ "GET", METRICS, NULL, 200, "{\"is_very_responsive\":false,\"response_rate\":0.5,\"response_time\":90}" });
    stage_fini(&s);
}
END_TEST

STORY(activities,
    { "POST", "/v6.0/$app/activities", "{\"event\":\"CUSTOM_APP_EVENTS\",\"custom_events\":\"[{}]\",\"page_id\":\"$page\",\"page_scoped_user_id\":\"$ann\"}", 200, DONE },
    { "POST", "/v6.0/$app/activities?access_token=$app|$secret", "event=CUSTOM_APP_EVENTS&extinfo=[\"mb1\"]", 200, DONE },
    { "POST", "/v6.0/$app/activities(none)", "{\"event\":\"CUSTOM_APP_EVENTS\"}", 200, DONE },
    { "POST", "/v6.0/1234/activities(none)", "{\"event\":\"CUSTOM_APP_EVENTS\"}", 400, "\"code\":104" },
    { "GET", "/v6.0/$app/activities(none)", NULL, 400, "\"error\":{" },
    { "GET", "/v6.0/$app/subscriptions(none)", NULL, 400, "\"error\":{" },
    { "POST", "/v6.0/$app/activities", "{}", 400, "(#100) The parameter event is required" })

#define LEAD "{\"custom_events\":[{\"_eventName\":\"lead_submitted\"}],\"page_id\":\"$page\",\"page_scoped_user_id\":\"$ann\""
STORY(page_activities,
    { "POST", "/v17.0/$app/page_activities", LEAD ",\"advertiser_tracking_enabled\":1,\"logging_source\":\"messenger_bot\",\"logging_target\":\"page\"}", 200, DONE },
    { "POST", "/v20.0/$app/page_activities", LEAD "}", 200, DONE },
    { "POST", "/v20.0/$app/page_activities?access_token=$app|$secret", LEAD "}", 400, "(#190) This method must be called with a Page Access Token" },
    { "POST", "/v20.0/$app/page_activities(none)", LEAD "}", 400, "\"code\":104" },
    { "POST", "/v20.0/$app/page_activities", "{\"page_id\":\"$page\",\"page_scoped_user_id\":\"$ann\"}", 400, "(#100) The parameter custom_events is required" },
    { "POST", "/v21.0/$app/page_activities", LEAD "}", 400, "Unknown path components: \\/page_activities" })

/* What clients ask of a page that they connect: empty is left out, unknown is a mistake. */
STORY(page_fields,
    { "GET", "/v19.0/me?fields=id,name,picture{url},about,website,phone,instagram_business_account,fan_count,verification_status", NULL, 200,
      ",\"picture\":{\"data\":{\"url\":\"https:\\/\\/scontent.xx.fbcdn.net\\/" },
    { "GET", "/v19.0/me?fields=about,fan_count,verification_status", NULL, 200, "{\"fan_count\":0,\"verification_status\":\"not_verified\",\"id\":\"$page\"}" },
    { "GET", "/v19.0/me?fields=about,fan_count,followers_count,picture,website,instagram_business_account", NULL, 200,
      "{\"fan_count\":0,\"followers_count\":0,\"picture\":{\"data\":{\"height\":50,\"is_silhouette\":false,\"url\":\"https:\\/\\/" },
    { "GET", "/v19.0/me?fields=abut", NULL, 400, "nonexisting field (abut)" })

START_TEST(tokens)
{
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "GET", TOKENS, NULL, 200, "{\"data\":[]}" });
    struct node *token = world_add_node(s.b.world, NODE_RN_TOKEN, NULL, 0);
    token->thread = s.b.ann->index;
    token->next = BENCH_NOW + DAY;
    node_set_text2(token, STR("Sales"));
    snprintf(s.id, sizeof s.id, "%s", token->id);
    stage_play(&s, &(struct step){ "GET", TOKENS, NULL, 200, "{\"data\":[{\"notification_messages_token\":\"$id\",\"recipient_id\":\"$ann\",\"creation_timestamp\":1709510400000,"
                                   "\"token_expiry_timestamp\":2145916800000,\"user_token_status\":\"NOT_REFRESHED\",\"topic_title\":\"Sales\"" });
    stage_play(&s, &(struct step){ "GET", TOKENS "?fields=next_eligible_time", NULL, 200, "{\"data\":[{\"next_eligible_time\":1709596800000}],\"paging\":" });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/notification_messages_dev_support",
                                   "{\"developer_action\":\"ENABLE_FOLLOWUP_MESSAGE\",\"recipient\":{\"notification_messages_token\":\"$id\"}}", 200, DONE });
    stage_play(&s, &(struct step){ "GET", TOKENS "?fields=next_eligible_time", NULL, 200, "{\"data\":[{\"next_eligible_time\":1709510400000}]" });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/notification_messages_dev_support",
                                   "{\"developer_action\":\"ENABLE_FOLLOWUP_MESSAGE\",\"recipient\":{\"notification_messages_token\":\"x\"}}", 400, "is invalid" });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/notification_messages_dev_support", "{\"developer_action\":\"FLY\",\"recipient\":{}}", 400, "must be one of" });
    struct node *second = world_add_node(s.b.world, NODE_RN_TOKEN, NULL, 0);
    second->thread = s.b.ann->index;
    stage_play(&s, &(struct step){ "GET", TOKENS "?fields=notification_messages_token", NULL, 200, "$id" });
    stage_play(&s, &(struct step){ "GET", TOKENS "?fields=notification_messages_token&do_not_return_duplicates=true", NULL, 200, "!$id" });
    second->is_stopped = token->is_stopped = true;
    stage_play(&s, &(struct step){ "GET", TOKENS, NULL, 200, "{\"data\":[]}" });
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { activities, page_activities, unnamed_fields, named_fields, page_fields, feature_review, settings, responsiveness, tokens, apps };

    return suite_main("page_settings", tests, sizeof tests / sizeof *tests);
}
