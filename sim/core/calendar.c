#include "core/calendar.h"

#include <stddef.h>

static const struct era_row eras[ERA_COUNT] = {
#define ERA(symbol, from, until, cite) [ERA_##symbol] = { #symbol, { from, until }, cite },
#include "core/eras.def"
#undef ERA
};

static const struct version_row versions[] = {
#define VERSION(number, released, expires, fidelity) { number, released, expires, fidelity },
#include "core/versions.def"
#undef VERSION
};

#define VERSION_COUNT (sizeof versions / sizeof *versions)

const struct era_row *
era_row(enum era era)
{
    return &eras[era];
}

const struct version_row *
version_rows(unsigned *count)
{
    *count = (unsigned)VERSION_COUNT;
    return versions;
}

static version_t
newest_version(ms_t at)
{
    version_t newest = versions[0].number;

    for (size_t i = 0; i < VERSION_COUNT && versions[i].released <= at; i++)
        newest = versions[i].number;
    return newest;
}

static version_t
oldest_usable_version(ms_t at)
{
    for (size_t i = 0; i < VERSION_COUNT; i++)
        if (at < versions[i].expires)
            return versions[i].number;
    return versions[VERSION_COUNT - 1].number;
}

version_t
version_serving(version_t asked, ms_t at)
{
    if (asked == 0)
        return newest_version(at);
    for (size_t i = VERSION_COUNT; i-- > 0;) { /* most ask for a young one */
        if (versions[i].number == asked)
            return at < versions[i].expires ? asked : oldest_usable_version(at);
    }
    return 0;
}

ms_t
version_expires(version_t number)
{
    for (size_t i = 0; i < VERSION_COUNT; i++)
        if (versions[i].number == number)
            return versions[i].expires;
    return MS_NEVER;
}
