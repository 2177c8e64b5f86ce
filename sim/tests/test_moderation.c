/* Blocking, banning, spam (webhooks.md 4.7). */
#include "tests/manage_bench.h"

#define M "/v24.0/me/moderate_conversations"
#define ANN "{\"user_ids\":[{\"id\":\"$ann\"}],\"actions\":"
#define DONE "{\"success\":true}"
#define SEND "{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"x\"}}"

STORY_AT(moderate, CIVIL(2025, 12, 1),
    { "POST", M, ANN "[\"BLOCK_USER\"]}", 200, DONE },
    { "POST", "/v24.0/me/messages", SEND, 400, "\"error_subcode\":1545041" },
    { "GET", "/v24.0/me/blocked", NULL, 200, "\"id\":\"$ann\"}],\"paging\":" },
    { "POST", M, ANN "[\"UNBLOCK_USER\"]}", 200, DONE },
    { "POST", "/v24.0/me/messages", SEND, 200, "message_id" },
    { "POST", M, ANN "[\"BAN_USER\",\"MOVE_TO_SPAM\"]}", 200, DONE },
    { "GET", "/v24.0/me/conversations", NULL, 200, "{\"data\":[]}" },
    { "GET", "/v24.0/me/conversations?folder=spam", NULL, 200, "{\"data\":[{\"id\":\"t_" },
    { "POST", M, ANN "[\"unban_user\"]}", 200, DONE },
    { "POST", M, ANN "\"BLOCK_USER,UNBLOCK_USER\"}", 400, "(#100) Must specify exactly one of BLOCK_USER, UNBLOCK_USER" },
    { "POST", M, ANN "[\"BLOCK_USER\",\"MOVE_TO_SPAM\",\"BAN_USER\"]}", 400, "(#105) param actions has too many elements." },
    { "POST", M, ANN "[\"HUG\"]}", 400, "(#100) Param actions[0] must be one of {BAN_USER" },
    { "POST", M, ANN "[]}", 400, "(#194) param actions has too few elements." },
    { "POST", M, "{\"user_ids\":[{\"id\":\"1\"}],\"actions\":[\"BAN_USER\"]}", 400, "\"error_subcode\":2018001" },
    { "POST", M, "{\"actions\":[\"BAN_USER\"]}", 400, "(#100) The parameter user_ids is required" },
    { "POST", M, "{\"user_ids\":[{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},{\"id\":\"1\"},"
                 "{\"id\":\"1\"}],\"actions\":[\"BAN_USER\"]}", 400, "(#105) param user_ids has too many elements." })

STORY_AT(before_its_time, CIVIL(2025, 3, 30), { "POST", "/v22.0/me/moderate_conversations", ANN "[\"BLOCK_USER\"]}", 400, "Unknown path components" })

STORY(blocked,
    { "GET", "/v19.0/me/blocked", NULL, 200, "{\"data\":[]}" },
    { "POST", "/v19.0/$page/blocked", "{\"psid\":[\"$ann\",\"77\"]}", 200, "{\"$ann\":true,\"77\":false}" },
    { "GET", "/v19.0/me/blocked?user=$ann", NULL, 200, "\"id\":\"$ann\"}]" },
    { "GET", "/v19.0/me/blocked?user=77", NULL, 200, "{\"data\":[]}" },
    { "GET", "/v19.0/me/blocked?psid=$ann", NULL, 200, "\"id\":\"$ann\"}]" },
    { "GET", "/v19.0/me/blocked?psid=77", NULL, 200, "{\"data\":[]}" },
    { "GET", "/v19.0/me/blocked?fields=id", NULL, 200, "{\"data\":[{\"id\":\"$ann\"}]," },
    { "POST", "/v19.0/me/messages", SEND, 400, "\"error_subcode\":1545041" },
    { "DELETE", "/v19.0/me/blocked?psid=$ann", NULL, 200, DONE },
    { "GET", "/v19.0/me/blocked", NULL, 200, "{\"data\":[]}" },
    { "DELETE", "/v19.0/me/blocked?psid=77", NULL, 400, "\"error_subcode\":2018001" },
    { "DELETE", "/v19.0/me/blocked", NULL, 400, "(#100) The parameter psid is required" },
    { "POST", "/v19.0/me/blocked", "{}", 400, "(#100) The parameter psid is required" })

START_TEST(blocked_by_asid)
{
    struct stage s;
    struct person person;
    char body[64];

    stage_init(&s);
    thread_person(s.b.world, s.b.ann, &person);
    snprintf(body, sizeof body, "asid=%s", person.asid);
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/blocked", body, 200, ":true}" });
    ck_assert_uint_ne(s.b.ann->flags & THREAD_BANNED, 0);
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { moderate, before_its_time, blocked, blocked_by_asid };

    return suite_main("moderation", tests, sizeof tests / sizeof *tests);
}
