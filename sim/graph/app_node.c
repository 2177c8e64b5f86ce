#include "graph/app_node.h"

#include "graph/node.h"
#include "graph/webhook_fields.h"

/* What the writers are given. */
struct shown {
    const struct app *app;
    const struct page_app *on;
};

static void
write_category(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_text(out, key, "Business");
}

static void
write_link(struct buf *out, struct call *c, const void *object, const char *key)
{
    jw_kv_text(out, key, call_printf(c, "https://www.facebook.com/games/?app_id=%s", ((const struct shown *)object)->app->id));
}

static void
write_name(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct shown *)object)->app->name);
}

static void
write_id(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct shown *)object)->app->id);
}

static void
write_fields(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct page_app *on = ((const struct shown *)object)->on;

    (void)c;
    jw_key(out, key);
    jw_open(out, '[');
    for (unsigned f = 0; f < FIELD_COUNT; f++)
        if (on->fields & FIELD_BIT(f)) {
            jw_item(out);
            jw_string(out, str_of(webhook_field_name((enum webhook_field)f)), JW_GRAPH);
        }
    jw_close(out, ']');
}

/* subscribed_fields comes last, where the app alone has none. */
static const struct node_field fields[] = {
    { "category", write_category, true, 0 }, { "link", write_link, true, 0 }, { "name", write_name, true, 0 },
    { "id", write_id, true, 0 },             { "subscribed_fields", write_fields, true, 0 },
};

enum graph_err
app_write(struct call *c, struct buf *out, const struct app *app, const struct page_app *on)
{
    const struct shown shown = { app, on };

    return node_write(c, out, fields, sizeof fields / sizeof *fields - (on == NULL), &shown, call_param(c, "fields"), false);
}
