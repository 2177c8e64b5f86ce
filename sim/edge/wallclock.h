/* wallclock.h - the only reader of the machine's clock. Nothing below sim/edge may know what time it really is. */
#ifndef UNDERSTUDY_EDGE_WALLCLOCK_H
#define UNDERSTUDY_EDGE_WALLCLOCK_H

#include <stdint.h>

#include "core/span.h"

/* What the calendar on the wall says, in ms since 1970. */
ms_t wallclock_now(void);

/* Microseconds of a clock that never jumps, for measuring how much time has passed. */
int64_t wallclock_ticks_us(void);

#endif
