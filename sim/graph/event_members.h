/* event_members.h - the members of a `message` object, as text (`"text":"hi","attachments":[..]`): looked through without reading them anew. They are what this program wrote,
 * so their JSON is sound and has no white space. */
#ifndef UNDERSTUDY_GRAPH_EVENT_MEMBERS_H
#define UNDERSTUDY_GRAPH_EVENT_MEMBERS_H

#include "graph/jwrite.h"

/* Takes the first member (`"key":value`) off the front; empty at the end. */
struct str members_take(struct str *members);
/* Whether a member has this key. */
bool member_is(struct str member, const char *key);
/* Appends those members (true) or all but those (false) whose key is in the list, which ends with NULL. */
void members_put(struct buf *out, struct str members, const char *const *keys, bool is_listed);

#endif
