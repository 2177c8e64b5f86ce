/* What people and the page do in public: comments, posts, reactions, mentions (webhooks.md 2.21, 3.10). */
#include <stdio.h>
#include <string.h>

#include "graph/event_feed.h"
#include "people/act_family.h"
#include "people/inbox.h"
#include "world/page_extra.h"

#define POST_KEY                                                                                   \
    "people.post" /* page text: the page's own post that comments land on when none is named */

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

/* Under which key a comment shows its picture or video; NULL: the act's type is neither. */
static const char *
attachment_key(const struct act *act)
{
    struct str type = act_has(act, AF_TYPE) ? act_text(act, AF_TYPE) : STR("photo");

    return str_eq_lit(type, "photo") ? "photo" : str_eq_lit(type, "video") ? "video" : NULL;
}

/* Removals do not say what was there, and those before 2019 not when it was written [observed: webhooks.md 2.21]. */
static void
send_comment(struct act *act, const struct node *comment, const char *post_id, const char *verb)
{
    struct buf parent = {0};
    bool is_removed = strcmp(verb, "remove") == 0;

    buf_str(&parent, act_has(act, AF_PARENT_ID) ? act_text(act, AF_PARENT_ID) : str_of(post_id));
    struct feed_change change = {
        .page = act->page,
        .thread = act->thread,
        .item = "comment",
        .verb = verb,
        .post_id = post_id,
        .comment_id = comment->id,
        .parent_id = parent.s,
        .message = is_removed || comment->text == NULL ? STR_NONE : str_of(comment->text),
        .attachment_key = attachment_key(act),
        .attachment = is_removed ? STR_NONE : act_text(act, AF_URL),
        .at = is_removed && world_policy_date(act->world) < CIVIL(2019, 1, 1) ? MS_NEVER
                                                                              : comment->made};
    event_feed(act->world, EVENT_FEED_COMMENT, &change);
    jw_kv_text(&act->made, "comment_id", comment->id);
    jw_kv_text(&act->made, "post_id", post_id);
    buf_fini(&parent);
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
    if (act_has(act, AF_TYPE) && !act_has(act, AF_URL))
        return act_refuse(act, "/url: missing, expected the address of the picture or video");
    if (attachment_key(act) == NULL)
        return act_refuse(act, "/type: expected photo or video");
    if (strcmp(verb, "add") != 0)
        return change_comment(act, verb);
    if (!act_has(act, AF_TEXT) && !act_has(act, AF_URL))
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
    if (act_has(act, AF_TEXT))
        node_set_text(comment, act_text(act, AF_TEXT));
    node_set_text2(comment, str_of(post->id));
    send_comment(act, comment, post->id, "add");
    inbox_answer_comment(act, comment);
    return 0;
}

/* ---- posts ------------------------------------------------------------------------------------------------------------------- */

/* What a post of the page keeps in text2: its kind, and in a second line the address that it links to. */
static void
keep_kind(struct act *act, struct node *post, const char *item)
{
    struct buf kind = {0};

    buf_adds(&kind, item);
    if (act_has(act, AF_URL)) {
        buf_char(&kind, '\n');
        buf_str(&kind, act_text(act, AF_URL));
    }
    node_set_text2(post, buf_view(&kind));
    buf_fini(&kind);
}

static const char *
kept_item(const struct node *post)
{
    static const char *const items[] = {"status", "photo", "video", "share", "event", "album"};
    size_t n = post->text2 != NULL ? strcspn(post->text2, "\n") : 0;

    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (n == strlen(items[i]) && memcmp(post->text2, items[i], n) == 0)
            return items[i];
    return NULL;
}

/* Edits and hiding tell the link again [observed: July 2016, 2019]. */
static struct str
link_of(const struct act *act, const struct node *post)
{
    const char *line = post->text2 != NULL ? strchr(post->text2, '\n') : NULL;

    return act_has(act, AF_URL) || line == NULL ? act_text(act, AF_URL) : str_of(line + 1);
}

static void
send_post(struct act *act, const struct node *post, const char *item, const char *verb)
{
    bool is_removed = strcmp(verb, "remove") == 0, is_by_page = post->thread == INDEX_NONE;
    struct buf photos = {0};

    if (!is_removed && act_json(act, AF_URLS) != NULL)
        put_json(&photos, act_json(act, AF_URLS), JW_GRAPH);
    bool is_shown = strcmp(verb, "add") == 0 || strcmp(verb, "edited") == 0;
    struct feed_change change = {
        .page = act->page,
        .thread = is_by_page ? NULL : act->thread,
        .item = item,
        .verb = verb,
        .post_id = post->id,
        .message = is_removed || post->text == NULL ? STR_NONE : str_of(post->text),
        .link = is_removed ? STR_NONE : link_of(act, post),
        .photos = buf_view(&photos),
        .is_published = is_by_page && is_shown && strcmp(item, "event") != 0,
        .at = post->made};

    event_feed(act->world, EVENT_FEED_POST, &change);
    jw_kv_text(&act->made, "post_id", post->id);
    buf_fini(&photos);
}

/* A new post of the act's person, or of the page. */
static struct node *
add_post(struct act *act)
{
    struct node *post = NULL;

    if (world_any_node(act->world, act_text(act, AF_POST_ID)) == NULL)
        post = new_object(act, NODE_POST, act->page->id, act_text(act, AF_POST_ID));
    if (post == NULL)
        act_refuse(act, "/post_id: taken");
    else if (act_has(act, AF_TEXT))
        node_set_text(post, act_text(act, AF_TEXT));
    return post;
}

/* Something happens to a post that is there: of this person, or of the page (author INDEX_NONE). */
static int
change_post(struct act *act, uint32_t author, const char *item, const char *verb)
{
    struct node *post = world_find_node(act->world, NODE_POST, act_text(act, AF_POST_ID));

    if (post == NULL || post->page != act->page_index || post->thread != author)
        return act_refuse(act, "/post_id: no post of this %s",
                          author == INDEX_NONE ? "page" : "person");
    if (act_has(act, AF_TEXT))
        node_set_text(post, act_text(act, AF_TEXT));
    if (item == NULL)
        item = kept_item(post);
    send_post(act, post, item, verb);
    if (strcmp(verb, "remove") == 0)
        post->is_deleted = true;
    return 0;
}

int
act_visitor_post(struct act *act)
{
    const char *verb = verb_of(act);

    if (verb == NULL)
        return -1;
    if (strcmp(verb, "add") !=
        0) /* of a post the platform says `edit`, of everything else `edited` [observed] */
        return change_post(act, act->thread->index, "post",
                           strcmp(verb, "edited") == 0 ? "edit" : verb);
    if (!act_has(act, AF_TEXT))
        return act_refuse(act, "/text: missing, expected what the post says");
    struct node *post = add_post(act);
    if (post == NULL)
        return -1;
    post->thread = act->thread->index;
    send_post(act, post, "post", "add");
    return 0;
}

/* The kind of a post is kept with it (text2), so that a later change tells the same. */
int
act_publish(struct act *act)
{
    static const char *const items[] = {"status", "photo", "video", "share", "event", "album"};
    struct str type = act_has(act, AF_TYPE) ? act_text(act, AF_TYPE) : STR("status");
    const char *verb = verb_of(act), *item = NULL;

    if (verb == NULL)
        return -1;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (str_eq(type, str_of(items[i])))
            item = items[i];
    if (item == NULL)
        return act_refuse(act, "/type: expected status, photo, video, share, event or album");
    if (strcmp(verb, "add") != 0)
        return change_post(act, INDEX_NONE, act_has(act, AF_TYPE) ? item : NULL, verb);
    if (!act_has(act, AF_TEXT) && strcmp(item, "status") == 0)
        return act_refuse(act, "/text: missing, expected what the post says");
    struct node *post = add_post(act);
    if (post == NULL)
        return -1;
    post->thread = INDEX_NONE;
    keep_kind(act, post, item);
    page_set_text(act->page, POST_KEY, str_of(post->id));
    send_post(act, post, item, "add");
    return 0;
}

/* ---- likes and reactions ----------------------------------------------------------------------------------------------------------- */

static const char *
reaction_of(struct act *act)
{
    static const char *const names[] = {"like", "love", "haha", "wow", "sad", "angry", "care"};
    struct str name = act_has(act, AF_REACTION) ? act_text(act, AF_REACTION) : STR("like");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, str_of(names[i])))
            return names[i];
    act_refuse(act, "/reaction: expected like, love, haha, wow, sad, angry or care");
    return NULL;
}

/* add, edit (another one) or remove. */
static const char *
reaction_verb(struct act *act)
{
    const char *verb = verb_of(act);

    if (verb == NULL || strcmp(verb, "add") == 0 || strcmp(verb, "remove") == 0)
        return verb;
    if (strcmp(verb, "edited") == 0)
        return "edit";
    act_refuse(act, "/verb: expected add, edited or remove");
    return NULL;
}

int
act_react_post(struct act *act)
{
    const char *reaction = reaction_of(act), *verb = reaction != NULL ? reaction_verb(act) : NULL;
    struct str comment_id = act_text(act, AF_COMMENT_ID);
    struct node *comment = NULL;

    if (verb == NULL)
        return -1;
    if (comment_id.s != NULL &&
        (comment = world_find_node(act->world, NODE_COMMENT, comment_id)) == NULL)
        return act_refuse(act, "/comment_id: there is no such comment");
    struct node *post = comment != NULL && comment->text2 != NULL
                            ? world_find_node(act->world, NODE_POST, str_of(comment->text2))
                            : find_post(act);
    if (post == NULL)
        return act_refuse(act, "/post_id: there is no such post");
    struct feed_change change = {.page = act->page,
                                 .thread = act->thread,
                                 .item = "reaction",
                                 .verb = verb,
                                 .post_id = post->id,
                                 .comment_id = comment != NULL ? comment->id : NULL,
                                 .parent_id = post->id,
                                 .reaction = str_of(reaction),
                                 .at = act->world->now};

    /* In the years of sender_id a like was told twice, as itself and as a reaction [observed in 2017]. */
    if (strcmp(reaction, "like") == 0 && strcmp(verb, "edit") != 0 &&
        world_policy_date(act->world) < CIVIL(2018, 1, 1)) {
        struct feed_change like = change;

        like.item = "like";
        like.reaction = STR_NONE;
        event_feed(act->world, EVENT_FEED_LIKE, &like);
    }
    event_feed(act->world, EVENT_FEED_REACTION, &change);
    jw_kv_text(&act->made, "post_id", post->id);
    return 0;
}

int
act_like_page(struct act *act)
{
    struct feed_change change = {.page = act->page,
                                 .thread = act->thread,
                                 .item = "like",
                                 .verb = act_number(act, AF_REMOVE) != 0 ? "remove" : "add",
                                 .is_of_page = true,
                                 .at = act->world->now};

    event_feed(act->world, EVENT_FEED_LIKE, &change);
    return 0;
}

/* In 2017 it says who and not what, in 2021 what and not who [observed]. */
static void
put_mention(struct buf *value, const struct act *act, struct str post_id, const char *psid)
{
    struct person person;
    struct buf name = {0};

    if (world_policy_date(act->world) < CIVIL(2019, 1, 1)) {
        thread_person(act->world, act->thread, &person);
        buf_printf(&name, "%s %s", person.first_name, person.last_name);
        jw_kv_str(value, "sender_name", buf_view(&name));
        jw_kv_str(value, "post_id", post_id);
        jw_kv_text(value, "verb", "add");
        jw_kv_id(value, "sender_id", str_of(psid));
        jw_kv_text(value, "item", "post");
        buf_fini(&name);
        return;
    }
    jw_kv_str(value, "message", act_text(act, AF_TEXT));
    jw_kv_str(value, "post_id", post_id);
    jw_kv_int(value, "created_time", act->world->now / SECOND);
    jw_kv_text(value, "item", "post");
    jw_kv_text(value, "verb", "add");
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
    put_mention(&value, act, post_id, psid);
    jw_close(&value, '}');
    event_change(act->world, act->page, act->thread, EVENT_MENTION, buf_view(&value));
    jw_kv_str(&act->made, "post_id", post_id);
    buf_fini(&value);
    buf_fini(&id);
    return 0;
}
