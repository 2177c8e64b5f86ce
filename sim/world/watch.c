#include "world/watch.h"

#include <stdlib.h>

#include "world/world.h"
#include "world/xalloc.h"

struct page_watch *
page_watch(struct page *page)
{
    if (page->watch == NULL) {
        page->watch = xcalloc(1, sizeof *page->watch);
        page->watch->stepped_at = page->watch->told_at = page->watch->regain_at = page->watch->polled_since = MS_NEVER;
        page->watch->counted_at = MS_NEVER;
    }
    return page->watch;
}

void
page_watch_free(struct page_watch *watch)
{
    if (watch == NULL)
        return;
    send_log_fini(&watch->sends);
    free(watch);
}
