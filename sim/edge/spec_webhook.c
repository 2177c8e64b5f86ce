/* Where webhooks go: `webhook` in a spec, and what PUT webhook takes. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "edge/spec.h"
#include "edge/spec_read.h"
#include "people/nearest.h"
#include "world/xalloc.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct webhook_spec {
    const char *url, *verify_token, *app;
    webhook_fields fields;
    version_t version;
    bool has_fields, include_values;
};

webhook_fields
spec_usual_fields(void)
{
    webhook_fields fields = 0;

    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (webhook_field_container((enum webhook_field)i) == CONTAINER_MESSAGING)
            fields |= FIELD_BIT(i);
    return fields;
}

static bool
read_url(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);

    if (json_is_null(value))
        return true;
    if (text == NULL || (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0) ||
        strpbrk(text, " \t\r\n") != NULL)
        return read_expected(reading, value, "a URL that begins with http:// or https://");
    *(const char **)into = text;
    return true;
}

static bool
read_field(struct reading *reading, void *into, const json_t *value)
{
    struct webhook_spec *spec = into;
    const char *text = json_string_value(value);
    enum webhook_field field =
        text != NULL ? webhook_field_named(text, json_string_length(value)) : FIELD_COUNT;
    struct nearest nearest = {str_of(text != NULL ? text : ""), NULL, 0};

    if (field != FIELD_COUNT) {
        spec->fields |= FIELD_BIT(field);
        return true;
    }
    for (unsigned i = 0; i < FIELD_COUNT; i++)
        nearest_try(&nearest, webhook_field_name((enum webhook_field)i));
    return read_expected(reading, value,
                         nearest.name != NULL ? nearest.name
                                              : "the name of a webhook field, as in \"messages\"");
}

static bool
read_fields(struct reading *reading, void *into, const json_t *value)
{
    ((struct webhook_spec *)into)->has_fields = true;
    return read_array(reading, into, value, read_field, NULL);
}

static bool
read_version(struct reading *reading, void *into, const json_t *value)
{
    const char *text = json_string_value(value);
    unsigned count;
    const struct version_row *rows = version_rows(&count);
    char *end = NULL;
    long major = text != NULL && text[0] == 'v' ? strtol(text + 1, &end, 10) : 0;
    long minor = end != NULL && *end == '.' ? strtol(end + 1, &end, 10) : -1;

    for (unsigned i = 0; end != NULL && *end == '\0' && minor >= 0 && i < count; i++)
        if (rows[i].number == major * 100 + minor) {
            *(version_t *)into = rows[i].number;
            return true;
        }
    return read_expected(reading, value, "a version of the API, as in \"v19.0\"");
}

static const struct member members[] = {
    {"url", read_url, offsetof(struct webhook_spec, url)},
    {"verify_token", read_text, offsetof(struct webhook_spec, verify_token)},
    {"fields", read_fields, 0},
    {"app", read_digits, offsetof(struct webhook_spec, app)},
    {"version", read_version, offsetof(struct webhook_spec, version)},
    {"include_values", read_flag, offsetof(struct webhook_spec, include_values)},
};

bool
spec_read_webhook(const struct world *world, const json_t *json, const char *pointer,
                  struct spec_webhook *webhook, struct problem *problem)
{
    struct reading reading = reading_at(problem, pointer);
    struct webhook_spec spec = {.include_values = true};

    if (!read_object(&reading, &spec, json, members, COUNT(members)))
        return false;
    *webhook = (struct spec_webhook){
        spec.url,     spec.verify_token,   spec.has_fields ? spec.fields : spec_usual_fields(),
        spec.version, spec.include_values, 0};
    if (spec.app != NULL && (webhook->app = world_find_app(world, str_of(spec.app))) == INDEX_NONE)
        return problem_set(problem, PROBLEM_BAD_VALUE, "/app",
                           "%s/app is %s, expected the id of an app of this world", pointer,
                           spec.app);
    return true;
}

void
spec_apply_webhook(struct world *world, const struct spec_webhook *webhook)
{
    struct app *app = world->apps[webhook->app];
    struct subscription *subscription = &app->webhook;

    free(subscription->url);
    free(subscription->verify_token);
    subscription->url = webhook->url != NULL ? xstrdup(webhook->url) : NULL;
    subscription->verify_token =
        xstrdup(webhook->verify_token != NULL ? webhook->verify_token : app->verify_token);
    subscription->fields = webhook->fields;
    subscription->version = webhook->version;
    subscription->include_values = webhook->include_values;
    subscription->failing_since = MS_NEVER;
    subscription->is_alerted = false;
    for (uint32_t i = 0; i < world->page_count; i++) {
        struct page_app *link = page_find_app(world->pages[i], webhook->app);

        if (link == NULL)
            continue;
        link->fields = webhook->fields;
        link->is_subscribed = webhook->url != NULL;
    }
}
