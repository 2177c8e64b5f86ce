/* Our own server: this very program as `serve`, started on a free port and stopped afterwards.
 * Knows its ready line, nothing of what it serves. */
#ifndef CONFORMANCE_SERVER_H
#define CONFORMANCE_SERVER_H

#include <jansson.h>

#include "conformance/process.h"

struct server {
    struct process process;
    char *base; /* http://127.0.0.1:PORT */
    json_t *ready;
};

/* Starts `/proc/self/exe serve ARGUMENTS...` (the environment variable UNDERSTUDY_SERVER names another program, for tests) and
 * reads the ready line. Returns 0, or -1 after a line on stderr. */
int server_start(struct server *server, char *const arguments[]);

/* Stops it by SIGTERM; it writes its journal first. */
void server_stop(struct server *server);

#endif
