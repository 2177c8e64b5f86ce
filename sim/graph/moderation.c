/* What a page does to people: blocks, bans, spam (webhooks.md 4.7). None of it makes an event. */
#include <string.h>

#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"

/* For Messenger since then [documented]. */
#define MODERATION_FROM CIVIL(2025, 3, 31)
#define ACTIONS_MAX 2

static struct thread *
person_of(const struct call *c, struct str psid)
{
    struct thread *thread = world_find_psid(c->world, digits_read(psid.s, psid.n));

    return thread != NULL && thread->page == c->page_index ? thread : NULL;
}

/* ---- moderate_conversations ------------------------------------------------------------------------------------------------------------- */

enum moderation { BAN = 1, UNBAN = 2, BLOCK = 4, UNBLOCK = 8, SPAM = 16 };

static const struct {
    const char *name;
    enum moderation action;
} actions[] = { { "BAN_USER", BAN }, { "UNBAN_USER", UNBAN }, { "BLOCK_USER", BLOCK }, { "UNBLOCK_USER", UNBLOCK }, { "MOVE_TO_SPAM", SPAM } };

static enum graph_err
read_actions(struct call *c, unsigned *wanted)
{
    struct names names;
    struct str name;
    unsigned index = 0;

    call_saw(c, RULE_FORM_ENUM);
    for (names_open(&names, field(c, F_MODERATE_ACTIONS)); names_next(&names, &name); index++) {
        unsigned bit = 0;

        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
            if (str_eq_nocase(name, str_of(actions[i].name)))
                bit = actions[i].action;
        if (bit == 0)
            return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, call_printf(c, "actions[%u]", index),
                             "BAN_USER, BLOCK_USER, MOVE_TO_SPAM, UNBAN_USER, UNBLOCK_USER", arena_strndup(c->arena, name.s, name.n), NULL);
        *wanted |= bit;
    }
    call_saw(c, RULE_FORM_TOO_FEW);
    if (index == 0)
        return call_fail(c, RULE_FORM_TOO_FEW, ERR_TOO_FEW, "actions", NULL);
    call_saw(c, RULE_FORM_TOO_MANY);
    if (index > ACTIONS_MAX)
        return call_fail(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, "actions", NULL);
    if ((*wanted & BAN && *wanted & UNBAN) || (*wanted & BLOCK && *wanted & UNBLOCK))
        return call_fail(c, RULE_FORM_ENUM, ERR_EXACTLY_ONE, *wanted & BAN ? "BAN_USER, UNBAN_USER" : "BLOCK_USER, UNBLOCK_USER", NULL);
    return ERR_NONE;
}

static void
apply(struct thread *thread, unsigned wanted)
{
    if (wanted & (BAN | BLOCK))
        thread->flags |= THREAD_BANNED;
    if (wanted & (UNBAN | UNBLOCK))
        thread->flags &= ~(uint32_t)THREAD_BANNED;
    if (wanted & SPAM)
        thread->flags |= THREAD_SPAM;
}

enum graph_err
moderate_conversations(struct call *c)
{
    const struct jnode *users = field(c, F_MODERATE_USERS);
    unsigned wanted = 0;

    call_saw(c, RULE_PATH_KNOWN);
    if (c->as_of < MODERATION_FROM)
        return call_fail(c, RULE_PATH_KNOWN, ERR_UNKNOWN_PATH, "/moderate_conversations", NULL);
    enum graph_err error = read_actions(c, &wanted);
    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_RCPT_KNOWN);
    for (const struct jnode *user = users->first; user != NULL; user = user->next)
        if (person_of(c, json_text(json_get(user, "id"))) == NULL)
            return call_fail(c, RULE_RCPT_KNOWN, ERR_NO_MATCHING_USER, NULL);
    for (const struct jnode *user = users->first; user != NULL; user = user->next)
        apply(person_of(c, json_text(json_get(user, "id"))), wanted);
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- blocked ------------------------------------------------------------------------------------------------------------------------------- */

/* By the id of the person in the app that log-in knows. */
static struct thread *
person_of_app(const struct call *c, struct str asid)
{
    for (uint32_t i = 0; i < c->world->thread_count; i++) {
        struct thread *thread = world_thread(c->world, i);
        struct person person;

        if (thread->page != c->page_index)
            continue;
        thread_person(c->world, thread, &person);
        if (str_eq(asid, str_of(person.asid)))
            return thread;
    }
    return NULL;
}

static const struct {
    const char *name;
    bool is_psid;
} id_params[] = { { "psid", true }, { "asid", false }, { "uid", false }, { "user", true } };

#define ID_PARAM_COUNT (sizeof id_params / sizeof *id_params)

static struct thread *
blocked_person(const struct call *c, size_t param, struct str id)
{
    struct thread *thread = id_params[param].is_psid ? person_of(c, id) : person_of_app(c, id);

    return thread != NULL ? thread : id_params[param].is_psid ? person_of_app(c, id) : person_of(c, id);
}

/* {"<id>":true,...}: false for ids that are nobody here. */
/* Whether the answer has this id already: named before it in the same parameter, or in one before. */
static bool
was_told(struct call *c, size_t param, struct str id)
{
    struct names names;
    struct str earlier;

    for (size_t i = 0; i <= param; i++)
        for (names_open(&names, call_param(c, id_params[i].name)); names_next(&names, &earlier) && earlier.s != id.s;)
            if (str_eq(earlier, id))
                return true;
    return false;
}

enum graph_err
blocked_post(struct call *c)
{
    struct buf *out = &c->reply->body;
    unsigned count = 0;

    jw_open(out, '{');
    for (size_t i = 0; i < ID_PARAM_COUNT; i++) {
        struct names names;
        struct str id;

        for (names_open(&names, call_param(c, id_params[i].name)); names_next(&names, &id); count++) {
            struct thread *thread = blocked_person(c, i, id);

            if (thread != NULL)
                thread->flags |= THREAD_BANNED;
            if (was_told(c, i, id))
                continue;
            jw_key_str(out, id, JW_GRAPH);
            buf_adds(out, thread != NULL ? "true" : "false");
        }
    }
    jw_close(out, '}');
    call_saw(c, RULE_FORM_REQUIRED);
    return count > 0 ? ERR_NONE : call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "psid", NULL);
}

enum graph_err
blocked_delete(struct call *c)
{
    call_saw(c, RULE_FORM_REQUIRED);
    for (size_t i = 0; i < ID_PARAM_COUNT; i++) {
        struct str id = call_text(c, id_params[i].name);

        if (id.n == 0)
            continue;
        struct thread *thread = blocked_person(c, i, id);
        call_saw(c, RULE_RCPT_KNOWN);
        if (thread == NULL)
            return call_fail(c, RULE_RCPT_KNOWN, ERR_NO_MATCHING_USER, NULL);
        thread->flags &= ~(uint32_t)THREAD_BANNED;
        buf_adds(&c->reply->body, "{\"success\":true}");
        return ERR_NONE;
    }
    return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "psid", NULL);
}

/* The people who are blocked; with an id of one of them, that one if she is. */
struct blocked {
    struct thread **threads;
    size_t count;
};

static void
write_name(struct buf *out, struct call *c, const void *object, const char *key)
{
    struct person person;

    thread_person(c->world, object, &person);
    jw_kv_text(out, key, call_printf(c, "%s %s", person.first_name, person.last_name));
}

static void
write_id(struct buf *out, struct call *c, const void *object, const char *key)
{
    char psid[UINT64_SIZE];

    (void)c;
    format_uint64(psid, ((const struct thread *)object)->psid);
    jw_kv_text(out, key, psid);
}

static const struct node_field blocked_fields[] = { { "name", write_name, true, 0 }, { "id", write_id, true, 0 } };

static enum graph_err
write_blocked(struct call *c, struct buf *out, size_t i, const void *list)
{
    return node_write(c, out, blocked_fields, 2, ((const struct blocked *)list)->threads[i], call_param(c, "fields"), false);
}

enum graph_err
blocked_get(struct call *c)
{
    const struct thread *wanted = NULL;
    bool is_one = false;
    struct blocked list = { arena_alloc(c->arena, (c->page->thread_count + 1) * sizeof *list.threads), 0 };

    for (size_t i = 0; i < ID_PARAM_COUNT && !is_one; i++) {
        struct str id = call_text(c, id_params[i].name);

        is_one = id.n > 0;
        wanted = is_one ? blocked_person(c, i, id) : NULL;
    }
    for (uint32_t i = 0; i < c->world->thread_count; i++) {
        struct thread *thread = world_thread(c->world, i);

        if (thread->page == c->page_index && thread->flags & THREAD_BANNED && (!is_one || thread == wanted))
            list.threads[list.count++] = thread;
    }
    return paging_write(c, list.count, &list, write_blocked, 25, 100);
}
