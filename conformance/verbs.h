/* The table of verbs: names, arity, usage, help, and what somebody may have meant.
 * Knows nothing of files or of how a verb is carried out. */
#ifndef CONFORMANCE_VERBS_H
#define CONFORMANCE_VERBS_H

#include <stddef.h>
#include <stdio.h>

enum verb {
#define VERB(symbol, name, phase, who, min, max, json, usage, help) VERB_##symbol,
#include "conformance/verbs.def"
#undef VERB
    VERB_COUNT
};

enum verb_phase { PHASE_HEAD, PHASE_STAGE, PHASE_PLAY };
enum verb_who { WHO_ANYBODY, WHO_BOT, WHO_CLIENT };
enum verb_json { JSON_NO, JSON_MAY, JSON_MUST };

struct verb_row {
    const char *name;
    enum verb_phase phase;
    enum verb_who who;
    unsigned min, max; /* words behind the name */
    enum verb_json json;
    const char *usage;
    const char *help;
};

extern const struct verb_row verb_table[VERB_COUNT];

/* The verb that begins a step: `first second`, or `first` alone; `second` may be NULL. Writes how many words
 * the name takes. Returns VERB_COUNT when there is no such verb. */
enum verb verb_find(const char *first, const char *second, size_t *words);

/* The name that comes closest to a misspelled one, out of a list; NULL when none is close. */
const char *verb_nearest(const char *word, const char *const *names, size_t count);

/* The verb somebody may have meant; NULL when none is close. */
const char *verb_suggest(const char *word);

/* Prints every verb with usage and help, as Markdown. */
void verb_manual(FILE *to);

#endif
