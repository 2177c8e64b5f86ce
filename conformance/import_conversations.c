/* Pages of the Conversations API: one conversation, or {"data":[...]} of them, each with messages, newest first. */
#include <stdlib.h>
#include <string.h>

#include "conformance/alloc.h"
#include "conformance/import.h"

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const char *
type_of(const json_t *file)
{
    const char *mime = text_of(file, "mime_type");

    if (json_object_get(file, "image_data") != NULL)
        return "image";
    if (mime != NULL && strncmp(mime, "video", 5) == 0)
        return "video";
    if (mime != NULL && strncmp(mime, "audio", 5) == 0)
        return "audio";
    return mime != NULL && strncmp(mime, "image", 5) == 0 ? "image" : "file";
}

/* Text and files may stand in one message: the text goes with the first file, each file is an act. */
static int
import_parts(struct import *im, const json_t *message, int64_t at, const char *who)
{
    const json_t *from = json_object_get(message, "from");
    const char *text = text_of(message, "message"), *name = text_of(from, "name");
    const json_t *files = json_object_get(json_object_get(message, "attachments"), "data");
    const json_t *share =
        json_array_get(json_object_get(json_object_get(message, "shares"), "data"), 0);
    size_t count = json_array_size(files);
    int result = 0;

    if (text != NULL && *text == '\0')
        text = NULL;
    if (text == NULL && count == 0)
        text = text_of(share, "link");
    for (size_t i = 0; i < count && result == 0; i++) {
        json_t *act =
            json_pack("{s:s, s:s}", "act", "attachment", "type", type_of(json_array_get(files, i)));
        if (i == 0 && text != NULL)
            json_object_set_new(act, "text", json_string(text));
        result = import_act(im, at, who, name, act);
    }
    if (result == 0 && json_object_get(message, "sticker") != NULL)
        result = import_act(im, at, who, name, json_pack("{s:s}", "act", "sticker"));
    else if (result == 0 && count == 0 && text != NULL)
        result =
            import_act(im, at, who, name, json_pack("{s:s, s:s}", "act", "message", "text", text));
    else if (count == 0)
        import_skip(im, "message without text and files");
    return result;
}

static int
import_message(struct import *im, const json_t *message, const char *page)
{
    const char *id = text_of(json_object_get(message, "from"), "id");
    int64_t at;

    if (!import_read_time(text_of(message, "created_time"), &at) || id == NULL)
        return import_wrong(im, "a message without from{id} or created_time, expected "
                                "messages{message,from,created_time}");
    if (page != NULL && strcmp(id, page) == 0) {
        import_skip(im, "message of the page's own");
        return 0;
    }
    return import_parts(im, message, at, id);
}

static bool
takes_part(const json_t *conversation, const char *id)
{
    const json_t *people = json_object_get(json_object_get(conversation, "participants"), "data");
    json_t *person;
    size_t i;

    json_array_foreach(people, i, person)
    {
        const char *other = text_of(person, "id");
        if (other != NULL && strcmp(other, id) == 0)
            return true;
    }
    return false;
}

/* Participants are two, the person and the page: who takes part in all conversations is the page; of one conversation, the
 * last one. */
static const char *
page_of(const struct import *im, const json_t *conversation, const json_t *all)
{
    const json_t *people = json_object_get(json_object_get(conversation, "participants"), "data");
    const char *page = NULL;
    size_t i, k;
    json_t *person, *other;

    if (im->page != NULL)
        return im->page;
    json_array_foreach(people, i, person)
    {
        const char *id = text_of(person, "id");
        bool is_everywhere = id != NULL;
        json_array_foreach(all, k, other) is_everywhere = is_everywhere && takes_part(other, id);
        if (is_everywhere)
            page = id;
    }
    return page;
}

/* All messages of all conversations, oldest first: the threads of a page go on side by side. */
struct told {
    int64_t at;
    size_t place;
    const json_t *message;
    const char *page;
};

/* A file: what it holds, however many documents stand in it one after the other. */
struct pages {
    json_t *documents;     /* array; owned */
    json_t *conversations; /* array of those in them; owned */
    struct told *told;
    size_t count;
};

static int
by_time(const void *a, const void *b)
{
    const struct told *x = a, *y = b;

    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->place < y->place ? -1 : 1);
}

static void
collect(struct pages *pages, const json_t *messages, const char *page)
{
    size_t count = json_array_size(messages);

    pages->told =
        alloc_checked(realloc(pages->told, (pages->count + count + 1) * sizeof *pages->told));
    for (size_t i = 0; i < count; i++) {
        struct told *told = &pages->told[pages->count];

        *told = (struct told){0, pages->count++, json_array_get(messages, count - 1 - i), page};
        import_read_time(text_of(told->message, "created_time"), &told->at);
    }
}

static void
note_next(struct import *im, const json_t *list, const char *what)
{
    if (text_of(json_object_get(list, "paging"), "next") != NULL)
        import_skip(im, what);
}

/* A list of conversations, one conversation, or a page of one's messages. */
static int
read_document(struct import *im, struct pages *pages, json_t *document)
{
    json_t *list = json_object_get(document, "data"), *item;
    size_t i;

    note_next(im, document, "further page (paging.next) that is not in the file");
    if (json_object_get(document, "messages") != NULL)
        json_array_append(pages->conversations, document);
    if (json_object_get(json_array_get(list, 0), "created_time") == NULL) {
        json_array_foreach(list, i, item) json_array_append(pages->conversations, item);
        return 0;
    }
    if (im->page == NULL)
        return import_wrong(im, "messages without their conversation, expected --page with the "
                                "id of the page");
    collect(pages, list, im->page);
    return 0;
}

static int
import_all(struct import *im, struct pages *pages)
{
    json_t *document, *conversation;
    int result = 0;
    size_t i;

    json_array_foreach(pages->documents, i, document) if (result == 0) result =
        read_document(im, pages, document);
    json_array_foreach(pages->conversations, i, conversation)
    {
        const json_t *messages = json_object_get(conversation, "messages");
        if (messages == NULL)
            import_skip(im, "conversation without its messages");
        note_next(im, messages, "further page of messages (paging.next) that is not in the file");
        collect(pages, json_object_get(messages, "data"),
                page_of(im, conversation, pages->conversations));
    }
    if (result == 0 && pages->count == 0)
        result = import_wrong(im, "no conversation with messages, expected "
                                  "fields=participants,messages{message,from,created_time}");
    if (result == 0)
        qsort(pages->told, pages->count, sizeof *pages->told, by_time);
    for (i = 0; i < pages->count && result == 0; i++)
        result = import_message(im, pages->told[i].message, pages->told[i].page);
    return result;
}

int
import_conversations(struct import *im)
{
    struct pages pages = {.documents = import_documents(im, "a page of the Conversations API"),
                          .conversations = json_array()};
    int result = pages.documents != NULL ? import_all(im, &pages) : -1;

    free(pages.told);
    json_decref(pages.conversations);
    json_decref(pages.documents);
    return result;
}
