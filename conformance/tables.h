/* What a server knows, as the harness needs it: rules, acts, fields and events by name.
 * Knows GET /_sim/rules and /_sim/acts. */
#ifndef CONFORMANCE_TABLES_H
#define CONFORMANCE_TABLES_H

#include "conformance/check.h"
#include "conformance/control.h"

struct tables {
    json_t *all; /* GET /_sim/rules as it is, for reports */
    struct check_tables by_name;
};

/* Asks the server. Returns 0, or -1 after a line on stderr. */
int tables_fetch(struct tables *tables, struct control *control);

void tables_fini(struct tables *tables);

#endif
