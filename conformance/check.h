/* Does a script make sense? Names, order, variables, patterns, durations: all that can be known without running it.
 * Knows the language; talks to nobody. With the tables of a server (rules, acts) it also knows ids. */
#ifndef CONFORMANCE_CHECK_H
#define CONFORMANCE_CHECK_H

#include "conformance/complaints.h"
#include "conformance/scope.h"
#include "conformance/script.h"

/* Checks a script that script_read has read. Every mistake becomes a complaint. */
void check_script(const struct script *script, struct complaints *complaints);

/* Binds a column to the cell of a row: a value, or absent. */
void check_bind_cell(struct scope *scope, const struct script *script, size_t row, size_t column);

/* What a server knows: sets of names as JSON objects (name -> anything), NULL where it did not say. */
struct check_tables {
    json_t *rules;  /* rule id -> row */
    json_t *acts;   /* act -> row */
    json_t *fields; /* webhook field -> anything */
    json_t *events; /* event id -> row */
};

/* Checks the ids that a script names against the tables of a server. A script whose `needs` names a row that is not
 * there is going to be skipped and gets no complaint about it. */
void check_script_tables(const struct script *script, const struct check_tables *tables,
                         struct complaints *complaints);

/* True when `needs` of a script names a row that the tables do not have; `*missing` (new text) says which. */
bool check_needs_missing(const struct script *script, const struct check_tables *tables,
                         const char *api, bool has_client, char **missing);

/* Compares versions as in `api >= v19.0`: v19.0 -> 1900; -1 when it is none. */
long check_api_number(const char *version);

#endif
