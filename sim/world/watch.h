/* watch.h - what is remembered of a page's conduct: how far it has come on the ladder of enforcement, and what it was told of its usage. Numbers only. */
#ifndef UNDERSTUDY_WORLD_WATCH_H
#define UNDERSTUDY_WORLD_WATCH_H

#include "core/span.h"
#include "world/send_log.h"

struct page;

struct page_watch {
    unsigned level;        /* 0: nothing yet, 1: warned, n: restricted for n - 1 days */
    ms_t stepped_at;       /* the last step; MS_NEVER */
    ms_t told_at;          /* the last refusal that said when to come back; MS_NEVER */
    ms_t regain_at;        /* what it said */
    ms_t polled_since;     /* conversations were listed since then; MS_NEVER */
    unsigned polled;       /* so many times */
    ms_t counted_at;       /* people who blocked the page were counted; MS_NEVER */
    struct send_log sends;
    unsigned noted;        /* bits of what was looked for and found to be well (graph/conduct.c) */
};

/* Makes it when needed; owned by the page. */
struct page_watch *page_watch(struct page *page);
void page_watch_free(struct page_watch *watch); /* NULL is fine */

#endif
