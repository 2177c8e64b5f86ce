/* note.h - findings that no call shows: what did not happen, or happened elsewhere, as a `note` record of the journal (docs/design.md). */
#ifndef UNDERSTUDY_GRAPH_NOTE_H
#define UNDERSTUDY_GRAPH_NOTE_H

#include "world/world.h"

/* Writes a note with one finding. thread NULL: about the page. detail: UTF-8. */
void note_finding(struct world *world, const char *id, enum rule_id rule, uint32_t page, const struct thread *thread, const char *detail);
/* Writes that a finding was looked for and not found. */
void note_seen(struct world *world, const char *id, enum rule_id rule, uint32_t page, const struct thread *thread);

#endif
