#include "graph/conventions.h"

#include <stdio.h>
#include <string.h>

#include "core/date_format.h"
#include "core/datetime.h"

/* From this version on pretty, debug and ETags are gone, and date_format is refused [documented: send.md 8]. */
#define CONVENTIONS_UNTIL 2600

bool
conventions_options(struct call *c)
{
    if (c->method != METHOD_OPTIONS)
        return false;
    c->version = version_serving(c->version_asked, c->now);
    reply_header(c->reply, "Access-Control-Allow-Origin", "*");
    reply_header(c->reply, "Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"); /* [inferred] */
    reply_header(c->reply, "Allow", "GET, HEAD, POST, DELETE, OPTIONS");
    return true;
}

/* ---- dates ---------------------------------------------------------------------------------------------------------------------------- */

#define DATE_MAX 256 /* longer ones are cut [inferred] */

/* The text of the refusal is not known [inferred]. */
enum graph_err
conventions_check(struct call *c)
{
    if (c->version < CONVENTIONS_UNTIL || call_param(c, "date_format") == NULL)
        return ERR_NONE;
    return call_fail(c, RULE_FORM_KEYS, ERR_INVALID_PARAMETER, NULL);
}

void
conventions_time(struct call *c, struct buf *out, const char *key, ms_t at)
{
    struct str format = call_text(c, "date_format");
    char text[DATE_MAX];

    if (format.n == 0) {
        datetime_graph(text, at);
        jw_kv_text(out, key, text);
        return;
    }
    struct str date = { text, date_format(text, sizeof text, at, format) };
    if (date.n > 0 && date.n < 19 && strspn(text, "0123456789") == date.n && (text[0] != '0' || date.n == 1))
        jw_kv_raw(out, key, date);
    else
        jw_kv_str(out, key, date);
}

/* ---- pretty --------------------------------------------------------------------------------------------------------------------------- */

static void
line_break(struct buf *out, unsigned depth)
{
    buf_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buf_adds(out, "   ");
}

/* One string, quotes included; gives what lies behind it. */
static size_t
copy_string(struct buf *out, struct str json, size_t i)
{
    size_t start = i++;

    for (; i < json.n && json.s[i] != '"'; i++)
        i += json.s[i] == '\\';
    i = i < json.n ? i + 1 : json.n;
    buf_add(out, json.s + start, i - start);
    return i;
}

/* JSON text spread over lines, as `pretty` has it. */
static void
json_pretty(struct buf *out, struct str json)
{
    unsigned depth = 0;

    for (size_t i = 0; i < json.n;) {
        char b = json.s[i];

        if (b == '"') {
            i = copy_string(out, json, i);
            continue;
        }
        i++;
        if ((b == '{' || b == '[') && i < json.n && (json.s[i] == '}' || json.s[i] == ']')) {
            buf_char(out, b);
            buf_char(out, json.s[i++]);
        } else if (b == '{' || b == '[') {
            buf_char(out, b);
            line_break(out, ++depth);
        } else if (b == '}' || b == ']') {
            line_break(out, depth > 0 ? --depth : 0);
            buf_char(out, b);
        } else if (b == ',') {
            buf_char(out, b);
            line_break(out, depth);
        } else {
            buf_adds(out, b == ':' ? ": " : (char[]){ b, '\0' });
        }
    }
}

/* ---- the finish ------------------------------------------------------------------------------------------------------------------------- */

static bool
is_asked(const struct call *c, const char *name)
{
    bool truth = false;

    return json_bool(call_param(c, name), &truth) && truth;
}

static bool
is_json(const struct buf *body)
{
    return body->n >= 2 && (body->s[0] == '{' || body->s[0] == '[');
}

static void
make_pretty(struct buf *body)
{
    struct buf pretty = { 0 };

    json_pretty(&pretty, buf_view(body));
    buf_reset(body);
    buf_str(body, buf_view(&pretty));
    buf_fini(&pretty);
}

/* debug=all|info|warning: a key with what there is to warn of, which is nothing [inferred]. */
static void
add_debug(struct buf *body)
{
    if (body->s[0] != '{' || body->s[body->n - 1] != '}')
        return;
    body->n--;
    jw_key(body, "__debug__");
    buf_adds(body, "{}}");
}

static void
tag_reply(struct call *c)
{
    struct reply *r = c->reply;
    uint64_t one = hash_bytes(r->body.s, r->body.n), two = mix64(one, r->body.n);

    snprintf(r->etag, sizeof r->etag, "\"%016llx%016llx\"", (unsigned long long)one, (unsigned long long)two);
    if (!str_eq(c->req->if_none_match, str_of(r->etag)))
        return;
    r->status = 304;
    buf_reset(&r->body);
}

void
conventions_finish(struct call *c)
{
    struct reply *r = c->reply;

    if (c->version >= CONVENTIONS_UNTIL || !is_json(&r->body))
        return;
    if (call_text(c, "debug").n > 0 && c->credential != NULL)
        add_debug(&r->body);
    if (c->method == METHOD_GET && r->status == 200)
        tag_reply(c);
}

void
conventions_layout(struct call *c)
{
    if (c->version < CONVENTIONS_UNTIL && is_json(&c->reply->body) && is_asked(c, "pretty"))
        make_pretty(&c->reply->body);
}
