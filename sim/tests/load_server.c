/* The server with everything going on at once: senders, people, worlds that come and go, readers of the control API,
 * and webhooks delivered meanwhile. Under the thread sanitizer a race makes the server's exit code differ from 0. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>
#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>

enum { TURNS = 120, USERS = 12, URL_SIZE = 256, ANSWER_SIZE = 1 << 16, ACT_SIZE = 160 };

static struct {
    pid_t pid;
    FILE *out; /* its standard output: the ready line */
    char base[URL_SIZE];
} server;

static struct {
    char page_token[512];
    char psid[USERS][64];
} crowd;

static atomic_int webhooks_received;
static atomic_int failures;

/* What came back for one request; a body that does not fit is cut. */
struct answer {
    long status;
    size_t length;
    char body[ANSWER_SIZE];
};

static size_t
take_body(char *bytes, size_t size, size_t count, void *into)
{
    struct answer *answer = into;
    size_t room = ANSWER_SIZE - 1 - answer->length;
    size_t taken = size * count < room ? size * count : room;

    memcpy(answer->body + answer->length, bytes, taken);
    answer->length += taken;
    answer->body[answer->length] = '\0';
    return size * count;
}

/* One request on a connection of the caller's; body NULL means no body. */
static void
request(CURL *curl, const char *method, const char *path, const char *body, struct answer *answer)
{
    char url[2 * URL_SIZE + 512];
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

    snprintf(url, sizeof url, "%s%s", server.base, path);
    answer->status = 0;
    answer->length = 0;
    answer->body[0] = '\0';
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L); /* only against hangs */
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_slist_free_all(headers);
}

/* From many threads: a wrong status is counted and told, and the others go on. */
static void
expect_status(const struct answer *answer, long wanted, const char *what)
{
    if (answer->status == wanted)
        return;
    fprintf(stderr, "%s: status %ld, expected %ld: %.300s\n", what, answer->status, wanted,
            answer->body);
    atomic_fetch_add(&failures, 1);
}

static enum MHD_Result
receive_webhook(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                const char *version, const char *upload, size_t *upload_size, void **state)
{
    static int begun;
    char ok[] = "ok";
    const char *challenge =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.challenge");
    const char *reply = challenge ? challenge : ok;

    (void)cls, (void)url, (void)version, (void)upload;
    if (!*state) {
        *state = &begun;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "POST") == 0)
        atomic_fetch_add(&webhooks_received, 1);
    char copy[256];

    snprintf(copy, sizeof copy, "%s", reply);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(copy), copy, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);

    MHD_destroy_response(response);
    return queued;
}

static void
server_start(void)
{
    const char *program = getenv("UNDERSTUDY");
    char line[ANSWER_SIZE];
    int ends[2];

    ck_assert_msg(program != NULL, "UNDERSTUDY names no program");
    ck_assert_int_eq(pipe(ends), 0);
    server.pid = fork();
    if (server.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed assertion below leaves no server behind */
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, "understudy", "serve", "--listen", "127.0.0.1:0", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    server.out = fdopen(ends[0], "r");
    ck_assert_msg(fgets(line, sizeof line, server.out) != NULL, "no ready line");
    json_t *ready = json_loads(line, 0, NULL);
    const char *listen = json_string_value(json_object_get(ready, "listen"));

    ck_assert_msg(listen != NULL, "the ready line names no address: %s", line);
    snprintf(server.base, sizeof server.base, "%s", listen);
    json_decref(ready);
}

/* A world of its own without limits, its users known, every window open. */
static void
crowd_gather(CURL *curl, unsigned webhook_port, struct answer *answer)
{
    char body[4096] = "{\"name\":\"crowd\",\"clock\":\"wall\",\"limits\":\"off\",\"users\":[";
    char path[URL_SIZE];

    for (int i = 0; i < USERS; i++)
        snprintf(body + strlen(body), sizeof body - strlen(body), "%s{\"name\":\"user%d\"}",
                 i ? "," : "", i);
    strcat(body, "]}");
    request(curl, "POST", "/_sim/worlds", body, answer);
    ck_assert_msg(answer->status == 201, "no world: %ld %s", answer->status, answer->body);

    json_t *world = json_loads(answer->body, 0, NULL);
    json_t *page = json_array_get(json_object_get(world, "pages"), 0);

    snprintf(crowd.page_token, sizeof crowd.page_token, "%s",
             json_string_value(json_object_get(page, "access_token")));
    for (size_t i = 0; i < USERS; i++) {
        json_t *user = json_array_get(json_object_get(world, "users"), i);

        snprintf(crowd.psid[i], sizeof crowd.psid[i], "%s",
                 json_string_value(json_object_get(user, "psid")));
    }
    json_decref(world);

    snprintf(path, sizeof path, "/_sim/worlds/crowd/webhook");
    snprintf(body, sizeof body,
             "{\"url\":\"http://127.0.0.1:%u/webhook\",\"fields\":[\"messages\",\"message_echoes\","
             "\"message_deliveries\",\"message_reads\"]}",
             webhook_port);
    request(curl, "PUT", path, body, answer);
    ck_assert_msg(answer->status == 200, "no webhook: %ld %s", answer->status, answer->body);
    for (int i = 0; i < USERS; i++) {
        snprintf(body, sizeof body, "{\"act\":\"message\",\"user\":\"%s\",\"text\":\"hello\"}",
                 crowd.psid[i]);
        request(curl, "POST", "/_sim/worlds/crowd/acts", body, answer);
        ck_assert_msg(answer->status == 200, "no act: %ld %s", answer->status, answer->body);
    }
}

/* ---- What goes on at once; each has a thread and a connection of its own ---- */

static void
turn_send(CURL *curl, int turn, struct answer *answer)
{
    char path[URL_SIZE + 512], body[512];

    snprintf(path, sizeof path, "/v19.0/me/messages?access_token=%s", crowd.page_token);
    snprintf(body, sizeof body,
             "{\"recipient\":{\"id\":\"%s\"},\"messaging_type\":\"RESPONSE\",\"message\":{\"text\":"
             "\"turn %d\"}}",
             crowd.psid[turn % USERS], turn);
    request(curl, "POST", path, body, answer);
    expect_status(answer, 200, "a send inside the window");
}

static void
turn_refused(CURL *curl, int turn, struct answer *answer)
{
    (void)turn;
    request(curl, "POST", "/v19.0/me/messages?access_token=wrong", "{\"recipient\":{}}", answer);
    expect_status(answer, 400, "a send with a wrong token");
}

static void
turn_act(CURL *curl, int turn, struct answer *answer)
{
    static const char *const acts[] = {"message\",\"text\":\"hi", "read"};
    char body[ACT_SIZE];

    snprintf(body, sizeof body, "{\"act\":\"%s\",\"user\":\"%s\"}", acts[turn % 2],
             crowd.psid[turn % USERS]);
    request(curl, "POST", "/_sim/worlds/crowd/acts", body, answer);
    expect_status(answer, 200, "an act");
}

static void
turn_world(CURL *curl, int turn, struct answer *answer)
{
    char body[ACT_SIZE], path[URL_SIZE];

    snprintf(body, sizeof body, "{\"name\":\"brief%d\",\"seed\":%d,\"clock\":\"frozen\"}", turn,
             turn + 1);
    request(curl, "POST", "/_sim/worlds", body, answer);
    expect_status(answer, 201, "making a world");
    snprintf(path, sizeof path, "/_sim/worlds/brief%d/clock", turn);
    request(curl, "POST", path, "{\"advance\":\"25h\"}", answer);
    expect_status(answer, 200, "moving its clock");
    snprintf(path, sizeof path, "/_sim/worlds/brief%d", turn);
    request(curl, "DELETE", path, NULL, answer);
    if (answer->status != 204)
        expect_status(answer, 200, "dropping it");
}

static void
turn_look(CURL *curl, int turn, struct answer *answer)
{
    static const char *const paths[] = {"/_sim/health",
                                        "/_sim/worlds",
                                        "/_sim/worlds/crowd",
                                        "/_sim/worlds/crowd/journal?after=0",
                                        "/_sim/worlds/crowd/messages",
                                        "/_sim/rules",
                                        "/_sim/metrics"};

    request(curl, "GET", paths[(size_t)turn % (sizeof paths / sizeof *paths)], NULL, answer);
    expect_status(answer, 200, paths[(size_t)turn % (sizeof paths / sizeof *paths)]);
}

struct worker {
    void (*turn)(CURL *curl, int turn, struct answer *answer);
    pthread_t thread;
};

static void *
work(void *given)
{
    struct worker *worker = given;
    struct answer *answer = malloc(sizeof *answer);
    CURL *curl = curl_easy_init();

    for (int turn = 0; turn < TURNS; turn++)
        worker->turn(curl, turn, answer);
    curl_easy_cleanup(curl);
    free(answer);
    return NULL;
}

START_TEST(everything_at_once)
{
    struct worker workers[] = {{turn_send, 0}, {turn_send, 0}, {turn_send, 0},  {turn_refused, 0},
                               {turn_act, 0},  {turn_act, 0},  {turn_world, 0}, {turn_look, 0}};
    const size_t worker_count = sizeof workers / sizeof *workers;
    static struct answer answer;
    int status = -1;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct MHD_Daemon *hook = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
                                               receive_webhook, NULL, MHD_OPTION_END);

    ck_assert_ptr_nonnull(hook);
    server_start();
    CURL *curl = curl_easy_init();

    crowd_gather(curl, MHD_get_daemon_info(hook, MHD_DAEMON_INFO_BIND_PORT)->port, &answer);
    for (size_t i = 0; i < worker_count; i++)
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (size_t i = 0; i < worker_count; i++)
        pthread_join(workers[i].thread, NULL);
    request(curl, "POST", "/_sim/worlds/crowd/settle", "{}", &answer);
    expect_status(&answer, 200, "settle");

    kill(server.pid, SIGTERM);
    waitpid(server.pid, &status, 0);
    curl_easy_cleanup(curl);
    MHD_stop_daemon(hook);
    fclose(server.out);
    curl_global_cleanup();
    ck_assert_int_eq(atomic_load(&failures), 0);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "serve ended with wait status %d",
                  status);
    /* The acts alone make one webhook each: every second one is a message. */
    ck_assert_int_ge(atomic_load(&webhooks_received), TURNS);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("server under load");
    TCase *tcase = tcase_create("load");

    tcase_set_timeout(tcase, 280);
    tcase_add_test(tcase, everything_at_once);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
