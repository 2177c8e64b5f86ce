#include "conformance/tables.h"

#include <stdio.h>

/* An array of objects as an object, by the first of the keys that they have. */
static json_t *
index_new(const json_t *rows, const char *key, const char *other_key)
{
    json_t *index = json_object();

    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *name = json_string_value(json_object_get(row, key));
        if (name == NULL)
            name = json_string_value(json_object_get(row, other_key));
        if (name != NULL)
            json_object_set(index, name, row);
    }
    return index;
}

/* Names alone, as an object. */
static json_t *
names_new(const json_t *names)
{
    json_t *index = json_object();

    for (size_t i = 0; i < json_array_size(names); i++) {
        const json_t *row = json_array_get(names, i);
        const char *name = json_is_string(row) ? json_string_value(row)
                                               : json_string_value(json_object_get(row, "name"));
        if (name != NULL)
            json_object_set_new(index, name, json_true());
    }
    return index;
}

int
tables_fetch(struct tables *tables, struct control *control)
{
    json_t *acts = control_json_new(control, "GET", "/_sim/acts", NULL);

    *tables = (struct tables){
        .all = acts == NULL ? NULL : control_json_new(control, "GET", "/_sim/rules", NULL)};
    if (tables->all == NULL) {
        fprintf(stderr, "understudy: cannot learn the tables of the server: %s\n", control->error);
        json_decref(acts);
        return -1;
    }
    const json_t *list = json_is_array(acts) ? acts : json_object_get(acts, "acts");
    const json_t *fields = json_object_get(tables->all, "webhook_fields");
    tables->by_name = (struct check_tables){
        .rules = index_new(json_object_get(tables->all, "rules"), "id", "name"),
        .acts = index_new(list, "name", "act"),
        .events = index_new(json_object_get(tables->all, "events"), "id", "name"),
        .fields = fields == NULL ? NULL : names_new(fields),
    };
    json_decref(acts);
    return 0;
}

void
tables_fini(struct tables *tables)
{
    json_decref(tables->all);
    json_decref(tables->by_name.rules);
    json_decref(tables->by_name.acts);
    json_decref(tables->by_name.events);
    json_decref(tables->by_name.fields);
    *tables = (struct tables){0};
}
