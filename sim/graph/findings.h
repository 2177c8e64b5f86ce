/* findings.h - what the policy says of a call even where the wire says 200: judged when the call is done, remembered on the thread. */
#ifndef UNDERSTUDY_GRAPH_FINDINGS_H
#define UNDERSTUDY_GRAPH_FINDINGS_H

#include "graph/api.h"

/* Adds the findings of a finished call to its reply. */
void find_findings(struct call *call);

/* Whether a text says nothing but that its writer wants to hear no more. */
bool text_says_stop(struct str text);
/* Whether a person's stored message ({"text":"..."...}) says nothing but that they want to hear no more. */
bool message_says_stop(const struct message *message);

#endif
