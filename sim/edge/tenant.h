/* tenant.h - a world as the server keeps it: with its lock, its pace, and whoever waits for it. Tenants are counted references: one that was dropped has no
 * world any more but stays until the last one who works on it lets go.
 *
 * Order of locks: a tenant's, then the registry's, then the driver's. Nobody takes two tenants' locks. */
#ifndef UNDERSTUDY_EDGE_TENANT_H
#define UNDERSTUDY_EDGE_TENANT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/datetime.h"
#include "edge/pace.h"
#include "world/world.h"

struct driver;
struct exchange;
struct journal_file;
struct clock_file;
struct lanes;
struct registry;

struct tenant {
    char *name;                /* owned; never changes */
    struct registry *registry; /* borrowed */
    struct driver *driver;     /* borrowed */
    struct journal_file *file; /* borrowed; NULL: no file */
    struct clock_file *clock;  /* owned; NULL: none */
    atomic_uint refs;

    pthread_mutex_t lock; /* guards what follows */
    struct world *world;  /* owned; NULL once dropped */
    uint64_t generation;  /* which world this is: counts resets */
    unsigned
        first_times; /* pace and beginning when the spec does not say, for resets; now MS_NEVER: the wall clock's */
    ms_t first_now;
    struct pace pace;
    bool
        is_stepping; /* a clock call moves time from due to due; meanwhile it stands for everybody else */
    ms_t goal;       /* where to, when stepping */
    uint64_t handshakes;      /* counter behind challenges */
    uint64_t recorded;        /* journal.next at the last look */
    char date[DATETIME_SIZE]; /* of the last answer, in the words of HTTP; "" : there was none */
    ms_t date_second;         /* that it is */

    /* The driver's. */
    struct lanes *
        lanes; /* owned; deliveries that are due, one lane for some conversations; NULL until needed */
    unsigned in_flight;        /* posts on the wire */
    struct exchange *settling; /* suspended clock and settle calls */
    bool lets_go; /* one of them is a settle, at whose end nothing may be held back by faults */
    struct exchange *polling; /* suspended journal calls */
    ms_t planned;             /* for when the driver has set its alarm; MS_ALWAYS: for nothing */

    atomic_uint calls;       /* Graph calls being answered */
    atomic_bool wants_quiet; /* the driver waits until `calls` is 0 */

    /* The driver's list of tenants to look at, under the driver's lock. */
    atomic_bool is_flagged;
    struct tenant *next_flagged;
    int64_t alarm_us; /* real time of the driver's next look; only the driver's thread */
    bool has_alarm;

    /* The registry's, under its lock. */
    uint32_t slot;
    uint32_t indexed_credentials;
};

/* A tenant of that name without a world; one reference, the caller's. */
struct tenant *tenant_new(const char *name);
void tenant_hold(struct tenant *tenant);
/* Frees it when this was the last reference. */
void tenant_release(struct tenant *tenant);

/* Locks the tenant and brings a running clock up to date: timers that fell due fire at their instant, deliveries move into the lanes. False, and nothing is locked,
 * when the world has been dropped. */
bool tenant_enter(struct tenant *tenant);

/* Unlocks after work on the world, and tells the driver and the registry when there is something for them. */
void tenant_leave(struct tenant *tenant);

/* Brings a running clock up to date; the lock is held. */
void tenant_catch_up(struct tenant *tenant);

/* Replaces the pace by `times`, from the world's now; the lock is held. */
void tenant_set_pace(struct tenant *tenant, unsigned times);

/* Tells the clock file, if there is one, what time it is; the lock is held. */
void tenant_show_clock(struct tenant *tenant);

/* A Graph call of this world begins, ends. Between the two the driver of a frozen world keeps still. */
void tenant_call_begins(struct tenant *tenant);
void tenant_call_ends(struct tenant *tenant);

#endif
