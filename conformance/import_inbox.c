/* message_1.json of "download your information": newest message first, and every text is UTF-8 that was read as Latin-1 and has to be mended. */
#include <stdlib.h>
#include <string.h>

#include "conformance/alloc.h"
#include "conformance/import.h"

/* Takes each character up to U+00FF as the byte it once was. A new text when all of them are such and the bytes are UTF-8; else a copy of what came. */
static char *
mended(const char *text)
{
    size_t length = strlen(text), n = 0;
    char *bytes = malloc(length + 1);

    if (bytes == NULL)
        abort();
    for (size_t i = 0; i < length; n++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x80) {
            bytes[n] = text[i++];
        } else if ((c == 0xc2 || c == 0xc3) && i + 1 < length) {
            bytes[n] = (char)(((c & 3) << 6) | (text[i + 1] & 0x3f));
            i += 2;
        } else {
            memcpy(bytes, text, length + 1); /* a character beyond Latin-1: this text was whole */
            return bytes;
        }
    }
    bytes[n] = '\0';
    json_t *probe = json_string(bytes); /* NULL when it is no UTF-8 */
    if (probe == NULL)
        memcpy(bytes, text, length + 1);
    json_decref(probe);
    return bytes;
}

/* Kinds of files, each a list in the message. */
static const struct {
    const char *key, *type;
} kinds[] = {{"photos", "image"},
             {"gifs", "image"},
             {"videos", "video"},
             {"audio_files", "audio"},
             {"files", "file"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What is no message although it stands among them; NULL when it is one. */
static const char *
lost_as(const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "type"));

    if (json_is_true(json_object_get(message, "is_unsent")))
        return "unsent message";
    if (json_object_get(message, "call_duration") != NULL ||
        (type != NULL && strcmp(type, "Call") == 0))
        return "call";
    if (type != NULL && (strcmp(type, "Subscribe") == 0 || strcmp(type, "Unsubscribe") == 0))
        return "coming or going of a participant";
    return NULL;
}

/* messages/stickers_used/1_2_n_369239263222822.png: the last number is the sticker's id. */
static json_t *
sticker_act(const json_t *message)
{
    const char *uri =
        json_string_value(json_object_get(json_object_get(message, "sticker"), "uri"));
    const char *number = uri == NULL ? NULL : strrchr(uri, '_');
    json_int_t id = number == NULL ? 0 : strtoll(number + 1, NULL, 10);

    return id > 0 ? json_pack("{s:s, s:I}", "act", "sticker", "sticker_id", id)
                  : json_pack("{s:s}", "act", "sticker");
}

/* Text and files may stand in one message: the text goes with the first file, each file is an act. */
static int
import_parts(struct import *im, const json_t *message, int64_t at_ms, const char *who)
{
    const char *content = json_string_value(json_object_get(message, "content"));
    const char *link =
        json_string_value(json_object_get(json_object_get(message, "share"), "link"));
    char *text = content != NULL ? mended(content) : link != NULL ? mended(link) : NULL;
    int result = 0;
    bool is_told = false;

    for (size_t i = 0; i < KINDS; i++)
        for (size_t k = json_array_size(json_object_get(message, kinds[i].key));
             k > 0 && result == 0; k--) {
            json_t *act = json_pack("{s:s, s:s}", "act", "attachment", "type", kinds[i].type);
            if (text != NULL && !is_told)
                json_object_set_new(act, "text", json_string(text));
            is_told = true;
            result = import_act(im, at_ms, who, who, act);
        }
    if (result == 0 && json_object_get(message, "sticker") != NULL)
        result = import_act(im, at_ms, who, who, sticker_act(message));
    else if (result == 0 && !is_told && text != NULL)
        result = import_act(im, at_ms, who, who,
                            json_pack("{s:s, s:s}", "act", "message", "text", text));
    else if (!is_told)
        import_skip(im, "message without text and files");
    free(text);
    return result;
}

static int
import_message(struct import *im, const json_t *message, const char *page)
{
    const char *sender = json_string_value(json_object_get(message, "sender_name"));
    const json_t *stamp = json_object_get(message, "timestamp_ms");

    if (sender == NULL || !json_is_integer(stamp))
        return import_wrong(im, "a message without sender_name or timestamp_ms, expected messages "
                                "of \"download your information\"");
    char *who = mended(sender);
    const char *lost = strcmp(who, page) == 0 ? "message of the page's own" : lost_as(message);
    int result = 0;

    for (size_t i = json_array_size(json_object_get(message, "reactions")); i > 0; i--)
        import_skip(im, "reaction");
    if (lost != NULL)
        import_skip(im, lost);
    else
        result = import_parts(im, message, json_integer_value(stamp), who);
    free(who);
    return result;
}

/* The page is the participant that the command names, or the last one: the owner of the download stands last. A new text;
 * NULL after import_wrong. */
static char *
page_new(struct import *im, const json_t *inbox)
{
    const json_t *participants = json_object_get(inbox, "participants");
    size_t count = json_array_size(participants);
    char *name = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *called =
            json_string_value(json_object_get(json_array_get(participants, i), "name"));
        char *other = called == NULL ? NULL : mended(called);
        bool is_page = other != NULL && (im->page == NULL || strcmp(other, im->page) == 0);
        if (is_page) {
            free(name);
            name = other;
        } else {
            free(other);
        }
    }
    if (name == NULL && count > 0 && im->page != NULL)
        import_wrong(im, "nobody is called `%s`, expected a name of `participants` for --page",
                     im->page);
    else if (name == NULL)
        import_wrong(im, "no participants and messages, expected message_1.json of "
                         "\"download your information\"");
    return name;
}

/* Newest first in the file; those of one instant in the order of the file turned round. */
struct told {
    int64_t at;
    size_t place;
    const json_t *message;
};

static int
by_time(const void *a, const void *b)
{
    const struct told *x = a, *y = b;

    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->place > y->place ? -1 : 1);
}

static int
import_messages(struct import *im, const json_t *messages, const char *page)
{
    size_t count = json_array_size(messages);
    struct told *told = alloc_zero(count, sizeof *told);
    int result = 0;

    for (size_t i = 0; i < count; i++) {
        const json_t *message = json_array_get(messages, i);
        told[i] =
            (struct told){json_integer_value(json_object_get(message, "timestamp_ms")), i, message};
    }
    qsort(told, count, sizeof *told, by_time);
    for (size_t i = 0; i < count && result == 0; i++)
        result = import_message(im, told[i].message, page);
    free(told);
    return result;
}

int
import_inbox(struct import *im)
{
    json_error_t error;
    json_t *inbox = json_loadf(im->in, 0, &error);
    const json_t *messages = json_object_get(inbox, "messages");
    int result = -1;

    im->line = inbox == NULL ? (unsigned long)error.line : 0;
    if (inbox == NULL)
        return import_wrong(im, "no JSON: %s, expected message_1.json", error.text);
    if (!json_is_array(messages)) {
        import_wrong(im, "no participants and messages, expected message_1.json of "
                         "\"download your information\"");
    } else {
        char *page = page_new(im, inbox);
        if (page != NULL)
            result = import_messages(im, messages, page);
        free(page);
    }
    json_decref(inbox);
    return result;
}
