#include "graph/paging.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* A cursor is opaque to clients: the position, eleven times six bits, lightly mixed so that nobody counts on it. */
#define CURSOR_LENGTH 11
#define CURSOR_MASK UINT64_C(0x5DEECE66D1234567)

static void
cursor_write(char out[CURSOR_LENGTH + 1], size_t position)
{
    uint64_t bits = (uint64_t)position ^ CURSOR_MASK;

    for (unsigned i = 0; i < CURSOR_LENGTH; i++, bits >>= 6)
        out[i] = alphabet[bits & 63];
    out[CURSOR_LENGTH] = '\0';
}

static bool
cursor_read(struct str text, size_t *position)
{
    uint64_t bits = 0;

    if (text.n != CURSOR_LENGTH)
        return false;
    for (unsigned i = CURSOR_LENGTH; i-- > 0;) {
        const char *place = text.s[i] != '\0' ? strchr(alphabet, text.s[i]) : NULL;

        if (place == NULL)
            return false;
        bits = bits << 6 | (uint64_t)(place - alphabet);
    }
    *position = (size_t)(bits ^ CURSOR_MASK);
    return true;
}

static void
write_link(struct call *c, struct buf *out, const char *key, const char *direction, const char *cursor, size_t limit)
{
    jw_kv_text(out, key, call_printf(c, "https://graph.facebook.com%.*s?limit=%zu&%s=%s", STR_ARG(c->req->path), limit, direction, cursor));
}

static void
write_paging(struct call *c, struct buf *out, size_t first, size_t end, size_t count, size_t limit)
{
    char before[CURSOR_LENGTH + 1], after[CURSOR_LENGTH + 1];

    cursor_write(before, first);
    cursor_write(after, end - 1);
    jw_key(out, "paging");
    jw_open(out, '{');
    jw_key(out, "cursors");
    jw_open(out, '{');
    jw_kv_text(out, "before", before);
    jw_kv_text(out, "after", after);
    jw_close(out, '}');
    if (end < count)
        write_link(c, out, "next", "after", after, limit);
    if (first > 0)
        write_link(c, out, "previous", "before", before, limit);
    jw_close(out, '}');
}

enum graph_err
paging_write(struct call *c, size_t count, const void *list, page_item_fn *item, size_t limit_default, size_t limit_max)
{
    struct buf *out = &c->reply->body;
    enum graph_err error = ERR_NONE;
    int64_t asked = (int64_t)limit_default;
    size_t first = 0, end, position;

    json_int64(call_param(c, "limit"), &asked);
    size_t limit = asked < 1 ? 1 : (size_t)asked > limit_max ? limit_max : (size_t)asked;
    end = count;
    if (cursor_read(call_text(c, "after"), &position))
        first = position + 1 < count ? position + 1 : count;
    else if (cursor_read(call_text(c, "before"), &position)) {
        end = position < count ? position : count;
        first = end > limit ? end - limit : 0;
    }
    if (end - first > limit)
        end = first + limit;

    jw_open(out, '{');
    jw_key(out, "data");
    jw_open(out, '[');
    for (size_t i = first; i < end && error == ERR_NONE; i++) {
        jw_item(out);
        error = item(c, out, i, list);
    }
    jw_close(out, ']');
    if (end > first)
        write_paging(c, out, first, end, count, limit);
    jw_close(out, '}');
    return error;
}
