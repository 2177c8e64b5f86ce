/*
 * Instants as text by a format of the caller's: `date_format` of the Graph API, which reads it as
 * PHP's date() does. All in UTC.
 */
#ifndef UNDERSTUDY_CORE_DATE_FORMAT_H
#define UNDERSTUDY_CORE_DATE_FORMAT_H

#include <stddef.h>

#include "core/span.h"
#include "core/str.h"

/*
 * Every letter of date() (d D j l N S w z W F m M n t L o Y y a A B g G h H i s u v e I O P p T Z c
 * r U) stands for a part of the instant, a backslash before a letter for the letter itself, and
 * everything else for itself. Writes at most size bytes with the NUL, cut where they end, and gives
 * the length. at: 1970..9999.
 */
size_t date_format(char *out, size_t size, ms_t at, struct str format);

#endif
