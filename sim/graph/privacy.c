#include "graph/privacy.h"

#include "core/calendar.h"
#include "core/region.h"

static const ms_t back[PRIVACY_COUNT] = {
#define SWITCHED_OFF(symbol, until, ...) until,
#include "graph/privacy.def"
#undef SWITCHED_OFF
};

bool
privacy_holds(const struct thread *thread, ms_t date)
{
    const char *region = thread != NULL && thread->extra != NULL ? thread->extra->region : NULL;

    return region != NULL && region_has_privacy_rules(str_of(region), date);
}

bool
privacy_switched_off(const struct thread *thread, enum privacy_feature feature, ms_t date)
{
    return date < back[feature] && privacy_holds(thread, date);
}
