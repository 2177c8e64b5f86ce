#include "reports/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *
tree_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

json_int_t
tree_int(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

bool
tree_is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

json_t *
tree_object(json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);

    if (!found) {
        found = json_object();
        tree_set(object, key, found);
    }
    return found;
}

json_t *
tree_array(json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);

    if (!found) {
        found = json_array();
        tree_set(object, key, found);
    }
    return found;
}

void
tree_set(json_t *object, const char *key, json_t *value)
{
    /* The key may come from a journal, hence from JSON, or be ours: UTF-8 either way. */
    if (!value || json_object_set_new_nocheck(object, key, value) != 0)
        abort();
}

void
tree_set_text(json_t *object, const char *key, const char *text)
{
    tree_set(object, key, tree_text_new(text));
}

void
tree_set_int(json_t *object, const char *key, json_int_t number)
{
    tree_set(object, key, json_integer(number));
}

void
tree_set_bool(json_t *object, const char *key, bool truth)
{
    tree_set(object, key, json_boolean(truth));
}

void
tree_add(json_t *array, json_t *value)
{
    if (!value || json_array_append_new(array, value) != 0)
        abort();
}

void
tree_copy(json_t *to, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);

    if (value)
        tree_set(to, key, json_incref(value));
}

void
tree_count(json_t *object, const char *key, json_int_t by)
{
    json_t *number = json_object_get(object, key);

    if (json_is_integer(number))
        json_integer_set(number, json_integer_value(number) + by);
    else
        tree_set_int(object, key, by);
}

void
tree_add_once(json_t *array, const char *text)
{
    json_t *there;
    size_t i;

    json_array_foreach(array, i, there) if (strcmp(json_string_value(there), text) == 0) return;
    tree_add(array, tree_text_new(text));
}

struct slot {
    json_t *value;
};
struct ordering {
    int (*order)(const json_t *left, const json_t *right);
};

static int
slot_order(const void *left, const void *right, void *ordering)
{
    const struct slot *a = left, *b = right;
    const struct ordering *by = ordering;

    return by->order(a->value, b->value);
}

json_t *
tree_sorted_new(json_t *list, int (*order)(const json_t *left, const json_t *right))
{
    size_t count = json_array_size(list);
    struct slot *slots = tree_alloc(count, sizeof *slots);
    struct ordering ordering = {order};
    json_t *sorted = json_array();

    for (size_t i = 0; i < count; i++)
        slots[i].value = json_array_get(list, i);
    qsort_r(slots, count, sizeof *slots, slot_order, &ordering);
    for (size_t i = 0; i < count; i++)
        tree_add(sorted, json_incref(slots[i].value));
    free(slots);
    json_decref(list);
    return sorted;
}

json_t *
tree_text_new(const char *text)
{
    json_t *made = json_string(text);

    /* Only file names from the command line can be anything but UTF-8. */
    for (size_t length = strlen(text); !made && length > 0; length--)
        made = json_stringn(text, length - 1);
    return made;
}

char *
tree_line_new(const json_t *value)
{
    char *line = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

    if (!line)
        abort();
    return line;
}

void *
tree_alloc(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);

    if (!made)
        abort();
    return made;
}
