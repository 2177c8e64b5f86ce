/* message_template.h - the utility templates of a page (send.md 9.2). A template is a node: text is its JSON ({"name","language","category","parameter_format",
 * "components":[...]}), a its status, made and next when it was made and last changed. Sends look them up here. */
#ifndef UNDERSTUDY_GRAPH_MESSAGE_TEMPLATE_H
#define UNDERSTUDY_GRAPH_MESSAGE_TEMPLATE_H

#include "graph/api.h"

enum template_status {
    TEMPLATE_APPROVED, TEMPLATE_REJECTED, TEMPLATE_PENDING, TEMPLATE_PAUSED, TEMPLATE_DISABLED, TEMPLATE_ARCHIVED, TEMPLATE_IN_APPEAL,
    TEMPLATE_LIMIT_EXCEEDED, TEMPLATE_PENDING_DELETION, TEMPLATE_DELETED, TEMPLATE_STATUS_COUNT
};

/* By page, name and language ("en_US"; STR_NONE: any, the first one); NULL when there is none. Of any status. */
struct node *message_template_find(const struct world *world, uint32_t page, struct str name, struct str language);

/* Its JSON, read into the arena. */
const struct jnode *message_template_json(struct arena *arena, const struct node *template);

#endif
