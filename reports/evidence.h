/* Journals: read from files, completed with verdicts, walked record by record. Knows the journal's
 * form (docs/design.md), not what its records mean to a report. */
#ifndef REPORTS_EVIDENCE_H
#define REPORTS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* Reads the journal `path`. Returns {"name","path","records":[header,
 * record..],"torn_line":N|absent}, or NULL with `file:line: what is wrong, expected what` in `why`.
 * A last line without an end that does not parse is what a crash leaves behind: it is left out and
 * numbered in torn_line. Bodies that no report looks at are left out too. */
json_t *evidence_read_new(const char *path, char *why, size_t why_size);

/* The journals of a result tree in order of their names, each with its header line and with a
 * verdict for each result. The tree itself is not changed. */
json_t *evidence_complete_new(json_t *result);

/* The results, as the verdicts in the journals have them, each with the name of its "journal" and
 * its "world". */
json_t *evidence_results_new(json_t *journals);

/* Where a record stands. All text is borrowed from the journals. */
struct place {
    const char *journal;
    size_t line; /* of the journal, from 1 */
    const char *world;
    json_int_t seq;
    const char *at; /* virtual time */
    long long at_ms;
    const json_t
        *result; /* the verdict that closes this part of the world; NULL if there is none */
    size_t result_number;   /* its place in evidence_results_new(); only if there is one */
    json_int_t source_line; /* of the result's file; 0 if not known */
    bool is_scripted;       /* a call of the scenario itself, not of a client */
};

/* Calls `visit` for every record but headers and verdicts, in order. */
void evidence_walk(json_t *journals, void (*visit)(const struct place *, json_t *record, void *who),
                   void *who);

/* The place as it stands in reports:
 * {"file","line","result","journal","journal_line","world","seq","at"}. */
json_t *evidence_place_new(const struct place *place);

/* What is known of the journals themselves:
 * [{"name","records","version","seed","first_at","last_at","torn_line"}]. */
json_t *evidence_summary_new(json_t *journals);

/* Writes one journal as JSON Lines. */
void evidence_write(json_t *journal, FILE *out);

#endif
