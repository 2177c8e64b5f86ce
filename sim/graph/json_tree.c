#include "graph/json_tree.h"

const struct jnode *
json_get_str(const struct jnode *object, struct str name)
{
    if (object == NULL || object->type != J_OBJECT)
        return NULL;
    for (const struct jnode *child = object->first; child != NULL; child = child->next) {
        if (str_eq(child->key, name))
            return child;
    }
    return NULL;
}

const struct jnode *
json_at(const struct jnode *array, size_t index)
{
    if (array == NULL || array->type != J_ARRAY)
        return NULL;

    const struct jnode *child = array->first;

    while (child != NULL && index-- > 0)
        child = child->next;
    return child;
}

struct str
json_text(const struct jnode *node)
{
    return node != NULL && (node->type == J_STRING || node->type == J_NUMBER) ? node->text
                                                                              : STR_NONE;
}

bool
json_int64(const struct jnode *node, int64_t *out)
{
    struct str text = json_text(node);
    const bool negative = text.n > 0 && text.s[0] == '-';
    int64_t value = 0; /* kept negative: there is one more of these */

    if (negative)
        text = str_from(text, 1);
    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        int digit = text.s[i] - '0';

        if (digit < 0 || digit > 9 || value < (INT64_MIN + digit) / 10)
            return false;
        value = value * 10 - digit;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

bool
json_bool(const struct jnode *node, bool *out)
{
    struct str text = json_text(node);

    if (node == NULL)
        return false;
    if (node->type == J_TRUE || str_eq_lit(text, "true") || str_eq_lit(text, "1"))
        *out = true;
    else if (node->type == J_FALSE || str_eq_lit(text, "false") || str_eq_lit(text, "0"))
        *out = false;
    else
        return false;
    return true;
}

struct jnode *
json_node_new(struct arena *arena, enum jtype type)
{
    struct jnode *node = arena_zalloc(arena, sizeof *node);

    node->type = type;
    return node;
}

struct jnode *
json_string_new(struct arena *arena, struct str text)
{
    struct jnode *node = json_node_new(arena, J_STRING);

    node->text = text;
    return node;
}

void
json_append(struct jnode *parent, struct str key, struct jnode *child)
{
    struct jnode **last = &parent->first;

    while (*last != NULL)
        last = &(*last)->next;
    child->key = key;
    child->next = NULL;
    *last = child;
    parent->count++;
}
