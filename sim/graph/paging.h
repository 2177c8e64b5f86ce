/* paging.h - lists as Graph pages them: limit, after, before; `paging` is left out when there is nothing, since clients loop until it is (clients that exist
 * crash on an empty `paging`). */
#ifndef UNDERSTUDY_GRAPH_PAGING_H
#define UNDERSTUDY_GRAPH_PAGING_H

#include "graph/api.h"

/* Writes item number i of the list; cursor numbers are positions. */
typedef enum graph_err page_item_fn(struct call *call, struct buf *out, size_t i, const void *list);

/* {"data":[...],"paging":{"cursors":{"before","after"},"next"?,"previous"?}} of `count` items. limit_default when the call names none; more than limit_max is cut. */
enum graph_err paging_write(struct call *call, size_t count, const void *list, page_item_fn *item, size_t limit_default, size_t limit_max);

/* Which part of a list, and where the list can be had by itself: for a list inside another object. */
struct paging_ask {
    struct str limit, after, before, fields; /* as asked; STR_NONE */
    const char *path;                        /* "ID/edge", for the links */
    size_t limit_default, limit_max;
    bool has_filters;                        /* the links repeat the other parameters of the call, since they are the list's */
};
/* The same into any buffer. */
enum graph_err paging_write_part(struct call *call, struct buf *out, size_t count, const void *list, page_item_fn *item, const struct paging_ask *ask);

#endif
