/* The Messenger Profile, settings of one person and thread_settings, call by call (webhooks.md 4.1, clients.md 3.6, 3.7, 4.4). */
#include "tests/manage_bench.h"

#define P "/v19.0/me/messenger_profile"
#define OK "{\"result\":\"success\"}"
#define STARTED "\"get_started\":{\"payload\":\"GO\"}"
#define MENU(items) "\"persistent_menu\":[{\"locale\":\"default\",\"composer_input_disabled\":false,\"call_to_actions\":[" items "]}]"
#define ITEM "{\"type\":\"postback\",\"title\":\"a\",\"payload\":\"b\"}"

STORY(set_and_get,
    { "GET", P, NULL, 200, "{\"data\":[]}" },
    { "POST", P, "{" STARTED "}", 200, OK },
    { "GET", P "?fields=get_started", NULL, 200, "{\"data\":[{\"get_started\":{\"payload\":\"GO\"}}]}" },
    { "POST", P, "{\"greeting\":[{\"locale\":\"default\",\"text\":\"Merhaba \\u015f\"},{\"locale\":\"en_US\",\"text\":\"Hi\"}]}", 200, OK },
    { "POST", P, "{\"whitelisted_domains\":[\"https://www.messenger.com\"],\"target_audience\":{\"audience_type\":\"custom\"}}", 200, OK },
    { "GET", P, NULL, 200,
      "{\"data\":[{\"get_started\":{\"payload\":\"GO\"},\"greeting\":[{\"locale\":\"default\",\"text\":\"Merhaba \\u015f\"},{\"locale\":\"en_US\",\"text\":\"Hi\"}],"
      "\"whitelisted_domains\":[\"https:\\/\\/www.messenger.com\"],\"target_audience\":{\"audience_type\":\"custom\"}}]}" },
    { "GET", "/v19.0/$page/messenger_profile/?fields=commands", NULL, 200, "{\"data\":[]}" },
    { "GET", P "?fields=nonsense", NULL, 400, "(#100) Tried accessing nonexisting field (nonsense) on node type (MessengerProfile)" },
    { "GET", P "?platform=instagram", NULL, 400, "\"error_subcode\":2534013" })

/* Every form of `fields` that clients send. */
STORY(fields_forms,
    { "POST", P, "{" STARTED ",\"greeting\":[{\"locale\":\"default\",\"text\":\"x\"}]}", 200, OK },
    { "GET", P "?fields=get_started,greeting", NULL, 200, "\"greeting\"" },
    { "GET", P "?fields=greeting,greeting", NULL, 200, "{\"data\":[{\"greeting\":[{\"locale\":\"default\",\"text\":\"x\"}]}]}" },
    { "GET", P "?fields=get_started%2C%20greeting", NULL, 200, "\"greeting\"" },
    { "GET", P "?fields=%5B%22greeting%22%5D", NULL, 200, "{\"data\":[{\"greeting\":" },
    { "GET", P "?fields%5B0%5D=greeting", NULL, 200, "{\"data\":[{\"greeting\":" },
    { "GET", P, "{\"fields\":\"greeting\"}", 200, "{\"data\":[{\"greeting\":" },
    { "DELETE", P, "{\"fields\":[\"greeting\"]}", 200, OK },
    { "GET", P, NULL, 200, "!greeting" },
    { "POST", P, "{\"greeting\":[{\"locale\":\"default\",\"text\":\"x\"}]}", 200, OK },
    { "DELETE", P "?fields=%5B%22greeting%22%5D", NULL, 200, OK },
    { "GET", P, NULL, 200, "!greeting" },
    { "POST", P, "{\"greeting\":[{\"locale\":\"default\",\"text\":\"x\"}]}", 200, OK },
    { "DELETE", P "?fields%5B0%5D=greeting", NULL, 200, OK },
    { "GET", P, NULL, 200, "!greeting" },
    { "POST", P, "greeting=[{\"locale\":\"default\",\"text\":\"x\"}]", 200, OK },
    { "POST", P, "method=DELETE&fields=[\"greeting\"]", 200, OK },
    { "GET", P, NULL, 200, "!greeting" },
    { "POST", P, "greeting[0][locale]=default&greeting[0][text]=x", 200, OK },
    { "POST", P, "method=delete&fields=GREETING", 200, OK },
    { "GET", P, NULL, 200, "!greeting" },
    { "DELETE", P, "{\"fields\":[\"nonsense\"]}", 400, "(#100) Param fields[0] must be one of {ACCOUNT_LINKING_URL" },
    { "DELETE", P, "{}", 400, "(#100) The parameter fields is required" })

STORY(menu,
    { "POST", P, "{" MENU(ITEM) "}", 400, "\"error_subcode\":2018145" },
    { "POST", P, "{" STARTED "," MENU(ITEM) "}", 200, OK },
    { "GET", P "?fields=persistent_menu", NULL, 200, "\"composer_input_disabled\":false,\"call_to_actions\":[" ITEM "]" },
    { "DELETE", P, "{\"fields\":[\"get_started\"]}", 400, "\"error_subcode\":2018145" },
    { "POST", P, "{" MENU("{\"type\":\"nested\",\"title\":\"a\",\"call_to_actions\":[" ITEM "]}") "}", 400, "(#100) Invalid button type" },
    { "POST", P, "{" MENU("{\"type\":\"phone_number\",\"title\":\"a\",\"payload\":\"1\"}") "}", 400, "(#100) Invalid button type" },
    { "POST", P, "{" MENU("{\"type\":\"postback\",\"title\":\"a\"}") "}", 400, "\"error_subcode\":2018040" },
    { "POST", P, "{" MENU("{\"type\":\"web_url\",\"title\":\"a\"}") "}", 400, "\"error_subcode\":2018041" },
    { "POST", P, "{" MENU("{\"type\":\"web_url\",\"title\":\"a\",\"url\":\"nowhere\"}") "}", 400, "should represent a valid URL" },
    { "POST", P, "{" MENU("{\"type\":\"postback\",\"title\":\"0123456789012345678901234567890\",\"payload\":\"x\"}") "}", 400,
      "(#100) Length of param persistent_menu[0][call_to_actions][0][title] must be less than or equal to 30" },
    { "POST", P, "{\"persistent_menu\":[" ITEM "]}", 400, "(#100) Invalid keys \\\"" },
    { "POST", P, "{\"persistent_menu\":[{\"locale\":\"tr_TR\",\"call_to_actions\":[" ITEM "]}]}", 400, "default locale" },
    { "POST", P, "{\"persistent_menu\":[]}", 400, "(#194) param persistent_menu has too few elements." },
    { "POST", P, "persistent_menu[0][locale]=default&persistent_menu[0][composer_input_disabled]=1&persistent_menu[0][call_to_actions][0][type]=postback"
                 "&persistent_menu[0][call_to_actions][0][title]=t&persistent_menu[0][call_to_actions][0][payload]=p", 200, OK },
    { "GET", P, NULL, 200, "\"composer_input_disabled\":true" },
    { "DELETE", P, "{\"fields\":[\"persistent_menu\",\"get_started\"]}", 200, OK },
    { "GET", P, NULL, 200, "{\"data\":[]}" })

/* 20 items go, 21 do not; 4 ice breakers go, 5 do not; 50 domains; 160 characters; 1000 of payload. */
START_TEST(limits)
{
    static const struct {
        const char *open, *unit, *close;
        unsigned most;
        const char *complaint;
    } rows[] = {
        { "{" STARTED ",\"persistent_menu\":[{\"locale\":\"default\",\"call_to_actions\":[", ITEM, "]}]}", 20,
          "(#105) param persistent_menu[0][call_to_actions] has too many elements." },
        { "{\"ice_breakers\":[{\"locale\":\"default\",\"call_to_actions\":[", "{\"question\":\"q\",\"payload\":\"p\"}", "]}]}", 4,
          "(#105) param ice_breakers[0][call_to_actions] has too many elements." },
        { "{\"ice_breakers\":[", "{\"question\":\"q\",\"payload\":\"p\"}", "]}", 4, "(#105) param ice_breakers has too many elements." },
        { "{\"whitelisted_domains\":[", "\"https://a.example\"", "]}", 50, "(#105) param whitelisted_domains has too many elements." },
        { "{\"commands\":[{\"locale\":\"default\",\"commands\":[", "{\"name\":\"n\",\"description\":\"d\"}", "]}]}", 100,
          "(#105) param commands[0][commands] has too many elements." },
    };
    struct stage s;
    static char body[16384];

    stage_init(&s);
    for (unsigned extra = 0; extra < 2; extra++) {
        size_t n = (size_t)snprintf(body, sizeof body, "%s", rows[_i].open);

        for (unsigned i = 0; i < rows[_i].most + extra; i++)
            n += (size_t)snprintf(body + n, sizeof body - n, "%s%s", i > 0 ? "," : "", rows[_i].unit);
        snprintf(body + n, sizeof body - n, "%s", rows[_i].close);
        stage_play(&s, &(struct step){ "POST", P, body, extra ? 400 : 200, extra ? rows[_i].complaint : OK });
    }
    stage_fini(&s);
}
END_TEST

START_TEST(lengths)
{
    static const struct {
        const char *open, *close;
        unsigned most;
    } rows[] = {
        { "{\"greeting\":[{\"locale\":\"default\",\"text\":\"", "\"}]}", 160 },
        { "{\"get_started\":{\"payload\":\"", "\"}}", 1000 },
        { "{" STARTED ",\"persistent_menu\":[{\"locale\":\"default\",\"call_to_actions\":[{\"type\":\"postback\",\"payload\":\"p\",\"title\":\"", "\"}]}]}", 30 },
        { "{" STARTED ",\"persistent_menu\":[{\"locale\":\"default\",\"call_to_actions\":[{\"type\":\"postback\",\"title\":\"p\",\"payload\":\"", "\"}]}]}", 1000 },
    };
    struct stage s;
    char body[4096];

    stage_init(&s);
    for (unsigned extra = 0; extra < 2; extra++) {
        char text[1200] = { 0 };

        memset(text, 'x', rows[_i].most + extra);
        snprintf(body, sizeof body, "%s%s%s", rows[_i].open, text, rows[_i].close);
        stage_play(&s, &(struct step){ "POST", P, body, extra ? 400 : 200, extra ? "(#100) Length of param " : OK });
    }
    stage_fini(&s);
}
END_TEST

STORY(other_properties,
    { "POST", P, "{\"ice_breakers\":[{\"question\":\"q\",\"payload\":\"p\"}]}", 200, OK },
    { "GET", P "?fields=ice_breakers", NULL, 200, "{\"data\":[{\"ice_breakers\":[{\"question\":\"q\",\"payload\":\"p\"}]}]}" },
    { "POST", P, "{\"ice_breakers\":[{\"question\":\"q\"}]}", 400, "(#100) The parameter ice_breakers[0][payload] is required" },
    { "POST", P, "{\"ice_breakers\":[{\"locale\":\"tr_TR\",\"call_to_actions\":[{\"question\":\"q\",\"payload\":\"p\"}]}]}", 400, "default locale" },
    { "POST", P, "{\"greeting\":[{\"locale\":\"tr_TR\",\"text\":\"x\"}]}", 400, "default locale" },
    { "POST", P, "{\"get_started\":{}}", 400, "(#100) The parameter get_started[payload] is required" },
    { "POST", P, "{\"account_linking_url\":\"https://a.example/login\"}", 200, OK },
    { "POST", P, "{\"account_linking_url\":\"http://a.example/login\"}", 400, "(#100) account_linking_url should represent a valid URL" },
    { "POST", P, "{\"whitelisted_domains\":[\"https://1.2.3.4\"]}", 400, "(#100) whitelisted_domains[0] should represent a valid URL" },
    { "POST", P, "{\"whitelisted_domains\":[\"https://a.example\",\"https://localhost\"]}", 400, "(#100) whitelisted_domains[1] should represent" },
    { "POST", P, "{\"whitelisted_domains\":[\"http://a.example\"]}", 400, "should represent a valid URL" },
    { "POST", P, "{\"home_url\":{\"url\":\"https://a.example/home\",\"webview_height_ratio\":\"tall\",\"in_test\":true}}", 400, "\"error_subcode\":2018063" },
    { "POST", P, "{\"whitelisted_domains\":[\"https://a.example\"]}", 200, OK },
    { "POST", P, "{\"home_url\":{\"url\":\"https://a.example/home\",\"webview_height_ratio\":\"tall\",\"in_test\":\"1\"}}", 200, OK },
    { "GET", P "?fields=home_url", NULL, 200, "\"in_test\":true" },
    { "POST", P, "{\"commands\":[{\"locale\":\"default\",\"commands\":[{\"name\":\"n\",\"description\":\"d\"}]}]}", 200, OK },
    { "POST", P, "{}", 400, "(#100) Requires one of the params: get_started," })

/* What an item with Messenger extensions opens lies on a whitelisted domain; what is set to nothing is not set. */
#define EXTENDED(url) "{\"persistent_menu\":[{\"locale\":\"default\",\"call_to_actions\":[{\"type\":\"web_url\",\"title\":\"a\",\"url\":\"" url "\",\"messenger_extensions\":true}]}]"

STORY(whitelist,
    { "POST", P, "{\"get_started\":{\"payload\":\"x\"}}", 200, NULL },
    { "POST", P, EXTENDED("https://a.com/cart") "}", 400, "(#100) The URL provided is not whitelisted for messenger extensions" },
    { "POST", P, EXTENDED("https://a.com/cart") ",\"whitelisted_domains\":[\"https://a.com/\"]}", 200, "success" },
    { "POST", P, EXTENDED("https://A.com/other") "}", 200, "success" },
    { "POST", P, EXTENDED("http://a.com/cart") "}", 400, "not whitelisted" },
    { "POST", P, "{\"whitelisted_domains\":[]}", 200, "success" },
    { "GET", P "?fields=whitelisted_domains", NULL, 200, "{\"data\":[]}" },
    { "POST", P, EXTENDED("https://a.com/cart") "}", 400, "not whitelisted" },
    { "GET", P "?platform=teletype", NULL, 400, "(#100) Param platform must be one of {INSTAGRAM, MESSENGER} - got \\\"teletype\\\"." },
    { "GET", P "?platform=instagram", NULL, 400, "2534013" })

STORY_AT(nested_menus_of_old, CIVIL(2019, 6, 1),
    { "POST", "/v3.3/me/messenger_profile", "{" STARTED "," MENU("{\"type\":\"nested\",\"title\":\"a\",\"call_to_actions\":[" ITEM "]}") "}", 200, OK },
    { "POST", "/v3.3/me/messenger_profile", "{" MENU(ITEM "," ITEM "," ITEM "," ITEM) "}", 400, "(#105) param persistent_menu[0][call_to_actions]" },
    { "POST", "/v3.3/me/messenger_profile",
      "{" MENU("{\"type\":\"nested\",\"title\":\"1\",\"call_to_actions\":[{\"type\":\"nested\",\"title\":\"2\",\"call_to_actions\":[{\"type\":\"nested\",\"title\":"
               "\"3\",\"call_to_actions\":[" ITEM "]}]}]}") "}", 400, "(#100) Invalid button type" })

STORY_AT(nested_menus_between, CIVIL(2021, 6, 1),
    { "POST", "/v8.0/me/messenger_profile", "{" STARTED "," MENU("{\"type\":\"nested\",\"title\":\"a\",\"call_to_actions\":[" ITEM "]}") "}", 400,
      "(#11) Setting of Nested Persistent Menu has been deprecated for v8.0 and higher" },
    { "POST", "/v7.0/me/messenger_profile", "{" STARTED "," MENU("{\"type\":\"nested\",\"title\":\"a\",\"call_to_actions\":[" ITEM "]}") "}", 200, OK })

/* Another app is the default app of the page. */
START_TEST(primary_app)
{
    struct stage s;

    stage_init(&s);
    world_add_app(s.b.world, NULL, NULL, NULL, NULL);
    page_connect_app(s.b.page, 1);
    s.b.page->default_app = 1;
    stage_play(&s, &(struct step){ "POST", P, "{" STARTED "," MENU(ITEM) "}", 400,
                                   "(#100) Cannot set persistent menu because your app is not set as the primary app for the page." });
    s.b.page->default_app = 0;
    stage_play(&s, &(struct step){ "POST", P, "{" STARTED "," MENU(ITEM) "}", 200, OK });
    stage_fini(&s);
}
END_TEST

#define U "/v19.0/me/custom_user_settings"

STORY(user_settings,
    { "POST", U, "{\"psid\":\"$ann\"," MENU(ITEM) "}", 400, "\"error_subcode\":2018145" },
    { "POST", P, "{" STARTED "," MENU(ITEM) "}", 200, OK },
    { "GET", U "?psid=$ann", NULL, 200, "{\"data\":[{\"page_level_persistent_menu\":[" },
    { "POST", U, "{\"psid\":\"$ann\"," MENU("{\"type\":\"postback\",\"title\":\"own\",\"payload\":\"b\"}") "}", 200, OK },
    { "GET", U "?psid=$ann", NULL, 200, "{\"data\":[{\"user_level_persistent_menu\":[{\"locale\":\"default\",\"composer_input_disabled\":false,\"call_to_actions\":"
                                        "[{\"type\":\"postback\",\"title\":\"own\",\"payload\":\"b\"}]}],\"page_level_persistent_menu\":[" },
    { "DELETE", U "?psid=$ann&params=[%22persistent_menu%22]", NULL, 200, OK },
    { "GET", U "?psid=$ann", NULL, 200, "!user_level" },
    { "DELETE", U "?psid=$ann", NULL, 400, "(#100) The parameter params is required" },
    { "GET", U "?psid=123", NULL, 400, "\"error_subcode\":2018001" },
    { "GET", U, NULL, 400, "(#100) The parameter psid is required" },
    { "POST", U, "{\"psid\":\"$ann\"}", 400, "(#100) The parameter persistent_menu is required" })

START_TEST(user_settings_in_europe)
{
    struct stage s;

    stage_init(&s);
    s.b.world->now = CIVIL(2021, 3, 1);
    free(thread_extra(s.b.ann)->region);
    s.b.ann->extra->region = strdup("EU");
    stage_play(&s, &(struct step){ "POST", P, "{" STARTED "}", 200, OK });
    stage_play(&s, &(struct step){ "POST", U, "{\"psid\":\"$ann\"," MENU(ITEM) "}", 400, "\"error_subcode\":2018336" });
    s.b.world->now = CIVIL(2023, 10, 17);
    stage_play(&s, &(struct step){ "POST", U, "{\"psid\":\"$ann\"," MENU(ITEM) "}", 200, OK });
    stage_fini(&s);
}
END_TEST

#define T "/v2.6/me/thread_settings"

STORY_AT(thread_settings, CIVIL(2016, 10, 1),
    { "POST", T, "{\"setting_type\":\"greeting\",\"greeting\":{\"text\":\"Hi\"}}", 200, "{\"result\":\"Successfully updated greeting\"}" },
    { "POST", T, "{\"setting_type\":\"greeting\",\"greeting\":[{\"locale\":\"de_DE\",\"text\":\"x\"}]}", 400, "greeting" },
    { "POST", T, "{\"setting_type\":\"call_to_actions\",\"thread_state\":\"new_thread\",\"call_to_actions\":[{\"payload\":\"GO\"}]}", 200,
      "{\"result\":\"Successfully added new_thread's CTAs\"}" },
    { "POST", T, "{\"setting_type\":\"call_to_actions\",\"thread_state\":\"existing_thread\",\"call_to_actions\":[" ITEM "]}", 200,
      "{\"result\":\"Successfully added structured menu CTAs\"}" },
    { "GET", "/v2.6/me/messenger_profile?fields=greeting,get_started,persistent_menu", NULL, 200, "\"get_started\":{\"payload\":\"GO\"}" },
    { "POST", T, "{\"setting_type\":\"domain_whitelisting\",\"whitelisted_domains\":[\"https://a.example\"],\"domain_action_type\":\"add\"}", 200,
      "{\"result\":\"Successfully updated whitelisted domains\"}" },
    { "POST", T, "{\"setting_type\":\"domain_whitelisting\",\"whitelisted_domains\":[\"https://a.example\"],\"domain_action_type\":\"remove\"}", 200, "Success" },
    { "GET", "/v2.6/me/messenger_profile?fields=whitelisted_domains", NULL, 200, "{\"data\":[]}" },
    { "POST", T, "{\"setting_type\":\"account_linking\",\"account_linking_url\":\"https://a.example/l\"}", 200, "Success" },
    { "DELETE", T, "{\"setting_type\":\"greeting\"}", 200, "{\"result\":\"Successfully deleted greeting\"}" },
    { "DELETE", T, "{\"setting_type\":\"call_to_actions\",\"thread_state\":\"new_thread\"}", 200, "{\"result\":\"Successfully deleted all new_thread's CTAs\"}" },
    { "DELETE", T, "{\"setting_type\":\"call_to_actions\",\"thread_state\":\"existing_thread\"}", 200, "{\"result\":\"Successfully deleted structured menu CTAs\"}" },
    { "POST", T, "{\"setting_type\":\"call_to_actions\",\"thread_state\":\"new_thread\",\"call_to_actions\":[]}", 200, "Successfully removed all new_thread's CTAs" },
    { "POST", T, "{\"setting_type\":\"nonsense\"}", 400, "must be one of" },
    { "POST", T, "{}", 400, "(#100) The parameter setting_type is required" })

/* Gone: a Graph error, not a page of a web server. */
STORY_AT(thread_settings_nested, CIVIL(2017, 4, 18),
    { "POST", T, "{\"setting_type\":\"call_to_actions\",\"thread_state\":\"existing_thread\",\"call_to_actions\":[{\"type\":\"nested\",\"title\":\"a\",\"call_to_actions\":[]}]}", 400,
      "{\"error\":{\"message\":\"(#100) Invalid keys \\\"call_to_actions\\\" were found in param \\\"call_to_actions[0]\\\".\",\"type\":\"OAuthException\",\"code\":100,\"fbtrace_id\"" },
    { "POST", "/v2.6/me/messenger_profile", "{}", 400, "payment_settings,home_url\"," })
STORY(thread_settings_today, { "POST", T, "{\"setting_type\":\"greeting\",\"greeting\":{\"text\":\"Hi\"}}", 400, "Unknown path components: \\/thread_settings" })

/* Who may call. */
START_TEST(permissions)
{
    struct stage s;

    stage_init(&s);
    s.b.token->permissions &= ~(unsigned)PERM_PAGES_MESSAGING;
    stage_play(&s, &(struct step){ "GET", P, NULL, 403, "(#230) Requires pages_messaging permission to manage the object" });
    struct credential *user = world_add_credential(s.b.world, CREDENTIAL_USER, 0, INDEX_NONE, NULL);
    char target[512];
    snprintf(target, sizeof target, "/v19.0/$page/messenger_profile?access_token=%s", user->token);
    stage_play(&s, &(struct step){ "GET", target, NULL, 400, "(#190) This method must be called with a Page Access Token" });
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("messenger_profile");
    TCase *tc = tcase_create("messenger_profile");

    suite_add_tcase(suite, tc);
    tcase_add_test(tc, set_and_get);
    tcase_add_test(tc, fields_forms);
    tcase_add_test(tc, menu);
    tcase_add_loop_test(tc, limits, 0, 5);
    tcase_add_loop_test(tc, lengths, 0, 4);
    tcase_add_test(tc, other_properties);
    tcase_add_test(tc, nested_menus_of_old);
    tcase_add_test(tc, nested_menus_between);
    tcase_add_test(tc, primary_app);
    tcase_add_test(tc, user_settings);
    tcase_add_test(tc, user_settings_in_europe);
    tcase_add_test(tc, thread_settings);
    tcase_add_test(tc, thread_settings_nested);
    tcase_add_test(tc, thread_settings_today);
    tcase_add_test(tc, permissions);
    tcase_add_test(tc, whitelist);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
