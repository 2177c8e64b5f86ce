/* sniff.h - what a file really is, by its first bytes: the kinds that people upload, as rows. */
#ifndef UNDERSTUDY_GRAPH_SNIFF_H
#define UNDERSTUDY_GRAPH_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/str.h"

struct magic {
    size_t offset;
    struct str bytes;
    const char *content_type; /* "image/png" */
    bool is_box;              /* may hold sound or pictures: the first bytes do not tell which */
};

/* The row of such bytes, NULL when nothing is known of them. */
const struct magic *sniff(struct str bytes);

#endif
