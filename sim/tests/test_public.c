/* What a page says in public: answers to comments, posts, pictures. */
#include "tests/manage_bench.h"

START_TEST(comments)
{
    struct stage s;

    stage_init(&s);
    struct node *post = world_add_node(s.b.world, NODE_POST, "1_22", 0), *comment = world_add_node(s.b.world, NODE_COMMENT, "22_333", 0);
    post->thread = comment->thread = s.b.ann->index;
    node_set_text(comment, STR("how much?"));
    node_set_text2(comment, STR("1_22"));
    stage_play(&s, &(struct step){ "GET", "/v19.0/22_333?fields=message,from", NULL, 200, "{\"message\":\"how much?\",\"from\":{\"name\":\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/22_333?fields=from", NULL, 200, "\"id\":\"$ann\"}" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/1_22", NULL, 200, "{\"created_time\":\"2024-03-04T00:00:00+0000\",\"id\":\"1_22\"}" });
    stage_play(&s, &(struct step){ "POST", "/v20.0/22_333/comments", "{\"message\":\"seven euros\"}", 200, "{\"id\":\"22_" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id?fields=message,from,permalink_url", NULL, 200, "{\"message\":\"seven euros\",\"from\":{\"name\":\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/$id?fields=from", NULL, 200, "\"id\":\"$page\"}" });
    stage_play(&s, &(struct step){ "POST", "/v20.0/$id/comments", "message=each", 200, "{\"id\":\"22_" });
    stage_play(&s, &(struct step){ "POST", "/v20.0/1_22/comments", "attachment_url=https://shop.example/a.png", 200, "{\"id\":\"22_" });
    stage_play(&s, &(struct step){ "POST", "/v20.0/22_333/comments", "{}", 400, "(#100) The parameter message is required" });
    stage_play(&s, &(struct step){ "POST", "/v20.0/22_333/comments", "{\"message\":\"\"}", 400, "must be a non-empty" });
    stage_play(&s, &(struct step){ "POST", "/v20.0/22_999/comments", "{\"message\":\"x\"}", 400, "\"error_subcode\":33" });
    /* The page cannot write to itself. */
    stage_play(&s, &(struct step){ "POST", "/v20.0/me/messages", "{\"recipient\":{\"comment_id\":\"$id\"},\"message\":{\"text\":\"x\"}}", 400, "\"error\":{" });
    /* Hidden, shown, gone. Words of its own alone a page may change. */
    stage_play(&s, &(struct step){ "POST", "/v23.0/22_333", "{\"is_hidden\":true}", 200, "{\"success\":true}" });
    stage_play(&s, &(struct step){ "POST", "/v23.0/22_333", "{\"is_hidden\":\"perhaps\"}", 400, "\"code\":100" });
    stage_play(&s, &(struct step){ "POST", "/v23.0/22_333", "{\"message\":\"how dear!\"}", 403, "(#200) Permissions error" });
    stage_play(&s, &(struct step){ "GET", "/v23.0/22_333?fields=message", NULL, 200, "{\"message\":\"how much?\"" });
    stage_play(&s, &(struct step){ "POST", "/v23.0/22_333/comments", "{\"message\":\"six\"}", 200, "{\"id\":\"22_" });
    stage_play(&s, &(struct step){ "POST", "/v23.0/$id", "message=five", 200, "{\"success\":true}" });
    stage_play(&s, &(struct step){ "GET", "/v23.0/$id?fields=message", NULL, 200, "{\"message\":\"five\"" });
    stage_play(&s, &(struct step){ "DELETE", "/v23.0/22_333", NULL, 200, "{\"success\":true}" });
    stage_play(&s, &(struct step){ "GET", "/v23.0/22_333", NULL, 400, "\"error_subcode\":33" });
    stage_play(&s, &(struct step){ "DELETE", "/v23.0/22_333", NULL, 400, "\"error_subcode\":33" });
    comment->is_deleted = false;
    s.b.token->permissions &= ~(unsigned)PERM_MANAGE_ENGAGEMENT;
    stage_play(&s, &(struct step){ "POST", "/v20.0/22_333/comments", "{\"message\":\"x\"}", 403, "(#200) Permissions error" });
    stage_fini(&s);
}
END_TEST

STORY(posts,
    { "POST", "/v3.1/$page/feed", "{\"message\":\"Open again\",\"link\":\"https://shop.example/\"}", 200, "{\"id\":\"$page_" },
    { "GET", "/v19.0/$id?fields=message,from", NULL, 200, "{\"message\":\"Open again\",\"from\":{\"name\":\"" },
    { "POST", "/v3.1/me/feed", "link=https://shop.example/", 200, "{\"id\":\"$page_" },
    { "POST", "/v3.1/me/feed", "{}", 400, "(#100) The parameter message is required" },
    { "POST", "/v3.1/me/feed", "{\"link\":\"nowhere\"}", 400, "should represent a valid URL" },
    { "POST", "/v3.1/me/photos", "{\"url\":\"https://shop.example/a.png\",\"caption\":\"Kettle\"}", 200, "\"post_id\":\"$page_" },
    { "POST", "/v3.1/me/photos", "{\"caption\":\"Kettle\"}", 400, "(#100) The parameter url is required" })

int
main(void)
{
    const TTest *const tests[] = { comments, posts };

    return suite_main("public", tests, sizeof tests / sizeof *tests);
}
