#include "graph/event_feed.h"

#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "world/ids.h"

/* `from` took the place of sender_id and sender_name with v2.11 [documented: webhooks.md 2.21]. */
#define FROM_VERSION 211
/* Captures of 2020 and 2023 have `from` first, the rest by the alphabet, ids as texts, and comments tell of their post; the day is not public [observed; the day inferred]. */
#define POST_TOLD_FROM CIVIL(2019, 1, 1)

struct feed_what {
    const struct world *world;
    const struct feed_change *change;
};

/* ---- who -------------------------------------------------------------------------------------------------------------------- */

struct author {
    char id[UINT64_SIZE];
    struct buf name;
};

static void
author_of(struct author *author, const struct world *world, const struct feed_change *change)
{
    struct person person;

    author->name = (struct buf){0};
    if (change->thread == NULL) {
        snprintf(author->id, sizeof author->id, "%s", change->page->id);
        buf_adds(&author->name, change->page->name);
        return;
    }
    thread_person(world, change->thread, &person);
    format_uint64(author->id, change->thread->psid);
    buf_printf(&author->name, "%s %s", person.first_name, person.last_name);
}

static void
put_from(struct buf *out, const struct author *author)
{
    jw_key(out, "from");
    jw_open(out, '{');
    jw_kv_text(out, "id", author->id);
    jw_kv_str(out, "name", buf_view(&author->name));
    jw_close(out, '}');
}

/* ---- what ------------------------------------------------------------------------------------------------------------------- */

/* "photo" has a photo_id and so on: the number in the id of its post. NULL when the item has none. */
static const char *
own_id_key(const char *item)
{
    static const char *const keys[][2] = {{"photo", "photo_id"},
                                          {"video", "video_id"},
                                          {"share", "share_id"},
                                          {"album", "album_id"},
                                          {"event", "event_id"}};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(item, keys[i][0]) == 0)
            return keys[i][1];
    return NULL;
}

static struct str
own_id(const struct feed_change *change)
{
    const char *number = strrchr(change->post_id, '_');

    return str_of(number != NULL ? number + 1 : change->post_id);
}

static void
put_own_id(struct buf *out, const struct feed_change *change, bool is_number)
{
    const char *key = own_id_key(change->item);
    struct str id = key != NULL ? own_id(change) : STR_NONE;

    if (key == NULL)
        return;
    if (is_number)
        jw_kv_id(out, key, id);
    else
        jw_kv_str(out, key, id);
}

static void
put_text(struct buf *out, const char *key, const char *text)
{
    if (text != NULL)
        jw_kv_text(out, key, text);
}

static void
put_str(struct buf *out, const char *key, struct str text)
{
    if (text.s != NULL)
        jw_kv_str(out, key, text);
}

static void
put_photos(struct buf *out, const struct feed_change *change)
{
    if (change->photos.n > 0)
        jw_kv_raw(out, strcmp(change->item, "album") == 0 ? "photo_ids" : "photos", change->photos);
}

static void
put_created(struct buf *out, const struct feed_change *change)
{
    if (change->at != MS_NEVER)
        jw_kv_int(out, "created_time", change->at / SECOND);
}

/* ---- the years -------------------------------------------------------------------------------------------------------------- */

static void
write_old(struct buf *out, const struct feed_what *what, bool has_from)
{
    const struct feed_change *change = what->change;
    bool has_author = strcmp(change->item, "event") != 0;
    struct author author;

    author_of(&author, what->world, change);
    jw_kv_text(out, "item", change->item);
    jw_kv_text(out, "verb", change->verb);
    put_str(out, "reaction_type", change->reaction);
    put_own_id(out, change, true);
    put_photos(out, change);
    if (change->attachment.s != NULL)
        jw_kv_str(out, change->attachment_key, change->attachment);
    put_text(out, "comment_id", change->comment_id);
    put_text(out, "post_id", change->post_id);
    put_text(out, "parent_id", change->parent_id);
    put_str(out, "link", change->link);
    if (change->is_published)
        jw_kv_int(out, "published", 1);
    if (has_author && has_from)
        put_from(out, &author);
    if (has_author && !has_from) {
        jw_kv_id(out, "sender_id", str_of(author.id)); /* a number [observed] */
        jw_kv_str(out, "sender_name", buf_view(&author.name));
    }
    put_str(out, "message", change->message);
    put_created(out, change);
    buf_fini(&author.name);
}

/* The post under a comment. */
static void
put_post(struct buf *out, const struct feed_what *what)
{
    const char *post_id = what->change->post_id;
    char at[DATETIME_SIZE];
    struct buf link = {0};

    datetime_graph(at, what->world->now);
    buf_printf(&link, "https://www.facebook.com/%s/posts/%.*s", what->change->page->id,
               STR_ARG(own_id(what->change)));
    jw_key(out, "post");
    jw_open(out, '{');
    jw_kv_text(out, "status_type", "mobile_status_update");
    jw_kv_bool(out, "is_published", true);
    jw_kv_text(out, "updated_time", at);
    jw_kv_str(out, "permalink_url", buf_view(&link));
    jw_kv_text(out, "promotion_status", "inactive");
    jw_kv_text(out, "id", post_id);
    jw_close(out, '}');
    buf_fini(&link);
}

static void
write_now(struct buf *out, const struct feed_what *what)
{
    const struct feed_change *change = what->change;
    bool is_video = strcmp(change->item, "video") == 0;
    struct author author;

    author_of(&author, what->world, change);
    put_from(out, &author);
    if (strcmp(change->item, "comment") == 0)
        put_post(out, what);
    put_str(out, "link", change->link);
    put_str(out, "message", change->message);
    if (change->attachment.s != NULL) /* where it stands today is not known [inferred] */
        jw_kv_str(out, change->attachment_key, change->attachment);
    put_text(out, "post_id", change->post_id);
    put_text(out, "comment_id", change->comment_id);
    put_created(out, change);
    jw_kv_text(out, "item", change->item);
    put_text(out, "parent_id", change->parent_id);
    if (!is_video)
        put_own_id(out, change, false);
    put_photos(out, change);
    if (change->is_published)
        jw_kv_int(out, "published", 1);
    put_str(out, "reaction_type", change->reaction);
    jw_kv_text(out, "verb", change->verb);
    if (is_video)
        put_own_id(out, change, false);
    buf_fini(&author.name);
}

/* {"item":"like","verb":"add","user_id":10201978818232600}: who likes the page [observed in 2015]. */
static void
write_page_like(struct buf *out, const struct feed_what *what)
{
    char psid[UINT64_SIZE];

    format_uint64(psid, what->change->thread->psid);
    jw_kv_text(out, "item", what->change->item);
    jw_kv_text(out, "verb", what->change->verb);
    jw_kv_id(out, "user_id", str_of(psid));
}

static void
write_feed(struct buf *out, const struct event_form *form, const void *given)
{
    const struct feed_what *what = given;
    struct buf value = {0};

    jw_open(&value, '{');
    if (what->change->is_of_page)
        write_page_like(&value, what);
    else if (form->version < FROM_VERSION || form->as_of < POST_TOLD_FROM)
        write_old(&value, what, form->version >= FROM_VERSION);
    else
        write_now(&value, what);
    jw_close(&value, '}');
    event_put_change(out, form->as_of, FIELD_FEED, buf_view(&value));
    buf_fini(&value);
}

void
event_feed(struct world *world, enum event_id event, const struct feed_change *change)
{
    struct feed_what what = {world, change};
    struct event_post post = event_post_of(world, event, change->thread, write_feed, &what);

    event_send(world, change->page, &post);
}
