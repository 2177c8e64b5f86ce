/* People in a world's spec. */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "edge/spec_parts.h"
#include "world/xalloc.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct user_spec {
    const char *psid, *page_id, *name, *first_name, *last_name, *locale, *gender, *asid,
        *profile_pic, *phone;
    char region[3];
    double timezone;
    bool has_timezone, is_phone_only, has_role, is_request;
    ms_t window_open_until;
};

static bool
read_timezone(struct reading *reading, void *into, const json_t *value)
{
    struct user_spec *spec = into;

    if (!json_is_number(value) || json_number_value(value) < -24 || json_number_value(value) > 24)
        return read_expected(reading, value, "hours from UTC, -24 to 24");
    spec->timezone = json_number_value(value);
    spec->has_timezone = true;
    return true;
}

static bool
read_account(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);

    if (text == NULL || (strcmp(text, "phone_only") != 0 && strcmp(text, "full") != 0))
        return read_expected(reading, value, "\"full\" or \"phone_only\"");
    *(bool *)into = strcmp(text, "phone_only") == 0;
    return true;
}

static bool
read_window(struct reading *reading, void *into, const json_t *value)
{
    return json_is_null(value) || read_time(reading, into, value);
}

/* The names under which the rules know a region; members of the Union count as it. */
static const struct {
    const char *name, *region;
} region_names[] = {
    {"Europe", "EU"},      {"Japan", "JP"}, {"Australia", "AU"},      {"Korea", "KR"},
    {"South Korea", "KR"}, {"GB", "UK"},    {"United Kingdom", "UK"}, {"USA", "US"},
};
static const char union_members[] =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK ";

/* "JP" of "Japan" and "jp"; NULL when it is no region. */
static const char *
region_named(const char *text, char code[static 4])
{
    for (size_t i = 0; i < COUNT(region_names); i++)
        if (strcasecmp(text, region_names[i].name) == 0)
            return region_names[i].region;
    if (strlen(text) != 2 || !isalpha((unsigned char)text[0]) || !isalpha((unsigned char)text[1]))
        return NULL;
    snprintf(code, 4, "%c%c ", toupper((unsigned char)text[0]), toupper((unsigned char)text[1]));
    return strstr(union_members, code) != NULL ? "EU" : code;
}

/* char[3], "" when it is null. A word that no rule knows would be the same as none, in silence; so it is refused. */
static bool
read_region(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);
    char code[4];
    const char *region = text != NULL ? region_named(text, code) : NULL;

    if (json_is_null(value))
        return true;
    if (region == NULL)
        return read_expected(reading, value, "a region, as in \"EU\", \"JP\" or \"US\"");
    snprintf(into, 3, "%.2s", region);
    return true;
}

static const struct member user_members[] = {
    {"psid", read_digits, offsetof(struct user_spec, psid)},
    {"page_id", read_digits, offsetof(struct user_spec, page_id)},
    {"name", read_text, offsetof(struct user_spec, name)},
    {"first_name", read_text, offsetof(struct user_spec, first_name)},
    {"last_name", read_text, offsetof(struct user_spec, last_name)},
    {"locale", read_text, offsetof(struct user_spec, locale)},
    {"timezone", read_timezone, 0},
    {"gender", read_text, offsetof(struct user_spec, gender)},
    {"region", read_region, offsetof(struct user_spec, region)},
    {"asid", read_digits, offsetof(struct user_spec, asid)},
    {"profile_pic", read_text, offsetof(struct user_spec, profile_pic)},
    {"phone", read_text, offsetof(struct user_spec, phone)},
    {"account", read_account, offsetof(struct user_spec, is_phone_only)},
    {"role", read_flag, offsetof(struct user_spec, has_role)},
    {"request", read_flag, offsetof(struct user_spec, is_request)},
    {"window_open_until", read_window, offsetof(struct user_spec, window_open_until)},
};

static void
set_text(char **to, const char *text)
{
    if (text != NULL)
        *to = xstrdup(text);
}

/* A name of two words is a person's; one word may be just what a test calls her. */
static void
split_name(struct thread_extra *extra, const struct user_spec *spec)
{
    const char *space = spec->name != NULL ? strrchr(spec->name, ' ') : NULL;

    if (space == NULL || space == spec->name || spec->first_name != NULL || spec->last_name != NULL)
        return;
    extra->first_name = xstrndup(spec->name, (size_t)(space - spec->name));
    extra->last_name = xstrdup(space + 1);
}

static bool
has_something_of_her_own(const struct user_spec *spec)
{
    return spec->name != NULL || spec->first_name != NULL || spec->last_name != NULL ||
           spec->locale != NULL || spec->gender != NULL || spec->region[0] != '\0' ||
           spec->asid != NULL || spec->profile_pic != NULL || spec->has_timezone;
}

static void
set_profile(struct thread_extra *extra, const struct user_spec *spec)
{
    split_name(extra, spec);
    set_text(&extra->first_name, spec->first_name);
    set_text(&extra->last_name, spec->last_name);
    set_text(&extra->locale, spec->locale);
    set_text(&extra->gender, spec->gender);
    if (spec->region[0] != '\0')
        set_text(&extra->region, spec->region);
    set_text(&extra->asid, spec->asid);
    set_text(&extra->profile_pic, spec->profile_pic);
    extra->has_timezone = spec->has_timezone;
    extra->timezone = spec->timezone;
}

/* What customer matching finds this person by. */
static void
set_phone(struct world *world, const struct thread *thread, const char *phone)
{
    char plain[PHONE_SIZE];

    phone_plain(plain, phone, strlen(phone));
    struct node *node = world_add_node(world, NODE_PHONE, plain, thread->page);
    if (node != NULL) /* a number that two have in common finds the first */
        node->thread = thread->index;
}

static void
set_person(struct world *world, struct thread *thread, const struct user_spec *spec)
{
    struct person person;
    char whole[256];

    /* Whoever is as the seed makes them needs no more than the thread: a world may know millions. */
    if (has_something_of_her_own(spec))
        set_profile(thread_extra(thread), spec);
    /* Acts may name a person as the world shows her: who has no name of her own goes by the whole one, if it is free. */
    thread_person(world, thread, &person);
    snprintf(whole, sizeof whole, "%s %s", person.first_name, person.last_name);
    const char *alias = spec->name != NULL ? spec->name : whole;
    if (map_get(&world->aliases, str_of(alias)) == MAP_NONE)
        thread_set_alias(world, thread, alias);
    if (spec->phone != NULL)
        set_phone(world, thread, spec->phone);
}

bool
spec_make_user(struct reading *reading, void *into, const json_t *value)
{
    struct making *making = into;
    struct world *world = making->world;
    struct user_spec spec = {.window_open_until = MS_NEVER};
    uint32_t page = 0;

    if (!read_object(reading, &spec, value, user_members, COUNT(user_members)))
        return false;
    if (spec.page_id != NULL && (page = world_find_page(world, str_of(spec.page_id))) == INDEX_NONE)
        return problem_set(making->problem, PROBLEM_BAD_VALUE,
                           reading_below(reading, "page_id").pointer,
                           "%s/page_id is %s, expected the id of a page of this world",
                           reading->pointer, spec.page_id);
    /* Two people may be called the same, but not by one word, which is what a test calls her. */
    if (spec.name != NULL && strchr(spec.name, ' ') == NULL &&
        map_get(&world->aliases, str_of(spec.name)) != MAP_NONE)
        return problem_set(making->problem, PROBLEM_TAKEN, reading_below(reading, "name").pointer,
                           "%s/name \"%.80s\" is taken, expected one of her own", reading->pointer,
                           spec.name);
    struct thread *thread = world_add_thread(
        world, page, spec.psid != NULL ? digits_read(spec.psid, strlen(spec.psid)) : 0);
    if (thread == NULL)
        return problem_set(making->problem, PROBLEM_TAKEN, reading_below(reading, "psid").pointer,
                           "%s/psid %s is taken, expected one of her own", reading->pointer,
                           spec.psid);
    set_person(world, thread, &spec);
    if (spec.is_phone_only)
        thread->flags |= THREAD_PHONE_ONLY;
    if (spec.has_role)
        thread->flags |= THREAD_HAS_ROLE;
    if (spec.is_request)
        thread->flags |= THREAD_REQUEST;
    if (spec.window_open_until != MS_NEVER) {
        thread->last_act = thread->last_message = spec.window_open_until - 24 * HOUR;
        thread->flags |= THREAD_STARTED;
    }
    return true;
}
