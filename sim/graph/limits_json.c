/* The limits as JSON: what GET /_sim/worlds/{w}/limits and the rules print. */
#include "core/datetime.h"
#include "graph/health.h"
#include "graph/limits.h"

static void
kv_duration(struct buf *out, const char *key, ms_t length)
{
    char text[DURATION_SIZE];

    duration_write(text, length);
    jw_kv_text(out, key, text);
}

void
limit_rows_json(struct buf *out)
{
    jw_open(out, '[');
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = limit_row((enum limit_id)i);
        const struct rule *rule = &policy_rules[row->rule];

        jw_open(out, '{');
        jw_kv_text(out, "id", rule->id);
        jw_kv_strf(out, "title", str_of(rule->title), JW_OURS);
        jw_kv_text(out, "for", limit_key_text(row->key));
        jw_kv_int(out, "max", row->max);
        jw_kv_bool(out, "per_person", row->is_per_person);
        kv_duration(out, "window", row->window);
        jw_kv_int(out, "window_ms", row->window);
        jw_kv_text(out, "counts", row->counts == COUNTS_SENT ? "sent" : "calls");
        jw_kv_bool(out, "on", row->is_on);
        jw_kv_text(out, "fidelity", fidelity_name(rule->fidelity));
        jw_kv_text(out, "cite", rule->cite);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

/* ---- of a world ------------------------------------------------------------------------------------------------------------------ */

/* One counter, for something that can be named. */
static void
write_state(struct buf *out, struct world *world, enum limit_id limit, uint64_t key, uint32_t page)
{
    struct limit_state state = limit_state(world, limit, key, page);
    char text[DATETIME_SIZE];

    jw_open(out, '{');
    jw_kv_text(out, "id", policy_rules[limit_row(limit)->rule].id);
    jw_kv_int(out, "max", state.max);
    kv_duration(out, "window", state.window);
    jw_kv_int(out, "window_ms", state.window);
    jw_kv_int(out, "used", state.used);
    jw_kv_int(out, "remaining", state.used < state.max ? state.max - state.used : 0);
    if (state.free_at == MS_NEVER) {
        jw_kv_null(out, "free_at");
    } else {
        datetime_iso(text, state.free_at);
        jw_kv_text(out, "free_at", text);
    }
    jw_close(out, '}');
}

/* All limits in force that are counted for such things; `app` and `page` say for which. */
static void
write_states(struct buf *out, struct world *world, enum limit_key kind, uint64_t key, uint32_t page)
{
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        if (limit_row((enum limit_id)i)->key == kind && limit_is_on(world, (enum limit_id)i))
            write_state(out, world, (enum limit_id)i, key, page);
}

static void
open_list(struct buf *out, const char *key)
{
    jw_key(out, key);
    jw_open(out, '[');
}

static void
write_apps_of_page(struct buf *out, struct world *world, uint32_t page)
{
    const struct page *p = world->pages[page];

    open_list(out, "apps");
    for (uint32_t i = 0; i < p->app_count; i++) {
        jw_open(out, '{');
        jw_kv_text(out, "id", world->apps[p->apps[i].app]->id);
        open_list(out, "limits");
        write_states(out, world, KEY_APP_PAGE, limit_key_pair(p->apps[i].app, page), page);
        jw_close(out, ']');
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
write_page(struct buf *out, struct world *world, uint32_t page)
{
    jw_open(out, '{');
    jw_kv_text(out, "id", world->pages[page]->id);
    jw_kv_int(out, "people", world->pages[page]->thread_count);
    jw_kv_text(out, "inbox", limits_inbox_is_blind(world, page) ? "blind" : "open");
    open_list(out, "limits");
    write_states(out, world, KEY_PAGE, limit_key_of(page), page);
    jw_close(out, ']');
    write_apps_of_page(out, world, page);
    jw_key(out, "health");
    health_json(out, world, page);
    jw_key(out, "restriction");
    restriction_json(out, world, page);
    jw_key(out, "oracle");
    oracle_json(out, world, page);
    jw_close(out, '}');
}

/* Limits of people, tokens and topics: how they are set, and of how many something is held. */
static void
write_all(struct buf *out, struct world *world)
{
    size_t keys, bytes;

    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = limit_row((enum limit_id)i);
        struct limit_state state = limit_state(world, (enum limit_id)i, 0, 0);

        limits_held(world, (enum limit_id)i, &keys, &bytes);
        jw_open(out, '{');
        jw_kv_text(out, "id", policy_rules[row->rule].id);
        jw_kv_strf(out, "title", str_of(policy_rules[row->rule].title), JW_OURS);
        jw_kv_text(out, "for", limit_key_text(row->key));
        jw_kv_int(out, "max", state.max);
        kv_duration(out, "window", state.window);
        jw_kv_int(out, "window_ms", state.window);
        jw_kv_bool(out, "on", limit_is_on(world, (enum limit_id)i));
        jw_kv_bool(out, "exact", limit_is_exact(world, (enum limit_id)i, 0));
        jw_kv_int(out, "keys", (int64_t)keys);
        jw_kv_int(out, "bytes", (int64_t)bytes);
        jw_close(out, '}');
    }
}

void
limits_json(struct buf *out, struct world *world)
{
    jw_open(out, '{');
    open_list(out, "limits");
    write_all(out, world);
    jw_close(out, ']');
    open_list(out, "apps");
    for (uint32_t i = 0; i < world->app_count; i++) {
        jw_open(out, '{');
        jw_kv_text(out, "id", world->apps[i]->id);
        open_list(out, "limits");
        write_states(out, world, KEY_APP, limit_key_of(i), INDEX_NONE);
        jw_close(out, ']');
        jw_close(out, '}');
    }
    jw_close(out, ']');
    open_list(out, "pages");
    for (uint32_t i = 0; i < world->page_count; i++)
        write_page(out, world, i);
    jw_close(out, ']');
    jw_close(out, '}');
}
