/*
 * Memory that is there or the program is not: these never return NULL. A tool that runs out of
 * memory has nothing better to do than to stop, and pretending otherwise would double the paths to
 * test.
 */
#ifndef UNDERSTUDY_WORLD_XALLOC_H
#define UNDERSTUDY_WORLD_XALLOC_H

#include <stddef.h>

/* All give memory that free() takes back. Aborts when there is none. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
/* xcalloc for large tables whose places are asked for in no order: on large pages where the system has some, so that finding a page costs less than reading it. */
void *xcalloc_pages(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t size); /* exactly size bytes are copied, a NUL is added */

#endif
