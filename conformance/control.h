/* The control API of the server, and one world in it, as the harness needs them.
 * Knows paths and problem documents; nothing of scenarios. */
#ifndef CONFORMANCE_CONTROL_H
#define CONFORMANCE_CONTROL_H

#include <jansson.h>

#include "conformance/moment.h"
#include "conformance/wire.h"

enum { CONTROL_ERROR_SIZE = 600 };

/* One conversation with the server; belongs to one thread. */
struct control {
    struct wire *wire;
    char *base;                     /* http://host:port */
    char *admin_token;              /* NULL: none */
    char error[CONTROL_ERROR_SIZE]; /* of the last call that failed: one line */
};

void control_init(struct control *control, const char *base, const char *admin_token);
void control_fini(struct control *control);

/* Calls METHOD base/path with a JSON body (borrowed; NULL: none). The reply is filled in any case. Returns 0 when the status
 * is 2xx; else -1 with `error` set to what the problem document says. */
int control_call(struct control *control, const char *method, const char *path, const json_t *body,
                 struct wire_reply *reply);

/* The same for the caller who only wants the JSON of the answer: a new reference, or NULL with `error` set. */
json_t *control_json_new(struct control *control, const char *method, const char *path,
                         const json_t *body);

/* /_sim/worlds/{world}{rest}, the name percent-encoded; new text. */
char *control_world_path(const char *world, const char *rest);

/* Waits until nothing is due and nothing in flight. What faults hold back for company stays held: more may come with the next step. */
int control_settle(struct control *control, const char *world);
/* The same, and what faults hold back leaves. */
int control_settle_all(struct control *control, const char *world);

/* Moves a world's clock to an instant, or sets its mode. */
int control_clock_to(struct control *control, const char *world, ms_t now);
int control_clock_mode(struct control *control, const char *world, const char *mode);

int control_drop(struct control *control, const char *world);

#endif
