/* nlp.h - what the platform's built-in language understanding puts beside the text of a message when it is on for the page (webhooks.md 2.1). The shapes are the
 * platform's, by date; what is understood is a small list of words and addresses, the same everywhere. Knows neither pages nor threads. */
#ifndef UNDERSTUDY_GRAPH_NLP_H
#define UNDERSTUDY_GRAPH_NLP_H

#include "core/span.h"
#include "graph/jwrite.h"

/* The page's switch (world/page_extra.h): "true" when it is on. */
#define NLP_SWITCH "nlp/enabled"

struct nlp_speaker {
    struct str locale; /* of the profile */
    double timezone;   /* hours */
    ms_t now;
};

/* Appends the value of `nlp`. as_of: the policy date, which decides the shape. */
void nlp_write(struct buf *out, struct str text, const struct nlp_speaker *speaker, ms_t as_of);

#endif
