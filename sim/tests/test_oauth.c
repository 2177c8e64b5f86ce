/* Log-in, a person's pages, account linking, m.me. */
#include <stdarg.h>

#include "tests/manage_bench.h"

#define A "/v19.0/oauth/access_token"
#define CLIENT "client_id=$app&client_secret=$secret"

STORY(app_token,
    { "GET", A "?" CLIENT "&grant_type=client_credentials(none)", NULL, 200, "{\"access_token\":\"$app|$secret\",\"token_type\":\"bearer\"}" },
    { "POST", "/oauth/access_token(none)", CLIENT "&grant_type=client_credentials", 200, "\"token_type\":\"bearer\"}" },
    { "GET", A "?client_secret=$secret(none)", NULL, 400, "{\"error\":{\"message\":\"Missing client_id parameter.\",\"type\":\"OAuthException\",\"code\":101," },
    { "GET", A "?client_id=999&client_secret=$secret(none)", NULL, 400, "Error validating application." },
    { "GET", A "?client_id=$app&client_secret=x(none)", NULL, 400, "{\"error\":{\"message\":\"Error validating client secret.\",\"type\":\"OAuthException\",\"code\":1," },
    { "GET", A "?" CLIENT "(none)", NULL, 400, "Missing code parameter." },
    { "GET", A "?" CLIENT "&grant_type=fb_exchange_token(none)", NULL, 400, "Missing fb_exchange_token parameter." },
    { "GET", A "?" CLIENT "&fb_exchange_token=garbage(none)", NULL, 400, "Cannot parse access token" },
    { "GET", A "?" CLIENT "&code=garbage&redirect_uri=https://a.example/(none)", NULL, 400,
      "{\"error\":{\"message\":\"Invalid verification code format.\",\"type\":\"OAuthException\",\"code\":100,\"fbtrace_id\":" },
    { "GET", A "?" CLIENT "&code=garbage(none)", NULL, 400, "Missing redirect_uri parameter." })

static void
ask(struct stage *s, const char *method, int status, const char *want, const char *format, ...)
{
    char target[1400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(target, sizeof target, format, arguments);
    va_end(arguments);
    stage_play(s, &(struct step){ method, target, NULL, status, want });
}

/* Dialog, code, token of two hours, token of sixty days, pages, page token, a send. */
START_TEST(whole_way)
{
    struct stage s;
    char code[128], token[256], page_token[256];

    stage_init(&s);
    ask(&s, "GET", 302, NULL, "/v19.0/dialog/oauth?client_id=$app&redirect_uri=https%%3A%%2F%%2Fa.example%%2Fback%%3Fx%%3D1&state=a%%20b(none)");
    ck_assert_str_eq(s.b.reply.headers[0].name, "Location");
    ck_assert_ptr_nonnull(strstr(s.b.reply.headers[0].value, "https://a.example/back?x=1&code="));
    ck_assert_ptr_nonnull(strstr(s.b.reply.headers[0].value, "&state=a%20b#_=_"));
    stage_keep(code, sizeof code, s.b.reply.headers[0].value, "&code=");
    code[strcspn(code, "&")] = '\0';
    ask(&s, "GET", 400, "\"error_subcode\":36008", A "?" CLIENT "&code=%s&redirect_uri=https://other.example/(none)", code);
    ck_assert_ptr_nonnull(strstr(s.b.reply.www_authenticate, "\"invalid_code\""));
    ask(&s, "GET", 200, "\"expires_in\":7200}", A "?" CLIENT "&code=%s&redirect_uri=https://a.example/back?x=1(none)", code);
    stage_keep(token, sizeof token, bench_body(&s.b), "\"access_token\":\"");
    ask(&s, "GET", 400, "\"error_subcode\":36009", A "?" CLIENT "&code=%s&redirect_uri=https://a.example/back?x=1(none)", code);
    ask(&s, "GET", 200, "\"expires_in\":5184000}", A "?" CLIENT "&grant_type=fb_exchange_token&fb_exchange_token=%s(none)", token);
    world_set_now(s.b.world, BENCH_NOW + 3 * HOUR);
    ask(&s, "GET", 400, "\"error_subcode\":463", A "?" CLIENT "&grant_type=fb_exchange_token&fb_exchange_token=%s(none)", token);
    world_set_now(s.b.world, BENCH_NOW + 3 * HOUR);
    ask(&s, "GET", 400, "\"error_subcode\":463", "/v19.0/me/accounts?access_token=%s", token);
    struct credential *user = world_add_credential(s.b.world, CREDENTIAL_USER, 0, INDEX_NONE, NULL);
    ask(&s, "GET", 200, "{\"data\":[{\"access_token\":\"EAA", "/v19.0/me/accounts?access_token=%s", user->token);
    stage_keep(page_token, sizeof page_token, bench_body(&s.b), "\"access_token\":\"");
    ck_assert_str_eq(page_token, s.b.token->token);
    ask(&s, "GET", 200, "\"tasks\":[\"MODERATE\",\"MESSAGING\"", "/v19.0/me/accounts?access_token=%s", user->token);
    ask(&s, "GET", 200, "{\"data\":[{\"name\":\"", "/v19.0/me/accounts?fields=name,id&access_token=%s", user->token);
    ask(&s, "GET", 200, "\"accounts\":{\"data\":[{\"id\":\"$page\"}]", "/v19.0/me?fields=id,accounts{id}&access_token=%s", user->token);
    ask(&s, "GET", 200, "{\"data\":[{\"id\":\"$page\",\"conversations\":{\"data\":[", "/v19.0/me/accounts?fields=id,conversations{id}&access_token=%s", user->token);
    ask(&s, "GET", 200, "\"short_name\":\"Page\",\"picture\":{\"data\":{\"height\":50,\"is_silhouette\":true", "/v19.0/me?fields=short_name,picture,email&access_token=%s", user->token);
    ask(&s, "GET", 200, "{\"data\":{\"height\":200,\"is_silhouette\":false,\"url\":\"https:", "/v19.0/me/picture?type=large&redirect=0&access_token=%s", s.b.token->token);
    ask(&s, "GET", 302, "", "/v19.0/$page/picture?access_token=%s", s.b.token->token);
    ask(&s, "GET", 200, "{\"can_post\":true,\"checkins\":0,\"is_verified\":false,\"id\":\"$page\"}", "/v19.0/me?fields=can_post,checkins,is_verified,mission&access_token=%s", s.b.token->token);
    ask(&s, "GET", 200, "{\"name\":\"Page Admin\",\"id\":\"", "/v19.0/me?access_token=%s", user->token);
    ask(&s, "GET", 200, "{\"permission\":\"pages_messaging\",\"status\":\"granted\"}", "/v19.0/me/permissions?access_token=%s", user->token);
    ask(&s, "GET", 200, "{\"access_token\":\"EAA", "/v19.0/$page?fields=access_token&access_token=%s", user->token);
    ask(&s, "GET", 400, "(#190) This method must be called with a Page Access Token", "/v19.0/$page/conversations?access_token=%s", user->token);
    ask(&s, "GET", 400, "(#100) Tried accessing nonexisting field (conversations) on node type (User)\",\"type\":\"OAuthException\",\"code\":100,\"fbtrace_id\"",
        "/v19.0/me/conversations?access_token=%s", user->token);
    ask(&s, "GET", 400, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)", "/v19.0/me/accounts?access_token=%s", s.b.token->token);
    ask(&s, "POST", 400, "Unsupported post request. Object with ID 'me' does not exist", "/v19.0/me/messages?access_token=%s", user->token);
    ask(&s, "POST", 400, "Unknown path components: \\/nonsense", "/v19.0/me/nonsense?access_token=%s", user->token);
    user->permissions &= ~(unsigned)PERM_SHOW_LIST;
    ask(&s, "GET", 403, "(#200) Requires pages_show_list permission to manage the object", "/v19.0/me/accounts?access_token=%s", user->token);
    /* a page token got with fewer permissions is another one */
    ask(&s, "GET", 200, "{\"access_token\":\"EAA", "/v19.0/$page?fields=access_token&access_token=%s", user->token);
    stage_keep(page_token, sizeof page_token, bench_body(&s.b), "\"access_token\":\"");
    ck_assert_str_ne(page_token, s.b.token->token);
    stage_fini(&s);
}
END_TEST

START_TEST(codes_die)
{
    struct stage s;
    char code[128];

    stage_init(&s);
    ask(&s, "GET", 302, NULL, "/dialog/oauth?client_id=$app&redirect_uri=https://a.example/(none)");
    stage_keep(code, sizeof code, s.b.reply.headers[0].value, "?code=");
    code[strcspn(code, "#")] = '\0';
    world_set_now(s.b.world, BENCH_NOW + 10 * MINUTE);
    ask(&s, "GET", 400, "\"error_subcode\":36007", A "?" CLIENT "&code=%s&redirect_uri=https://a.example/(none)", code);
    ask(&s, "GET", 400, "Missing redirect_uri parameter.", "/dialog/oauth?client_id=$app&redirect_uri=javascript:x(none)");
    stage_fini(&s);
}
END_TEST

/* The state of a token is told by its errors. */
START_TEST(states)
{
    static const struct {
        enum credential_state state;
        const char *want;
        int status;
    } rows[] = {
        { TOKEN_VALID, "\"data\":[", 200 },
        { TOKEN_EXPIRED, "\"error_subcode\":463", 400 },
        { TOKEN_PASSWORD_CHANGED, "\"error_subcode\":460", 400 },
        { TOKEN_APP_DELETED, "\"error_subcode\":458", 400 },
        { TOKEN_LOGGED_OUT, "\"error_subcode\":467", 400 },
        { TOKEN_CHECKPOINT, "\"error_subcode\":459", 400 },
        { TOKEN_UNCONFIRMED, "\"error_subcode\":464", 400 },
        { TOKEN_ROLE_LOST, "\"error_subcode\":492", 400 },
        { TOKEN_SESSION_ENDED, "\"code\":102", 400 },
        { TOKEN_PERMISSIONS_REVOKED, "(#230) Requires pages_messaging permission to manage the object", 403 },
    };
    struct stage s;

    stage_init(&s);
    s.b.token->state = rows[_i].state;
    stage_play(&s, &(struct step){ "GET", "/v19.0/me/messenger_profile", NULL, rows[_i].status, rows[_i].want });
    if (rows[_i].status == 400)
        ck_assert_ptr_nonnull(strstr(s.b.reply.www_authenticate, "\"invalid_token\""));
    stage_fini(&s);
}
END_TEST

/* Whose the scopes are: a page's token names the page, a person's none, and the app grants itself nothing. */
START_TEST(scopes)
{
    struct stage s;
    char target[512];

    stage_init(&s);
    struct credential *user = world_add_credential(s.b.world, CREDENTIAL_USER, 0, INDEX_NONE, NULL);
    snprintf(target, sizeof target, "/v19.0/debug_token?input_token=%s", s.b.token->token);
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, "\"granular_scopes\":[{\"scope\":\"pages_messaging\",\"target_ids\":[\"$page\"]}" });
    snprintf(target, sizeof target, "/v19.0/debug_token?input_token=%s", user->token);
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, "\"granular_scopes\":[{\"scope\":\"pages_messaging\"}" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/debug_token?input_token=$app|$secret", NULL, 200, "\"type\":\"APP\"" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/debug_token?input_token=$app|$secret", NULL, 200, "\"scopes\":[]}}" });
    stage_fini(&s);
}
END_TEST

STORY(token_texts,
    { "GET", "/v19.0/me/messenger_profile(none)", NULL, 400, "An active access token must be used" },
    { "GET", "/v19.0/$page/messenger_profile?access_token=", NULL, 400, "\"code\":104" },
    { "GET", "/v19.0/$page/messenger_profile?access_token=EAAgarbage", NULL, 400, "Cannot parse access token" },
    { "GET", "/v19.0/$page/messenger_profile?access_token=$app|$secret", NULL, 400, "A user access token is required to request this resource." })

START_TEST(linking)
{
    struct stage s;

    stage_init(&s);
    struct node *token = world_add_node(s.b.world, NODE_LINK_TOKEN, NULL, 0);
    token->thread = s.b.ann->index;
    token->until = BENCH_NOW + 5 * MINUTE;
    snprintf(s.id, sizeof s.id, "%s", token->id);
    world_set_now(s.b.world, BENCH_NOW + 5 * MINUTE - 1);
    stage_play(&s, &(struct step){ "GET", "/v19.0/me?fields=recipient&account_linking_token=$id", NULL, 200, "{\"recipient\":\"$ann\",\"id\":\"$page\"}" });
    world_set_now(s.b.world, BENCH_NOW + 5 * MINUTE);
    stage_play(&s, &(struct step){ "GET", "/v19.0/me?fields=recipient&account_linking_token=$id", NULL, 400, "\"code\":10303" });
    stage_play(&s, &(struct step){ "GET", "/v19.0/me?fields=recipient&account_linking_token=x", NULL, 400, "Invalid account_linking_token" });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/unlink_accounts", "{\"psid\":\"$ann\"}", 200, "{\"result\":\"unlink account success\"}" });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/unlink_accounts", "{\"psid\":\"1\"}", 400, "2018001" });
    stage_play(&s, &(struct step){ "POST", "/v19.0/me/unlink_accounts", "{}", 400, "(#100) The parameter psid is required" });
    stage_fini(&s);
}
END_TEST

START_TEST(m_me)
{
    struct stage s;
    char target[256];

    stage_init(&s);
    s.b.page->messaging_is_on = true;
    stage_play(&s, &(struct step){ "GET", "/m.me/$page?ref=summer-2024(none)", NULL, 200, "<script type=\"application/json\" id=\"act\">{\"act\":\"m_me\",\"page\":\"$page\",\"ref\":\"summer-2024\"}</script>" });
    ck_assert_str_eq(s.b.reply.content_type, "text/html; charset=utf-8");
    snprintf(target, sizeof target, "/m.me/%s(none)", s.b.page->username);
    stage_play(&s, &(struct step){ "GET", target, NULL, 200, "{\"act\":\"m_me\",\"page\":\"$page\"}" });
    stage_play(&s, &(struct step){ "GET", "/m.me/$page?ref=%3Cscript%3E(none)", NULL, 200, "{\"act\":\"m_me\",\"page\":\"$page\"}" });
    stage_play(&s, &(struct step){ "GET", "/m.me/nobody(none)", NULL, 404, "This content isn't available" });
    stage_play(&s, &(struct step){ "GET", "/m.me(none)", NULL, 404, NULL });
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("oauth");
    TCase *tc = tcase_create("oauth");

    suite_add_tcase(suite, tc);
    tcase_add_test(tc, app_token);
    tcase_add_test(tc, whole_way);
    tcase_add_test(tc, codes_die);
    tcase_add_loop_test(tc, states, 0, 10);
    tcase_add_test(tc, token_texts);
    tcase_add_test(tc, linking);
    tcase_add_test(tc, m_me);
    tcase_add_test(tc, scopes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
