#include "world/xalloc.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *
there(void *memory, size_t size)
{
    if (memory == NULL) {
        fprintf(stderr, "understudy: out of memory (%zu bytes)\n", size);
        abort();
    }
    return memory;
}

void *
xmalloc(size_t size)
{
    return there(malloc(size > 0 ? size : 1), size > 0 ? size : 1);
}

void *
xcalloc(size_t count, size_t size)
{
    bool something = count > 0 && size > 0;

    return there(calloc(something ? count : 1, something ? size : 1), size);
}

#define LARGE_PAGE ((size_t)2 << 20)

void *
xcalloc_pages(size_t count, size_t size)
{
    size_t bytes = count * size;

    if (bytes < LARGE_PAGE || bytes % LARGE_PAGE != 0)
        return xcalloc(count, size);
    void *memory = there(aligned_alloc(LARGE_PAGE, bytes), bytes);
#ifdef MADV_HUGEPAGE
    madvise(memory, bytes, MADV_HUGEPAGE); /* a wish; without it, it is only slower */
#endif
    return memset(memory, 0, bytes);
}

void *
xrealloc(void *old, size_t size)
{
    return there(realloc(old, size > 0 ? size : 1), size > 0 ? size : 1);
}

char *
xstrndup(const char *text, size_t size)
{
    char *copy = xmalloc(size + 1);

    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *
xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}
