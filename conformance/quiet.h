/* Waiting until nothing happens any more: the world settles, and a client under test has stopped calling.
 * The only place where real time means something, and only with a client. */
#ifndef CONFORMANCE_QUIET_H
#define CONFORMANCE_QUIET_H

#include "conformance/asleep.h"
#include "conformance/client.h"
#include "conformance/control.h"
#include "conformance/habits.h"
#include "conformance/stream.h"

/* One world that is being watched. */
struct watch {
    struct control *control;
    const char *world;
    struct stream *stream;
    struct client *client;          /* NULL: none */
    const struct client_plan *plan; /* NULL: none */
    size_t considered;              /* records that have been waited for already */
    struct habits *
        habits; /* NULL: always the plan's quiet_ms; else as much as this client is known to need */
    struct sleepers
        sleepers; /* the client and the server it calls, when we started both; no roots: nobody looks */
    ms_t ahead; /* how far time goes on after this wait */
};

enum { QUIET_ERROR_SIZE = CLIENT_ERROR_SIZE };

/* Settles, reads the journal, and, when something reached the client or it called, waits until it has been quiet: for the
 * plan's quiet_ms, or with habits until it sleeps and for as long as it has been known to call late. Returns 0, or -1 with
 * `error` set: the server's trouble, a client that ended or never stops calling. */
int quiet_wait(struct watch *watch, char error[static QUIET_ERROR_SIZE]);

/* Reads what is new in the journal, waiting at most `wait_ms` for it. Returns 0, or -1 with the control's error set. */
int quiet_read_journal(struct watch *watch, long wait_ms);

#endif
