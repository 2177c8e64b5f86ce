/* event_feed.h - changes of a page's feed as webhooks show them (webhooks.md 2.21): one writer for all items and verbs, in the shape of the app's webhook version and of the
 * year. Keeps nothing; what the posts and comments are is the business of acts and of calls. */
#ifndef UNDERSTUDY_GRAPH_EVENT_FEED_H
#define UNDERSTUDY_GRAPH_EVENT_FEED_H

#include "graph/event.h"

/* One change. Texts are borrowed; NULL, STR_NONE and false leave a key out. */
struct feed_change {
    struct page *page;
    struct thread *thread; /* who did it; NULL: the page itself */
    const char *item, *verb;
    const char *post_id, *comment_id, *parent_id;
    struct str message, link, reaction;
    const char *attachment_key; /* photo or video, of a comment */
    struct str attachment;      /* its address */
    struct str photos;          /* addresses, a JSON list */
    bool is_published;
    bool is_of_page; /* a like of the page: names nothing but the person */
    ms_t at;         /* when the thing was made; MS_NEVER: not told */
};
void event_feed(struct world *world, enum event_id event, const struct feed_change *change);

#endif
