/* message_1.json of "download your information": newest message first, and every text is UTF-8 that was read as Latin-1 and has to be mended.
 * The download of encrypted conversations says the same with other names, and its texts are whole; so do the files of early 2018, in seconds. */
#include <ctype.h>
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

/* The member under its name of "download your information", or of the download of encrypted conversations. */
static json_t *
either(const json_t *object, const char *key, const char *encrypted_key)
{
    json_t *value = json_object_get(object, key);

    return value != NULL ? value : json_object_get(object, encrypted_key);
}

/* -1 when the message says no time. */
static int64_t
time_of(const json_t *message)
{
    const json_t *stamp = either(message, "timestamp_ms", "timestamp");
    json_int_t at = json_is_integer(stamp) ? json_integer_value(stamp) : -1;

    return at > 0 && at < INT64_C(100000000000) ? at * 1000 : at;
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

/* Encrypted conversations only say what a file is called. */
static const char *
type_of(const char *uri)
{
    static const struct {
        const char *ends, *type;
    } ends[] = {{"jpg", "image"},  {"jpeg", "image"}, {"png", "image"}, {"gif", "image"},
                {"webp", "image"}, {"heic", "image"}, {"mp4", "video"}, {"mov", "video"},
                {"webm", "video"}, {"mp3", "audio"},  {"m4a", "audio"}, {"aac", "audio"},
                {"ogg", "audio"},  {"opus", "audio"}, {"wav", "audio"}};
    const char *dot = uri == NULL ? NULL : strrchr(uri, '.');

    for (size_t i = 0; dot != NULL && i < sizeof ends / sizeof *ends; i++)
        if (strcasecmp(dot + 1, ends[i].ends) == 0)
            return ends[i].type;
    return "file";
}

/* Since 2022 files tell a reaction a second time, as a message in the language of the download; English is known. */
static bool
is_reaction_told(const char *content)
{
    static const char end[] = " to your message";
    size_t n = content == NULL ? 0 : strlen(content);

    while (n > 0 && isspace((unsigned char)content[n - 1]))
        n--;
    return n >= sizeof end && strncmp(content, "Reacted ", 8) == 0 &&
           strncmp(content + n - (sizeof end - 1), end, sizeof end - 1) == 0;
}

/* What is no message although it stands among them; NULL when it is one. */
static const char *
lost_as(const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "type"));

    if (json_is_true(either(message, "is_unsent", "isUnsent")))
        return "unsent message";
    if (type != NULL && strcmp(type, "placeholder") == 0)
        return "message of which only a placeholder is left";
    if (is_reaction_told(json_string_value(either(message, "content", "text"))))
        return "reaction told as a message";
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

/* What the message says: its text, or the link of what is shared, or what that says. A new text; NULL: nothing. */
static char *
text_new(const json_t *message)
{
    const json_t *share = json_object_get(message, "share");
    const json_t *texts[] = {either(message, "content", "text"), json_object_get(share, "link"),
                             json_object_get(share, "share_text")};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (json_string_length(texts[i]) > 0)
            return mended(json_string_value(texts[i]));
    return NULL;
}

/* A file of a message: an act. The text goes with the first and is then NULL. */
static int
import_part(struct import *im, int64_t at_ms, const char *who, const char *type, const char **text)
{
    json_t *act = json_pack("{s:s, s:s}", "act", "attachment", "type", type);

    if (*text != NULL)
        json_object_set_new(act, "text", json_string(*text));
    *text = NULL;
    return import_act(im, at_ms, who, who, act);
}

/* Text and files may stand in one message: the text goes with the first file, each file is an act. */
static int
import_parts(struct import *im, const json_t *message, int64_t at_ms, const char *who)
{
    const json_t *media = json_object_get(message, "media");
    char *owned = text_new(message);
    const char *text = owned;
    unsigned long before = im->acts;
    json_t *file;
    int result = 0;
    size_t k;

    for (size_t i = 0; i < KINDS; i++)
        for (k = json_array_size(json_object_get(message, kinds[i].key)); k > 0 && result == 0; k--)
            result = import_part(im, at_ms, who, kinds[i].type, &text);
    json_array_foreach(media, k, file) if (result == 0) result = import_part(
        im, at_ms, who, type_of(json_string_value(json_object_get(file, "uri"))), &text);
    if (result == 0 && json_object_get(message, "sticker") != NULL)
        result = import_act(im, at_ms, who, who, sticker_act(message));
    else if (result == 0 && im->acts == before && text != NULL)
        result = import_act(im, at_ms, who, who,
                            json_pack("{s:s, s:s}", "act", "message", "text", text));
    else if (im->acts == before)
        import_skip(im, "message without text and files");
    free(owned);
    return result;
}

static int
import_message(struct import *im, const json_t *message, const char *page)
{
    const char *sender = json_string_value(either(message, "sender_name", "senderName"));

    if (sender == NULL || time_of(message) < 0)
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
        result = import_parts(im, message, time_of(message), who);
    free(who);
    return result;
}

/* A participant's name, mended. A new text; NULL: none. */
static char *
participant_new(const json_t *participants, size_t i)
{
    const json_t *participant = json_array_get(participants, i);
    const char *name = json_is_string(participant)
                           ? json_string_value(participant)
                           : json_string_value(json_object_get(participant, "name"));

    return name != NULL ? mended(name) : NULL;
}

/* A conversation of two is called like the other one; encrypted ones with a number behind: "Anna_7". */
static bool
is_title(const json_t *inbox, const char *name)
{
    const char *called = json_string_value(either(inbox, "title", "threadName"));
    char *title = called == NULL ? NULL : mended(called);
    size_t n = strlen(name);
    bool is_same = title != NULL && strncmp(title, name, n) == 0 &&
                   (title[n] == '\0' || (title[n] == '_' && strspn(title + n + 1, "0123456789") ==
                                                                strlen(title + n + 1)));

    free(title);
    return is_same;
}

/* The page is the participant that the command names, or of two the one that the conversation is not called by, or the last
 * one: the owner of the download stands last. A new text; NULL after import_wrong. */
static char *
page_new(struct import *im, const json_t *inbox)
{
    const json_t *participants = json_object_get(inbox, "participants");
    size_t count = json_array_size(participants);
    char *name = NULL;

    for (size_t i = 0; i < count; i++) {
        char *other = participant_new(participants, i);
        bool is_page = other != NULL && (im->page == NULL || strcmp(other, im->page) == 0);
        if (is_page && im->page == NULL && count == 2 && name != NULL && is_title(inbox, other))
            is_page = false;
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
    const char *page;
};

/* The messages of all documents of a file. */
struct inbox {
    struct told *told;
    size_t count;
    char **pages; /* each document's; owned */
};

static int
by_time(const void *a, const void *b)
{
    const struct told *x = a, *y = b;

    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->place > y->place ? -1 : 1);
}

/* Encrypted conversations stand oldest first. */
static bool
is_oldest_first(const json_t *messages)
{
    size_t count = json_array_size(messages);

    return count > 1 &&
           time_of(json_array_get(messages, 0)) < time_of(json_array_get(messages, count - 1));
}

static void
collect(struct inbox *inbox, const json_t *messages, const char *page)
{
    size_t count = json_array_size(messages), first = inbox->count;
    bool is_turned = is_oldest_first(messages);

    inbox->told = alloc_checked(realloc(inbox->told, (first + count + 1) * sizeof *inbox->told));
    for (size_t i = 0; i < count; i++) {
        const json_t *message = json_array_get(messages, is_turned ? count - 1 - i : i);

        inbox->told[inbox->count++] = (struct told){time_of(message), first + i, message, page};
    }
}

static int
read_inboxes(struct import *im, struct inbox *inbox, const json_t *documents)
{
    json_t *document;
    size_t i;

    json_array_foreach(documents, i, document)
    {
        const json_t *messages = json_object_get(document, "messages");

        if (!json_is_array(messages))
            return import_wrong(im, "no participants and messages, expected message_1.json of "
                                    "\"download your information\"");
        inbox->pages[i] = page_new(im, document);
        if (inbox->pages[i] == NULL)
            return -1;
        collect(inbox, messages, inbox->pages[i]);
    }
    return 0;
}

/* Texts also name those of a group who wrote nothing. Those who did have their stand-ins by now. */
static void
learn_silent(struct import *im, const json_t *document, const char *page)
{
    const json_t *participants = json_object_get(document, "participants");

    for (size_t i = json_array_size(participants); i > 0 && !im->keeps_names; i--) {
        char *name = participant_new(participants, i - 1);

        if (name != NULL && strcmp(name, page) != 0)
            import_learn_name(im, name, "somebody");
        free(name);
    }
}

static int
import_all(struct import *im, const json_t *documents)
{
    size_t count = json_array_size(documents);
    struct inbox inbox = {.pages = alloc_zero(count, sizeof *inbox.pages)};
    int result = read_inboxes(im, &inbox, documents);

    if (result == 0 && inbox.count > 0)
        qsort(inbox.told, inbox.count, sizeof *inbox.told, by_time);
    for (size_t i = 0; i < inbox.count && result == 0; i++)
        result = import_message(im, inbox.told[i].message, inbox.told[i].page);
    for (size_t i = 0; i < count && result == 0; i++)
        learn_silent(im, json_array_get(documents, i), inbox.pages[i]);
    for (size_t i = 0; i < count; i++)
        free(inbox.pages[i]);
    free(inbox.pages);
    free(inbox.told);
    return result;
}

int
import_inbox(struct import *im)
{
    json_t *documents = import_documents(im, "message_1.json");
    int result = documents != NULL ? import_all(im, documents) : -1;

    json_decref(documents);
    return result;
}
