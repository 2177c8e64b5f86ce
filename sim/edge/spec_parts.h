/* spec_parts.h - the lists of a world's spec, one element at a time. Only for spec.c. */
#ifndef UNDERSTUDY_EDGE_SPEC_PARTS_H
#define UNDERSTUDY_EDGE_SPEC_PARTS_H

#include "edge/spec.h"
#include "edge/spec_read.h"

/* A world in the making. */
struct making {
    struct world *world;
    struct problem *problem; /* borrowed */
    size_t index;            /* of the element being read */
    char **page_tokens;      /* owned; given tokens of pages, NULL entries: seeded */
    size_t page_token_count;
};

void spec_making_fini(struct making *making);

/* Each reads an element and adds it; `into` is the making. */
member_reader spec_make_app, spec_make_page, spec_make_token, spec_make_user;
/* After all pages, so that credentials come in order: apps', pages', others. */
void spec_make_page_tokens(struct making *making);
bool spec_make_urls(struct making *making, const json_t *urls);
bool spec_make_limits(struct making *making, const json_t *limits);
bool spec_make_webhook(struct making *making, const json_t *webhook);

#endif
