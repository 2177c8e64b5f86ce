/* The limits of a world and their counters. */
#include "core/datetime.h"
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/tenant.h"
#include "world/limits.h"

static json_t *
window_new(ms_t window)
{
    char text[DURATION_SIZE];

    duration_write(text, window);
    return json_string(text);
}

static json_t *
state_new(const struct limit_state *state)
{
    json_t *shown = json_pack("{s:I, s:I, s:o}", "used", (json_int_t)state->used, "max",
                              (json_int_t)state->max, "window", window_new(state->window));

    json_object_set_new(shown, "free_at",
                        state->free_at == MS_NEVER ? json_null() : json_time_new(state->free_at));
    return shown;
}

/* All limits that are counted for such a thing: limit id -> state. */
static json_t *
states_new(struct world *world, enum limit_key kind, uint64_t key, uint32_t page)
{
    json_t *states = json_object();

    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = limit_row((enum limit_id)i);

        if (row->key != kind || !limit_is_on(world, (enum limit_id)i))
            continue;
        struct limit_state state = limit_state(world, (enum limit_id)i, key, page);
        json_object_set_new(states, policy_rules[row->rule].id, state_new(&state));
    }
    return states;
}

static json_t *
rows_new(struct world *world)
{
    json_t *rows = json_array();

    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = limit_row((enum limit_id)i);
        struct limit_state state = limit_state(world, (enum limit_id)i, limit_key_of(0), 0);

        json_array_append_new(
            rows,
            json_pack("{s:s, s:s, s:s, s:o, s:I, s:b, s:b, s:b}", "id", policy_rules[row->rule].id,
                      "title", policy_rules[row->rule].title, "for", limit_key_text(row->key),
                      "window", window_new(state.window), "max", (json_int_t)state.max,
                      "per_person", row->is_per_person, "on", limit_is_on(world, (enum limit_id)i),
                      "exact", limit_is_exact(world, (enum limit_id)i, 0)));
    }
    return rows;
}

static json_t *
limits_new(struct world *world)
{
    json_t *pages = json_object(), *apps = json_object();
    size_t keys, bytes;

    for (uint32_t i = 0; i < world->page_count; i++)
        json_object_set_new(pages, world->pages[i]->id,
                            states_new(world, KEY_PAGE, limit_key_of(i), i));
    for (uint32_t i = 0; i < world->app_count; i++)
        json_object_set_new(apps, world->apps[i]->id,
                            states_new(world, KEY_APP, limit_key_of(i), UINT32_MAX));
    limits_held(world, LIMIT_COUNT, &keys, &bytes);
    return json_pack("{s:o, s:o, s:o, s:I, s:I}", "limits", rows_new(world), "pages", pages, "apps",
                     apps, "keys", (json_int_t)keys, "bytes", (json_int_t)bytes);
}

void
control_limits(struct control *control)
{
    if (!control_enter(control))
        return;
    json_reply(control->reply, 200, limits_new(control->tenant->world));
    control_leave(control);
}
