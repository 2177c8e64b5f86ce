/* labels.h - whom a label is on. A label is a node: text is its name, text2 the PSIDs between commas, ",1,2,". Calls of the page and acts of its staff write it here. */
#ifndef UNDERSTUDY_GRAPH_LABELS_H
#define UNDERSTUDY_GRAPH_LABELS_H

#include "world/world.h"

/* Puts a label on a conversation of its page, or takes it off, and tells the apps. False when it is so already. */
bool label_mark(struct world *world, struct node *label, struct thread *thread, bool is_on);

#endif
