/* The messages of a conversation, and one message (webhooks.md 4.5). */
#include <string.h>

#include "graph/attachment.h"
#include "graph/conventions.h"
#include "graph/conversation.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"
#include "graph/privacy.h"

#define LIMIT_DEFAULT 25
#define LIMIT_MAX 100 /* [observed] */

/* A message as it is shown. */
struct shown {
    struct thread *thread;
    const struct message *message;
    uint64_t number;
    const struct jnode *json; /* its stored `message`; NULL when it is none */
};

struct chat
chat_of(struct call *c, struct thread *thread)
{
    uint64_t *numbers = arena_alloc(c->arena, (thread->message_count + 1) * sizeof *numbers);
    struct chat chat = { thread, numbers, 0 };
    const struct message *m;

    for (uint64_t number = thread->newest; number != 0 && (m = world_message(c->world, number)) != NULL; number = m->previous)
        if (!(m->flags & (MESSAGE_HIDDEN | MESSAGE_UNSENT)) && chat.count < thread->message_count)
            numbers[chat.count++] = number;
    return chat;
}

void
write_party(struct buf *out, struct call *c, const struct thread *thread, bool is_page)
{
    char id[UINT64_SIZE];
    struct person person;

    format_uint64(id, thread->psid);
    thread_person(c->world, thread, &person);
    const char *name = is_page ? c->page->name
                       : thread->flags & (THREAD_DEACTIVATED | THREAD_PHONE_ONLY) ? "Facebook User"
                                                                                  : call_printf(c, "%s %s", person.first_name, person.last_name);
    jw_open(out, '{');
    jw_kv_text(out, "name", name);
    jw_kv_text(out, "email", call_printf(c, "%s@facebook.com", is_page ? c->page->id : id));
    jw_kv_text(out, "id", is_page ? c->page->id : id);
    jw_close(out, '}');
}

/* ---- fields ------------------------------------------------------------------------------------------------------------------------------- */

static void
write_id(struct buf *out, struct call *c, const void *object, const char *key)
{
    char mid[MID_SIZE];

    world_mid(c->world, ((const struct shown *)object)->number, mid);
    /* Nodes prefix the ids of the years before 2020, which webhooks show bare [observed: webhooks.md 1.8]. */
    jw_kv_text(out, key, call_printf(c, "%s%s", strncmp(mid, "m_", 2) == 0 ? "" : "m_", mid));
}

static void
write_created(struct buf *out, struct call *c, const void *object, const char *key)
{
    conventions_time(c, out, key, ((const struct shown *)object)->message->at);
}

static bool
is_from_page(const struct shown *m)
{
    return (m->message->flags & MESSAGE_FROM_PAGE) != 0;
}

static void
write_from(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct shown *m = object;

    jw_key(out, key);
    write_party(out, c, m->thread, is_from_page(m));
}

static void
write_to(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct shown *m = object;

    jw_key(out, key);
    buf_adds(out, "{\"data\":[");
    write_party(out, c, m->thread, !is_from_page(m));
    buf_adds(out, "]}");
}

static void
write_text(struct buf *out, struct call *c, const void *object, const char *key)
{
    struct str text = json_text(json_get(((const struct shown *)object)->json, "text"));

    (void)c;
    jw_kv_str(out, key, text.s != NULL ? text : STR(""));
}

static void
write_tags(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct shown *m = object;

    (void)c;
    jw_key(out, key);
    buf_adds(out, "{\"data\":[{\"name\":\"inbox\"}");
    if (is_from_page(m))
        buf_adds(out, ",{\"name\":\"read\"},{\"name\":\"sent\"}");
    buf_adds(out, m->message->flags & MESSAGE_FROM_INBOX ? ",{\"name\":\"source:web\"}]}" : ",{\"name\":\"source:chat\"}]}");
}

static void
write_reply_to(struct buf *out, struct call *c, const void *object, const char *key)
{
    struct str mid = json_text(json_get(json_get(((const struct shown *)object)->json, "reply_to"), "mid"));

    (void)c;
    if (mid.s == NULL)
        return;
    jw_key(out, key);
    jw_open(out, '{');
    jw_kv_str(out, "mid", mid);
    jw_close(out, '}');
}

static void
write_conversation(struct buf *out, struct call *c, const void *object, const char *key)
{
    char id[CONVERSATION_ID_SIZE];

    (void)c;
    thread_conversation_id(((const struct shown *)object)->thread, id);
    jw_key(out, key);
    jw_open(out, '{');
    jw_kv_text(out, "id", id);
    jw_close(out, '}');
}

/* ---- attachments ------------------------------------------------------------------------------------------------------------------------------ */

static const struct media {
    const char *type, *ending, *mime;
} media[] = {
    { "image", ".png", "image/png" },       { "image", ".gif", "image/gif" },         { "image", ".webp", "image/webp" },
    { "image", NULL, "image/jpeg" },        { "video", NULL, "video/mp4" },           { "audio", ".wav", "audio/wav" },
    { "audio", NULL, "audio/mpeg" },        { "file", ".pdf", "application/pdf" },    { "file", ".txt", "text/plain" },
    { "file", ".zip", "application/zip" },  { "file", NULL, "application/octet-stream" },
};

/* The name of the file in an address: what stands behind the last slash. */
static struct str
file_name(struct str url)
{
    struct str name = url;

    for (size_t i = 0; i < url.n; i++) {
        if (url.s[i] == '?' || url.s[i] == '#') {
            name.n = (size_t)(url.s + i - name.s);
            break;
        }
        if (url.s[i] == '/')
            name = str_from(url, i + 1);
    }
    return name;
}

static const char *
mime_of(struct str type, struct str name)
{
    for (size_t i = 0; i < sizeof media / sizeof *media; i++) {
        size_t n = media[i].ending != NULL ? strlen(media[i].ending) : 0;

        if (str_eq(type, str_of(media[i].type)) && name.n >= n && (n == 0 || memcmp(name.s + name.n - n, media[i].ending, n) == 0))
            return media[i].mime;
    }
    return NULL;
}

static void
write_first_button(struct buf *out, const struct jnode *buttons)
{
    const struct jnode *button = json_at(buttons, 0);

    if (button == NULL)
        return;
    jw_key(out, "cta");
    jw_open(out, '{');
    jw_kv_str(out, "title", json_text(json_get(button, "title")));
    jw_kv_str(out, "type", json_text(json_get(button, "type")));
    if (json_get(button, "url") != NULL)
        jw_kv_str(out, "url", json_text(json_get(button, "url")));
    jw_close(out, '}');
}

/* A template shows its first element; a button template, which has none, its text [inferred]. */
static void
write_template(struct buf *out, const struct jnode *payload)
{
    const struct jnode *element = json_at(json_get(payload, "elements"), 0);
    const struct jnode *title = json_get(element, "title") != NULL ? json_get(element, "title") : json_get(payload, "text");

    jw_key(out, "generic_template");
    jw_open(out, '{');
    jw_kv_str(out, "title", title != NULL ? json_text(title) : STR(""));
    if (json_get(element, "subtitle") != NULL)
        jw_kv_str(out, "subtitle", json_text(json_get(element, "subtitle")));
    if (json_get(element, "image_url") != NULL)
        jw_kv_str(out, "media_url", json_text(json_get(element, "image_url")));
    write_first_button(out, json_get(element != NULL ? element : payload, "buttons"));
    jw_close(out, '}');
}

static void
write_picture(struct buf *out, struct str url)
{
    jw_key(out, "image_data");
    jw_open(out, '{');
    jw_kv_int(out, "width", 960);
    jw_kv_int(out, "height", 960);
    jw_kv_int(out, "max_width", 960);
    jw_kv_int(out, "max_height", 960);
    jw_kv_str(out, "url", url);
    jw_kv_str(out, "preview_url", url);
    jw_kv_int(out, "image_type", 1);
    jw_kv_bool(out, "render_as_sticker", false);
    jw_close(out, '}');
}

static void
write_video(struct buf *out, struct str url)
{
    jw_kv_raw(out, "image_data", STR("{\"width\":1280,\"height\":720}"));
    jw_key(out, "video_data");
    jw_open(out, '{');
    jw_kv_int(out, "width", 1280);
    jw_kv_int(out, "height", 720);
    jw_kv_int(out, "length", 5);
    jw_kv_int(out, "video_type", 1);
    jw_kv_str(out, "url", url);
    jw_kv_str(out, "preview_url", url);
    jw_kv_int(out, "rotation", 0);
    jw_close(out, '}');
}

/* As many bytes as the world says that the address answers with; of others a number that stays the same, between 4 KB and 1 MB [inferred]. */
static int64_t
size_of(const struct call *c, struct str url)
{
    const struct url_answer answer = url_answer(c->world, url.s != NULL ? url : STR(""));

    return answer.bytes > 0 ? (int64_t)answer.bytes : (int64_t)(4096 + hash_bytes(url.s != NULL ? url.s : "", url.n) % 1000000);
}

static bool
is_media(struct str type)
{
    return mime_of(type, STR("")) != NULL;
}

static void
write_attachment(struct buf *out, struct call *c, const struct shown *m, const struct jnode *attachment, unsigned index)
{
    struct str type = json_text(json_get(attachment, "type"));
    const struct jnode *payload = json_get(attachment, "payload");
    struct str url = json_text(json_get(payload, "url")), id = json_text(json_get(payload, "attachment_id"));

    jw_item(out);
    jw_open(out, '{');
    if (id.s != NULL)
        jw_kv_str(out, "id", id);
    else
        jw_kv_text(out, "id", call_printf(c, "%llu", (unsigned long long)id_number(c->world->key, ID_ATTACHMENT, m->number * 32 + index, 16)));
    if (is_media(type) && privacy_switched_off(m->thread, PRIVACY_MEDIA, c->as_of)) {
        jw_kv_text(out, "name", "Media not available due to new privacy rules in Europe. See developer documentation for more info");
    } else if (is_media(type)) {
        struct str name = file_name(url.s != NULL ? url : STR(""));

        jw_kv_text(out, "mime_type", mime_of(type, name));
        jw_kv_str(out, "name", name);
        if (str_eq_lit(type, "image"))
            jw_kv_null(out, "size"); /* pictures never show one [observed] */
        else
            jw_kv_int(out, "size", size_of(c, url));
        if (str_eq_lit(type, "image"))
            write_picture(out, url.s != NULL ? url : STR(""));
        else if (str_eq_lit(type, "video"))
            write_video(out, url.s != NULL ? url : STR(""));
        else
            jw_kv_str(out, "file_url", url.s != NULL ? url : STR(""));
    } else {
        write_template(out, payload);
    }
    jw_close(out, '}');
}

/* The attachments of the stored message, whichever way it was sent. */
static const struct jnode *
first_attachment(const struct shown *m)
{
    const struct jnode *list = json_get(m->json, "attachments");

    return list != NULL ? list->first : json_get(m->json, "attachment");
}

static bool
is_list(const struct shown *m)
{
    return json_get(m->json, "attachments") != NULL;
}

static void
write_attachment_list(struct buf *out, struct call *c, const struct shown *m)
{
    unsigned index = 0;

    buf_adds(out, "{\"data\":[");
    for (const struct jnode *item = first_attachment(m); item != NULL; item = is_list(m) ? item->next : NULL) {
        struct str type = json_text(json_get(item, "type"));

        if (is_media(type) || str_eq_lit(type, "template"))
            write_attachment(out, c, m, item, index++);
    }
    buf_adds(out, "]}");
}

static void
write_attachments(struct buf *out, struct call *c, const void *object, const char *key)
{
    if (first_attachment(object) == NULL)
        return;
    jw_key(out, key);
    write_attachment_list(out, c, object);
}

/* Links, posts and reels that were shared: what is no file of its own. */
static void
write_shares(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct shown *m = object;
    unsigned count = 0;

    (void)c;
    for (const struct jnode *item = first_attachment(m); item != NULL; item = is_list(m) ? item->next : NULL) {
        struct str type = json_text(json_get(item, "type"));
        const struct jnode *payload = json_get(item, "payload");
        const struct jnode *url = json_get(payload, "url") != NULL ? json_get(payload, "url") : json_get(item, "url");
        const struct jnode *title = json_get(payload, "title") != NULL ? json_get(payload, "title") : json_get(item, "title");

        if (is_media(type) || str_eq_lit(type, "template") || str_eq_lit(type, "sticker") || url == NULL)
            continue;
        if (count++ == 0) {
            jw_key(out, key);
            buf_adds(out, "{\"data\":[");
        }
        jw_item(out);
        jw_open(out, '{');
        jw_kv_str(out, "link", json_text(url));
        if (json_text(title).s != NULL)
            jw_kv_str(out, "name", json_text(title));
        jw_close(out, '}');
    }
    if (count > 0)
        buf_adds(out, "]}");
}

static void
write_sticker(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct jnode *payload = json_get(first_attachment(object), "payload");

    (void)c;
    if (json_get(payload, "sticker_id") != NULL && json_get(payload, "url") != NULL)
        jw_kv_str(out, key, json_text(json_get(payload, "url")));
}

static void
write_unsupported(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_bool(out, key, false);
}

static const struct node_field fields[] = {
    { "id", write_id, true, 0 },
    { "created_time", write_created, true, 0 },
    { "reactions", node_put_nothing, false, 0 }, /* of people: told by webhook alone [inferred] */
    { "story", node_put_nothing, false, 0 },
    { "is_unsupported", write_unsupported, false, 0 },
    { "from", write_from, false, 0 },
    { "to", write_to, false, 0 },
    { "message", write_text, false, 0 },
    { "attachments", write_attachments, false, 0 },
    { "shares", write_shares, false, 0 },
    { "sticker", write_sticker, false, 0 },
    { "tags", write_tags, false, 0 },
    { "reply_to", write_reply_to, false, 0 },
    { "thread", write_conversation, false, 0 },
};

#define FIELDS_COUNT (sizeof fields / sizeof *fields)
#define PLAIN_FIELDS 2 /* id and created_time: shown of every message */

/* ---- lists ---------------------------------------------------------------------------------------------------------------------------------- */

static struct shown
shown_of(struct call *c, struct thread *thread, uint64_t number)
{
    const struct message *m = world_message(c->world, number);

    return (struct shown){ thread, m, number, json_read(c->arena, (struct str){ m->text, m->text_n }, JSON_LAST_WINS, NULL) };
}

struct chat_part {
    const struct chat *chat;
    struct str fields; /* STR_NONE: as the call says */
    bool is_edge;
};

static enum graph_err
write_item(struct call *c, struct buf *out, size_t i, const void *list)
{
    const struct chat_part *part = list;
    const struct shown m = shown_of(c, part->chat->thread, part->chat->numbers[i]);
    const char *outer = c->shown_type;
    enum graph_err error;

    c->shown_type = "Message";
    if (i >= READABLE_MESSAGES)
        error = node_write_text(c, out, fields, PLAIN_FIELDS, &m, STR_NONE, false);
    else if (part->is_edge)
        error = node_write(c, out, fields, FIELDS_COUNT, &m, call_param(c, "fields"), false);
    else
        error = node_write_text(c, out, fields, FIELDS_COUNT, &m, part->fields, false);
    c->shown_type = outer;
    return error;
}

enum graph_err
chat_write(struct call *c, struct buf *out, const struct chat *chat, struct str selection)
{
    const bool is_edge = c->object == OBJECT_CONVERSATION && c->edge.n > 0;
    struct str source = is_edge ? call_text(c, "source") : selection_argument(selection, "source");
    const struct chat_part part = { chat, selection_fields(selection), is_edge };
    char id[CONVERSATION_ID_SIZE];

    call_saw(c, RULE_FORM_ENUM);
    if (source.n > 0 && !str_eq_nocase(source, STR("all")) && !str_eq_nocase(source, STR("participants")))
        return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, "source", "ALL, PARTICIPANTS", arena_strndup(c->arena, source.s, source.n), NULL);
    if (is_edge)
        return paging_write(c, chat->count, &part, write_item, LIMIT_DEFAULT, LIMIT_MAX);
    thread_conversation_id(chat->thread, id);
    const struct paging_ask ask = {
        .limit = selection_argument(selection, "limit"), .after = selection_argument(selection, "after"),
        .before = selection_argument(selection, "before"), .fields = part.fields, .path = call_printf(c, "%s/messages", id),
        .limit_default = LIMIT_DEFAULT, .limit_max = LIMIT_MAX,
    };
    return paging_write_part(c, out, chat->count, &part, write_item, &ask);
}

/* ---- one message ------------------------------------------------------------------------------------------------------------------------------ */

/* Details of the 20 newest messages of the conversation are shown; an older one, or one that was taken back, answers as deleted [documented]. */
enum graph_err
message_get(struct call *c)
{
    const struct chat chat = chat_of(c, c->thread);
    size_t place = 0;

    call_saw(c, RULE_MESSAGE_READABLE);
    while (place < chat.count && chat.numbers[place] != c->message_number)
        place++;
    if (place >= chat.count || place >= READABLE_MESSAGES)
        return call_fail(c, RULE_MESSAGE_READABLE, ERR_MESSAGE_DELETED, NULL);
    const struct shown m = shown_of(c, c->thread, c->message_number);
    return node_write(c, &c->reply->body, fields, FIELDS_COUNT, &m, call_param(c, "fields"), false);
}

/* GET /{message}/attachments: the list by itself. */
enum graph_err
message_attachments_get(struct call *c)
{
    const struct shown m = shown_of(c, c->thread, c->message_number);

    write_attachment_list(&c->reply->body, c, &m);
    return ERR_NONE;
}
