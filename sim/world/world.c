#include "world/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "world/delivery.h"
#include "world/limits.h"
#include "world/page_extra.h"
#include "world/watch.h"
#include "world/xalloc.h"

#define MESSAGES_BYTES_MAX ((size_t)64 << 20)
#define JOURNAL_BYTES_MAX ((size_t)64 << 20)

/* From the 2018 capture: the delivery event came 550 ms after the echo (webhooks.md 5). */
#define DELIVERED_AFTER_MS 550

struct world *
world_new(const char *name, uint64_t seed, uint64_t salt, ms_t now)
{
    struct world *w = xcalloc(1, sizeof *w);

    w->name = xstrdup(name);
    w->seed = seed;
    w->salt = salt;
    w->key = mix64(seed, salt);
    w->now = now;
    w->policy_date_is_clock = true;
    w->delivered_after_ms = DELIVERED_AFTER_MS;
    w->next_delivery = 1;
    log_init(&w->messages, MESSAGES_BYTES_MAX);
    log_init(&w->journal, JOURNAL_BYTES_MAX);
    return w;
}

static void
app_free(struct app *app)
{
    free(app->verify_token);
    free(app->name);
    free(app->webhook.url);
    free(app->webhook.verify_token);
    free(app);
}

static void
page_free(struct page *page)
{
    free(page->name);
    free(page->username);
    free(page->category);
    free(page->apps);
    page_extra_free(page->extra);
    page_watch_free(page->watch);
    free(page);
}

static void
objects_free(struct world *w)
{
    for (uint32_t i = 0; i < w->app_count; i++)
        app_free(w->apps[i]);
    for (uint32_t i = 0; i < w->page_count; i++)
        page_free(w->pages[i]);
    for (uint32_t i = 0; i < w->credential_count; i++) {
        free(w->credentials[i]->token);
        free(w->credentials[i]);
    }
    for (uint32_t i = 0; i < w->node_count; i++) {
        free(w->nodes[i]->id);
        free(w->nodes[i]->text);
        free(w->nodes[i]->text2);
        free(w->nodes[i]);
    }
    for (uint32_t i = 0; i < w->url_count * 2; i++)
        free(w->url_answers[i]);
    free(w->apps);
    free(w->pages);
    free(w->credentials);
    free(w->nodes);
    free(w->url_answers);
}

void
world_free(struct world **world)
{
    struct world *w = *world;

    if (w == NULL)
        return;
    objects_free(w);
    world_threads_free(w);
    map_fini(&w->tokens);
    map_fini(&w->page_ids);
    map_fini(&w->app_ids);
    map_fini(&w->aliases);
    map_fini(&w->node_ids);
    map_fini(&w->urls);
    idmap_fini(&w->psids);
    log_fini(&w->messages);
    log_fini(&w->journal);
    outbox_fini(&w->outbox);
    limits_free(w->limits);
    if (w->faults_free != NULL)
        w->faults_free(w->faults);
    free(w->spec);
    free(w->name);
    free(w);
    *world = NULL;
}

void
world_set_now(struct world *w, ms_t now)
{
    assert(now >= w->now);
    w->now = now;
}

/* ---- apps and pages ----------------------------------------------------------------------------------------------------- */

static void *
grow(void *list, uint32_t count, size_t size)
{
    /* Powers of two: a list is full exactly when its count is one. */
    if (count == 0)
        return xmalloc(size);
    return (count & (count - 1)) == 0 ? xrealloc(list, (size_t)count * 2 * size) : list;
}

static void
copy_id(char *out, size_t size, const char *id, uint64_t seeded)
{
    char digits[24];

    if (id == NULL) {
        format_uint64(digits, seeded);
        id = digits;
    }
    assert(strlen(id) < size);
    memcpy(out, id, strlen(id) + 1);
}

struct app *
world_add_app(struct world *w, const char *id, const char *secret, const char *verify_token, const char *name)
{
    uint32_t n = w->app_count;
    struct app *app = xcalloc(1, sizeof *app);
    char text[64];

    copy_id(app->id, sizeof app->id, id, id_number(w->key, ID_APP, n, 16));
    if (map_get(&w->app_ids, str_of(app->id)) != MAP_NONE) {
        free(app);
        return NULL;
    }
    id_hex(app->secret, 32, w->key, ID_APP_SECRET, n);
    if (secret != NULL) {
        assert(strlen(secret) < sizeof app->secret);
        memcpy(app->secret, secret, strlen(secret) + 1);
    }
    id_text(text, 24, w->key, ID_VERIFY_TOKEN, n, false);
    app->verify_token = xstrdup(verify_token != NULL ? verify_token : text);
    app->name = xstrdup(name != NULL ? name : "Understudy App");
    memcpy(app->access_token, app->id, strlen(app->id));
    strcat(app->access_token, "|");
    strcat(app->access_token, app->secret);
    app->is_live = true;
    app->human_agent = true;
    app->webhook.failing_since = MS_NEVER;
    app->webhook.include_values = true;

    w->apps = grow(w->apps, n, sizeof *w->apps);
    w->apps[w->app_count++] = app;
    map_put(&w->app_ids, str_of(app->id), n);
    struct credential *token = world_add_credential(w, CREDENTIAL_APP, n, INDEX_NONE, app->access_token);
    assert(token != NULL);
    return app;
}

struct page *
world_add_page(struct world *w, const char *id, const char *name, const char *username)
{
    uint32_t n = w->page_count;
    struct page *page = xcalloc(1, sizeof *page);
    char text[40];

    copy_id(page->id, sizeof page->id, id, id_number(w->key, ID_PAGE, n, 15));
    if (map_get(&w->page_ids, str_of(page->id)) != MAP_NONE) {
        free(page);
        return NULL;
    }
    snprintf(text, sizeof text, n == 0 ? "Understudy Shop" : "Understudy Shop %u", (unsigned)n + 1);
    page->name = xstrdup(name != NULL ? name : text);
    snprintf(text, sizeof text, n == 0 ? "understudyshop" : "understudyshop%u", (unsigned)n + 1);
    page->username = xstrdup(username != NULL ? username : text);
    page->category = xstrdup("Shopping & retail");
    page->default_app = INDEX_NONE;
    page->restricted_until = MS_NEVER;
    page->messaging_is_on = true;

    assert(n < WORLD_PAGES_MAX);
    w->pages = grow(w->pages, n, sizeof *w->pages);
    w->pages[w->page_count++] = page;
    map_put(&w->page_ids, str_of(page->id), n);
    if (map_get(&w->page_ids, str_of(page->username)) == MAP_NONE)
        map_put(&w->page_ids, str_of(page->username), n);
    return page;
}

struct page_app *
page_find_app(const struct page *page, uint32_t app)
{
    for (uint32_t i = 0; i < page->app_count; i++)
        if (page->apps[i].app == app)
            return &page->apps[i];
    return NULL;
}

struct page_app *
page_connect_app(struct page *page, uint32_t app)
{
    struct page_app *found = page_find_app(page, app);

    if (found != NULL)
        return found;
    page->apps = grow(page->apps, page->app_count, sizeof *page->apps);
    page->apps[page->app_count] = (struct page_app){ .app = app };
    return &page->apps[page->app_count++];
}

uint32_t
world_find_app(const struct world *w, struct str id)
{
    return map_get(&w->app_ids, id);
}

uint32_t
world_find_page(const struct world *w, struct str id)
{
    return map_get(&w->page_ids, id);
}

/* ---- credentials -------------------------------------------------------------------------------------------------------- */

#define TOKEN_LENGTH 120

struct credential *
world_add_credential(struct world *w, enum credential_kind kind, uint32_t app, uint32_t page, const char *token)
{
    char text[TOKEN_LENGTH + 1] = "EAA";

    if (token == NULL) {
        id_text(text + 3, TOKEN_LENGTH - 3, w->key, ID_PAGE_TOKEN, w->credential_count, false);
        token = text;
    }
    if (map_get(&w->tokens, str_of(token)) != MAP_NONE)
        return NULL;

    struct credential *c = xcalloc(1, sizeof *c);
    *c = (struct credential){ .token = xstrdup(token), .index = w->credential_count, .kind = kind, .permissions = PERM_ALL, .app = app, .page = page,
                              .issued = w->now, .expires = MS_ALWAYS };
    w->credentials = grow(w->credentials, w->credential_count, sizeof *w->credentials);
    w->credentials[w->credential_count] = c;
    map_put(&w->tokens, str_of(c->token), w->credential_count++);
    return c;
}

struct credential *
world_find_token(const struct world *w, struct str token)
{
    uint32_t i = map_get(&w->tokens, token);

    return i != MAP_NONE ? w->credentials[i] : NULL;
}

static const char *const permission_names[] = {
    "pages_messaging", "pages_manage_metadata", "pages_show_list", "pages_utility_messaging", "pages_read_engagement",
    "pages_user_locale", "pages_user_timezone", "pages_user_gender", "ads_management", "paid_marketing_messages",
    "pages_messaging_phone_number", "catalog_management", "pages_manage_engagement", "pages_read_user_content",
};

const char *
permission_name(unsigned i)
{
    return i < sizeof permission_names / sizeof *permission_names ? permission_names[i] : NULL;
}

unsigned
permission_named(struct str name)
{
    for (unsigned i = 0; permission_name(i) != NULL; i++)
        if (str_eq(name, str_of(permission_names[i])))
            return 1u << i;
    return 0;
}

const char *
credential_kind_text(enum credential_kind kind)
{
    static const char *const texts[] = { "page", "user", "system_user", "app" };

    return texts[kind];
}

const char *
credential_state_text(enum credential_state state)
{
    static const char *const texts[] = {
#define TOKEN_STATE(symbol, word, error) word,
#include "world/token_states.def"
#undef TOKEN_STATE
    };

    return texts[state];
}

enum graph_err
credential_state_error(enum credential_state state)
{
    static const enum graph_err errors[] = {
#define TOKEN_STATE(symbol, word, error) error,
#include "world/token_states.def"
#undef TOKEN_STATE
    };

    return errors[state];
}

/* ---- nodes -------------------------------------------------------------------------------------------------------------- */

static void
node_seeded_id(const struct world *w, enum node_kind kind, uint64_t n, char *out, size_t size)
{
    switch (kind) {
    case NODE_OTN_TOKEN:
    case NODE_RN_TOKEN:
    case NODE_LINK_TOKEN:
    case NODE_CODE:
        id_text(out, 19, w->key, ID_TOKEN + (unsigned)kind * 64, n, false);
        break;
    case NODE_USER_REF:
        snprintf(out, size, "ref_%llu", (unsigned long long)id_number(w->key, ID_USER_REF, n, 12));
        break;
    case NODE_ATTACHMENT: case NODE_PERSONA: case NODE_LABEL: case NODE_POST: case NODE_COMMENT: case NODE_PHONE: case NODE_TEMPLATE:
    case NODE_AD: case NODE_PRODUCT: case NODE_CAMPAIGN: case NODE_OTHER: case NODE_MARKETED: case NODE_KIND_COUNT:
    default:
        format_uint64(out, id_number(w->key, ID_ATTACHMENT + (unsigned)kind * 64, n, 16));
        break;
    }
}

struct node *
world_add_node(struct world *w, enum node_kind kind, const char *id, uint32_t page)
{
    char seeded[40];

    if (id == NULL) {
        do
            node_seeded_id(w, kind, w->node_counters[kind]++, seeded, sizeof seeded);
        while (map_get(&w->node_ids, str_of(seeded)) != MAP_NONE);
        id = seeded;
    }
    if (map_get(&w->node_ids, str_of(id)) != MAP_NONE)
        return NULL;

    struct node *node = xcalloc(1, sizeof *node);
    *node = (struct node){ .kind = kind, .id = xstrdup(id), .index = w->node_count, .page = page, .app = INDEX_NONE,
                           .thread = INDEX_NONE, .made = w->now, .until = MS_ALWAYS, .next = MS_NEVER };
    w->nodes = grow(w->nodes, w->node_count, sizeof *w->nodes);
    w->nodes[w->node_count++] = node;
    map_put(&w->node_ids, str_of(node->id), node->index);
    return node;
}

bool
world_node_is_deleted(const struct world *w, struct str id)
{
    uint32_t i = map_get(&w->node_ids, id);

    return i != MAP_NONE && w->nodes[i]->is_deleted;
}

struct node *
world_any_node(const struct world *w, struct str id)
{
    uint32_t i = map_get(&w->node_ids, id);

    return i != MAP_NONE && !w->nodes[i]->is_deleted ? w->nodes[i] : NULL;
}

struct node *
world_find_node(const struct world *w, enum node_kind kind, struct str id)
{
    struct node *node = world_any_node(w, id);

    return node != NULL && node->kind == kind ? node : NULL;
}

struct node *
world_node(const struct world *w, uint32_t index)
{
    return index < w->node_count ? w->nodes[index] : NULL;
}

void
node_set_text(struct node *node, struct str text)
{
    free(node->text);
    node->text = xstrndup(text.s, text.n);
}

void
node_set_text2(struct node *node, struct str text)
{
    free(node->text2);
    node->text2 = xstrndup(text.s, text.n);
}

/* ---- the outside -------------------------------------------------------------------------------------------------------- */

const char *
world_url_answer(const struct world *w, struct str url)
{
    uint32_t i = map_get(&w->urls, url);

    return i != MAP_NONE ? w->url_answers[i * 2 + 1] : NULL;
}

void
world_set_url_answer(struct world *w, const char *url, const char *answer)
{
    w->url_answers = xrealloc(w->url_answers, (size_t)(w->url_count + 1) * 2 * sizeof *w->url_answers);
    w->url_answers[w->url_count * 2] = xstrdup(url);
    w->url_answers[w->url_count * 2 + 1] = xstrdup(answer);
    map_put(&w->urls, str_of(w->url_answers[w->url_count * 2]), w->url_count);
    w->url_count++;
}
