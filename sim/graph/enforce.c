#include "graph/enforce.h"

#include <stdio.h>

#include "core/datetime.h"
#include "graph/event.h"
#include "graph/note.h"
#include "world/limits.h"
#include "world/watch.h"

/* Nobody climbs a step sooner than this after a warning: there must be time to read it [inferred]. */
#define GRACE HOUR
/* After so long without a step all is forgotten [inferred]. */
#define FORGIVEN_AFTER (90 * DAY)
/* Blocks count for much only when they are more than a few of the people, in percent [inferred]. */
#define BLOCKS_PERCENT 5

/* a: page, b: the instant that was set; another restriction since then has its own timer. */
static void
release(struct world *world, const struct outbox_item *item)
{
    struct page *page = world->pages[item->a];

    if ((uint64_t)page->restricted_until != item->b)
        return;
    page->restricted_until = MS_NEVER;
    event_policy(world, page, "unblock", STR_NONE);
}

void
enforce_restrict(struct world *world, uint32_t page, ms_t until, struct str reason)
{
    world->pages[page]->restricted_until = until;
    event_policy(world, world->pages[page], "block", reason);
    if (until > world->now && until < MS_ALWAYS)
        outbox_push_timer(&world->outbox, until, release, page, (uint64_t)until);
}

static void
step(struct world *world, uint32_t page, const char *reason)
{
    struct page_watch *watch = page_watch(world->pages[page]);
    char detail[160];

    if (watch->stepped_at != MS_NEVER && world->now - watch->stepped_at >= FORGIVEN_AFTER)
        watch->level = 0;
    watch->level++;
    watch->stepped_at = world->now;
    if (watch->level == 1) {
        snprintf(detail, sizeof detail, "warned: %s", reason);
        event_policy(world, world->pages[page], "warning", str_of(reason));
    } else {
        unsigned days = watch->level - 1;

        snprintf(detail, sizeof detail, "restricted for %u day%s: %s", days, days == 1 ? "" : "s", reason);
        enforce_restrict(world, page, world->now + (ms_t)days * DAY, str_of(reason));
    }
    note_finding(world, "enforcement", RULE_FND_ENFORCED, page, NULL, detail);
}

static bool
may_step(struct world *world, uint32_t page)
{
    const struct page_watch *watch = page_watch(world->pages[page]);

    return world->now >= world->pages[page]->restricted_until && (watch->level != 1 || world->now - watch->stepped_at >= GRACE);
}

/* Counts one more; whether the mark is passed. */
static bool
count(struct world *world, enum limit_id limit, unsigned class, uint32_t page)
{
    struct limit_ask ask = { .classes = class, .page = page };

    if (!limit_is_on(world, limit))
        return false;
    ask.keys[KEY_PAGE] = limit_key_of(page);
    limits_charge(world, &ask, true);
    struct limit_state state = limit_state(world, limit, limit_key_of(page), page);
    return state.used > state.max;
}

void
enforce_misuse(struct world *world, uint32_t page)
{
    if (count(world, LIMIT_TAG_MISUSE, CLASS_MISUSE, page) && may_step(world, page))
        step(world, page, "Message tags were used for content they do not permit.");
}

/* People of the page who blocked or reported it. */
static uint32_t
count_against(const struct world *world, uint32_t page)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < world->thread_count; i++) {
        const struct thread *t = world_thread(world, i);

        n += t->page == page && (t->flags & (THREAD_BLOCKED | THREAD_REPORTED)) != 0;
    }
    return n;
}

/* A person counts once in a window, however often they block and unblock. */
static bool
was_counted(struct world *world, struct thread *thread)
{
    struct thread_extra *extra = thread_extra(thread);

    if (within_ms(extra->against_at, limit_state(world, LIMIT_BLOCKS, limit_key_of(thread->page), thread->page).window, world->now))
        return true;
    extra->against_at = world->now;
    return false;
}

void
enforce_block(struct world *world, struct thread *thread)
{
    uint32_t page = thread->page;
    const struct page *p = world->pages[page];

    if (was_counted(world, thread) || !count(world, LIMIT_BLOCKS, CLASS_BLOCK, page) || !may_step(world, page))
        return;
    struct page_watch *watch = page_watch(world->pages[page]);
    if (within_ms(watch->counted_at, HOUR, world->now)) /* there may be millions of people */
        return;
    watch->counted_at = world->now;
    if ((uint64_t)count_against(world, page) * 100 >= (uint64_t)p->thread_count * BLOCKS_PERCENT)
        step(world, page, "Too many people blocked or reported the Page.");
}
