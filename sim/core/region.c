#include "core/region.h"

#include <stddef.h>

#include "core/calendar.h"

#define CODES_MAX 40

static const char *const codes[REGION_COUNT][CODES_MAX] = {
#define REGION(symbol, ...) [REGION_##symbol] = { __VA_ARGS__ },
#include "core/regions.def"
#undef REGION
};

unsigned
region_bit(struct str code)
{
    for (unsigned r = 0; r < REGION_COUNT; r++)
        for (size_t i = 0; i < CODES_MAX && codes[r][i] != NULL; i++)
            if (str_eq_nocase(code, str_of(codes[r][i])))
                return 1u << r;
    return 0;
}

bool
region_has_privacy_rules(struct str code, ms_t date)
{
    unsigned bit = region_bit(code);

    return (bit & (REGION_BIT(EUROPE) | REGION_BIT(UNITED_KINGDOM)) && date >= CIVIL(2020, 12, 16)) || (bit & REGION_BIT(JAPAN) && date >= CIVIL(2021, 3, 1));
}
