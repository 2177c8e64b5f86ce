#include "graph/node.h"

#include <string.h>

#include "graph/auth.h"
#include "graph/route.h"

/* ---- names and selections ------------------------------------------------------------------------------------------------------------ */

/* Cuts the next name off a list with commas; sub-selections {...} and arguments .x(...) stay with their name. */
static struct str
next_name(struct str *rest)
{
    unsigned depth = 0;
    size_t i = 0;

    for (; i < rest->n && (depth > 0 || rest->s[i] != ','); i++) {
        depth += rest->s[i] == '{' || rest->s[i] == '(';
        depth -= depth > 0 && (rest->s[i] == '}' || rest->s[i] == ')');
    }
    struct str name = str_trim((struct str){ rest->s, i });
    *rest = i < rest->n ? str_from(*rest, i + 1) : str_from(*rest, i);
    return name;
}

void
names_open(struct names *names, const struct jnode *value)
{
    *names = (struct names){ 0 };
    if (value != NULL && value->type == J_ARRAY)
        names->item = value->first;
    else
        names->rest = str_trim(json_text(value));
}

bool
names_next(struct names *names, struct str *name)
{
    while (names->item != NULL) {
        *name = str_trim(json_text(names->item));
        names->item = names->item->next;
        if (name->n > 0)
            return true;
    }
    while (names->rest.n > 0) {
        *name = next_name(&names->rest);
        if (name->n > 0)
            return true;
    }
    return false;
}

/* ---- edges as fields ------------------------------------------------------------------------------------------------------------------- */

static void
set_param(struct parameters *params, struct str key, struct str value, struct arena *arena)
{
    if (value.s != NULL && params->n < PARAMS_MAX)
        params->at[params->n++] = (struct param){ key, json_string_new(arena, value) };
}

/* The edge's own parameters are what its selection says; of the call's it keeps what belongs to every call (the token, `platform`, `date_format` ...). */
static struct parameters *
edge_params(struct call *c, struct str selection)
{
    static const char *const names[] = { "fields", "limit", "after", "before" };
    struct parameters *params = arena_zalloc(c->arena, sizeof *params);
    struct str rest = selection, name, value;

    set_param(params, STR("fields"), selection_fields(selection), c->arena);
    while (selection_next(&rest, &name, &value))
        if (!str_eq_lit(name, "fields") && !str_eq_lit(name, "as"))
            set_param(params, name, value, c->arena);
    for (unsigned i = 0; i < c->params->n && params->n < PARAMS_MAX; i++) {
        bool is_own = false;

        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            is_own |= str_eq(c->params->at[i].key, str_of(names[k]));
        for (unsigned k = 0; k < params->n && !is_own; k++)
            is_own = str_eq(c->params->at[i].key, params->at[k].key);
        if (!is_own)
            params->at[params->n++] = c->params->at[i];
    }
    return params;
}

const char *
node_type_text(const struct call *c)
{
    static const struct {
        const char *edge, *type;
    } items[] = {
        { "personas", "Persona" }, { "custom_labels", "PageUserMessageThreadLabel" }, { "conversations", "UnifiedThread" }, { "threads", "UnifiedThread" },
        { "accounts", "Page" }, { "message_templates", "MessengerBusinessTemplate" }, { "notification_message_tokens", "UserPageOneTimeOptInTokenSettings" },
        { "blocked", "Profile" }, { "secondary_receivers", "Application" }, { "subscribed_apps", "Application" },
        { "messenger_profile", "MessengerProfile" }, { "message_template_library", "MessageTemplateLibrary" },
    };
    static const char *const objects[OBJECT_KIND_COUNT] = {
        [OBJECT_PAGE] = "Page", [OBJECT_PERSON] = "User", [OBJECT_USER] = "User", [OBJECT_APP] = "Application", [OBJECT_CONVERSATION] = "UnifiedThread",
        [OBJECT_MESSAGE] = "Message", [OBJECT_PERSONA] = "Persona", [OBJECT_LABEL] = "PageUserMessageThreadLabel", [OBJECT_POST] = "Post",
        [OBJECT_COMMENT] = "Comment", [OBJECT_TEMPLATE] = "MessengerBusinessTemplate", [OBJECT_AD_ACCOUNT] = "AdAccount",
    };

    if (c->shown_type != NULL)
        return c->shown_type;
    for (size_t i = 0; i < sizeof items / sizeof *items && c->route != NULL && c->edge.n > 0; i++)
        if (str_eq(c->edge, str_of(items[i].edge)))
            return items[i].type;
    return objects[c->object] != NULL ? objects[c->object] : "Object";
}

enum graph_err
node_no_field(struct call *c, struct str name)
{
    return call_fail(c, RULE_FORM_KEYS, ERR_NONEXISTING_FIELD, arena_strndup(c->arena, name.s != NULL ? name.s : "", name.n), node_type_text(c), NULL);
}

enum graph_err
node_check_fields(struct call *c)
{
    struct str fields = call_text(c, "fields");
    struct selection_mistake mistake;

    if (fields.n == 0 || !selection_mistake(fields, c->arena, &mistake))
        return ERR_NONE;
    return call_fail(c, RULE_FORM_KEYS, ERR_FIELD_SYNTAX, mistake.expected, call_printf(c, "%zu", mistake.at), arena_strndup(c->arena, fields.s, fields.n), NULL);
}

/* Runs the handler of an edge of the object that is being read, and puts what it answers behind the key. */
static enum graph_err
expand_edge(struct call *c, struct buf *out, struct str name, struct str key, struct str selection)
{
    const struct route *own = c->route;
    const enum object_kind object = c->object, item = c->item_object;
    struct parameters *params = c->params;
    struct str edge = c->edge;
    struct buf body = c->reply->body;
    bool exists;
    const struct route *route = NULL;

    if (item != OBJECT_WORD)
        route = route_find(METHOD_GET, item, name, c->version, &exists);
    else if (c->depth == 0 && edge.n == 0)
        route = route_find(METHOD_GET, object, name, c->version, &exists);

    if (route == NULL || name.n == 0)
        return node_no_field(c, name);
    c->depth++;
    c->object = route->object;
    c->route = route;
    c->edge = name;
    c->params = edge_params(c, selection);
    c->reply->body = (struct buf){ 0 };
    enum graph_err error = check_permission(c);
    c->item_object = OBJECT_WORD;
    if (error == ERR_NONE)
        error = route->handler(c);
    c->item_object = item;
    c->object = object;
    struct buf part = c->reply->body;
    c->reply->body = body;
    c->params = params;
    c->edge = edge;
    c->route = own;
    c->depth--;
    if (error == ERR_NONE) {
        /* `out` may be the very buffer that was put aside: it is back in its place now. */
        jw_key_str(out, key, JW_GRAPH);
        buf_add(out, part.s, part.n);
    }
    buf_fini(&part);
    return error;
}

/* ---- rows of many tables ------------------------------------------------------------------------------------------------------------------ */

void
node_put_nothing(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)out;
    (void)c;
    (void)object;
    (void)key;
}

void
node_put_id(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct node *)object)->id);
}

void
node_put_text(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct node *)object)->text);
}

void
node_put_text2(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct node *)object)->text2);
}

/* ---- one object -------------------------------------------------------------------------------------------------------------------------- */

static bool
may_show(const struct call *c, const struct node_field *row)
{
    return row->permission == 0 || (c->credential != NULL && c->credential->permissions & row->permission);
}

/* A name without what follows it. */
static struct str
plain_name(struct str name)
{
    struct str plain = { name.s, 0 };

    while (plain.n < name.n && strchr(".{(", name.s[plain.n]) == NULL)
        plain.n++;
    return plain;
}

/* Whether the same field stands further ahead: an object has no name twice, so the first one counts [inferred]. */
static bool
is_repeated(struct names names, struct str name)
{
    struct str earlier;

    while (names_next(&names, &earlier) && earlier.s != name.s)
        if (str_eq(plain_name(earlier), plain_name(name)))
            return true;
    return false;
}

/* Gives the value that a row wrote from `start` on its other name, and cuts it down to the fields that were asked of it. */
static void
dress_value(struct call *c, struct buf *out, size_t start, const char *name, struct str key, struct str fields)
{
    size_t at = start + (out->s[start] == ',') + strlen(name) + 3; /* "name": */
    struct str value = { arena_strndup(c->arena, out->s + at, out->n - at), out->n - at };

    out->n = start;
    jw_key_str(out, key, JW_GRAPH);
    if (fields.n > 0)
        selection_keep(out, c->arena, value, fields);
    else
        buf_str(out, value);
}

/* Writes one row. A row that has seen to its selection itself says so by emptying it. */
static void
write_row(struct call *c, struct buf *out, const struct node_field *row, const void *object, struct str key, struct str selection)
{
    struct str outer = c->selection;
    size_t start = out->n;

    c->selection = selection;
    row->write(out, c, object, row->name);
    struct str fields = c->selection.n > 0 ? selection_fields(selection) : STR_NONE;
    c->selection = outer;
    if (out->n > start && (fields.n > 0 || !str_eq(key, str_of(row->name))))
        dress_value(c, out, start, row->name, key, fields);
}

static enum graph_err
write_named(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const void *object, struct str name, bool *has_id)
{
    struct str plain = plain_name(name);
    struct str selection = str_from(name, plain.n), alias = selection_argument(selection, "as");
    struct str key = alias.n > 0 ? alias : plain;

    for (size_t i = 0; i < count; i++) {
        if (!str_eq(plain, str_of(rows[i].name)))
            continue;
        *has_id |= strcmp(rows[i].name, "id") == 0;
        /* A field of a person that is asked for without its permission fails the whole call [observed: botkit 1557]. */
        if (!may_show(c, &rows[i]))
            return call_fail(c, RULE_AUTH_PERMISSION, ERR_PROFILE_PERMISSION, NULL);
        write_row(c, out, &rows[i], object, key, selection);
        return ERR_NONE;
    }
    return expand_edge(c, out, plain, key, selection);
}

/* metadata=1: what the object has, by the tables [inferred: the platform's descriptions are not reproduced]. */
static void
write_metadata(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const char *id)
{
    unsigned route_count;
    const struct route *routes = route_rows(&route_count);

    jw_key(out, "metadata");
    jw_open(out, '{');
    jw_key(out, "fields");
    jw_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        jw_item(out);
        jw_open(out, '{');
        jw_kv_text(out, "name", rows[i].name);
        jw_close(out, '}');
    }
    jw_close(out, ']');
    jw_kv_text(out, "type", c->object == OBJECT_PERSON ? "user" : object_kind_text(c->object));
    jw_key(out, "connections");
    jw_open(out, '{');
    for (unsigned i = 0; i < route_count; i++) {
        const struct route *r = &routes[i];

        if (r->method == METHOD_GET && r->object == c->object && *r->edge != '\0' && r->since <= c->version && c->version < r->until)
            jw_kv_text(out, r->edge, call_printf(c, "https://graph.facebook.com/v%d.%d/%s/%s", c->version / 100, c->version % 100, id, r->edge));
    }
    jw_close(out, '}');
    jw_close(out, '}');
}

static bool
wants_metadata(const struct call *c)
{
    bool truth = false;

    return c->depth == 0 && c->edge.n == 0 && json_bool(call_param(c, "metadata"), &truth) && truth;
}

static enum graph_err
write_object(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const void *object, struct names *names, bool is_asked,
             bool without_id)
{
    enum graph_err error = ERR_NONE;
    bool has_id = without_id || !is_asked;
    const struct names all = *names;
    struct str name;

    jw_open(out, '{');
    for (size_t i = 0; i < count && !is_asked; i++)
        if (rows[i].is_default && may_show(c, &rows[i]))
            rows[i].write(out, c, object, rows[i].name);
    while (is_asked && error == ERR_NONE && names_next(names, &name))
        if (!is_repeated(all, name))
            error = write_named(c, out, rows, count, object, name, &has_id);
    for (size_t i = 0; i < count && !has_id && error == ERR_NONE; i++)
        if (strcmp(rows[i].name, "id") == 0)
            rows[i].write(out, c, object, "id");
    if (error == ERR_NONE && wants_metadata(c))
        write_metadata(c, out, rows, count,
                       c->object == OBJECT_PAGE ? c->page->id : arena_strndup(c->arena, c->node_id.s != NULL ? c->node_id.s : "", c->node_id.n));
    jw_close(out, '}');
    return error;
}

enum graph_err
node_write(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const void *object, const struct jnode *wanted, bool without_id)
{
    struct names names;

    names_open(&names, wanted);
    return write_object(c, out, rows, count, object, &names, names.item != NULL || names.rest.n > 0, without_id);
}

enum graph_err
node_write_text(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const void *object, struct str wanted, bool without_id)
{
    struct names names = { NULL, wanted };

    return write_object(c, out, rows, count, object, &names, wanted.n > 0, without_id);
}
