/* conventions.h - what every Graph call has in common whatever it is about: OPTIONS, date_format, pretty and debug, ETags. By version: v26.0 ended most of it. */
#ifndef UNDERSTUDY_GRAPH_CONVENTIONS_H
#define UNDERSTUDY_GRAPH_CONVENTIONS_H

#include "graph/api.h"

/* Answers OPTIONS for any path. True: the call is answered. */
bool conventions_options(struct call *call);

/* What must not be asked for any more: date_format since v26.0. */
enum graph_err conventions_check(struct call *call);

/* An instant under its key, as `date_format` wants it: a number when the format leaves digits only. */
void conventions_time(struct call *call, struct buf *out, const char *key, ms_t at);

/* The last touch on a finished reply: __debug__, ETag and 304. */
void conventions_finish(struct call *call);

/* After the journal has its line: pretty printing. */
void conventions_layout(struct call *call);

#endif
