#include "graph/auth.h"

#include <assert.h>
#include <string.h>

#include "core/datetime.h"
#include "graph/hmac.h"
#include "graph/node.h"
#include "graph/route.h"

/* What an error that is ordered by its numbers says of this call: its texts have gaps like any others. */
static void
fill_injected(struct call *c, enum graph_err error)
{
    char died[DATETIME_TOKEN_SIZE], now[DATETIME_TOKEN_SIZE];
    const char *first = "", *second = NULL;

    if (error == ERR_TOKEN_EXPIRED) {
        datetime_token(died, c->now - HOUR);
        datetime_token(now, c->now);
        first = call_printf(c, "%s", died);
        second = call_printf(c, "%s", now);
    } else if (error == ERR_TOKEN_APP_REMOVED) {
        first = call_printf(c, "%llu", (unsigned long long)id_number(c->world->key, ID_ADMIN, 0, 15));
        second = c->app != NULL ? c->app->id : "";
    } else if (error == ERR_UNSUPPORTED) {
        first = method_word(c->method);
        second = arena_strndup(c->arena, c->node_id.s != NULL ? c->node_id.s : "", c->node_id.n);
    } else if (error == ERR_TOO_FEW || error == ERR_TOO_MANY) {
        first = "message[quick_replies]";
    } else if (error == ERR_CALLBACK) {
        first = "HTTP Status Code = 404; HTTP Message = Not Found";
    } else if (error == ERR_ALIAS) {
        first = arena_strndup(c->arena, c->node_id.s != NULL ? c->node_id.s : "", c->node_id.n);
    }
    c->error_args[0] = first;
    c->error_args[1] = second;
    c->error_arg_count = second != NULL ? 2 : 1;
}

enum graph_err
inject_fault(struct call *c)
{
    int code, subcode;

    /* The second half of a call with a handshake has met its faults in the first. */
    if (c->handshake != NULL || c->world->fault_on_call == NULL ||
        !c->world->fault_on_call(c->world, c->req->method_text, c->req->path, &code, &subcode))
        return ERR_NONE;
    enum graph_err error = graph_error_find(code, subcode);
    assert(error != ERR_NONE); /* faults that name no known error are refused when they are ordered */
    c->is_injected = true;
    c->verdict.error = error;
    fill_injected(c, error);
    return error;
}

/* ---- path and version --------------------------------------------------------------------------------------------------------- */

static struct str
next_component(struct str *rest)
{
    while (rest->n > 0 && *rest->s == '/')
        *rest = str_from(*rest, 1);
    const char *slash = rest->n > 0 ? memchr(rest->s, '/', rest->n) : NULL;
    struct str component = { rest->s, slash != NULL ? (size_t)(slash - rest->s) : rest->n };
    *rest = str_from(*rest, component.n);
    return component.n > 0 ? component : STR_NONE;
}

/* v19.0 -> 1900, v2.12 -> 212; 0 when it does not look like a version. */
static version_t
read_version(struct str text)
{
    version_t major = 0, minor = 0;
    size_t i = 1;

    if (text.n < 2 || (text.s[0] != 'v' && text.s[0] != 'V'))
        return 0;
    for (; i < text.n && text.s[i] >= '0' && text.s[i] <= '9' && major < 1000; i++)
        major = major * 10 + (text.s[i] - '0');
    if (i == 1 || i == text.n || text.s[i] != '.' || i + 1 == text.n)
        return 0;
    for (i++; i < text.n && text.s[i] >= '0' && text.s[i] <= '9' && minor < 100; i++)
        minor = minor * 10 + (text.s[i] - '0');
    return i == text.n ? major * 100 + minor : 0;
}

/* What follows the object, its components joined by single slashes: oauth's and message templates' edges have two. */
static struct str
read_edge(struct call *c, struct str rest)
{
    struct str edge = next_component(&rest), more;

    if (edge.s == NULL)
        return STR("");
    while ((more = next_component(&rest)).s != NULL) {
        if (more.s == edge.s + edge.n + 1)
            edge.n += 1 + more.n;
        else
            edge = str_of(call_printf(c, "%.*s/%.*s", STR_ARG(edge), STR_ARG(more)));
    }
    return edge;
}

enum graph_err
split_path(struct call *c)
{
    struct str rest = c->req->path;
    struct str first = next_component(&rest);

    c->version_asked = read_version(first);
    c->node_id = c->version_asked != 0 ? next_component(&rest) : first;
    c->edge = read_edge(c, rest);
    if (memchr(c->node_id.s != NULL ? c->node_id.s : "", '%', c->node_id.n) != NULL)
        c->node_id = percent_decode(c->node_id, false, c->arena);
    return ERR_NONE;
}

enum graph_err
check_version(struct call *c)
{
    call_saw(c, RULE_AUTH_VERSION);
    c->version = version_serving(c->version_asked, c->now);
    if (c->version != 0)
        return ERR_NONE;
    c->version = version_serving(0, c->now);
    return call_fail(c, RULE_AUTH_VERSION, ERR_UNKNOWN_PATH, call_printf(c, "/%.*s", STR_ARG(c->node_id)), NULL);
}

/* ---- token and proof ------------------------------------------------------------------------------------------------------------ */

static enum graph_err
check_proof(struct call *c)
{
    struct str proof = call_text(c, "appsecret_proof");

    if (c->app->requires_proof) {
        call_saw(c, RULE_AUTH_PROOF_REQUIRED);
        if (proof.s == NULL)
            return call_fail(c, RULE_AUTH_PROOF_REQUIRED, ERR_PROOF_REQUIRED, NULL);
    }
    if (proof.s == NULL)
        return ERR_NONE;
    call_saw(c, RULE_AUTH_PROOF);
    return proof_matches(c->app->secret, c->token, proof) ? ERR_NONE : call_fail(c, RULE_AUTH_PROOF, ERR_PROOF_INVALID, NULL);
}

enum graph_err
check_live(struct call *c)
{
    const struct credential *token = c->credential;
    char died[DATETIME_TOKEN_SIZE], now[DATETIME_TOKEN_SIZE], user[UINT64_SIZE];

    call_saw(c, RULE_AUTH_LIVE);
    if (token->state == TOKEN_EXPIRED || c->now >= token->expires) {
        datetime_token(died, token->expires < MS_ALWAYS ? token->expires : token->issued);
        datetime_token(now, c->now);
        return call_fail(c, RULE_AUTH_LIVE, ERR_TOKEN_EXPIRED, call_printf(c, "%s", died), call_printf(c, "%s", now), NULL);
    }
    if (token->state == TOKEN_APP_DELETED) {
        format_uint64(user, token->user != 0 ? token->user : id_number(c->world->key, ID_ADMIN, 0, 15));
        return call_fail(c, RULE_AUTH_LIVE, ERR_TOKEN_APP_REMOVED, call_printf(c, "%s", user), c->world->apps[token->app]->id, NULL);
    }
    enum graph_err error = credential_state_error(token->state);
    return error != ERR_NONE ? call_fail(c, RULE_AUTH_LIVE, error, NULL) : ERR_NONE;
}

/* The path as a word of the platform's own ("debug_token", "oauth/access_token"). m.me stands before the name of a page. */
static struct str
word_of(struct call *c)
{
    if (c->edge.n == 0 || str_eq_lit(c->node_id, "m.me"))
        return c->node_id;
    if (c->edge.s == c->node_id.s + c->node_id.n + 1)
        return (struct str){ c->node_id.s, c->node_id.n + 1 + c->edge.n };
    return str_of(call_printf(c, "%.*s/%.*s", STR_ARG(c->node_id), STR_ARG(c->edge)));
}

/* Routes that answer without a token are looked up before anybody asks for one: words, and edges of an app. */
static bool
needs_no_token(struct call *c)
{
    bool exists;

    if (c->node_id.s == NULL)
        return false;
    const struct route *route = route_find(c->method, OBJECT_WORD, word_of(c), c->version, &exists);
    if (route == NULL && c->edge.n > 0 && world_find_app(c->world, c->node_id) != INDEX_NONE)
        route = route_find(c->method, OBJECT_APP, c->edge, c->version, &exists);
    return route != NULL && route->flags & ROUTE_NO_TOKEN;
}

/* APP_ID|secret of an app that is there: then it is the secret that is wrong. */
static bool
is_app_token(const struct call *c)
{
    const char *bar = memchr(c->token.s, '|', c->token.n);

    return bar != NULL && world_find_app(c->world, (struct str){ c->token.s, (size_t)(bar - c->token.s) }) != INDEX_NONE;
}

enum graph_err
authenticate(struct call *c)
{
    if (needs_no_token(c))
        return ERR_NONE;
    call_saw(c, RULE_AUTH_TOKEN);
    if (c->token.s == NULL || c->token.n == 0)
        return call_fail(c, RULE_AUTH_TOKEN, str_eq_lit(c->node_id, "me") ? ERR_ME_WITHOUT_TOKEN : ERR_NO_TOKEN, NULL);
    call_saw(c, RULE_AUTH_VALID);
    c->credential = world_find_token(c->world, c->token);
    if (c->credential == NULL)
        return call_fail(c, RULE_AUTH_VALID, is_app_token(c) ? ERR_TOKEN_INVALID : ERR_TOKEN_PARSE, NULL);
    c->app_index = c->credential->app;
    c->app = c->world->apps[c->app_index];
    enum graph_err error = check_live(c);
    return error != ERR_NONE ? error : check_proof(c);
}

/* ---- the object in the path ------------------------------------------------------------------------------------------------------- */

static enum object_kind
node_object(enum node_kind kind)
{
    switch (kind) {
    case NODE_ATTACHMENT:
        return OBJECT_ATTACHMENT;
    case NODE_PERSONA:
        return OBJECT_PERSONA;
    case NODE_LABEL:
        return OBJECT_LABEL;
    case NODE_POST:
        return OBJECT_POST;
    case NODE_COMMENT:
        return OBJECT_COMMENT;
    case NODE_TEMPLATE:
        return OBJECT_TEMPLATE;
    case NODE_CAMPAIGN:
        return OBJECT_CAMPAIGN;
    case NODE_OTN_TOKEN: case NODE_RN_TOKEN: case NODE_USER_REF: case NODE_PHONE: case NODE_LINK_TOKEN: case NODE_AD: case NODE_PRODUCT:
    case NODE_CODE: case NODE_OTHER: case NODE_MARKETED: case NODE_KIND_COUNT:
    default:
        return OBJECT_KIND_COUNT;
    }
}

static void
use_page(struct call *c, uint32_t page)
{
    c->page_index = page;
    c->page = page != INDEX_NONE ? c->world->pages[page] : NULL;
}

/* A name instead of an id: shop.name, not 123_456 and not m_... */
static bool
is_alias(struct str id)
{
    bool has_letter = false;

    for (size_t i = 0; i < id.n; i++) {
        bool is_letter = (id.s[i] >= 'a' && id.s[i] <= 'z') || (id.s[i] >= 'A' && id.s[i] <= 'Z');

        has_letter |= is_letter;
        if (!is_letter && id.s[i] != '.' && (id.s[i] < '0' || id.s[i] > '9'))
            return false;
    }
    return has_letter;
}

static enum graph_err
no_such_object(struct call *c)
{
    if (is_alias(c->node_id) && !str_eq_lit(c->node_id, "me"))
        return call_fail_str(c, RULE_AUTH_OBJECT, ERR_ALIAS, c->node_id);
    return call_fail(c, RULE_AUTH_OBJECT, ERR_UNSUPPORTED, method_word(c->method), arena_strndup(c->arena, c->node_id.s, c->node_id.n), NULL);
}

/* The page of the token, when the caller may work on `page`; tokens of users and systems reach every page of the world. */
static bool
may_use_page(const struct call *c, uint32_t page)
{
    return c->credential->page == page || c->credential->kind == CREDENTIAL_USER || c->credential->kind == CREDENTIAL_SYSTEM_USER;
}

static enum graph_err
find_me(struct call *c)
{
    if (c->credential->kind == CREDENTIAL_PAGE) {
        use_page(c, c->credential->page);
        c->object = OBJECT_PAGE;
        return ERR_NONE;
    }
    c->object = OBJECT_USER;
    return c->credential->kind != CREDENTIAL_APP ? ERR_NONE : call_fail(c, RULE_AUTH_OBJECT, ERR_ME_WITHOUT_TOKEN, NULL);
}

static enum graph_err
find_page_object(struct call *c, uint32_t page)
{
    if (!may_use_page(c, page) && c->credential->kind != CREDENTIAL_APP)
        return no_such_object(c);
    use_page(c, page);
    c->object = OBJECT_PAGE;
    return ERR_NONE;
}

static enum graph_err
find_thread_object(struct call *c, struct thread *thread, enum object_kind object)
{
    if (!may_use_page(c, thread->page))
        return no_such_object(c);
    use_page(c, thread->page);
    c->thread = thread;
    c->object = object;
    return ERR_NONE;
}

/* The person of an id that log-in gave out. */
static struct thread *
find_app_scoped(const struct world *w, struct str asid)
{
    for (uint32_t i = 0; i < w->thread_count; i++) {
        struct person person;

        thread_person(w, world_thread(w, i), &person);
        if (str_eq(asid, str_of(person.asid)))
            return world_thread(w, i);
    }
    return NULL;
}

/* Whoever has the id from log-in may be matched by the app itself too, without a page. */
static enum graph_err
find_matched_person(struct call *c, struct thread *thread)
{
    if (c->credential->kind != CREDENTIAL_APP)
        return find_thread_object(c, thread, OBJECT_PERSON);
    use_page(c, thread->page);
    c->thread = thread;
    c->object = OBJECT_PERSON;
    return ERR_NONE;
}

static enum graph_err
find_node_object(struct call *c)
{
    struct node *node = world_any_node(c->world, c->node_id);

    if (node == NULL || node_object(node->kind) == OBJECT_KIND_COUNT || !may_use_page(c, node->page))
        return no_such_object(c);
    use_page(c, node->page);
    c->node = node;
    c->object = node_object(node->kind);
    return ERR_NONE;
}

/* A batch may be posted to any path, and `ids` names objects instead of the path. */
static bool
is_for_root(const struct call *c)
{
    if (c->node_id.s == NULL)
        return true;
    if (c->is_batched)
        return false;
    return call_param(c, c->method == METHOD_POST ? "batch" : "ids") != NULL && (c->method == METHOD_POST || c->method == METHOD_GET);
}

static bool
find_word(struct call *c)
{
    struct str word = word_of(c);
    bool exists;

    route_find(c->method, OBJECT_WORD, word, c->version, &exists);
    if (!exists)
        return false;
    c->object = OBJECT_WORD;
    if (str_eq_lit(word, "m.me"))
        c->node_id = c->edge;
    c->edge = word;
    return true;
}

enum graph_err
find_object(struct call *c)
{
    struct world *w = c->world;
    struct thread *thread;
    struct message *message;
    uint32_t index;

    if (is_for_root(c)) {
        c->object = OBJECT_ROOT;
        c->node_id = c->node_id.s != NULL ? word_of(c) : STR("");
        c->edge = STR("");
        return ERR_NONE;
    }
    if (find_word(c))
        return ERR_NONE;
    call_saw(c, RULE_AUTH_OBJECT);
    if (str_eq_lit(c->node_id, "me"))
        return find_me(c);
    if ((index = world_find_page(w, c->node_id)) != INDEX_NONE)
        return find_page_object(c, index);
    if ((index = world_find_app(w, c->node_id)) != INDEX_NONE || str_eq_lit(c->node_id, "app")) {
        c->object = OBJECT_APP;
        if (c->credential == NULL && index != INDEX_NONE) { /* nobody but the path says which app it is */
            c->app_index = index;
            c->app = w->apps[index];
        }
        c->object_app = w->apps[index != INDEX_NONE ? index : c->app_index];
        return c->object_app == c->app ? ERR_NONE : no_such_object(c);
    }
    if ((thread = world_find_psid(w, digits_read(c->node_id.s, c->node_id.n))) != NULL)
        return find_thread_object(c, thread, OBJECT_PERSON);
    if (str_starts_lit(c->edge, "ids_for_") && (thread = find_app_scoped(w, c->node_id)) != NULL)
        return find_matched_person(c, thread);
    if ((thread = world_find_conversation(w, c->node_id)) != NULL)
        return find_thread_object(c, thread, OBJECT_CONVERSATION);
    if ((message = world_find_mid(w, c->node_id, &c->message_number)) != NULL) {
        c->message = message;
        return find_thread_object(c, world_thread(w, message->thread), OBJECT_MESSAGE);
    }
    if (c->node_id.n > 4 && str_starts(c->node_id, STR("act_"))) {
        c->object = OBJECT_AD_ACCOUNT;
        return ERR_NONE;
    }
    return find_node_object(c);
}

/* ---- the route ---------------------------------------------------------------------------------------------------------------------- */

static void
add_param(struct call *c, const char *key, struct str value)
{
    if (value.n > 0 && call_param(c, key) == NULL && c->params->n < PARAMS_MAX)
        c->params->at[c->params->n++] = (struct param){ str_of(key), json_string_new(c->arena, value) };
}

/* insights/METRIC/PERIOD, the form in which an insight's own id names it, says in the path what parameters say elsewhere. */
static void
open_insights_path(struct call *c)
{
    const size_t n = sizeof "insights" - 1;

    if (c->object != OBJECT_PAGE || c->method != METHOD_GET || c->edge.n <= n + 1 || !str_starts_lit(c->edge, "insights/"))
        return;
    struct str metric = str_from(c->edge, n + 1);
    const char *slash = memchr(metric.s, '/', metric.n);
    if (slash != NULL) {
        add_param(c, "period", str_from(metric, (size_t)(slash + 1 - metric.s)));
        metric.n = (size_t)(slash - metric.s);
    }
    add_param(c, "metric", metric);
    c->edge.n = n;
}

enum graph_err
match_route(struct call *c)
{
    bool edge_exists;

    call_saw(c, RULE_PATH_KNOWN);
    open_insights_path(c);
    c->route = route_find(c->method, c->object, c->edge, c->version, &edge_exists);
    if (c->route != NULL)
        return ERR_NONE;
    /* An edge of another kind of object is a field that this one has not, where it is read; the word for a page's edge behind a person's `me` is one [observed]. */
    bool is_elsewhere = !edge_exists && c->edge.n > 0 && route_knows_edge(c->edge, c->version);
    if (is_elsewhere && (c->method == METHOD_GET || c->method == METHOD_HEAD))
        return call_fail(c, RULE_PATH_KNOWN, ERR_NONEXISTING_FIELD, arena_strndup(c->arena, c->edge.s, c->edge.n), node_type_text(c), NULL);
    if (c->object == OBJECT_ROOT)
        return call_fail(c, RULE_PATH_KNOWN, ERR_UNSUPPORTED_METHOD, method_word(c->method), NULL);
    if (edge_exists || is_elsewhere || c->edge.n == 0)
        return call_fail(c, RULE_PATH_KNOWN, ERR_UNSUPPORTED, method_word(c->method),
                         arena_strndup(c->arena, c->node_id.s != NULL ? c->node_id.s : "", c->node_id.n), NULL);
    return call_fail(c, RULE_PATH_KNOWN, ERR_UNKNOWN_PATH, call_printf(c, "/%.*s", STR_ARG(c->edge)), NULL);
}

/* What a page does, it does with its own token; a person's or a system user's is refused [observed]. The page itself may be read with any. */
static bool
needs_page_token(const struct call *c)
{
    if (c->item_object == OBJECT_PAGE) /* each page of a list answers with the token that the list would show [inferred] */
        return false;
    return (c->route->object == OBJECT_PAGE && *c->route->edge != '\0' && !(c->route->flags & ROUTE_APP_TOKEN)) || c->route->object == OBJECT_CONVERSATION ||
           c->route->flags & ROUTE_OF_PAGE;
}

static const char *
name_of_permission(unsigned permission)
{
    unsigned i = 0;

    while (permission >> i != 1)
        i++;
    return permission_name(i);
}

/* The number is that of the family of permissions; what manages a page was one permission until 2020 [observed]. */
static enum graph_err
permission_needed(struct call *c, unsigned permission)
{
    bool is_of_page = permission == PERM_MANAGE_METADATA || permission == PERM_READ_ENGAGEMENT;

    if (permission == PERM_UTILITY)
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_PERM_UTILITY_MESSAGING, NULL);
    if (c->route->object == OBJECT_PERSON && *c->route->edge == '\0')
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_PROFILE_PERMISSION, NULL);
    if (permission == PERM_PAGES_MESSAGING)
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_PERM_PAGES_MESSAGING, NULL);
    if (c->route->object == OBJECT_POST || c->route->object == OBJECT_COMMENT)
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_PERMISSIONS, NULL);
    if (is_of_page && span_has(era_row(ERA_MANAGE_PAGES)->span, c->as_of))
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_PERM_NEEDED_TO_READ, "manage_pages", NULL);
    return call_fail(c, RULE_AUTH_PERMISSION, permission == PERM_READ_ENGAGEMENT ? ERR_PERM_NEEDED_TO_READ : ERR_PERM_NEEDED, name_of_permission(permission), NULL);
}

enum graph_err
check_permission(struct call *c)
{
    if (c->credential == NULL)
        return ERR_NONE;
    if (c->route->object == OBJECT_PAGE && c->credential->kind == CREDENTIAL_APP && !(c->route->flags & ROUTE_APP_TOKEN))
        return call_fail(c, RULE_AUTH_PERMISSION, ERR_USER_TOKEN_NEEDED, NULL);
    /* The app itself may be read with any token of it; what it subscribes to, with its own alone. */
    if (c->route->object == OBJECT_APP && c->credential->kind != CREDENTIAL_APP && c->edge.n > 0 && !(c->route->flags & ROUTE_OF_PAGE))
        return call_fail(c, RULE_AUTH_PERMISSION, c->method == METHOD_GET ? ERR_APP_SECRET_NEEDED : ERR_APP_TOKEN_NEEDED, NULL);
    if (needs_page_token(c)) {
        call_saw(c, RULE_AUTH_PAGE_TOKEN);
        if (c->credential->kind != CREDENTIAL_PAGE)
            return call_fail(c, RULE_AUTH_PAGE_TOKEN, ERR_PAGE_TOKEN_NEEDED, NULL);
    }
    if (c->route->permission == 0)
        return ERR_NONE;
    call_saw(c, RULE_AUTH_PERMISSION);
    bool is_held = c->credential->state != TOKEN_PERMISSIONS_REVOKED && (c->credential->permissions & c->route->permission) != 0;
    if (is_held)
        return ERR_NONE;
    return permission_needed(c, c->route->permission);
}
