/* The receiving end of webhooks: one HTTP server for a run, with a path for each bot of each scenario.
 * It does the handshake, checks signatures over the exact bytes, keeps what arrived and answers as told.
 * Knows nothing of scenarios. Its functions may be called from any thread. */
#ifndef CONFORMANCE_HUB_H
#define CONFORMANCE_HUB_H

#include <stdbool.h>
#include <stddef.h>

struct hub;
struct hub_bot;

enum { HUB_ANSWER_CLOSE = -1, HUB_ANSWER_HANG = -2 };

/* Listens on a free port of 127.0.0.1. NULL after a line on stderr. */
struct hub *hub_new(void);
/* All bots must have been freed. */
void hub_free(struct hub **hub);

/* Adds a bot under a path that begins with / and is not taken. It accepts handshakes with this verify token and signatures
 * made with this secret; both are copied. */
struct hub_bot *hub_bot_new(struct hub *hub, const char *path, const char *secret,
                            const char *verify_token);

/* Stops receiving for it; what hangs is let go. */
void hub_bot_free(struct hub_bot **bot);

/* http://127.0.0.1:PORT/path; new text. */
char *hub_bot_url(const struct hub_bot *bot);

/* Answers a status, HUB_ANSWER_CLOSE or HUB_ANSWER_HANG, to the next `times` posts, 0: from here on. */
void hub_bot_answer(struct hub_bot *bot, int answer, unsigned times);

/* Appends one answer to those for the next posts. */
void hub_bot_answer_next(struct hub_bot *bot, int answer);

/* How many posts have arrived. */
size_t hub_bot_count(struct hub_bot *bot);

/* A header of the post that arrived as number `index` (from 0); new text, or NULL. */
char *hub_bot_header(struct hub_bot *bot, size_t index, const char *name);

/* What is wrong with the first post that has a bad signature: new text, or NULL when all are good. */
char *hub_bot_complaint(struct hub_bot *bot);

#endif
