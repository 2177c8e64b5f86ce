/* The writers: the complete tree in, one format out. A writer computes nothing and knows only the
 * tree. */
#ifndef REPORTS_WRITERS_H
#define REPORTS_WRITERS_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#define REPORT(name, file, function) void function(json_t *tree, FILE *out);
#include "reports/reports.def"
#undef REPORT

/* report_text() with or without terminal colours. */
void report_text_painted(json_t *tree, FILE *out, bool is_painted);

#endif
