#include "reports/era.h"

#include <stdlib.h>
#include <string.h>

#include "reports/instant.h"
#include "reports/tree.h"

/* A world's time is kept as {"first","last"} in ms; a fixed policy date as {"fixed"} beside it. */
struct era {
    json_t *worlds; /* [journal, world] -> its time */
};

struct era *
era_new(void)
{
    struct era *era = tree_alloc(1, sizeof *era);

    era->worlds = json_object();
    return era;
}

void
era_free(struct era *era)
{
    json_decref(era->worlds);
    free(era);
}

/* "clock" is no date: then the world's own time decides. A date may come without its time of day.
 */
static bool
policy_date(const json_t *record, long long *ms)
{
    char text[INSTANT_TEXT_SIZE];
    const char *date = tree_text(record, "policy_date");

    if (strlen(date) == 10)
        snprintf(text, sizeof text, "%.10sT00:00:00Z", date);
    else
        snprintf(text, sizeof text, "%.40s", date);
    return instant_parse(text, ms);
}

void
era_record(struct era *era, const struct place *place, const json_t *record)
{
    json_t *journal = tree_object(era->worlds, place->journal),
           *world = tree_object(journal, place->world);
    long long fixed_ms;

    if (policy_date(record, &fixed_ms))
        tree_set_int(world, "fixed", fixed_ms);
    if (!json_object_get(world, "first") || place->at_ms < tree_int(world, "first"))
        tree_set_int(world, "first", place->at_ms);
    if (!json_object_get(world, "last") || place->at_ms > tree_int(world, "last"))
        tree_set_int(world, "last", place->at_ms);
}

static bool
meets(const json_t *world, const json_t *row)
{
    bool is_fixed = json_object_get(world, "fixed") != NULL;
    long long first = tree_int(world, is_fixed ? "fixed" : "first"),
              last = tree_int(world, is_fixed ? "fixed" : "last");
    long long from, until;

    if (instant_parse(tree_text(row, "from"), &from) && last < from)
        return false;
    return !instant_parse(tree_text(row, "until"), &until) || first < until;
}

bool
era_has(const struct era *era, const json_t *row)
{
    json_t *journal, *world;
    const char *name, *world_name;

    if (json_object_size(era->worlds) == 0)
        return true; /* nothing happened: nothing of what is owed may be forgiven */
    json_object_foreach(era->worlds, name, journal)
        json_object_foreach(journal, world_name, world) if (meets(world, row)) return true;
    return false;
}
