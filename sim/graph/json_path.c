#include "graph/json_path.h"

#include "world/ids.h"

struct walk {
    struct buf *out;
    unsigned found;
};

static void
put_value(struct walk *w, const struct jnode *value)
{
    if (w->found++ > 0)
        buf_char(w->out, ',');
    if (value->type == J_STRING || value->type == J_NUMBER)
        buf_str(w->out, value->text);
    else
        jw_node(w->out, value, JW_GRAPH);
}

/* Cuts the next step off: ".name", "['name']", "[0]", ".*" or "[*]". False when there is none or it cannot be read. */
static bool
next_step(struct str *path, struct str *step)
{
    size_t i = 1;

    if (path->n < 2)
        return false;
    if (path->s[0] == '.') {
        while (i < path->n && path->s[i] != '.' && path->s[i] != '[')
            i++;
        *step = (struct str){ path->s + 1, i - 1 };
        *path = str_from(*path, i);
        return step->n > 0;
    }
    if (path->s[0] != '[')
        return false;
    while (i < path->n && path->s[i] != ']')
        i++;
    if (i == path->n)
        return false;
    *step = (struct str){ path->s + 1, i - 1 };
    *path = str_from(*path, i + 1);
    if (step->n >= 2 && (step->s[0] == '\'' || step->s[0] == '"'))
        *step = (struct str){ step->s + 1, step->n - 2 };
    return step->n > 0;
}

static void
walk(struct walk *w, const struct jnode *at, struct str path)
{
    struct str step;

    if (at == NULL)
        return;
    if (path.n == 0) {
        put_value(w, at);
        return;
    }
    if (!next_step(&path, &step))
        return;
    if (str_eq_lit(step, "*")) {
        for (const struct jnode *child = at->type == J_OBJECT || at->type == J_ARRAY ? at->first : NULL; child != NULL; child = child->next)
            walk(w, child, path);
        return;
    }
    if (at->type == J_ARRAY) {
        uint64_t index = digits_read(step.s, step.n);

        if (index > 0 || str_eq_lit(step, "0"))
            walk(w, json_at(at, (size_t)index), path);
        return;
    }
    walk(w, json_get_str(at, step), path);
}

bool
json_path_put(struct buf *out, const struct jnode *root, struct str path)
{
    struct walk w = { out, 0 };

    if (path.n == 0 || path.s[0] != '$')
        return false;
    walk(&w, root, str_from(path, 1));
    return w.found > 0;
}
