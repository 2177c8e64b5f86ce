/* What a page says in public: answers to comments, posts, pictures. The private half of the platform lives of it; only what clients of Messenger call is here. */
#include "graph/conversation.h"
#include "graph/event_feed.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"

#include <string.h>

#include "core/datetime.h"
#include "world/ids.h"

/* ---- making -------------------------------------------------------------------------------------------------------------------------- */

/* <page or post>_<number>, as the ids of what people write in public are. */
static struct node *
add_public(struct call *c, enum node_kind kind, const char *parent, struct str text)
{
    struct node *node = NULL;

    while (node == NULL) { /* a test may have taken the id for itself */
        const unsigned long long number =
            id_number(c->world->key, kind == NODE_POST ? ID_POST : ID_COMMENT, c->world->node_counters[kind]++, 16);
        node = world_add_node(c->world, kind, call_printf(c, "%s_%llu", parent, number), c->page_index);
    }
    node->app = c->app_index;
    node_set_text(node, text.s != NULL ? text : STR(""));
    return node;
}

static void
write_made(struct call *c, const char *id, const char *post_id)
{
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "id", id);
    if (post_id != NULL)
        jw_kv_text(&c->reply->body, "post_id", post_id);
    jw_close(&c->reply->body, '}');
}

/* The page's own deeds are told to apps as those of people are, with the page in `from` [inferred: published clients that answer comments skip those that are from the
 * page]. */
static struct feed_change
addition(struct call *c, const char *item, const char *post_id, const struct node *made)
{
    return (struct feed_change){
        .page = c->page,
        .item = item,
        .verb = "add",
        .post_id = post_id,
        .message = made->text != NULL && made->text[0] != '\0' ? str_of(made->text) : STR_NONE,
        .at = made->made,
    };
}

static void
tell_of_post(struct call *c, const char *item, const struct node *post, struct str link)
{
    struct feed_change change = addition(c, item, post->id, post);

    change.link = link;
    change.is_published = true;
    event_feed(c->world, EVENT_FEED_POST, &change);
}

static void
tell_of_comment(struct call *c, const char *post_id, const struct node *comment)
{
    struct feed_change change = addition(c, "comment", post_id, comment);

    change.comment_id = comment->id;
    change.parent_id = c->node->id;
    if (field(c, F_COMMENT_PICTURE) != NULL) {
        change.attachment_key = "photo";
        change.attachment = field_text(c, F_COMMENT_PICTURE);
    }
    event_feed(c->world, EVENT_FEED_COMMENT, &change);
}

/* POST /{comment}/comments and /{post}/comments. */
enum graph_err
comments_post(struct call *c)
{
    const char *post = c->object == OBJECT_POST || c->node->text2 == NULL ? c->node->id : c->node->text2;
    const char *number = strrchr(post, '_');

    call_saw(c, RULE_FORM_REQUIRED);
    if (field(c, F_COMMENT_TEXT) == NULL && field(c, F_COMMENT_PICTURE) == NULL && field(c, F_COMMENT_PICTURE_ID) == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "message", NULL);
    struct node *comment = add_public(c, NODE_COMMENT, number != NULL ? number + 1 : post, field_text(c, F_COMMENT_TEXT));
    node_set_text2(comment, str_of(post));
    write_made(c, comment->id, NULL);
    tell_of_comment(c, comment->text2, comment);
    return ERR_NONE;
}

/* POST /{comment}: hides it, shows it again, or says something else; only its own words a page may change [inferred]. Hidden, a comment may be answered
 * and read as before. */
enum graph_err
comment_post(struct call *c)
{
    if (field(c, F_COMMENT_NEW_TEXT) != NULL) {
        call_saw(c, RULE_AUTH_PERMISSION);
        if (c->node->thread != INDEX_NONE)
            return call_fail(c, RULE_AUTH_PERMISSION, ERR_PERMISSIONS, NULL);
        node_set_text(c->node, field_text(c, F_COMMENT_NEW_TEXT));
    }
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* DELETE /{comment}: whoever's it is, a page may remove it from its posts. */
enum graph_err
comment_delete(struct call *c)
{
    c->node->is_deleted = true;
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* POST /{page}/feed: something must be in it. */
enum graph_err
feed_post(struct call *c)
{
    call_saw(c, RULE_FORM_REQUIRED);
    if (field(c, F_FEED_TEXT) == NULL && field(c, F_FEED_LINK) == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "message", NULL);
    struct node *post = add_public(c, NODE_POST, c->page->id, field_text(c, F_FEED_TEXT));
    write_made(c, post->id, NULL);
    tell_of_post(c, field(c, F_FEED_LINK) != NULL ? "share" : "status", post, field_text(c, F_FEED_LINK));
    return ERR_NONE;
}

/* POST /{page}/photos: the picture and the post that shows it. */
enum graph_err
photos_post(struct call *c)
{
    call_saw(c, RULE_FORM_REQUIRED);
    if (field(c, F_PHOTO_URL) == NULL && c->params->nfiles == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "url", NULL);
    struct node *post = add_public(c, NODE_POST, c->page->id, field_text(c, F_PHOTO_CAPTION));
    write_made(c, strrchr(post->id, '_') + 1, post->id);
    tell_of_post(c, "photo", post, field_text(c, F_PHOTO_URL));
    return ERR_NONE;
}

/* ---- showing ------------------------------------------------------------------------------------------------------------------------- */

static void
write_text(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct node *node = object;

    (void)c;
    if (node->text != NULL && node->text[0] != '\0')
        jw_kv_text(out, key, node->text);
}

static void
write_created(struct buf *out, struct call *c, const void *object, const char *key)
{
    char at[DATETIME_SIZE];

    (void)c;
    datetime_graph(at, ((const struct node *)object)->made);
    jw_kv_text(out, key, at);
}

/* The page, or the person whose it is, by the id that is theirs on this page. */
static void
write_from(struct buf *out, struct call *c, const void *object, const char *key)
{
    struct thread *thread = world_thread(c->world, ((const struct node *)object)->thread);
    struct person person;
    char psid[UINT64_SIZE];

    jw_key(out, key);
    jw_open(out, '{');
    if (thread != NULL) {
        thread_person(c->world, thread, &person);
        format_uint64(psid, thread->psid);
    }
    jw_kv_text(out, "name", thread != NULL ? call_printf(c, "%s %s", person.first_name, person.last_name) : c->page->name);
    jw_kv_text(out, "id", thread != NULL ? psid : c->page->id);
    jw_close(out, '}');
}

static void
write_link(struct buf *out, struct call *c, const void *object, const char *key)
{
    jw_kv_text(out, key, call_printf(c, "https://www.facebook.com/%s", ((const struct node *)object)->id));
}

static const struct node_field fields[] = {
    { "created_time", write_created, true, 0 }, { "message", write_text, true, 0 },
    { "from", write_from, false, 0 },           { "permalink_url", write_link, false, 0 },
    { "id", node_put_id, true, 0 },
};

/* GET /{comment} and /{post}. */
enum graph_err
public_get(struct call *c)
{
    return node_write(c, &c->reply->body, fields, sizeof fields / sizeof *fields, c->node, call_param(c, "fields"), false);
}
