#include "core/limit.h"

#include <string.h>

#include "core/str.h"

static const struct limit_row rows[LIMIT_COUNT] = {
#define ONE false
#define EACH true
#define ON true
#define OFF false
#define LIMIT(symbol, id, key, window, max, per, charged, refused, counts, is_on, usage, ...)      \
    [LIMIT_##symbol] = { RULE_LIM_##symbol, KEY_##key, window,          max,   per,                \
                         charged,           refused,   COUNTS_##counts, is_on, USAGE_##usage },
#include "core/limits.def"
#undef LIMIT
};

_Static_assert(LIMIT_COUNT <= 64, "more limits than bits in the set of those in force");

const struct limit_row *
limit_row(enum limit_id limit)
{
    return &rows[limit];
}

enum limit_id
limit_of_rule(enum rule_id rule)
{
    unsigned i = 0;

    while (i < LIMIT_COUNT && rows[i].rule != rule)
        i++;
    return (enum limit_id)i;
}

enum limit_id
limit_named(const char *id)
{
    unsigned i = 0;

    while (i < LIMIT_COUNT && !str_eq_nocase(str_of(id), str_of(policy_rules[rows[i].rule].id)))
        i++;
    return (enum limit_id)i;
}

const char *
limit_key_text(enum limit_key key)
{
    static const char *const texts[] = { "app", "page", "app+page", "person", "token", "topic", "user" };

    return texts[key];
}
