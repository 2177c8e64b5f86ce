/* Conversations and messages read back (webhooks.md 4.5). */
#include "tests/manage_bench.h"

#define C "/v19.0/me/conversations"

/* A thread of `count` messages, the person's and the page's in turn, a minute apart. */
static void
talk(struct stage *s, struct thread *thread, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char text[64];

        snprintf(text, sizeof text, "{\"text\":\"m%u\"}", i);
        s->b.world->now += MINUTE;
        world_add_message(s->b.world, thread, i % 2 ? 0 : INDEX_NONE, i % 2 ? MESSAGE_FROM_PAGE : 0, str_of(text));
        if (i % 2 == 0)
            thread->last_act = thread->last_message = s->b.world->now;
    }
}

static void
mid_of(struct stage *s, uint64_t number)
{
    world_mid(s->b.world, number, s->mid);
}

START_TEST(lists)
{
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "GET", C, NULL, 200, "{\"data\":[]}" });
    struct thread *bob = world_add_thread(s.b.world, 0, 0);
    talk(&s, s.b.ann, 3);
    talk(&s, bob, 1);
    char bob_id[CONVERSATION_ID_SIZE], ann_id[CONVERSATION_ID_SIZE], want[256];
    thread_conversation_id(bob, bob_id);
    thread_conversation_id(s.b.ann, ann_id);
    snprintf(want, sizeof want, "{\"data\":[{\"id\":\"%s\",\"updated_time\":\"2024-03-04T00:04:00+0000\"},{\"id\":\"%s\",\"updated_time\":\"2024-03-04T00:03:00+0000\"}],"
                                "\"paging\":{\"cursors\":{", bob_id, ann_id);
    stage_play(&s, &(struct step){ "GET", C, NULL, 200, want });
    stage_play(&s, &(struct step){ "GET", C "?platform=messenger&limit=1", NULL, 200, "\"next\":\"https:\\/\\/graph.facebook.com\\/v19.0\\/$page\\/conversations?access_token=" });
    snprintf(want, sizeof want, "{\"data\":[{\"id\":\"%s\",", ann_id);
    stage_play(&s, &(struct step){ "GET", C "?user_id=$ann", NULL, 200, want });
    stage_play(&s, &(struct step){ "GET", C "?user_id=$ann", NULL, 200, "!t_1$page" });
    stage_play(&s, &(struct step){ "GET", C "?user_id=123", NULL, 200, "{\"data\":[]}" });
    stage_play(&s, &(struct step){ "GET", C "?platform=instagram", NULL, 400, "2534013" });
    stage_play(&s, &(struct step){ "GET", C "?platform=icq", NULL, 400, "must be one of {INSTAGRAM, MESSENGER} - got \\\"icq\\\"" });
    bob->flags |= THREAD_SPAM;
    stage_play(&s, &(struct step){ "GET", C, NULL, 200, want });
    snprintf(want, sizeof want, "{\"data\":[{\"id\":\"%s\",", bob_id);
    stage_play(&s, &(struct step){ "GET", C "?folder=spam&fields=folder", NULL, 200, "{\"data\":[{\"folder\":\"spam\",\"id\":" });
    stage_fini(&s);
}
END_TEST

START_TEST(fields)
{
    struct stage s;

    stage_init(&s);
    talk(&s, s.b.ann, 3);
    thread_conversation_id(s.b.ann, s.id);
    const struct step steps[] = {
        { "GET", C "?fields=messages{message,from}", NULL, 200, "{\"data\":[{\"messages\":{\"data\":[{\"message\":\"m2\",\"from\":{\"name\":\"" },
        { "GET", C "?fields=messages{message,from}", NULL, 200, "\"email\":\"$ann@facebook.com\",\"id\":\"$ann\"}" },
        { "GET", C "?fields=messages.limit(1){message}", NULL, 200,
          "\"next\":\"https:\\/\\/graph.facebook.com\\/v19.0\\/$id\\/messages?access_token=" },
        { "GET", C "?fields=messages.limit(1){message}", NULL, 200, "&fields=message&limit=1&after=" },
        { "GET", C "?fields=messages.limit(1){message}", NULL, 200, "!m1" },
        { "GET", C "?fields=id,participants,message_count,unread_count,snippet,can_reply", NULL, 200,
          "{\"data\":[{\"id\":\"$id\",\"participants\":{\"data\":[{\"name\":" },
        { "GET", "/v19.0/$id?fields=message_count,unread_count,snippet,can_reply", NULL, 200,
          "{\"message_count\":3,\"unread_count\":1,\"snippet\":\"m2\",\"can_reply\":true,\"id\":\"$id\"}" },
        { "GET", "/v19.0/$id", NULL, 200, "{\"id\":\"$id\",\"updated_time\":\"2024-03-04T00:03:00+0000\"}" },
        { "GET", "/v19.0/$id/messages", NULL, 200, "\"created_time\":\"2024-03-04T00:03:00+0000\"}" },
        { "GET", "/v19.0/$id/messages?fields=message,to&limit=2", NULL, 200, "{\"message\":\"m1\",\"to\":{\"data\":[{\"name\":" },
        { "GET", "/v19.0/$id?fields=messages{nonsense}", NULL, 400, "nonexisting field (nonsense) on node type (Message)" },
        { "GET", "/v19.0/$id?fields=messages.limit(1){reactions,story,is_unsupported}", NULL, 200, "\"messages\":{\"data\":[{\"is_unsupported\":false,\"id\":\"m_" },
        { "GET", "/v19.0/$id?fields=nonsense", NULL, 400, "nonexisting field (nonsense) on node type (UnifiedThread)" },
        { "GET", "/v19.0/me?fields=name,conversations.limit(1){messages.limit(1){message}}", NULL, 200, "\"conversations\":{\"data\":[{\"messages\":{\"data\":[{\"message\":\"m2\"" },
        { "GET", "/v19.0/t_1", NULL, 400, "\"error_subcode\":33" },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        stage_play(&s, &steps[i]);
    stage_fini(&s);
}
END_TEST

/* Details of the 20 newest; the 21st answers as if it had been deleted. */
START_TEST(twenty_newest)
{
    struct stage s;

    stage_init(&s);
    talk(&s, s.b.ann, 22);
    thread_conversation_id(s.b.ann, s.id);
    mid_of(&s, s.b.ann->newest - 19);
    stage_play(&s, &(struct step){ "GET", "/v19.0/$mid?fields=message,from,to,created_time", NULL, 200, "{\"message\":\"m2\",\"from\":" });
    mid_of(&s, s.b.ann->newest - 20);
    stage_play(&s, &(struct step){ "GET", "/v19.0/$mid?fields=message", NULL, 400, "This Message has been deleted by the user or the business." });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/messages?fields=message&limit=100", NULL, 200, "\"message\":\"m2\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/messages?fields=message&limit=100", NULL, 200, "!\"message\":\"m1\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id/messages?fields=message&limit=100", NULL, 200, "\"created_time\":\"2024-03-04T00:01:00+0000\"" });
    struct message *m = world_message(s.b.world, s.b.ann->newest);
    m->flags |= MESSAGE_UNSENT;
    mid_of(&s, s.b.ann->newest);
    stage_play(&s, &(struct step){ "GET", "/v19.0/$mid", NULL, 400, "deleted" });
    stage_fini(&s);
}
END_TEST

START_TEST(attachments)
{
    static const struct {
        const char *json, *fields, *want;
    } rows[] = {
        { "{\"attachments\":[{\"type\":\"image\",\"payload\":{\"url\":\"https://a.example/x.png\"}}]}", "attachments",
          "\"mime_type\":\"image\\/png\",\"name\":\"x.png\",\"size\":null,\"image_data\":{" },
        { "{\"attachments\":[{\"type\":\"file\",\"payload\":{\"url\":\"https://a.example/d/x.pdf?e=1\",\"attachment_id\":\"77\"}}]}", "attachments",
          "{\"data\":[{\"id\":\"77\",\"mime_type\":\"application\\/pdf\",\"name\":\"x.pdf\",\"size\":820311,\"file_url\":\"https:\\/\\/a.example\\/d\\/x.pdf?e=1\"}]}" },
        { "{\"attachments\":[{\"type\":\"video\",\"payload\":{\"url\":\"https://a.example/x.mp4\"}}]}", "attachments", "\"image_data\":{\"width\":1280,\"height\":720},\"video_data\":{" },
        { "{\"attachments\":[{\"type\":\"template\",\"payload\":{\"template_type\":\"generic\",\"elements\":[{\"title\":\"t\",\"subtitle\":\"s\",\"image_url\":\"https://a.example/i\","
          "\"buttons\":[{\"type\":\"web_url\",\"title\":\"b\",\"url\":\"https://a.example/b\"}]}]}}]}", "attachments",
          "\"generic_template\":{\"title\":\"t\",\"subtitle\":\"s\",\"media_url\":\"https:\\/\\/a.example\\/i\",\"cta\":{\"title\":\"b\",\"type\":\"web_url\",\"url\":" },
        { "{\"attachments\":[{\"type\":\"fallback\",\"payload\":{\"url\":\"https://a.example/p\",\"title\":\"post\"}}]}", "shares",
          "\"shares\":{\"data\":[{\"link\":\"https:\\/\\/a.example\\/p\",\"name\":\"post\"}]}" },
        { "{\"attachments\":[{\"type\":\"sticker\",\"payload\":{\"url\":\"https://a.example/s\",\"sticker_id\":369239263222822}}]}", "sticker",
          "\"sticker\":\"https:\\/\\/a.example\\/s\"" },
        { "{\"text\":\"x\",\"reply_to\":{\"mid\":\"m_1\"}}", "reply_to,tags", "{\"reply_to\":{\"mid\":\"m_1\"},\"tags\":{\"data\":[{\"name\":\"inbox\"}" },
        { "{\"text\":\"x\"}", "attachments,shares,sticker", "{\"id\":\"m_" },
    };
    struct stage s;
    char target[256];

    stage_init(&s);
    mid_of(&s, world_add_message(s.b.world, s.b.ann, INDEX_NONE, 0, str_of(rows[_i].json)));
    snprintf(target, sizeof target, "/v19.0/$mid?fields=%s", rows[_i].fields);
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, rows[_i].want });
    stage_fini(&s);
}
END_TEST

/* is_owner stands there only while routing is on. */
#define ANN "/v19.0/$ann"

/* What is shown unasked has the name in it since 2018-07-26; before, what needs a permission of its own now. */
STORY(profile_today,
    { "GET", ANN, NULL, 200, "{\"first_name\":\"" },
    { "GET", ANN, NULL, 200, ",\"name\":\"" },
    { "GET", ANN, NULL, 200, "!locale" },
    { "GET", ANN "?fields=first_name", NULL, 200, "!\"name\"" })
STORY_AT(profile_of_old, CIVIL(2018, 7, 26) - 1,
    { "GET", ANN, NULL, 200, "\"locale\":\"" },
    { "GET", ANN, NULL, 200, "\"timezone\":" },
    { "GET", ANN, NULL, 200, "\"gender\":\"" },
    { "GET", ANN "?fields=is_payment_enabled,last_ad_referral", NULL, 200, "{\"is_payment_enabled\":false}" },
    { "GET", ANN, NULL, 200, "!\"id\"" },
    { "GET", ANN "?fields=name", NULL, 400, "(#100) Tried accessing nonexisting field (name) on node type (MessengerPageScopedID)" },
    { "GET", ANN, NULL, 200, "!\"name\"" })
STORY_AT(profile_since, CIVIL(2018, 7, 26),
    { "GET", ANN, NULL, 200, "!\"locale\"" },
    { "GET", ANN "?fields=is_payment_enabled", NULL, 200, "{\"is_payment_enabled\":false}" },
    { "GET", ANN, NULL, 200, "\"name\":\"" })

/* A limit of nothing gives nothing; the sources of messages are two. */
STORY(limits_and_sources,
    { "POST", "/v19.0/me/messages", "{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"m1\"}}", 200, NULL },
    { "GET", "/v19.0/me/conversations?limit=0", NULL, 200, "{\"data\":[]}" },
    { "GET", "/v19.0/me/conversations?limit=1", NULL, 200, "{\"data\":[{\"id\":" },
    { "GET", "/v19.0/me/conversations?fields=messages.limit(0)", NULL, 200, "{\"data\":[{\"messages\":{\"data\":[]},\"id\":" },
    { "GET", "/v19.0/me/conversations?fields=messages.source(PARTICIPANTS){message}", NULL, 200, "\"message\":\"m1\"" },
    { "GET", "/v19.0/me/conversations?fields=messages.source(elsewhere){message}", NULL, 400, "(#100) Param source must be one of {ALL, PARTICIPANTS} - got \\\"elsewhere\\\"." })

/* Privacy rules kept media of people in Europe back in 2020 and 2021; who lives there is said, never guessed. */
START_TEST(media_in_europe)
{
    static const struct {
        const char *region;
        ms_t at;
        bool is_there;
    } rows[] = {
        { NULL, CIVIL(2021, 1, 1), true },      { "US", CIVIL(2021, 1, 1), true },       { "EU", CIVIL(2020, 12, 16) - 1, true },
        { "EU", CIVIL(2020, 12, 16), false },   { "EU", CIVIL(2022, 1, 1) - 1, false },  { "EU", CIVIL(2022, 1, 1), true },
        { "JP", CIVIL(2021, 3, 1) - 1, true },  { "JP", CIVIL(2021, 3, 1), false },
    };
    struct stage s;

    stage_init(&s);
    s.b.world->now = s.b.token->issued = rows[_i].at;
    thread_extra(s.b.ann)->region = rows[_i].region != NULL ? strdup(rows[_i].region) : NULL;
    mid_of(&s, world_add_message(s.b.world, s.b.ann, INDEX_NONE, 0, STR("{\"attachments\":[{\"type\":\"image\",\"payload\":{\"url\":\"https://a.example/x.png\"}}]}")));
    stage_play(&s, &(struct step){ "GET", "/$mid?fields=attachments", NULL, 200, rows[_i].is_there ? "\"image_data\":{" : ",\"name\":\"Media not available due to new privacy rules in Europe. See developer documentation for more info\"}]}" });
    stage_fini(&s);
}
END_TEST

/* A request is listed for 30 days after its last message, and among the others once the page has answered. */
START_TEST(requests)
{
#define LISTED "{\"data\":[{\"folder\":"
    struct stage s;

    stage_init(&s);
    s.b.ann->flags |= THREAD_REQUEST;
    const ms_t at = s.b.world->now;
    mid_of(&s, world_add_message(s.b.world, s.b.ann, INDEX_NONE, 0, STR("{\"text\":\"x\"}")));
    stage_play(&s, &(struct step){ "GET", C "?fields=folder", NULL, 200, LISTED "\"other\"," });
    stage_play(&s, &(struct step){ "GET", C "?fields=folder&folder=other", NULL, 200, LISTED "\"other\"," });
    stage_play(&s, &(struct step){ "GET", C "?fields=folder&folder=inbox", NULL, 200, "{\"data\":[]}" });
    s.b.world->now = at + 30 * DAY - 1;
    stage_play(&s, &(struct step){ "GET", C "?fields=folder", NULL, 200, LISTED "\"other\"," });
    s.b.world->now = at + 30 * DAY;
    stage_play(&s, &(struct step){ "GET", C "?fields=folder", NULL, 200, "{\"data\":[]}" });
    stage_play(&s, &(struct step){ "GET", C "?fields=folder&user_id=$ann", NULL, 200, "{\"data\":[]}" });
    mid_of(&s, world_add_message(s.b.world, s.b.ann, INDEX_NONE, 0, STR("{\"text\":\"still there?\"}")));
    stage_play(&s, &(struct step){ "GET", C "?fields=folder", NULL, 200, LISTED "\"other\"," });
    mid_of(&s, world_add_message(s.b.world, s.b.ann, 0, MESSAGE_FROM_PAGE, STR("{\"text\":\"yes\"}")));
    s.b.world->now += 31 * DAY;
    stage_play(&s, &(struct step){ "GET", C "?fields=folder", NULL, 200, LISTED "\"inbox\"," });
    stage_play(&s, &(struct step){ "GET", C "?fields=folder&folder=other", NULL, 200, "{\"data\":[]}" });
    stage_fini(&s);
}
END_TEST

/* The link to the next part asks for the same list. */
START_TEST(links_keep_filters)
{
    struct stage s;
    char id[128];

    stage_init(&s);
    for (unsigned i = 0; i < 2; i++) {
        struct thread *t = i == 0 ? s.b.ann : world_add_thread(s.b.world, 0, 0);

        t->flags |= THREAD_STARTED | THREAD_SPAM;
        world_add_message(s.b.world, t, INDEX_NONE, 0, STR("{\"text\":\"x\"}"));
    }
    stage_play(&s, &(struct step){ "GET", C "?platform=messenger&folder=spam&limit=1&date_format=U&fields=[\"updated_time\",\"id\"]", NULL, 200, "&fields=updated_time%2Cid&platform=messenger&folder=spam&date_format=U&limit=1&after=" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/me?fields=conversations.folder(spam).limit(1){updated_time}&date_format=U", NULL, 200, "&fields=updated_time&folder=spam&date_format=U&limit=1&after=" });
    const char *link = strstr(bench_body(&s.b), "&after=");
    snprintf(id, sizeof id, "%.*s", (int)strcspn(link + 7, "\""), link + 7);
    char target[256];
    snprintf(target, sizeof target, C "?folder=spam&limit=1&fields=folder&after=%s", id);
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, "{\"data\":[{\"folder\":\"spam\"," });
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, "&folder=spam&limit=1&before=" });
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, "!appsecret_proof" });
    stage_fini(&s);
}
END_TEST

START_TEST(owner)
{
    struct stage s;

    stage_init(&s);
    s.b.world->now = CIVIL(2025, 12, 1);
    talk(&s, s.b.ann, 1);
    stage_play(&s, &(struct step){ "GET", "/v24.0/me/conversations?fields=is_owner", NULL, 200, "!is_owner" });
    s.b.page->default_app = 0;
    stage_play(&s, &(struct step){ "GET", "/v24.0/me/conversations?fields=is_owner", NULL, 200, "\"is_owner\":true" });
    stage_fini(&s);
}
END_TEST

/* metadata=1, and a page's token for another page's conversation. */
START_TEST(strangers)
{
    struct stage s;

    stage_init(&s);
    world_add_page(s.b.world, NULL, NULL, NULL);
    talk(&s, world_add_thread(s.b.world, 1, 0), 1);
    thread_conversation_id(world_thread(s.b.world, 1), s.id);
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id", NULL, 400, "\"error_subcode\":33" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/me?metadata=1", NULL, 200, "\"metadata\":{\"fields\":[{\"name\":\"name\"}" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$page?metadata=1", NULL, 200, "\"type\":\"page\",\"connections\":{" });
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("conversations");
    TCase *tc = tcase_create("conversations");

    suite_add_tcase(suite, tc);
    tcase_add_test(tc, lists);
    tcase_add_test(tc, fields);
    tcase_add_test(tc, twenty_newest);
    tcase_add_loop_test(tc, attachments, 0, 8);
    tcase_add_test(tc, owner);
    tcase_add_test(tc, strangers);
    tcase_add_test(tc, profile_today);
    tcase_add_test(tc, profile_of_old);
    tcase_add_test(tc, profile_since);
    tcase_add_test(tc, limits_and_sources);
    tcase_add_loop_test(tc, media_in_europe, 0, 8);
    tcase_add_test(tc, requests);
    tcase_add_test(tc, links_keep_filters);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
