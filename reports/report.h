/* Reports: what a run meant, computed from its journals and the rule table alone, one file for each
 * format. Knows the journal and the rules as JSON (docs/design.md); knows no header of sim/, no
 * socket and no clock.
 *
 * The result tree, made by the harness:
 *
 *   {"program","version","seed","kind":"run|replay|report","quiet_ms":N|absent,
 *    "results":[{"id","file","title","verdict":"pass|fail|skip|error|known|fixed","duration_virtual_ms","steps",
 *                "covers":[..],"failure":{"line","step","message","requires","at","expected","actual","rule",
 *                "journal_line","cause":"violation"|absent}|null,"journal":"<name>",
 *                "world":"<name>","played_by":"script|client","places":[[seq,line],..]}],
 *    "journals":[{"name","records":[..]}]}
 *
 * `world`, `played_by` and `places` may be absent. `places` says which line of `file` caused what:
 * from record `seq` of the world on, line `line`, ascending. With "played_by":"script" the calls
 * are the scenario's own: what they provoke is no violation of a client. So are calls whose
 * User-Agent begins with "understudy/". `records` may or may not start with the journal's header
 * line. A journal's name is a file name without a folder.
 *
 * Verdicts belong into the journals, or `understudy report` could not know them. reports_write()
 * appends to each journal a `note` record "verdict" for every result that has none yet, and writes
 * the journals beside the reports. */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* Writes the reports of `result` and its journals into the folder `dir`, which is made if it is
 * missing. `rules`: as `understudy rules --json` prints it; NULL = an empty table (nothing but
 * results and what was unknown). `formats`: comma-separated names of reports.def; NULL or "all" =
 * every one. Files appear whole or not at all. Returns 0, or -1 after a line on stderr (unknown
 * format, disk). Adds the computed tree to `result` as "report", which reports_gate() reads. */
int reports_write(json_t *result, json_t *rules, const char *dir, const char *formats);

/* The same as report.txt, on `out`; in colours if `out` is a terminal and NO_COLOR is not set. */
void reports_print(json_t *result, json_t *rules, FILE *out);

/* One format of reports.def, on `out`. Returns 0, or -1 if there is no such format. */
int reports_stream(json_t *result, json_t *rules, const char *format, FILE *out);

/* Whether `formats` names only formats there are. Returns 0, or -1 with one line in `why`. */
int reports_formats_check(const char *formats, char *why, size_t why_size);

/* The exit code that the run deserves: 2 when a result is "error" or a file or threshold cannot be
 * understood, 1 when a result failed, a rule was broken where no verdict judged it, coverage is
 * under a threshold or the baseline is stale, else 0. Call it after reports_write() or
 * reports_print(). `fail_under`: "rules=95" or "rules=95,endpoints=50" (parts: see docs/reports.md)
 * or NULL. `baseline_file`: violations that are known, one `RULE-ID reason` a line, or NULL. A
 * result that failed for nothing but known violations ("failure":{"cause":"violation"}) counts as
 * passed. `why`: one line for each reason, cut off at `why_size`. */
int reports_gate(json_t *result, const char *fail_under, const char *baseline_file, char *why,
                 size_t why_size);

/* The same with waivers for "rules=...": one `RULE-ID direction reason` a line. A waiver for what
 * was reached, or for a rule that is not in force, is stale and fails. */
struct reports_limits {
    const char *fail_under;
    const char *baseline_file;
    const char *waiver_file;
};
int reports_gate_limits(json_t *result, const struct reports_limits *limits, char *why,
                        size_t why_size);

/* understudy report [options] JOURNAL...: reports again, from journals alone. Returns the exit
 * code. */
int report_main(int argc, char **argv, json_t *rules);

#endif
