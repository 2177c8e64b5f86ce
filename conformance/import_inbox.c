/* message_1.json of "download your information": newest message first, and every text is UTF-8 that was read as Latin-1 and has to be mended. */
#include <stdlib.h>
#include <string.h>

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

static bool
has(const json_t *message, const char *key)
{
    return json_array_size(json_object_get(message, key)) > 0;
}

static json_t *
media_act(const json_t *message)
{
    static const struct {
        const char *key, *type;
    } kinds[] = {{"photos", "image"},
                 {"gifs", "image"},
                 {"videos", "video"},
                 {"audio_files", "audio"},
                 {"files", "file"}};

    if (json_object_get(message, "sticker") != NULL)
        return json_pack("{s:s}", "act", "sticker");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has(message, kinds[i].key))
            return json_pack("{s:s, s:s}", "act", "attachment", "type", kinds[i].type);
    return NULL;
}

static int
import_message(struct import *im, const json_t *message, const char *page)
{
    const char *sender = json_string_value(json_object_get(message, "sender_name"));
    const char *content = json_string_value(json_object_get(message, "content"));
    const json_t *stamp = json_object_get(message, "timestamp_ms");
    json_t *act = media_act(message);
    int result = 0;

    if (sender == NULL || !json_is_integer(stamp)) {
        json_decref(act);
        return import_wrong(im, "a message without sender_name or timestamp_ms, expected messages "
                                "of \"download your information\"");
    }
    if (strcmp(sender, page) == 0 || (act == NULL && content == NULL)) {
        json_decref(act);
        import_skip(im);
        return 0;
    }
    char *who = mended(sender), *text = content != NULL ? mended(content) : NULL;
    if (act == NULL)
        act = json_pack("{s:s, s:s}", "act", "message", "text", text);
    result = import_act(im, json_integer_value(stamp), who, who, act);
    free(who);
    free(text);
    return result;
}

/* The page is the participant that the command names, or the last one: the owner of the download stands last. */
static const char *
page_of(const struct import *im, const json_t *inbox)
{
    const json_t *participants = json_object_get(inbox, "participants");
    size_t count = json_array_size(participants);

    if (im->page != NULL)
        return im->page;
    return count > 0
               ? json_string_value(json_object_get(json_array_get(participants, count - 1), "name"))
               : NULL;
}

int
import_inbox(struct import *im)
{
    json_error_t error;
    json_t *inbox = json_loadf(im->in, 0, &error);
    const json_t *messages = json_object_get(inbox, "messages");
    const char *page = page_of(im, inbox);
    int result = 0;

    im->line = inbox == NULL ? (unsigned long)error.line : 0;
    if (inbox == NULL)
        return import_wrong(im, "no JSON: %s, expected message_1.json", error.text);
    if (!json_is_array(messages) || page == NULL)
        result = import_wrong(im, "no participants and messages, expected message_1.json of "
                                  "\"download your information\"");
    for (size_t i = json_array_size(messages); i-- > 0 && result == 0;)
        result = import_message(im, json_array_get(messages, i), page);
    json_decref(inbox);
    return result;
}
