/* Utility templates, call by call (send.md 9.2). */
#include "graph/message_template.h"
#include "tests/manage_bench.h"

#define T "/v24.0/me/message_templates"
#define HEAD "{\"name\":\"order_1\",\"category\":\"UTILITY\",\"language\":\"en_US\",\"components\":["
#define BODY "{\"type\":\"BODY\",\"text\":\"Hello {{1}}, your order is on its way now.\",\"example\":{\"body_text\":[[\"Ann\"]]}}"
#define BUTTONS(list) "{\"type\":\"BUTTONS\",\"buttons\":[" list "]}"

STORY(life,
    { "GET", T, NULL, 200, "{\"data\":[]}" },
    { "POST", T, HEAD BODY "," BUTTONS("{\"type\":\"POSTBACK\",\"text\":\"Thanks\"},{\"type\":\"URL\",\"text\":\"See\",\"url\":\"https://a.example\"}") "]}", 200,
      "\",\"status\":\"APPROVED\",\"category\":\"UTILITY\"}" },
    { "GET", T, NULL, 200, "{\"data\":[{\"name\":\"order_1\",\"parameter_format\":\"POSITIONAL\",\"components\":[{\"type\":\"BODY\"" },
    { "GET", T "?fields=name,status,language_count,rejected_reason&name=order_1", NULL, 200,
      "{\"data\":[{\"name\":\"order_1\",\"status\":\"APPROVED\",\"language_count\":1,\"rejected_reason\":\"NONE\",\"id\":\"$id\"}]" },
    { "GET", T "?status=REJECTED", NULL, 200, "{\"data\":[]}" },
    { "GET", T "?name_or_content=on%20its%20way&language=en_US,tr_TR", NULL, 200, "\"id\":\"$id\"" },
    { "GET", T "?language=tr_TR", NULL, 200, "{\"data\":[]}" },
    { "GET", "/v24.0/$id?fields=creation_time,last_updated_time", NULL, 200, "\"last_updated_time\":\"2024-03-04T00:00:00+0000\"" },
    { "POST", T, HEAD BODY "]}", 400, "Invalid parameter" },
    { "POST", "/v24.0/$id", "{\"components\":[{\"type\":\"BODY\",\"text\":\"Your order is on its way.\"}]}", 200, "{\"success\":true}" },
    { "GET", "/v24.0/$id?fields=components", NULL, 200, "\"text\":\"Your order is on its way.\"" },
    { "DELETE", T "?name=order_1", NULL, 200, "{\"success\":true}" },
    { "DELETE", T "?name=order_1", NULL, 400, "(#100) Template cannot be found." },
    { "DELETE", T, NULL, 400, "(#100) The parameter name is required" },
    { "GET", T, NULL, 200, "{\"data\":[]}" })

STORY(review,
    { "POST", T, HEAD "{\"type\":\"BODY\",\"text\":\"{{1}}, your order is here\",\"example\":{}}]}", 200, "\"status\":\"REJECTED\"" },
    { "GET", "/v24.0/$id?fields=rejected_reason", NULL, 200, "\"rejected_reason\":\"INCORRECT_PARAMS\"" },
    { "POST", "/v24.0/$id", "{\"components\":[{\"type\":\"BODY\",\"text\":\"Hello {{1}} how are you\"}]}", 200, "success" },
    { "GET", "/v24.0/$id?fields=rejected_reason", NULL, 200, "TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES" },
    { "POST", "/v24.0/$id", "{\"components\":[{\"type\":\"BODY\",\"text\":\"Hi {{1}} {{2}} {{3}} there\",\"example\":{}}]}", 200, "success" },
    { "GET", "/v24.0/$id?fields=rejected_reason,status", NULL, 200, "\"rejected_reason\":\"PARAMS_TO_WORD_RATIO_EXCEED_LIMIT\",\"status\":\"REJECTED\"" })

STORY(mistakes,
    { "POST", T, HEAD BODY "," BUTTONS("{\"type\":\"QUICK_REPLY\",\"text\":\"a\"}") "]}", 400,
      "{\"error\":{\"message\":\"Fatal\",\"type\":\"OAuthException\",\"code\":100,\"error_subcode\":2018416,\"error_user_title\":\"Message Template Creation Failed\"" },
    { "POST", T, HEAD BODY "," BUTTONS("{\"type\":\"URL\",\"text\":\"a\",\"url\":\"x\"},{\"type\":\"POSTBACK\",\"text\":\"a\",\"example\":[\"b\"]}") "]}", 400,
      "\"error_subcode\":2388051,\"error_user_msg\":\"Button at index 1 has unexpected field(s) (example)\"" },
    { "POST", T, HEAD BODY "," BUTTONS("{\"type\":\"COPY_CODE\",\"text\":\"a\"}") "]}", 400, "(#100) Invalid button type" },
    { "POST", T, HEAD BODY "," BUTTONS("{\"type\":\"URL\"},{\"type\":\"URL\"},{\"type\":\"URL\"},{\"type\":\"URL\"}") "]}", 400, "(#105) param components[buttons]" },
    { "POST", T, HEAD BODY "," BUTTONS("{\"type\":\"URL\",\"text\":\"012345678901234567890\"}") "]}", 400, "must be less than or equal to 20" },
    { "POST", T, HEAD "{\"type\":\"FOOTER\",\"text\":\"a\"}]}", 400, "(#100) The parameter components[body] is required" },
    { "POST", T, HEAD "{\"type\":\"SIDE\",\"text\":\"a\"}]}", 400, "(#100) Param components[0][type] must be one of" },
    { "POST", T, "{\"name\":\"a\",\"category\":\"MARKETING\",\"language\":\"en_US\",\"components\":[" BODY "]}", 400, "(#100) Param category must be one of {UTILITY}" },
    { "POST", T, "{\"name\":\"a\",\"category\":\"UTILITY\",\"language\":\"en_US\"}", 400, "(#100) The parameter components is required" },
    { "POST", T, "{\"name\":\"Not A Name\",\"category\":\"UTILITY\",\"language\":\"en_US\",\"components\":[" BODY "]}", 400, "Invalid parameter" },
    { "POST", T, "{\"category\":\"UTILITY\",\"language\":\"en_US\"}", 400, "(#100) The parameter name is required" })

STORY(library,
    { "GET", "/v24.0/message_template_library?name_or_content=appointment&language=en_US", NULL, 200, "{\"data\":[{\"id\":\"7138055039625001\",\"name\":\"appointment_reminder_1\"" },
    { "GET", "/v24.0/message_template_library?language=tr_TR", NULL, 200, "{\"data\":[]}" },
    { "POST", T, "{\"name\":\"mine\",\"category\":\"UTILITY\",\"language\":\"en_US\",\"library_template_name\":\"order_confirmation_1\"}", 200, "\"status\":\"APPROVED\"" },
    { "POST", T, "{\"name\":\"mine2\",\"category\":\"UTILITY\",\"language\":\"en_US\",\"library_template_name\":\"nonsense\"}", 400, "(#100) Template cannot be found." })

STORY(library_paging,
    { "GET", "/v24.0/message_template_library?limit=1&fields=name", NULL, 200, "{\"data\":[{\"name\":\"appointment_reminder_1\",\"id\":\"7138055039625001\"}],\"paging\":{" },
    { "GET", "/v24.0/message_template_library?limit=1", NULL, 200, "https:\\/\\/graph.facebook.com\\/v24.0\\/message_template_library?access_token=" },
    { "GET", "/v24.0/message_template_library?limit=0", NULL, 200, "{\"data\":[]}" })

STORY(read_fields,
    { "POST", T, "{\"name\":\"mine\",\"category\":\"UTILITY\",\"language\":\"en_US\",\"library_template_name\":\"order_confirmation_1\"}", 200, NULL },
    { "GET", T "?fields=library_template_name,rejection_reasons,specific_rejection_reasons", NULL, 200,
      "{\"data\":[{\"library_template_name\":\"order_confirmation_1\",\"rejection_reasons\":[],\"specific_rejection_reasons\":[],\"id\":" },
    { "GET", T "?fields=components{type}", NULL, 200, "{\"data\":[{\"components\":[{\"type\":\"BODY\"},{\"type\":\"BUTTONS\"}]," },
    { "GET", T "?status=APPROVED", NULL, 200, "mine" },
    { "GET", T "?status=approved,rejected", NULL, 200, "mine" },
    { "GET", T "?status=FINE", NULL, 400, "(#100) Param status must be one of {APPROVED, REJECTED," },
    { "GET", T "?category=MARKETING", NULL, 400, "(#100) Param category must be one of {UTILITY} - got \\\"MARKETING\\\"." })

START_TEST(permission)
{
    struct stage s;

    stage_init(&s);
    s.b.token->permissions &= ~(unsigned)PERM_UTILITY;
    stage_play(&s, &(struct step){ "GET", T, NULL, 403, "Requires pages_utility_messaging permission to manage the object" });
    stage_fini(&s);
}
END_TEST

START_TEST(look_up)
{
    struct stage s;

    stage_init(&s);
    stage_play(&s, &(struct step){ "POST", T, HEAD BODY "]}", 200, NULL });
    const struct node *node = message_template_find(s.b.world, 0, STR("order_1"), STR("en_us"));
    ck_assert_ptr_nonnull(node);
    ck_assert_uint_eq(node->a, TEMPLATE_APPROVED);
    ck_assert_uint_eq(json_get(message_template_json(&s.b.arena, node), "components")->count, 1);
    ck_assert_ptr_null(message_template_find(s.b.world, 0, STR("order_1"), STR("tr_TR")));
    ck_assert_ptr_eq(message_template_find(s.b.world, 0, STR("order_1"), STR_NONE), node);
    stage_fini(&s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { life, review, mistakes, library, permission, look_up, library_paging, read_fields };

    return suite_main("message_templates", tests, sizeof tests / sizeof *tests);
}
