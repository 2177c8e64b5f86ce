/* How the pages of a world stand when its part is over: health, restriction, and how well their sends used the limits.
 * Knows the control API; decides nothing. */
#ifndef CONFORMANCE_STANDING_H
#define CONFORMANCE_STANDING_H

#include <jansson.h>

#include "conformance/control.h"

/* [{"id","inbox","health","restriction","oracle"}..] of the pages with which something happened; empty when none did, or the
 * server cannot say. */
json_t *standing_new(struct control *control, const char *world);

#endif
