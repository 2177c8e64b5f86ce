/* Account linking: taking the link away again (webhooks.md 2.10). GET /me?account_linking_token= is the page's own (page.c). */
#include <stdio.h>

#include "graph/fields.h"
#include "graph/handlers.h"

/* Makes no event: the call is the page's own doing [inferred]. */
enum graph_err
unlink_accounts(struct call *c)
{
    enum graph_err error = call_find_person(c, field_text(c, F_UNLINK_PSID));
    char id[40];

    if (error != ERR_NONE)
        return error;
    snprintf(id, sizeof id, "link:%llu", (unsigned long long)c->thread->psid); /* where the person's log-in is remembered */
    struct node *link = world_find_node(c->world, NODE_OTHER, str_of(id));
    if (link != NULL)
        link->a = 0;
    buf_adds(&c->reply->body, "{\"result\":\"unlink account success\"}");
    return ERR_NONE;
}
