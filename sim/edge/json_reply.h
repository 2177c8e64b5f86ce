/* json_reply.h - jansson values as replies of the control API. */
#ifndef UNDERSTUDY_EDGE_JSON_REPLY_H
#define UNDERSTUDY_EDGE_JSON_REPLY_H

#include <jansson.h>

#include "core/span.h"
#include "graph/api.h"

/* Makes the reply of a value (stolen). */
void json_reply(struct reply *reply, int status, json_t *value);

/* A string of text that may hold anything: bytes that are not UTF-8 become '?'. */
json_t *json_text_new(const char *text);
/* "2024-03-01T09:00:00.000Z" */
json_t *json_time_new(ms_t at);

#endif
