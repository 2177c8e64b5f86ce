/* Pages of the Conversations API: one conversation, or {"data":[...]} of them, each with messages, newest first. */
#include <stdlib.h>
#include <string.h>

#include "conformance/import.h"
#include "conformance/moment.h"

/* 2022-07-12T19:11:07+0000; only UTC is ever written. */
static bool
read_time(const char *text, ms_t *at)
{
    char plain[MOMENT_TEXT_SIZE];

    if (text == NULL || strlen(text) != 24 || strcmp(text + 19, "+0000") != 0)
        return false;
    memcpy(plain, text, 19);
    strcpy(plain + 19, "Z");
    return moment_read(plain, at);
}

static json_t *
message_act(const json_t *message)
{
    const char *text = json_string_value(json_object_get(message, "message"));
    const json_t *file =
        json_array_get(json_object_get(json_object_get(message, "attachments"), "data"), 0);
    const char *mime = json_string_value(json_object_get(file, "mime_type"));
    const char *type = json_object_get(file, "image_data") != NULL      ? "image"
                       : mime != NULL && strncmp(mime, "video", 5) == 0 ? "video"
                       : mime != NULL && strncmp(mime, "audio", 5) == 0 ? "audio"
                       : mime != NULL && strncmp(mime, "image", 5) == 0 ? "image"
                                                                        : "file";

    if (json_object_get(message, "sticker") != NULL)
        return json_pack("{s:s}", "act", "sticker");
    if (file != NULL)
        return json_pack("{s:s, s:s}", "act", "attachment", "type", type);
    return text != NULL && *text != '\0' ? json_pack("{s:s, s:s}", "act", "message", "text", text)
                                         : NULL;
}

static int
import_message(struct import *im, const json_t *message, const char *page)
{
    const json_t *from = json_object_get(message, "from");
    const char *id = json_string_value(json_object_get(from, "id"));
    json_t *act;
    ms_t at;

    if (!read_time(json_string_value(json_object_get(message, "created_time")), &at) || id == NULL)
        return import_wrong(im, "a message without from{id} or created_time, expected "
                                "messages{message,from,created_time}");
    act = message_act(message);
    if (act == NULL || (page != NULL && strcmp(id, page) == 0)) {
        json_decref(act);
        import_skip(im);
        return 0;
    }
    return import_act(im, at, id, json_string_value(json_object_get(from, "name")), act);
}

/* Participants are two, the person and the page. */
static const char *
page_of(const struct import *im, const json_t *conversation)
{
    const json_t *people = json_object_get(json_object_get(conversation, "participants"), "data");
    size_t count = json_array_size(people);

    if (im->page != NULL)
        return im->page;
    return count > 0 ? json_string_value(json_object_get(json_array_get(people, count - 1), "id"))
                     : NULL;
}

/* All messages of all conversations, oldest first: the threads of a page go on side by side. */
struct told {
    ms_t at;
    const json_t *message;
    const char *page;
};

static int
by_time(const void *a, const void *b)
{
    const struct told *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

static size_t
collect(const struct import *im, const json_t *conversation, struct told *told)
{
    const json_t *messages = json_object_get(json_object_get(conversation, "messages"), "data");
    size_t count = json_array_size(messages);

    for (size_t i = 0; i < count; i++) {
        const json_t *message = json_array_get(messages, count - 1 - i);

        told[i] = (struct told){0, message, page_of(im, conversation)};
        read_time(json_string_value(json_object_get(message, "created_time")), &told[i].at);
    }
    return count;
}

int
import_conversations(struct import *im)
{
    json_error_t error;
    json_t *root = json_loadf(im->in, 0, &error), *conversation;
    const json_t *list = json_object_get(root, "data");
    size_t total = 0, n = 0, i;
    int result = 0;

    im->line = root == NULL ? (unsigned long)error.line : 0;
    if (root == NULL)
        return import_wrong(im, "no JSON: %s, expected a page of the Conversations API",
                            error.text);
    json_array_foreach(list, i, conversation) total +=
        json_array_size(json_object_get(json_object_get(conversation, "messages"), "data"));
    total += json_array_size(json_object_get(json_object_get(root, "messages"), "data"));
    if (total == 0) {
        json_decref(root);
        return import_wrong(im, "no conversation with messages, expected "
                                "fields=participants,messages{message,from,created_time}");
    }
    struct told *told = calloc(total, sizeof *told);
    if (told == NULL)
        abort();
    json_array_foreach(list, i, conversation) n += collect(im, conversation, told + n);
    if (json_object_get(root, "messages") != NULL)
        n += collect(im, root, told + n);
    qsort(told, n, sizeof *told, by_time);
    for (i = 0; i < n && result == 0; i++)
        result = import_message(im, told[i].message, told[i].page);
    free(told);
    json_decref(root);
    return result;
}
