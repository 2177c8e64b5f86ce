#include "edge/rules_table.h"

#include <stdlib.h>

#include "graph/api.h"
#include "people/act.h"

void
rules_table_write(struct buf *out, ms_t as_of)
{
    json_t *acts = acts_json();
    char *text = json_dumps(acts, JSON_COMPACT);

    rules_json(out, as_of, str_of(text));
    free(text);
    json_decref(acts);
}
