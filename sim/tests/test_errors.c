/*
 * The error table: complete against the list of known numbers, sound in itself; and the bytes of
 * error replies.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "graph/error_body.h"

#define KNOWN_CODES "fixtures/error-codes.tsv"
#define SOURCES "fixtures/sources.json"

static const struct graph_error *
row(int error)
{
    return graph_error((enum graph_err)error);
}

/* Rows with these numbers, status and type. */
static unsigned
count_rows(int code, int subcode, int http, const char *type)
{
    unsigned count = 0;

    for (int i = ERR_NONE + 1; i < GRAPH_ERR_COUNT; i++)
        count += row(i)->code == code && row(i)->subcode == subcode && row(i)->http == http &&
                 strcmp(row(i)->type, type) == 0;
    return count;
}

START_TEST(every_known_number_has_a_row)
{
    FILE *file = fopen(KNOWN_CODES, "r");
    char line[256];
    unsigned pairs = 0;

    ck_assert_msg(file != NULL, "%s: run this from the top of the tree", KNOWN_CODES);
    while (fgets(line, sizeof line, file) != NULL) {
        char type[64];
        int code, subcode, http, texts;

        if (line[0] == '#')
            continue;
        ck_assert_int_eq(sscanf(line, "%d %d %d %63s %d", &code, &subcode, &http, type, &texts), 5);
        ck_assert_msg(count_rows(code, subcode, http, strcmp(type, "-") == 0 ? "" : type) > 0,
                      "no row for %d/%d %d %s", code, subcode, http, type);
        pairs++;
    }
    fclose(file);
    ck_assert_uint_eq(pairs, 229);
}
END_TEST

START_TEST(rows_are_sound)
{
    for (int i = ERR_NONE + 1; i < GRAPH_ERR_COUNT; i++) {
        const struct graph_error *error = row(i);
        const char *text = error->text;
        char prefix[16];

        ck_assert_msg(error->http == 0 || error->http == 400 || error->http == 403 ||
                          error->http == 404 || error->http == 500,
                      "%s", error->id);
        ck_assert_msg((error->http == 0) == (error->type[0] == '\0'), "%s", error->id);
        ck_assert_msg(error->code != 0 && error->transient >= -1 && error->transient <= 1, "%s",
                      error->id);
        ck_assert_msg(text[0] != '\0' && error->cite[0] != '\0', "%s", error->id);
        for (int j = i + 1; j < GRAPH_ERR_COUNT; j++) {
            bool twins = row(j)->code == error->code && row(j)->subcode == error->subcode &&
                         strcmp(row(j)->text, text) == 0;

            ck_assert_msg(!twins, "%s and %s are the same", error->id, row(j)->id);
        }
        /* the number in front of a text is the code; one row is known to break that */
        snprintf(prefix, sizeof prefix, "(#%d) ", error->code);
        ck_assert_msg(strncmp(text, "(#", 2) != 0 || strncmp(text, prefix, strlen(prefix)) == 0 ||
                          i == ERR_PERSON_UNAVAILABLE_200,
                      "%s: %s", error->id, text);
    }
}
END_TEST

START_TEST(cites_are_sources)
{
    json_t *sources = json_load_file(SOURCES, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(json_is_object(sources), "%s: not there or no JSON", SOURCES);
    for (int i = ERR_NONE + 1; i < GRAPH_ERR_COUNT; i++)
        ck_assert_msg(json_object_get(sources, row(i)->cite) != NULL, "%s cites %s", row(i)->id,
                      row(i)->cite);
    json_decref(sources);
}
END_TEST

START_TEST(finds_by_numbers)
{
    ck_assert_int_eq(graph_error_find(10, 2018278), ERR_OUTSIDE_WINDOW);
    ck_assert_int_eq(graph_error_find(613, 0), ERR_LIMIT_CUSTOM);
    ck_assert_int_eq(graph_error_find(4, 0), ERR_LIMIT_APP);
    ck_assert_int_eq(graph_error_find(190, 0), ERR_TOKEN_PARSE);
    ck_assert_int_eq(graph_error_find(-1, 0), ERR_INTERNAL);
    ck_assert_int_eq(graph_error_find(100, 0),
                     ERR_INVALID_PARAMETER); /* the first one that needs no argument */
    ck_assert_int_eq(graph_error_find(2200, 0), ERR_CALLBACK); /* none does without */
    ck_assert_int_eq(graph_error_find(2071010, 0), ERR_NONE);  /* never on this wire */
    ck_assert_int_eq(graph_error_find(100, 1), ERR_NONE);
}
END_TEST

static const struct text_row {
    enum graph_err error;
    const char *args[3];
    const char *text;
} texts[] = {
    {ERR_NO_MATCHING_USER, {NULL}, "(#100) No matching user found"},
    {ERR_PARAM_REQUIRED, {"recipient"}, "(#100) The parameter recipient is required"},
    {ERR_PARAM_REQUIRED,
     {"name_placeholder[buttons][0][type]"},
     "(#100) The parameter name_placeholder[buttons][0][type] is required"},
    {ERR_INVALID_ID,
     {"recipient[id]"},
     "(#100) Param recipient[id] must be a valid ID string (e.g., \"123\")"},
    {ERR_TEXT_LENGTH,
     {"message[text]", "2000"},
     "(#100) Length of param message[text] must be less than or equal to 2000"},
    {ERR_INVALID_KEYS,
     {"index", "message[template]"},
     "(#100) Invalid keys \"index\" were found in param \"message[template]\"."},
    {ERR_TOO_MANY,
     {"name_placeholder[buttons]"},
     "(#105) param name_placeholder[buttons] has too many elements."},
    {ERR_TOO_FEW,
     {"message[quick_replies]"},
     "(#194) param message[quick_replies] has too few elements."},
    {ERR_ENUM,
     {"messaging_type", "RESPONSE, UPDATE", "X"},
     "(#100) Param messaging_type must be one of {RESPONSE, UPDATE} - got \"X\"."},
    {ERR_BAD_URL,
     {"name_placeholder[buttons][0][url]"},
     "(#100) name_placeholder[buttons][0][url] should represent a valid URL"},
    {ERR_CURRENCY, {"usd"}, "(#100) The currency code 'usd' is not supported"},
    {ERR_UNKNOWN_PATH, {"/boguspath"}, "Unknown path components: /boguspath"},
    {ERR_UNSUPPORTED,
     {"post", "X"},
     "Unsupported post request. Object with ID 'X' does not exist, cannot be loaded due to missing "
     "permissions, or does not "
     "support this operation. Please read the Graph API documentation at "
     "https://developers.facebook.com/docs/graph-api"},
    {ERR_TOKEN_EXPIRED,
     {"Wednesday, 14-Feb-18 18:00:00 PST", "Thursday, 15-Feb-18 13:46:35 PST"},
     "Error validating access token: Session has expired on Wednesday, 14-Feb-18 18:00:00 PST. The "
     "current time is Thursday, "
     "15-Feb-18 13:46:35 PST."},
    {ERR_TOKEN_APP_REMOVED,
     {"1", "2"},
     "Error validating access token: User 1 has not authorized application 2."},
    {ERR_CALLBACK,
     {"HTTP Status Code = 404; HTTP Message = Not Found"},
     "(#2200) Callback verification failed with the following errors: HTTP Status Code = 404; HTTP "
     "Message = Not Found"},
    {ERR_TEMPLATE_PARAMETER_CHARACTERS,
     {NULL},
     "Special characters '#','%','$' and emojis not allowed in template parameter"},
    {ERR_TEXT_LENGTH, {NULL}, "(#100) Length of param  must be less than or equal to "},
    {ERR_PARAM_REQUIRED, {"%s%n"}, "(#100) The parameter %s%n is required"},
};

START_TEST(fills_texts)
{
    char text[512], little[12];

    ck_assert_uint_eq(
        graph_error_text(text, sizeof text, row((int)texts[_i].error), texts[_i].args, 3),
        strlen(texts[_i].text));
    ck_assert_str_eq(text, texts[_i].text);
    ck_assert_uint_eq(
        graph_error_text(little, sizeof little, row((int)texts[_i].error), texts[_i].args, 3),
        sizeof little - 1);
    ck_assert_int_eq(memcmp(little, text, sizeof little - 1), 0);
    ck_assert_uint_eq(graph_error_text(little, 1, row((int)texts[_i].error), NULL, 0), 0);
}
END_TEST

START_TEST(counts_arguments)
{
    ck_assert_uint_eq(graph_error_args(row(ERR_NO_MATCHING_USER)), 0);
    ck_assert_uint_eq(graph_error_args(row(ERR_PARAM_REQUIRED)), 1);
    ck_assert_uint_eq(graph_error_args(row(ERR_ENUM)), 3);
    ck_assert_str_eq(fidelity_name(row(ERR_OUTSIDE_WINDOW)->fidelity), "documented");
    ck_assert_str_eq(fidelity_name(row(ERR_NO_TOKEN)->fidelity), "inferred");
}
END_TEST

#define TRACE "AxIIVeNpuf3y2jeXdufRcEX"

static const struct body_row {
    enum graph_err error;
    const char *message; /* NULL: the row's text */
    struct error_extra extra;
    const char *body;
} bodies[] = {
    {ERR_OUTSIDE_WINDOW,
     NULL,
     {{0}, {0}, {0}},
     "{\"error\":{\"message\":\"(#10) This message is sent outside of allowed window. Learn more "
     "about the new policy here: "
     "https:\\/\\/developers.facebook.com\\/docs\\/messenger-platform\\/"
     "policy-overview\",\"type\":\"OAuthException\",\"code\":10,"
     "\"error_subcode\":2018278,\"fbtrace_id\":\"" TRACE "\"}}"},
    {ERR_PARAM_REQUIRED,
     "(#100) The parameter recipient is required",
     {{0}, {0}, {0}},
     "{\"error\":{\"message\":\"(#100) The parameter recipient is "
     "required\",\"type\":\"OAuthException\",\"code\":100,"
     "\"fbtrace_id\":\"" TRACE "\"}}"},
    {ERR_LIMIT_APP,
     NULL,
     {{0}, {0}, {0}},
     "{\"error\":{\"message\":\"(#4) Application request limit "
     "reached\",\"type\":\"OAuthException\",\"is_transient\":true,\"code\":4,"
     "\"fbtrace_id\":\"" TRACE "\"}}"},
    {ERR_UNEXPECTED,
     NULL,
     {{0}, {0}, {0}},
     "{\"error\":{\"message\":\"An unexpected error has occurred. Please retry your request "
     "later.\",\"type\":\"OAuthException\","
     "\"code\":2,\"is_transient\":true,\"fbtrace_id\":\"" TRACE "\"}}"},
    {ERR_PERSON_UNAVAILABLE_BULK,
     NULL,
     {{0}, {0}, {0}},
     "{\"error\":{\"message\":\"(#551) This person isn't available right "
     "now\",\"type\":\"OAuthException\",\"code\":551,"
     "\"error_subcode\":1893047,\"is_transient\":false,\"error_user_title\":\"Send Message "
     "Recipient Not Available\","
     "\"fbtrace_id\":\"" TRACE "\"}}"},
    {ERR_TAG_DEAD,
     NULL,
     {{"{\"a\":1}", 7}, {"T\xC3\xBC/", 4}, {"M", 1}},
     "{\"error\":{\"message\":\"Invalid "
     "parameter\",\"type\":\"OAuthException\",\"code\":100,\"error_subcode\":1893061,"
     "\"error_data\":{\"a\":1},\"error_user_title\":\"T\\u00fc\\/"
     "\",\"error_user_msg\":\"M\",\"fbtrace_id\":\"" TRACE "\"}}"},
};

START_TEST(error_bodies)
{
    const struct body_row *body = &bodies[_i];
    const struct graph_error *error = row((int)body->error);
    struct buf buf = {0};

    buf_adds(&buf, "in front ");
    error_body(&buf, error, str_of(body->message != NULL ? body->message : error->text), STR(TRACE),
               &body->extra);
    ck_assert_str_eq(buf.s + 9, body->body);
    buf_fini(&buf);
}
END_TEST

START_TEST(authenticate_header)
{
    struct buf buf = {0};

    error_www_authenticate(&buf, row(ERR_TOKEN_INVALID), STR("Invalid OAuth access token."));
    ck_assert_str_eq(
        buf.s, "OAuth \"Facebook Platform\" \"invalid_token\" \"Invalid OAuth access token.\"");
    buf_reset(&buf);
    error_www_authenticate(&buf, row(ERR_INVALID_ID), STR("a \"b\"\r\nX-Evil: 1"));
    ck_assert_str_eq(buf.s,
                     "OAuth \"Facebook Platform\" \"invalid_request\" \"a \\\"b\\\"  X-Evil: 1\"");
    buf_reset(&buf);
    error_www_authenticate(&buf, row(ERR_ALIAS), STR("x"));
    ck_assert_str_eq(buf.s, "OAuth \"Facebook Platform\" \"not_found\" \"x\"");
    buf_reset(&buf);
    error_www_authenticate(&buf, row(ERR_UNKNOWN), STR("x"));
    ck_assert_str_eq(buf.s, "OAuth \"Facebook Platform\" \"unknown_error\" \"x\"");
    buf_fini(&buf);
}
END_TEST

START_TEST(errors_by_date)
{
    ck_assert_int_eq(graph_error_then(ERR_TOKEN_PARSE, CIVIL(2019, 9, 22)), ERR_TOKEN_INVALID);
    ck_assert_int_eq(graph_error_then(ERR_TOKEN_PARSE, CIVIL(2022, 9, 22)), ERR_TOKEN_PARSE);
    ck_assert_int_eq(graph_error_subcode_then(ERR_NO_MATCHING_USER, CIVIL(2016, 9, 20)), 0);
    ck_assert_int_eq(graph_error_subcode_then(ERR_NO_MATCHING_USER, CIVIL(2017, 1, 2)), 2018001);
    ck_assert_int_eq(graph_error_subcode_then(ERR_UNSUPPORTED, CIVIL(2017, 6, 2)), 0);
    ck_assert_int_eq(graph_error_subcode_then(ERR_UNSUPPORTED, CIVIL(2018, 10, 1)), 33);
}
END_TEST

START_TEST(trace_ids)
{
    char one[FBTRACE_SIZE], same[FBTRACE_SIZE], other[FBTRACE_SIZE];

    for (uint64_t seed = 0; seed < 1000; seed++) {
        fbtrace_id(one, seed);
        fbtrace_id(same, seed);
        fbtrace_id(other, seed + 1);
        ck_assert_uint_eq(strlen(one), 23);
        ck_assert_int_eq(one[0], 'A');
        ck_assert_uint_eq(
            strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 23);
        ck_assert_str_eq(one, same);
        ck_assert_str_ne(one, other);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("errors");
    TCase *tcase = tcase_create("errors");

    tcase_add_test(tcase, every_known_number_has_a_row);
    tcase_add_test(tcase, rows_are_sound);
    tcase_add_test(tcase, cites_are_sources);
    tcase_add_test(tcase, finds_by_numbers);
    tcase_add_loop_test(tcase, fills_texts, 0, sizeof texts / sizeof *texts);
    tcase_add_test(tcase, counts_arguments);
    tcase_add_loop_test(tcase, error_bodies, 0, sizeof bodies / sizeof *bodies);
    tcase_add_test(tcase, authenticate_header);
    tcase_add_test(tcase, errors_by_date);
    tcase_add_test(tcase, trace_ids);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
