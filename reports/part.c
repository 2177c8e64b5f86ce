#include "reports/part.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"

static const char *
row_name(const json_t *row)
{
    static const char *const keys[] = {"id", "path", "kind", "name"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (*tree_text(row, keys[i]))
            return tree_text(row, keys[i]);
    return "";
}

/* A field is known by its schema and its path in it, recipient.id, whether or not its path says so
 * already. */
static json_t *
row_id_new(const json_t *row)
{
    const char *schema = tree_text(row, "schema"), *name = row_name(row);
    size_t length = strlen(schema);
    bool is_whole = length == 0 || (strncmp(name, schema, length) == 0 && name[length] == '.');
    json_t *id = is_whole ? json_string(name) : json_sprintf("%s.%s", schema, name);

    if (!id)
        abort();
    return id;
}

void
part_init(struct part *part, json_t *table)
{
    static const char *const kept[] = {"schema", "method",   "path", "field",
                                       "rule",   "fidelity", "cite"};
    json_t *row;
    size_t i;

    part->rows = json_array();
    part->index = json_object();
    part->unknown = json_object();
    json_array_foreach(table, i, row)
    {
        json_t *made = json_object();

        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
            tree_copy(made, row, kept[k]);
        tree_set(made, "id", row_id_new(row));
        tree_set_int(made, "count", 0);
        tree_add(part->rows, made);
        tree_add(tree_array(part->index, tree_text(made, "id")), json_incref(made));
        if (strcmp(tree_text(made, "id"), row_name(row)) != 0)
            tree_add(tree_array(part->index, row_name(row)), json_incref(made));
    }
}

void
part_hit(struct part *part, const char *id, const char *also)
{
    json_t *same = json_object_get(part->index, id), *row;
    size_t i;

    if (!same)
        tree_count(part->unknown, id, 1);
    json_array_foreach(same, i, row)
    {
        tree_count(row, "count", 1);
        if (also)
            tree_count(row, also, 1);
    }
}

json_t *
part_unknown_new(json_t *counts)
{
    json_t *list = json_array();
    char *sorted = tree_line_new(counts);
    json_t *in_order = json_loads(sorted, 0, NULL), *count;
    const char *id;

    json_object_foreach(in_order, id, count)
    {
        json_t *row = json_object();

        tree_set_text(row, "id", id);
        tree_set(row, "count", json_incref(count));
        tree_add(list, row);
    }
    json_decref(in_order);
    free(sorted);
    return list;
}

void
part_set_share(json_t *object, json_int_t reached, json_int_t total)
{
    tree_set_int(object, "reached", reached);
    tree_set_int(object, "total", total);
    if (total == 0) {
        tree_set(object, "percent", json_null());
        return;
    }
    json_int_t thousandths = reached * 1000 / total;

    tree_set(object, "percent", json_real((double)thousandths / 10.0));
}

json_t *
part_finish_new(struct part *part)
{
    json_t *made = json_object(), *never = json_array(), *row;
    json_int_t reached = 0;
    size_t i;

    json_array_foreach(part->rows, i, row)
    {
        if (tree_int(row, "count") > 0)
            reached++;
        else
            tree_add(never, tree_text_new(tree_text(row, "id")));
    }
    part_set_share(made, reached, (json_int_t)json_array_size(part->rows));
    tree_set(made, "rows", part->rows);
    tree_set(made, "never", never);
    tree_set(made, "unknown", part_unknown_new(part->unknown));
    json_decref(part->index);
    json_decref(part->unknown);
    return made;
}
