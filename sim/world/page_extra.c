#include "world/page_extra.h"

#include <stdlib.h>
#include <string.h>

#include "world/world.h"
#include "world/xalloc.h"

struct page_extra {
    struct {
        char *key, *text;
    } *items;
    unsigned count;
};

static unsigned
find(const struct page_extra *extra, const char *key)
{
    unsigned i = 0;

    while (i < extra->count && strcmp(extra->items[i].key, key) != 0)
        i++;
    return i;
}

const char *
page_text(const struct page *page, const char *key)
{
    if (page->extra == NULL)
        return NULL;
    unsigned i = find(page->extra, key);
    return i < page->extra->count ? page->extra->items[i].text : NULL;
}

static void
remove_item(struct page_extra *extra, unsigned i)
{
    free(extra->items[i].key);
    free(extra->items[i].text);
    memmove(&extra->items[i], &extra->items[i + 1], (--extra->count - i) * sizeof *extra->items);
}

void
page_set_text(struct page *page, const char *key, struct str text)
{
    if (page->extra == NULL)
        page->extra = xcalloc(1, sizeof *page->extra);
    struct page_extra *extra = page->extra;
    unsigned i = find(extra, key);

    if (text.s == NULL) {
        if (i < extra->count)
            remove_item(extra, i);
        return;
    }
    char *copy = xstrndup(text.s, text.n);
    if (i == extra->count) {
        extra->items = xrealloc(extra->items, (extra->count + 1) * sizeof *extra->items);
        extra->items[extra->count].key = xstrdup(key);
        extra->items[extra->count++].text = NULL;
    }
    free(extra->items[i].text);
    extra->items[i].text = copy;
}

const char *
page_text_key(const struct page *page, const char *prefix, unsigned n)
{
    for (unsigned i = 0; page->extra != NULL && i < page->extra->count; i++)
        if (strncmp(page->extra->items[i].key, prefix, strlen(prefix)) == 0 && n-- == 0)
            return page->extra->items[i].key;
    return NULL;
}

void
page_extra_free(struct page_extra *extra)
{
    if (extra == NULL)
        return;
    while (extra->count > 0)
        remove_item(extra, extra->count - 1);
    free(extra->items);
    free(extra);
}
