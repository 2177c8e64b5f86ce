/* Virtual time as text and as milliseconds since 1970. Arithmetic only: reads no clock and no
 * locale. */
#ifndef REPORTS_INSTANT_H
#define REPORTS_INSTANT_H

#include <stdbool.h>

enum { INSTANT_TEXT_SIZE = 48 };

/* "2024-03-01T09:00:00.000Z", the fraction of 0 to 3 digits, into ms. Returns false if it is not of
 * that form. */
bool instant_parse(const char *text, long long *ms);

/* Seconds only, as JUnit wants it: "2024-03-01T09:00:00". */
void instant_seconds(long long ms, char text[INSTANT_TEXT_SIZE]);

/* A length of time for people: "0 ms", "1.500 s", "25:00:00", "3d 01:00:00.250". */
void instant_span(long long ms, char text[INSTANT_TEXT_SIZE]);

#endif
