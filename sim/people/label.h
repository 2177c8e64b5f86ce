/* label.h - labels that the inbox or the platform itself puts on conversations (webhooks.md 2.22); the Graph API has its own way to the same nodes (graph/labels.c). */
#ifndef UNDERSTUDY_PEOPLE_LABEL_H
#define UNDERSTUDY_PEOPLE_LABEL_H

#include "world/world.h"

/* Puts the label of that name or id on a conversation, or takes it off, and tells the apps. It is made when there is none. NULL when it is so already. */
struct node *label_set(struct world *world, struct thread *thread, struct str name, bool is_on);

#endif
