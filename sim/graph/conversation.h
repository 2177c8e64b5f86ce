/* conversation.h - a page's conversations and their messages, as they can be read back (webhooks.md 4.5). */
#ifndef UNDERSTUDY_GRAPH_CONVERSATION_H
#define UNDERSTUDY_GRAPH_CONVERSATION_H

#include "graph/api.h"

/* Details are shown of so many messages, the newest ones of each conversation [documented]. */
#define READABLE_MESSAGES 20

/* The messages of a thread that are shown, newest first, in the call's arena; postback bubbles and what was unsent are not. */
struct chat {
    struct thread *thread;
    const uint64_t *numbers;
    size_t count;
};
struct chat chat_of(struct call *call, struct thread *thread);

/* {"data":[...],"paging":..} of messages with the asked fields (STR_NONE: id and created_time), with limits as a selection gives them. */
enum graph_err chat_write(struct call *call, struct buf *out, const struct chat *chat, struct str selection);

/* {"name","email","id"} of the page or of the person. */
void write_party(struct buf *out, struct call *call, const struct thread *thread, bool is_page);

#endif
