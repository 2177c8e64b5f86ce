/* Account linking: taking the link away again (webhooks.md 2.10). GET /me?account_linking_token= is the page's own (page.c). */
#include <stdio.h>

#include "graph/fields.h"
#include "graph/handlers.h"

/* Makes no event: the call is the page's own doing [inferred]. */
enum graph_err
unlink_accounts(struct call *c)
{
    struct str psid = field_text(c, F_UNLINK_PSID);
    struct thread *thread = world_find_psid(c->world, digits_read(psid.s, psid.n));
    char id[40];

    call_saw(c, RULE_RCPT_KNOWN);
    if (thread == NULL || thread->page != c->page_index)
        return call_fail(c, RULE_RCPT_KNOWN, ERR_NO_MATCHING_USER, NULL);
    c->thread = thread;
    snprintf(id, sizeof id, "link:%llu", (unsigned long long)thread->psid); /* where the person's log-in is remembered */
    struct node *link = world_find_node(c->world, NODE_OTHER, str_of(id));
    if (link != NULL)
        link->a = 0;
    buf_adds(&c->reply->body, "{\"result\":\"unlink account success\"}");
    return ERR_NONE;
}
