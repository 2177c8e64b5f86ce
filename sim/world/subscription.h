/* subscription.h - how long a webhook that fails is tried, and when the platform loses patience (webhooks.md 1.6). Instants in, instants out; what is
 * written down about it and who posts is not its business. */
#ifndef UNDERSTUDY_WORLD_SUBSCRIPTION_H
#define UNDERSTUDY_WORLD_SUBSCRIPTION_H

#include "world/world.h"

struct delivery;

/* What the platform bears of a receiver, and how the journal words the end of it (constants). */
struct patience {
    ms_t until;      /* the first day on which it was different */
    ms_t answer_ms;  /* 200 comes within this time, or the post has failed */
    ms_t alert_ms;   /* of failing, and the developer is alerted */
    ms_t disable_ms; /* of failing, and the app is unsubscribed from the page */
    const char *no_answer, *failing, *disabled, *lost;
};
/* 5 s and an hour [documented]; until about 2020 20 s [documented then] and eight hours [observed: wording of that time; the day inferred]. */
const struct patience *subscription_patience(ms_t policy_date);

/* When a delivery is posted again after its attempt number `attempt` (from 1) failed at `now`; never before now. MS_NEVER: no more attempts. At once first, then a
 * few more times within the hour, then every hour; the exact spacing is not public [inferred]. */
ms_t subscription_retry_at(unsigned attempt, ms_t first_attempt, ms_t now, const struct patience *patience);

/* Notes a failure; true when it is the first one since the last success (then failing_since is now). */
bool subscription_failed(struct subscription *subscription, ms_t now);
/* Notes a success; true when it had been failing. */
bool subscription_healed(struct subscription *subscription);

/* Takes deliveries of an app out of the outbox, in order, those of one page or of all (INDEX_NONE). each: takes ownership. Returns how many. */
size_t subscription_take_waiting(struct world *world, uint32_t app, uint32_t page,
                                 void (*each)(struct world *world, struct delivery *delivery));
/* Whether a delivery of that app to that page has failed and waits for another attempt. */
bool subscription_is_retrying(const struct world *world, uint32_t app, uint32_t page);

#endif
