/* feed.h - changes of a page's feed as webhooks show them (webhooks.md 2.21): one writer for all items and verbs, in the shape of the app's webhook version and of the
 * year. Keeps nothing; what the posts and comments are is the acts' business. */
#ifndef UNDERSTUDY_PEOPLE_FEED_H
#define UNDERSTUDY_PEOPLE_FEED_H

#include "people/act_in.h"

/* One change. Texts are borrowed; NULL, STR_NONE and false leave a key out. */
struct feed_change {
    const char *item, *verb;
    const char *post_id, *comment_id, *parent_id;
    struct str message, link, reaction;
    const char *attachment_key; /* photo or video, of a comment */
    struct str attachment;      /* its address */
    const json_t *photos;       /* addresses */
    bool is_published;
    bool is_by_page; /* not the act's person but the page itself */
    bool is_of_page; /* a like of the page: names nothing but the person */
    ms_t at;         /* when the thing was made; MS_NEVER: not told */
};
void feed_send(struct act *act, enum event_id event, const struct feed_change *change);

#endif
