/* Several calls in one: batches (send.md 9.3, clients.md 3.13) and `ids`. Each element runs through the same stages as a call of its own and has its own line in the
 * journal; one that fails does not stop the others. */
#include <stdio.h>
#include <string.h>

#include "graph/handlers.h"
#include "graph/json_path.h"
#include "graph/node.h"

#define BATCH_MAX 50

/* ---- one call inside -------------------------------------------------------------------------------------------------------------------- */

/* Whether a path begins with a version ("/v19.0/..."). */
static bool
has_version(struct str path)
{
    while (path.n > 0 && *path.s == '/')
        path = str_from(path, 1);
    return path.n > 2 && (path.s[0] == 'v' || path.s[0] == 'V') && path.s[1] >= '0' && path.s[1] <= '9';
}

/* The version of the outer call counts for elements that name none. */
static void
set_target(struct call *c, struct request *req, struct str url)
{
    bool is_absolute = str_starts_lit(url, "http://") || str_starts_lit(url, "https://");
    const char *slash = !is_absolute && (url.n == 0 || *url.s != '/') ? "/" : "";
    size_t n = url.n + 16;
    char *target = arena_alloc(c->arena, n);

    if (c->version_asked != 0 && !is_absolute && !has_version(url))
        snprintf(target, n, "/v%d.%d%s%.*s", c->version_asked / 100, c->version_asked % 100, slash, STR_ARG(url));
    else
        snprintf(target, n, "%s%.*s", slash, STR_ARG(url));
    request_target(req, str_of(target));
}

static void
add_param(struct parameters *params, struct arena *arena, const char *key, struct str value)
{
    if (value.s != NULL && params->n < PARAMS_MAX)
        params->at[params->n++] = (struct param){ str_of(key), json_string_new(arena, value) };
}

/* What every element inherits unless it has its own. */
static void
add_credentials(struct call *c, struct parameters *params)
{
    if (params_get(params, "access_token") != NULL)
        return;
    add_param(params, c->arena, "access_token", c->token);
    add_param(params, c->arena, "appsecret_proof", call_text(c, "appsecret_proof"));
}

/* ---- references between elements ---------------------------------------------------------------------------------------------------------- */

struct element {
    struct str name;
    const struct jnode *answer; /* NULL until it has answered well */
};

struct batch {
    struct call *call;
    const struct jnode *list;
    struct element elements[BATCH_MAX];
    bool with_headers;
};

/* The next "{result=name:path}" in a text: its slice, name and path. */
static bool
find_reference(struct str text, struct str *whole, struct str *name, struct str *path)
{
    const char *at = text.n > 0 ? memmem(text.s, text.n, "{result=", 8) : NULL;

    if (at == NULL)
        return false;
    struct str inside = str_from(text, (size_t)(at - text.s) + 8);
    const char *colon = inside.n > 0 ? memchr(inside.s, ':', inside.n) : NULL;
    const char *close = inside.n > 0 ? memchr(inside.s, '}', inside.n) : NULL;
    if (colon == NULL || close == NULL || close < colon)
        return false;
    *whole = (struct str){ at, (size_t)(close + 1 - at) };
    *name = (struct str){ inside.s, (size_t)(colon - inside.s) };
    *path = (struct str){ colon + 1, (size_t)(close - colon - 1) };
    return true;
}

static const struct element *
element_named(const struct batch *b, struct str name)
{
    for (unsigned i = 0; i < b->list->count; i++)
        if (b->elements[i].answer != NULL && str_eq(b->elements[i].name, name))
            return &b->elements[i];
    return NULL;
}

/* The text with every reference replaced; false when one leads nowhere. */
static bool
expand_text(const struct batch *b, struct str *text)
{
    struct str rest = *text, whole, name, path;
    struct buf out = { 0 };
    bool is_good = true;

    if (!find_reference(rest, &whole, &name, &path))
        return true;
    while (is_good && find_reference(rest, &whole, &name, &path)) {
        const struct element *element = element_named(b, name);

        buf_add(&out, rest.s, (size_t)(whole.s - rest.s));
        is_good = element != NULL && json_path_put(&out, element->answer, path);
        rest = str_from(rest, (size_t)(whole.s - rest.s) + whole.n);
    }
    buf_str(&out, rest);
    *text = (struct str){ arena_strndup(b->call->arena, out.s, out.n), out.n };
    buf_fini(&out);
    return is_good;
}

/* The same for all texts of a value; a new tree where something changed. */
static bool
expand_value(const struct batch *b, const struct jnode **value)
{
    struct arena *arena = b->call->arena;

    if ((*value)->type == J_STRING) {
        struct str text = (*value)->text;

        if (!expand_text(b, &text))
            return false;
        if (text.s != (*value)->text.s)
            *value = json_string_new(arena, text);
        return true;
    }
    if ((*value)->type != J_OBJECT && (*value)->type != J_ARRAY)
        return true;
    struct jnode *copy = json_node_new(arena, (*value)->type);
    for (const struct jnode *child = (*value)->first; child != NULL; child = child->next) {
        const struct jnode *expanded = child;

        if (!expand_value(b, &expanded))
            return false;
        struct jnode *own = json_node_new(arena, expanded->type);
        *own = *expanded;
        own->next = NULL;
        json_append(copy, child->key, own);
    }
    *value = copy;
    return true;
}

static bool
expand_params(const struct batch *b, struct parameters *params)
{
    for (unsigned i = 0; i < params->n; i++)
        if (!expand_value(b, &params->at[i].value))
            return false;
    return true;
}

/* Whether another element refers to this one: then its good answer is left out unless it says otherwise [documented]. */
static bool
is_referred_to(const struct batch *b, struct str name)
{
    for (const struct jnode *item = b->list->first; item != NULL && name.n > 0; item = item->next) {
        struct str texts[] = { json_text(json_get(item, "relative_url")), json_text(json_get(item, "body")) };
        struct str whole, named, path;

        if (str_eq(json_text(json_get(item, "depends_on")), name))
            return true;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            for (struct str rest = texts[i]; find_reference(rest, &whole, &named, &path);
                 rest = str_from(rest, (size_t)(whole.s - rest.s) + whole.n))
                if (str_eq(named, name))
                    return true;
    }
    return false;
}

/* ---- the answer of an element ------------------------------------------------------------------------------------------------------------- */

static void
put_header(struct buf *out, const char *name, const char *value)
{
    jw_item(out);
    jw_open(out, '{');
    jw_kv_text(out, "name", name);
    jw_kv_text(out, "value", value);
    jw_close(out, '}');
}

/* In the order of recorded answers. */
static void
put_headers(struct buf *out, const struct reply *r)
{
    char version[16];

    jw_key(out, "headers");
    jw_open(out, '[');
    if (r->www_authenticate[0] != '\0')
        put_header(out, "WWW-Authenticate", r->www_authenticate);
    else
        put_header(out, "Access-Control-Allow-Origin", "*");
    if (r->etag[0] != '\0')
        put_header(out, "ETag", r->etag);
    put_header(out, "Expires", "Sat, 01 Jan 2000 00:00:00 GMT");
    snprintf(version, sizeof version, "v%d.%d", r->version / 100, r->version % 100);
    put_header(out, "Facebook-API-Version", version);
    put_header(out, "Content-Type", "text/javascript; charset=UTF-8");
    for (unsigned i = 0; i < r->header_count; i++)
        put_header(out, r->headers[i].name, r->headers[i].value);
    put_header(out, "Cache-Control", r->is_error ? "no-store" : "private, no-cache, no-store, must-revalidate");
    put_header(out, "Vary", "Accept-Encoding");
    put_header(out, "Pragma", "no-cache");
    if (r->www_authenticate[0] != '\0')
        put_header(out, "Access-Control-Allow-Origin", "*");
    jw_close(out, ']');
}

static void
put_element(const struct batch *b, const struct reply *r)
{
    struct buf *out = &b->call->reply->body;

    jw_item(out);
    jw_open(out, '{');
    jw_kv_int(out, "code", r->status);
    if (b->with_headers)
        put_headers(out, r);
    if (r->body.n > 0)
        jw_kv_str(out, "body", buf_view(&r->body));
    else
        jw_kv_null(out, "body");
    jw_close(out, '}');
}

static void
put_nothing(const struct batch *b)
{
    jw_item(&b->call->reply->body);
    buf_adds(&b->call->reply->body, "null");
}

/* ---- an element --------------------------------------------------------------------------------------------------------------------------- */

/* `headers` is a list of "Name: value", or an object. Only If-None-Match means anything here. */
static struct str
header_of(const struct jnode *headers, struct str name)
{
    for (const struct jnode *item = headers != NULL && headers->count > 0 ? headers->first : NULL; item != NULL; item = item->next) {
        struct str text = json_text(item);

        if (headers->type == J_OBJECT && str_eq_nocase(item->key, name))
            return text;
        if (headers->type == J_ARRAY && text.n > name.n && text.s[name.n] == ':' && str_eq_nocase((struct str){ text.s, name.n }, name))
            return str_trim(str_from(text, name.n + 1));
    }
    return STR_NONE;
}

/* Parts of the upload that the element names. */
static void
add_files(struct call *c, struct parameters *params, const struct jnode *attached)
{
    struct names names;
    struct str name;

    for (names_open(&names, attached); names_next(&names, &name);)
        for (unsigned i = 0; i < c->params->nfiles && params->nfiles < FILES_MAX; i++)
            if (str_eq(c->params->files[i].name, name))
                params->files[params->nfiles++] = c->params->files[i];
}

static struct parameters *
element_params(struct call *c, const struct jnode *item, struct str query)
{
    struct parameters *params = arena_zalloc(c->arena, sizeof *params);
    const struct jnode *body = json_get(item, "body");

    params_read_item(params, query, jnode_is_string(body) ? body->text : STR_NONE, c->arena);
    if (jnode_is_object(body))
        params_merge(params, body, c->arena);
    add_files(c, params, json_get(item, "attached_files"));
    add_credentials(c, params);
    return params;
}

static const char *
method_name(enum method method)
{
    static const char *const names[] = { "GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS" };

    return method <= METHOD_OPTIONS ? names[method] : "OTHER";
}

/* An element without an address is no call: it answers, and nothing is recorded. */
static void
refuse_element(const struct batch *b)
{
    static const char *const argument[] = { "relative_url" };
    const struct graph_error *row = graph_error(ERR_PARAM_REQUIRED);
    struct reply r = { 0 };
    char text[128];

    reply_reset(&r);
    size_t n = graph_error_text(text, sizeof text, row, argument, 1);
    r.status = row->http;
    r.is_error = true;
    r.version = b->call->version;
    error_body(&r.body, row, (struct str){ text, n }, str_of(b->call->reply->fbtrace), NULL);
    put_element(b, &r);
    reply_fini(&r);
}

static void
run_element(struct batch *b, unsigned index, const struct jnode *item)
{
    struct call *c = b->call;
    struct element *element = &b->elements[index];
    struct str url = json_text(json_get(item, "relative_url")), method = json_text(json_get(item, "method"));
    struct request req = { .method = method.n > 0 ? method_of(method) : METHOD_GET, .user_agent = c->req->user_agent };
    struct reply r = { 0 };
    bool omits = false;

    if (url.s == NULL) {
        refuse_element(b);
        return;
    }
    element->name = json_text(json_get(item, "name"));
    req.method_text = str_of(method_name(req.method));
    req.body = json_get(item, "body") != NULL && json_get(item, "body")->text.s != NULL ? json_get(item, "body")->text : STR("");
    req.if_none_match = header_of(json_get(item, "headers"), STR("If-None-Match"));
    struct str needed = json_text(json_get(item, "depends_on"));
    if (!expand_text(b, &url) || (needed.n > 0 && element_named(b, needed) == NULL)) {
        put_nothing(b);
        return;
    }
    set_target(c, &req, url);
    struct parameters *params = element_params(c, item, req.query);
    if (!expand_params(b, params)) {
        put_nothing(b);
        return;
    }
    reply_reset(&r);
    graph_handle_item(c, &req, params, &r);
    bool is_good = !r.wants_handshake && !r.is_error;
    if (is_good && r.body.n > 0)
        element->answer = json_read(c->arena, (struct str){ arena_strndup(c->arena, r.body.s, r.body.n), r.body.n }, JSON_LAST_WINS, NULL);
    if (!json_bool(json_get(item, "omit_response_on_success"), &omits))
        omits = is_referred_to(b, element->name);
    if (r.wants_handshake || (is_good && omits)) /* a handshake takes longer than a batch waits: such elements are null */
        put_nothing(b);
    else
        put_element(b, &r);
    reply_fini(&r);
}

enum graph_err
batch_post(struct call *c)
{
    struct batch *b = arena_zalloc(c->arena, sizeof *b);
    unsigned index = 0;

    *b = (struct batch){ .call = c, .list = call_param(c, "batch"), .with_headers = true };
    call_saw(c, RULE_FORM_REQUIRED);
    if (b->list == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_UNSUPPORTED_METHOD, method_word(c->method), NULL);
    call_saw(c, RULE_FORM_TYPE);
    if (jnode_is_string(b->list))
        b->list = json_read(c->arena, b->list->text, JSON_LENIENT | JSON_LAST_WINS | JSON_NO_NUL, NULL);
    if (!jnode_is_array(b->list))
        return call_fail(c, RULE_FORM_TYPE, ERR_MUST_BE_ARRAY, "batch", NULL);
    call_saw(c, RULE_FORM_TOO_FEW);
    if (b->list->count == 0)
        return call_fail(c, RULE_FORM_TOO_FEW, ERR_TOO_FEW, "batch", NULL);
    call_saw(c, RULE_BATCH_SIZE);
    if (b->list->count > BATCH_MAX)
        return call_fail(c, RULE_BATCH_SIZE, ERR_BATCH_SIZE, NULL);
    json_bool(call_param(c, "include_headers"), &b->with_headers);
    jw_open(&c->reply->body, '[');
    for (const struct jnode *item = b->list->first; item != NULL; item = item->next)
        run_element(b, index++, item);
    jw_close(&c->reply->body, ']');
    return ERR_NONE;
}

/* ---- ids ------------------------------------------------------------------------------------------------------------------------------------ */

/* The parameters of the call without `ids`. */
static struct parameters *
params_of_id(struct call *c)
{
    struct parameters *params = arena_zalloc(c->arena, sizeof *params);

    *params = *c->params;
    params->n = 0;
    for (unsigned i = 0; i < c->params->n; i++)
        if (!str_eq_lit(c->params->at[i].key, "ids"))
            params->at[params->n++] = c->params->at[i];
    add_credentials(c, params);
    return params;
}

/* The answer of one that failed is the answer of the whole. */
static void
adopt(struct reply *to, const struct reply *from)
{
    to->status = from->status;
    to->is_error = true;
    buf_reset(&to->body);
    buf_str(&to->body, buf_view(&from->body));
    snprintf(to->www_authenticate, sizeof to->www_authenticate, "%s", from->www_authenticate);
}

static bool
write_id_object(struct call *c, struct str id)
{
    struct request req = { .method = METHOD_GET, .method_text = STR("GET"), .user_agent = c->req->user_agent, .body = STR("") };
    struct reply r = { 0 };
    size_t n = id.n + c->node_id.n + 2;
    char *url = arena_alloc(c->arena, n);

    snprintf(url, n, c->node_id.n > 0 ? "%.*s/%.*s" : "%.*s%.*s", STR_ARG(id), STR_ARG(c->node_id));
    set_target(c, &req, str_of(url));
    reply_reset(&r);
    graph_handle_item(c, &req, params_of_id(c), &r);
    if (r.is_error) {
        adopt(c->reply, &r);
    } else {
        jw_key_str(&c->reply->body, id, JW_GRAPH);
        buf_str(&c->reply->body, buf_view(&r.body));
    }
    bool is_good = !r.is_error;
    reply_fini(&r);
    return is_good;
}

/* An object has no name twice: an id that is asked for again is left out. */
static bool
is_asked_before(const struct jnode *ids, struct str id)
{
    struct names names;
    struct str earlier;

    for (names_open(&names, ids); names_next(&names, &earlier) && earlier.s != id.s;)
        if (str_eq(earlier, id))
            return true;
    return false;
}

/* GET /?ids=a,b: an object with one answer for each; an edge may follow the slash. Refused from v26.0 on. */
enum graph_err
ids_get(struct call *c)
{
    const struct jnode *ids = call_param(c, "ids");
    struct names names;
    struct str id;

    call_saw(c, RULE_FORM_REQUIRED);
    if (ids == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_UNSUPPORTED_METHOD, method_word(c->method), NULL);
    jw_open(&c->reply->body, '{');
    for (names_open(&names, ids); names_next(&names, &id);)
        if (!is_asked_before(ids, id) && !write_id_object(c, id))
            return ERR_NONE;
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}
