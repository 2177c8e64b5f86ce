/* What people do in public on a page: comments, posts, mentions (webhooks.md 2.21, 3.10). */
#include <stdio.h>
#include <string.h>

#include "people/act_family.h"
#include "people/inbox.h"
#include "world/page_extra.h"

#define POST_KEY                                                                                   \
    "people.post" /* page text: the page's own post that comments land on when none is named */

/* `from` took the place of sender_id and sender_name with v2.11 [documented: webhooks.md 2.21]. */
#define FROM_VERSION 211

static void
put_from(struct buf *out, const struct event_form *form, const struct act *act)
{
    struct person person;
    char psid[UINT64_SIZE];
    struct buf name = {0};
    bool is_old = form->version < FROM_VERSION;

    thread_person(act->world, act->thread, &person);
    format_uint64(psid, act->thread->psid);
    buf_printf(&name, "%s %s", person.first_name, person.last_name);
    if (!is_old) {
        jw_key(out, "from");
        jw_open(out, '{');
    }
    jw_kv_text(out, is_old ? "sender_id" : "id", psid);
    jw_kv_str(out, is_old ? "sender_name" : "name", buf_view(&name));
    if (!is_old)
        jw_close(out, '}');
    buf_fini(&name);
}

/* A change of the feed, written for each app. */
struct feed_what {
    const struct act *act;
    const struct node *node; /* the comment or post */
    const char *post_id, *verb;
};

static void
send_feed(struct act *act, enum event_id event, event_writer *write, const struct feed_what *what)
{
    struct event_post post = event_post_of(act->world, event, act->thread, write, what);

    event_send(act->world, act->page, &post);
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
write_comment(struct buf *out, const struct event_form *form, const void *what)
{
    const struct feed_what *feed = what;
    const struct act *act = feed->act;

    buf_adds(out, "{\"field\":\"feed\",\"value\":{\"item\":\"comment\"");
    jw_kv_text(out, "verb", feed->verb);
    jw_kv_text(out, "comment_id", feed->node->id);
    jw_kv_text(out, "post_id", feed->post_id);
    jw_kv_str(out, "parent_id",
              act_has(act, AF_PARENT_ID) ? act_text(act, AF_PARENT_ID) : str_of(feed->post_id));
    put_from(out, form, act);
    if (strcmp(feed->verb, "remove") != 0 && feed->node->text != NULL)
        jw_kv_str(out, "message", str_of(feed->node->text));
    jw_kv_int(out, "created_time", feed->node->made / SECOND);
    buf_adds(out, "}}");
}

static void
send_comment(struct act *act, const struct node *comment, const char *post_id, const char *verb)
{
    struct feed_what what = {act, comment, post_id, verb};

    send_feed(act, EVENT_FEED_COMMENT, write_comment, &what);
    jw_kv_text(&act->made, "comment_id", comment->id);
    jw_kv_text(&act->made, "post_id", post_id);
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

static void
write_post(struct buf *out, const struct event_form *form, const void *what)
{
    const struct feed_what *feed = what;

    buf_adds(out, "{\"field\":\"feed\",\"value\":{\"item\":\"post\"");
    jw_kv_text(out, "verb", feed->verb);
    jw_kv_text(out, "post_id", feed->post_id);
    put_from(out, form, feed->act);
    jw_kv_str(out, "message", str_of(feed->node->text));
    jw_kv_int(out, "created_time", feed->node->made / SECOND);
    buf_adds(out, "}}");
}

int
act_visitor_post(struct act *act)
{
    if (act_has(act, AF_POST_ID) && world_any_node(act->world, act_text(act, AF_POST_ID)) != NULL)
        return act_refuse(act, "/post_id: taken");
    struct node *post = new_object(act, NODE_POST, act->page->id, act_text(act, AF_POST_ID));
    if (post == NULL)
        return act_refuse(act, "/post_id: taken");
    post->thread = act->thread->index;
    node_set_text(post, act_text(act, AF_TEXT));
    struct feed_what what = {act, post, post->id, "add"};
    send_feed(act, EVENT_FEED_POST, write_post, &what);
    jw_kv_text(&act->made, "post_id", post->id);
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
