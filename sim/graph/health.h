/* health.h - how a page stands with people: how fast and how often it answers, who blocked or reported it, what enforcement has come to, and how well its sends used
 * the limits. Computed when asked, from what the world holds. */
#ifndef UNDERSTUDY_GRAPH_HEALTH_H
#define UNDERSTUDY_GRAPH_HEALTH_H

#include "graph/jwrite.h"
#include "world/world.h"

/* First answers of the last seven days (webhooks.md 4.10). */
struct page_health {
    uint32_t asked;          /* times that somebody began to wait for an answer */
    uint32_t answered;
    ms_t response_time;      /* mean of the first answers; MS_NEVER: none */
    unsigned response_rate;  /* percent; 100 when nobody asked */
    bool is_very_responsive;
    uint32_t people;         /* who have written to the page */
    uint32_t blocked, reported;
};

void page_health(const struct world *world, uint32_t page, struct page_health *health);

/* Objects: {"responsiveness":..}, {"state":"free|warned|restricted"..}, the oracle's figures. */
void health_json(struct buf *out, const struct world *world, uint32_t page);
void restriction_json(struct buf *out, struct world *world, uint32_t page);
void oracle_json(struct buf *out, struct world *world, uint32_t page);

#endif
