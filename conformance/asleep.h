/* Whether everybody sleeps: all threads of some processes and of what they started, as the kernel tells in /proc.
 * Who sleeps has nothing left to do until a timer or somebody from outside wakes them. Knows nothing of who they are. */
#ifndef CONFORMANCE_ASLEEP_H
#define CONFORMANCE_ASLEEP_H

#include <stddef.h>
#include <sys/types.h>

enum { ASLEEP_ROOTS = 2 };

/* Begin with {.roots = {...}, .root_count = n}; end with asleep_fini. */
struct sleepers {
    pid_t roots[ASLEEP_ROOTS]; /* leaders of their process groups */
    size_t root_count;
    pid_t *members; /* the roots, their groups, and children of any of them */
    size_t member_count;
    long
        newest; /* process of the machine when these were looked for; a newer one may belong to them */
};

enum asleep {
    ASLEEP_UNKNOWN, /* this machine does not tell */
    ASLEEP_NO,
    ASLEEP_YES /* there was an instant at which all of them slept */
};

/* Looks twice: a thread that was woken by one already looked at has run in between, and gives itself away by that. */
enum asleep asleep_look(struct sleepers *sleepers);

void asleep_fini(struct sleepers *sleepers);

/* The process of this machine that listens on a port; 0 when there is none, or it is not ours to see. */
pid_t asleep_listener(unsigned short port);

#endif
