/* fault_list.h - the faults of a world and what they hold back. For fault.c, and for people/faults.c, which shows them. */
#ifndef UNDERSTUDY_WORLD_FAULT_LIST_H
#define UNDERSTUDY_WORLD_FAULT_LIST_H

#include "world/fault.h"

/* A delivery that waits for the next one of its app and page. */
struct held {
    uint64_t number;
    enum fault_kind kind;      /* FAULT_BATCH or FAULT_REORDER */
    struct delivery *delivery; /* owned */
    unsigned events, events_wanted, events_an_entry;
};

struct world_faults {
    struct fault *list; /* owned; in the order they were set */
    unsigned count;
    struct held *held; /* owned */
    unsigned held_count;
    uint64_t next_held;
};

#endif
