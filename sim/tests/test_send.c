/* POST /me/messages from bytes to bytes: the ladder of send.md 1.3 to 2.13, row by row. */
#include <check.h>

#include "tests/graph_bench.h"

struct row {
    const char *name;
    const char *body;
    int status;
    const char *contains; /* of the reply */
    const char *rule;
};

#define TO "{\"recipient\":{\"id\":\"%s\"},"
#define TEMPLATE(payload) TO "\"message\":{\"attachment\":{\"type\":\"template\",\"payload\":" payload "}}}"

static const struct row rows[] = {
    { "text", TO "\"message\":{\"text\":\"hello\"}}", 200, "\"message_id\":\"m_", "WIN-STD-24H" },
    { "typing", TO "\"sender_action\":\"typing_on\"}", 200, "{\"recipient_id\":", "WIN-STD-24H" },
    { "typing in capitals", TO "\"sender_action\":\"TYPING_ON\"}", 200, "{\"recipient_id\":", "WIN-STD-24H" },
    { "no recipient", "{\"message\":{\"text\":\"x\"}}", 400, "(#100) The parameter recipient is required", "FORM-REQUIRED" },
    { "empty recipient", "{\"recipient\":{},\"message\":{\"text\":\"x\"}}", 400, "(#100) param recipient must be non-empty.", "FORM-NON-EMPTY" },
    { "bad id", "{\"recipient\":{\"id\":\"12ab\"},\"message\":{\"text\":\"x\"}}", 400,
      "(#100) Param recipient[id] must be a valid ID string (e.g., \\\"123\\\")", "FORM-ID" },
    { "unknown psid", "{\"recipient\":{\"id\":\"123\"},\"message\":{\"text\":\"x\"}}", 400, "\"error_subcode\":2018001", "RCPT-KNOWN" },
    { "no message", "{\"recipient\":{\"id\":\"%s\"}}", 400, "\"error_subcode\":2018015", "FORM-MESSAGE-OR-STATE" },
    { "both", TO "\"message\":{\"text\":\"x\"},\"sender_action\":\"typing_on\"}", 400, "\"error_subcode\":2018014", "FORM-MESSAGE-AND-STATE" },
    { "empty message", TO "\"message\":{}}", 400, "\"error_subcode\":2018034", "FORM-MESSAGE-EMPTY" },
    { "unknown key", TO "\"message\":{\"text\":\"x\",\"colour\":\"red\"}}", 400,
      "(#100) Invalid keys \\\"colour\\\" were found in param \\\"message\\\".", "FORM-KEYS" },
    { "no type", TO "\"message\":{\"attachment\":{\"payload\":{}}}}", 400, "(#100) The parameter message[attachment][type] is required", "FORM-REQUIRED" },
    { "no payload", TO "\"message\":{\"attachment\":{\"type\":\"image\"}}}", 400,
      "(#100) The parameter message[attachment][payload] is required", "FORM-REQUIRED" },
    { "image by url", TO "\"message\":{\"attachment\":{\"type\":\"image\",\"payload\":{\"url\":\"https://a.example/x.png\"}}}}", 200,
      "\"message_id\"", "WIN-STD-24H" },
    { "reusable", TO "\"message\":{\"attachment\":{\"type\":\"image\",\"payload\":{\"url\":\"https://a.example/x.png\",\"is_reusable\":\"true\"}}}}", 200,
      "\"attachment_id\"", "WIN-STD-24H" },
    { "bad url", TO "\"message\":{\"attachment\":{\"type\":\"image\",\"payload\":{\"url\":\"\"}}}}", 400, "should represent a valid URL", "FORM-URL" },
    { "no quick replies", TO "\"message\":{\"text\":\"x\",\"quick_replies\":[]}}", 400,
      "(#194) param message[quick_replies] has too few elements.", "FORM-TOO-FEW" },
    { "quick reply without type", TO "\"message\":{\"text\":\"x\",\"quick_replies\":[{\"title\":\"a\",\"payload\":\"b\"}]}}", 400,
      "(#100) The parameter message[quick_replies][0][content_type] is required", "FORM-REQUIRED" },
    { "quick reply without title", TO "\"message\":{\"text\":\"x\",\"quick_replies\":[{\"content_type\":\"text\",\"payload\":\"b\"}]}}", 400,
      "\"error_subcode\":2018098", "FORM-QR-TITLE" },
    { "quick reply without payload", TO "\"message\":{\"text\":\"x\",\"quick_replies\":[{\"content_type\":\"text\",\"title\":\"b\"}]}}", 400,
      "\"error_subcode\":2018099", "FORM-QR-PAYLOAD" },
    { "unknown template", TEMPLATE("{\"template_type\":\"list\"}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "generic without elements", TEMPLATE("{\"template_type\":\"generic\",\"elements\":[]}"), 400,
      "(#194) param name_placeholder[elements] has too few elements.", "FORM-TOO-FEW" },
    { "element with a title only", TEMPLATE("{\"template_type\":\"generic\",\"elements\":[{\"title\":\"a\"}]}"), 400,
      "\"error_subcode\":2018035", "FORM-ELEMENT" },
    { "empty title", TEMPLATE("{\"template_type\":\"generic\",\"elements\":[{\"title\":\"\",\"subtitle\":\"b\"}]}"), 400,
      "(#100) Param name_placeholder[elements][0][title] must be a non-empty UTF-8 encoded string", "FORM-STRING" },
    { "no buttons", TEMPLATE("{\"template_type\":\"generic\",\"elements\":[{\"title\":\"a\",\"buttons\":[]}]}"), 400,
      "(#194) param name_placeholder[elements][0][buttons] has too few elements.", "FORM-TOO-FEW" },
    { "button template without text", TEMPLATE("{\"template_type\":\"button\",\"buttons\":[{\"type\":\"postback\",\"title\":\"a\",\"payload\":\"b\"}]}"), 400,
      "(#100) The parameter name_placeholder[text] is required", "FORM-REQUIRED" },
    { "button template without buttons", TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[]}"), 400,
      "(#100) param name_placeholder[buttons] must be non-empty.", "FORM-NON-EMPTY" },
    { "button without type", TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"title\":\"a\"}]}"), 400,
      "(#100) The parameter name_placeholder[buttons][0][type] is required", "FORM-REQUIRED" },
    { "button without title", TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"type\":\"postback\",\"payload\":\"b\"}]}"), 400,
      "\"error_subcode\":2018053", "FORM-BUTTON-TITLE" },
    { "postback without payload", TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"type\":\"postback\",\"title\":\"b\"}]}"), 400,
      "\"error_subcode\":2018040", "FORM-BUTTON-PAYLOAD" },
    { "url button without url", TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"type\":\"web_url\",\"title\":\"b\"}]}"), 400,
      "\"error_subcode\":2018041", "FORM-BUTTON-URL" },
    { "four buttons",
      TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"type\":\"postback\"},{\"type\":\"postback\"},{\"type\":\"postback\"},{\"type\":\"postback\"}]}"),
      400, "(#105) param name_placeholder[buttons] has too many elements.", "FORM-TOO-MANY" },
    { "null tag", TO "\"tag\":null,\"message\":{\"text\":\"x\"}}", 200, "message_id", "WIN-STD-24H" },
    { "unknown tag", TO "\"tag\":\"SALE\",\"message\":{\"text\":\"x\"}}", 400, "(#100) Invalid tag.", "TAG-KNOWN" },
    { "not JSON", "{\"recipient\":", 400, "(#100) The parameter recipient is required", "FORM-BODY" },
    { "attachment id of nobody", TO "\"message\":{\"attachment\":{\"type\":\"image\",\"payload\":{\"attachment_id\":\"123\"}}}}", 400,
      "\"error_subcode\":2018074", "FORM-ATT-ID" },
    { "persona of nobody", TO "\"persona_id\":\"5\",\"message\":{\"text\":\"x\"}}", 400, "Invalid persona_id", "FORM-PERSONA" },
};

START_TEST(test_ladder)
{
    const struct row *r = &rows[_i];
    struct bench b;

    bench_init(&b);
    int status = bench_send(&b, r->body);
    ck_assert_msg(status == r->status, "%s: status %d, %s", r->name, status, bench_body(&b));
    ck_assert_msg(strstr(bench_body(&b), r->contains) != NULL, "%s: %s", r->name, bench_body(&b));
    ck_assert_msg(b.reply.rule != NULL && strcmp(b.reply.rule, r->rule) == 0, "%s: decided by %s", r->name, b.reply.rule);
    bench_fini(&b);
}
END_TEST

/* 2000 characters go, 2001 do not; characters, not bytes. */
START_TEST(test_text_length)
{
    static const struct {
        const char *unit;
        unsigned count;
        int status;
    } lengths[] = { { "a", 1999, 200 }, { "a", 2000, 200 }, { "a", 2001, 400 }, { "ş", 2000, 200 }, { "ş", 2001, 400 }, { "😀", 2000, 200 } };
    struct bench b;
    char body[12000];
    size_t n;

    bench_init(&b);
    n = (size_t)snprintf(body, sizeof body, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"", b.psid);
    for (unsigned i = 0; i < lengths[_i].count; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "%s", lengths[_i].unit);
    snprintf(body + n, sizeof body - n, "\"}}");
    ck_assert_int_eq(bench_call(&b, "POST", "/me/messages", "application/json", body), lengths[_i].status);
    if (lengths[_i].status == 400)
        ck_assert_ptr_nonnull(strstr(bench_body(&b), "(#100) Length of param message[text] must be less than or equal to 2000"));
    bench_fini(&b);
}
END_TEST

/* The envelope to the byte. */
START_TEST(test_envelope)
{
    struct bench b;
    char expected[600];

    bench_init(&b);
    world_set_now(b.world, BENCH_NOW + DAY);
    ck_assert_int_eq(bench_send(&b, TO "\"message\":{\"text\":\"late\"}}"), 400);
    snprintf(expected, sizeof expected,
             "{\"error\":{\"message\":\"(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
             "https:\\/\\/developers.facebook.com\\/docs\\/messenger-platform\\/policy-overview\",\"type\":\"OAuthException\",\"code\":10,"
             "\"error_subcode\":2018278,\"fbtrace_id\":\"%s\"}}",
             b.reply.fbtrace);
    ck_assert_str_eq(bench_body(&b), expected);
    ck_assert_uint_eq(strlen(b.reply.fbtrace), 23);
    ck_assert_int_eq(b.reply.fbtrace[0], 'A');
    ck_assert_ptr_nonnull(strstr(b.reply.www_authenticate, "OAuth \"Facebook Platform\" \"invalid_request\" \"(#10) This message"));
    bench_fini(&b);
}
END_TEST

/* Form, bracket form and query say the same as JSON. */
START_TEST(test_encodings)
{
    struct bench b;
    char text[1024];

    bench_init(&b);
    snprintf(text, sizeof text, "recipient={\"id\":\"%s\"}&message={\"text\":\"hi\"}&messaging_type=RESPONSE", b.psid);
    ck_assert_int_eq(bench_call(&b, "POST", "/v19.0/me/messages", "application/x-www-form-urlencoded", text), 200);
    snprintf(text, sizeof text, "recipient={'id':'%s'}&message={'text':'hi'}", b.psid);
    ck_assert_int_eq(bench_call(&b, "POST", "/v19.0/me/messages", "application/x-www-form-urlencoded", text), 200);
    snprintf(text, sizeof text, "recipient[id]=%s&message[text]=hi&message[quick_replies][0][content_type]=text&message[quick_replies][0][title]=a&"
             "message[quick_replies][0][payload]=b", b.psid);
    ck_assert_msg(bench_call(&b, "POST", "/v19.0/me/messages", "application/x-www-form-urlencoded", text) == 200, "%s", bench_body(&b));
    snprintf(text, sizeof text, "/v19.0/me/messages?recipient=%%7B%%22id%%22:%%22%s%%22%%7D&message=%%7B%%22text%%22:%%22hi%%22%%7D", b.psid);
    ck_assert_int_eq(bench_call(&b, "POST", text, NULL, ""), 200);
    snprintf(text, sizeof text, "{\"recipient\":{\"id\":%s},\"message\":{\"text\":\"hi\"}}", b.psid);
    ck_assert_int_eq(bench_call(&b, "POST", "/v19.0/me/messages", "application/json; charset=utf-8", text), 200);
    bench_fini(&b);
}
END_TEST

/* Who is calling: in the order that send.md 1.7 gives. */
START_TEST(test_auth)
{
    static const struct {
        const char *target;
        int code;
        const char *contains;
    } calls[] = {
        { "/v99.0/me/messages", 2500, "Unknown path components: \\/me" },
        { "/v19.0/me/messages(none)", 2500, "An active access token must be used to query information about the current user." },
        { "/v19.0/1234/messages(none)", 104, "An access token is required to request this resource." },
        { "/v19.0/me/messages?access_token=garbage", 190, "Invalid OAuth access token - Cannot parse access token" },
        { "/v19.0/me/nonsense?access_token=garbage", 190, "Cannot parse" },
        { "/v19.0/me/nonsense", 2500, "Unknown path components: \\/nonsense" },
        { "/v19.0/999999999/messages", 100, "Unsupported post request. Object with ID '999999999' does not exist" },
    };
    struct bench b;
    char code[32];

    bench_init(&b);
    bench_call(&b, "POST", calls[_i].target, "application/json", "{}");
    snprintf(code, sizeof code, "\"code\":%d", calls[_i].code);
    ck_assert_msg(strstr(bench_body(&b), code) != NULL && strstr(bench_body(&b), calls[_i].contains) != NULL, "%s: %s", calls[_i].target,
                  bench_body(&b));
    bench_fini(&b);
}
END_TEST

static void
keep_line(void *to, const char *line, size_t n)
{
    snprintf(to, 4096, "%.*s", (int)n, line);
}

/* The record of a call masks the token and is one line. */
START_TEST(test_record)
{
    struct bench b;
    char line[4096];

    bench_init(&b);
    bench_send(&b, TO "\"message\":{\"text\":\"two\\nlines\"}}\n");
    ck_assert(world_journal_read(b.world, 1, keep_line, line));
    ck_assert_ptr_null(strchr(line, '\n'));
    ck_assert_ptr_null(strstr(line, b.token->token));
    ck_assert_ptr_nonnull(strstr(line, "\"query\":\"access_token=***\""));
    ck_assert_ptr_nonnull(strstr(line, "\"token\":\"page:0\""));
    ck_assert_ptr_nonnull(strstr(line, "\"rule\":\"WIN-STD-24H\""));
    ck_assert_ptr_nonnull(strstr(line, "\"text\":\"two\\nlines\""));
    bench_fini(&b);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("send");
    TCase *tc = tcase_create("send");

    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, test_ladder, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_loop_test(tc, test_text_length, 0, 6);
    tcase_add_test(tc, test_envelope);
    tcase_add_test(tc, test_encodings);
    tcase_add_loop_test(tc, test_auth, 0, 7);
    tcase_add_test(tc, test_record);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
