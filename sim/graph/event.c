#include "graph/event.h"

#include <assert.h>

#include "graph/privacy.h"
#include "world/fault.h"

enum { OWN = false, STANDBY = true };

static const struct event_row rows[EVENT_COUNT] = {
#define EVENT(symbol, id, field, standby, fidelity, cite)                                          \
    [EVENT_##symbol] = {id, FIELD_##field, standby, FIDELITY_##fidelity, cite},
#include "graph/events.def"
#undef EVENT
};

const struct event_row *
event_rows(unsigned *count)
{
    *count = EVENT_COUNT;
    return rows;
}

enum event_id
event_named(struct str id)
{
    unsigned i = 0;

    while (i < EVENT_COUNT && !str_eq(id, str_of(rows[i].id)))
        i++;
    return (enum event_id)i;
}

struct event_post
event_post_of(const struct world *world, enum event_id event, struct thread *thread,
              event_writer *write, const void *what)
{
    return (struct event_post){.event = event,
                               .thread = thread,
                               .write = write,
                               .what = what,
                               .due = world->now,
                               .only_app = INDEX_NONE,
                               .maker = INDEX_NONE};
}

static bool
has_field(webhook_fields fields, enum webhook_field field)
{
    return (fields >> (unsigned)field & 1) != 0;
}

/* Idle threads belong to the default app; without routing everybody owns everything (webhooks.md 1.7, 4.6). */
static bool
controls(const struct world *world, const struct page *page, const struct thread *thread,
         uint32_t app)
{
    if (page->default_app == INDEX_NONE || thread == NULL)
        return true;
    uint32_t owner = thread_owner(world, thread);
    return app == (owner != INDEX_NONE ? owner : page->default_app);
}

/* Events that privacy rules switched off in Europe and Japan, and when they came back [documented: webhooks.md 2.0]. */
#define OPTINS_BACK CIVIL(2021, 4, 1)
#define RECEIPTS_BACK CIVIL(2022, 4, 19)
#define LABELS_BACK CIVIL(2023, 10, 17)

static ms_t
back_in_region(enum webhook_field field)
{
    static const struct {
        enum webhook_field field;
        ms_t back;
    } rows_off[] = {
        {FIELD_MESSAGING_OPTINS, OPTINS_BACK},     {FIELD_MESSAGING_REFERRALS, OPTINS_BACK},
        {FIELD_MESSAGE_DELIVERIES, RECEIPTS_BACK}, {FIELD_MESSAGE_READS, RECEIPTS_BACK},
        {FIELD_MESSAGE_REACTIONS, RECEIPTS_BACK},  {FIELD_INBOX_LABELS, LABELS_BACK},
    };

    for (size_t i = 0; i < sizeof rows_off / sizeof *rows_off; i++)
        if (rows_off[i].field == field)
            return rows_off[i].back;
    return MS_NEVER;
}

static bool
is_off_in_region(const struct world *world, const struct event_post *post)
{
    ms_t date = world_policy_date(world);

    return date < back_in_region(rows[post->event].field) && privacy_holds(post->thread, date);
}

/* While a lead ad asks its questions the apps hear nothing of the thread but the labels on it [documented: webhooks.md 3.6]. */
static bool
is_kept_by_leads(const struct world *world, const struct event_post *post)
{
    return post->thread != NULL && thread_owner(world, post->thread) == OWNER_LEADS &&
           webhook_field_container(rows[post->event].field) != CONTAINER_CHANGES;
}

/* What the app gets of this event; false when it gets nothing. */
static bool
form_for(const struct world *world, const struct page *page, const struct page_app *link,
         const struct event_post *post, struct event_form *form)
{
    const struct app *app = world->apps[link->app];
    const struct event_row *row = &rows[post->event];

    if (!link->is_subscribed || app->webhook.url == NULL ||
        (post->only_app != INDEX_NONE && post->only_app != link->app))
        return false;
    form->fields = link->fields & app->webhook.fields;
    form->is_standby = row->goes_to_standby && !controls(world, page, post->thread, link->app);
    if (!has_field(form->fields, form->is_standby ? FIELD_STANDBY : row->field))
        return false;
    if (!app->is_live && post->thread != NULL && (post->thread->flags & THREAD_HAS_ROLE) == 0)
        return false;
    form->as_of = world_policy_date(world);
    form->seq = page->event_count;
    form->version =
        app->webhook.version != 0 ? app->webhook.version : version_serving(0, form->as_of);
    form->owns_payload =
        !form->is_standby && (post->maker == INDEX_NONE || post->maker == link->app);
    return true;
}

/* Findings ask when the person's last event that wants an answer was; only threads that remember anything do. */
static void
remember(struct world *world, const struct event_post *post, uint64_t number)
{
    struct thread_extra *extra = post->thread != NULL ? post->thread->extra : NULL;

    if (extra == NULL || (post->event != EVENT_MESSAGE && post->event != EVENT_POSTBACK &&
                          post->event != EVENT_REFERRAL))
        return;
    extra->last_event = number;
    extra->last_event_at = world->now;
}

unsigned
event_send(struct world *world, struct page *page, const struct event_post *post)
{
    struct buf item = {0};
    unsigned count = 0;

    assert(post->due >= world->now);
    if (is_off_in_region(world, post) || is_kept_by_leads(world, post))
        return 0;
    page->event_count++;
    for (uint32_t i = 0; i < page->app_count; i++) {
        struct event_form form;
        const struct page_app *link = &page->apps[i];

        if (!form_for(world, page, link, post, &form))
            continue;
        buf_reset(&item);
        post->write(&item, &form, post->what);

        const struct event_row *row = &rows[post->event];
        uint32_t page_index = world_find_page(world, str_of(page->id));
        struct delivery *delivery =
            delivery_new(link->app, page_index, form.is_standby ? FIELD_STANDBY : row->field,
                         row->id, item.s, item.n);
        delivery->number = world->next_delivery++;
        delivery->thread_key = post->thread != NULL ? post->thread->psid : 0;
        remember(world, post, delivery->number);
        faults_push(world, post->due, delivery);
        count++;
    }
    buf_fini(&item);
    return count;
}

static void
write_text(struct buf *out, const struct event_form *form, const void *what)
{
    const struct str *text = what;

    (void)form;
    buf_str(out, *text);
}

void
event_queue(struct world *world, struct page *page, struct thread *thread, const char *event,
            struct str item, ms_t due, uint32_t only_app)
{
    enum event_id id = event_named(str_of(event));

    assert(id != EVENT_COUNT);
    struct event_post post = event_post_of(world, id, thread, write_text, &item);
    post.due = due;
    post.only_app = only_app;
    event_send(world, page, &post);
}

/* ---- what all builders share ---------------------------------------------------------------------------------------------- */

static void
put_id(struct buf *out, const char *key, const char *id)
{
    jw_key(out, key);
    jw_open(out, '{');
    jw_kv_text(out, "id", id);
    jw_close(out, '}');
}

/* Postbacks had the sender in front on 24 August 2016, behind on 1 September [observed]. */
#define SENDER_LAST_FROM CIVIL(2016, 9, 1)

void
event_open(struct buf *out, enum event_head head, ms_t as_of, const struct page *page,
           const struct thread *thread, ms_t at)
{
    bool is_sender_last =
        head == HEAD_TOLD && as_of >= SENDER_LAST_FROM && as_of < EVENT_ORDER_FROM;
    char psid[UINT64_SIZE];

    if (thread != NULL)
        format_uint64(psid, thread->psid);
    jw_open(out, '{');
    if (thread != NULL && !is_sender_last)
        put_id(out, "sender", psid);
    put_id(out, "recipient", page->id);
    if (at != MS_NEVER)
        jw_kv_int(out, "timestamp", at);
    if (thread != NULL && is_sender_last)
        put_id(out, "sender", psid);
}

void
event_put_change(struct buf *out, ms_t as_of, enum webhook_field field, struct str value_json)
{
    bool is_value_first = as_of >= EVENT_VALUE_FIRST_FROM;

    jw_open(out, '{');
    if (is_value_first)
        jw_kv_raw(out, "value", value_json);
    jw_kv_text(out, "field", webhook_field_name(field));
    if (!is_value_first)
        jw_kv_raw(out, "value", value_json);
    jw_close(out, '}');
}

void
event_put_mid(struct buf *out, const struct world *world, uint64_t number)
{
    char mid[MID_SIZE];

    world_mid(world, number, mid);
    jw_string(out, str_of(mid), JW_GRAPH);
}
