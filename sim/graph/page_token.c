#include "graph/page_token.h"

struct credential *
page_token(struct world *w, uint32_t app, uint32_t page, unsigned permissions)
{
    for (uint32_t i = 0; i < w->credential_count; i++) {
        struct credential *token = w->credentials[i];

        if (token->kind == CREDENTIAL_PAGE && token->app == app && token->page == page && token->permissions == permissions &&
            token->state == TOKEN_VALID && w->now < token->expires)
            return token;
    }
    struct credential *token = world_add_credential(w, CREDENTIAL_PAGE, app, page, NULL);
    token->permissions = permissions;
    return token;
}
