/* Declarations, the making of the world, and its clock. */
#include "conformance/story.h"

#include <inttypes.h>

#include "conformance/alloc.h"
#include "conformance/words.h"

/* ---- declarations ---- */

/* Text or array, N times; takes the value. */
static json_t *
repeated_new(json_t *value, unsigned long times)
{
    json_t *out;

    if (json_is_string(value)) {
        size_t length = json_string_length(value);
        char *text = alloc_zero(length * times + 1, 1);
        for (unsigned long i = 0; i < times; i++)
            memcpy(text + i * length, json_string_value(value), length);
        out = json_stringn(text, length * times);
        free(text);
    } else {
        out = json_array();
        for (unsigned long i = 0; i < times; i++)
            json_array_append_new(out, json_deep_copy(value));
    }
    json_decref(value);
    return out;
}

/* A constant may speak of people and pages, which have no ids before the world is made: then it is bound after that. */
static bool
is_too_early(struct story *story, const struct step *step)
{
    char *missing = NULL;
    json_t *words =
        step->json == NULL ? json_string(step->words[1].text) : json_deep_copy(step->json);
    json_t *value = NULL;
    bool is_missing = scope_expand_new(&story->scope, words, &value, &missing) == FOUND_NOTHING;

    json_decref(words);
    json_decref(value);
    free(missing);
    return is_missing && !story->is_made;
}

enum step_result
verb_set(struct story *story, const struct step *step)
{
    if (is_too_early(story, step)) {
        story->later_sets = alloc_checked(
            realloc(story->later_sets, (story->later_set_count + 1) * sizeof(const struct step *)));
        story->later_sets[story->later_set_count++] = step;
        return STEP_DONE;
    }
    size_t plain = step->json == NULL ? 2 : 1; /* words without `times N` */
    json_t *value = NULL;
    char *text = NULL;
    enum step_result result;

    if (step->json != NULL) {
        result = story_json(story, step->json, &value);
    } else {
        result = story_word(story, &step->words[1], &text);
        if (result == STEP_DONE)
            value = scope_value_of_word_new(text, step->words[1].is_quoted);
        free(text);
    }
    if (result == STEP_LEFT_OUT) {
        scope_bind_absent(&story->scope, step->words[0].text);
        return STEP_DONE;
    }
    if (result != STEP_DONE)
        return result;
    if (step->word_count > plain) {
        char *times = NULL;
        result = story_word(story, &step->words[plain + 1], &times);
        if (result != STEP_DONE || !word_is_count(times)) {
            json_decref(value);
            free(times);
            return result != STEP_DONE
                       ? result
                       : story_fail(story, alloc_text("bad count"), alloc_text("a number"), NULL);
        }
        if (json_is_number(value)) { /* times makes texts of what looks like numbers: 0 times 20 */
            char *digits = scope_text_of(value);
            json_decref(value);
            value = json_string(digits);
            free(digits);
        }
        value = repeated_new(value, strtoul(times, NULL, 10));
        free(times);
    }
    scope_bind_new(&story->scope, step->words[0].text, value);
    return STEP_DONE;
}

enum step_result
verb_world(struct story *story, const struct step *step)
{
    json_t *members = NULL;
    enum step_result result = story_json(story, step->json, &members);

    if (result == STEP_DONE)
        json_object_update(story->world_spec, members);
    json_decref(members);
    return result;
}

/* Adds a declared thing with what its step says of it. */
static enum step_result
declare_name(struct story *story, const struct step *step, struct story_name **names, size_t *count)
{
    json_t *spec = NULL;

    if (step->json != NULL) {
        enum step_result result = story_json(story, step->json, &spec);
        if (result != STEP_DONE)
            return result;
    } else {
        spec = json_object();
    }
    *names = alloc_one_more(*names, *count, sizeof **names);
    (*names)[(*count)++] = (struct story_name){alloc_text(step->words[0].text), spec};
    return STEP_DONE;
}

enum step_result
verb_app(struct story *story, const struct step *step)
{
    return declare_name(story, step, &story->apps, &story->app_count);
}

enum step_result
verb_page(struct story *story, const struct step *step)
{
    return declare_name(story, step, &story->pages, &story->page_count);
}

enum step_result
verb_user(struct story *story, const struct step *step)
{
    json_object_set_new(story->user_pages, step->words[0].text, json_string(step->words[1].text));
    return declare_name(story, step, &story->users, &story->user_count);
}

enum step_result
verb_token(struct story *story, const struct step *step)
{
    return declare_name(story, step, &story->tokens, &story->token_count);
}

enum step_result
verb_bot(struct story *story, const struct step *step)
{
    const char *place = step->words[1].text;
    const char *at = strchr(place, '@');
    struct story_bot bot = {
        .name = alloc_text(step->words[0].text),
        .page = alloc_slice(place, at == NULL ? strlen(place) : (size_t)(at - place)),
        .app = at == NULL ? NULL : alloc_text(at + 1),
        .fields = json_array()};

    for (size_t i = 2; i < step->word_count; i++)
        json_array_append_new(bot.fields, json_string(step->words[i].text));
    story->bots = alloc_one_more(story->bots, story->bot_count, sizeof bot);
    story->bots[story->bot_count++] = bot;
    return STEP_DONE;
}

/* ---- what to ask for ---- */

/* FNV-1a: a number from a name. */
static uint64_t
hash_of(const char *text, uint64_t seed)
{
    uint64_t hash = 14695981039346656037u ^ seed;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

enum { NAME_MAX_SHOWN = 110 }; /* worlds may have names of 120 */

/* A name that can stand in a path, the same on every machine. */
static char *
world_name(const struct story *story)
{
    char *name = story->row < 0 ? alloc_text(story->script->name)
                                : alloc_print("%s.row%ld", story->script->name, story->row + 1);

    for (char *c = name; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *c) == NULL)
            *c = '.';
    if (strlen(name) <= NAME_MAX_SHOWN)
        return name;
    char *shorter = alloc_print("%.*s-%016" PRIx64, NAME_MAX_SHOWN - 17, name, hash_of(name, 0));
    free(name);
    return shorter;
}

static json_int_t
seed_of(const struct story *story)
{
    if (story->plan->is_seed_shared)
        return story->plan->seed;
    return (json_int_t)(hash_of(story->outcome->world, (uint64_t)story->plan->seed) & 0x7fffffff);
}

/* With several pages each needs an id that users can refer to before the world is made. */
static void
number_pages(struct story *story)
{
    for (size_t i = 0; story->page_count > 1 && i < story->page_count; i++) {
        char id[24];
        if (json_object_get(story->pages[i].spec, "id") != NULL)
            continue;
        snprintf(id, sizeof id, "10%013" PRIu64,
                 hash_of(story->pages[i].name, (uint64_t)seed_of(story)) % 10000000000000u);
        json_object_set_new(story->pages[i].spec, "id", json_string(id));
    }
}

static const json_t *
page_id_of(const struct story *story, const char *name)
{
    for (size_t i = 0; i < story->page_count; i++)
        if (strcmp(story->pages[i].name, name) == 0)
            return json_object_get(story->pages[i].spec, "id");
    return NULL;
}

static void
add_list(json_t *spec, const char *key, const struct story_name *names, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_deep_copy(names[i].spec));
    if (count > 0)
        json_object_set(spec, key, list);
    json_decref(list);
}

static json_t *
world_request_new(struct story *story)
{
    json_t *spec = json_object();
    char now[MOMENT_TEXT_SIZE];

    moment_write(story->start, now);
    json_object_set_new(spec, "name", json_string(story->outcome->world));
    json_object_set_new(spec, "seed", json_integer(seed_of(story)));
    json_object_set_new(spec, "now", json_string(now));
    json_object_set_new(spec, "clock", json_string(story->mode));
    if (story->plan->as_of != NULL)
        json_object_set_new(spec, "policy_date", json_string(story->plan->as_of));
    number_pages(story);
    for (size_t i = 0; i < story->user_count; i++) {
        const char *page =
            json_string_value(json_object_get(story->user_pages, story->users[i].name));
        const json_t *id = page_id_of(story, page);
        if (id != NULL)
            json_object_set_new(story->users[i].spec, "page_id", json_deep_copy(id));
    }
    add_list(spec, "apps", story->apps, story->app_count);
    add_list(spec, "pages", story->pages, story->page_count);
    add_list(spec, "users", story->users, story->user_count);
    add_list(spec, "tokens", story->tokens, story->token_count);
    json_object_update(spec, story->world_spec);
    return spec;
}

/* ---- what came back ---- */

static void
bind_list(struct story *story, const json_t *world, const char *key, const char *id,
          const struct story_name *names, size_t count)
{
    const json_t *list = json_object_get(world, key);

    for (size_t i = 0; i < count && i < json_array_size(list); i++) {
        const json_t *thing = json_array_get(list, i);
        const json_t *value = json_object_get(thing, id);
        if (value != NULL)
            scope_bind(&story->scope, names[i].name, value);
        scope_bind_thing(&story->scope, names[i].name, thing);
    }
}

static void
bind_world(struct story *story, const json_t *world)
{
    struct story_name first_app = {.name = alloc_text("app")};

    bind_list(story, world, "apps", "id", &first_app, 1);
    bind_list(story, world, "apps", "id", story->apps, story->app_count);
    bind_list(story, world, "pages", "id", story->pages, story->page_count);
    bind_list(story, world, "users", "psid", story->users, story->user_count);
    bind_list(story, world, "tokens", "access_token", story->tokens, story->token_count);
    free(first_app.name);
}

/* ---- subscribers ---- */

static const char *
app_field(const struct story *story, const char *app, const char *field)
{
    return json_string_value(json_object_get(json_object_get(story->scope.things, app), field));
}

static enum step_result
subscribe(struct story *story, const char *url, const json_t *fields, const char *app)
{
    json_t *body = json_pack("{s:s, s:s, s:O}", "url", url, "verify_token",
                             app_field(story, app, "verify_token"), "fields", fields);
    char *path = control_world_path(story->outcome->world, "/webhook");

    if (story->app_count > 1)
        json_object_set_new(body, "app", json_string(app_field(story, app, "id")));
    json_t *answer = control_json_new(&story->control, "PUT", path, body);
    enum step_result result =
        answer == NULL ? story_trouble(story, alloc_text(story->control.error)) : STEP_DONE;
    json_decref(answer);
    json_decref(body);
    free(path);
    return result;
}

static enum step_result
start_bot(struct story *story, struct story_bot *bot)
{
    const char *app = bot->app == NULL ? "app" : bot->app;

    if (bot->app == NULL && story->app_count > 0)
        app = story->apps[0].name;
    if (app_field(story, app, "secret") == NULL || app_field(story, app, "verify_token") == NULL)
        return story_trouble(story, alloc_text("the world has no app for the bot"));
    bot->url_path = alloc_print("/hook/%s/%s", story->outcome->world, bot->name);
    bot->hub = hub_bot_new(story->plan->hub, bot->url_path, app_field(story, app, "secret"),
                           app_field(story, app, "verify_token"));
    char *url = hub_bot_url(bot->hub);
    enum step_result result = subscribe(story, url, bot->fields, app);
    free(url);
    return result;
}

/* All fields that the bots of the script ask for; a client gets them all. */
static json_t *
client_fields_new(const struct story *story)
{
    json_t *fields = json_array();

    for (size_t i = 0; i < story->bot_count; i++)
        json_array_extend(fields, story->bots[i].fields);
    const json_t *usual = story->plan->client->fields;
    for (size_t i = 0; story->bot_count == 0 && i < json_array_size(usual); i++)
        json_array_append_new(fields, json_deep_copy(json_array_get(usual, i)));
    return fields;
}

static enum step_result
start_client(struct story *story, const json_t *world)
{
    char error[CLIENT_ERROR_SIZE];

    if (client_start(&story->client, story->plan->client, world, error) != 0)
        return story_trouble(story, alloc_text(error));
    json_t *fields = client_fields_new(story);
    enum step_result result = subscribe(story, story->client.webhook, fields,
                                        story->app_count > 0 ? story->apps[0].name : "app");
    json_decref(fields);
    const char *path = strstr(story->client.webhook, "://");
    path = path == NULL ? "" : strchr(path + 3, '/');
    for (size_t i = 0; i < story->bot_count; i++)
        story->bots[i].url_path = alloc_text(path == NULL ? "/" : path);
    return result;
}

static enum step_result
bind_later_sets(struct story *story)
{
    const struct step *step = story->step;
    enum step_result result = STEP_DONE;

    for (size_t i = 0; result == STEP_DONE && i < story->later_set_count; i++) {
        story->step = story->later_sets[i];
        result = verb_set(story, story->later_sets[i]);
    }
    if (result == STEP_DONE)
        story->step = step;
    return result;
}

enum step_result
story_make_world(struct story *story)
{
    if (story->is_made)
        return STEP_DONE;
    story->outcome->world = world_name(story);
    json_t *spec = world_request_new(story);
    json_t *world = control_json_new(&story->control, "POST", "/_sim/worlds", spec);
    json_decref(spec);
    if (world == NULL)
        return story_trouble(story, alloc_text(story->control.error));
    story->is_made = true;
    story->now = story->start;
    bind_world(story, world);

    enum step_result result = bind_later_sets(story);
    if (result == STEP_DONE && story->has_client)
        result = start_client(story, world);
    for (size_t i = 0; result == STEP_DONE && !story->has_client && i < story->bot_count; i++)
        result = start_bot(story, &story->bots[i]);
    json_decref(world);
    return result == STEP_DONE ? story_read_journal(story) : result;
}

/* ---- the clock ---- */

/* Where the world's time stands. A frozen world's is known; the others are asked. */
static int
read_now(struct story *story)
{
    if (strcmp(story->mode, "frozen") == 0)
        return 0;
    char *path = control_world_path(story->outcome->world, "");
    json_t *world = control_json_new(&story->control, "GET", path, NULL);
    const char *now = json_string_value(json_object_get(world, "now"));
    int result = now != NULL && moment_read(now, &story->now) ? 0 : -1;

    json_decref(world);
    free(path);
    return result;
}

static enum step_result
move_clock(struct story *story, const char *text)
{
    ms_t length, instant;

    if (word_is_clock_mode(text)) {
        snprintf(story->mode, sizeof story->mode, "%s", text);
        if (control_clock_mode(&story->control, story->outcome->world, text) != 0 ||
            read_now(story) != 0)
            return story_trouble(story, alloc_text(story->control.error));
        return STEP_DONE;
    }
    if (read_now(story) != 0)
        return story_trouble(story, alloc_text(story->control.error));
    if (moment_read_duration(text, &length)) {
        instant = story->now + length;
    } else if (!moment_read(text, &instant)) {
        return story_fail(story, alloc_print("`%s` is no time", text), NULL, NULL);
    } else if (instant < story->now) {
        char now[MOMENT_TEXT_SIZE];
        moment_write(story->now, now);
        return story_fail(story, alloc_text("time does not go back"),
                          alloc_print("%s or later", now), alloc_text(text));
    }
    if (control_clock_to(&story->control, story->outcome->world, instant) != 0)
        return story_trouble(story, alloc_text(story->control.error));
    story->now = instant;
    return STEP_DONE;
}

enum step_result
verb_clock(struct story *story, const struct step *step)
{
    char *text = NULL;
    enum step_result result = story_word(story, &step->words[0], &text);

    if (result != STEP_DONE)
        return result;
    if (!story->is_made && word_is_clock_start(text)) {
        if (word_is_clock_mode(text))
            snprintf(story->mode, sizeof story->mode, "%s", text);
        else
            moment_read(text, &story->start);
        free(text);
        return STEP_DONE;
    }
    result = story_make_world(story);
    if (result == STEP_DONE)
        result = move_clock(story, text);
    free(text);
    return result == STEP_DONE ? story_settle(story) : result;
}
