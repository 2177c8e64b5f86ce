/* served.h - the running program for tests: started on a free port with the program named by UNDERSTUDY, spoken to over HTTP, stopped. And a bot: an HTTP server of
 * the test's own, which answers handshakes and posts as told. */
#ifndef UNDERSTUDY_TESTS_SERVED_H
#define UNDERSTUDY_TESTS_SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <jansson.h>

/* ---- the program -------------------------------------------------------------------------------------------------------------- */

struct served {
    pid_t pid;
    int out; /* its standard output */
    json_t *ready;
    char base[64]; /* http://127.0.0.1:PORT */
    unsigned short port;
};

/* Starts `understudy serve --listen 127.0.0.1:0 OPTIONS...` (NULL ends; up to 8) and reads the ready line. */
struct served served_start(const char *const *options);
/* SIGTERM; gives the exit code, -1 when it ended otherwise. */
int served_stop(struct served *served);
/* The same by another signal. */
int served_stop_by(struct served *served, int number);

/* Runs it with these arguments until it ends by itself: the exit code, and what it said on standard error (cut). */
int served_refusal(const char *const *arguments, char *said, size_t size);

/* The program of a test file, and its Check fixtures: started without options, stopped with exit code 0. A file that wants options starts it itself. */
extern struct served server;
void server_start(void);
void server_stop(void);

/* What came back. */
struct returned {
    long status; /* 0: no answer */
    char *text;  /* owned */
    size_t n;
    char *headers; /* owned: all lines */
    json_t *json;  /* owned; NULL when it is none */
};
void returned_fini(struct returned *returned);

/* One request on a connection of the caller's thread. body NULL: none. headers: lines, NULL ends; NULL: none. */
struct returned served_call(const struct served *served, const char *method, const char *path,
                            const char *body, const char *const *headers);
/* The same; fails the test unless the status is that. Gives the JSON (owned by the caller), NULL when there is none. */
json_t *served_json(const struct served *served, const char *method, const char *path,
                    const char *body, long status);
/* The same of `server`, of which only the status matters. */
void server_expect(const char *method, const char *path, const char *body, long status);
/* The text under a key of the i-th of a list, such as a page's token in a world as it is shown. NULL when there is none. */
const char *text_at(const json_t *json, const char *list, size_t i, const char *key);
/* A header's value, NULL when it is not there; owned by the caller. */
char *returned_header(const struct returned *returned, const char *name);

/* Sends bytes as they are and reads until the other side closes, or `until` has come (NULL: never); owned by the caller. */
char *served_raw(const struct served *served, const char *bytes, size_t n, const char *until);

/* The two halves: sends and leaves the connection open; reads as above and closes it. */
int served_send(const struct served *served, const char *bytes, size_t n);
char *served_receive(int from, const char *until);

/* ---- a bot -------------------------------------------------------------------------------------------------------------------- */

struct bot;

enum { BOT_OK = 200, BOT_HANGS = -1, BOT_CLOSES = -2 };

struct bot *bot_start(void);
/* A bot that a world of `server` tells of messages. */
struct bot *bot_subscribed(const char *world);
void bot_stop(struct bot **bot);
unsigned short bot_port(const struct bot *bot);
/* What it answers posts with from now on: a status, BOT_HANGS or BOT_CLOSES. */
void bot_answer(struct bot *bot, int answer);
/* How it answers the handshake: the challenge and this behind it, or instead of it when it begins with '!'. */
void bot_challenge_tail(struct bot *bot, const char *tail);
/* How many posts have come, and the body of the n-th (from 0; owned by the caller, NULL when there is none). */
size_t bot_count(struct bot *bot);
char *bot_body(struct bot *bot, size_t n);

#endif
