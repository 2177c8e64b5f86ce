/* Which acts there are: only the server knows, so it is asked, once, when a file names acts itself. */
#include <string.h>

#include "conformance/alloc.h"
#include "conformance/import.h"
#include "conformance/script.h"
#include "conformance/server.h"
#include "conformance/tables.h"

static int
fetch_acts(struct import *im)
{
    char listen[] = "--listen", any[] = "127.0.0.1:0";
    char *arguments[] = {listen, any, NULL};
    struct server server;
    struct control control;
    struct tables tables = {0};
    int result = -1;

    wire_setup();
    if (server_start(&server, arguments) != 0)
        return -1;
    control_init(&control, server.base, NULL);
    if (tables_fetch(&tables, &control) == 0) {
        im->acts_known = json_deep_copy(tables.by_name.acts);
        result = 0;
    }
    tables_fini(&tables);
    control_fini(&control);
    server_stop(&server);
    return result;
}

static bool
has_field(const json_t *fields, const char *name)
{
    json_t *field;
    size_t i;

    json_array_foreach(fields, i, field)
    {
        const char *called = json_string_value(json_object_get(field, "name"));
        if (called != NULL && strcmp(called, name) == 0)
            return true;
    }
    return false;
}

static int
fit_fields(struct import *im, json_t *act, const char *name)
{
    const json_t *fields = json_object_get(json_object_get(im->acts_known, name), "fields");
    json_t *field, *text = json_object_get(act, "text");
    size_t i;

    if (text != NULL && !has_field(fields, "text") && has_field(fields, "title"))
        json_object_set(act, "title", text);
    else if (text != NULL && !has_field(fields, "text"))
        import_skip(im, "text of an act that has none");
    if (!has_field(fields, "text"))
        json_object_del(act, "text");
    if (json_object_get(act, "payload") != NULL && !has_field(fields, "payload")) {
        import_skip(im, "payload of an act that has none");
        json_object_del(act, "payload");
    }
    json_array_foreach(fields, i, field)
    {
        const char *called = json_string_value(json_object_get(field, "name"));

        if (json_is_true(json_object_get(field, "required")) && called != NULL &&
            json_object_get(act, called) == NULL)
            return import_wrong(im, "the act `%s` needs `%s`, which is not there", name, called);
    }
    return 0;
}

int
import_fit_act(struct import *im, json_t *act)
{
    const char *name = json_string_value(json_object_get(act, "act")), *key;
    size_t count = 0;
    json_t *row;

    if (im->acts_known == NULL && fetch_acts(im) != 0)
        return -1;
    if (json_object_get(im->acts_known, name) != NULL)
        return fit_fields(im, act, name);
    const char **names = alloc_zero(json_object_size(im->acts_known), sizeof *names);
    json_object_foreach(im->acts_known, key, row) names[count++] = key;
    const char *meant = verb_nearest(name, names, count);
    import_wrong(im, "unknown act `%s`, %s`%s`", name,
                 meant == NULL ? "expected one of GET /_sim/acts as in " : "did you mean ",
                 meant == NULL ? "message" : meant);
    free(names);
    return -1;
}
