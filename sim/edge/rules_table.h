/* rules_table.h - all tables of the platform as one JSON text, the acts of people among them: what `understudy rules --json` prints and GET /_sim/rules answers. */
#ifndef UNDERSTUDY_EDGE_RULES_TABLE_H
#define UNDERSTUDY_EDGE_RULES_TABLE_H

#include "core/span.h"
#include "graph/jwrite.h"

void rules_table_write(struct buf *out, ms_t as_of);

#endif
