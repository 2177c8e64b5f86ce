/* m.me links (webhooks.md 3.5): a small page that says whose thread opens, and what a test must do to be the person who followed the link. */
#include <string.h>

#include "graph/handlers.h"

#define REF_MAX 2083

static void
add_html(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        switch (text.s[i]) {
        case '<':
            buf_adds(out, "&lt;");
            break;
        case '>':
            buf_adds(out, "&gt;");
            break;
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '"':
            buf_adds(out, "&quot;");
            break;
        default:
            buf_char(out, text.s[i]);
        }
}

/* Letters, digits, '-', '_' and '=' [documented]; another ref is not passed on [inferred]. */
static struct str
ref_of(const struct call *c)
{
    struct str ref = call_text(c, "ref");

    if (ref.n > REF_MAX)
        return STR_NONE;
    for (size_t i = 0; i < ref.n; i++) {
        unsigned char b = (unsigned char)ref.s[i];

        if (!((b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '-' || b == '_' || b == '='))
            return STR_NONE;
    }
    return ref;
}

static void
write_act(struct buf *out, const struct page *page, struct str ref)
{
    jw_open(out, '{');
    jw_kv_text(out, "act", "m_me");
    jw_kv_text(out, "page", page->id);
    if (ref.n > 0)
        jw_kv_str(out, "ref", ref);
    jw_close(out, '}');
}

/* The link into the app, the name of the page, and the act to post to /_sim/worlds/{world}/acts with a `user` added. */
static void
write_page(struct call *c, const struct page *page, struct str ref)
{
    struct buf *out = &c->reply->body, act = { 0 };

    write_act(&act, page, ref);
    buf_adds(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    add_html(out, str_of(page->name));
    buf_printf(out, "</title>\n<meta property=\"al:android:url\" content=\"fb-messenger://user-thread/%s\">\n", page->id);
    buf_printf(out, "<link rel=\"canonical\" href=\"https://www.messenger.com/t/%s/", page->id);
    if (ref.n > 0) {
        buf_adds(out, "?ref=");
        add_html(out, ref);
    }
    buf_adds(out, "\">\n</head><body><h1>");
    add_html(out, str_of(page->name));
    buf_printf(out, "</h1>\n<form method=\"post\" action=\"/_sim/worlds/%s/acts\">", c->world->name);
    buf_adds(out, "<button>Send message</button></form>\n<script type=\"application/json\" id=\"act\">");
    buf_str(out, buf_view(&act));
    buf_adds(out, "</script>\n</body></html>\n");
    buf_fini(&act);
}

enum graph_err
m_me_get(struct call *c)
{
    uint32_t index = c->node_id.n > 0 ? world_find_page(c->world, c->node_id) : INDEX_NONE;

    c->reply->content_type = "text/html; charset=utf-8";
    call_saw(c, RULE_AUTH_OBJECT);
    if (index == INDEX_NONE || !c->world->pages[index]->messaging_is_on) {
        c->verdict.rule = RULE_AUTH_OBJECT;
        c->reply->status = 404;
        c->reply->is_error = true;
        buf_adds(&c->reply->body, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Not found</title></head><body>This content isn't available</body></html>\n");
        return ERR_NONE;
    }
    c->page_index = index;
    c->page = c->world->pages[index];
    write_page(c, c->page, ref_of(c));
    return ERR_NONE;
}
