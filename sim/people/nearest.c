#include "people/nearest.h"

#include <limits.h>

#define NAME_MAX_BYTES 64

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Edit distance of two short names (names of 64 bytes or more count as far from everything). */
static unsigned
name_distance(struct str a, struct str b)
{
    unsigned row[NAME_MAX_BYTES + 1];

    if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
        return UINT_MAX;
    for (unsigned j = 0; j <= b.n; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.n; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b.n; j++) {
            unsigned above = row[j];

            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a.s[i - 1] != b.s[j - 1]));
            diagonal = above;
        }
    }
    return row[b.n];
}

void
nearest_try(struct nearest *best, const char *name)
{
    unsigned distance = name_distance(best->text, str_of(name));

    /* A name of which half is wrong is a guess, not a hint. */
    if (distance > (best->text.n + 1) / 2 || (best->name != NULL && distance >= best->distance))
        return;
    best->name = name;
    best->distance = distance;
}
