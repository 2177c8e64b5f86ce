/* The way of a delivery: stamped, posted by the edge, judged by its outcome. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/webhook_field.h"
#include "graph/conduct.h"
#include "graph/event.h"
#include "graph/note.h"
#include "world/fault.h"
#include "world/subscription.h"

/* ---- the body -------------------------------------------------------------------------------------------------------------- */

/* The order of keys by year, of which captures say this much: entries of messages had id before time until 6 February 2024 and time before id from 13 April 2024 on;
 * bodies of changes had the object in front until April 2016, behind and changes before id from May 2016 to August 2017 and in February 2019, behind and id, time, changes from
 * 2021 on [observed; the days between inferred]. */
#define TIME_FIRST_FROM CIVIL(2024, 3, 1)
#define CHANGES_FIRST_FROM CIVIL(2016, 5, 1)

static void
put_container(struct buf *body, const char *container, struct str items)
{
    jw_key(body, container);
    jw_open(body, '[');
    jw_item(body);
    buf_str(body, items);
    jw_close(body, ']');
}

/* Only what changed, not how [documented: webhooks.md 1.4]. */
static void
put_changed_fields(struct buf *body, enum webhook_field field)
{
    jw_key(body, "changed_fields");
    jw_open(body, '[');
    jw_item(body);
    jw_string(body, str_of(webhook_field_name(field)), JW_GRAPH);
    jw_close(body, ']');
}

static void
put_entry(struct buf *body, const struct world *world, const struct delivery *delivery,
          struct str items)
{
    const struct app *app = world->apps[delivery->app];
    ms_t date = world_policy_date(world);
    bool is_change = webhook_field_container(delivery->field) == CONTAINER_CHANGES;
    bool is_changes_first =
        is_change && date >= CHANGES_FIRST_FROM && date < EVENT_VALUE_FIRST_FROM;
    const char *container = is_change                          ? "changes"
                            : delivery->field == FIELD_STANDBY ? "standby"
                                                               : "messaging";
    const char *beside = memchr(items.s, DELIVERY_BESIDE, items.n);
    struct str inside = {items.s, beside != NULL ? (size_t)(beside - items.s) : items.n};
    bool is_time_first = !is_change && date >= TIME_FIRST_FROM;

    jw_open(body, '{');
    if (is_changes_first && app->webhook.include_values)
        put_container(body, container, inside);
    if (is_time_first)
        jw_kv_int(body, "time", world->now);
    jw_kv_text(body, "id", world->pages[delivery->page]->id);
    if (!is_time_first)
        jw_kv_int(body, "time", is_change ? world->now / SECOND : world->now);
    if (!app->webhook.include_values)
        put_changed_fields(body, delivery->field);
    else if (!is_changes_first)
        put_container(body, container, inside);
    if (beside != NULL && app->webhook.include_values) {
        jw_item(body);
        buf_str(body, str_from(items, inside.n + 1));
    }
    jw_close(body, '}');
}

/* These three are escaped beside what JSON asks for [observed: '%' in bodies of May 2017 and November 2023; documented for all three in 2019]. They stand in JSON only inside of
 * strings, so the bytes can be looked at without reading them as JSON. */
static const char *
escape_of(char c)
{
    return c == '<' ? "\\u003C" : c == '%' ? "\\u0025" : c == '@' ? "\\u0040" : NULL;
}

static void
escape_more(struct buf *body)
{
    struct buf longer = {0};

    if (memchr(body->s, '<', body->n) == NULL && memchr(body->s, '%', body->n) == NULL &&
        memchr(body->s, '@', body->n) == NULL)
        return;
    for (size_t i = 0; i < body->n; i++) {
        const char *with = escape_of(body->s[i]);

        if (with != NULL)
            buf_adds(&longer, with);
        else
            buf_char(&longer, body->s[i]);
    }
    buf_fini(body);
    *body = longer;
}

/* Ids of people and pages in messaging events were JSON numbers in April and May 2016 [observed: webhooks.md 1.8]. What stands before an id is never part of a
 * text: its quotes would be escaped there. Ids were shorter then: one that JavaScript would round stays a text. */
#define NUMBERS_UNTIL CIVIL(2016, 6, 1)
#define EXACT_MAX UINT64_C(9007199254740991)

static bool
is_before_id(const struct buf *body, size_t i)
{
    static const char *const marks[] = {
        "\"sender\":{\"id\":", "\"recipient\":{\"id\":", "\"entry\":[{\"id\":", "]},{\"id\":"};

    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
        if (i >= strlen(marks[m]) &&
            memcmp(body->s + i - strlen(marks[m]), marks[m], strlen(marks[m])) == 0)
            return true;
    return false;
}

static void
number_ids(struct buf *body)
{
    struct buf shorter = {0};

    for (size_t i = 0; i < body->n; i++) {
        size_t digits = body->s[i] == '"' ? strspn(body->s + i + 1, "0123456789") : 0;
        uint64_t id = digits_read(body->s + i + 1, digits);

        if (id != 0 && id <= EXACT_MAX && body->s[i + 1 + digits] == '"' && is_before_id(body, i)) {
            buf_add(&shorter, body->s + i + 1, digits);
            i += digits + 1;
        } else {
            buf_char(&shorter, body->s[i]);
        }
    }
    buf_fini(body);
    *body = shorter;
}

static void
put_entries(struct buf *body, const struct world *world, const struct delivery *delivery)
{
    struct str rest = {delivery->items, delivery->items_n};

    jw_key(body, "entry");
    jw_open(body, '[');
    while (rest.n > 0) { /* faults put several entries into one delivery: one a line */
        const char *end = memchr(rest.s, '\n', rest.n);
        struct str line = {rest.s, end != NULL ? (size_t)(end - rest.s) : rest.n};

        put_entry(body, world, delivery, line);
        rest = str_from(rest, line.n + (end != NULL));
    }
    jw_close(body, ']');
}

static void
write_body(const struct world *world, struct delivery *delivery)
{
    struct buf body = {0};
    ms_t date = world_policy_date(world);
    bool is_change = webhook_field_container(delivery->field) == CONTAINER_CHANGES;
    bool is_object_first = !is_change || date < CHANGES_FIRST_FROM;

    jw_open(&body, '{');
    if (is_object_first)
        jw_kv_text(&body, "object", "page");
    put_entries(&body, world, delivery);
    if (!is_object_first)
        jw_kv_text(&body, "object", "page");
    jw_close(&body, '}');
    if (date < NUMBERS_UNTIL && !is_change)
        number_ids(&body);
    if ((delivery->tricks & TRICK_PLAIN) == 0)
        escape_more(&body);
    delivery->body = body.s; /* both are plain malloc memory */
    delivery->body_n = body.n;
}

void
event_stamp(struct world *world, struct delivery *delivery)
{
    delivery->attempt++;
    if (delivery->first_attempt == MS_NEVER)
        delivery->first_attempt = world->now;
    bool is_copy = delivery->attempt == 1; /* of a post that was delivered: a fault */
    if (delivery->body != NULL &&
        (is_copy || fault_draw(world, FAULT_SAME_BYTES, delivery->event) != NULL))
        return;
    free(delivery->body);
    write_body(world, delivery);
}

/* ---- the journal ------------------------------------------------------------------------------------------------------------ */

/* The path of a callback, without host (which would be a fact of this machine) and without query (which may hold secrets). */
static struct str
url_path(const char *url)
{
    const char *host = url != NULL ? strstr(url, "://") : NULL;
    const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

    return path != NULL  ? (struct str){path, strcspn(path, "?#")}
           : url != NULL ? STR("/")
                         : STR("");
}

static void
record(struct world *world, const struct delivery *delivery, int status, const char *outcome,
       const char *reason)
{
    const struct app *app = world->apps[delivery->app];
    struct buf rest = {0};

    buf_char(&rest, ',');
    jw_kv_text(&rest, "app", app->id);
    jw_kv_text(&rest, "page", world->pages[delivery->page]->id);
    jw_kv_text(&rest, "field", webhook_field_name(delivery->field));
    jw_kv_text(&rest, "event", delivery->event);
    jw_kv_int(&rest, "delivery", (int64_t)delivery->number);
    jw_kv_int(&rest, "attempt", delivery->attempt);
    jw_kv_strf(&rest, "url_path", url_path(app->webhook.url), JW_OURS);
    if (delivery->body != NULL)
        jw_kv_raw(&rest, "body", (struct str){delivery->body, delivery->body_n});
    else
        jw_kv_null(&rest, "body");
    if ((delivery->tricks & (TRICK_FORGED | TRICK_UNSIGNED)) != 0)
        jw_kv_text(&rest, "signature", (delivery->tricks & TRICK_FORGED) != 0 ? "forged" : "none");
    jw_kv_int(&rest, "status", status);
    jw_kv_text(&rest, "outcome", outcome);
    if (strcmp(outcome, "delivered") != 0) {
        if (reason == NULL)
            reason = status == 0 ? "no answer" : "the answer was not 200";
        jw_kv_strf(&rest, "reason", str_of(reason), JW_OURS);
    }
    buf_char(&rest, '}');
    world_record(world, "webhook", buf_view(&rest));
    buf_fini(&rest);
}

static void
note(struct world *world, const char *id, uint32_t app, uint32_t page, const char *text)
{
    struct buf rest = {0};

    buf_char(&rest, ',');
    jw_kv_text(&rest, "note", id);
    jw_kv_strf(&rest, "text", str_of(text), JW_OURS);
    jw_kv_text(&rest, "app", world->apps[app]->id);
    if (page != INDEX_NONE)
        jw_kv_text(&rest, "page", world->pages[page]->id);
    buf_char(&rest, '}');
    world_record(world, "note", buf_view(&rest));
    buf_fini(&rest);
}

/* ---- the outcome ------------------------------------------------------------------------------------------------------------ */

static void
drop(struct world *world, struct delivery *delivery, const char *reason)
{
    record(world, delivery, 0, "dropped", reason);
    delivery_free(delivery);
}

static void
drop_unsubscribed(struct world *world, struct delivery *delivery)
{
    drop(world, delivery, "the app was unsubscribed from the page");
}

/* Timers of a webhook that fails: a = app, b = the instant it began. They mean nothing once it has healed, or has begun anew. */
static struct subscription *
still_failing(struct world *world, const struct outbox_item *item)
{
    struct subscription *subscription = &world->apps[item->a]->webhook;

    return (uint64_t)subscription->failing_since == item->b ? subscription : NULL;
}

/* One of the pages that the app is subscribed to: a finding belongs to a page. */
static uint32_t
subscribed_page(const struct world *world, uint32_t app)
{
    for (uint32_t page = 0; page < world->page_count; page++) {
        const struct page_app *link = page_find_app(world->pages[page], app);

        if (link != NULL && link->is_subscribed)
            return page;
    }
    return INDEX_NONE;
}

static const struct patience *
patience_of(const struct world *world)
{
    return subscription_patience(world_policy_date(world));
}

static void
alert(struct world *world, const struct outbox_item *item)
{
    struct subscription *subscription = still_failing(world, item);

    if (subscription == NULL)
        return;
    subscription->is_alerted = true;
    note(world, "webhook_alert", (uint32_t)item->a, INDEX_NONE,
         "the webhook has been failing for 15 minutes");
    uint32_t page = subscribed_page(world, (uint32_t)item->a);
    if (page != INDEX_NONE)
        note_finding(world, "webhook_failing", RULE_FND_WEBHOOK_FAILED, page, NULL,
                     patience_of(world)->failing);
}

static void
disable(struct world *world, const struct outbox_item *item)
{
    uint32_t app = (uint32_t)item->a;
    struct subscription *subscription = still_failing(world, item);

    if (subscription == NULL)
        return;
    const struct patience *patience = patience_of(world);
    for (uint32_t page = 0; page < world->page_count; page++) {
        struct page_app *link = page_find_app(world->pages[page], app);

        if (link == NULL || !link->is_subscribed || !subscription_is_retrying(world, app, page))
            continue;
        link->is_subscribed = false;
        note(world, "webhook_disabled", app, page, patience->disabled);
        note_finding(world, "webhook_lost", RULE_FND_WEBHOOK_DISABLED, page, NULL, patience->lost);
        subscription_take_waiting(world, app, page, drop_unsubscribed);
    }
    subscription_healed(subscription);
}

static void
begin_failing(struct world *world, uint32_t app)
{
    ms_t since = world->apps[app]->webhook.failing_since;

    const struct patience *patience = patience_of(world);

    outbox_push_timer(&world->outbox, since + patience->alert_ms, alert, app, (uint64_t)since);
    outbox_push_timer(&world->outbox, since + patience->disable_ms, disable, app, (uint64_t)since);
}

static void
retry(struct world *world, struct delivery *delivery, int status, const char *reason)
{
    struct app *app = world->apps[delivery->app];
    const struct page_app *link = page_find_app(world->pages[delivery->page], delivery->app);

    if (app->webhook.url == NULL || link == NULL || !link->is_subscribed) {
        drop_unsubscribed(world, delivery);
        return;
    }
    record(world, delivery, status, "failed", reason);
    if (subscription_failed(&app->webhook, world->now))
        begin_failing(world, delivery->app);

    ms_t due = subscription_retry_at(delivery->attempt, delivery->first_attempt, world->now,
                                     patience_of(world));
    if (due == MS_NEVER)
        drop(world, delivery, "it failed too often");
    else
        outbox_push_delivery(&world->outbox, due, delivery);
}

void
event_outcome(struct world *world, struct delivery *delivery, int status, const char *reason)
{
    struct app *app = world->apps[delivery->app];
    const struct fault *lost = fault_draw(world, FAULT_ANSWER_LOST, delivery->event);

    if (lost != NULL) { /* which is not the receiver's doing */
        status = (int)lost->status;
        reason = status == 0 ? "the answer was lost" : NULL;
    } else {
        conduct_of_delivery(world, delivery, status);
    }
    if ((delivery->tricks & (TRICK_FORGED | TRICK_UNSIGNED)) != 0) {
        /* Not the platform's post: whoever sent it does not come again, and it says nothing about the webhook. */
        record(world, delivery, status, status == 200 ? "delivered" : "failed", reason);
        delivery_free(delivery);
        return;
    }
    if (status != 200) {
        retry(world, delivery, status, reason);
        return;
    }
    record(world, delivery, status, "delivered", NULL);
    bool was_alerted = app->webhook.is_alerted;
    if (subscription_healed(&app->webhook)) {
        if (was_alerted)
            note(world, "webhook_healed", delivery->app, INDEX_NONE,
                 "the webhook answers 200 again");
        note_seen(world, "webhook_mended",
                  was_alerted ? RULE_FND_WEBHOOK_DISABLED : RULE_FND_WEBHOOK_FAILED, delivery->page,
                  NULL);
    }
    faults_delivered(world, delivery);
}
