#include "world/delivery.h"

#include <stdlib.h>

#include "world/xalloc.h"

struct delivery *
delivery_new(uint32_t app, uint32_t page, enum webhook_field field, const char *event, const char *items, size_t items_n)
{
    struct delivery *d = xcalloc(1, sizeof *d);

    d->app = app;
    d->page = page;
    d->field = field;
    d->event = event;
    d->first_attempt = MS_NEVER;
    d->again_after = MS_NEVER;
    d->items = xstrndup(items, items_n);
    d->items_n = items_n;
    return d;
}

void
delivery_free(struct delivery *d)
{
    if (d == NULL)
        return;
    free(d->items);
    free(d->body);
    free(d);
}
