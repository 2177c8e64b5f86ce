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

/* ISO 8601, or seconds where date_format=U was asked for. */
static bool
read_time(const json_t *message, int64_t *at)
{
    const json_t *created = json_object_get(message, "created_time");

    if (!json_is_integer(created))
        return import_read_time(json_string_value(created), at);
    *at = json_integer_value(created);
    if (*at > -INT64_C(100000000000) && *at < INT64_C(100000000000))
        *at *= 1000;
    return true;
}

static int
import_message(struct import *im, const json_t *message, const char *page)
{
    const char *id = text_of(json_object_get(message, "from"), "id");
    int64_t at;

    if (!read_time(message, &at) || id == NULL)
        return import_wrong(im, "a message without from{id} or created_time, expected "
                                "messages{message,from,created_time}");
    if (page != NULL && strcmp(id, page) == 0) {
        import_skip(im, "message of the page's own");
        return 0;
    }
    if (text_of(message, "id") != NULL && import_seen_before(im, text_of(message, "id"))) {
        import_skip(im, "message told twice"); /* pages that overlap */
        return 0;
    }
    return import_parts(im, message, at, id);
}

static void
note_people(json_t *ids, const json_t *people)
{
    json_t *person;
    size_t i;

    json_array_foreach(people, i, person) if (text_of(person, "id") != NULL)
        json_object_set_new(ids, text_of(person, "id"), json_null());
}

/* The ids of those who take part, in the order of the file: those it says, else who writes to whom. A new object. */
static json_t *
participants_new(const json_t *conversation, bool *is_said)
{
    json_t *ids = json_object(), *message;
    size_t i;

    note_people(ids, json_object_get(json_object_get(conversation, "participants"), "data"));
    *is_said = json_object_size(ids) > 0;
    if (*is_said)
        return ids;
    json_array_foreach(json_object_get(json_object_get(conversation, "messages"), "data"), i,
                       message)
    {
        const char *from = text_of(json_object_get(message, "from"), "id");

        if (from != NULL)
            json_object_set_new(ids, from, json_null());
        note_people(ids, json_object_get(json_object_get(message, "to"), "data"));
    }
    return ids;
}

/* In how many conversations each id takes part. A new object. */
static json_t *
taking_part_new(const json_t *conversations)
{
    json_t *times = json_object(), *conversation, *ids, *nothing;
    const char *id;
    bool is_said;
    size_t i;

    json_array_foreach(conversations, i, conversation)
    {
        ids = participants_new(conversation, &is_said);
        json_object_foreach(ids, id, nothing) json_object_set_new(
            times, id, json_integer(json_integer_value(json_object_get(times, id)) + 1));
        json_decref(ids);
    }
    return times;
}

/* Participants are two, the person and the page: who takes part in all conversations is the page; of one conversation, the
 * last one that it names. Its id as `times` holds it; NULL when that is nobody, or cannot be told. */
static const char *
page_of(const struct import *im, const json_t *conversation, json_t *times, size_t conversations)
{
    bool is_said;
    json_t *ids = participants_new(conversation, &is_said), *nothing;
    const char *id, *page = NULL;
    size_t candidates = 0;

    json_object_foreach(ids, id, nothing)
    {
        json_int_t count = json_integer_value(json_object_get(times, id));

        if (count != (json_int_t)conversations)
            continue;
        page = json_object_iter_key(json_object_iter_at(times, id));
        candidates++;
    }
    json_decref(ids);
    if (im->page != NULL)
        return im->page;
    return is_said || (candidates == 1 && conversations > 1) ? page : NULL;
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
    json_t *times;         /* in how many of them each id takes part; owned */
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
        read_time(told->message, &told->at);
    }
}

static void
note_next(struct import *im, const json_t *list, const char *what)
{
    if (text_of(json_object_get(list, "paging"), "next") != NULL)
        import_skip(im, what);
}

static int read_document(struct import *im, struct pages *pages, json_t *document);

/* What a batch request answered: the page as a text. */
static int
read_answer(struct import *im, struct pages *pages, const char *body)
{
    json_error_t error;
    json_t *document = json_loads(body, 0, &error);

    if (document == NULL)
        return import_wrong(im, "an answer of a batch is no JSON: %s", error.text);
    json_array_append_new(pages->documents, document);
    return read_document(im, pages, document);
}

static int
read_list(struct import *im, struct pages *pages, const json_t *list)
{
    json_t *document;
    size_t i;

    json_array_foreach(list, i, document) if (read_document(im, pages, document) < 0) return -1;
    return 0;
}

/* A list of conversations, one conversation, a page of one's messages, or pages in a list or in the answers of a batch. */
static int
read_document(struct import *im, struct pages *pages, json_t *document)
{
    json_t *list = json_object_get(document, "data"), *item;
    size_t i;

    if (json_is_array(document))
        return read_list(im, pages, document);
    if (text_of(document, "body") != NULL)
        return read_answer(im, pages, text_of(document, "body"));
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
collect_all(struct import *im, struct pages *pages)
{
    json_t *conversation;
    size_t i, count = json_array_size(pages->conversations);

    pages->times = taking_part_new(pages->conversations);
    json_array_foreach(pages->conversations, i, conversation)
    {
        const json_t *messages = json_object_get(conversation, "messages"),
                     *list = json_object_get(messages, "data");
        const char *page = page_of(im, conversation, pages->times, count);

        if (messages == NULL)
            import_skip(im, "conversation without its messages");
        else if (page == NULL && json_array_size(list) > 0)
            return import_wrong(im,
                                "conversation %zu does not tell who is the page, expected "
                                "participants, or --page with the id of the page",
                                i + 1);
        note_next(im, messages, "further page of messages (paging.next) that is not in the file");
        collect(pages, list, page);
    }
    return 0;
}

static int
import_all(struct import *im, struct pages *pages)
{
    size_t count = json_array_size(pages->documents);
    int result = 0;

    for (size_t i = 0; i < count && result == 0; i++)
        result = read_document(im, pages, json_array_get(pages->documents, i));
    if (result == 0)
        result = collect_all(im, pages);
    if (result == 0 && pages->count == 0)
        result = import_wrong(im, "no conversation with messages, expected "
                                  "fields=participants,messages{message,from,created_time}");
    if (result == 0)
        qsort(pages->told, pages->count, sizeof *pages->told, by_time);
    for (size_t i = 0; i < pages->count && result == 0; i++)
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
    json_decref(pages.times);
    json_decref(pages.conversations);
    json_decref(pages.documents);
    return result;
}
