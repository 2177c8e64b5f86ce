/* Sentences that several formats share. Each function gives text that the caller frees. */
#ifndef REPORTS_WORDING_H
#define REPORTS_WORDING_H

#include <stddef.h>

#include <jansson.h>

/* printf into new memory. */
__attribute__((format(printf, 1, 2))) char *wording_new(const char *format, ...);

/* "scenarios/late.scn:14, run.jsonl:23, 2024-03-02T10:00:00.000Z" */
char *wording_place_new(const json_t *place);

/* "POST /v19.0/me/messages {"recipient":..}", cut after `letters_max` letters (0 = whole); "" if
 * nothing was sent. */
char *wording_sent_new(const json_t *violation, size_t letters_max);

/* "400 10/2018278 (#10) This message ..", or "" */
char *wording_answered_new(const json_t *violation);

/* The source of a violation's rule: its key and, where one is known, its address. */
char *wording_source_new(const json_t *violation);

/* "retried 2 (after 0 ms to 4 s), sent other 1, gave up 1" */
char *wording_reaction_new(const json_t *error);

/* "34 of 60, 56.6 %", or "none" */
char *wording_share_new(const json_t *share);

/* "3 errors, 1 warning", or "none" */
char *wording_severities_new(const json_t *counts);

/* "5 pass, 1 fail", only what there was, or "none" */
char *wording_verdicts_new(const json_t *counts);

/* A failure as the runner prints it, one line for each of its parts. */
char *wording_failure_new(const json_t *result);

/* The same in one line: "the client broke rules; expected nothing broken, got WIN-STD-24H". */
char *wording_brief_new(const json_t *result);

#endif
