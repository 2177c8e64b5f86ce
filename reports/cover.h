/* Coverage: folds journals over the rule table. Each part stands apart: rules in both directions,
 * endpoints, request fields, templates, webhook events; error codes and what the client did about
 * them are in react.h. */
#ifndef REPORTS_COVER_H
#define REPORTS_COVER_H

#include <jansson.h>

#include "reports/evidence.h"

struct cover;

/* `rules`: `understudy rules --json`; NULL = nothing is known. */
struct cover *cover_new(json_t *rules);

void cover_record(struct cover *cover, const struct place *place, json_t *record);

/* {"rules":{..},"endpoints":{..},"fields":{..},"templates":{..},"events":{..}}; frees the cover.
 * docs/reports.md says what is in each. */
json_t *cover_finish_new(struct cover *cover);

/* The two directions of a kind of rule, as rule_kinds.def names them. An unknown kind is taken for
 * a gate. */
struct directions {
    const char *quiet;
    const char *loud;
};
struct directions cover_directions(const char *kind);

#endif
