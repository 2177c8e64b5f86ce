/* Attachments: what URLs answer, what uploads really are, how long saved assets live and whose they are (send.md 1.4 and 9.1). */
#include <check.h>

#include "tests/graph_bench.h"

#define URL "https://a.example/x"
#define BY_URL(type, more) "{\"type\":\"" type "\",\"payload\":{\"url\":\"" URL "\"" more "}}"
#define MEGABYTE ((size_t)1 << 20)

/* Sends or uploads one attachment object. */
static int
give(struct bench *b, const char *edge, const char *attachment)
{
    char body[4000], path[64];

    snprintf(body, sizeof body, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"attachment\":%s}}", b->psid, attachment);
    snprintf(path, sizeof path, "/v19.0/me/%s", edge);
    return bench_call(b, "POST", path, "application/json", body);
}

/* The value of "attachment_id" in the last reply; the caller frees it. */
static char *
saved_id(const struct bench *b)
{
    const char *key = strstr(bench_body(b), "\"attachment_id\":\"");

    ck_assert_msg(key != NULL, "%s", bench_body(b));
    key += strlen("\"attachment_id\":\"");
    return strndup(key, strcspn(key, "\""));
}

/* ---- by URL ------------------------------------------------------------------------------------------------------------------------ */

static const struct answer {
    const char *answer, *type;
    int subcode; /* 0: fine */
} answers[] = {
    { NULL, "image", 0 }, /* nobody said anything of this URL */
    { "unreachable", "image", 2018008 },
    { "dns", "file", 2018008 },
    { "timeout", "image", 2018008 },
    { "timeout", "video", 2018294 },
    { "too_large", "audio", 2018109 },
    { "image/png", "image", 0 },
    { "image/png", "file", 0 },
    { "image/png", "video", 2018047 },
    { "image/png", "audio", 2018047 },
    { "text/html; charset=utf-8", "image", 2018047 },
    { "imagery/png", "image", 2018047 },
    { "audio/mpeg", "audio", 0 },
    { "video/mp4", "audio", 2018047 },
    { "image/png; bytes=8388607", "image", 0 },
    { "image/png; bytes=8388608", "image", 0 },
    { "image/png; bytes=8388609", "image", 2018109 },
    { "image/png; bytes=8388609", "file", 0 },
    { "video/mp4; bytes=26214400", "video", 0 },
    { "video/mp4; bytes=26214401", "video", 2018109 },
    { "video/mp4; seconds=75", "video", 0 },
    { "video/mp4; seconds=76", "video", 2018294 },
    { "audio/mpeg; bytes=1; seconds=76", "audio", 2018008 },
};

START_TEST(test_url)
{
    const struct answer *row = &answers[_i];
    static const char *const edges[] = { "messages", "message_attachments" };
    struct bench b;
    char attachment[200], wanted[40];

    bench_init(&b);
    if (row->answer != NULL)
        world_set_url_answer(b.world, URL, row->answer);
    snprintf(attachment, sizeof attachment, "{\"type\":\"%s\",\"payload\":{\"url\":\"" URL "\"}}", row->type);
    snprintf(wanted, sizeof wanted, "\"code\":100,\"error_subcode\":%d", row->subcode);
    for (int i = 0; i < 2; i++) {
        int status = give(&b, edges[i], attachment);
        ck_assert_msg(status == (row->subcode == 0 ? 200 : 400), "%s as %s: %s", row->answer, row->type, bench_body(&b));
        ck_assert_msg(row->subcode == 0 || strstr(bench_body(&b), wanted) != NULL, "%s as %s: %s", row->answer, row->type, bench_body(&b));
    }
    bench_fini(&b);
}
END_TEST

/* The picture of a persona is fetched like any other, 8 MB at most. */
START_TEST(test_persona_picture)
{
    const struct answer *row = &answers[_i];
    struct bench b;
    char wanted[40];

    if (strcmp(row->type, "image") != 0)
        return;
    bench_init(&b);
    if (row->answer != NULL)
        world_set_url_answer(b.world, URL, row->answer);
    snprintf(wanted, sizeof wanted, "\"code\":100,\"error_subcode\":%d", row->subcode);
    int status = bench_call(&b, "POST", "/v19.0/me/personas", "application/json", "{\"name\":\"Anna\",\"profile_picture_url\":\"" URL "\"}");
    ck_assert_msg(status == (row->subcode == 0 ? 200 : 400), "%s: %s", row->answer, bench_body(&b));
    ck_assert_msg(row->subcode == 0 || strstr(bench_body(&b), wanted) != NULL, "%s: %s", row->answer, bench_body(&b));
    ck_assert_int_eq(bench_call(&b, "GET", "/v19.0/me/personas?fields=name", NULL, ""), 200);
    ck_assert_int_eq(strstr(bench_body(&b), "Anna") != NULL, row->subcode == 0);
    bench_fini(&b);
}
END_TEST

/* ---- saved ones ----------------------------------------------------------------------------------------------------------------------- */

/* is_reusable in every form that clients write; only a true one brings an id. */
START_TEST(test_reusable)
{
    static const struct {
        const char *attachment;
        bool is_saved;
    } rows[] = {
        { BY_URL("image", ""), false },
        { BY_URL("image", ",\"is_reusable\":true"), true },
        { BY_URL("image", ",\"is_reusable\":\"true\""), true },
        { BY_URL("image", ",\"is_reusable\":1"), true },
        { BY_URL("image", ",\"is_reusable\":\"1\""), true },
        { BY_URL("image", ",\"is_reusable\":false"), false },
        { BY_URL("image", ",\"is_reusable\":\"false\""), false },
        { BY_URL("image", ",\"is_reusable\":0"), false },
        { BY_URL("image", ",\"is_reusable\":null"), false },
    };
    struct bench b;

    bench_init(&b);
    ck_assert_int_eq(give(&b, "messages", rows[_i].attachment), 200);
    ck_assert_msg((strstr(bench_body(&b), "\"attachment_id\":\"") != NULL) == rows[_i].is_saved, "%s", bench_body(&b));
    ck_assert_uint_eq(b.world->node_count, rows[_i].is_saved);
    ck_assert_int_eq(give(&b, "message_attachments", rows[_i].attachment), 200); /* there it is always saved */
    free(saved_id(&b));
    bench_fini(&b);
}
END_TEST

START_TEST(test_life)
{
    static const struct {
        ms_t age;
        int status;
    } ages[] = { { 0, 200 }, { 90 * DAY - 1, 200 }, { 90 * DAY, 400 }, { 365 * DAY, 400 } };
    struct bench b;
    char attachment[200];

    bench_init(&b);
    ck_assert_int_eq(give(&b, "message_attachments", BY_URL("image", "")), 200);
    char *id = saved_id(&b);
    world_set_now(b.world, BENCH_NOW + ages[_i].age);
    b.ann->last_act = b.world->now;
    snprintf(attachment, sizeof attachment, "{\"type\":\"image\",\"payload\":{\"attachment_id\":\"%s\"}}", id);
    ck_assert_int_eq(give(&b, "messages", attachment), ages[_i].status);
    if (ages[_i].status == 400)
        ck_assert_ptr_nonnull(strstr(bench_body(&b), "2018074"));
    free(id);
    bench_fini(&b);
}
END_TEST

/* Another page's id is nobody's here, in a send, in a list and in a media template. */
START_TEST(test_owner)
{
    static const char *const messages[] = {
        "{\"attachment\":{\"type\":\"image\",\"payload\":{\"attachment_id\":\"%s\"}}}",
        "{\"attachments\":[{\"type\":\"image\",\"payload\":{\"attachment_id\":\"%s\"}}]}",
        "{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"media\",\"elements\":[{\"media_type\":\"image\",\"attachment_id\":\"%s\"}]}}}",
    };
    struct bench b;
    char body[1000];

    bench_init_at(&b, CIVIL(2026, 7, 1));
    world_add_page(b.world, NULL, "Another", NULL);
    page_connect_app(b.world->pages[1], 0);
    const struct node *own = world_add_node(b.world, NODE_ATTACHMENT, NULL, 0), *foreign = world_add_node(b.world, NODE_ATTACHMENT, NULL, 1);
    for (int i = 0; i < 2; i++) {
        int n = snprintf(body, sizeof body, "{\"recipient\":{\"id\":\"%s\"},\"message\":", b.psid);
        const char *hole = strstr(messages[_i], "%s");
        snprintf(body + n, sizeof body - (size_t)n, "%.*s%s%s}", (int)(hole - messages[_i]), messages[_i], i == 0 ? own->id : foreign->id, hole + 2);
        ck_assert_msg(bench_call(&b, "POST", "/v25.0/me/messages", "application/json", body) == (i == 0 ? 200 : 400), "%s", bench_body(&b));
    }
    ck_assert_ptr_nonnull(strstr(bench_body(&b), "2018074"));
    bench_fini(&b);
}
END_TEST

/* What was saved as one type goes out as that type, or as a file; a media template asks for its own. */
START_TEST(test_saved_type)
{
    static const struct {
        const char *saved, *sent;
        int status;
        const char *media; /* what a media template with that media_type says; NULL: not asked */
    } rows[] = {
        { "image", "image", 200, "message_id" }, { "image", "video", 400, "2018182" }, { "image", "file", 200, NULL },  { "video", "video", 200, "message_id" },
        { "video", "image", 400, "2018182" },    { "audio", "audio", 200, NULL },      { "file", "image", 400, "2018182" },
    };
    struct bench b;
    char text[400];

    bench_init(&b);
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"payload\":{\"url\":\"" URL "\"}}", rows[_i].saved);
    ck_assert_int_eq(give(&b, "message_attachments", text), 200);
    char *id = saved_id(&b);
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"payload\":{\"attachment_id\":%s}}", rows[_i].sent, id);
    ck_assert_msg(give(&b, "messages", text) == rows[_i].status, "%s", bench_body(&b));
    if (rows[_i].status == 400)
        ck_assert_ptr_nonnull(strstr(bench_body(&b), "2018047"));
    if (rows[_i].media != NULL) {
        snprintf(text, sizeof text,
                 "{\"type\":\"template\",\"payload\":{\"template_type\":\"media\",\"elements\":[{\"media_type\":\"%s\",\"attachment_id\":\"%s\"}]}}",
                 rows[_i].sent, id);
        give(&b, "messages", text);
        ck_assert_msg(strstr(bench_body(&b), rows[_i].media) != NULL, "%s", bench_body(&b));
    }
    free(id);
    bench_fini(&b);
}
END_TEST

/* Of several pictures a wrong one refuses all, and nothing is kept of the others. */
START_TEST(test_several)
{
    struct bench b;
    char body[1000];

    bench_init_at(&b, CIVIL(2026, 7, 1));
    snprintf(body, sizeof body,
             "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"attachments\":[" BY_URL("image", ",\"is_reusable\":true") ","
             "{\"type\":\"image\",\"payload\":{\"attachment_id\":\"1\"}}]}}", b.psid);
    ck_assert_int_eq(bench_call(&b, "POST", "/v25.0/me/messages", "application/json", body), 400);
    ck_assert_ptr_nonnull(strstr(bench_body(&b), "2018074"));
    ck_assert_uint_eq(b.world->node_count, 0);
    bench_fini(&b);
}
END_TEST

/* A URL that fails may be a page of the platform's own, behind a media template. */
START_TEST(test_media_url)
{
    static const struct {
        const char *answer, *contains;
    } rows[] = {
        { NULL, "message_id" },   { "image/jpeg", "message_id" }, { "unreachable", "2018186" },
        { "dns", "2018186" },     { "video/mp4", "2018186" },     { "timeout", "2018175" },
        { "too_large", "2018173" },
    };
    struct bench b;

    bench_init(&b);
    if (rows[_i].answer != NULL)
        world_set_url_answer(b.world, "https://www.facebook.com/shop/photos/1", rows[_i].answer);
    give(&b, "messages", "{\"type\":\"template\",\"payload\":{\"template_type\":\"media\",\"elements\":[{\"media_type\":\"image\",\"url\":"
                         "\"https://www.facebook.com/shop/photos/1\"}]}}");
    ck_assert_msg(strstr(bench_body(&b), rows[_i].contains) != NULL, "%s: %s", rows[_i].answer, bench_body(&b));
    bench_fini(&b);
}
END_TEST

/* ---- uploads ------------------------------------------------------------------------------------------------------------------------------ */

#define PNG "\x89PNG\r\n\x1a\n"
#define MP4 "....ftypisom"
#define EDGE "b0und"

/* A multipart body with recipient, message and `files` parts of this content type (NULL: none) and these first bytes, `size` bytes each. */
static char *
multipart_new(const struct bench *b, const char *type, unsigned files, const char *content_type, const char *bytes, size_t size)
{
    char *body = malloc(size * files + 4000), *at = body;

    at += sprintf(at,
                  "--" EDGE "\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\n{\"id\":\"%s\"}\r\n"
                  "--" EDGE "\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"attachment\":{\"type\":\"%s\",\"payload\":{\"is_reusable\":true}}}\r\n",
                  b->psid, type);
    for (unsigned i = 0; i < files; i++) {
        at += sprintf(at, "--" EDGE "\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"x\"\r\n");
        if (content_type != NULL)
            at += sprintf(at, "Content-Type: %s\r\n", content_type);
        at += sprintf(at, "\r\n");
        memset(at, 'x', size);
        memcpy(at, bytes, strlen(bytes));
        at += size;
        at += sprintf(at, "\r\n");
    }
    sprintf(at, "--" EDGE "--\r\n");
    return body;
}

static const struct upload {
    const char *name, *type;
    unsigned files;
    const char *content_type, *bytes;
    size_t size;
    int subcode; /* 0: fine, 1: the number of files */
} uploads[] = {
    { "a picture", "image", 1, "image/png", PNG, 100, 0 },
    { "a picture as a file", "file", 1, "image/png", PNG, 100, 0 },
    { "a picture that says it is a video", "video", 1, "video/mp4", PNG, 100, 2018047 },
    { "a video that says it is a picture", "image", 1, "image/png", MP4, 100, 2018047 },
    { "declared as a picture, sent as a video", "image", 1, "video/mp4", PNG, 100, 2018047 },
    { "no content type", "image", 1, NULL, PNG, 100, 2018047 },
    { "no content type, as a file", "file", 1, NULL, "hello", 100, 2018047 },
    { "any bytes", "image", 1, "image/png", "hello", 100, 0 },
    { "sound in a box", "audio", 1, "audio/mp4", MP4, 100, 0 },
    { "sound without audio/", "audio", 1, "application/octet-stream", "ID3", 100, 2018047 },
    { "sound", "audio", 1, "audio/mpeg", "ID3", 100, 0 },
    { "a document", "file", 1, "application/pdf", "%PDF-1.4", 100, 0 },
    { "an empty picture", "image", 1, "image/png", "", 0, 2018047 },
    { "an empty document", "file", 1, "text/plain", "", 0, 0 },
    { "no file", "image", 0, "image/png", PNG, 0, 1 },
    { "two files", "image", 2, "image/png", PNG, 100, 1 },
    { "25 MB less a byte", "image", 1, "image/png", PNG, 25 * MEGABYTE - 1, 0 },
    { "25 MB", "image", 1, "image/png", PNG, 25 * MEGABYTE, 0 },
    { "25 MB and a byte", "image", 1, "image/png", PNG, 25 * MEGABYTE + 1, 2018109 },
};

START_TEST(test_upload)
{
    const struct upload *row = &uploads[_i];
    static const char *const edges[] = { "messages", "message_attachments" };
    struct bench b;
    char path[64], wanted[80];

    bench_init(&b);
    char *body = multipart_new(&b, row->type, row->files, row->content_type, row->bytes, row->size);
    if (row->subcode == 1)
        snprintf(wanted, sizeof wanted, "(#100) An incorrect number of files uploaded. Must upload exactly one file");
    else
        snprintf(wanted, sizeof wanted, "\"%s\":%.0d", row->subcode == 0 ? "attachment_id" : "error_subcode", row->subcode);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/v19.0/me/%s", edges[i]);
        int status = bench_call(&b, "POST", path, "multipart/form-data; boundary=" EDGE, body);
        ck_assert_msg(status == (row->subcode == 0 ? 200 : 400) && strstr(bench_body(&b), wanted) != NULL, "%s: %s", row->name, bench_body(&b));
    }
    free(body);
    bench_fini(&b);
}
END_TEST

/* An upload without an attachment, and one that only names a saved asset. */
START_TEST(test_upload_forms)
{
    struct bench b;
    char body[200];

    bench_init(&b);
    ck_assert_int_eq(bench_call(&b, "POST", "/v19.0/me/message_attachments", "application/json", "{\"message\":{\"text\":\"x\"}}"), 400);
    ck_assert_ptr_nonnull(strstr(bench_body(&b), "(#100) The parameter message[attachment] is required"));
    ck_assert_int_eq(bench_call(&b, "POST", "/v19.0/me/message_attachments", "application/json", "{}"), 400);
    ck_assert_ptr_nonnull(strstr(bench_body(&b), "(#100) The parameter message is required"));
    ck_assert_int_eq(give(&b, "message_attachments", BY_URL("image", "")), 200);
    char *id = saved_id(&b);
    snprintf(body, sizeof body, "{\"type\":\"image\",\"payload\":{\"attachment_id\":\"%s\"}}", id);
    ck_assert_int_eq(give(&b, "message_attachments", body), 200);
    char *again = saved_id(&b);
    ck_assert_str_eq(id, again);
    free(id);
    free(again);
    bench_fini(&b);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

int
main(void)
{
    Suite *suite = suite_create("attachment");
    TCase *tc = tcase_create("attachment");

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_url, 0, COUNT(answers));
    tcase_add_loop_test(tc, test_persona_picture, 0, COUNT(answers));
    tcase_add_loop_test(tc, test_reusable, 0, 9);
    tcase_add_loop_test(tc, test_life, 0, 4);
    tcase_add_loop_test(tc, test_owner, 0, 3);
    tcase_add_loop_test(tc, test_saved_type, 0, 7);
    tcase_add_test(tc, test_several);
    tcase_add_loop_test(tc, test_media_url, 0, 7);
    tcase_add_loop_test(tc, test_upload, 0, COUNT(uploads));
    tcase_add_test(tc, test_upload_forms);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
