/* Requests as published clients send them: whatever the encoding, the parameters are the same. */
#include <check.h>
#include <stdio.h>

#include "graph/form.h"
#include "graph/jwrite.h"
#include "graph/multipart.h"
#include "graph/request.h"
#include "tests/params_object.h"

static struct arena arena;
static struct parameters params;
static struct buf shown;

static void
setup(void)
{
    arena_init(&arena);
}

static void
teardown(void)
{
    arena_fini(&arena);
    buf_fini(&shown);
}

static struct request
request_of(const char *query, const char *content_type, const char *body)
{
    return (struct request){
        .method = METHOD_POST,
        .query = str_of(query),
        .content_type = str_of(content_type),
        .body = str_of(body),
    };
}

/* All parameters as JSON. */
static const char *
show(void)
{
    buf_reset(&shown);
    jw_node(&shown, params_object(&params, &arena), JW_OURS);
    return shown.s;
}

#define TEXT_SEND "{\"recipient\":{\"id\":\"1\"},\"message\":{\"text\":\"hi & bye\"}}"
#define FORM "application/x-www-form-urlencoded"

static const struct row {
    const char *what;
    const char *query;
    const char *type;
    const char *body;
    enum encoding encoding;
    const char *tree;
} rows[] = {
    {"JSON", NULL, "application/json", TEXT_SEND, ENC_JSON, TEXT_SEND},
    {"JSON with a charset", NULL, "Application/JSON; charset=UTF-8", TEXT_SEND, ENC_JSON,
     TEXT_SEND},
    {"JSON without a content type", NULL, NULL, TEXT_SEND, ENC_JSON, TEXT_SEND},
    {"JSON with space around", NULL, "application/json", "\r\n {\"a\":1} \n", ENC_JSON,
     "{\"a\":1}"},
    {"a body of space", "a=1", "application/json", " \n", ENC_QUERY, "{\"a\":\"1\"}"},
    {"nothing", NULL, NULL, NULL, ENC_NONE, "{}"},
    {"an empty object on GET", "fields=id", "application/json", "{}", ENC_JSON,
     "{\"fields\":\"id\"}"},
    {"null and extras", NULL, "application/json",
     "{\"tag\":null,\"notification_type\":\"REGULAR\"}", ENC_JSON,
     "{\"tag\":null,\"notification_type\":\"REGULAR\"}"},
    {"ids as numbers", NULL, "application/json",
     "{\"recipient\":{\"id\":12},\"target_app_id\":263902037430900}", ENC_JSON,
     "{\"recipient\":{\"id\":12},\"target_app_id\":263902037430900}"},
    {"the last of two names", NULL, "application/json", "{\"a\":1,\"b\":2,\"a\":3}", ENC_JSON,
     "{\"a\":3,\"b\":2}"},
    {"a batch as a text in JSON", NULL, "application/json",
     "{\"batch\":\"[{\\\"method\\\":\\\"POST\\\"}]\"}", ENC_JSON,
     "{\"batch\":[{\"method\":\"POST\"}]}"},

    {"JSON sent as a form, as curl does", NULL, FORM, "{\"recipient\":{\"id\":\"1\"}}", ENC_FORM,
     "{\"{\\\"recipient\\\":{\\\"id\\\":\\\"1\\\"}}\":\"\"}"},
    {"a form with JSON values", NULL, FORM,
     "recipient=%7B%22id%22%3A%221%22%7D&message={\"text\":\"hi+%26+bye\"}", ENC_FORM, TEXT_SEND},
    {"a form with \\u in its JSON", NULL, FORM "; charset=utf-8",
     "message={\"text\":\"\\u015f\\ud83d\\ude00\"}", ENC_FORM, "{\"message\":{\"text\":\"ş😀\"}}"},
    {"a form with single quotes", NULL, FORM, "recipient={'id':'1'}&message={'text':'hi %26 bye'}",
     ENC_FORM, TEXT_SEND},
    {"a form without a content type", NULL, NULL, "a=1&b=2", ENC_FORM, "{\"a\":\"1\",\"b\":\"2\"}"},
    {"PHP brackets", NULL, FORM,
     "recipient[id]=1&message[text]=x&message[quick_replies][0][content_type]=text&message[quick_"
     "replies][0][title]=A"
     "&message[quick_replies][1][title]=[1]&message[is_reusable]=0",
     ENC_FORM,
     "{\"recipient\":{\"id\":\"1\"},\"message\":{\"text\":\"x\",\"quick_replies\":[{\"content_"
     "type\":\"text\",\"title\":\"A\"},"
     "{\"title\":\"[1]\"}],\"is_reusable\":\"0\"}}"},
    {"PHP brackets, encoded", NULL, FORM, "recipient%5Bid%5D=1&message%5Btext%5D=hi+%26+bye",
     ENC_FORM, TEXT_SEND},
    {"lists without numbers", NULL, FORM, "fields[]=a&fields[]=b", ENC_FORM,
     "{\"fields\":[\"a\",\"b\"]}"},
    {"gaps make no list", NULL, FORM, "a[0]=x&a[2]=y&b[1]=z&c[01]=w", ENC_FORM,
     "{\"a\":{\"0\":\"x\",\"2\":\"y\"},\"b\":{\"1\":\"z\"},\"c\":{\"01\":\"w\"}}"},
    {"the last of two fields", NULL, FORM, "a=1&b[x]=1&a=2&b=3&c=4&c[d]=5&c[d]=6", ENC_FORM,
     "{\"a\":\"2\",\"b\":\"3\",\"c\":{\"d\":\"6\"}}"},
    {"brackets that do not close", NULL, FORM, "a[b=1&[c]=2&d]=3&e[f]g=4&h[i][j=5", ENC_FORM,
     "{\"a[b\":\"1\",\"[c]\":\"2\",\"d]\":\"3\",\"e\":{\"f\":\"4\"},\"h\":{\"i\":\"5\"}}"},
    {"broken escapes", NULL, FORM, "a=100%&b=%zz&c=%4&d=%41%c3%a7&e=%", ENC_FORM,
     "{\"a\":\"100%\",\"b\":\"%zz\",\"c\":\"%4\",\"d\":\"Aç\",\"e\":\"%\"}"},
    {"odd separators", NULL, FORM, "&&a&=1&b=&c==&", ENC_FORM,
     "{\"a\":\"\",\"b\":\"\",\"c\":\"=\"}"},
    {"what looks like JSON and is none", NULL, FORM, "a={x}&b=[&c={\"d\":1", ENC_FORM,
     "{\"a\":\"{x}\",\"b\":\"[\",\"c\":\"{\\\"d\\\":1\"}"},
    {"DELETE in the query", "fields=[\"greeting\"]", NULL, NULL, ENC_QUERY,
     "{\"fields\":[\"greeting\"]}"},
    {"DELETE in the query with brackets", "fields[0]=persistent_menu", NULL, NULL, ENC_QUERY,
     "{\"fields\":[\"persistent_menu\"]}"},
    {"a list with spaces", "fields=id,%20name", NULL, NULL, ENC_QUERY, "{\"fields\":\"id, name\"}"},
    {"all in the query", "recipient={\"id\":\"1\"}&message={\"text\":\"hi+%26+bye\"}", NULL, "",
     ENC_QUERY, TEXT_SEND},
    {"the body wins, whole", "recipient={\"id\":\"2\"}&x=1&message[a]=1", "application/json",
     TEXT_SEND, ENC_JSON,
     "{\"recipient\":{\"id\":\"1\"},\"x\":\"1\",\"message\":{\"text\":\"hi & bye\"}}"},

    {"multipart", NULL, "multipart/form-data; boundary=XyZ",
     "--XyZ\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\n{\"id\":\"1\"}\r\n"
     "--XyZ\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"text\":\"hi & "
     "bye\"}\r\n--XyZ--\r\n",
     ENC_MULTIPART, TEXT_SEND},
    {"multipart with a quoted boundary, types, a preamble and bare line feeds", NULL,
     "multipart/form-data; charset=utf-8; BOUNDARY=\"a b;c\"",
     "ignored --a b;c\n--a b;c\ncontent-type: application/json; "
     "charset=UTF-8\nCONTENT-DISPOSITION: form-data;name=recipient\n\n{'id':'1'}\n"
     "--a b;c \nContent-Disposition: form-data; name=\"message[text]\"\nContent-Type: text/plain; "
     "charset=ISO-8859-1\n\nhi & bye\n--a b;c--",
     ENC_MULTIPART, TEXT_SEND},
    {"multipart with empty values", NULL, "multipart/form-data; boundary=b",
     "--b\r\nContent-Disposition: form-data; "
     "name=\"a\"\r\n\r\n\r\n--b\r\n\r\nnameless\r\n--b\r\nContent-Disposition: form-data; "
     "name=\"c\"\r\n\r\n--bb\r\n--b--",
     ENC_MULTIPART, "{\"a\":\"\",\"c\":\"--bb\"}"},
    {"multipart with odd headers", NULL, "multipart/form-data; charset; boundary=b",
     "--b\r\nno colon\r\nContent-Disposition: form-data; odd; name=\"a\"\r\n\r\n1\r\n--b--",
     ENC_MULTIPART, "{\"a\":\"1\"}"},
    {"multipart whose last text no boundary ends", NULL, "multipart/form-data; boundary=b",
     "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\nContent-Disposition: "
     "form-data; name=c\r\n\r\n2",
     ENC_MULTIPART, "{\"a\":\"1\",\"c\":\"2\"}"},
    {"multipart of nothing", NULL, "multipart/form-data; boundary=b", "--b--\r\n", ENC_MULTIPART,
     "{}"},
};

START_TEST(reads_all_encodings)
{
    struct request request = request_of(rows[_i].query, rows[_i].type, rows[_i].body);

    params_read(&params, &request, &arena);
    ck_assert_msg(params.problem == NULL, "%s: %s", rows[_i].what, params.problem);
    ck_assert_msg(strcmp(show(), rows[_i].tree) == 0, "%s: %s", rows[_i].what, shown.s);
    ck_assert_msg(params.encoding == rows[_i].encoding, "%s: %s", rows[_i].what,
                  encoding_name(params.encoding));
    ck_assert_uint_eq(params.nfiles, 0);
    ck_assert(!params.body_ignored);
    if (params.encoding == ENC_JSON)
        ck_assert(str_eq(params.json_text, request.body));
}
END_TEST

/* --- Bodies with something wrong -------------------------------------------------------------- */

static const struct bad_row {
    const char *type;
    const char *body;
    const char *problem;
    size_t offset;
    const char *tree; /* what is there nevertheless */
} bad_rows[] = {
    {"application/json", "{\"a\":1", "',' or '}' expected", 6, "{\"q\":\"1\"}"},
    {"application/json", "{'a':1}", "name in quotes expected", 1, "{\"q\":\"1\"}"},
    {"application/json", "[{\"a\":1}]", "the JSON body is no object", 0, "{\"q\":\"1\"}"},
    {"application/json", "a=1", "value expected", 0, "{\"q\":\"1\"}"},
    {NULL, "{\"a\"", "':' expected", 4, "{\"q\":\"1\"}"},
    {FORM, "a=%ff&b=1", "not UTF-8", 0, "{\"q\":\"1\",\"b\":\"1\"}"},
    {"multipart/form-data; boundary=x",
     "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--x--", "not UTF-8", 47,
     "{\"q\":\"1\"}"},
    {"multipart/form-data", "--x--", "multipart body without a boundary in its content type", 0,
     "{\"q\":\"1\"}"},
    {"multipart/form-data; boundary=", "--x--",
     "multipart body without a boundary in its content type", 0, "{\"q\":\"1\"}"},
    {"multipart/form-data; boundary=y", "--x--", "multipart body without its boundary", 0,
     "{\"q\":\"1\"}"},
    {"multipart/form-data; boundary=x", "--x", "multipart body is cut off", 0, "{\"q\":\"1\"}"},
    {"multipart/form-data; boundary=x", "--x\r\nContent-Dispo", "multipart body is cut off", 0,
     "{\"q\":\"1\"}"},
    {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n",
     "multipart body is cut off", 0, "{\"q\":\"1\"}"},
    {"multipart/form-data; boundary=x",
     "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x\r\nContent-Disposition: "
     "form-data; name=b; filename=c\r\n\r\n2",
     "multipart body is cut off", 50, "{\"q\":\"1\",\"a\":\"1\"}"},
};

START_TEST(says_what_is_wrong)
{
    const struct bad_row *row = &bad_rows[_i];
    struct request request = request_of("q=1", row->type, row->body);

    params_read(&params, &request, &arena);
    ck_assert_msg(params.problem != NULL && strcmp(params.problem, row->problem) == 0, "%s: %s",
                  row->body, params.problem);
    ck_assert_uint_eq(params.problem_offset, row->offset);
    ck_assert_str_eq(show(), row->tree);
}
END_TEST

/* The platform reads no body of such a type: what is missing then is the parameters. */
START_TEST(leaves_other_types_alone)
{
    static const char *const types[] = {"text/plain", "text/plain;charset=UTF-8",
                                        "application/octet-stream", "image/png"};

    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        struct request request = request_of("access_token=t", types[i], TEXT_SEND);

        params_read(&params, &request, &arena);
        ck_assert(params.body_ignored && params.problem == NULL);
        ck_assert_str_eq(show(), "{\"access_token\":\"t\"}");
    }
}
END_TEST

/* --- Limits ----------------------------------------------------------------------------------- */

static void
read_parameters(unsigned count, const char *format)
{
    struct buf body = {0};

    for (unsigned i = 0; i < count; i++) {
        char name[32];

        buf_adds(&body, i == 0 ? "" : "&");
        snprintf(name, sizeof name, "%u", i);
        buf_adds(&body, format);
        buf_adds(&body, name);
        buf_adds(&body, "]=1");
    }

    struct request request = request_of(NULL, FORM, NULL);

    request.body = (struct str){arena_strndup(&arena, body.s, body.n), body.n};
    params_read(&params, &request, &arena);
    buf_fini(&body);
}

START_TEST(limits_numbers)
{
    read_parameters(PARAMS_MAX, "a");
    ck_assert(params.problem == NULL && params.n == PARAMS_MAX);
    read_parameters(PARAMS_MAX + 1, "a");
    ck_assert(params.problem != NULL && params.n == PARAMS_MAX);
    read_parameters(FORM_FIELDS_MAX, "a[");
    ck_assert(params.problem == NULL && params.n == 1 &&
              params.at[0].value->count == FORM_FIELDS_MAX);
    ck_assert_int_eq(params.at[0].value->type, J_ARRAY);
    read_parameters(FORM_FIELDS_MAX + 1, "a[");
    ck_assert(params.problem != NULL && params.at[0].value->count == FORM_FIELDS_MAX);
}
END_TEST

START_TEST(limits_depth)
{
    struct buf body = {0};

    buf_adds(&body, "a");
    for (unsigned i = 1; i < JSON_DEPTH_MAX; i++)
        buf_adds(&body, "[b]");

    struct request request = request_of(NULL, FORM, body.s);

    params_read(&params, &request, &arena);
    ck_assert_ptr_null(params.problem);
    buf_adds(&body, "[b]");
    request.body = buf_view(&body);
    params_read(&params, &request, &arena);
    ck_assert_str_eq(params.problem, "nested too deeply");
    for (unsigned i = 0; i < 100000; i++)
        buf_adds(&body, "[b]");
    request.body = buf_view(&body);
    params_read(&params, &request, &arena);
    ck_assert_str_eq(params.problem, "nested too deeply");
    buf_fini(&body);
}
END_TEST

/* --- Files ------------------------------------------------------------------------------------ */

#define PART(headers, content)                                                                     \
    "--******\r\nContent-Disposition: form-data; " headers "\r\n\r\n" content "\r\n"

START_TEST(files_in_any_order)
{
    struct request request = request_of(
        "recipient={\"id\":\"1\"}&message={\"attachment\":{\"type\":\"image\",\"payload\":{}}}",
        "multipart/form-data;boundary=******",
        PART("name=\"filedata\"; filename=\"a \\\"b\\\";c.png\"\r\nContent-Type: image/png; x=y",
             "\x89PNG\r\n\x1a\r\n--*****\r\n")
            PART("name=\"messaging_type\"", "RESPONSE") "--******--\r\n");

    params_read(&params, &request, &arena);
    ck_assert_ptr_null(params.problem);
    ck_assert_uint_eq(params.nfiles, 1);
    ck_assert(str_eq_lit(params.files[0].name, "filedata"));
    ck_assert(str_eq_lit(params.files[0].filename, "a \\\"b\\\";c.png"));
    ck_assert(str_eq_lit(params.files[0].content_type, "image/png"));
    ck_assert(str_eq_lit(params.files[0].data, "\x89PNG\r\n\x1a\r\n--*****\r\n"));
    ck_assert(str_eq_lit(params_text(&params, "messaging_type"), "RESPONSE"));
    ck_assert_ptr_nonnull(json_get(params_get(&params, "message"), "attachment"));
}
END_TEST

START_TEST(what_is_a_file)
{
    struct request request =
        request_of(NULL, "multipart/form-data; boundary=******",
                   PART("name=\"sample\"; filename=\"x\"",
                        "no type") PART("name=a\r\nContent-Type: audio/mp3", "no name")
                       PART("name=b; filename=\"\"\r\nContent-Type: application/octet-stream", "")
                           PART("name=c; filename*=UTF-8''x.txt", "t")
                               PART("name=d\r\nContent-Type: text/html", "<b>") "--******--");

    params_read(&params, &request, &arena);
    ck_assert_ptr_null(params.problem);
    ck_assert_uint_eq(params.nfiles, 3);
    ck_assert(str_eq_lit(params.files[0].name, "sample") && params.files[0].content_type.s == NULL);
    ck_assert(str_eq_lit(params.files[1].content_type, "audio/mp3") &&
              params.files[1].filename.s == NULL);
    ck_assert(str_eq_lit(params.files[2].name, "c"));
    ck_assert_str_eq(show(), "{\"d\":\"<b>\"}");
}
END_TEST

START_TEST(limits_files)
{
    struct buf body = {0};
    struct request request = request_of(NULL, "multipart/form-data; boundary=******", NULL);

    for (unsigned i = 0; i < FILES_MAX; i++)
        buf_adds(&body, PART("name=a; filename=b", "c"));

    size_t n = body.n;

    buf_adds(&body, "--******--");
    request.body = buf_view(&body);
    params_read(&params, &request, &arena);
    ck_assert(params.problem == NULL && params.nfiles == FILES_MAX);
    body.n = n;
    buf_adds(&body, PART("name=a; filename=b", "c") "--******--");
    request.body = buf_view(&body);
    params_read(&params, &request, &arena);
    ck_assert(params.problem != NULL && params.nfiles == FILES_MAX);
    buf_fini(&body);
}
END_TEST

/* --- Token, method, target -------------------------------------------------------------------- */

static const struct token_row {
    const char *query;
    const char *type;
    const char *body;
    const char *authorization;
    const char *token;
} tokens[] = {
    {"access_token=EAA%7C1", NULL, NULL, NULL, "EAA|1"},
    {NULL, "application/json", "{\"access_token\":\"J\"}", NULL, "J"},
    {NULL, FORM, "access_token=F", NULL, "F"},
    {NULL, "multipart/form-data; boundary=******", PART("name=access_token", "M") "--******--",
     NULL, "M"},
    {NULL, NULL, NULL, "Bearer B", "B"},
    {NULL, NULL, NULL, "bearer   B ", "B"},
    {NULL, NULL, NULL, "OAuth O", "O"},
    {"access_token=Q", "application/json", "{\"access_token\":\"J\"}", "Bearer B", "J"},
    {"access_token=Q", NULL, NULL, "Bearer B", "Q"},
    {"access_token=", NULL, NULL, NULL, ""},
    {NULL, NULL, NULL, "Basic B", NULL},
    {NULL, NULL, NULL, "Bearer", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

START_TEST(finds_the_token)
{
    struct request request = request_of(tokens[_i].query, tokens[_i].type, tokens[_i].body);

    request.authorization = str_of(tokens[_i].authorization);
    params_read(&params, &request, &arena);

    struct str token = params_token(&params, &request);

    ck_assert((token.s == NULL) == (tokens[_i].token == NULL));
    ck_assert(str_eq(token, str_of(tokens[_i].token)));
}
END_TEST

START_TEST(finds_the_method)
{
    static const struct {
        enum method method;
        const char *body;
        enum method counts;
    } methods[] = {
        {METHOD_POST, "method=DELETE", METHOD_DELETE},
        {METHOD_POST, "method=delete", METHOD_DELETE},
        {METHOD_POST, "method=get", METHOD_GET},
        {METHOD_POST, "method=", METHOD_POST},
        {METHOD_POST, "method=brew", METHOD_POST},
        {METHOD_GET, "method=delete", METHOD_GET},
        {METHOD_POST, "a=1", METHOD_POST},
    };

    for (unsigned i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct request request = request_of(NULL, FORM, methods[i].body);

        request.method = methods[i].method;
        params_read(&params, &request, &arena);
        ck_assert_int_eq(params_method(&params, &request), methods[i].counts);
    }
    ck_assert_int_eq(method_of(STR("PUT")), METHOD_PUT);
    ck_assert_int_eq(method_of(STR("")), METHOD_OTHER);
    ck_assert_str_eq(method_word(METHOD_DELETE), "delete");
    ck_assert_str_eq(encoding_name(ENC_MULTIPART), "multipart");
}
END_TEST

static const struct target_row {
    const char *target;
    const char *path;
    const char *query; /* NULL: none */
} targets[] = {
    {"/v19.0/me/messages", "/v19.0/me/messages", NULL},
    {"/v19.0/me?a=1&b=/?", "/v19.0/me", "a=1&b=/?"},
    {"/?", "/", ""},
    {"https://graph.facebook.com/v6.0/me?x=1", "/v6.0/me", "x=1"},
    {"http://localhost:8080", "/", NULL},
    {"http://h?x=1", "/", "x=1"},
    {"/oauth?redirect=http://x/y", "/oauth", "redirect=http://x/y"},
    {"*", "*", NULL},
    {"", "/", NULL},
};

START_TEST(takes_targets_apart)
{
    struct request request = {0};

    request_target(&request, str_of(targets[_i].target));
    ck_assert_msg(str_eq(request.path, str_of(targets[_i].path)), "%s: %.*s", targets[_i].target,
                  STR_ARG(request.path));
    ck_assert((request.query.s == NULL) == (targets[_i].query == NULL));
    ck_assert(str_eq(request.query, str_of(targets[_i].query)));
}
END_TEST

START_TEST(batch_items)
{
    params_read_item(&params, STR("x=1"),
                     STR("recipient=%7B%22id%22%3A%221%22%7D&message[text]=a+b"), &arena);
    ck_assert_str_eq(show(),
                     "{\"x\":\"1\",\"recipient\":{\"id\":\"1\"},\"message\":{\"text\":\"a b\"}}");
    params_read_item(&params, STR_NONE, STR("recipient={\"id\":\"1\"}&message={\"text\":\"x\"}"),
                     &arena);
    ck_assert_str_eq(show(), "{\"recipient\":{\"id\":\"1\"},\"message\":{\"text\":\"x\"}}");
    params_read_item(&params, STR_NONE, STR("{\"recipient\":{\"id\":\"1\"}}"), &arena);
    ck_assert_str_eq(show(), "{\"recipient\":{\"id\":\"1\"}}");
}
END_TEST

START_TEST(null_is_not_given)
{
    struct request request =
        request_of(NULL, "application/json", "{\"tag\":null,\"n\":7,\"t\":true}");

    params_read(&params, &request, &arena);
    ck_assert_ptr_null(params_get(&params, "tag"));
    ck_assert_ptr_null(params_get(&params, "absent"));
    ck_assert(str_eq_lit(params_text(&params, "n"), "7"));
    ck_assert_ptr_null(params_text(&params, "t").s);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("request");
    TCase *tcase = tcase_create("request");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, reads_all_encodings, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tcase, says_what_is_wrong, 0, sizeof bad_rows / sizeof *bad_rows);
    tcase_add_test(tcase, leaves_other_types_alone);
    tcase_add_test(tcase, limits_numbers);
    tcase_add_test(tcase, limits_depth);
    tcase_add_test(tcase, files_in_any_order);
    tcase_add_test(tcase, what_is_a_file);
    tcase_add_test(tcase, limits_files);
    tcase_add_loop_test(tcase, finds_the_token, 0, sizeof tokens / sizeof *tokens);
    tcase_add_test(tcase, finds_the_method);
    tcase_add_loop_test(tcase, takes_targets_apart, 0, sizeof targets / sizeof *targets);
    tcase_add_test(tcase, batch_items);
    tcase_add_test(tcase, null_is_not_given);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
