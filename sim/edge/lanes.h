/* lanes.h - webhook posts that are due in a world whose clock runs: in each lane one is on the wire at a time, so that the events of a conversation keep their
 * order while others go on beside it. Conversations share lanes by their number. */
#ifndef UNDERSTUDY_EDGE_LANES_H
#define UNDERSTUDY_EDGE_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;
struct lanes;

/* Beside all lanes: posted at once, whatever else is on its way. */
#define LANE_NONE UINT32_MAX

struct lanes *lanes_new(void);
/* Frees the deliveries that wait in them too. */
void lanes_free(struct lanes **lanes);

/* Puts a delivery at the end of its lane. */
void lanes_push(struct lanes *lanes, struct delivery *delivery);

/* The next delivery that may go, and its lane, which is busy from now on; NULL when none may. */
struct delivery *lanes_take(struct lanes *lanes, uint32_t *lane);

/* The delivery that was taken from that lane has its outcome. */
void lanes_done(struct lanes *lanes, uint32_t lane);

/* How many wait. */
size_t lanes_waiting(const struct lanes *lanes);

#endif
