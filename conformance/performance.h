/* One recording as it plays: its world, its client, act by act on the world's clock.
 * Knows the control API; decides nothing about reports. */
#ifndef CONFORMANCE_PERFORMANCE_H
#define CONFORMANCE_PERFORMANCE_H

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

#include "conformance/control.h"
#include "conformance/habits.h"
#include "conformance/recording.h"
#include "conformance/story.h"

/* What all recordings of a replay have in common. */
struct performance_plan {
    long seed;
    ms_t tail;                        /* how far time goes on after the last act */
    unsigned times;                   /* see pace.h */
    const char *as_of;                /* NULL: the world's own date */
    const struct client_plan *client; /* NULL: nobody listens */
    const json_t *rules;              /* rule id -> row */
    bool fails_on_warnings;           /* not only on errors */
    struct habits *habits; /* what is known of the client, for all recordings; NULL: see quiet.h */
    pid_t server;          /* the process of our server */
};

/* Plays a recording. `outcome` comes with the name of the world and an empty stream, and is filled in any case: trouble is a
 * verdict. Refused acts are told on stdout. */
void performance_play(const struct performance_plan *plan, struct control *control,
                      const struct recording *recording, struct outcome *outcome);

/* Lets the server play made-up people at once, with nobody listening. `request` is the body of POST generate. */
void performance_generate(const struct performance_plan *plan, struct control *control,
                          const json_t *request, struct outcome *outcome);

#endif
