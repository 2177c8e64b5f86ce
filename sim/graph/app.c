/* The app node, its webhook subscription with the handshake, and debug_token (webhooks.md 1.1, 4.8; send.md 8). */
#include <stdio.h>
#include <stdlib.h>

#include "core/datetime.h"
#include "graph/app_node.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/webhook_fields.h"
#include "world/xalloc.h"

enum graph_err
app_get(struct call *c)
{
    return app_write(c, &c->reply->body, c->object_app, NULL);
}

/* POST /{app}/activities: events for statistics, from whoever knows the app's id; bots send no token along. And /{app}/page_activities, gone with v21.0: the same
 * of one person, with the page's token. They are taken, and nothing comes of them [inferred]. */
enum graph_err
activities_post(struct call *c)
{
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- subscriptions ---------------------------------------------------------------------------------------------------------- */

enum graph_err
subscriptions_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    const struct subscription *s = &c->object_app->webhook;
    version_t version = s->version != 0 ? s->version : c->version;

    if (s->url == NULL) {
        buf_adds(out, "{\"data\":[]}");
        return ERR_NONE;
    }
    buf_adds(out, "{\"data\":[{\"object\":\"page\"");
    jw_kv_text(out, "callback_url", s->url);
    jw_kv_bool(out, "active", true);
    jw_key(out, "fields");
    jw_open(out, '[');
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        if (!(s->fields & FIELD_BIT(f)))
            continue;
        jw_item(out);
        jw_open(out, '{');
        jw_kv_text(out, "name", webhook_field_name((enum webhook_field)f));
        jw_kv_text(out, "version", call_printf(c, "v%d.%d", version / 100, version % 100));
        jw_close(out, '}');
    }
    buf_adds(out, "]}]}");
    return ERR_NONE;
}

/* Asks the edge to perform the handshake; the call goes on in graph_handshake_done. */
static enum graph_err
ask_handshake(struct call *c)
{
    struct reply *r = c->reply;
    struct str url = field_text(c, F_SUBS_CALLBACK), token = field_text(c, F_SUBS_VERIFY);

    r->wants_handshake = true;
    r->handshake_url = xstrndup(url.s, url.n);
    r->handshake_token = xstrndup(token.s != NULL ? token.s : "", token.n);
    format_uint64(r->handshake_challenge, id_number(c->world->key, ID_CHALLENGE, c->world->next_trace, 10));
    return ERR_NONE;
}

static enum graph_err
judge_handshake(struct call *c)
{
    const struct handshake_outcome *h = c->handshake;

    call_saw(c, RULE_FORM_CALLBACK);
    if (h->status == 200 && h->body_matches)
        return ERR_NONE;
    if (h->status == 0)
        return call_fail(c, RULE_FORM_CALLBACK, ERR_CALLBACK,
                         call_printf(c, "curl_errno = %d; curl_error = %s; HTTP Status Code = 200; HTTP Message = Connection established",
                                     h->curl_errno, h->curl_error != NULL ? h->curl_error : ""), NULL);
    return call_fail(c, RULE_FORM_CALLBACK, ERR_CALLBACK,
                     call_printf(c, "HTTP Status Code = %d; HTTP Message = %s", h->status, h->reason), NULL);
}

enum graph_err
subscriptions_post(struct call *c)
{
    webhook_fields fields = 0;
    enum graph_err error = ERR_NONE;

    if (field(c, F_SUBS_FIELDS) != NULL)
        error = read_webhook_fields(c, "fields", field(c, F_SUBS_FIELDS), &fields);
    if (error != ERR_NONE)
        return error;
    if (c->handshake == NULL)
        return ask_handshake(c);
    if ((error = judge_handshake(c)) != ERR_NONE)
        return error;

    struct subscription *s = &c->object_app->webhook;
    struct str url = field_text(c, F_SUBS_CALLBACK), token = field_text(c, F_SUBS_VERIFY);
    free(s->url);
    free(s->verify_token);
    s->url = xstrndup(url.s, url.n);
    s->verify_token = xstrndup(token.s != NULL ? token.s : "", token.n);
    s->fields |= fields;
    s->version = c->version_asked != 0 ? c->version : 0;
    s->include_values = field_bool(c, F_SUBS_VALUES, true);
    s->failing_since = MS_NEVER;
    s->is_alerted = false;
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

enum graph_err
subscriptions_delete(struct call *c)
{
    struct subscription *s = &c->object_app->webhook;
    const struct jnode *named = call_param(c, "fields");
    webhook_fields fields = 0;

    if (named != NULL) {
        enum graph_err error = read_webhook_fields(c, "fields", named, &fields);

        if (error != ERR_NONE)
            return error;
        s->fields &= ~fields;
    }
    if (named == NULL || s->fields == 0) {
        free(s->url);
        s->url = NULL;
        s->fields = 0;
    }
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- debug_token -------------------------------------------------------------------------------------------------------------- */

/* A scope, and the page it is for: a token of a page has one, that of a person is for all [inferred]. */
static void
write_granular_scope(struct call *c, struct buf *out, const struct credential *token, const char *name)
{
    jw_item(out);
    jw_open(out, '{');
    jw_kv_text(out, "scope", name);
    if (token->page != INDEX_NONE) {
        jw_key(out, "target_ids");
        jw_open(out, '[');
        jw_string(out, str_of(c->world->pages[token->page]->id), JW_GRAPH);
        jw_close(out, ']');
    }
    jw_close(out, '}');
}

/* Permissions are what a person grants: a token of the app itself has none. */
static void
write_scopes(struct call *c, struct buf *out, const struct credential *token)
{
    const unsigned permissions = token->kind == CREDENTIAL_APP ? 0 : token->permissions;

    jw_key(out, "scopes");
    jw_open(out, '[');
    for (unsigned i = 0; permission_name(i) != NULL; i++)
        if (permissions & 1u << i) {
            jw_item(out);
            jw_string(out, str_of(permission_name(i)), JW_GRAPH);
        }
    jw_close(out, ']');
    if (token->kind == CREDENTIAL_APP)
        return;
    jw_key(out, "granular_scopes");
    jw_open(out, '[');
    for (unsigned i = 0; permission_name(i) != NULL; i++)
        if (permissions & 1u << i)
            write_granular_scope(c, out, token, permission_name(i));
    jw_close(out, ']');
}

static void
write_token_error(struct buf *out, enum graph_err error, const char *first, const char *second)
{
    char text[512];
    const char *arguments[] = { first, second };
    const struct graph_error *row = graph_error(error);
    size_t n = graph_error_text(text, sizeof text, row, arguments, 2);

    jw_key(out, "error");
    jw_open(out, '{');
    jw_kv_int(out, "code", row->code);
    jw_kv_str(out, "message", (struct str){ text, n });
    if (row->subcode != 0)
        jw_kv_int(out, "subcode", row->subcode);
    jw_close(out, '}');
}

/* Why a token is dead. */
static void
write_death(struct call *c, struct buf *out, const struct credential *token, const char *user)
{
    char died[DATETIME_TOKEN_SIZE], now[DATETIME_TOKEN_SIZE];

    if (token->state == TOKEN_APP_DELETED || token->state == TOKEN_PERMISSIONS_REVOKED) {
        write_token_error(out, ERR_TOKEN_APP_REMOVED, user, c->world->apps[token->app]->id);
    } else if (token->state != TOKEN_VALID && token->state != TOKEN_EXPIRED) {
        write_token_error(out, credential_state_error(token->state), NULL, NULL);
    } else {
        datetime_token(died, token->expires < MS_ALWAYS ? token->expires : token->issued);
        datetime_token(now, c->now);
        write_token_error(out, ERR_TOKEN_EXPIRED, died, now);
    }
}

static void
write_token(struct call *c, struct buf *out, const struct credential *token)
{
    static const char *const types[] = { "PAGE", "USER", "SYSTEM_USER", "APP" };
    const struct app *app = c->world->apps[token->app];
    char user[UINT64_SIZE];
    bool is_valid = token->state == TOKEN_VALID && c->now < token->expires;

    format_uint64(user, token->user != 0 ? token->user : id_number(c->world->key, ID_ADMIN, 0, 15));
    jw_kv_text(out, "app_id", app->id);
    jw_kv_text(out, "type", types[token->kind]);
    jw_kv_text(out, "application", app->name);
    jw_kv_int(out, "data_access_expires_at", token->kind == CREDENTIAL_APP ? 0 : (token->issued + 90 * DAY) / SECOND);
    if (!is_valid)
        write_death(c, out, token, user);
    jw_kv_int(out, "expires_at", token->expires == MS_ALWAYS ? 0 : token->expires / SECOND);
    jw_kv_bool(out, "is_valid", is_valid);
    jw_kv_int(out, "issued_at", token->issued / SECOND);
    if (token->page != INDEX_NONE)
        jw_kv_text(out, "profile_id", c->world->pages[token->page]->id);
    write_scopes(c, out, token);
    if (token->kind != CREDENTIAL_APP)
        jw_kv_text(out, "user_id", user);
}

enum graph_err
debug_token(struct call *c)
{
    struct buf *out = &c->reply->body;
    struct str input = call_text(c, "input_token");
    const struct credential *token;

    call_saw(c, RULE_FORM_REQUIRED);
    if (input.s == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "input_token", NULL);
    token = world_find_token(c->world, input);
    buf_adds(out, "{\"data\":{");
    if (token != NULL) {
        write_token(c, out, token);
    } else {
        write_token_error(out, ERR_TOKEN_PARSE, NULL, NULL);
        jw_kv_bool(out, "is_valid", false);
        jw_key(out, "scopes");
        buf_adds(out, "[]");
    }
    buf_adds(out, "}}");
    return ERR_NONE;
}
