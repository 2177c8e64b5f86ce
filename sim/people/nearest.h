/* nearest.h - the name that somebody who mistyped probably meant. Pure. */
#ifndef UNDERSTUDY_PEOPLE_NEAREST_H
#define UNDERSTUDY_PEOPLE_NEAREST_H

#include "core/str.h"

/* Keeps the nearest of the names it is shown; best starts as { text, NULL, 0 }. */
struct nearest {
    struct str text;
    const char *name; /* NULL: none near enough yet */
    unsigned distance;
};
void nearest_try(struct nearest *best, const char *name);

#endif
