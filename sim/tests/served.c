#include "served.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>
#include <microhttpd.h>
#include <pthread.h>

enum { ARGUMENTS_MAX = 16, WAIT_MS = 20000, LINE_MAX_BYTES = 1 << 20 };

/* ---- the program ---------------------------------------------------------------------------------------------------------------- */

static const char *
program(void)
{
    const char *path = getenv("UNDERSTUDY");

    ck_assert_msg(path != NULL, "UNDERSTUDY names no program");
    return path;
}

static pid_t
start(const char *const *arguments, int out, int err)
{
    char *argv[ARGUMENTS_MAX + 3] = {strdup("understudy"), strdup("serve")};
    size_t n = 2;
    const char *path = program();

    for (; arguments != NULL && arguments[n - 2] != NULL && n < ARGUMENTS_MAX; n++)
        argv[n] = strdup(arguments[n - 2]);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed assertion leaves no server behind */
        if (out >= 0)
            dup2(out, STDOUT_FILENO);
        if (err >= 0)
            dup2(err, STDERR_FILENO);
        execv(path, argv);
        _exit(127);
    }
    while (n > 0)
        free(argv[--n]);
    return pid;
}

/* What comes until the end or, when `is_line`, the end of the line. */
static char *
read_text(int from, bool is_line)
{
    char *text = calloc(1, LINE_MAX_BYTES);
    size_t n = 0;

    while (n < LINE_MAX_BYTES - 1) {
        struct pollfd polled = {from, POLLIN, 0};

        if (poll(&polled, 1, WAIT_MS) <= 0)
            break;
        ssize_t got = read(from, text + n, LINE_MAX_BYTES - 1 - n);
        if (got <= 0)
            break;
        n += (size_t)got;
        if (is_line && text[n - 1] == '\n')
            break;
    }
    return text;
}

struct served
served_start(const char *const *options)
{
    const char *arguments[ARGUMENTS_MAX] = {"--listen", "127.0.0.1:0"};
    struct served served = {0};
    int ends[2];

    for (size_t i = 0; options != NULL && options[i] != NULL && i + 3 < ARGUMENTS_MAX; i++)
        arguments[i + 2] = options[i];
    ck_assert_int_eq(pipe(ends), 0);
    served.pid = start(arguments, ends[1], -1);
    close(ends[1]);
    served.out = ends[0];
    char *line = read_text(served.out, true);
    served.ready = json_loads(line, 0, NULL);
    const char *listen = json_string_value(json_object_get(served.ready, "listen"));
    ck_assert_msg(listen != NULL, "no ready line: %s", line);
    snprintf(served.base, sizeof served.base, "%s", listen);
    served.port = (unsigned short)atoi(strrchr(listen, ':') + 1);
    free(line);
    return served;
}

static int
exit_code(pid_t pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
served_stop(struct served *served)
{
    return served_stop_by(served, SIGTERM);
}

int
served_stop_by(struct served *served, int number)
{
    kill(served->pid, number);
    int code = exit_code(served->pid);

    close(served->out);
    json_decref(served->ready);
    served->ready = NULL;
    return code;
}

int
served_refusal(const char *const *arguments, char *said, size_t size)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = start(arguments, ends[1], ends[1]);
    close(ends[1]);
    char *text = read_text(ends[0], false);
    snprintf(said, size, "%s", text);
    free(text);
    close(ends[0]);
    return exit_code(pid);
}

struct served server;

void
server_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = served_start(NULL);
}

void
server_stop(void)
{
    ck_assert_int_eq(served_stop(&server), 0);
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------------- */

struct gathered {
    char *s;
    size_t n;
};

static size_t
gather(char *bytes, size_t size, size_t count, void *into)
{
    struct gathered *gathered = into;

    gathered->s = realloc(gathered->s, gathered->n + size * count + 1);
    memcpy(gathered->s + gathered->n, bytes, size * count);
    gathered->n += size * count;
    gathered->s[gathered->n] = '\0';
    return size * count;
}

void
returned_fini(struct returned *returned)
{
    free(returned->text);
    free(returned->headers);
    json_decref(returned->json);
    *returned = (struct returned){0};
}

struct returned
served_call(const struct served *served, const char *method, const char *path, const char *body,
            const char *const *headers)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *lines = curl_slist_append(NULL, "Content-Type: application/json");
    struct gathered text = {NULL, 0}, head = {NULL, 0};
    struct returned returned = {0};
    char url[4096];

    snprintf(url, sizeof url, "%s%s", served->base, path);
    lines = curl_slist_append(lines, "Expect:");
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
        lines = curl_slist_append(lines, headers[i]);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, gather);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, gather);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &returned.status);
    returned.text = text.s != NULL ? text.s : strdup("");
    returned.n = text.n;
    returned.headers = head.s != NULL ? head.s : strdup("");
    returned.json = json_loads(returned.text, 0, NULL);
    curl_slist_free_all(lines);
    curl_easy_cleanup(curl);
    return returned;
}

json_t *
served_json(const struct served *served, const char *method, const char *path, const char *body,
            long status)
{
    struct returned returned = served_call(served, method, path, body, NULL);
    json_t *json = json_incref(returned.json);

    ck_assert_msg(returned.status == status, "%s %s: %ld %.600s, expected %ld", method, path,
                  returned.status, returned.text, status);
    returned_fini(&returned);
    return json;
}

void
server_expect(const char *method, const char *path, const char *body, long status)
{
    json_decref(served_json(&server, method, path, body, status));
}

const char *
text_at(const json_t *json, const char *list, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(json_object_get(json, list), i), key));
}

char *
returned_header(const struct returned *returned, const char *name)
{
    size_t n = strlen(name);

    for (const char *line = returned->headers; line != NULL && *line != '\0';
         line = strchr(line, '\n'), line += line != NULL)
        if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
            const char *value = line + n + 1 + strspn(line + n + 1, " ");

            return strndup(value, strcspn(value, "\r\n"));
        }
    return NULL;
}

int
served_send(const struct served *served, const char *bytes, size_t n)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(served->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int to = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(connect(to, (struct sockaddr *)&address, sizeof address), 0);
    for (size_t sent = 0; sent < n;) {
        ssize_t now = send(to, bytes + sent, n - sent, MSG_NOSIGNAL);

        if (now <= 0)
            break;
        sent += (size_t)now;
    }
    return to;
}

char *
served_receive(int from, const char *until)
{
    struct gathered got = {strdup(""), 0};
    char part[4096];

    while (until == NULL || strstr(got.s, until) == NULL) {
        struct pollfd polled = {from, POLLIN, 0};
        ssize_t now = poll(&polled, 1, WAIT_MS) > 0 ? recv(from, part, sizeof part, 0) : 0;

        if (now <= 0)
            break;
        gather(part, 1, (size_t)now, &got);
    }
    close(from);
    return got.s;
}

char *
served_raw(const struct served *served, const char *bytes, size_t n, const char *until)
{
    return served_receive(served_send(served, bytes, n), until);
}

/* ---- a bot ------------------------------------------------------------------------------------------------------------------------ */

enum { POSTS_MAX = 4096 };

struct bot {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    int answer;
    char tail[64];
    char *bodies[POSTS_MAX];
    size_t count;
    bool is_stopping;
};

static enum MHD_Result
reply(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)(size_t)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
shake_hands(struct bot *bot, struct MHD_Connection *connection)
{
    const char *challenge =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.challenge");
    char text[256];

    pthread_mutex_lock(&bot->lock);
    if (bot->tail[0] == '!')
        snprintf(text, sizeof text, "%s", bot->tail + 1);
    else
        snprintf(text, sizeof text, "%s%s", challenge != NULL ? challenge : "", bot->tail);
    pthread_mutex_unlock(&bot->lock);
    return reply(connection, 200, text);
}

static enum MHD_Result
take_post(struct bot *bot, struct MHD_Connection *connection, struct gathered *body)
{
    pthread_mutex_lock(&bot->lock);
    int answer = bot->answer;
    if (bot->count < POSTS_MAX)
        bot->bodies[bot->count++] = strdup(body->s != NULL ? body->s : "");
    pthread_mutex_unlock(&bot->lock);
    if (answer == BOT_CLOSES)
        return MHD_NO;
    while (answer == BOT_HANGS) {
        poll(NULL, 0, 10);
        pthread_mutex_lock(&bot->lock);
        answer = bot->is_stopping ? BOT_OK : bot->answer;
        pthread_mutex_unlock(&bot->lock);
    }
    return reply(connection, (unsigned)answer, "");
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct gathered *body = *state;

    (void)url;
    (void)version;
    if (body == NULL) {
        *state = calloc(1, sizeof *body);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        char *copy = strndup(upload, *upload_size);

        gather(copy, 1, *upload_size, body);
        free(copy);
        *upload_size = 0;
        return MHD_YES;
    }
    return strcmp(method, "POST") == 0 ? take_post(cls, connection, body)
                                       : shake_hands(cls, connection);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **state,
             enum MHD_RequestTerminationCode how)
{
    struct gathered *body = *state;

    (void)cls;
    (void)connection;
    (void)how;
    if (body != NULL)
        free(body->s);
    free(body);
    *state = NULL;
}

struct bot *
bot_start(void)
{
    struct bot *bot = calloc(1, sizeof *bot);

    pthread_mutex_init(&bot->lock, NULL);
    bot->answer = BOT_OK;
    bot->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD,
                                   0, NULL, NULL, on_request, bot, MHD_OPTION_NOTIFY_COMPLETED,
                                   on_completed, bot, MHD_OPTION_END);
    ck_assert_ptr_nonnull(bot->daemon);
    return bot;
}

struct bot *
bot_subscribed(const char *world)
{
    struct bot *bot = bot_start();
    char path[128], body[160];

    snprintf(path, sizeof path, "/_sim/worlds/%s/webhook", world);
    snprintf(body, sizeof body,
             "{\"url\":\"http://127.0.0.1:%u/hook?x=1\",\"fields\":[\"messages\"]}", bot_port(bot));
    server_expect("PUT", path, body, 200);
    return bot;
}

void
bot_stop(struct bot **bot)
{
    pthread_mutex_lock(&(*bot)->lock);
    (*bot)->is_stopping = true;
    pthread_mutex_unlock(&(*bot)->lock);
    MHD_stop_daemon((*bot)->daemon);
    for (size_t i = 0; i < (*bot)->count; i++)
        free((*bot)->bodies[i]);
    pthread_mutex_destroy(&(*bot)->lock);
    free(*bot);
    *bot = NULL;
}

unsigned short
bot_port(const struct bot *bot)
{
    return MHD_get_daemon_info(bot->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void
bot_answer(struct bot *bot, int answer)
{
    pthread_mutex_lock(&bot->lock);
    bot->answer = answer;
    pthread_mutex_unlock(&bot->lock);
}

void
bot_challenge_tail(struct bot *bot, const char *tail)
{
    pthread_mutex_lock(&bot->lock);
    snprintf(bot->tail, sizeof bot->tail, "%s", tail);
    pthread_mutex_unlock(&bot->lock);
}

size_t
bot_count(struct bot *bot)
{
    pthread_mutex_lock(&bot->lock);
    size_t count = bot->count;
    pthread_mutex_unlock(&bot->lock);
    return count;
}

char *
bot_body(struct bot *bot, size_t n)
{
    pthread_mutex_lock(&bot->lock);
    char *body = n < bot->count ? strdup(bot->bodies[n]) : NULL;
    pthread_mutex_unlock(&bot->lock);
    return body;
}
