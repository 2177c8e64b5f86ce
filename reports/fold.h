/* The fold: journals and the rule table in, the complete tree of report.json out. Every format is
 * written from that tree and from nothing else. */
#ifndef REPORTS_FOLD_H
#define REPORTS_FOLD_H

#include <jansson.h>

/* `journals`: from evidence_complete_new(). The caller owns what it gets. docs/reports.md describes
 * it and fixtures/schemas/report.schema.json checks it. */
json_t *fold_new(json_t *journals, json_t *rules);

#endif
