#include "edge/json_reply.h"

#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "world/xalloc.h"

static int
append(const char *bytes, size_t n, void *buffer)
{
    buf_add(buffer, bytes, n);
    return 0;
}

void
json_reply(struct reply *reply, int status, json_t *value)
{
    reply->status = status;
    reply->content_type = "application/json";
    buf_reset(&reply->body);
    json_dump_callback(value, append, &reply->body, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
}

json_t *
json_text_new(const char *text)
{
    json_t *string = json_string(text);

    if (string != NULL)
        return string;
    char *copy = xstrdup(text);
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    string = json_string(copy);
    free(copy);
    return string;
}

json_t *
json_time_new(ms_t at)
{
    char text[DATETIME_SIZE];

    datetime_iso(text, at);
    return json_string(text);
}
