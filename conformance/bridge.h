/* The clock bridge: a launched client takes the world's time for its system's own, through libfaketime, which follows the file that the server keeps.
 * Knows where the libraries are and what they are told by. */
#ifndef CONFORMANCE_BRIDGE_H
#define CONFORMANCE_BRIDGE_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether the libraries are there and will follow the file; false after a line on stderr. */
bool bridge_is_there(void);

/* The value of LD_PRELOAD for a client: the libraries, then what stands there already. New text; NULL when they are not there. */
char *bridge_preload_new(void);

/* Removes what libfaketime shares between a launched process and its children in /dev/shm, and leaves there when they are stopped. The process has ended; 0: there was none. */
void bridge_sweep(pid_t pid);

#endif
