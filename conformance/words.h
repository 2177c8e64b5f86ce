/* What a word of the scenario language may look like: one question each.
 * Knows shapes, not meanings. */
#ifndef CONFORMANCE_WORDS_H
#define CONFORMANCE_WORDS_H

#include <stdbool.h>

bool word_is_name(const char *text);           /* ann, b1, one_time: what a step may declare */
bool word_is_reserved(const char *text);       /* a word of the language, so no name */
bool word_is_count(const char *text);          /* 0 to 9999999 */
bool word_is_bounded_count(const char *text);  /* 3, >=3, <=3 */
bool word_is_status(const char *text);         /* 200, 4xx, any */
bool word_is_webhook_answer(const char *text); /* 500, close, hang */
bool word_is_clock_mode(const char *text);     /* frozen, wall, x60 */
bool word_is_clock(const char *text);          /* a mode, an instant, a duration */
bool word_is_clock_start(
    const char *text); /* a mode or an instant: all that may stand before the world is made */
bool word_is_method(const char *text);      /* GET, POST ... */
bool word_is_path(const char *text);        /* begins with / */
bool word_is_verdict(const char *text);     /* permitted, refused */
bool word_is_bytes(const char *text);       /* any text, or hex: and pairs of hex digits */
bool word_is_header_name(const char *text); /* X-App-Usage */

#endif
