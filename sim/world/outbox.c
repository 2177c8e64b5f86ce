#include "world/outbox.h"

#include <stdlib.h>

#include "world/delivery.h"
#include "world/xalloc.h"

void
outbox_fini(struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++)
        delivery_free(outbox->heap[i].delivery);
    free(outbox->heap);
    *outbox = (struct outbox){ 0 };
}

static bool
is_before(const struct outbox_item *a, const struct outbox_item *b)
{
    return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

static void
push(struct outbox *outbox, struct outbox_item item)
{
    if (outbox->count == outbox->room) {
        outbox->room = outbox->room == 0 ? 16 : outbox->room * 2;
        outbox->heap = xrealloc(outbox->heap, outbox->room * sizeof *outbox->heap);
    }
    item.seq = outbox->next_seq++;
    size_t i = outbox->count++;
    for (; i > 0 && is_before(&item, &outbox->heap[(i - 1) / 4]); i = (i - 1) / 4)
        outbox->heap[i] = outbox->heap[(i - 1) / 4];
    outbox->heap[i] = item;
}

void
outbox_push_delivery(struct outbox *outbox, ms_t due, struct delivery *delivery)
{
    push(outbox, (struct outbox_item){ .due = due, .delivery = delivery });
}

void
outbox_push_timer(struct outbox *outbox, ms_t due, timer_fn *fire, uint64_t a, uint64_t b)
{
    push(outbox, (struct outbox_item){ .due = due, .fire = fire, .a = a, .b = b });
}

ms_t
outbox_next_due(const struct outbox *outbox)
{
    return outbox->count > 0 ? outbox->heap[0].due : MS_ALWAYS;
}

bool
outbox_pop(struct outbox *outbox, ms_t now, struct outbox_item *item)
{
    if (outbox->count == 0 || outbox->heap[0].due > now)
        return false;
    *item = outbox->heap[0];

    struct outbox_item last = outbox->heap[--outbox->count];
    size_t i = 0;
    for (;;) {
        size_t least = i * 4 + 1;

        if (least >= outbox->count)
            break;
        for (size_t child = least + 1; child < outbox->count && child < i * 4 + 5; child++)
            if (is_before(&outbox->heap[child], &outbox->heap[least]))
                least = child;
        if (!is_before(&outbox->heap[least], &last))
            break;
        outbox->heap[i] = outbox->heap[least];
        i = least;
    }
    if (outbox->count > 0)
        outbox->heap[i] = last;
    return true;
}
