/* The journal of one world as far as it has been read, and what follows from it.
 * Knows the records of docs/design.md; talks to nobody. */
#ifndef CONFORMANCE_STREAM_H
#define CONFORMANCE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "conformance/moment.h"

struct stream {
    json_t *records; /* array, in order of seq */
    char *text;      /* the same as it came, one record a line, without a header line */
    size_t text_length;
    json_int_t last_seq;
};

void stream_init(struct stream *stream);
void stream_fini(struct stream *stream);

/* Adds JSON Lines; header lines are passed over. Returns 0, or -1 when a line is not a record (nothing more is added). */
int stream_take(struct stream *stream, const char *lines, size_t length);

size_t stream_count(const struct stream *stream);
json_t *stream_record(const struct stream *stream, size_t index); /* borrowed */

/* "" when the key is missing or no text. */
const char *stream_text(const json_t *record, const char *key);

bool stream_is(const json_t *record, const char *kind);

/* The line of a record in a journal file with a header line. */
long stream_line(size_t index);

/* The newest record of a kind at or before index `from`, as an index; -1 when there is none. */
long stream_newest(const struct stream *stream, const char *kind, size_t from);

/* True when the record shows that a rule was broken: a refusal whose rule has a severity of error or warning, or a finding
 * of such a severity. `rules` maps ids to rows. `rule` NULL: any rule. Writes the rule's id (borrowed) and severity when
 * the pointers are not NULL. Counts how often the record does so. */
size_t stream_violations(const json_t *record, const json_t *rules, const char *rule,
                         const char **broken, const char **severity);

/* True when the record reaches a rule in any way: consulted, decided, or found. */
bool stream_reaches(const json_t *record, const char *rule);

/* The events of a webhook's body: elements of entry[].messaging, .standby and .changes. Calls `take` for each with the field
 * it belongs to; the field of the record decides when there is one event only. */
void stream_events(json_t *record, void (*take)(void *to, const char *field, json_t *event),
                   void *to);

#endif
