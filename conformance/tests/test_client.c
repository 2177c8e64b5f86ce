/* Clients under test, good and bad, in scenarios and recordings. This program is the client too:
 * `test_client client MODE` listens on WEBHOOK_PORT and behaves as MODE says. */
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>
#include <microhttpd.h>

#include "conformance/alloc.h"

/* ---- the client ---- */

static const char *mode;

static void
say(const char *psid, const char *text)
{
    CURL *handle = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char *url = alloc_print("%s/v19.0/me/messages?access_token=%s", getenv("GRAPH_API_BASE"),
                            getenv("PAGE_ACCESS_TOKEN"));
    char *body = alloc_print("{\"recipient\":{\"id\":\"%s\"},\"messaging_type\":\"RESPONSE\","
                             "\"message\":{\"text\":\"%s\"}}",
                             psid, text);
    FILE *nowhere = fopen("/dev/null", "w");

    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, nowhere);
    curl_easy_perform(handle);
    fclose(nowhere);
    free(body);
    free(url);
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
}

/* The digits behind the first "id" of the sender. */
static void
answer_person(const char *body)
{
    const char *sender = strstr(body, "\"sender\":{\"id\":\"");
    char psid[32] = "";

    if (sender == NULL || strstr(body, "\"is_echo\":true") != NULL ||
        strstr(body, "\"message\"") == NULL)
        return;
    sscanf(sender + 16, "%31[0-9]", psid);
    say(psid, "Hello, this is your bot");
    if (strcmp(mode, "stranger") == 0) /* a person that nobody knows */
        say("4711", "Buy!");
}

static enum MHD_Result
reply(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(strlen(text), alloc_text(text), free);
    enum MHD_Result result = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
listen_to(void *none, struct MHD_Connection *connection, const char *path, const char *method,
          const char *version, const char *bytes, size_t *length, void **state)
{
    char **body = (char **)state;

    (void)none;
    (void)path;
    (void)version;
    if (*body == NULL) {
        *body = alloc_text("");
        return MHD_YES;
    }
    if (*length > 0) {
        char *longer = alloc_print("%s%.*s", *body, (int)*length, bytes);
        free(*body);
        *body = longer;
        *length = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") == 0) {
        const char *challenge =
            MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.challenge");
        return reply(connection, 200, strcmp(mode, "wrong") == 0 ? "what?" : challenge);
    }
    if (strcmp(mode, "die") == 0) {
        fprintf(stderr, "a bug has bitten me\n");
        exit(3);
    }
    if (strcmp(mode, "close") == 0)
        return MHD_NO;
    if (strcmp(mode, "deaf") != 0)
        answer_person(*body);
    return reply(connection, 200, "");
}

static void
ended(void *none, struct MHD_Connection *connection, void **state,
      enum MHD_RequestTerminationCode why)
{
    (void)none;
    (void)connection;
    (void)why;
    free(*state);
}

static int
be_client(const char *given_mode)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((unsigned short)strtoul(getenv("WEBHOOK_PORT"), NULL, 10)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};

    mode = given_mode;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, listen_to, NULL,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, ended, NULL, MHD_OPTION_END);
    if (daemon == NULL)
        return 4;
    for (;;)
        pause();
}

/* ---- the tests ---- */

static char folder[64];
static const char *self;

static void
set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/understudy-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
tear_down(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static char *
shell(const char *command, int *code)
{
    const char *program = getenv("UNDERSTUDY");
    char *line = alloc_print("U='%s' C='%s client' D='%s' S=conformance/tests/data/client; "
                             "{ %s\n} 2>&1",
                             program == NULL ? "build/understudy" : program, self, folder, command);
    char *out = alloc_zero(1, 1);
    size_t length = 0, got;
    char buffer[4096];
    FILE *pipe = popen(line, "r"); /* NOLINT: a test may use a shell */

    ck_assert_ptr_nonnull(pipe);
    while ((got = fread(buffer, 1, sizeof buffer, pipe)) > 0) {
        out = alloc_checked(realloc(out, length + got + 1));
        memcpy(out + length, buffer, got);
        length += got;
        out[length] = '\0';
    }
    int status = pclose(pipe);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    free(line);
    return out;
}

#define QUICK "--quiet-ms 60 "

static const struct {
    const char *command;
    int code;
    const char *part;
} commands[] = {
    {"$U run " QUICK "--client \"$C good\" $S/greeting.scn", 0,
     "pass   conformance/tests/data/client/greeting"},
    {"$U run " QUICK "-j 3 --client \"$C good\" $S/greeting.scn $S/both.scn $S/rows.scn", 0,
     "5 scenarios, 5 pass"},
    {"$U run " QUICK "--client \"$C deaf\" $S/greeting.scn", 1,
     "  actual    the client has called nothing since"},
    {"$U run " QUICK "--client \"$C good\" $S/silent.scn", 1,
     "  message   the client is not silent"},
    {"$U run " QUICK "--client \"$C stranger\" $S/both.scn", 1, "  message   the client broke "},
    {"$U run " QUICK "--client \"$C wrong\" $S/greeting.scn", 2, "greeting.scn:7: ERROR"},
    {"$U run " QUICK "--client \"$C die\" $S/greeting.scn", 2,
     "the client ended by itself (exit code 3); it said last: a bug has bitten me"},
    {"$U run " QUICK "--client \"$C close\" $S/greeting.scn", 1,
     "the client has called nothing since; the last webhook got no answer"},
    {"$U run --start-ms 300 --client 'sleep 60' $S/greeting.scn", 2,
     "the client does not accept connections on WEBHOOK_PORT after 300 ms"},
    {"$U run --client 'echo nope >&2; exit 1' $S/greeting.scn", 2,
     "the client ended by itself (exit code 1); it said last: nope"},
    /* it never answers a webhook: after an hour of that nobody sends it any */
    {"$U run " QUICK "--client \"$C close\" $S/both.scn", 1, "FND-WEBHOOK-DISABLED"},
    {"$U replay " QUICK "--client \"$C close\" $S/short.jsonl", 1,
     "the client broke FND-WEBHOOK-DISABLED (error)"},
    {"$U run $S/both.scn", 0, "1 scenario, 1 pass"},
    {"$U run $S/greeting.scn", 0, "1 scenario, 1 skip"},
    {"$U replay " QUICK "--tail +1h --client \"$C good\" $S/short.jsonl", 0, "pass   short"},
    {"$U replay " QUICK "--tail +1h --client \"$C good\" $S/short.jsonl", 0,
     "short.jsonl:5: the act was refused: "},
    {"$U replay " QUICK "--tail +1h --client \"$C stranger\" $S/short.jsonl", 1,
     "short.jsonl:2: FAIL  replay"},
    {"$U replay " QUICK "--client \"$C die\" $S/short.jsonl", 2, "short.jsonl:2: ERROR  replay"},
    {"$U replay --start-ms 300 --client 'sleep 60' $S/short.jsonl", 2,
     "short.jsonl:1: ERROR  replay"},
    {"$U replay --check $S/short.jsonl", 0,
     "\"A short one\", 2 people, 4 acts, from "
     "2024-03-01T09:00:00.000Z to 2024-03-03T09:00:05.000Z"},
    {"$U replay --check $S/short.jsonl", 0, "\n  message 3, block 1\n"},
    {"$U replay --check --from-line 4 $S/short.jsonl", 0,
     "2 people, 2 acts, from 2024-03-01T10:01:05.000Z to 2024-03-03T09:00:05.000Z"},
    {"$U replay --check --from-line 4 --now 2030-01-01T00:00:00Z $S/short.jsonl", 0,
     "2 people, 2 acts, from 2030-01-01T00:00:00.000Z to 2030-01-02T22:59:00.000Z"},
    {"$U replay --check --from-line 6 $S/short.jsonl", 0, "0 acts"},
    {"$U replay --check --from-line 7 $S/short.jsonl", 2,
     "short.jsonl:7: nothing is left from this line on, expected an earlier one"},
    {"$U replay --from-line 2 $S/short.jsonl $S/short.jsonl", 2,
     "--from-line with 2 recordings, expected one"},
    {"$U replay --clock x1000001 $S/short.jsonl", 2, "bad --clock `x1000001`"},
    {"$U replay --clock x0 $S/short.jsonl", 2, "bad --clock `x0`"},
    {"$U replay --now yesterday $S/short.jsonl", 2, "bad --now `yesterday`"},
    {"$U replay --clock x100000 --from-line 3 --journal $D/j $S/short.jsonl && grep -c "
     "'\"kind\":\"act\"' "
     "$D/j && grep -c '\"mode\":\"x100000\"' $D/j && grep -c '\"mode\":\"frozen\"' $D/j",
     0, "\n3\n1\n2\n"},
    {"$U replay " QUICK "--clock x100000 --tail +1h --client \"$C good\" $S/short.jsonl", 0,
     "pass   short"},
    {"$U replay --journal $D/j $S/short.jsonl && grep -c '\"kind\":\"act\"' $D/j", 0, "\n4\n"},
    {"$U replay " QUICK "--client \"$C good\" --report $D/r $S/short.jsonl >/dev/null; ls $D/r", 0,
     "short.jsonl"},
    {"$U generate --people 30 --days 3 --seed 7 >$D/g && $U generate --people 30 --days 3 --seed 7 "
     "| cmp "
     "- $D/g && $U replay --check $D/g && $U replay --check --generate default --people 30 --days "
     "3 --seed 7 "
     "| sed s/generated:/same:/",
     0, "/g: \"30 made-up people\", 30 people, 112 acts, from "},
    {"$U generate --people 30000 --days 1 >$D/g && $U replay --check $D/g", 0, "30000 people"},
    {"$U generate --people 0", 2, "/people: expected a whole number"},
    {"$U generate --people ten", 2, "expected a whole number and not `ten`"},
    {"$U generate --model $S/short.jsonl", 2, "short.jsonl:2: "},
    {"$U generate --seed", 2, "a value is missing after `--seed`"},
    {"$U generate --people 3000 --days 30 >/dev/full", 2, "cannot write: "},
    {"$U replay --generate default --people 300001 --days 1 --check", 2,
     "people times days are more than 300000; understudy generate writes any number"},
    /* one that runs already, with the credentials of the seed */
    {"$U run --seed 5 --listen 127.0.0.1:0 --webhook http://127.0.0.1:9/x $S/greeting.scn", 2,
     "ERROR"},
};

START_TEST(clients_are_judged)
{
    int code;
    char *out = shell(commands[_i].command, &code);

    ck_assert_msg(code == commands[_i].code, "%s: exit %d\n%s", commands[_i].command, code, out);
    ck_assert_msg(strstr(out, commands[_i].part) != NULL, "%s:\n%s", commands[_i].command, out);
    free(out);
}
END_TEST

/* Nothing that was launched is left behind, whatever happened to it. */
START_TEST(no_client_survives)
{
    int code;
    char *out =
        shell("$U run " QUICK "--client \"$C good & exec $C good\" $S/greeting.scn >$D/o 2>&1; "
              "ps -e -o args= | grep -F \"$C good\" | grep -v grep",
              &code);

    ck_assert_str_eq(out, "");
    free(out);
}
END_TEST

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "client") == 0)
        return be_client(argv[2]);
    self = argv[0];

    Suite *suite = suite_create("client");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, clients_are_judged, 0, sizeof commands / sizeof *commands);
    tcase_add_test(all, no_client_survives);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
