/* The client under test: launched with its environment, waited for, watched, stopped; or one that runs already.
 * Knows processes and ports; nothing of scenarios. */
#ifndef CONFORMANCE_CLIENT_H
#define CONFORMANCE_CLIENT_H

#include <stdbool.h>

#include <jansson.h>

#include "conformance/process.h"

/* How clients of a run are started; nobody changes it while they run. */
struct client_plan {
    const char *command;      /* for /bin/sh; NULL: it runs already at `webhook` */
    const char *webhook;      /* its URL; NULL: launched */
    const char *webhook_path; /* of a launched one */
    long start_ms;            /* how long it may take until its port accepts */
    long quiet_ms;
    const json_t *ready; /* ready line of the server */
    json_t *fields;      /* what to subscribe it to when a scenario does not say */
};

struct client {
    struct process process;
    char *webhook; /* URL */
};

enum { CLIENT_ERROR_SIZE = 2000 };

/* Starts the client for a world (as POST /_sim/worlds answers) and waits until its port accepts. For one that runs already
 * only the URL is set. Returns 0, or -1 with `error` set: what happened and the last it said. */
int client_start(struct client *client, const struct client_plan *plan, const json_t *world,
                 char error[static CLIENT_ERROR_SIZE]);

/* False with `error` set when a launched client has ended. */
bool client_lives(struct client *client, char error[static CLIENT_ERROR_SIZE]);

/* Stops it for certain. */
void client_stop(struct client *client);

/* The environment of a client: NAME=VALUE, NULL-terminated; new, free with client_environment_free. */
char **client_environment(const json_t *ready, const json_t *world, unsigned short port);
void client_environment_free(char **environment);

/* A port of 127.0.0.1 that nobody listens on; 0 when there is none. */
unsigned short client_free_port(void);

#endif
