#include "conformance/standing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/stream.h"

static bool
is_zero(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key)) == 0;
}

static bool
is_worth_telling(const json_t *page)
{
    const json_t *health = json_object_get(page, "health"),
                 *oracle = json_object_get(page, "oracle");
    const char *state = stream_text(json_object_get(page, "restriction"), "state");

    return !is_zero(health, "asked") || !is_zero(health, "blocked") ||
           !is_zero(health, "reported") || !is_zero(oracle, "sent") ||
           !is_zero(oracle, "refusals_avoidable") || strcmp(state, "free") != 0;
}

static json_t *
kept_new(const json_t *page)
{
    static const char *const keys[] = {"id", "inbox", "health", "restriction", "oracle"};
    json_t *kept = json_object();

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(kept, keys[i], json_object_get(page, keys[i]));
    return kept;
}

json_t *
standing_new(struct control *control, const char *world)
{
    char *path = control_world_path(world, "/limits");
    json_t *limits = control_json_new(control, "GET", path, NULL), *pages = json_array(), *page;
    size_t i;

    json_array_foreach(json_object_get(limits, "pages"), i, page) if (is_worth_telling(page))
        json_array_append_new(pages, kept_new(page));
    json_decref(limits);
    free(path);
    return pages;
}
