/* GET /page_message_tags: the tags of the day, and what each is for. */
#include "core/calendar.h"
#include "core/policy.h"
#include "graph/handlers.h"

/* The three that ended together are of every row's era, so the date is asked here too. */
static bool
is_alive(const struct call *c, enum tag tag)
{
    const bool is_update = tag == TAG_CONFIRMED_EVENT_UPDATE || tag == TAG_POST_PURCHASE_UPDATE || tag == TAG_ACCOUNT_UPDATE;

    return span_has(era_row(tag_row(tag)->era)->span, c->as_of) && (!is_update || span_has(era_row(ERA_UPDATE_TAGS)->span, c->as_of));
}

/* The sentences are ours: what the platform says of each tag is known for few [inferred]. */
enum graph_err
message_tags_get(struct call *c)
{
    struct buf *out = &c->reply->body;

    buf_adds(out, "{\"data\":[");
    for (enum tag tag = TAG_UNKNOWN + 1; tag < TAG_COUNT; tag++) {
        if (!is_alive(c, tag))
            continue;
        jw_item(out);
        jw_open(out, '{');
        jw_kv_text(out, "tag", tag_row(tag)->name);
        jw_kv_text(out, "description", call_printf(c, "The tag %s is for messages of the kind that its name says, and never for promotion.", tag_row(tag)->name));
        jw_close(out, '}');
    }
    buf_adds(out, "]}");
    return ERR_NONE;
}
