/* button.h - what buttons, taps and quick replies must fulfil beyond their shape (send.md 2.12, 2.13). The table is buttons.def. */
#ifndef UNDERSTUDY_GRAPH_BUTTON_H
#define UNDERSTUDY_GRAPH_BUTTON_H

#include <limits.h>

#include "graph/api.h"

/* A list of buttons of any template; NULL passes. element: index of the element that holds the list, for error texts, or OF_PAYLOAD. */
#define OF_PAYLOAD UINT_MAX
enum graph_err check_buttons(struct call *call, const struct jnode *buttons, unsigned element);

/* The tap on an element or picture: a button without a title; NULL passes. */
enum graph_err check_tap(struct call *call, const struct jnode *action);

/* The quick replies of the call's message. */
enum graph_err check_quick_replies(struct call *call);

#endif
