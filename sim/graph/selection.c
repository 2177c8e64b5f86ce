#include "graph/selection.h"

#include <string.h>

#include "graph/node.h"

/* ---- arguments ------------------------------------------------------------------------------------------------------------------------ */

static bool
is_name_byte(char b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b == '-';
}

/* How long the bracket that text begins with is, both brackets included; all of it when it is never closed. */
static size_t
bracket_length(struct str text)
{
    unsigned depth = 0;

    for (size_t i = 0; i < text.n; i++) {
        depth += text.s[i] == '(' || text.s[i] == '{';
        depth -= text.s[i] == ')' || text.s[i] == '}';
        if (depth == 0)
            return i + 1;
    }
    return text.n;
}

/* What stands between the brackets. */
static struct str
inside(struct str text, size_t length)
{
    bool is_closed = length > 1 && (text.s[length - 1] == ')' || text.s[length - 1] == '}');

    return (struct str){ text.s + 1, length - 1 - is_closed };
}

bool
selection_next(struct str *selection, struct str *name, struct str *value)
{
    struct str s = *selection;
    size_t n = 1;

    if (s.n == 0 || s.s[0] != '.')
        return false;
    while (n < s.n && is_name_byte(s.s[n]))
        n++;
    *name = (struct str){ s.s + 1, n - 1 };
    s = str_from(s, n);
    if (s.n == 0 || s.s[0] != '(')
        return false;
    n = bracket_length(s);
    *value = inside(s, n);
    *selection = str_from(s, n);
    return true;
}

struct str
selection_argument(struct str selection, const char *name)
{
    struct str found, value;

    while (selection_next(&selection, &found, &value))
        if (str_eq(found, str_of(name)))
            return value;
    return STR_NONE;
}

struct str
selection_fields(struct str selection)
{
    struct str rest = selection, name, value;

    while (selection_next(&rest, &name, &value))
        ;
    if (rest.n > 0 && rest.s[0] == '{')
        return inside(rest, bracket_length(rest));
    return selection_argument(selection, "fields");
}

/* ---- the grammar ---------------------------------------------------------------------------------------------------------------------- */

struct reader {
    struct str text;
    size_t at;
    struct arena *arena;
    struct selection_mistake *mistake;
};

static void
skip_spaces(struct reader *r)
{
    while (r->at < r->text.n && (r->text.s[r->at] == ' ' || r->text.s[r->at] == '\n' || r->text.s[r->at] == '\t' || r->text.s[r->at] == '\r'))
        r->at++;
}

static bool
sees(struct reader *r, char b)
{
    skip_spaces(r);
    return r->at < r->text.n && r->text.s[r->at] == b;
}

static bool
read_name(struct reader *r)
{
    skip_spaces(r);
    size_t start = r->at;
    while (r->at < r->text.n && is_name_byte(r->text.s[r->at]))
        r->at++;
    if (r->at == start)
        *r->mistake = (struct selection_mistake){ start, "name." };
    return r->at > start;
}

/* The sign, or the word, that nobody expected. */
static bool
unexpected(struct reader *r)
{
    size_t n = 0;
    char *text;

    skip_spaces(r);
    while (r->at + n < r->text.n && is_name_byte(r->text.s[r->at + n]))
        n++;
    n += n == 0;
    text = arena_alloc(r->arena, n + sizeof "end of string instead of \"\".");
    strcpy(text, "end of string instead of \"");
    strncat(text, r->text.s + r->at, n);
    strcat(text, "\".");
    *r->mistake = (struct selection_mistake){ r->at, text };
    return false;
}

static bool read_list(struct reader *r, char end, unsigned depth);

/* name.argument(..)...{list}; the arguments themselves are the edge's affair. */
static bool
read_item(struct reader *r, unsigned depth)
{
    if (!read_name(r))
        return false;
    while (sees(r, '.')) {
        r->at++;
        if (!read_name(r))
            return false;
        if (!sees(r, '('))
            return unexpected(r);
        r->at += bracket_length(str_from(r->text, r->at));
        if (r->text.s[r->at - 1] != ')') {
            *r->mistake = (struct selection_mistake){ r->at, "\")\" instead of end of string." };
            return false;
        }
    }
    if (!sees(r, '{'))
        return true;
    r->at++;
    return read_list(r, '}', depth + 1);
}

static bool
read_list(struct reader *r, char end, unsigned depth)
{
    if (depth > JSON_DEPTH_MAX)
        return unexpected(r);
    do {
        if (!read_item(r, depth))
            return false;
    } while (sees(r, ',') && ++r->at);
    if (end == '\0')
        return r->at == r->text.n || unexpected(r);
    if (sees(r, end)) {
        r->at++;
        return true;
    }
    if (r->at < r->text.n)
        return unexpected(r);
    *r->mistake = (struct selection_mistake){ r->at, "\"}\" instead of end of string." };
    return false;
}

bool
selection_mistake(struct str fields, struct arena *arena, struct selection_mistake *mistake)
{
    struct reader r = { fields, 0, arena, mistake };

    skip_spaces(&r);
    return r.at < fields.n && !read_list(&r, '\0', 0);
}

/* ---- a part of a value ---------------------------------------------------------------------------------------------------------------- */

static void keep_value(struct buf *out, const struct jnode *value, struct str fields);

static struct str
plain_name(struct str name)
{
    size_t n = 0;

    while (n < name.n && is_name_byte(name.s[n]))
        n++;
    return (struct str){ name.s, n };
}

/* An object has no name twice: the first one counts. */
static bool
is_repeated(struct str fields, struct str name)
{
    struct names names = { NULL, fields };
    struct str earlier;

    while (names_next(&names, &earlier) && earlier.s != name.s)
        if (str_eq(plain_name(earlier), plain_name(name)))
            return true;
    return false;
}

static void
keep_member(struct buf *out, const struct jnode *object, struct str name)
{
    const struct str plain = plain_name(name);
    const struct jnode *member = json_get_str(object, plain);
    struct str inner = selection_fields(str_from(name, plain.n));

    if (member == NULL)
        return;
    jw_key_str(out, member->key, JW_GRAPH);
    if (inner.n > 0)
        keep_value(out, member, inner);
    else
        jw_node(out, member, JW_GRAPH);
}

static void
keep_object(struct buf *out, const struct jnode *object, struct str fields)
{
    struct names names = { NULL, fields };
    bool has_id = false;
    struct str name;

    jw_open(out, '{');
    while (names_next(&names, &name)) {
        /* Names that are not there are passed over first: a long list of them costs no more than its length. */
        if (json_get_str(object, plain_name(name)) == NULL || is_repeated(fields, name))
            continue;
        has_id |= str_eq(plain_name(name), STR("id"));
        keep_member(out, object, name);
    }
    if (!has_id)
        keep_member(out, object, STR("id"));
    jw_close(out, '}');
}

static void
keep_list(struct buf *out, const struct jnode *list, struct str fields)
{
    jw_open(out, '[');
    for (const struct jnode *item = list->first; item != NULL; item = item->next) {
        jw_item(out);
        keep_value(out, item, fields);
    }
    jw_close(out, ']');
}

static void
keep_value(struct buf *out, const struct jnode *value, struct str fields)
{
    const struct jnode *data = json_get(value, "data");

    if (jnode_is_array(value)) {
        keep_list(out, value, fields);
    } else if (jnode_is_array(data) || jnode_is_object(data)) { /* an edge, or picture{url} */
        jw_open(out, '{');
        jw_key(out, "data");
        keep_value(out, data, fields);
        jw_close(out, '}');
    } else if (jnode_is_object(value)) {
        keep_object(out, value, fields);
    } else {
        jw_node(out, value, JW_GRAPH);
    }
}

void
selection_keep(struct buf *out, struct arena *arena, struct str json, struct str fields)
{
    const struct jnode *value = json_read(arena, json, 0, NULL);

    if (value != NULL)
        keep_value(out, value, fields);
    else
        buf_str(out, json);
}
