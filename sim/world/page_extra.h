/* page_extra.h - texts that few pages have, by key: profile properties, settings of rare families. A text is JSON, opaque here. */
#ifndef UNDERSTUDY_WORLD_PAGE_EXTRA_H
#define UNDERSTUDY_WORLD_PAGE_EXTRA_H

#include "core/str.h"

struct page;
struct page_extra;

/* The text of a key, NULL when it is not set. Borrowed until it is set again. */
const char *page_text(const struct page *page, const char *key);
/* Sets it (a copy is taken); text STR_NONE removes it. */
void page_set_text(struct page *page, const char *key, struct str text);
/* Walks the keys that begin with prefix: the n-th one, NULL past the last. */
const char *page_text_key(const struct page *page, const char *prefix, unsigned n);

void page_extra_free(struct page_extra *extra); /* NULL is fine */

#endif
