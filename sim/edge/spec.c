#include "edge/spec.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "edge/pace.h"
#include "edge/spec_parts.h"
#include "edge/spec_read.h"
#include "world/xalloc.h"

enum { DEFAULT_USERS = 3 };

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The members of a world, as they stand in the JSON. */
struct spec {
    struct spec_head head;
    const char *policy_date;
    const json_t *apps, *pages, *users, *tokens, *webhook, *limits, *urls;
    bool ad_window, content_rules;
};

/* A name that may stand in every journal record as it is. */
static bool
spec_name_is_good(struct str name)
{
    static const char others[] = "._/ -";

    if (name.s == NULL || name.n == 0 || name.n > WORLD_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];

        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
            (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return true;
}

static bool
read_name(struct reading *reading, void *into, const json_t *value)
{
    struct str *name = into;

    *name = (struct str){json_string_value(value), json_string_length(value)};
    return spec_name_is_good(*name) ||
           read_expected(reading, value, "a name of at most 120 of A-Z a-z 0-9 . _ - / and space");
}

static bool
read_pace(struct reading *reading, void *into, const json_t *value)
{
    return pace_read((struct str){json_string_value(value), json_string_length(value)}, into) ||
           read_expected(reading, value, "\"wall\", \"frozen\" or \"xN\" with N from 1 to 1000000");
}

/* "+90d": the clock decides, and findings tell what will be refused so much later. */
static bool
read_ahead(const char *text, ms_t *ahead)
{
    return *text == '+' && duration_read(str_of(text + 1), ahead) && *ahead > 0 &&
           *ahead <= 10 * YEAR;
}

static bool
read_policy_date(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);
    ms_t at;

    if (text == NULL ||
        (strcmp(text, "clock") != 0 && !read_ahead(text, &at) && !datetime_read(str_of(text), &at)))
        return read_expected(reading, value,
                             "\"clock\", a date, as in 2024-03-01, or how far ahead findings look, "
                             "as in +90d");
    *(const char **)into = text;
    return true;
}

static const struct member members[] = {
    {"name", read_name, offsetof(struct spec, head.name)},
    {"seed", read_count, offsetof(struct spec, head.seed)},
    {"now", read_time, offsetof(struct spec, head.now)},
    {"clock", read_pace, offsetof(struct spec, head.times)},
    {"policy_date", read_policy_date, offsetof(struct spec, policy_date)},
    {"apps", read_json, offsetof(struct spec, apps)},
    {"pages", read_json, offsetof(struct spec, pages)},
    {"users", read_json, offsetof(struct spec, users)},
    {"tokens", read_json, offsetof(struct spec, tokens)},
    {"webhook", read_json, offsetof(struct spec, webhook)},
    {"limits", read_json, offsetof(struct spec, limits)},
    {"urls", read_json, offsetof(struct spec, urls)},
    {"ad_window", read_flag, offsetof(struct spec, ad_window)},
    {"content_rules", read_flag, offsetof(struct spec, content_rules)},
};

static bool
read_spec(const json_t *json, struct spec *spec, struct problem *problem)
{
    struct reading reading = reading_at(problem, "");

    return read_object(&reading, spec, json, members, COUNT(members));
}

bool
spec_read_head(const json_t *json, struct spec_head *head, struct problem *problem)
{
    struct spec spec = {.head = *head, .content_rules = true};

    if (!read_spec(json, &spec, problem))
        return false;
    *head = spec.head;
    return true;
}

/* ---- lists, and what stands there when they are not given --------------------------------------------------------------------- */

static bool
make_list(struct making *making, const char *pointer, const json_t *list, member_reader *make,
          size_t usual)
{
    struct reading reading = reading_at(making->problem, pointer);
    json_t *nothing = json_object();
    bool is_good = true;

    making->index = 0;
    if (list != NULL)
        is_good = read_array(&reading, making, list, make, &making->index);
    for (size_t i = 0; list == NULL && is_good && i < usual; i++) {
        making->index = i;
        is_good = make(&reading, making, nothing);
    }
    json_decref(nothing);
    return is_good;
}

static bool
needs_one(const json_t *list, const char *pointer, struct problem *problem)
{
    if (!json_is_array(list) ||
        (json_array_size(list) > 0 && json_array_size(list) <= WORLD_PAGES_MAX))
        return true;
    if (json_array_size(list) > 0)
        return problem_set(problem, PROBLEM_BAD_VALUE, pointer, "%s are %zu, expected at most %d",
                           pointer, json_array_size(list), WORLD_PAGES_MAX);
    return problem_set(problem, PROBLEM_BAD_VALUE, pointer,
                       "%s is empty, expected at least one; leave it out for the usual one",
                       pointer);
}

/* Users may be a number: so many seeded ones. */
static bool
make_users(struct making *making, const json_t *users)
{
    if (!json_is_integer(users))
        return make_list(making, "/users", users, spec_make_user, DEFAULT_USERS);
    if (json_integer_value(users) < 0 || json_integer_value(users) > 50000000)
        return problem_set(making->problem, PROBLEM_BAD_VALUE, "/users",
                           "/users is %lld, expected 0 to 50000000",
                           (long long)json_integer_value(users));
    for (json_int_t i = 0; i < json_integer_value(users); i++)
        world_add_thread(making->world, 0, 0);
    return true;
}

static bool
make_all(struct making *making, const struct spec *spec)
{
    if (!needs_one(spec->apps, "/apps", making->problem) ||
        !needs_one(spec->pages, "/pages", making->problem))
        return false;
    if (!make_list(making, "/apps", spec->apps, spec_make_app, 1) ||
        !make_list(making, "/pages", spec->pages, spec_make_page, 1))
        return false;
    spec_make_page_tokens(making);
    if (!make_list(making, "/tokens", spec->tokens, spec_make_token, 0) ||
        !make_users(making, spec->users))
        return false;
    if (spec->urls != NULL && !spec_make_urls(making, spec->urls))
        return false;
    if (spec->limits != NULL && !spec_make_limits(making, spec->limits))
        return false;
    return spec->webhook == NULL || spec_make_webhook(making, spec->webhook);
}

bool
spec_make_world(const json_t *json, const struct spec_head *head, const char *name, uint64_t salt,
                struct world **world, struct problem *problem)
{
    struct spec spec = {.head = *head, .content_rules = true};
    struct making making = {.world = world_new(name, head->seed, salt, head->now),
                            .problem = problem};

    if (!read_spec(json, &spec, problem) || !make_all(&making, &spec)) {
        spec_making_fini(&making);
        world_free(&making.world);
        return false;
    }
    spec_making_fini(&making);
    making.world->ad_window_is_on = spec.ad_window;
    making.world->content_rules_are_off = !spec.content_rules;
    if (spec.policy_date != NULL && strcmp(spec.policy_date, "clock") != 0 &&
        !read_ahead(spec.policy_date, &making.world->look_ahead)) {
        datetime_read(str_of(spec.policy_date), &making.world->policy_date);
        making.world->policy_date_is_clock = false;
    }
    char *text = json_dumps(json, JSON_COMPACT);
    making.world->spec = xstrdup(text);
    free(text);
    *world = making.world;
    return true;
}
