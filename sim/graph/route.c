#include "graph/route.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "graph/handlers.h"

#define NO_TOKEN ROUTE_NO_TOKEN
#define APP_TOKEN ROUTE_APP_TOKEN
#define SEND ROUTE_SEND
#define LEGACY ROUTE_LEGACY
#define OF_PAGE ROUTE_OF_PAGE

static const struct route rows[] = {
#define ROUTE(verb, kind, name, function, in, needs, bits, from, to, sure, source)                                             \
    { METHOD_##verb, OBJECT_##kind, name, function, SCHEMA_##in, needs, bits, from, to, FIDELITY_##sure, source },
#include "graph/routes.def"
#undef ROUTE
};

#define ROW_COUNT (sizeof rows / sizeof *rows)
#define SLOTS 2048

static uint16_t slots[SLOTS]; /* row + 1, 0: free; filled once by routes_init */
static char ids[ROW_COUNT][96];

static const char *const kind_texts[OBJECT_KIND_COUNT] = {
    "", "root", "page", "psid", "user", "app", "conversation", "message", "attachment", "persona", "label", "post", "comment", "template", "ad_account", "campaign",
};

const char *
object_kind_text(enum object_kind kind)
{
    return kind_texts[kind];
}

/* Keyed without the method, so that one probe sequence also tells whether the edge exists for another one. */
static uint32_t
slot_of(enum object_kind object, struct str edge)
{
    return (uint32_t)(mix64(hash_bytes(edge.s, edge.n), (uint64_t)object) % SLOTS);
}

static void
write_id(char *id, size_t size, const struct route *row)
{
    static const char *const methods[] = { "GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "" };
    const char *kind = kind_texts[row->object];

    if (*kind == '\0')
        snprintf(id, size, "%s /%s", methods[row->method], row->edge);
    else
        snprintf(id, size, "%s /{%s}%s%s", methods[row->method], kind, *row->edge != '\0' ? "/" : "", row->edge);
}

void
routes_init(void)
{
    _Static_assert(ROW_COUNT * 2 < SLOTS, "the look-up table is too full");

    memset(slots, 0, sizeof slots);
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        uint32_t slot = slot_of(rows[i].object, str_of(rows[i].edge));

        while (slots[slot] != 0)
            slot = (slot + 1) % SLOTS;
        slots[slot] = (uint16_t)(i + 1);
        write_id(ids[i], sizeof ids[i], &rows[i]);
    }
}

const struct route *
route_rows(unsigned *count)
{
    *count = ROW_COUNT;
    return rows;
}

const char *
route_id(const struct route *route)
{
    return ids[route - rows];
}

const struct route *
route_find(enum method method, enum object_kind object, struct str edge, version_t version, bool *edge_exists)
{
    *edge_exists = false;
    if (method == METHOD_HEAD)
        method = METHOD_GET;
    for (uint32_t slot = slot_of(object, edge); slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        const struct route *row = &rows[slots[slot] - 1];

        if (row->object != object || !str_eq(edge, str_of(row->edge)) || version < row->since || version >= row->until)
            continue;
        *edge_exists = true;
        if (row->method == method)
            return row;
    }
    return NULL;
}

/* Edges that are known of kinds of objects that no world has [observed]. */
static const char *const edges_elsewhere[] = { "adaccounts", "media" };

bool
route_knows_edge(struct str edge, version_t version)
{
    for (size_t i = 0; i < sizeof edges_elsewhere / sizeof *edges_elsewhere; i++)
        if (str_eq(edge, str_of(edges_elsewhere[i])))
            return true;
    for (unsigned i = 0; i < ROW_COUNT; i++) /* only mistakes come here */
        if (rows[i].object != OBJECT_WORD && *rows[i].edge != '\0' && str_eq(edge, str_of(rows[i].edge)) && version >= rows[i].since && version < rows[i].until)
            return true;
    return false;
}
