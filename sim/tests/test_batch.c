/* Batches and ids, in all forms that clients send (send.md 9.3, clients.md 3.13). */
#include "tests/manage_bench.h"

#define TWO "[{\"method\":\"GET\",\"relative_url\":\"me?fields=id\"},{\"method\":\"get\",\"relative_url\":\"/$ann?fields=id\"}]"
#define PLAIN "\"include_headers\":false"
#define QUOTED_PAGE "{\"code\":200,\"body\":\"{\\\"id\\\":\\\"$page\\\"}\"}"

STORY(forms,
    { "POST", "/", "{\"batch\":" TWO "," PLAIN "}", 200, "[" QUOTED_PAGE ",{\"code\":200,\"body\":\"{\\\"id\\\":\\\"$ann\\\"}\"}]" },
    { "POST", "/v19.0/", "{\"batch\":" TWO "," PLAIN "}", 200, "[" QUOTED_PAGE "," },
    { "POST", "/v19.0//", "batch=" TWO "&include_headers=false", 200, "[" QUOTED_PAGE "," },
    { "POST", "/v19.0/me/messages", "{\"batch\":\"[{\\\"method\\\":\\\"GET\\\",\\\"relative_url\\\":\\\"me?fields=id\\\"}]\"," PLAIN "}", 200, "[" QUOTED_PAGE "]" },
    { "POST", "/?batch=%5B%7B%22relative_url%22:%22me?fields=id%22%7D%5D&include_headers=false", NULL, 200, "[" QUOTED_PAGE "]" },
    { "POST", "/me", "{\"batch\":[{\"relative_url\":\"https://graph.facebook.com/v18.0/me?fields=id\"}]," PLAIN "}", 200, "[" QUOTED_PAGE "]" },
    { "POST", "/", "{\"batch\":" TWO "}", 200, "{\"code\":200,\"headers\":[{\"name\":\"Access-Control-Allow-Origin\",\"value\":\"*\"},{\"name\":\"ETag\",\"value\":\"\\\"" },
    { "POST", "/v18.0/", "{\"batch\":" TWO "}", 200, "{\"name\":\"Facebook-API-Version\",\"value\":\"v18.0\"}" })

/* Sends, with bodies as clients write them. */
STORY(sends,
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"method\":\"POST\",\"relative_url\":\"me/messages\",\"body\":\"recipient=%7B%22id%22%3A%22$ann%22%7D&message=%7B%22text%22%3A%22a%26b%22%7D\"}]}",
      200, "[{\"code\":200,\"body\":\"{\\\"recipient_id\\\":\\\"$ann\\\",\\\"message_id\\\":\\\"m_" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"method\":\"post\",\"relative_url\":\"me/messages\",\"body\":\"recipient[id]=$ann&message[text]=hi&tag=\"}]}", 200, "message_id" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"method\":\"POST\",\"relative_url\":\"me/messages\",\"body\":\"recipient={\\\"id\\\":\\\"$ann\\\"}&message={\\\"text\\\":\\\"hi\\\"}\"}]}", 200,
      "message_id" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"method\":\"POST\",\"relative_url\":\"me/messages\",\"body\":\"{\\\"recipient\\\":{\\\"id\\\":\\\"$ann\\\"},\\\"message\\\":{\\\"text\\\":\\\"hi\\\"}}\"}]}",
      200, "message_id" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"method\":\"POST\",\"relative_url\":\"me/messages\",\"body\":{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"hi\"}}}]}", 200,
      "message_id" },
    { "DELETE", "/v19.0/me/messenger_profile", "{\"fields\":[\"greeting\"]}", 200, "success" })

/* One that fails does not stop the others; its answer is that of a call of its own. */
STORY(failures,
    { "POST", "/v19.0/", "{\"batch\":[{\"relative_url\":\"999\"},{\"relative_url\":\"me?fields=id\"}]}", 200,
      "[{\"code\":400,\"headers\":[{\"name\":\"WWW-Authenticate\",\"value\":\"OAuth \\\"Facebook Platform\\\" \\\"invalid_request\\\" \\\"Unsupported get request." },
    { "POST", "/v19.0/", "{\"batch\":[{\"relative_url\":\"999\"},{\"relative_url\":\"me?fields=id\"}]," PLAIN "}", 200, "," QUOTED_PAGE "]" },
    { "POST", "/v19.0/", "{\"batch\":[{},{\"relative_url\":\"me?fields=id\"}]," PLAIN "}", 200, "(#100) The parameter relative_url is required" },
    { "POST", "/v19.0/", "{\"batch\":[7]," PLAIN "}", 200, "(#100) The parameter relative_url is required" },
    { "POST", "/v19.0/", "{\"batch\":[{\"relative_url\":\"/\",\"method\":\"POST\",\"body\":\"batch=[]\"}]," PLAIN "}", 200, "{\"code\":400," },
    { "POST", "/v19.0/", "{\"batch\":7}", 400, "(#100) Param batch must be an array." },
    { "POST", "/v19.0/", "{\"batch\":[]}", 400, "(#194) param batch has too few elements." },
    { "POST", "/v19.0/(none)", "{\"batch\":" TWO "}", 400, "An access token is required" },
    { "POST", "/v19.0/?access_token=garbage", "{\"batch\":" TWO "}", 400, "Cannot parse access token" },
    { "POST", "/v19.0/", "{\"batch\":[{\"relative_url\":\"me?access_token=garbage\"}]," PLAIN "}", 200, "[{\"code\":400,\"body\":\"{\\\"error\\\":{\\\"message\\\":\\\"Invalid OAuth" })

STORY(references,
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"method\":\"POST\",\"name\":\"new\",\"relative_url\":\"me/custom_labels\",\"body\":\"page_label_name=vip\"},"
                         "{\"method\":\"POST\",\"relative_url\":\"{result=new:$.id}/label\",\"body\":\"user=$ann\"}]}", 200,
      "[null,{\"code\":200,\"body\":\"{\\\"success\\\":true}\"}]" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"name\":\"list\",\"relative_url\":\"me/custom_labels\",\"omit_response_on_success\":false},"
                         "{\"relative_url\":\"?ids={result=list:$.data.*.id}\"}]}", 200, "\\\"page_label_name\\\":\\\"vip\\\"" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"name\":\"list\",\"relative_url\":\"me/custom_labels\",\"omit_response_on_success\":true},{\"relative_url\":\"me?fields=id\"}]}", 200,
      "[null," QUOTED_PAGE "]" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"name\":\"bad\",\"relative_url\":\"999\"},{\"relative_url\":\"{result=bad:$.id}\"},{\"relative_url\":\"me?fields=id\",\"depends_on\":\"bad\"}]}",
      200, "}\"},null,null]" },
    { "POST", "/v19.0/", "{" PLAIN ",\"batch\":[{\"name\":\"me\",\"relative_url\":\"me?fields=name,id\"},{\"method\":\"POST\",\"relative_url\":\"me/messages\","
                         "\"body\":\"recipient={\\\"id\\\":\\\"$ann\\\"}&message={\\\"text\\\":\\\"I am {result=me:$.name}\\\"}\"}]}", 200, "message_id" })

/* 50 go, 51 do not. */
START_TEST(sizes)
{
    struct stage s;
    static char body[8192];

    stage_init(&s);
    for (unsigned extra = 0; extra < 2; extra++) {
        size_t n = (size_t)snprintf(body, sizeof body, "{\"include_headers\":false,\"batch\":[");

        for (unsigned i = 0; i < 50 + extra; i++)
            n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"relative_url\":\"me?fields=id\"}", i > 0 ? "," : "");
        snprintf(body + n, sizeof body - n, "]}");
        stage_play(&s, &(struct step){ "POST", "/v19.0/", body, extra ? 400 : 200,
                                       extra ? "Too many requests in batch message. Maximum batch size is 50\",\"type\":\"GraphBatchException\"" : QUOTED_PAGE });
    }
    stage_fini(&s);
}
END_TEST

/* A handshake cannot wait in a batch: null, and nothing changed. */
START_TEST(handshake)
{
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "POST", "/v19.0/?access_token=$app|$secret", "{" PLAIN ",\"batch\":[{\"method\":\"POST\",\"relative_url\":\"$app/subscriptions\","
                                   "\"body\":\"object=page&callback_url=https://a.example/&fields=messages&verify_token=x\"}]}", 200, "[null]" });
    ck_assert_ptr_null(s.b.app->webhook.url);
    stage_fini(&s);
}
END_TEST

STORY(ids,
    { "GET", "/v19.0/?ids=$page,$ann&fields=id", NULL, 200, "{\"$page\":{\"id\":\"$page\"},\"$ann\":{\"id\":\"$ann\"}}" },
    { "GET", "/?ids=$page", NULL, 200, "{\"$page\":{\"name\":" },
    { "GET", "/?ids=$page,$page&fields=id", NULL, 200, "{\"$page\":{\"id\":\"$page\"}}" },
    { "GET", "/v19.0/custom_labels?ids=$page", NULL, 200, "{\"$page\":{\"data\":[]}}" },
    { "GET", "/v19.0/?ids=$page,999", NULL, 400, "Object with ID '999' does not exist" },
    { "GET", "/v19.0/", NULL, 400, "Unsupported request - method type: get" })

STORY_AT(ids_are_gone, CIVIL(2026, 8, 1),
    { "GET", "/v26.0/?ids=$page", NULL, 400, "Unsupported request - method type: get" },
    { "GET", "/v25.0/?ids=$page", NULL, 200, "{\"$page\":{" })

static void
look_for_token(void *to, const char *line, size_t n)
{
    const struct stage *s = to;

    ck_assert_ptr_null(memmem(line, n, s->b.token->token, strlen(s->b.token->token)));
    ck_assert_ptr_null(memchr(line, '\n', n));
}

/* Each element has its line in the journal, and no line has a token in it: not in requests, not in links of pages. */
START_TEST(journal)
{
    struct stage s;
    char target[300];

    stage_init(&s);
    snprintf(target, sizeof target, "{\"batch\":[{\"relative_url\":\"me/custom_labels?access_token=%s\"},{\"relative_url\":\"me\"}]}", s.b.token->token);
    uint64_t first = world_journal_next(s.b.world);
    stage_play(&s, &(struct step){ "POST", "/v19.0/", target, 200, NULL });
    ck_assert_uint_eq(world_journal_next(s.b.world) - first, 3);
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/custom_labels", "page_label_name=a", 200, NULL });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/custom_labels", "page_label_name=b", 200, NULL });
    stage_play(&s, &(struct step){ "GET", "/v19.0/me/custom_labels?limit=1&pretty=1", NULL, 200, "access_token=" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/me", "{\"fields\":\"access_token\"}", 200, s.b.token->token });
    for (uint64_t seq = first; seq < world_journal_next(s.b.world); seq++)
        ck_assert(world_journal_read(s.b.world, seq, look_for_token, &s));
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { forms, sends, failures, references, sizes, handshake, ids, ids_are_gone, journal };

    return suite_main("batch", tests, sizeof tests / sizeof *tests);
}
