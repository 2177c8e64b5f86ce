#include "conformance/hub.h"

#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <strings.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include "conformance/alloc.h"

struct header {
    char *name, *value;
};

/* One post: its headers. Bodies are in the journal. */
struct arrival {
    struct header *headers;
    size_t header_count;
};

struct hub_bot {
    struct hub *hub;
    struct hub_bot *next;
    char *path, *secret, *verify_token;
    struct arrival *arrivals;
    size_t arrival_count;
    char *complaint;
    int answer; /* from here on, once the queue is through */
    int *queue; /* answers to the next posts */
    size_t queue_count, queue_next;
    struct MHD_Connection **hanging;
    size_t hanging_count;
};

struct hub {
    struct MHD_Daemon *daemon;
    unsigned short port;
    pthread_mutex_t lock;
    struct hub_bot *bots;
};

/* A request that is being received. */
struct receiving {
    char *body;
    size_t length;
    bool is_hanging;
};

/* ---- looking at what arrived ---- */

static struct hub_bot *
find_bot(struct hub *hub, const char *path)
{
    struct hub_bot *bot = hub->bots;

    while (bot != NULL && strcmp(bot->path, path) != 0)
        bot = bot->next;
    return bot;
}

static enum MHD_Result
keep_header(void *to, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct arrival *arrival = to;

    (void)kind;
    arrival->headers =
        alloc_one_more(arrival->headers, arrival->header_count, sizeof *arrival->headers);
    arrival->headers[arrival->header_count++] =
        (struct header){alloc_text(name), alloc_text(value == NULL ? "" : value)};
    return MHD_YES;
}

/* NAME=hex of the HMAC over the body, as the platform writes it. */
static void
signature_of(gnutls_mac_algorithm_t algorithm, const char *name, const struct hub_bot *bot,
             const struct receiving *receiving, char *text)
{
    unsigned char digest[32];
    unsigned size = gnutls_hmac_get_len(algorithm);

    gnutls_hmac_fast(algorithm, bot->secret, strlen(bot->secret),
                     receiving->body == NULL ? "" : receiving->body, receiving->length, digest);
    text += sprintf(text, "%s=", name);
    for (unsigned i = 0; i < size; i++)
        text += sprintf(text, "%02x", digest[i]);
}

static void
check_signatures(struct hub_bot *bot, struct MHD_Connection *connection,
                 const struct receiving *receiving)
{
    static const struct {
        const char *header, *name;
        gnutls_mac_algorithm_t algorithm;
    } kinds[] = {{"X-Hub-Signature-256", "sha256", GNUTLS_MAC_SHA256},
                 {"X-Hub-Signature", "sha1", GNUTLS_MAC_SHA1}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && bot->complaint == NULL; i++) {
        char wanted[80];
        const char *given =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, kinds[i].header);
        signature_of(kinds[i].algorithm, kinds[i].name, bot, receiving, wanted);
        if (given == NULL || strcmp(given, wanted) != 0)
            bot->complaint =
                alloc_print("%s of webhook %zu is %s, expected %s", kinds[i].header,
                            bot->arrival_count, given == NULL ? "absent" : given, wanted);
    }
}

/* ---- answering ---- */

static enum MHD_Result
answer_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(strlen(text), alloc_text(text), free);
    enum MHD_Result result = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
answer_handshake(struct hub *hub, struct MHD_Connection *connection, const char *path)
{
    const char *mode = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.mode");
    const char *token =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.verify_token");
    const char *challenge =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "hub.challenge");
    bool is_good = false;

    pthread_mutex_lock(&hub->lock);
    struct hub_bot *bot = find_bot(hub, path);
    if (bot != NULL && mode != NULL && token != NULL && challenge != NULL)
        is_good = strcmp(mode, "subscribe") == 0 && strcmp(token, bot->verify_token) == 0;
    pthread_mutex_unlock(&hub->lock);
    return is_good ? answer_text(connection, 200, challenge) : answer_text(connection, 403, "");
}

static int
next_answer(struct hub_bot *bot)
{
    return bot->queue_next < bot->queue_count ? bot->queue[bot->queue_next++] : bot->answer;
}

static enum MHD_Result
answer_post(struct hub *hub, struct MHD_Connection *connection, const char *path,
            struct receiving *receiving)
{
    int answer = 404;

    if (receiving->is_hanging) /* let go: the bot is being taken away */
        return MHD_NO;
    pthread_mutex_lock(&hub->lock);
    struct hub_bot *bot = find_bot(hub, path);
    if (bot != NULL) {
        bot->arrivals = alloc_one_more(bot->arrivals, bot->arrival_count, sizeof *bot->arrivals);
        struct arrival *arrival = &bot->arrivals[bot->arrival_count++];
        *arrival = (struct arrival){0};
        MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_header, arrival);
        check_signatures(bot, connection, receiving);
        answer = next_answer(bot);
    }
    if (bot != NULL && answer == HUB_ANSWER_HANG) {
        receiving->is_hanging = true;
        bot->hanging =
            alloc_one_more(bot->hanging, bot->hanging_count, sizeof(struct MHD_Connection *));
        bot->hanging[bot->hanging_count++] = connection;
        MHD_suspend_connection(connection);
    }
    pthread_mutex_unlock(&hub->lock);
    if (answer == HUB_ANSWER_HANG)
        return MHD_YES;
    return answer < 0 ? MHD_NO : answer_text(connection, (unsigned)answer, "");
}

static enum MHD_Result
receive(void *given_hub, struct MHD_Connection *connection, const char *path, const char *method,
        const char *version, const char *bytes, size_t *length, void **state)
{
    struct hub *hub = given_hub;
    struct receiving *receiving = *state;

    (void)version;
    if (receiving == NULL) {
        *state = alloc_zero(1, sizeof *receiving);
        return MHD_YES;
    }
    if (*length > 0) {
        receiving->body = alloc_checked(realloc(receiving->body, receiving->length + *length));
        memcpy(receiving->body + receiving->length, bytes, *length);
        receiving->length += *length;
        *length = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") == 0)
        return answer_handshake(hub, connection, path);
    if (strcmp(method, "POST") == 0)
        return answer_post(hub, connection, path, receiving);
    return answer_text(connection, 405, "");
}

static void
received(void *hub, struct MHD_Connection *connection, void **state,
         enum MHD_RequestTerminationCode why)
{
    struct receiving *receiving = *state;

    (void)hub;
    (void)connection;
    (void)why;
    if (receiving != NULL)
        free(receiving->body);
    free(receiving);
    *state = NULL;
}

/* ---- the hub ---- */

struct hub *
hub_new(void)
{
    struct hub *hub = alloc_zero(1, sizeof *hub);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

    pthread_mutex_init(&hub->lock, NULL);
    hub->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME,
                         0, NULL, NULL, receive, hub, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_NOTIFY_COMPLETED, received, hub, MHD_OPTION_END);
    if (hub->daemon == NULL) {
        fprintf(stderr, "understudy: cannot listen for webhooks on 127.0.0.1\n");
        hub_free(&hub);
        return NULL;
    }
    hub->port = MHD_get_daemon_info(hub->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return hub;
}

void
hub_free(struct hub **hub)
{
    if (*hub == NULL)
        return;
    assert((*hub)->bots == NULL);
    if ((*hub)->daemon != NULL)
        MHD_stop_daemon((*hub)->daemon);
    pthread_mutex_destroy(&(*hub)->lock);
    free(*hub);
    *hub = NULL;
}

struct hub_bot *
hub_bot_new(struct hub *hub, const char *path, const char *secret, const char *verify_token)
{
    struct hub_bot *bot = alloc_zero(1, sizeof *bot);

    *bot = (struct hub_bot){.hub = hub,
                            .path = alloc_text(path),
                            .secret = alloc_text(secret),
                            .verify_token = alloc_text(verify_token),
                            .answer = 200};
    pthread_mutex_lock(&hub->lock);
    bot->next = hub->bots;
    hub->bots = bot;
    pthread_mutex_unlock(&hub->lock);
    return bot;
}

static void
arrival_fini(struct arrival *arrival)
{
    for (size_t i = 0; i < arrival->header_count; i++) {
        free(arrival->headers[i].name);
        free(arrival->headers[i].value);
    }
    free(arrival->headers);
}

void
hub_bot_free(struct hub_bot **given)
{
    struct hub_bot *bot = *given;

    if (bot == NULL)
        return;
    pthread_mutex_lock(&bot->hub->lock);
    struct hub_bot **link = &bot->hub->bots;
    while (*link != bot)
        link = &(*link)->next;
    *link = bot->next;
    for (size_t i = 0; i < bot->hanging_count; i++)
        MHD_resume_connection(bot->hanging[i]);
    pthread_mutex_unlock(&bot->hub->lock);

    for (size_t i = 0; i < bot->arrival_count; i++)
        arrival_fini(&bot->arrivals[i]);
    free(bot->arrivals);
    free(bot->hanging);
    free(bot->queue);
    free(bot->complaint);
    free(bot->path);
    free(bot->secret);
    free(bot->verify_token);
    free(bot);
    *given = NULL;
}

char *
hub_bot_url(const struct hub_bot *bot)
{
    return alloc_print("http://127.0.0.1:%u%s", bot->hub->port, bot->path);
}

static void
queue_answer(struct hub_bot *bot, int answer)
{
    bot->queue = alloc_one_more(bot->queue, bot->queue_count, sizeof *bot->queue);
    bot->queue[bot->queue_count++] = answer;
}

void
hub_bot_answer(struct hub_bot *bot, int answer, unsigned times)
{
    pthread_mutex_lock(&bot->hub->lock);
    bot->queue_count = bot->queue_next = 0;
    free(bot->queue);
    bot->queue = NULL;
    if (times == 0)
        bot->answer = answer;
    for (unsigned i = 0; i < times; i++)
        queue_answer(bot, answer);
    pthread_mutex_unlock(&bot->hub->lock);
}

void
hub_bot_answer_next(struct hub_bot *bot, int answer)
{
    pthread_mutex_lock(&bot->hub->lock);
    queue_answer(bot, answer);
    pthread_mutex_unlock(&bot->hub->lock);
}

size_t
hub_bot_count(struct hub_bot *bot)
{
    pthread_mutex_lock(&bot->hub->lock);
    size_t count = bot->arrival_count;
    pthread_mutex_unlock(&bot->hub->lock);
    return count;
}

char *
hub_bot_header(struct hub_bot *bot, size_t index, const char *name)
{
    char *value = NULL;

    pthread_mutex_lock(&bot->hub->lock);
    for (size_t i = 0; index < bot->arrival_count && i < bot->arrivals[index].header_count; i++) {
        const struct header *header = &bot->arrivals[index].headers[i];
        if (value == NULL && strcasecmp(header->name, name) == 0)
            value = alloc_text(header->value);
    }
    pthread_mutex_unlock(&bot->hub->lock);
    return value;
}

char *
hub_bot_complaint(struct hub_bot *bot)
{
    pthread_mutex_lock(&bot->hub->lock);
    char *complaint = bot->complaint == NULL ? NULL : alloc_text(bot->complaint);
    pthread_mutex_unlock(&bot->hub->lock);
    return complaint;
}
