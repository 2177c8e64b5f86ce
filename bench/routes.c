/* Whether finding a route costs more the more routes there are: the rows of the first and of the last quarter of the table are looked up in turn, each as often, and edges that
 * nobody has. Prints one line of JSON.
 *
 * usage: bench_routes */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "graph/route.h"

#define ROUNDS 25
#define TURNS 4000u

static double
seconds(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nanoseconds of one look-up among `count` rows; `edge` NULL: each row's own. */
static double
lookup_ns(const struct route *rows, unsigned count, const char *edge, unsigned *found)
{
    double begun = seconds();

    for (unsigned turn = 0; turn < TURNS; turn++)
        for (unsigned i = 0; i < count; i++) {
            bool exists;

            *found += route_find(rows[i].method, rows[i].object,
                                 str_of(edge != NULL ? edge : rows[i].edge), rows[i].since,
                                 &exists) != NULL;
        }
    return (seconds() - begun) * 1e9 / TURNS / count;
}

int
main(void)
{
    unsigned count, found = 0;
    double first[ROUNDS], last[ROUNDS], none[ROUNDS];

    routes_init();
    const struct route *rows = route_rows(&count);
    unsigned quarter = count / 4;
    for (unsigned r = 0; r < ROUNDS; r++) {
        first[r] = lookup_ns(rows, quarter, NULL, &found);
        last[r] = lookup_ns(rows + count - quarter, quarter, NULL, &found);
        none[r] = lookup_ns(rows, quarter, "nobody_has_this_edge", &found);
    }
    qsort(first, ROUNDS, sizeof *first, compare);
    qsort(last, ROUNDS, sizeof *last, compare);
    qsort(none, ROUNDS, sizeof *none, compare);
    printf("{\"routes\":%u,\"first_quarter_ns\":%.1f,\"last_quarter_ns\":%.1f,\"none_ns\":%.1f,"
           "\"found\":%u}\n",
           count, first[ROUNDS / 2], last[ROUNDS / 2], none[ROUNDS / 2], found);
    return 0;
}
