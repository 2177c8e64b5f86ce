#include "graph/page_token.h"

struct credential *
page_token(struct world *w, uint32_t app, uint32_t page)
{
    for (uint32_t i = 0; i < w->credential_count; i++) {
        struct credential *token = w->credentials[i];

        if (token->kind == CREDENTIAL_PAGE && token->app == app && token->page == page && token->state == TOKEN_VALID && w->now < token->expires)
            return token;
    }
    return world_add_credential(w, CREDENTIAL_PAGE, app, page, NULL);
}
