#include "graph/ahead.h"

#include "graph/fields.h"
#include "graph/route.h"

/* Why the call would not pass on that policy date, all else being as it is now; NULL when it would. */
static const char *
refused_on(struct call *c, ms_t date)
{
    version_t version = version_serving(c->version_asked, c->now + (date - c->as_of));

    if (c->edge_until != 0 && date >= c->edge_until)
        return call_printf(c, "/%.*s is gone", STR_ARG(c->edge));
    if (c->template_kind != NULL && template_named(str_of(c->template_kind), version, date) == NULL)
        return call_printf(c, "the template %s is gone", c->template_kind);
    for (unsigned f = 0; f < F_COUNT; f++)
        if ((c->fields_seen[f / 8] >> (f % 8) & 1) && !field_is_in_force((enum field)f, version, date))
            return call_printf(c, "the field %s is gone", field_row((enum field)f)->key);
    if (!(c->route->flags & ROUTE_SEND))
        return NULL;
    struct verdict v = policy_decide(&c->view, &c->ask, c->now, date);
    return v.error != ERR_NONE ? call_printf(c, "%s refuses it", policy_rules[v.rule].id) : NULL;
}

/* The first day after the call's own, until `last`, on which it would be refused. Things change only where an era begins or ends, a version ends, or the edge does. */
struct search {
    ms_t last, first; /* first: MS_ALWAYS until found */
    const char *why;
};

static void
try_day(struct call *c, struct search *search, ms_t date)
{
    if (date <= c->as_of || date > search->last || date >= search->first)
        return;
    const char *why = refused_on(c, date);
    if (why == NULL)
        return;
    search->first = date;
    search->why = why;
}

static void
search_days(struct call *c, struct search *search)
{
    unsigned count;
    const struct version_row *versions = version_rows(&count);

    for (unsigned i = 0; i < ERA_COUNT; i++) {
        try_day(c, search, era_row((enum era)i)->span.from);
        try_day(c, search, era_row((enum era)i)->span.until);
    }
    for (unsigned i = 0; i < count; i++) {
        try_day(c, search, c->as_of + (versions[i].expires - c->now));
        try_day(c, search, c->as_of + (versions[i].released - c->now));
    }
    if (c->edge_until != 0)
        try_day(c, search, c->edge_until);
}

void
ahead_of_call(struct call *c)
{
    ms_t ahead = c->world->look_ahead, ends = c->version_asked != 0 ? version_expires(c->version_asked) : MS_ALWAYS;
    struct search search = { .last = c->as_of + ahead, .first = MS_ALWAYS };

    if (ahead == 0 || c->route == NULL || c->is_injected || c->verdict.error != ERR_NONE)
        return;
    call_saw(c, RULE_FND_BREAKS);
    if (ends > c->now && ends <= c->now + ahead)
        call_finding(c, RULE_FND_BREAKS, call_printf(c, "v%d.%d ends on %s", c->version_asked / 100, c->version_asked % 100, call_date(c, ends)));
    search_days(c, &search);
    if (search.why != NULL)
        call_finding(c, RULE_FND_BREAKS, call_printf(c, "%s from %s on", search.why, call_date(c, search.first)));
}
