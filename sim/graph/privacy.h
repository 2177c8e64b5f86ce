/* privacy.h - who lives under the privacy rules of Europe and Japan, and what those switched off for them. Knows no requests. */
#ifndef UNDERSTUDY_GRAPH_PRIVACY_H
#define UNDERSTUDY_GRAPH_PRIVACY_H

#include "world/world.h"

enum privacy_feature {
#define SWITCHED_OFF(symbol, ...) PRIVACY_##symbol,
#include "graph/privacy.def"
#undef SWITCHED_OFF
    PRIVACY_COUNT
};

/* Only where somebody said so does a person live there: a seeded profile must not decide what can be done. thread: NULL is nobody. */
bool privacy_holds(const struct thread *thread, ms_t date);
/* Whether the feature is off for this person at this date. */
bool privacy_switched_off(const struct thread *thread, enum privacy_feature feature, ms_t date);

#endif
