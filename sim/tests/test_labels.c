/* Custom labels, call by call (webhooks.md 4.2). */
#include "tests/manage_bench.h"
#include "world/page_extra.h"

#define L "/v19.0/me/custom_labels"
#define DONE "{\"success\":true}"

STORY(life,
    { "GET", L, NULL, 200, "{\"data\":[]}" },
    { "POST", L, "{\"page_label_name\":\"vip\"}", 200, "{\"id\":\"" },
    { "GET", "/v19.0/$id?fields=id,page_label_name", NULL, 200, "{\"id\":\"$id\",\"page_label_name\":\"vip\"}" },
    { "GET", "/v19.0/$id", NULL, 200, "{\"page_label_name\":\"vip\",\"id\":\"$id\"}" },
    { "GET", L "?fields=page_label_name", NULL, 200, "{\"data\":[{\"page_label_name\":\"vip\",\"id\":\"$id\"}],\"paging\":{\"cursors\":{\"before\":\"" },
    { "POST", L, "{\"page_label_name\":\"vip\"}", 200, "{\"id\":\"$id\"}" },
    { "POST", "/v19.0/$id/label", "{\"user\":\"$ann\"}", 200, DONE },
    { "POST", "/v19.0/$id/label?user=$ann", NULL, 200, DONE },
    { "GET", "/v19.0/$ann/custom_labels", NULL, 200, "{\"data\":[{\"page_label_name\":\"vip\",\"id\":\"$id\"}],\"paging\"" },
    { "GET", "/v19.0/$ann?fields=first_name,custom_labels{page_label_name}", NULL, 200, "\"custom_labels\":{\"data\":[{\"page_label_name\":\"vip\",\"id\":\"$id\"}]" },
    { "DELETE", "/v19.0/$id/label", "{\"user\":\"$ann\"}", 200, DONE },
    { "DELETE", "/v19.0/$id/label?user=$ann", NULL, 200, DONE },
    { "GET", "/v19.0/$ann/custom_labels", NULL, 200, "{\"data\":[]}" },
    { "POST", "/v19.0/$id/label", "{\"user\":\"123\"}", 400, "\"error_subcode\":2018001" },
    { "POST", "/v19.0/$id/label", "{}", 400, "(#100) The parameter user is required" },
    { "POST", "/v19.0/$id", "method=delete", 200, DONE },
    { "GET", "/v19.0/me/custom_labels", NULL, 200, "{\"data\":[]}" },
    { "POST", L, "{}", 400, "(#100) The parameter page_label_name is required" },
    { "POST", L, "{\"page_label_name\":\"\"}", 400, "must be a non-empty UTF-8 encoded string" })

STORY(deleted_is_gone,
    { "POST", L, "page_label_name=x", 200, "{\"id\":\"" },
    { "DELETE", "/$id", NULL, 200, DONE },
    { "GET", "/$id", NULL, 400, "\"error_subcode\":33" })

/* `name` is the old name: readable until 2021-12-14, taken for ever. */
STORY_AT(old_name, CIVIL(2019, 6, 1),
    { "POST", "/me/custom_labels", "{\"name\":\"vip\"}", 200, "{\"id\":\"" },
    { "GET", "/$id?fields=name,id", NULL, 200, "{\"name\":\"vip\",\"id\":\"$id\"}" },
    { "GET", "/$id?fields=page_label_name", NULL, 400, "nonexisting field (page_label_name)" })

STORY(old_name_today,
    { "POST", L, "{\"name\":\"vip\"}", 200, "{\"id\":\"" },
    { "GET", "/v19.0/$id?fields=name", NULL, 400, "nonexisting field (name)" })

START_TEST(terms)
{
    struct stage s;

    stage_init(&s);
    page_set_text(s.b.page, "terms/contact", STR("false"));
    stage_play(&s, &(struct step){ "POST", L, "{\"page_label_name\":\"vip\"}", 400,
                                   "{\"error\":{\"message\":\"Service temporarily unavailable\",\"type\":\"OAuthException\",\"code\":2,\"error_subcode\":2018344,"
                                   "\"is_transient\":false,\"error_user_title\":\"Privacy ToS not accepted\"" });
    stage_play(&s, &(struct step){ "GET", L, NULL, 400, "2018344" });
    page_set_text(s.b.page, "terms/contact", STR("true"));
    stage_play(&s, &(struct step){ "GET", L, NULL, 200, "{\"data\":[]}" });
    stage_fini(&s);
}
END_TEST

/* 60 labels in pages of 25, forth and back; the loop of a client that goes on until there is no paging ends. */
START_TEST(pages)
{
    struct stage s;
    char target[256] = L "?limit=25", after[32];
    unsigned calls = 0, seen = 0;

    stage_init(&s);
    for (unsigned i = 0; i < 60; i++) {
        char body[64];

        snprintf(body, sizeof body, "{\"page_label_name\":\"l%u\"}", i);
        stage_play(&s, &(struct step){ "POST", L, body, 200, NULL });
    }
    for (;; calls++) {
        stage_play(&s, &(struct step){ "GET", target, NULL, 200, NULL });
        for (const char *at = bench_body(&s.b); (at = strstr(at, "page_label_name")) != NULL; at++)
            seen++;
        if (strstr(bench_body(&s.b), "\"paging\"") == NULL)
            break;
        ck_assert_int_eq(strstr(bench_body(&s.b), "\"next\":\"https:\\/\\/graph.facebook.com\\/v19.0\\/") != NULL, calls < 2);
        ck_assert_int_eq(strstr(bench_body(&s.b), "\"previous\"") != NULL, calls > 0);
        stage_keep(after, sizeof after, bench_body(&s.b), "\"after\":\"");
        snprintf(target, sizeof target, L "?limit=25&after=%s", after);
    }
    ck_assert_uint_eq(calls, 3);
    ck_assert_uint_eq(seen, 60);
    stage_play(&s, &(struct step){ "GET", L "?limit=2", NULL, 200, "{\"data\":[{\"page_label_name\":\"l0\"" });
    char link[1024], path[600];
    stage_keep(link, sizeof link, bench_body(&s.b), "\"next\":\"https:\\/\\/graph.facebook.com");
    size_t n = 0;
    for (const char *at = link; *at != '\0'; at++) /* the link as a client reads it, token and all */
        if (*at != '\\')
            path[n++] = *at;
    path[n] = '\0';
    stage_play(&s, &(struct step){ "GET", path, NULL, 200, "{\"data\":[{\"page_label_name\":\"l2\"" });
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { life, deleted_is_gone, old_name, old_name_today, terms, pages };

    return suite_main("labels", tests, sizeof tests / sizeof *tests);
}
