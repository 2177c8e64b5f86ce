/* Log-in: the dialog that gives a code, and the endpoint that gives tokens for codes, for tokens and for an app's secret (send.md 7.1, 8). */
#include <stdio.h>
#include <string.h>

#include "graph/auth.h"
#include "graph/fields.h"
#include "graph/handlers.h"

#define CODE_LIFE_MS (10 * MINUTE)
#define SHORT_LIFE_MS (2 * HOUR)
#define LONG_LIFE_MS (60 * DAY)
#define CODE_LENGTH 43

static uint64_t
admin_id(const struct call *c)
{
    return id_number(c->world->key, ID_ADMIN, 0, 15);
}

/* client_id names an app. */
static enum graph_err
find_client(struct call *c)
{
    struct str id = call_text(c, "client_id");

    call_saw(c, RULE_LOGIN_CLIENT);
    if (id.n == 0)
        return call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_PARAMETER, "client_id", NULL);
    c->app_index = world_find_app(c->world, id);
    if (c->app_index == INDEX_NONE)
        return call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_APP, NULL);
    c->app = c->world->apps[c->app_index];
    return ERR_NONE;
}

static enum graph_err
check_secret(struct call *c)
{
    struct str secret = call_text(c, "client_secret");

    return str_eq(secret, str_of(c->app->secret)) ? ERR_NONE : call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_SECRET, NULL);
}

static void
put_token(struct call *c, const char *token, ms_t life)
{
    struct buf *out = &c->reply->body;

    jw_open(out, '{');
    jw_kv_text(out, "access_token", token);
    jw_kv_text(out, "token_type", "bearer");
    if (life > 0)
        jw_kv_int(out, "expires_in", life / SECOND);
    jw_close(out, '}');
}

/* ---- grants --------------------------------------------------------------------------------------------------------------------------- */

/* A token of longer life for a living one of the same app. */
static enum graph_err
exchange_token(struct call *c, struct str text)
{
    call_saw(c, RULE_AUTH_VALID);
    c->credential = world_find_token(c->world, text);
    if (c->credential == NULL || c->credential->kind == CREDENTIAL_APP || c->credential->app != c->app_index)
        return call_fail(c, RULE_AUTH_VALID, ERR_TOKEN_PARSE, NULL);
    enum graph_err error = check_live(c);
    if (error != ERR_NONE)
        return error;
    const struct credential old = *c->credential;
    struct credential *token = world_add_credential(c->world, old.kind, old.app, old.page, NULL);
    token->permissions = old.permissions;
    token->user = old.user;
    token->expires = old.kind == CREDENTIAL_PAGE ? MS_ALWAYS : c->now + LONG_LIFE_MS; /* a page's never dies then [documented] */
    put_token(c, token->token, old.kind == CREDENTIAL_PAGE ? 0 : LONG_LIFE_MS);
    return ERR_NONE;
}

/* A code is good once, for a short while, with the address that it was made for. */
static enum graph_err
exchange_code(struct call *c, struct str code)
{
    struct node *node = world_find_node(c->world, NODE_CODE, code);
    struct str address = call_text(c, "redirect_uri");

    call_saw(c, RULE_LOGIN_CODE);
    if (address.n == 0)
        return call_fail(c, RULE_LOGIN_CODE, ERR_CLIENT_PARAMETER, "redirect_uri", NULL);
    if (node == NULL || node->app != c->app_index)
        return call_fail(c, RULE_LOGIN_CODE, ERR_LOGIN_CODE_FORMAT, NULL);
    if (node->is_spent)
        return call_fail(c, RULE_LOGIN_CODE, ERR_LOGIN_CODE_USED, NULL);
    if (c->now >= node->until)
        return call_fail(c, RULE_LOGIN_CODE, ERR_LOGIN_CODE_EXPIRED, NULL);
    if (!str_eq(address, str_of(node->text)))
        return call_fail(c, RULE_LOGIN_CODE, ERR_LOGIN_CODE, NULL);
    node->is_spent = true;
    struct credential *token = world_add_credential(c->world, CREDENTIAL_USER, c->app_index, INDEX_NONE, NULL);
    token->user = admin_id(c);
    token->expires = c->now + SHORT_LIFE_MS;
    put_token(c, token->token, SHORT_LIFE_MS);
    return ERR_NONE;
}

/* GET or POST /oauth/access_token. */
enum graph_err
oauth_access_token(struct call *c)
{
    struct str grant = call_text(c, "grant_type"), token = call_text(c, "fb_exchange_token"), code = call_text(c, "code");
    enum graph_err error = find_client(c);

    if (error == ERR_NONE)
        error = check_secret(c);
    if (error != ERR_NONE)
        return error;
    if (str_eq_lit(grant, "client_credentials")) {
        put_token(c, c->app->access_token, 0);
        return ERR_NONE;
    }
    if (str_eq_lit(grant, "fb_exchange_token") || token.n > 0)
        return token.n > 0 ? exchange_token(c, token) : call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_PARAMETER, "fb_exchange_token", NULL);
    if (code.n > 0)
        return exchange_code(c, code);
    return call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_PARAMETER, "code", NULL);
}

/* ---- the dialog -------------------------------------------------------------------------------------------------------------------------- */

static void
add_encoded(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char b = (unsigned char)text.s[i];

        if ((b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || strchr("-_.~", b) != NULL)
            buf_char(out, (char)b);
        else
            buf_printf(out, "%%%02X", b);
    }
}

/* A URL that may stand in a header. */
static bool
is_address(struct str url)
{
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.s[i] <= ' ')
            return false;
    return str_starts_lit(url, "http://") || str_starts_lit(url, "https://");
}

/* A new code for this app and address. */
static const char *
new_code(struct call *c, struct str address)
{
    char code[CODE_LENGTH + 1];

    id_text(code, CODE_LENGTH, c->world->key, ID_TOKEN, c->world->node_count + (UINT64_C(1) << 40), true);
    struct node *node = world_add_node(c->world, NODE_CODE, code, INDEX_NONE);
    node_set_text(node, address);
    node->app = c->app_index;
    node->until = c->now + CODE_LIFE_MS;
    return node->id;
}

/* GET /oauth/client_code: a code for a client, from a person's token. */
enum graph_err
oauth_client_code(struct call *c)
{
    struct str address = call_text(c, "redirect_uri");
    enum graph_err error = find_client(c);

    if (error == ERR_NONE)
        error = check_secret(c);
    if (error != ERR_NONE)
        return error;
    if (!is_address(address))
        return call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_PARAMETER, "redirect_uri", NULL);
    if (c->credential->kind != CREDENTIAL_USER || c->credential->app != c->app_index)
        return call_fail(c, RULE_AUTH_VALID, ERR_TOKEN_PARSE, NULL);
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "code", new_code(c, address));
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

/* GET /dialog/oauth?client_id&redirect_uri&state: the person agrees at once and is sent back with a code [inferred: the dialog's pages are not shown]. */
enum graph_err
oauth_dialog(struct call *c)
{
    struct str address = call_text(c, "redirect_uri"), state = call_text(c, "state");
    enum graph_err error = find_client(c);
    struct buf location = { 0 };

    if (error != ERR_NONE)
        return error;
    if (!is_address(address))
        return call_fail(c, RULE_LOGIN_CLIENT, ERR_CLIENT_PARAMETER, "redirect_uri", NULL);
    buf_str(&location, address);
    buf_adds(&location, memchr(address.s, '?', address.n) != NULL ? "&code=" : "?code=");
    buf_adds(&location, new_code(c, address));
    if (state.s != NULL) {
        buf_adds(&location, "&state=");
        add_encoded(&location, state);
    }
    buf_adds(&location, "#_=_");
    c->reply->status = 302;
    reply_header(c->reply, "Location", location.s);
    buf_fini(&location);
    return ERR_NONE;
}
