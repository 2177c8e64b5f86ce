/* sniff.h - what a file really is, by its first bytes: the kinds that people upload, as rows. */
#ifndef UNDERSTUDY_GRAPH_SNIFF_H
#define UNDERSTUDY_GRAPH_SNIFF_H

#include "core/str.h"

/* The content type ("image/png"), NULL when nothing is known of such bytes. */
const char *sniff(struct str bytes);

#endif
