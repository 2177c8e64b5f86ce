/* page_token.h - the token that an app has for a page: the living one, or a new one. */
#ifndef UNDERSTUDY_GRAPH_PAGE_TOKEN_H
#define UNDERSTUDY_GRAPH_PAGE_TOKEN_H

#include "world/world.h"

/* Never NULL: one that lives and carries these permissions, made when there is none. */
struct credential *page_token(struct world *world, uint32_t app, uint32_t page, unsigned permissions);

#endif
