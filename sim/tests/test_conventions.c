/* What all Graph calls have in common: paths, methods, pretty, debug, ETags. */
#include "tests/manage_bench.h"

STORY(paths,
    { "GET", "/v19.0/me/messenger_profile/", NULL, 200, "{\"data\":[]}" },
    { "GET", "//v19.0//me//messenger_profile//", NULL, 200, "{\"data\":[]}" },
    { "GET", "/V19.0/me/messenger_profile", NULL, 200, "{\"data\":[]}" },
    { "GET", "/me/messenger_profile", NULL, 200, "{\"data\":[]}" },
    { "GET", "/v19.0/me/Messenger_Profile", NULL, 400, "Unknown path components: \\/Messenger_Profile" },
    { "GET", "/v19.0/me/messenger_profile/more", NULL, 400, "Unknown path components: \\/messenger_profile\\/more" },
    { "GET", "/v19.0/me/a//b/c", NULL, 400, "Unknown path components: \\/a\\/b\\/c" },
    { "GET", "http://graph.facebook.com/v19.0/me/messenger_profile", NULL, 200, "{\"data\":[]}" },
    { "PUT", "/v19.0/me/messenger_profile", "{}", 400, "Unsupported put request." },
    { "HEAD", "/v19.0/me/messenger_profile", NULL, 200, NULL },
    { "POST", "/v19.0/me/messenger_profile", "method=get", 200, "{\"data\":[]}" },
    { "POST", "/v19.0/me/messenger_profile?method=GET", NULL, 200, "{\"data\":[]}" })

STORY(pretty,
    { "GET", "/v19.0/me?fields=id,name&pretty=1", NULL, 200, "{\n   \"id\": \"$page\",\n   \"name\": \"" },
    { "GET", "/v19.0/me/messenger_profile?pretty=true", NULL, 200, "{\n   \"data\": []\n}" },
    { "GET", "/v19.0/me/nonsense?pretty=1", NULL, 400, "{\n   \"error\": {\n      \"message\": \"Unknown path components: \\/nonsense\"," },
    { "GET", "/v19.0/me?fields=id&pretty=0", NULL, 200, "{\"id\":\"$page\"}" },
    { "GET", "/v19.0/me?fields=id&debug=all", NULL, 200, "{\"id\":\"$page\",\"__debug__\":{}}" })

STORY_AT(conventions_are_gone, CIVIL(2026, 8, 1),
    { "GET", "/v26.0/me?fields=id&pretty=1&debug=all", NULL, 200, "{\"id\":\"$page\"}" },
    { "GET", "/v25.0/me?fields=id&pretty=1", NULL, 200, "{\n   \"id\"" })

/* Dates as PHP's date() writes them; digits alone are a number. Refused since v26.0 [documented]. */
STORY(dates,
    { "POST", "/v19.0/me/messages", "{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"m1\"}}", 200, NULL },
    { "GET", "/v19.0/$mid?fields=created_time", NULL, 200, "{\"created_time\":\"2024-03-04T00:00:00+0000\"," },
    { "GET", "/v19.0/$mid?fields=created_time&date_format=U", NULL, 200, "{\"created_time\":1709510400," },
    { "GET", "/v19.0/$mid?fields=created_time&date_format=Y-m-d", NULL, 200, "{\"created_time\":\"2024-03-04\"," },
    { "GET", "/v19.0/me/conversations?fields=updated_time,messages{created_time}&date_format=H:i", NULL, 200, "{\"updated_time\":\"00:00\",\"messages\":{\"data\":[{\"created_time\":\"00:00\"," },
    { "GET", "/v19.0/me?fields=conversations{updated_time}&date_format=U", NULL, 200, "{\"updated_time\":1709510400," },
    { "GET", "/v19.0/me/insights?metric=page_messages_new_conversations_unique&date_format=Ymd", NULL, 200, "\"end_time\":2024030" },
    { "GET", "/v25.0/me?date_format=U", NULL, 200, "{\"name\":" },
    { "GET", "/v26.0/me?date_format=U", NULL, 400, "\"code\":100" },
    { "GET", "/v26.0/me", NULL, 200, "{\"name\":" })

/* 304 for what is known already, until v25.0. */
START_TEST(etags)
{
    struct stage s;
    char etag[40], target[300];
    struct request req = { .method = METHOD_GET, .method_text = STR("GET") };

    stage_init(&s);
    s.b.world->now = CIVIL(2026, 8, 1);
    stage_play(&s, &(struct step){ "GET", "/v26.0/me", NULL, 200, NULL });
    ck_assert_str_eq(s.b.reply.etag, "");
    stage_play(&s, &(struct step){ "GET", "/v25.0/me", NULL, 200, NULL });
    snprintf(etag, sizeof etag, "%s", s.b.reply.etag);
    ck_assert_uint_eq(strlen(etag), 34);
    snprintf(target, sizeof target, "/v25.0/me?access_token=%s", s.b.token->token);
    request_target(&req, str_of(target));
    req.if_none_match = str_of(etag);
    for (unsigned i = 0; i < 2; i++) {
        arena_reset(&s.b.arena);
        reply_reset(&s.b.reply);
        params_read(&s.b.params, &req, &s.b.arena);
        graph_handle(s.b.world, &req, &s.b.params, &s.b.arena, &s.b.reply);
        ck_assert_int_eq(s.b.reply.status, i == 0 ? 304 : 200);
        ck_assert_int_eq(s.b.reply.body.n == 0, i == 0);
        req.if_none_match = STR("\"another\"");
    }
    stage_fini(&s);
}
END_TEST

START_TEST(options)
{
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "OPTIONS", "/v19.0/me/messages(none)", NULL, 200, NULL });
    ck_assert_uint_eq(s.b.reply.body.n, 0);
    ck_assert_str_eq(s.b.reply.headers[0].name, "Access-Control-Allow-Origin");
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { paths, pretty, conventions_are_gone, etags, options, dates };

    return suite_main("conventions", tests, sizeof tests / sizeof *tests);
}
