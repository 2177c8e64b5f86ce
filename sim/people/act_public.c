/* What people do in public on a page: comments, posts, mentions (webhooks.md 2.21, 3.10). */
#include <stdio.h>
#include <string.h>

#include "people/act_family.h"
#include "people/inbox.h"
#include "world/page_extra.h"

#define POST_KEY                                                                                   \
    "people.post" /* page text: the page's own post that comments land on when none is named */

static void
put_from(struct buf *out, const struct act *act)
{
    struct person person;
    char psid[UINT64_SIZE];
    struct buf name = {0};

    thread_person(act->world, act->thread, &person);
    format_uint64(psid, act->thread->psid);
    buf_printf(&name, "%s %s", person.first_name, person.last_name);
    jw_key(out, "from");
    jw_open(out, '{');
    jw_kv_text(out, "id", psid);
    jw_kv_str(out, "name", buf_view(&name));
    jw_close(out, '}');
    buf_fini(&name);
}

/* <page or post>_<number>, as the platform makes them; NULL when the id is taken. */
static struct node *
new_object(struct act *act, enum node_kind kind, const char *parent, struct str given)
{
    struct buf id = {0};
    uint64_t n = act->world->node_counters[kind]++;

    if (given.s != NULL)
        buf_str(&id, given);
    else
        buf_printf(&id, "%s_%llu", parent,
                   (unsigned long long)id_number(act->world->key,
                                                 kind == NODE_POST ? ID_POST : ID_COMMENT, n, 16));
    struct node *node = world_add_node(act->world, kind, id.s, act->page_index);
    buf_fini(&id);
    return node;
}

static struct node *
own_post(struct act *act)
{
    const char *id = page_text(act->page, POST_KEY);
    struct node *post = id != NULL ? world_find_node(act->world, NODE_POST, str_of(id)) : NULL;

    if (post == NULL) {
        post = new_object(act, NODE_POST, act->page->id, STR_NONE);
        page_set_text(act->page, POST_KEY, str_of(post->id));
    }
    return post;
}

/* The post that is commented on; made when it is not known yet. NULL: the id is something else's. */
static struct node *
find_post(struct act *act)
{
    struct str id = act_text(act, AF_POST_ID);

    if (id.s == NULL)
        return own_post(act);
    struct node *post = world_find_node(act->world, NODE_POST, id);
    return post != NULL ? post : new_object(act, NODE_POST, act->page->id, id);
}

static const char *
verb_of(struct act *act)
{
    static const char *const verbs[] = {"add", "edited", "remove", "hide", "unhide"};
    struct str verb = act_has(act, AF_VERB) ? act_text(act, AF_VERB) : STR("add");

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verb, str_of(verbs[i])))
            return verbs[i];
    act_refuse(act, "/verb: expected add, edited, remove, hide or unhide");
    return NULL;
}

static void
send_comment(struct act *act, const struct node *comment, const char *post_id, const char *verb)
{
    struct buf value = {0};
    bool is_removal = strcmp(verb, "remove") == 0;

    jw_open(&value, '{');
    jw_kv_text(&value, "item", "comment");
    jw_kv_text(&value, "verb", verb);
    jw_kv_text(&value, "comment_id", comment->id);
    jw_kv_text(&value, "post_id", post_id);
    jw_kv_str(&value, "parent_id",
              act_has(act, AF_PARENT_ID) ? act_text(act, AF_PARENT_ID) : str_of(post_id));
    put_from(&value, act);
    if (!is_removal && comment->text != NULL)
        jw_kv_str(&value, "message", str_of(comment->text));
    jw_kv_int(&value, "created_time", comment->made / SECOND);
    jw_close(&value, '}');
    event_change(act->world, act->page, act->thread, EVENT_FEED_COMMENT, buf_view(&value));
    jw_kv_text(&act->made, "comment_id", comment->id);
    jw_kv_text(&act->made, "post_id", post_id);
    buf_fini(&value);
}

/* Something happens to a comment that is there. */
static int
change_comment(struct act *act, const char *verb)
{
    struct str id = act_text(act, AF_COMMENT_ID);
    struct node *comment = world_find_node(act->world, NODE_COMMENT, id);

    if (comment == NULL || comment->thread != act->thread->index)
        return act_refuse(act, "/comment_id: no comment of this person");
    if (act_has(act, AF_TEXT))
        node_set_text(comment, act_text(act, AF_TEXT));
    send_comment(act, comment, comment->text2 != NULL ? comment->text2 : act->page->id, verb);
    if (strcmp(verb, "remove") == 0)
        comment->is_deleted = true;
    return 0;
}

int
act_comment(struct act *act)
{
    const char *verb = verb_of(act);

    if (verb == NULL)
        return -1;
    if (strcmp(verb, "add") != 0)
        return change_comment(act, verb);
    if (!act_has(act, AF_TEXT))
        return act_refuse(act, "/text: missing, expected what the comment says");
    if (act_has(act, AF_PARENT_ID) &&
        world_find_node(act->world, NODE_COMMENT, act_text(act, AF_PARENT_ID)) == NULL)
        return act_refuse(act, "/parent_id: there is no such comment");
    if (act_has(act, AF_COMMENT_ID) &&
        world_any_node(act->world, act_text(act, AF_COMMENT_ID)) != NULL)
        return act_refuse(act, "/comment_id: taken");
    struct node *post = find_post(act);
    if (post == NULL)
        return act_refuse(act, "/post_id: this is the id of something else");
    const char *number = strrchr(post->id, '_');
    struct node *comment = new_object(act, NODE_COMMENT, number != NULL ? number + 1 : post->id,
                                      act_text(act, AF_COMMENT_ID));
    if (comment == NULL)
        return act_refuse(act, "/comment_id: taken");
    comment->thread = act->thread->index;
    node_set_text(comment, act_text(act, AF_TEXT));
    node_set_text2(comment, str_of(post->id));
    send_comment(act, comment, post->id, "add");
    inbox_answer_comment(act, comment);
    return 0;
}

int
act_visitor_post(struct act *act)
{
    struct buf value = {0};

    if (act_has(act, AF_POST_ID) && world_any_node(act->world, act_text(act, AF_POST_ID)) != NULL)
        return act_refuse(act, "/post_id: taken");
    struct node *post = new_object(act, NODE_POST, act->page->id, act_text(act, AF_POST_ID));
    if (post == NULL)
        return act_refuse(act, "/post_id: taken");
    post->thread = act->thread->index;
    node_set_text(post, act_text(act, AF_TEXT));
    jw_open(&value, '{');
    jw_kv_text(&value, "item", "post");
    jw_kv_text(&value, "verb", "add");
    jw_kv_text(&value, "post_id", post->id);
    put_from(&value, act);
    jw_kv_str(&value, "message", act_text(act, AF_TEXT));
    jw_kv_int(&value, "created_time", act->world->now / SECOND);
    jw_close(&value, '}');
    event_change(act->world, act->page, act->thread, EVENT_FEED_POST, buf_view(&value));
    jw_kv_text(&act->made, "post_id", post->id);
    buf_fini(&value);
    return 0;
}

int
act_mention(struct act *act)
{
    struct buf value = {0}, id = {0};
    char psid[UINT64_SIZE];

    format_uint64(psid, act->thread->psid);
    buf_printf(&id, "%s_%llu", psid,
               (unsigned long long)id_number(act->world->key, ID_POST,
                                             act->world->messages.next + act->world->journal.next,
                                             16));
    struct str post_id = act_has(act, AF_POST_ID) ? act_text(act, AF_POST_ID) : buf_view(&id);
    jw_open(&value, '{');
    jw_kv_text(&value, "item", "post");
    jw_kv_text(&value, "verb", "add");
    jw_kv_str(&value, "post_id", post_id);
    jw_kv_text(&value, "sender_id", psid);
    jw_kv_str(&value, "message", act_text(act, AF_TEXT));
    jw_kv_int(&value, "created_time", act->world->now / SECOND);
    jw_close(&value, '}');
    event_change(act->world, act->page, act->thread, EVENT_MENTION, buf_view(&value));
    jw_kv_str(&act->made, "post_id", post_id);
    buf_fini(&value);
    buf_fini(&id);
    return 0;
}
