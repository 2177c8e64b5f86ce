/* calendar.h - the two axes of time that rules and rows are written on: policy eras (what the calendar permits) and API
 * versions (what the URL says). Both are tables of half-open spans; nobody compares dates or versions by hand. Pure. */
#ifndef UNDERSTUDY_CORE_CALENDAR_H
#define UNDERSTUDY_CORE_CALENDAR_H

#include <stdint.h>

#include "core/graph_error.h"
#include "core/span.h"

/* Days from 1970-01-01 to the given day of the proleptic Gregorian calendar, as a constant expression (years from 0). */
#define CIVIL_Y(y, m) ((int64_t)(y) - ((m) <= 2))
#define CIVIL_DAYS(y, m, d)                                                                        \
    (CIVIL_Y(y, m) * 365 + CIVIL_Y(y, m) / 4 - CIVIL_Y(y, m) / 100 + CIVIL_Y(y, m) / 400 +         \
     (153 * ((m) + ((m) > 2 ? -3 : 9)) + 2) / 5 + (d)-1 - 719468)
/* The first instant of a day, UTC. */
#define CIVIL(y, m, d) (CIVIL_DAYS(y, m, d) * DAY)

enum era {
#define ERA(symbol, from, until, cite) ERA_##symbol,
#include "core/eras.def"
#undef ERA
    ERA_COUNT
};

/* The span of an era and where it is documented. */
struct era_row {
    const char *name;
    struct span span;
    const char *cite;
};

const struct era_row *era_row(enum era era);

/* API versions are integers: v19.0 is 1900, v2.12 is 212. */
typedef int version_t;

struct version_row {
    version_t number;
    ms_t released, expires;
    enum fidelity fidelity;
};

/* All versions in order of release; *count is their number. */
const struct version_row *version_rows(unsigned *count);

/* Which version serves a call. `asked` is what the path says, 0 for none. Returns the version that answers at `at`:
 * - an unversioned call: the newest version released by then (the app dashboard's default) [documented: GVER];
 * - an expired version: the oldest one still usable, without an error [documented];
 * - a version that does not exist or is not out yet: 0, which the platform answers with 2500 [observed: v99.0]. */
version_t version_serving(version_t asked, ms_t at);

/* When a version ends; MS_ALWAYS when nobody has said so yet, MS_NEVER when there is no such version. */
ms_t version_expires(version_t number);

#endif
