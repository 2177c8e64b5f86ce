#include "graph/node.h"

#include <string.h>

static struct str
trimmed(struct str text)
{
    while (text.n > 0 && (*text.s == ' ' || *text.s == '\t'))
        text = str_from(text, 1);
    while (text.n > 0 && (text.s[text.n - 1] == ' ' || text.s[text.n - 1] == '\t'))
        text.n--;
    return text;
}

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
    struct str name = trimmed((struct str){ rest->s, i });
    *rest = i < rest->n ? str_from(*rest, i + 1) : str_from(*rest, i);
    return name;
}

static bool
may_show(const struct call *c, const struct node_field *row)
{
    return row->permission == 0 || (c->credential != NULL && c->credential->permissions & row->permission);
}

static enum graph_err
write_named(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const void *object, struct str name, bool *has_id)
{
    struct str plain = { name.s, 0 };

    while (plain.n < name.n && strchr(".{(", name.s[plain.n]) == NULL)
        plain.n++;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(plain, str_of(rows[i].name)))
            continue;
        *has_id |= strcmp(rows[i].name, "id") == 0;
        if (may_show(c, &rows[i]))
            rows[i].write(out, c, object, rows[i].name);
        return ERR_NONE;
    }
    return call_fail_str(c, RULE_FORM_KEYS, ERR_NONEXISTING_FIELD, plain);
}

enum graph_err
node_write(struct call *c, struct buf *out, const struct node_field *rows, size_t count, const void *object, const struct jnode *wanted, bool without_id)
{
    enum graph_err error = ERR_NONE;
    bool has_id = without_id;

    jw_open(out, '{');
    if (wanted == NULL || (wanted->type == J_STRING && wanted->text.n == 0)) {
        for (size_t i = 0; i < count; i++)
            if (rows[i].is_default && may_show(c, &rows[i]))
                rows[i].write(out, c, object, rows[i].name);
    } else if (wanted->type == J_ARRAY) {
        for (const struct jnode *item = wanted->first; item != NULL && error == ERR_NONE; item = item->next)
            error = write_named(c, out, rows, count, object, trimmed(json_text(item)), &has_id);
    } else {
        struct str rest = json_text(wanted);

        while (rest.n > 0 && error == ERR_NONE) {
            struct str name = next_name(&rest);

            if (name.n > 0)
                error = write_named(c, out, rows, count, object, name, &has_id);
        }
    }
    for (size_t i = 0; i < count && !has_id && wanted != NULL && error == ERR_NONE; i++)
        if (strcmp(rows[i].name, "id") == 0)
            rows[i].write(out, c, object, "id");
    jw_close(out, '}');
    return error;
}
