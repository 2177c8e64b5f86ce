#include "edge/spec_parts.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/unconst.h"
#include "graph/nlp.h"
#include "world/page_extra.h"
#include "world/xalloc.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

void
spec_making_fini(struct making *making)
{
    for (size_t i = 0; i < making->page_token_count; i++)
        free(making->page_tokens[i]);
    free(making->page_tokens);
    making->page_tokens = NULL;
    making->page_token_count = 0;
}

/* A value that is one word of a list; into: unsigned *, its place. */
static bool
read_word(struct reading *reading, void *into, const json_t *value, const char *const *words,
          size_t count, const char *expected)
{
    const char *text = json_string_value(value);

    for (size_t i = 0; text != NULL && i < count; i++)
        if (strcmp(text, words[i]) == 0) {
            *(unsigned *)into = (unsigned)i;
            return true;
        }
    return read_expected(reading, value, expected);
}

static bool
is_taken(struct reading *reading, const char *what, const char *id)
{
    return problem_set(reading->problem, PROBLEM_TAKEN, reading->pointer,
                       "%s: the %s %.40s is there already, expected one that is not",
                       reading->pointer, what, id);
}

/* ---- apps ------------------------------------------------------------------------------------------------------------------- */

struct app_spec {
    const char *id, *secret, *verify_token, *access_token, *name;
    unsigned mode;
    bool require_proof, human_agent;
    const json_t *webhook;
};

static bool
read_secret(struct reading *reading, void *into, const json_t *value)
{
    if (!read_text(reading, into, value))
        return false;
    return strlen(*(const char **)into) <= 32 ||
           read_expected(reading, value, "at most 32 characters");
}

static bool
read_mode(struct reading *reading, void *into, const json_t *value)
{
    static const char *const words[] = {"development", "live"};

    return read_word(reading, into, value, words, COUNT(words), "\"live\" or \"development\"");
}

static const struct member app_members[] = {
    {"id", read_digits, offsetof(struct app_spec, id)},
    {"secret", read_secret, offsetof(struct app_spec, secret)},
    {"verify_token", read_text, offsetof(struct app_spec, verify_token)},
    {"access_token", read_text, offsetof(struct app_spec, access_token)},
    {"name", read_text, offsetof(struct app_spec, name)},
    {"mode", read_mode, offsetof(struct app_spec, mode)},
    {"require_proof", read_flag, offsetof(struct app_spec, require_proof)},
    {"human_agent", read_flag, offsetof(struct app_spec, human_agent)},
};

bool
spec_make_app(struct reading *reading, void *into, const json_t *value)
{
    struct making *making = into;
    struct app_spec spec = {.mode = 1, .human_agent = true};

    if (!read_object(reading, &spec, value, app_members, COUNT(app_members)))
        return false;
    struct app *app =
        world_add_app(making->world, spec.id, spec.secret, spec.verify_token, spec.name);
    if (app == NULL)
        return is_taken(reading, "app", spec.id != NULL ? spec.id : "");
    if (spec.access_token != NULL && strcmp(spec.access_token, app->access_token) != 0)
        return problem_set(
            reading->problem, PROBLEM_BAD_VALUE, reading->pointer,
            "%s/access_token is not the app's, expected its id, \"|\" and its secret; leave it out",
            reading->pointer);
    app->is_live = spec.mode == 1;
    app->requires_proof = spec.require_proof;
    app->human_agent = spec.human_agent;
    return true;
}

/* ---- which app, which page: an id or a place in the list -------------------------------------------------------------------- */

static bool
read_place(struct reading *reading, const json_t *value, uint32_t found, uint32_t count,
           const char *what, uint32_t *index)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) < count)
        found = (uint32_t)json_integer_value(value);
    if (found == INDEX_NONE) {
        char expected[64];

        snprintf(expected, sizeof expected, "the id of %s or its place in the list, from 0", what);
        return read_expected(reading, value, expected);
    }
    *index = found;
    return true;
}

static bool
find_app(struct reading *reading, const struct world *world, const json_t *value, uint32_t *app)
{
    const char *id = json_string_value(value);

    return read_place(reading, value, id != NULL ? world_find_app(world, str_of(id)) : INDEX_NONE,
                      world->app_count, "an app", app);
}

static bool
find_page(struct reading *reading, const struct world *world, const json_t *value, uint32_t *page)
{
    const char *id = json_string_value(value);

    return read_place(reading, value, id != NULL ? world_find_page(world, str_of(id)) : INDEX_NONE,
                      world->page_count, "a page", page);
}

/* ---- pages -------------------------------------------------------------------------------------------------------------------- */

struct page_spec {
    const char *id, *name, *username, *category, *access_token, *region;
    const json_t *app_ids, *default_app;
    bool news, subscription_messaging, contact_terms, recurring_notifications, matching_fee, nlp;
};

static const struct member page_members[] = {
    {"id", read_digits, offsetof(struct page_spec, id)},
    {"name", read_text, offsetof(struct page_spec, name)},
    {"username", read_text, offsetof(struct page_spec, username)},
    {"category", read_text, offsetof(struct page_spec, category)},
    {"access_token", read_text, offsetof(struct page_spec, access_token)},
    {"app_ids", read_json, offsetof(struct page_spec, app_ids)},
    {"default_app", read_json, offsetof(struct page_spec, default_app)},
    {"news", read_flag, offsetof(struct page_spec, news)},
    {"subscription_messaging", read_flag, offsetof(struct page_spec, subscription_messaging)},
    {"contact_terms", read_flag, offsetof(struct page_spec, contact_terms)},
    {"region", read_text, offsetof(struct page_spec, region)},
    {"matching_fee", read_flag, offsetof(struct page_spec, matching_fee)},
    {"recurring_notifications", read_flag, offsetof(struct page_spec, recurring_notifications)},
    {"nlp", read_flag, offsetof(struct page_spec, nlp)},
};

struct connecting {
    const struct world *world;
    struct page *page;
};

static bool
connect_app(struct reading *reading, void *into, const json_t *value)
{
    struct connecting *connecting = into;
    uint32_t app = 0;

    if (!find_app(reading, connecting->world, value, &app))
        return false;
    page_connect_app(connecting->page, app);
    return true;
}

static bool
connect_apps(struct reading *reading, const struct world *world, struct page *page,
             const json_t *app_ids)
{
    struct connecting connecting = {world, page};
    struct reading deeper = reading_below(reading, "app_ids");

    if (app_ids != NULL)
        return read_array(&deeper, &connecting, app_ids, connect_app, NULL);
    for (uint32_t i = 0; i < world->app_count; i++)
        page_connect_app(page, i);
    return true;
}

static void
keep_page_token(struct making *making, const char *token)
{
    making->page_tokens =
        xrealloc(making->page_tokens, (making->page_token_count + 1) * sizeof *making->page_tokens);
    making->page_tokens[making->page_token_count++] = token != NULL ? xstrdup(token) : NULL;
}

bool
spec_make_page(struct reading *reading, void *into, const json_t *value)
{
    struct making *making = into;
    struct page_spec spec = {.contact_terms = true,
                             .recurring_notifications = true,
                             .matching_fee = true,
                             .region = "US"};

    if (!read_object(reading, &spec, value, page_members, COUNT(page_members)))
        return false;
    struct page *page = world_add_page(making->world, spec.id, spec.name, spec.username);
    if (page == NULL)
        return is_taken(reading, "page", spec.id != NULL ? spec.id : "");
    if (spec.category != NULL) {
        free(page->category);
        page->category = xstrdup(spec.category);
    }
    page->is_news = spec.news;
    page->subscription_messaging = spec.subscription_messaging;
    page->lacks_matching = strcmp(spec.region, "US") != 0;
    page->owes_matching_fee = !spec.matching_fee;
    if (page->lacks_matching)
        page_set_text(page, "region", str_of(spec.region));
    page->lacks_recurring = !spec.recurring_notifications;
    if (!spec.contact_terms)
        page_set_text(page, "terms/contact", STR("false"));
    if (spec.nlp)
        page_set_text(page, NLP_SWITCH, STR("true"));
    if (!connect_apps(reading, making->world, page, spec.app_ids))
        return false;
    if (spec.default_app != NULL && !json_is_null(spec.default_app)) {
        struct reading deeper = reading_below(reading, "default_app");

        if (!find_app(&deeper, making->world, spec.default_app, &page->default_app))
            return false;
    }
    if (spec.access_token != NULL &&
        world_find_token(making->world, str_of(spec.access_token)) != NULL)
        return is_taken(reading, "token", spec.access_token);
    keep_page_token(making, spec.access_token);
    return true;
}

/* The app that a page's own token belongs to: the first one connected. */
static uint32_t
app_of_page(const struct world *world, uint32_t page)
{
    return world->pages[page]->app_count > 0 ? world->pages[page]->apps[0].app : 0;
}

void
spec_make_page_tokens(struct making *making)
{
    for (uint32_t page = 0; page < making->world->page_count; page++) {
        uint32_t app = app_of_page(making->world, page);

        /* A given token may be that of a page before; then a seeded one must do. */
        if (world_add_credential(making->world, CREDENTIAL_PAGE, app, page,
                                 making->page_tokens[page]) == NULL)
            world_add_credential(making->world, CREDENTIAL_PAGE, app, page, NULL);
    }
}

/* ---- tokens ------------------------------------------------------------------------------------------------------------------- */

struct token_spec {
    unsigned kind, state, without;
    const char *access_token;
    const json_t *app, *page;
    ms_t expires;
};

static bool
read_kind(struct reading *reading, void *into, const json_t *value)
{
    static const char *const words[] = {"page", "user", "system_user", "app"};

    return read_word(reading, into, value, words, COUNT(words),
                     "\"page\", \"user\", \"system_user\" or \"app\"");
}

static bool
read_state(struct reading *reading, void *into, const json_t *value)
{
    static const char *const words[] = {
#define TOKEN_STATE(symbol, word, error) word,
#include "world/token_states.def"
#undef TOKEN_STATE
    };
    static const char list[] = "one of"
#define TOKEN_STATE(symbol, word, error) " \"" word "\""
#include "world/token_states.def"
#undef TOKEN_STATE
        ;

    return read_word(reading, into, value, words, COUNT(words), list);
}

static bool
read_permission(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);
    unsigned bit = text != NULL ? permission_named(str_of(text)) : 0;

    *(unsigned *)into |= bit;
    return bit != 0 ||
           read_expected(reading, value, "the name of a permission, as in \"pages_messaging\"");
}

static bool
read_without(struct reading *reading, void *into, const json_t *value)
{
    return read_array(reading, into, value, read_permission, NULL);
}

static const struct member token_members[] = {
    {"kind", read_kind, offsetof(struct token_spec, kind)},
    {"state", read_state, offsetof(struct token_spec, state)},
    {"without", read_without, offsetof(struct token_spec, without)},
    {"access_token", read_text, offsetof(struct token_spec, access_token)},
    {"app", read_json, offsetof(struct token_spec, app)},
    {"page", read_json, offsetof(struct token_spec, page)},
    {"expires", read_time, offsetof(struct token_spec, expires)},
};

/* Who stands behind a user token, and since when and until when tokens that have died lived. */
static void
finish_token(const struct world *world, struct credential *token, const struct token_spec *spec)
{
    token->state = (enum credential_state)spec->state;
    token->permissions = token->state == TOKEN_PERMISSIONS_REVOKED ? 0 : PERM_ALL & ~spec->without;
    token->expires = spec->expires;
    if (token->kind == CREDENTIAL_USER || token->kind == CREDENTIAL_SYSTEM_USER)
        token->user = id_number(world->key, ID_ADMIN, token->kind == CREDENTIAL_USER ? 0 : 1, 15);
    if (token->state == TOKEN_EXPIRED && token->expires == MS_ALWAYS) {
        token->issued = world->now - 60 * DAY;
        token->expires = world->now - HOUR;
    }
}

bool
spec_make_token(struct reading *reading, void *into, const json_t *value)
{
    struct making *making = into;
    struct token_spec spec = {.expires = MS_ALWAYS};
    uint32_t app = 0, page = 0;

    if (!read_object(reading, &spec, value, token_members, COUNT(token_members)))
        return false;
    struct reading app_reading = reading_below(reading, "app"),
                   page_reading = reading_below(reading, "page");
    if ((spec.app != NULL && !find_app(&app_reading, making->world, spec.app, &app)) ||
        (spec.page != NULL && !find_page(&page_reading, making->world, spec.page, &page)))
        return false;
    enum credential_kind kind = (enum credential_kind)spec.kind;
    struct credential *token = world_add_credential(
        making->world, kind, app, kind == CREDENTIAL_PAGE ? page : INDEX_NONE, spec.access_token);
    if (token == NULL)
        return is_taken(reading, "token", spec.access_token);
    finish_token(making->world, token, &spec);
    return true;
}

/* ---- the outside --------------------------------------------------------------------------------------------------------------- */

bool
spec_make_urls(struct making *making, const json_t *urls)
{
    static const char *const words[] = {"unreachable", "dns", "timeout", "too_large"};
    struct reading reading = reading_at(making->problem, "/urls");
    const char *url;
    json_t *answer;

    if (!json_is_object(urls))
        return read_expected(&reading, urls, "an object of URLs");
    json_object_foreach(unconst(urls), url, answer)
    {
        const char *text = json_string_value(answer);
        bool is_good = text != NULL && strchr(text, '/') != NULL;

        if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) {
            struct reading key = reading_below(&reading, url);
            return problem_set(making->problem, PROBLEM_BAD_VALUE, key.pointer,
                               "%s: expected a URL that begins with http:// or https://",
                               key.pointer);
        }
        for (size_t i = 0; text != NULL && i < COUNT(words); i++)
            is_good = is_good || strcmp(text, words[i]) == 0;
        if (!is_good) {
            struct reading deeper = reading_below(&reading, url);
            return read_expected(&deeper, answer,
                                 "\"unreachable\", \"dns\", \"timeout\", \"too_large\" or a "
                                 "content type, as in \"image/png\"");
        }
        world_set_url_answer(making->world, url, text);
    }
    return true;
}

bool
spec_make_webhook(struct making *making, const json_t *webhook)
{
    struct spec_webhook read;

    if (json_is_null(webhook))
        return true;
    if (!spec_read_webhook(making->world, webhook, "/webhook", &read, making->problem))
        return false;
    spec_apply_webhook(making->world, &read);
    return true;
}
