/* Broadcasts, codes, private replies by their own edge, sponsored messages, ids of a person: what old clients call. */
#include "tests/manage_bench.h"

#define V "/v2.11/me/"

static void
make_old(struct stage *s)
{
    s->b.world->now = CIVIL(2018, 10, 1);
    s->b.ann->last_act = s->b.ann->last_message = s->b.world->now;
}

START_TEST(broadcasts)
{
    struct stage s;
    char creative[64], dynamic[64], body[256];

    stage_init(&s);
    make_old(&s);
    stage_play(&s, &(struct step){ "POST", V "message_creatives", "{\"messages\":[{\"text\":\"news\"}]}", 200, "{\"message_creative_id\":\"" });
    stage_keep(creative, sizeof creative, bench_body(&s.b), "\"message_creative_id\":\"");
    stage_play(&s, &(struct step){ "POST", V "broadcast_reach_estimations", "{}", 200, "{\"reach_estimation_id\":\"" });
    stage_keep(s.id, sizeof s.id, bench_body(&s.b), "\"reach_estimation_id\":\"");
    stage_play(&s, &(struct step){ "GET", "/v2.11/$id", NULL, 200, "{\"reach_estimation\":\"1\",\"id\":\"$id\"}" });
    stage_play(&s, &(struct step){ "POST", "/v2.11/$id", NULL, 200, "{\"reach_estimation\":\"1\",\"id\":\"$id\"}" });
    snprintf(body, sizeof body, "{\"message_creative_id\":\"%s\"}", creative);
    stage_play(&s, &(struct step){ "POST", V "broadcast_messages", body, 200, "{\"broadcast_id\":\"" });
    ck_assert_uint_eq(s.b.ann->message_count, 1);
    stage_keep(s.id, sizeof s.id, bench_body(&s.b), "\"broadcast_id\":\"");
    stage_play(&s, &(struct step){ "GET", "/v2.11/$id/insights/messages_sent", NULL, 200, "\"values\":[{\"value\":1}]" });
    stage_play(&s, &(struct step){ "POST", V "custom_labels", "{\"name\":\"vip\"}", 200, "{\"id\":\"" });
    snprintf(body, sizeof body, "{\"message_creative_id\":\"%s\",\"custom_label_id\":\"$id\"}", creative);
    stage_play(&s, &(struct step){ "POST", V "broadcast_messages", body, 200, "{\"broadcast_id\":\"" });
    ck_assert_uint_eq(s.b.ann->message_count, 1);
    stage_play(&s, &(struct step){ "POST", "/v2.11/$id/label", "{\"user\":\"$ann\"}", 200, NULL });
    stage_play(&s, &(struct step){ "POST", V "broadcast_messages", body, 200, "{\"broadcast_id\":\"" });
    ck_assert_uint_eq(s.b.ann->message_count, 2);
    stage_play(&s, &(struct step){ "POST", V "broadcast_messages", "{\"message_creative_id\":\"1\"}", 400, "Invalid FBID." });
    stage_play(&s, &(struct step){ "POST", V "message_creatives", "{\"messages\":[{\"dynamic_text\":{\"text\":\"Hi, {{first_name}}!\",\"fallback_text\":\"Hi!\"}}]}", 200, "{\"message_creative_id\":\"" });
    stage_keep(dynamic, sizeof dynamic, bench_body(&s.b), "\"message_creative_id\":\"");
    snprintf(body, sizeof body, "{\"message_creative_id\":\"%s\"}", dynamic);
    stage_play(&s, &(struct step){ "POST", V "broadcast_messages", body, 200, "{\"broadcast_id\":\"" });
    stage_play(&s, &(struct step){ "GET", "/v2.11/me/conversations?fields=messages.limit(1){message}", NULL, 200, "\"message\":\"Hi, Ay\\u015fe!\"" });
    stage_play(&s, &(struct step){ "POST", V "message_creatives", "{\"messages\":[{\"dynamic_text\":{\"text\":\"Hi, {{first_name}}!\"}}]}", 400, "messages[0][dynamic_text][fallback_text] is required" });
    stage_play(&s, &(struct step){ "POST", V "message_creatives", "{\"messages\":[{\"colour\":\"red\"}]}", 400, "Invalid keys \\\"colour\\\"" });
    stage_play(&s, &(struct step){ "POST", V "message_creatives", "{\"messages\":[{\"text\":\"a\"},{\"text\":\"b\"}]}", 400, "(#105) param messages has too many elements." });
    snprintf(body, sizeof body, "{\"message_creative_id\":\"%s\",\"daily_budget\":100,\"bid_amount\":400}", creative);
    stage_play(&s, &(struct step){ "POST", "/v2.11/act_123/sponsored_message_ads", body, 200, "\"success\":true}" });
    world_set_now(s.b.world, CIVIL(2020, 3, 4));
    stage_play(&s, &(struct step){ "POST", "/v3.3/me/message_creatives", "{\"messages\":[{\"text\":\"news\"}]}", 400, "Unknown path components: \\/message_creatives" });
    stage_fini(&s);
}
END_TEST

STORY_AT(codes, CIVIL(2018, 10, 1),
    { "POST", V "messenger_codes", "{\"type\":\"standard\",\"data\":{\"ref\":\"billboard\"},\"image_size\":1000}", 200, "{\"uri\":\"https:\\/\\/" },
    { "POST", V "messenger_codes", "{\"type\":\"standard\",\"image_size\":2001}", 400, "less than or equal to 2000" },
    { "POST", V "messenger_codes", "{}", 400, "(#100) The parameter type is required" })

STORY(gone_today,
    { "POST", "/v19.0/me/messenger_codes", "{\"type\":\"standard\"}", 400, "Unknown path components: \\/messenger_codes" },
    { "POST", "/v19.0/me/broadcast_messages", "{\"message_creative_id\":\"1\"}", 400, "Unknown path components: \\/broadcast_messages" },
    { "POST", "/v19.0/me/broadcast_reach_estimations", NULL, 400, "Unknown path components" },
    { "POST", "/v19.0/act_1/sponsored_message_ads", "{\"message_creative_id\":\"1\",\"daily_budget\":1,\"bid_amount\":1}", 400, "Invalid FBID." })

STORY_AT(tags_of_many, CIVIL(2018, 10, 1),
    { "GET", "/v2.6/page_message_tags", NULL, 200, "{\"data\":[{\"tag\":\"ACCOUNT_UPDATE\",\"description\":\"" },
    { "GET", "/v2.6/page_message_tags", NULL, 200, "{\"tag\":\"SHIPPING_UPDATE\",\"description\":\"" },
    { "GET", "/v2.6/page_message_tags", NULL, 200, "!HUMAN_AGENT" },
    { "GET", "/page_message_tags?access_token=$app|$secret", NULL, 200, "{\"data\":[{\"tag\":\"" })

STORY_AT(tags_of_four, CIVIL(2026, 4, 26),
    { "GET", "/v25.0/page_message_tags", NULL, 200, "\"CONFIRMED_EVENT_UPDATE\"" },
    { "GET", "/v25.0/page_message_tags", NULL, 200, "!SHIPPING_UPDATE" })

STORY_AT(tags_of_today, CIVIL(2026, 4, 27),
    { "GET", "/v25.0/page_message_tags", NULL, 200, "\"HUMAN_AGENT\"" },
    { "GET", "/v25.0/page_message_tags", NULL, 200, "!_UPDATE" })

START_TEST(private_replies)
{
    struct stage s;

    stage_init(&s);
    make_old(&s);
    struct node *comment = world_add_node(s.b.world, NODE_COMMENT, NULL, 0);
    comment->thread = s.b.ann->index;
    snprintf(s.id, sizeof s.id, "%s", comment->id);
    stage_play(&s, &(struct step){ "POST", "/v3.0/$id/private_replies", "message=thanks", 200, "{\"id\":\"m_" });
    snprintf(s.id, sizeof s.id, "%s", comment->id);
    stage_play(&s, &(struct step){ "POST", "/v3.0/$id/private_replies", "message=again", 400, "(#10900) Activity already replied to" });
    ck_assert_ptr_nonnull(strstr(s.b.reply.www_authenticate, "10900"));
    stage_play(&s, &(struct step){ "POST", "/v3.0/$id/private_replies", "x=y", 400, "(#100) The parameter message is required" });
    s.b.world->now = CIVIL(2019, 6, 1);
    stage_play(&s, &(struct step){ "POST", "/v3.3/$id/private_replies", "message=thanks", 400, "Unknown path components: \\/private_replies" });
    stage_fini(&s);
}
END_TEST

START_TEST(ids)
{
    struct stage s;
    struct person person;

    stage_init(&s);
    thread_person(s.b.world, s.b.ann, &person);
    snprintf(s.id, sizeof s.id, "%s", person.asid);
    stage_play(&s, &(struct step){ "GET", "/v19.0/$ann/ids_for_apps", NULL, 200, "{\"data\":[{\"id\":\"$id\",\"app\":{\"category\":\"Business\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/ids_for_pages", NULL, 200, "{\"data\":[{\"id\":\"$ann\",\"page\":{\"name\":\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/ids_for_pages?access_token=$app|$secret", NULL, 200, "{\"data\":[{\"id\":\"$ann\",\"page\":{\"name\":\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/ids_for_apps?access_token=$app|$secret", NULL, 200, "{\"data\":[{\"id\":\"$id\",\"app\":{" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$ann/ids_for_apps?access_token=$app|$secret", NULL, 400, "\"error_subcode\":33" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/ids_for_pages?page=1", NULL, 200, "{\"data\":[]}" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/99999999999999999/ids_for_pages", NULL, 400, "\"error_subcode\":33" });
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { broadcasts, codes, gone_today, tags_of_many, tags_of_four, tags_of_today, private_replies, ids };

    return suite_main("legacy", tests, sizeof tests / sizeof *tests);
}
