#include "edge/world_show.h"

#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "edge/clock_file.h"
#include "edge/json_reply.h"
#include "edge/pace.h"
#include "edge/spec.h"
#include "edge/tenant.h"
#include "graph/nlp.h"
#include "world/page_extra.h"
#include "world/world.h"

static void
set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, json_text_new(text));
}

static json_t *
app_new(const struct app *app)
{
    json_t *shown = json_object();

    set_text(shown, "id", app->id);
    set_text(shown, "name", app->name);
    set_text(shown, "secret", app->secret);
    set_text(shown, "verify_token", app->verify_token);
    set_text(shown, "access_token", app->access_token);
    set_text(shown, "mode", app->is_live ? "live" : "development");
    json_object_set_new(shown, "require_proof", json_boolean(app->requires_proof));
    json_object_set_new(shown, "human_agent", json_boolean(app->human_agent));
    return shown;
}

/* A page's own token is the first one of its kind that was given out for it. */
static const char *
token_of_page(const struct world *world, uint32_t page)
{
    for (uint32_t i = 0; i < world->credential_count; i++)
        if (world->credentials[i]->kind == CREDENTIAL_PAGE && world->credentials[i]->page == page)
            return world->credentials[i]->token;
    return NULL;
}

static json_t *
page_new(const struct world *world, uint32_t index)
{
    const struct page *page = world->pages[index];
    json_t *shown = json_object(), *apps = json_array();

    set_text(shown, "id", page->id);
    set_text(shown, "name", page->name);
    set_text(shown, "username", page->username);
    set_text(shown, "category", page->category);
    set_text(shown, "access_token", token_of_page(world, index));
    for (uint32_t i = 0; i < page->app_count; i++)
        json_array_append_new(apps, json_string(world->apps[page->apps[i].app]->id));
    json_object_set_new(shown, "app_ids", apps);
    json_object_set_new(shown, "default_app",
                        page->default_app < world->app_count
                            ? json_string(world->apps[page->default_app]->id)
                            : json_null());
    json_object_set_new(shown, "news", json_boolean(page->is_news));
    json_object_set_new(shown, "subscription_messaging",
                        json_boolean(page->subscription_messaging));
    json_object_set_new(shown, "region",
                        json_string(page->lacks_matching ? page_text(page, "region") : "US"));
    json_object_set_new(shown, "matching_fee", json_boolean(!page->owes_matching_fee));
    json_object_set_new(shown, "recurring_notifications", json_boolean(!page->lacks_recurring));
    json_object_set_new(shown, "contact_terms",
                        json_boolean(page_text(page, "terms/contact") == NULL));
    const char *nlp = page_text(page, NLP_SWITCH);
    json_object_set_new(shown, "nlp", json_boolean(nlp != NULL && strcmp(nlp, "true") == 0));
    return shown;
}

static json_t *
window_new(const struct world *world, const struct thread *thread)
{
    if (!within_ms(thread->last_act, 24 * HOUR, world->now))
        return json_null();
    return json_time_new(thread->last_act + 24 * HOUR);
}

static json_t *
timezone_new(double hours)
{
    return hours == (double)(int)hours ? json_integer((int)hours) : json_real(hours);
}

static json_t *
user_new(const struct world *world, const struct thread *thread)
{
    json_t *shown = json_object();
    struct person person;
    char psid[UINT64_SIZE], whole[256];

    thread_person(world, thread, &person);
    format_uint64(psid, thread->psid);
    snprintf(whole, sizeof whole, "%s %s", person.first_name, person.last_name);
    set_text(shown, "psid", psid);
    set_text(shown, "page_id", world->pages[thread->page]->id);
    set_text(shown, "name", person.alias != NULL ? person.alias : whole);
    set_text(shown, "first_name", person.first_name);
    set_text(shown, "last_name", person.last_name);
    set_text(shown, "locale", person.locale);
    json_object_set_new(shown, "timezone", timezone_new(person.timezone));
    set_text(shown, "gender", person.gender);
    set_text(shown, "region", person.region);
    set_text(shown, "asid", person.asid);
    set_text(shown, "account", (thread->flags & THREAD_PHONE_ONLY) != 0 ? "phone_only" : "full");
    json_object_set_new(shown, "role", json_boolean((thread->flags & THREAD_HAS_ROLE) != 0));
    json_object_set_new(shown, "request", json_boolean((thread->flags & THREAD_REQUEST) != 0));
    json_object_set_new(shown, "window_open_until", window_new(world, thread));
    return shown;
}

/* The tokens that the spec asked for come after those of apps and pages. */
static json_t *
tokens_new(const struct world *world, size_t count)
{
    json_t *shown = json_array();

    for (size_t i = 0; i < count; i++) {
        const struct credential *token =
            world->credentials[world->app_count + world->page_count + i];
        json_t *one = json_object(), *without = json_array();

        set_text(one, "kind", credential_kind_text(token->kind));
        set_text(one, "state", credential_state_text(token->state));
        set_text(one, "access_token", token->token);
        json_object_set_new(one, "app", json_integer(token->app));
        if (token->page != INDEX_NONE)
            json_object_set_new(one, "page", json_integer(token->page));
        for (unsigned p = 0;
             permission_name(p) != NULL && token->state != TOKEN_PERMISSIONS_REVOKED; p++)
            if ((token->permissions & 1u << p) == 0)
                json_array_append_new(without, json_string(permission_name(p)));
        json_object_set_new(one, "without", without);
        json_array_append_new(shown, one);
    }
    return shown;
}

json_t *
webhook_fields_new(webhook_fields fields)
{
    json_t *names = json_array();

    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if ((fields & FIELD_BIT(i)) != 0)
            json_array_append_new(names, json_string(webhook_field_name((enum webhook_field)i)));
    return names;
}

static json_t *
webhook_new(const struct app *app)
{
    json_t *shown = json_object();
    const struct subscription *subscription = &app->webhook;
    char version[16];

    json_object_set_new(shown, "url",
                        subscription->url != NULL ? json_text_new(subscription->url) : json_null());
    json_object_set_new(
        shown, "fields",
        webhook_fields_new(subscription->url != NULL ? subscription->fields : spec_usual_fields()));
    if (subscription->version != 0) {
        snprintf(version, sizeof version, "v%d.%d", subscription->version / 100,
                 subscription->version % 100);
        set_text(shown, "version", version);
    }
    return shown;
}

json_t *
world_policy_date_new(const struct world *world)
{
    char ahead[DURATION_SIZE + 1] = "+";

    if (world->look_ahead > 0) {
        duration_write(ahead + 1, world->look_ahead);
        return json_string(ahead);
    }
    return world->policy_date_is_clock ? json_string("clock") : json_time_new(world->policy_date);
}

static void
show_head(json_t *shown, const struct tenant *tenant)
{
    const struct world *world = tenant->world;
    char pace[PACE_TEXT_SIZE];

    pace_write(pace, tenant->pace.times);
    set_text(shown, "name", tenant->name);
    json_object_set_new(shown, "seed", json_integer((json_int_t)world->seed));
    json_object_set_new(shown, "now", json_time_new(world->now));
    set_text(shown, "clock", pace);
    if (tenant->clock != NULL)
        set_text(shown, "clock_file", clock_file_path(tenant->clock));
    json_object_set_new(shown, "policy_date", world_policy_date_new(world));
}

/* What the spec said and the world only has in its own form. */
static void
show_spec(json_t *shown, const struct world *world)
{
    static const char *const keys[] = {"limits", "urls"};
    json_t *spec = json_loads(world->spec, 0, NULL);

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (json_object_get(spec, keys[i]) != NULL)
            json_object_set(shown, keys[i], json_object_get(spec, keys[i]));
    if (json_object_get(spec, "tokens") != NULL)
        json_object_set_new(shown, "tokens",
                            tokens_new(world, json_array_size(json_object_get(spec, "tokens"))));
    json_decref(spec);
}

json_t *
world_show_new(const struct tenant *tenant)
{
    const struct world *world = tenant->world;
    json_t *shown = json_object(), *apps = json_array(), *pages = json_array(),
           *users = json_array();

    show_head(shown, tenant);
    for (uint32_t i = 0; i < world->app_count; i++)
        json_array_append_new(apps, app_new(world->apps[i]));
    for (uint32_t i = 0; i < world->page_count; i++)
        json_array_append_new(pages, page_new(world, i));
    for (uint32_t i = 0; i < world->thread_count; i++)
        json_array_append_new(users, user_new(world, world_thread(world, i)));
    json_object_set_new(shown, "apps", apps);
    json_object_set_new(shown, "pages", pages);
    json_object_set_new(shown, "users", users);
    if (world->app_count > 0)
        json_object_set_new(shown, "webhook", webhook_new(world->apps[0]));
    json_object_set_new(shown, "limits", json_string("published"));
    json_object_set_new(shown, "ad_window", json_boolean(world->ad_window_is_on));
    json_object_set_new(shown, "content_rules", json_boolean(!world->content_rules_are_off));
    show_spec(shown, world);
    return shown;
}

json_t *
world_show_short_new(const struct tenant *tenant)
{
    const struct world *world = tenant->world;
    json_t *shown = json_object();

    show_head(shown, tenant);
    json_object_set_new(shown, "apps", json_integer(world->app_count));
    json_object_set_new(shown, "pages", json_integer(world->page_count));
    json_object_set_new(shown, "users", json_integer(world->thread_count));
    json_object_set_new(shown, "records", json_integer((json_int_t)world_journal_next(world) - 1));
    return shown;
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */
void
world_mask_secrets(json_t *spec)
{
    static const char *const secrets[] = {"secret", "verify_token", "access_token"};
    const char *key;
    size_t i;
    json_t *value;

    if (json_is_array(spec)) {
        json_array_foreach(spec, i, value) world_mask_secrets(value);
        return;
    }
    json_object_foreach(spec, key, value) world_mask_secrets(value);
    for (i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (json_is_string(json_object_get(spec, secrets[i])))
            json_object_set_new(spec, secrets[i], json_string("***"));
}
/* NOLINTEND(misc-no-recursion) */
