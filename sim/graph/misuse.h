/* misuse.h - whether a message says what it may not say: the content rules of misuse.def applied to what a person would read. */
#ifndef UNDERSTUDY_GRAPH_MISUSE_H
#define UNDERSTUDY_GRAPH_MISUSE_H

#include "core/policy.h"
#include "graph/json.h"

enum content_kind { KIND_PROMOTION = 1, KIND_COUPON = 2, KIND_SHOP = 4, KIND_SURVEY = 8, KIND_RECURRING = 16 };

/* What gave a content away. */
struct content_hit {
    enum content_kind kind;
    const char *phrase;   /* the row's; constant */
    const char *language; /* NULL for links; constant */
};

/* The kinds of content that a tag does not permit, or-ed; 0 when it permits all. */
unsigned content_forbidden(enum tag tag);

/* The first row of one of these kinds that the message (texts, titles, addresses) meets; false when none does. */
bool content_find(const struct jnode *message, unsigned kinds, struct arena *arena, struct content_hit *hit);
/* The same for one text. */
bool content_find_text(struct str text, unsigned kinds, struct arena *arena, struct content_hit *hit);

const char *content_kind_text(enum content_kind kind); /* "promotion" ... */

#endif
