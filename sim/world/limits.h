/* limits.h - the counters behind the platform's limits, one set a world. Knows arithmetic only: what a limit is called and which error it gives is in
 * core/limits.def. */
#ifndef UNDERSTUDY_WORLD_LIMITS_H
#define UNDERSTUDY_WORLD_LIMITS_H

struct world_limits;

void limits_free(struct world_limits *limits); /* NULL is fine */

#endif
