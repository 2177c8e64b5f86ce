/* paging.h - lists as Graph pages them: limit, after, before; `paging` is left out when there is nothing, since clients loop until it is (clients that exist
 * crash on an empty `paging`). */
#ifndef UNDERSTUDY_GRAPH_PAGING_H
#define UNDERSTUDY_GRAPH_PAGING_H

#include "graph/api.h"

/* Writes item number i of the list; cursor numbers are positions. */
typedef enum graph_err page_item_fn(struct call *call, struct buf *out, size_t i, const void *list);

/* {"data":[...],"paging":{"cursors":{"before","after"},"next"?,"previous"?}} of `count` items. limit_default when the call names none; more than limit_max is cut. */
enum graph_err paging_write(struct call *call, size_t count, const void *list, page_item_fn *item, size_t limit_default, size_t limit_max);

#endif
