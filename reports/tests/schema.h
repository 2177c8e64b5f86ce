/* A JSON Schema checker for tests: as much of draft 2020-12 as our schemas use, and a complaint
 * about anything more. */
#ifndef REPORTS_TESTS_SCHEMA_H
#define REPORTS_TESTS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* Returns true if the value fits; else the path of the first misfit and what is wrong with it are
 * in `why`. */
bool schema_fits(json_t *schema, json_t *value, char *why, size_t why_size);

#endif
