/* What run and replay have in common: options of server and client, reports, journals, the exit code that these deserve.
 * Knows the command line and reports/report.h. */
#ifndef CONFORMANCE_SESSION_H
#define CONFORMANCE_SESSION_H

#include <stdbool.h>

#include <jansson.h>

#include "conformance/client.h"
#include "conformance/options.h"
#include "conformance/stream.h"

/* Looks at --format and --fail-under before anything runs. Returns 0, or -1 after a line on stderr. */
int session_check_options(const struct options *options);

/* The arguments of our server: those of the command line, on a free port unless it says otherwise, on a frozen clock;
 * for a client that we launch with TLS and a proxy. */
char **session_server_arguments(const struct options *options);

/* Reads --client, --webhook and their companions. Returns 0, or -1 after a line on stderr. */
int session_client_read(struct client_plan *plan, const struct options *options);
void session_client_fini(struct client_plan *plan);

/* The result tree of reports/report.h; takes the two arrays. */
json_t *session_tree_new(const char *kind, long seed, json_t *results, json_t *journals);

/* Writes --report, prints the text report when asked to, and returns the exit code of the gate. */
int session_report(json_t *tree, json_t *rules, const struct options *options, bool prints);

/* Writes --journal: a header, then the records of all streams in order. Returns 0, or -1 after a line on stderr. */
int session_journals(const struct options *options, long seed, const struct stream *streams,
                     size_t count);

#endif
