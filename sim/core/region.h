/* region.h - in which of the regions that the platform's rules name a person lives. Knows codes and nothing of people. Pure. */
#ifndef UNDERSTUDY_CORE_REGION_H
#define UNDERSTUDY_CORE_REGION_H

#include <stdbool.h>

#include "core/span.h"
#include "core/str.h"

enum region {
#define REGION(symbol, ...) REGION_##symbol,
#include "core/regions.def"
#undef REGION
    REGION_COUNT
};

#define REGION_BIT(symbol) (1u << REGION_##symbol)

/* Where recurring notifications outlived 2026-02-10, and paid marketing messages do not go (send.md 5.2, 5.3). */
#define REGIONS_OF_TOKENS (REGION_BIT(EUROPE) | REGION_BIT(UNITED_KINGDOM) | REGION_BIT(JAPAN) | REGION_BIT(KOREA) | REGION_BIT(AUSTRALIA))

/* The bit of the region that a code is of; 0 for all others, and for none. */
unsigned region_bit(struct str code);

/* Whether the privacy rules of 2020 have come into force there: in Europe with the United Kingdom on 2020-12-16, in Japan in March 2021 [documented: europe-japan]. When each
 * feature came back is the feature's own affair. */
bool region_has_privacy_rules(struct str code, ms_t date);

#endif
