/* GET /{page}/conversations and one conversation (webhooks.md 4.5). */
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "graph/conventions.h"
#include "graph/conversation.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"

#define LIMIT_DEFAULT 25
#define LIMIT_MAX 200 /* [observed] */
#define SNIPPET_MAX 100
#define REQUEST_LIFE (30 * DAY)

/* One conversation in a list. */
struct entry {
    struct thread *thread;
    uint64_t newest; /* its newest message that is shown */
    ms_t updated;
};

/* ---- fields ------------------------------------------------------------------------------------------------------------------------------- */

static void
write_id(struct buf *out, struct call *c, const void *object, const char *key)
{
    char id[CONVERSATION_ID_SIZE];

    (void)c;
    thread_conversation_id(((const struct entry *)object)->thread, id);
    jw_kv_text(out, key, id);
}

static void
write_updated(struct buf *out, struct call *c, const void *object, const char *key)
{
    conventions_time(c, out, key, ((const struct entry *)object)->updated);
}

static void
write_link(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct entry *entry = object;

    jw_kv_text(out, key, call_printf(c, "/%s/inbox/%llu/?section=messages", c->page->id, (unsigned long long)entry->thread->psid));
}

static void
write_key(struct buf *out, struct call *c, const void *object, const char *key)
{
    write_id(out, c, object, key);
}

static void
write_count(struct buf *out, struct call *c, const void *object, const char *key)
{
    jw_kv_int(out, key, (int64_t)chat_of(c, ((const struct entry *)object)->thread).count);
}

/* What the person wrote since the page last did [inferred: nobody says when staff has read]. */
static void
write_unread(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct chat chat = chat_of(c, ((const struct entry *)object)->thread);
    int64_t unread = 0;

    while ((size_t)unread < chat.count && !(world_message(c->world, chat.numbers[unread])->flags & MESSAGE_FROM_PAGE))
        unread++;
    jw_kv_int(out, key, unread);
}

static void
write_snippet(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct entry *entry = object;
    const struct message *m = world_message(c->world, entry->newest);
    const struct jnode *json = m != NULL ? json_read(c->arena, (struct str){ m->text, m->text_n }, JSON_LAST_WINS, NULL) : NULL;
    struct str text = json_text(json_get(json, "text"));

    if (text.n > SNIPPET_MAX) {
        text.n = SNIPPET_MAX;
        while (text.n > 0 && utf8_is_continuation(text.s[text.n]))
            text.n--;
    }
    jw_kv_str(out, key, text.s != NULL ? text : STR(""));
}

/* Two people: the person, then the page. */
static void
write_parties(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct entry *entry = object;

    jw_key(out, key);
    buf_adds(out, "{\"data\":[");
    write_party(out, c, entry->thread, false);
    buf_char(out, ',');
    write_party(out, c, entry->thread, true);
    buf_adds(out, "]}");
}

static void
write_former(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_raw(out, key, STR("{\"data\":[]}"));
}

static void
write_can_reply(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct thread *t = ((const struct entry *)object)->thread;
    bool is_here = !(t->flags & (THREAD_BLOCKED | THREAD_BANNED | THREAD_DEACTIVATED | THREAD_MESSAGES_OFF));

    jw_kv_bool(out, key, is_here && within_ms(t->last_act, 24 * HOUR, c->now));
}

static void
write_subscribed(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_bool(out, key, true);
}

static void
write_folder(struct buf *out, struct call *c, const void *object, const char *key)
{
    const uint32_t flags = ((const struct entry *)object)->thread->flags;

    (void)c;
    jw_kv_text(out, key, flags & THREAD_SPAM ? "spam" : flags & THREAD_REQUEST ? "other" : "inbox");
}

static void
write_name(struct buf *out, struct call *c, const void *object, const char *key)
{
    struct person person;

    thread_person(c->world, ((const struct entry *)object)->thread, &person);
    jw_kv_text(out, key, call_printf(c, "%s %s", person.first_name, person.last_name));
}

/* Only while conversation routing is on [documented, 2025-10-13]. */
static void
write_is_owner(struct buf *out, struct call *c, const void *object, const char *key)
{
    uint32_t owner = thread_owner(c->world, ((const struct entry *)object)->thread);

    if (c->page->default_app == INDEX_NONE || c->as_of < CIVIL(2025, 10, 13))
        return;
    jw_kv_bool(out, key, (owner != INDEX_NONE ? owner : c->page->default_app) == c->app_index);
}

static void
write_messages(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct chat chat = chat_of(c, ((const struct entry *)object)->thread);

    jw_key(out, key);
    enum graph_err error = chat_write(c, out, &chat, c->selection);
    c->selection = STR_NONE;
    if (error != ERR_NONE)
        c->verdict.error = error;
}

static const struct node_field fields[] = {
    { "id", write_id, true, 0 },
    { "updated_time", write_updated, true, 0 },
    { "link", write_link, false, 0 },
    { "message_count", write_count, false, 0 },
    { "unread_count", write_unread, false, 0 },
    { "snippet", write_snippet, false, 0 },
    { "participants", write_parties, false, 0 },
    { "senders", write_parties, false, 0 },
    { "former_participants", write_former, false, 0 },
    { "can_reply", write_can_reply, false, 0 },
    { "is_subscribed", write_subscribed, false, 0 },
    { "folder", write_folder, false, 0 },
    { "name", write_name, false, 0 },
    { "scoped_thread_key", write_key, false, 0 },
    { "is_owner", write_is_owner, false, 0 },
    { "subject", node_put_nothing, false, 0 },
    { "wallpaper", node_put_nothing, false, 0 },
    { "linked_group", node_put_nothing, false, 0 },
    { "messages", write_messages, false, 0 },
};

#define FIELDS_COUNT (sizeof fields / sizeof *fields)

/* A field that holds a list may have failed on the way: its error counts for the whole. */
static enum graph_err
write_entry(struct call *c, struct buf *out, const struct entry *entry)
{
    enum graph_err before = c->verdict.error;

    c->verdict.error = ERR_NONE;
    enum graph_err error = node_write(c, out, fields, FIELDS_COUNT, entry, call_param(c, "fields"), false);
    if (error == ERR_NONE)
        error = c->verdict.error;
    c->verdict.error = error != ERR_NONE ? error : before;
    return error;
}

/* ---- the list ------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_shown(const struct message *m)
{
    return !(m->flags & (MESSAGE_HIDDEN | MESSAGE_UNSENT));
}

static bool
entry_of(struct call *c, struct thread *thread, struct entry *entry)
{
    const struct message *m = NULL;
    uint64_t number = thread->newest;

    while (number != 0 && (m = world_message(c->world, number)) != NULL && !is_shown(m))
        number = m->previous;
    if (number == 0 || m == NULL)
        return false;
    *entry = (struct entry){ thread, number, m->at };
    return true;
}

static int
newer_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->updated != y->updated)
        return x->updated < y->updated ? 1 : -1;
    return x->newest < y->newest ? 1 : x->newest > y->newest ? -1 : 0;
}

struct entries {
    struct entry *at;
    size_t count;
};

/* Spam is shown to who asks for it alone. Requests are `other` [inferred]. */
static bool
is_in_folder(const struct thread *thread, struct str folder)
{
    if (thread->flags & THREAD_SPAM)
        return str_eq_nocase(folder, STR("spam"));
    return folder.n == 0 || str_eq_nocase(folder, thread->flags & THREAD_REQUEST ? STR("other") : STR("inbox"));
}

/* Requests that nobody has touched for 30 days are not returned [documented]. */
static void
add_thread(struct call *c, struct entries *list, struct thread *thread, struct str folder)
{
    struct entry *entry = &list->at[list->count];

    if (thread->page != c->page_index || !is_in_folder(thread, folder) || !entry_of(c, thread, entry))
        return;
    if (!(thread->flags & THREAD_REQUEST) || within_ms(entry->updated, REQUEST_LIFE, c->now))
        list->count++;
}

static enum graph_err
write_item(struct call *c, struct buf *out, size_t i, const void *list)
{
    return write_entry(c, out, &((const struct entries *)list)->at[i]);
}

enum graph_err
conversations_get(struct call *c)
{
    struct str platform = call_text(c, "platform"), user = call_text(c, "user_id"), folder = call_text(c, "folder");
    struct entries list = { NULL, 0 };

    if (platform.n > 0 && !str_eq_nocase(platform, STR("messenger"))) {
        call_saw(c, RULE_FORM_ENUM);
        if (!str_eq_nocase(platform, STR("instagram")))
            return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, "platform", "INSTAGRAM, MESSENGER", arena_strndup(c->arena, platform.s, platform.n), NULL);
        return call_fail(c, RULE_AUTH_OBJECT, ERR_IG_NOT_LINKED, NULL);
    }
    list.at = arena_alloc(c->arena, ((user.n > 0 ? 1 : c->page->thread_count) + 1) * sizeof *list.at);
    if (user.n > 0) {
        struct thread *thread = world_find_psid(c->world, digits_read(user.s, user.n));

        if (thread != NULL)
            add_thread(c, &list, thread, folder);
    }
    for (uint32_t i = 0; i < c->world->thread_count && user.n == 0; i++)
        add_thread(c, &list, world_thread(c->world, i), folder);
    if (list.count > 1)
        qsort(list.at, list.count, sizeof *list.at, newer_first);
    return paging_write(c, list.count, &list, write_item, LIMIT_DEFAULT, LIMIT_MAX);
}

enum graph_err
conversation_get(struct call *c)
{
    struct entry entry;

    call_saw(c, RULE_AUTH_OBJECT);
    if (!entry_of(c, c->thread, &entry))
        return call_fail(c, RULE_AUTH_OBJECT, ERR_THREAD_GONE, NULL);
    return write_entry(c, &c->reply->body, &entry);
}

enum graph_err
conversation_messages_get(struct call *c)
{
    const struct chat chat = chat_of(c, c->thread);

    return chat_write(c, &c->reply->body, &chat, STR_NONE);
}
