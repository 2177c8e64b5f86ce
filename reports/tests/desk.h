/* What the tests of reports share: the fixtures, a folder of their own, files as text. */
#ifndef REPORTS_TESTS_DESK_H
#define REPORTS_TESTS_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* reports/tests/data/NAME, in a buffer that the next call but seven overwrites. */
const char *desk_data(const char *name);

/* The rule table of the fixtures. The caller owns it. */
json_t *desk_rules_new(void);

/* A fresh folder; desk_clean() removes it with all that is in it. */
void desk_folder(char path[static 256]);
void desk_clean(const char *path);

/* A whole file; NULL if there is none. */
char *desk_read_new(const char *dir, const char *name);
void desk_write(const char *dir, const char *name, const char *text);

/* Runs `understudy report` with the words of `line`, stdout and stderr into files "out" and "err"
 * of `dir`. Returns the exit code. */
int desk_report(const char *dir, json_t *rules, const char *line);

#endif
