#include "graph/paging.h"

#include <string.h>

#include "graph/node.h"
#include "world/sixes.h"

/* A cursor is opaque to clients: the position, lightly mixed so that nobody counts on it. */
#define CURSOR_LENGTH SIXES_NUMBER
#define CURSOR_MASK UINT64_C(0x5DEECE66D1234567)

static void
cursor_write(char out[CURSOR_LENGTH + 1], size_t position)
{
    *sixes_put(out, (uint64_t)position ^ CURSOR_MASK, CURSOR_LENGTH) = '\0';
}

static bool
cursor_read(struct str text, size_t *position)
{
    uint64_t bits;

    if (text.n != CURSOR_LENGTH || !sixes_read(text.s, &bits))
        return false;
    *position = (size_t)(bits ^ CURSOR_MASK);
    return true;
}

#define KEY_MAX 64

/* A list or object as JSON text. */
static struct str
compact(struct call *c, const struct jnode *value)
{
    struct buf json = { 0 };

    jw_node(&json, value, JW_OURS);
    struct str text = { arena_strndup(c->arena, json.s, json.n), json.n };
    buf_fini(&json);
    return text;
}

/* Percent-encoded, as a value of a query. */
static const char *
encoded(struct call *c, struct str text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(c->arena, text.n * 3 + 1), *at = out;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char b = (unsigned char)text.s[i];

        if ((b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || strchr("-_.~", b) != NULL) {
            *at++ = (char)b;
        } else {
            *at++ = '%';
            *at++ = hex[b >> 4];
            *at++ = hex[b & 15];
        }
    }
    *at = '\0';
    return out;
}

/* What a link says by itself, or what belongs to one call only. */
static bool
is_left_out(struct str key)
{
    static const char *const names[] = { "access_token", "appsecret_proof", "fields", "limit", "after", "before", "method", "ids", "batch", "include_headers" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(key, str_of(names[i])))
            return true;
    return false;
}

/* Whatever else the list was asked with: the next part is one of the same list. */
static void
add_filters(struct call *c, struct buf *link)
{
    for (unsigned i = 0; i < c->params->n; i++) {
        const struct param *p = &c->params->at[i];
        struct str text = json_text(p->value);

        if (is_left_out(p->key) || p->key.n > KEY_MAX)
            continue;
        if (text.s == NULL && p->value != NULL && p->value->type != J_NULL)
            text = compact(c, p->value);
        if (text.s != NULL && params_get(c->params, arena_strndup(c->arena, p->key.s, p->key.n)) == p->value)
            buf_printf(link, "&%s=%s", encoded(c, p->key), encoded(c, text));
    }
}

/* The link carries the token and the fields, as the platform's does: clients follow it as it is. (record.c masks the token.) */
static void
write_link(struct call *c, struct buf *out, const char *key, const char *direction, const char *cursor, const struct paging_ask *ask, size_t limit)
{
    struct buf link = { 0 };

    buf_printf(&link, "https://graph.facebook.com/v%d.%d/%s?access_token=%s", c->version / 100, c->version % 100, ask->path, encoded(c, c->token));
    if (ask->fields.n > 0)
        buf_printf(&link, "&fields=%s", encoded(c, ask->fields));
    if (ask->has_filters)
        add_filters(c, &link);
    buf_printf(&link, "&limit=%zu&%s=%s", limit, direction, cursor);
    jw_kv_str(out, key, buf_view(&link));
    buf_fini(&link);
}

struct part {
    size_t first, end, limit;
};

static void
write_paging(struct call *c, struct buf *out, const struct part *part, size_t count, const struct paging_ask *ask)
{
    char before[CURSOR_LENGTH + 1], after[CURSOR_LENGTH + 1];

    cursor_write(before, part->first);
    cursor_write(after, part->end - 1);
    jw_key(out, "paging");
    jw_open(out, '{');
    jw_key(out, "cursors");
    jw_open(out, '{');
    jw_kv_text(out, "before", before);
    jw_kv_text(out, "after", after);
    jw_close(out, '}');
    if (part->end < count)
        write_link(c, out, "next", "after", after, ask, part->limit);
    if (part->first > 0)
        write_link(c, out, "previous", "before", before, ask, part->limit);
    jw_close(out, '}');
}

static struct part
part_of(const struct paging_ask *ask, size_t count)
{
    const uint64_t asked = digits_read(ask->limit.s, ask->limit.n);
    const bool is_none = str_eq_lit(ask->limit, "0"); /* what clients ask for who only want to know that the edge is there [inferred] */
    struct part part = { 0, count, asked == 0 ? ask->limit_default : asked > ask->limit_max ? ask->limit_max : (size_t)asked };
    size_t position;

    if (cursor_read(ask->after, &position)) {
        part.first = position < count ? position + 1 : count;
    } else if (cursor_read(ask->before, &position)) {
        part.end = position < count ? position : count;
        part.first = part.end > part.limit ? part.end - part.limit : 0;
    }
    if (is_none)
        part.end = part.first;
    else if (part.end - part.first > part.limit)
        part.end = part.first + part.limit;
    return part;
}

enum graph_err
paging_write_part(struct call *c, struct buf *out, size_t count, const void *list, page_item_fn *item, const struct paging_ask *ask)
{
    const struct part part = part_of(ask, count);
    enum graph_err error = ERR_NONE;

    jw_open(out, '{');
    jw_key(out, "data");
    jw_open(out, '[');
    for (size_t i = part.first; i < part.end && error == ERR_NONE; i++) {
        jw_item(out);
        error = item(c, out, i, list);
    }
    jw_close(out, ']');
    if (part.end > part.first)
        write_paging(c, out, &part, count, ask);
    jw_close(out, '}');
    return error;
}

/* The id of the object in the path: what `me` stands for. */
static const char *
object_id(struct call *c)
{
    if (c->object == OBJECT_PAGE)
        return c->page->id;
    return arena_strndup(c->arena, c->node_id.s != NULL ? c->node_id.s : "", c->node_id.n);
}

/* A list of names is the same between commas. */
static struct str
fields_text(struct call *c)
{
    struct buf list = { 0 };
    struct names names;
    struct str name;

    if (!jnode_is_array(call_param(c, "fields")))
        return call_text(c, "fields");
    for (names_open(&names, call_param(c, "fields")); names_next(&names, &name);) {
        buf_adds(&list, list.n > 0 ? "," : "");
        buf_str(&list, name);
    }
    struct str text = { arena_strndup(c->arena, list.n > 0 ? list.s : "", list.n), list.n };
    buf_fini(&list);
    return text;
}

enum graph_err
paging_write(struct call *c, size_t count, const void *list, page_item_fn *item, size_t limit_default, size_t limit_max)
{
    const struct paging_ask ask = {
        .limit = call_text(c, "limit"), .after = call_text(c, "after"), .before = call_text(c, "before"), .fields = fields_text(c),
        .has_filters = true,
        .path = c->object == OBJECT_WORD ? call_printf(c, "%.*s", STR_ARG(c->edge)) : call_printf(c, "%s/%.*s", object_id(c), STR_ARG(c->edge)), .limit_default = limit_default, .limit_max = limit_max,
    };

    return paging_write_part(c, &c->reply->body, count, list, item, &ask);
}
