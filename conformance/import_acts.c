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

int
import_check_act(struct import *im, const char *act)
{
    size_t count = 0;
    const char *key;
    json_t *row;

    if (im->acts_known == NULL && fetch_acts(im) != 0)
        return -1;
    if (json_object_get(im->acts_known, act) != NULL)
        return 0;
    const char **names = alloc_zero(json_object_size(im->acts_known), sizeof *names);
    json_object_foreach(im->acts_known, key, row) names[count++] = key;
    const char *meant = verb_nearest(act, names, count);
    import_wrong(im, "unknown act `%s`, %s`%s`", act,
                 meant == NULL ? "expected one of GET /_sim/acts as in " : "did you mean ",
                 meant == NULL ? "message" : meant);
    free(names);
    return -1;
}
