/* words.h - words in texts of people, whatever the case: enough Unicode for the languages that the content rules speak. */
#ifndef UNDERSTUDY_GRAPH_WORDS_H
#define UNDERSTUDY_GRAPH_WORDS_H

#include <stdbool.h>

#include "core/str.h"
#include "world/arena.h"

/* A copy in lower case in the arena: ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters; a dotless or dotted i is an i. */
struct str words_fold(struct str text, struct arena *arena);

/* Whether a folded text has the phrase, itself folded, as whole words; with a '*' at its end also as their beginning. */
bool words_have(struct str folded, const char *phrase);

#endif
