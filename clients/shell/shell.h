/* What every bot of this folder needs from the outside: a webhook listener, calls to the Graph API, HMAC.
 * Knows HTTP and the launch environment; knows nothing of shops, people or rules. */
#ifndef CLIENTS_SHELL_H
#define CLIENTS_SHELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* How the bot was launched. All strings are borrowed from the environment; shell_environment() fills it. */
struct shell_env {
    const char *graph_base; /* GRAPH_API_BASE, without a slash at the end */
    const char *
        version; /* GRAPH_API_VERSION, default v19.0: usable from 2024 on, and still routed when ended */
    const char *page_id;      /* PAGE_ID */
    const char *page_token;   /* PAGE_ACCESS_TOKEN */
    const char *app_id;       /* APP_ID, may be empty */
    const char *app_secret;   /* APP_SECRET */
    const char *verify_token; /* VERIFY_TOKEN */
    unsigned short port;      /* WEBHOOK_PORT */
};

/* Reads the environment. Prints what is missing on stderr and returns -1 when a bot cannot work without it. */
int shell_environment(struct shell_env *env);

/* A setting of our own: the whole number in the environment variable `name`, or `otherwise`. */
long long shell_number(const char *name, long long otherwise);

/* Takes one POST to /webhook. `signed_by_app`: the X-Hub-Signature-256 header fits the raw bytes.
 * Runs on the listener's thread and must not wait: its answer is the acknowledgement.
 * Returns the HTTP status to answer with. `bytes` is followed by a NUL and lent for the call only. */
typedef unsigned shell_hook(void *bot, const char *bytes, size_t length, bool signed_by_app);

struct shell_listener;

/* Listens on 127.0.0.1:port; answers the GET handshake by itself. NULL with a line on stderr when the port is taken. */
struct shell_listener *shell_listen(const struct shell_env *env, shell_hook *hook, void *bot);

/* Stops listening and frees; returns when no request is being answered any more. Sets *listener to NULL. */
void shell_stop(struct shell_listener **listener);

/* One connection to the Graph API, for one thread. */
struct shell_line;
struct shell_line *shell_line_new(const struct shell_env *env, bool token_in_query);
void shell_line_free(struct shell_line **line);

struct shell_reply {
    long status;         /* HTTP status */
    json_t *body;        /* owned by the reply; NULL when it was no JSON */
    long long date_ms;   /* the Date header, 0 without one */
    long regain_minutes; /* largest estimated_time_to_regain_access, 0 without one */
};

/* POSTs `body` to /{version}/{path}. Returns 0 with the reply filled (free it), -1 when nothing came back. */
int shell_post(struct shell_line *line, const char *path, const json_t *body,
               struct shell_reply *reply);
void shell_reply_free(struct shell_reply *reply);

/* Milliseconds of the machine's monotonic clock, for pauses. */
long long shell_monotonic_ms(void);

/* The string under `key`, or "" when there is none. Borrowed from `object`, which may be NULL. */
const char *shell_text(const json_t *object, const char *key);

struct inbox;

/* The life of a bot: listens, lets `work(bot)` run in a thread of its own, and on SIGTERM or SIGINT stops listening, closes
 * the inbox and waits for the worker to come home. Returns the exit status: 0, or 2 when the port is taken. */
int shell_run(const struct shell_env *env, shell_hook *hook, void *(*work)(void *bot),
              struct inbox *inbox, void *bot);

/* malloc and strdup that abort when memory is out: a bot has nothing better to do then. */
void *shell_alloc(size_t bytes);
char *shell_copy(const char *text);

#endif
