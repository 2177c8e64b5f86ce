/* campaign.h - what the nodes of kind NODE_CAMPAIGN are, by their number `a`: the campaigns of paid marketing messages, and what broadcasts were made of. */
#ifndef UNDERSTUDY_GRAPH_CAMPAIGN_H
#define UNDERSTUDY_GRAPH_CAMPAIGN_H

#include "graph/api.h"

enum campaign_kind {
    CAMPAIGN_MARKETING, /* text: name, text2: ad account; made is when it may begin, until when it ends; b: 1 while paused */
    CAMPAIGN_CREATIVE,  /* text: the messages, JSON */
    CAMPAIGN_BROADCAST, /* b: how many it went to */
    CAMPAIGN_ESTIMATE   /* b: how many it would reach */
};

/* Of this kind and page; NULL when there is none. */
struct node *campaign_find(const struct call *call, enum campaign_kind kind, struct str id);

/* An edge that ended on a date is as unknown afterwards as one that never was [inferred]. */
enum graph_err check_edge_lives(struct call *call, ms_t from, ms_t until);

/* Refuses with PAGE-RESTRICTED while the page may not send. */
enum graph_err check_page_is_free(struct call *call, uint32_t page);

#endif
