/* jansson's iterators take values that are not const, though they change nothing: a way to lend them one that is. */
#ifndef CONFORMANCE_LOAN_H
#define CONFORMANCE_LOAN_H

#include <jansson.h>

static inline json_t *
loan(const json_t *value)
{
    union {
        const json_t *kept;
        json_t *lent;
    } loan = {value};
    return loan.lent;
}

#endif
