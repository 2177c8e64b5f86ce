/* webhook_fields.h - `subscribed_fields` and `fields` of subscriptions: lists of webhook field names, as text with commas or as an array. */
#ifndef UNDERSTUDY_GRAPH_WEBHOOK_FIELDS_H
#define UNDERSTUDY_GRAPH_WEBHOOK_FIELDS_H

#include "graph/api.h"

/* Reads the value of a parameter into a set; an unknown name is an enum error that lists all names. */
enum graph_err read_webhook_fields(struct call *call, const char *parameter, const struct jnode *value, webhook_fields *fields);

#endif
