/* fault.h - what goes wrong on purpose: rows of faults.def, each with when and how often. Draws are seeded, so that the same faults hit the same things again.
 * Knows no JSON (people/faults.c reads it) and no sockets. Every hit is a `fault` record in the journal. */
#ifndef UNDERSTUDY_WORLD_FAULT_H
#define UNDERSTUDY_WORLD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"
#include "core/str.h"

struct world;
struct delivery;

enum fault_kind {
#define FAULT(symbol, ...) FAULT_##symbol,
#include "world/faults.def"
#undef FAULT
    FAULT_COUNT
};

/* What a fault is about: calls of the Graph API, or webhook posts. */
enum fault_side { FAULT_SIDE_CALL, FAULT_SIDE_HOOK };

struct fault_row {
    const char *name;
    enum fault_side side;
    const char *fields; /* names of its own fields, separated by spaces */
    const char *summary;
};
const struct fault_row *fault_row(enum fault_kind kind);
enum fault_kind fault_named(struct str name); /* FAULT_COUNT: none */

/* One fault that was asked for. */
struct fault {
    enum fault_kind kind;
    char *
        only; /* owned: part of "POST /v1/path", or of an event's row id, that it is about; NULL: all */
    uint64_t seed;
    bool is_seeded;    /* `every` is drawn (one in N) instead of counted */
    unsigned after;    /* so many pass first */
    unsigned every;    /* then each N-th; 1: each */
    unsigned times;    /* at most so many hits; 0: no end */
    int code, subcode; /* error; subcode 0: none */
    unsigned status;   /* answer_lost: what the platform hears; 0: nothing */
    unsigned entries;  /* batch: entries of a post */
    unsigned events;   /* batch: events of an entry */
    ms_t by_ms;        /* late, latency, duplicate, stale_replay: how much */
    unsigned seen, hits;
};

/* What a fault does to the way of an answer; the edge plays it. */
struct fault_hit {
    ms_t latency_ms; /* the answer is held back so long (real time) */
    bool closes;     /* no answer: the connection is closed */
    bool echo_first; /* what became due by the call is posted before it is answered */
};

/* Takes over a fault (the struct's texts too). */
void fault_add(struct world *world, const struct fault *fault);
/* Forgets all faults; what they held back is queued at once. */
void faults_clear(struct world *world);

/* Queues at once, in the order in which they came, the events that batch and reorder hold back for company. False when there are none. */
bool faults_release(struct world *world);
bool faults_hold_any(const struct world *world);

/* What becomes of the answer to a call, counted and drawn: asked once for each call, after it was decided. True when anything in *hit is set. Cheap when
 * there are no faults. (Errors are drawn by world->fault_on_call, which the Graph API asks before it decides.) */
bool faults_on_answer(struct world *world, struct str method, struct str path,
                      struct fault_hit *hit);

/* Whether a fault of that kind hits an event (row id of events.def) or a call; NULL when not. Writes the journal record. */
const struct fault *fault_draw(struct world *world, enum fault_kind kind, const char *what);

/* Puts a delivery into the outbox the way the faults want it: doubled, late, swapped, together with others, forged. */
void faults_push(struct world *world, ms_t due, struct delivery *delivery);

/* A delivery has been answered with 200; takes ownership: it may come again (stale_replay). */
void faults_delivered(struct world *world, struct delivery *delivery);

#endif
