/* subscription.h - how long a webhook that fails is tried, and when the platform loses patience (webhooks.md 1.6). Instants in, instants out; what is
 * written down about it and who posts is not its business. */
#ifndef UNDERSTUDY_WORLD_SUBSCRIPTION_H
#define UNDERSTUDY_WORLD_SUBSCRIPTION_H

#include "world/world.h"

struct delivery;

/* The receiver answers 200 within this time, or the post has failed [documented]. */
#define WEBHOOK_ANSWER_MS (5 * SECOND)
/* After so long a time of failing the developer is alerted, and the app is unsubscribed from the page [documented]. */
#define WEBHOOK_ALERT_MS (15 * MINUTE)
/* How long the platform is patient before it unsubscribes: an hour [documented]; eight hours of failing until about 2020 [observed: wording of that time; the day inferred]. */
ms_t subscription_patience(ms_t policy_date);

/* When a delivery is posted again after its attempt number `attempt` (from 1) failed at `now`; never before now. MS_NEVER: no more attempts. At once first, then a
 * few more times within the hour, then every hour; the exact spacing is not public [inferred]. */
ms_t subscription_retry_at(unsigned attempt, ms_t first_attempt, ms_t now, ms_t patience);

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
