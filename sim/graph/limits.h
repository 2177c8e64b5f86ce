/* limits.h - the limits on the way of a call: what it counts as, which limit says no, what is charged, and the usage headers of the reply. The numbers are
 * world/limits.c's, the rows core/limits.def's.
 *
 * All limits are looked at before any is charged: those on calls before the parameters are (send.md 1.7), those on what is sent after the policy; everything is
 * charged at the one exit. */
#ifndef UNDERSTUDY_GRAPH_LIMITS_H
#define UNDERSTUDY_GRAPH_LIMITS_H

#include "graph/api.h"

/* The stage before the parameters are checked: limits on calls. */
enum graph_err check_limits(struct call *call);
/* The stage before the handler: limits on what is sent, by person, token or topic. */
enum graph_err check_consent(struct call *call);

/* The same for an edge of its own: one more class, counted for that token. */
enum graph_err check_consent_of(struct call *call, enum call_class class, const struct node *token);

/* At the exit: charges the call unless a limit refused it, and adds the usage headers. error: what came of the call. */
void charge_limits(struct call *call, enum graph_err error);

/* The limits that are rates of what a page sends: what the oracle schedules by. */
enum { PAGE_RATES = 4 };
extern const enum limit_id page_rates[PAGE_RATES];

/* What GET /_sim/worlds/{w}/limits answers: {"limits":[..],"apps":[..],"pages":[..]}. */
void limits_json(struct buf *out, struct world *world);
/* The rows as they are published: [..]. */
void limit_rows_json(struct buf *out);

#endif
