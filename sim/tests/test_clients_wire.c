/* What published clients put on the wire and what they read in the answer: the rows of clients_wire.def, each sent byte by byte to the running program in a world of
 * its own; and what takes more than one request: a proof that is required, a call that is tried again, ids in webhooks, the errors that clients sort by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "graph/hmac.h"
#include "served.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

enum { NONE, JSON, JSON8, FORM, PARTS, STARS, TYPE_MASK = 7, CHUNKED = 8, TEXT_MAX = 1 << 14 };

struct wire {
    const char *point, *what, *now, *first;
    int type;
    const char *request, *body;
    long status;
    const char *holds, *then, *shows;
};

static const struct wire wires[] = {
#define WIRE(point, what, now, first, type, request, body, status, holds, then, shows)             \
    {point, what, now, first, type, request, body, status, holds, then, shows},
#include "clients_wire.def"
};

static const char *const type_lines[] = {
    [NONE] = "",
    [JSON] = "Content-Type: application/json\r\n",
    [JSON8] = "Content-Type: application/json; charset=utf-8\r\n",
    [FORM] = "Content-Type: application/x-www-form-urlencoded\r\n",
    [PARTS] = "Content-Type: multipart/form-data; boundary=b\r\n",
    [STARS] = "Content-Type: multipart/form-data;boundary=**b**\r\n",
};

/* ---- a world for each row -------------------------------------------------------------------------------------------------------- */

struct place {
    char name[64], token[256], page[32], psid[32], app[32], secret[64], app_token[128];
    char proof[HMAC_HEX_SIZE], empty_proof[HMAC_HEX_SIZE], id[128];
};

static void
keep(char *out, size_t size, const json_t *world, const char *list, const char *key)
{
    snprintf(out, size, "%s", text_at(world, list, 0, key));
}

/* Text of a row with its values filled in: $names, and quotes for apostrophes. */
static void
fill(const struct place *at, char *out, size_t size, const char *text)
{
    const struct {
        const char *name, *value;
    } values[] = {{"$token", at->token}, {"$page", at->page},
                  {"$psid", at->psid},   {"$apptoken", at->app_token},
                  {"$app", at->app},     {"$secret", at->secret},
                  {"$proof", at->proof}, {"$emptyproof", at->empty_proof},
                  {"$id", at->id}};
    size_t n = 0;

    while (*text != '\0') {
        const char *value = NULL;
        int i = 0;

        while (i < COUNT(values) && strncmp(text, values[i].name, strlen(values[i].name)) != 0)
            i++;
        if (i < COUNT(values))
            value = values[i].value;
        ck_assert_uint_lt(n + (value != NULL ? strlen(value) : 1), size);
        if (value != NULL) {
            n += (size_t)snprintf(out + n, size - n, "%s", value);
            text += strlen(values[i].name);
        } else {
            /* An apostrophe between letters is one: "new_thread's". */
            bool is_apostrophe = *text == '\'' && text[1] == 's' && text[2] == ' ';

            out[n++] = *text == '\'' && !is_apostrophe ? '"' : *text;
            text++;
        }
    }
    out[n] = '\0';
}

static void
control(const struct place *at, const char *path, const char *body)
{
    char whole[256];

    snprintf(whole, sizeof whole, "/_sim/worlds/%s%s", at->name, path);
    server_expect("POST", whole, body, 200);
}

/* A frozen world without limits; its only person has just written. */
static struct place
world_open(const char *now, bool require_proof)
{
    struct place at = {.id = "0"};
    char spec[512];

    snprintf(
        spec, sizeof spec,
        "{\"clock\":\"frozen\",\"now\":\"%s\",\"limits\":\"off\",\"apps\":[{\"require_proof\":%s}],"
        "\"pages\":[{\"default_app\":0}],\"users\":[{\"name\":\"Ann Lee\"}]}",
        now != NULL ? now : "2024-03-01T09:00:00Z", require_proof ? "true" : "false");
    json_t *world = served_json(&server, "POST", "/_sim/worlds", spec, 201);
    snprintf(at.name, sizeof at.name, "%s", json_string_value(json_object_get(world, "name")));
    keep(at.token, sizeof at.token, world, "pages", "access_token");
    keep(at.page, sizeof at.page, world, "pages", "id");
    keep(at.psid, sizeof at.psid, world, "users", "psid");
    keep(at.app, sizeof at.app, world, "apps", "id");
    keep(at.secret, sizeof at.secret, world, "apps", "secret");
    keep(at.app_token, sizeof at.app_token, world, "apps", "access_token");
    json_decref(world);
    hmac_hex(at.proof, HMAC_SHA256, str_of(at.secret), str_of(at.token));
    hmac_hex(at.empty_proof, HMAC_SHA256, str_of(""), str_of(at.token));
    control(&at, "/acts", "{\"act\":\"message\",\"user\":\"Ann Lee\",\"text\":\"hello\"}");
    return at;
}

static void
world_close(const struct place *at)
{
    char path[128];

    snprintf(path, sizeof path, "/_sim/worlds/%s", at->name);
    server_expect("DELETE", path, NULL, 204);
}

static struct returned
call(const struct place *at, const char *method, const char *target, const char *body)
{
    char bearer[300];

    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", at->token);
    const char *headers[] = {bearer, NULL};
    return served_call(&server, method, target, body, headers);
}

/* One line of `first`, its values filled in. */
static void
happen(struct place *at, char *line)
{
    if (strncmp(line, "act ", 4) == 0) {
        control(at, "/acts", line + 4);
        return;
    }
    char *target = strchr(line, ' ');
    *target++ = '\0';
    char *body = strchr(target, ' ');
    if (body != NULL)
        *body++ = '\0';
    struct returned returned = call(at, line, target, body);
    const char *id = json_string_value(json_object_get(returned.json, "id"));
    ck_assert_msg(returned.status == 200, "first: %s %s: %s", line, target, returned.text);
    if (id != NULL)
        snprintf(at->id, sizeof at->id, "%s", id);
    returned_fini(&returned);
}

/* ---- the wire -------------------------------------------------------------------------------------------------------------------- */

struct bytes {
    char *s;
    size_t n;
};

static void
add(struct bytes *to, const char *s, size_t n)
{
    to->s = realloc(to->s, to->n + n + 1);
    memcpy(to->s + to->n, s, n);
    to->n += n;
    to->s[to->n] = '\0';
}

static void
add_text(struct bytes *to, const char *text)
{
    add(to, text, strlen(text));
}

/* Every line with CR LF. */
static void
add_lines(struct bytes *to, const char *text)
{
    for (; *text != '\0'; text++)
        add(to, *text == '\n' ? "\r\n" : text, *text == '\n' ? 2 : 1);
}

/* In two chunks, the first of one byte. */
static void
add_chunks(struct bytes *to, const struct bytes *body)
{
    char size[32];

    add_text(to, "1\r\n");
    add(to, body->s, 1);
    snprintf(size, sizeof size, "\r\n%zx\r\n", body->n - 1);
    add_text(to, size);
    add(to, body->s + 1, body->n - 1);
    add_text(to, "\r\n0\r\n\r\n");
}

static struct bytes
request_bytes(const struct place *at, const struct wire *wire)
{
    static char text[TEXT_MAX];
    struct bytes out = {NULL, 0}, body = {NULL, 0};
    int type = wire->type & TYPE_MASK;
    char line[64];

    fill(at, text, sizeof text, wire->request);
    char *headers = text + strcspn(text, "\n");
    bool has_headers = *headers == '\n';
    *headers = '\0';
    add_text(&out, text);
    add_text(&out, " HTTP/1.1\r\nHost: graph.facebook.com\r\n");
    if (has_headers) {
        add_lines(&out, headers + 1);
        add_text(&out, "\r\n");
    }
    add_text(&out, type_lines[type]);
    if (strstr(out.s, "Connection:") == NULL)
        add_text(&out, "Connection: close\r\n");
    if (wire->body != NULL) {
        fill(at, text, sizeof text, wire->body);
        if (type == PARTS || type == STARS)
            add_lines(&body, text);
        else
            add_text(&body, text);
        snprintf(line, sizeof line, "Content-Length: %zu\r\n", body.n);
        add_text(&out, (wire->type & CHUNKED) != 0 ? "Transfer-Encoding: chunked\r\n" : line);
    } else if (strncmp(wire->request, "POST", 4) == 0) {
        add_text(&out, "Content-Length: 0\r\n");
    }
    add_text(&out, "\r\n");
    if ((wire->type & CHUNKED) != 0)
        add_chunks(&out, &body);
    else if (body.n > 0)
        add(&out, body.s, body.n);
    free(body.s);
    return out;
}

static bool
has(const char *text, const char *what)
{
    return *what == '!' ? strstr(text, what + 1) == NULL : strstr(text, what) != NULL;
}

static void
expect(const struct wire *wire, const struct place *at, const char *answer, const char *lines)
{
    char wanted[TEXT_MAX];

    fill(at, wanted, sizeof wanted, lines);
    for (char *line = strtok(wanted, "\n"); line != NULL; line = strtok(NULL, "\n"))
        ck_assert_msg(has(answer, line), "%s %s: wanted %s in\n%.1200s", wire->point, wire->what,
                      line, answer);
}

/* Where the client keeps the connection, the answer is read until the last thing that is wanted of it. */
static char *
answer_to(const struct place *at, const struct wire *wire)
{
    struct bytes sent = request_bytes(at, wire);
    char until[256], *last = strrchr(wire->holds, '\n');

    fill(at, until, sizeof until, last != NULL ? last + 1 : wire->holds);
    bool is_kept = strstr(wire->request, "Connection:") != NULL;
    char *answer = served_raw(&server, sent.s, sent.n, is_kept ? until : NULL);
    free(sent.s);
    return answer;
}

START_TEST(a_client_is_served)
{
    const struct wire *wire = &wires[_i];
    struct place at = world_open(wire->now, false);
    char line[TEXT_MAX], text[TEXT_MAX], status[32];

    for (const char *first = wire->first; first != NULL && *first != '\0';
         first += strcspn(first, "\n"), first += *first == '\n') {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(first, "\n"), first);
        fill(&at, text, sizeof text, line);
        happen(&at, text);
    }
    char *answer = answer_to(&at, wire);
    snprintf(status, sizeof status, "HTTP/1.1 %ld ", wire->status);
    expect(wire, &at, answer, status);
    expect(wire, &at, answer, wire->holds);
    free(answer);
    if (wire->then != NULL) {
        fill(&at, text, sizeof text, wire->then);
        struct returned shown = call(&at, "GET", text, NULL);
        ck_assert_msg(shown.status == 200, "%s: %s", text, shown.text);
        expect(wire, &at, shown.text, wire->shows);
        returned_fini(&shown);
    }
    world_close(&at);
}
END_TEST

/* 3.14 An app that asks for a proof with every call: without one nothing goes, with one in any of its three places all does. */
static const struct wire proofs[] = {
    {"3.14", "in the query", 0, 0, JSON,
     "POST /v19.0/me/messages?access_token=$token&appsecret_proof=$proof", "{" TEXT "}", 200, SENT,
     0, 0},
    {"3.14", "in the JSON", 0, 0, JSON, "POST /v19.0/me/messages?access_token=$token",
     "{'appsecret_proof':'$proof'," TEXT "}", 200, SENT, 0, 0},
    {"3.14", "in the form", 0, 0, FORM, "POST /v19.0/me/messages",
     "recipient={'id':'$psid'}&message={'text':'hi'}&access_token=$token&appsecret_proof=$proof",
     200, SENT, 0, 0},
    {"3.14", "nowhere", 0, 0, JSON, "POST /v19.0/me/messages?access_token=$token", "{" TEXT "}",
     400, REFUSED "\nAPI calls from the server require an appsecret_proof argument", 0, 0},
    {"3.14", "of an empty secret (botbuilder)", 0, 0, JSON,
     "POST /v19.0/me/messages?access_token=$token&appsecret_proof=$emptyproof", "{" TEXT "}", 400,
     REFUSED "\nInvalid appsecret_proof provided in the API argument", 0, 0},
};

START_TEST(a_required_proof_is_found_in_three_places)
{
    struct place at = world_open(NULL, true);
    char *answer = answer_to(&at, &proofs[_i]);

    expect(&proofs[_i], &at, answer, proofs[_i].holds);
    free(answer);
    world_close(&at);
}
END_TEST

/* 4.11 warriorteam tries a call again after a 5xx, up to three times: the fourth answer of the same call is the true one. */
START_TEST(a_call_that_failed_is_tried_again)
{
    struct place at = world_open(NULL, false);
    char body[256];

    control(&at, "/faults", "{\"fault\":\"error\",\"code\":2,\"times\":3}");
    snprintf(body, sizeof body, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"hi\"}}",
             at.psid);
    for (int attempt = 1; attempt <= 4; attempt++) {
        struct returned returned = call(&at, "POST", "/v23.0/me/messages", body);

        ck_assert_msg(returned.status == (attempt < 4 ? 500 : 200), "attempt %d: %ld %s", attempt,
                      returned.status, returned.text);
        returned_fini(&returned);
    }
    world_close(&at);
}
END_TEST

/* 4.1 In webhooks too: paked reads them as quoted int64. */
START_TEST(ids_in_webhooks_are_quoted_digits)
{
    struct place at = world_open(NULL, false);
    struct bot *bot = bot_subscribed(at.name);
    char text[256];

    control(&at, "/acts", "{\"act\":\"message\",\"user\":\"Ann Lee\",\"text\":\"again\"}");
    control(&at, "/settle", NULL);
    char *body = bot_body(bot, 0);
    snprintf(text, sizeof text, "\"sender\":{\"id\":\"%s\"},\"recipient\":{\"id\":\"%s\"}", at.psid,
             at.page);
    ck_assert_msg(body != NULL && strstr(body, text) != NULL, "wanted %s in %s", text, body);
    snprintf(text, sizeof text, "\"id\":\"%s\"", at.page);
    ck_assert_msg(strstr(body, text) != NULL, "wanted %s in %s", text, body);
    ck_assert_uint_le(strlen(at.psid), 18);
    ck_assert_uint_eq(strspn(at.psid, "0123456789"), strlen(at.psid));
    free(body);
    bot_stop(&bot);
    world_close(&at);
}
END_TEST

/* 4.3 What the ruby gem sorts errors by; subcode 0: none. */
static const struct {
    int code, subcode;
} sorted[] = {
    {100, 0},       {100, 2018001}, {10, 2018065},  {10, 2018108}, {200, 1545041},
    {200, 2018028}, {200, 2018027}, {200, 2018021}, {230, 0},      {4, 2018022},
    {100, 2018109}, {613, 0},       {190, 0},       {1200, 0},     {10303, 0},
};

START_TEST(an_error_that_clients_sort_by_exists)
{
    json_t *rules = served_json(&server, "GET", "/_sim/rules", NULL, 200), *error;
    bool is_there = false;
    size_t i;

    json_array_foreach(json_object_get(rules, "errors"), i, error)
    {
        is_there = is_there ||
                   (json_integer_value(json_object_get(error, "code")) == sorted[_i].code &&
                    json_integer_value(json_object_get(error, "subcode")) == sorted[_i].subcode);
    }
    json_decref(rules);
    ck_assert_msg(is_there, "no error %d/%d", sorted[_i].code, sorted[_i].subcode);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("clients_wire");
    TCase *each = tcase_create("wire");

    tcase_add_unchecked_fixture(each, server_start, server_stop);
    tcase_set_timeout(each, 60);
    tcase_add_loop_test(each, a_client_is_served, 0, COUNT(wires));
    tcase_add_loop_test(each, a_required_proof_is_found_in_three_places, 0, COUNT(proofs));
    tcase_add_test(each, a_call_that_failed_is_tried_again);
    tcase_add_test(each, ids_in_webhooks_are_quoted_digits);
    tcase_add_loop_test(each, an_error_that_clients_sort_by_exists, 0, COUNT(sorted));
    suite_add_tcase(suite, each);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
