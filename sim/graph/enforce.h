/* enforce.h - what becomes of a page that misuses tags or is blocked by many: a warning, then a day of restriction, then two, and so on; each with its
 * messaging_policy_enforcement event, and released on time. The ladder is Meta's (business guides, row 14); how misuse is noticed and how much of it is too much
 * are ours [inferred], and both are limits that a world sets or switches off: LIM-TAG-MISUSE, LIM-BLOCKS. */
#ifndef UNDERSTUDY_GRAPH_ENFORCE_H
#define UNDERSTUDY_GRAPH_ENFORCE_H

#include "world/world.h"

/* A tagged message was found to be misuse. */
void enforce_misuse(struct world *world, uint32_t page);
/* A person blocked or reported the page. */
void enforce_block(struct world *world, struct thread *thread);

/* Restricts the page until an instant (MS_ALWAYS: until lifted), tells it, and releases it on time. */
void enforce_restrict(struct world *world, uint32_t page, ms_t until, struct str reason);

#endif
