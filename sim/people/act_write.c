/* What a person writes: messages, attachments, quick replies, edits (webhooks.md 2.1, 2.6, 3.2). */
#include <string.h>

#include "graph/findings.h"
#include "people/act_family.h"

#define THUMBS_UP "369239263222822" /* the smallest of its three sizes [observed] */
#define IS_SELF_REPLY_FROM CIVIL(2025, 1, 1)
#define REPLY_FROM CIVIL(2019, 10, 29)
#define LOCATION_UNTIL                                                                             \
    CIVIL(2019, 8, 29) /* coordinates went with the location quick reply [inferred] */
#define EDITS_MAX 5
#define EDIT_WITHIN_MS (15 * MINUTE)

/* ---- stop words: whoever says one of these wants no more messages (business-guide.md 31) ------------------------------------------- */

static const char *const start_words[] = {"start",  "resume", "subscribe",   "başla",
                                          "başlat", "старт",  "подписаться", "aloita",
                                          "jatka",  "ابدأ",   "اشتراك"};

static bool
is_one_of(struct str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(text, str_of(words[i])))
            return true;
    return false;
}

static void
listen_for_stop(struct act *act, struct str text)
{
    struct str word = str_trim(text);

    while (word.n > 0 && strchr(".!", word.s[word.n - 1]) != NULL)
        word.n--;
    if (text_says_stop(word))
        act->thread->flags |= THREAD_OPTED_OUT;
    else if (is_one_of(word, start_words, sizeof start_words / sizeof *start_words))
        act->thread->flags &= ~(uint32_t)THREAD_OPTED_OUT;
}

/* ---- members ------------------------------------------------------------------------------------------------------------------------- */

/* The mid in reply_to (text or {"mid":..}) or in mid; STR_NONE when neither was given. */
static struct str
quoted(const struct act *act)
{
    const json_t *value = act_json(act, AF_REPLY_TO);

    if (value != NULL)
        return json_is_string(value) ? json_str(value) : json_member(value, "mid");
    return act_text(act, AF_MID);
}

static int
put_reply_to(struct act *act, struct buf *members, struct str mid)
{
    uint64_t number;
    struct message *message;
    ms_t date = world_policy_date(act->world);

    if (date < REPLY_FROM)
        return act_refuse(act, "/reply_to: nobody could quote a message before 2019-10-29");
    if (act_find_mid(act, mid, &number, &message) < 0)
        return -1;
    jw_key(members, "reply_to");
    jw_open(members, '{');
    jw_key(members, "mid");
    event_put_mid(members, act->world, number);
    if (date >= IS_SELF_REPLY_FROM)
        jw_kv_bool(members, "is_self_reply", (message->flags & MESSAGE_FROM_PAGE) == 0);
    jw_close(members, '}');
    return 0;
}

static void
put_attachment(struct buf *out, const char *type, struct str payload)
{
    jw_open(out, '{');
    jw_kv_text(out, "type", type);
    jw_kv_raw(out, "payload", payload);
    jw_close(out, '}');
}

/* An address in the platform's own store, new for each attachment. */
static void
put_store_url(struct buf *out, const struct act *act, const char *type, unsigned n)
{
    static const struct {
        const char *type, *before, *after;
    } forms[] = {{"image", "https://scontent.xx.fbcdn.net/v/t1.15752-9/", "_n.jpg"},
                 {"video", "https://video.xx.fbcdn.net/v/t42.3356-2/", "_n.mp4"},
                 {"audio", "https://cdn.fbsbx.com/v/t59.3654-21/", "_n.mp4/audioclip.mp4"},
                 {"file", "https://cdn.fbsbx.com/v/t59.2708-21/", "_n.pdf"},
                 {"reel", "https://www.facebook.com/reel/", ""},
                 {"ig_reel", "https://www.instagram.com/reel/", ""},
                 {"post", "https://www.facebook.com/share/p/", ""},
                 {"ig_post", "https://www.instagram.com/p/", ""},
                 {"fallback", "https://l.facebook.com/l.php?u=", ""}};
    unsigned long long id =
        id_number(act->world->key, ID_ATTACHMENT, act->world->messages.next * 32 + n, 15);

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].type, type) == 0)
            buf_printf(out, "%s%llu%s", forms[i].before, id, forms[i].after);
}

/* The last run of digits of an address; 0 when it has none. */
static uint64_t
number_in(struct str url)
{
    size_t end = url.n;

    while (end > 0 && (url.s[end - 1] < '0' || url.s[end - 1] > '9'))
        end--;
    size_t at = end;
    while (at > 0 && url.s[at - 1] >= '0' && url.s[at - 1] <= '9')
        at--;
    return digits_read(url.s + at, end - at);
}

/* Reels have a number, posts an id [documented: webhooks.md 2.1]. */
static void
put_own_id(struct buf *out, const char *type, struct str url)
{
    bool is_reel = str_ends(str_of(type), STR("reel"));
    char id[UINT64_SIZE];

    if (!is_reel && !str_ends(str_of(type), STR("post")))
        return;
    format_uint64(id, number_in(url));
    if (is_reel)
        jw_kv_raw(out, "reel_video_id", str_of(id));
    else
        jw_kv_text(out, "id", id);
}

static void
put_url_payload(struct buf *out, const struct act *act, const char *type, struct str url,
                unsigned n)
{
    struct buf own = {0};

    if (url.s == NULL)
        put_store_url(&own, act, type, n);
    jw_open(out, '{');
    jw_kv_str(out, "url", url.s != NULL ? url : buf_view(&own));
    if (act_has(act, AF_TITLE))
        jw_kv_str(out, "title", act_text(act, AF_TITLE));
    put_own_id(out, type, url.s != NULL ? url : buf_view(&own));
    jw_close(out, '}');
    buf_fini(&own);
}

/* ---- acts ------------------------------------------------------------------------------------------------------------------------------ */

static void
play_sticker(struct act *act, struct str id, struct str url)
{
    struct buf payload = {0}, old = {0}, members = {0}, own = {0};

    buf_printf(&own, "https://scontent.xx.fbcdn.net/v/t39.1997-6/%.*s_n.png", STR_ARG(id));
    jw_open(&payload, '{');
    jw_kv_str(&payload, "url", url.s != NULL ? url : buf_view(&own));
    jw_kv_raw(&payload, "sticker_id", id);
    jw_close(&payload, '}');
    jw_kv_raw(&old, "sticker_id", id); /* also at message level before v6.0 */
    struct event_message_extra extra = {.old_members = buf_view(&old),
                                        .sticker_json = buf_view(&payload)};
    act_say(act, &members, &extra);
    buf_fini(&payload);
    buf_fini(&old);
    buf_fini(&members);
    buf_fini(&own);
}

int
act_sticker(struct act *act)
{
    struct str id = act_has(act, AF_STICKER_ID) ? act_text(act, AF_STICKER_ID) : STR(THUMBS_UP);

    if (digits_read(id.s, id.n) == 0)
        return act_refuse(act, "/sticker_id: expected digits");
    play_sticker(act, id, act_text(act, AF_URL));
    return 0;
}

static void
put_given_attachments(struct buf *members, const struct act *act)
{
    jw_key(members, "attachments");
    put_json(members, act_json(act, AF_ATTACHMENTS), JW_GRAPH);
}

static int
check_quick_reply(struct act *act)
{
    const json_t *quick = act_json(act, AF_QUICK_REPLY);

    if (quick != NULL && json_member(quick, "payload").s == NULL)
        return act_refuse(act, "/quick_reply/payload: missing, expected a text");
    return 0;
}

int
act_message(struct act *act)
{
    struct buf members = {0};
    struct str text = act_text(act, AF_TEXT), mid = quoted(act);

    if (act_has(act, AF_STICKER_ID))
        return act_sticker(act);
    if (text.n == 0 && !act_has(act, AF_ATTACHMENTS))
        return act_refuse(act, "/text: missing, a message has text or attachments");
    if (check_quick_reply(act) < 0)
        return -1;
    if (text.s != NULL)
        jw_kv_str(&members, "text", text);
    if (act_has(act, AF_QUICK_REPLY)) {
        jw_key(&members, "quick_reply");
        put_json(&members, act_json(act, AF_QUICK_REPLY), JW_GRAPH);
    }
    if (mid.s != NULL && put_reply_to(act, &members, mid) < 0) {
        buf_fini(&members);
        return -1;
    }
    if (act_has(act, AF_ATTACHMENTS))
        put_given_attachments(&members, act);
    if (act_has(act, AF_REFERRAL)) {
        struct buf referral = {0};

        put_referral(&referral, act, "ADS");
        arrival_set(act, buf_view(&referral),
                    str_eq_lit(json_member(act_json(act, AF_REFERRAL), "source"), "ADS"));
        buf_fini(&referral);
    }
    if (text.s != NULL)
        listen_for_stop(act, text);
    act_say(act, &members, NULL);
    buf_fini(&members);
    return 0;
}

int
act_reply(struct act *act)
{
    struct buf members = {0};
    struct str mid = quoted(act);

    jw_kv_str(&members, "text", act_text(act, AF_TEXT));
    int result = put_reply_to(act, &members, mid.s != NULL ? mid : STR("last"));
    if (result == 0)
        act_say(act, &members, NULL);
    buf_fini(&members);
    return result;
}

/* From v6.0 on title and url of a fallback are in its payload; before, they stood beside it (webhooks.md 2.1). */
static void
put_old_fallback(struct buf *out, const struct act *act, struct str text)
{
    struct buf own = {0};

    put_store_url(&own, act, "fallback", 0);
    if (text.s != NULL)
        jw_kv_str(out, "text", text);
    jw_key(out, "attachments");
    jw_open(out, '[');
    jw_open(out, '{');
    jw_kv_str(out, "title", act_has(act, AF_TITLE) ? act_text(act, AF_TITLE) : STR("Facebook"));
    jw_kv_str(out, "url", act_has(act, AF_URL) ? act_text(act, AF_URL) : buf_view(&own));
    jw_kv_text(out, "type", "fallback");
    jw_kv_null(out, "payload");
    jw_close(out, '}');
    jw_close(out, ']');
    buf_fini(&own);
}

static int
check_urls(struct act *act)
{
    const json_t *urls = act_json(act, AF_URLS);

    if (urls != NULL && (json_array_size(urls) == 0 || json_array_size(urls) > 30))
        return act_refuse(act, "/urls: expected 1 to 30 addresses");
    for (size_t i = 0; i < json_array_size(urls); i++)
        if (!json_is_string(json_array_get(urls, i)))
            return act_refuse(act, "/urls/%zu: wrong type, expected text", i);
    return 0;
}

/* Products of a catalogue that somebody shares: id, retailer_id, image_url, title, subtitle, as given. */
static void
put_products(struct buf *out, const struct act *act)
{
    buf_adds(out, "{\"product\":{\"elements\":");
    put_json(out, act_json(act, AF_PRODUCTS), JW_GRAPH);
    buf_adds(out, "}}");
}

static void
put_attachments(struct buf *members, const struct act *act, const char *type)
{
    const json_t *urls = act_json(act, AF_URLS);
    size_t count = urls != NULL ? json_array_size(urls) : 1;

    jw_key(members, "attachments");
    jw_open(members, '[');
    for (size_t i = 0; i < count; i++) {
        struct buf payload = {0};

        if (strcmp(type, "template") == 0)
            put_products(&payload, act);
        else
            put_url_payload(&payload, act, type,
                            urls != NULL ? json_str(json_array_get(urls, i))
                                         : act_text(act, AF_URL),
                            (unsigned)i);
        put_attachment(members, type, buf_view(&payload));
        buf_fini(&payload);
    }
    jw_close(members, ']');
}

int
act_attachment(struct act *act)
{
    static const char *const types[] = {"image", "audio",   "video", "file",    "fallback",
                                        "reel",  "ig_reel", "post",  "ig_post", "template"};
    struct str type = act_has(act, AF_TYPE) ? act_text(act, AF_TYPE) : STR("image");
    struct str mid = quoted(act);
    struct buf members = {0}, old = {0};
    const char *name = NULL;

    if (act_has(act, AF_STICKER_ID) || str_eq_lit(type, "sticker"))
        return act_sticker(act);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(type, str_of(types[i])))
            name = types[i];
    if (name == NULL)
        return act_refuse(act,
                          "/type: unknown type \"%.*s\", expected image, audio, video, file, "
                          "fallback, reel, ig_reel, post, ig_post, template or sticker",
                          (int)(type.n < 40 ? type.n : 40), type.s);
    if (check_urls(act) < 0)
        return -1;
    if (strcmp(name, "template") == 0 && !act_has(act, AF_PRODUCTS))
        return act_refuse(act, "/products: missing, expected the products that are shared");
    if (act_has(act, AF_TEXT))
        jw_kv_str(&members, "text", act_text(act, AF_TEXT));
    if (mid.s != NULL && put_reply_to(act, &members, mid) < 0) {
        buf_fini(&members);
        return -1;
    }
    put_attachments(&members, act, name);
    if (strcmp(name, "fallback") == 0)
        put_old_fallback(&old, act, act_text(act, AF_TEXT));
    struct event_message_extra extra = {.old_members = old.n > 0 ? buf_view(&old) : STR_NONE};
    act_say(act, &members, &extra);
    buf_fini(&members);
    buf_fini(&old);
    return 0;
}

/* A place that somebody shares is called after that person [observed: April and September 2017]. */
static void
location_title(struct buf *title, const struct act *act)
{
    struct person person;

    if (act_has(act, AF_TITLE)) {
        buf_str(title, act_text(act, AF_TITLE));
        return;
    }
    thread_person(act->world, act->thread, &person);
    buf_printf(title, "%s's Location", person.first_name);
}

/* The address of the map, as the platform leads there; its tail of signatures is left out [observed: 2017]. */
static void
put_place(struct buf *out, struct str title, double lat, double lon)
{
    jw_kv_str(out, "title", title);
    buf_printf(
        out,
        ",\"url\":\"https:\\/\\/l.facebook.com\\/l.php?u=https%%3A%%2F%%2Fwww.bing.com%%2Fmaps"
        "%%2Fdefault.aspx%%3Fv%%3D2%%26pc%%3DFACEBK%%26mid%%3D8100%%26where1%%3D%.9g%%252C%%2B"
        "%.9g%%26FORM%%3DFBKPL1%%26mkt%%3Den-US&s=1\",\"type\":\"location\","
        "\"payload\":{\"coordinates\":{\"lat\":%.9g,\"long\":%.9g}}",
        lat, lon, lat, lon);
}

static void
put_place_link(struct buf *out, struct str title, double lat, double lon)
{
    jw_kv_text(out, "type", "fallback");
    jw_key(out, "payload");
    jw_open(out, '{');
    buf_printf(out,
               "\"url\":\"https:\\/\\/l.facebook.com\\/l.php?u=https:\\/\\/www.bing.com\\/"
               "maps?q=%.9g,%.9g\"",
               lat, lon);
    jw_kv_str(out, "title", title);
    jw_close(out, '}');
}

int
act_location(struct act *act)
{
    struct buf members = {0}, title = {0};
    double lat = act_number(act, AF_LAT), lon = act_number(act, AF_LONG);

    if (lat < -90 || lat > 90 || lon < -180 || lon > 180)
        return act_refuse(act,
                          "/lat: expected a latitude within 90 and a longitude within 180 degrees");
    location_title(&title, act);
    jw_key(&members, "attachments");
    jw_open(&members, '[');
    jw_open(&members, '{');
    if (world_policy_date(act->world) < LOCATION_UNTIL)
        put_place(&members, buf_view(&title), lat, lon);
    else
        put_place_link(&members, buf_view(&title), lat, lon);
    jw_close(&members, '}');
    jw_close(&members, ']');
    buf_fini(&title);
    act_say(act, &members, NULL);
    buf_fini(&members);
    return 0;
}

/* ---- quick replies ------------------------------------------------------------------------------------------------------------------------ */

static bool
quick_reply_fits(const struct act *act, const json_t *reply)
{
    struct str payload = act_text(act, AF_PAYLOAD),
               title = act_has(act, AF_TITLE) ? act_text(act, AF_TITLE) : act_text(act, AF_TEXT);
    struct str type = json_member(reply, "content_type");

    if (act_has(act, AF_TYPE))
        return str_eq(type, act_text(act, AF_TYPE));
    if (type.s != NULL && !str_eq_lit(type, "text"))
        return false;
    return (payload.s == NULL || str_eq(payload, json_member(reply, "payload"))) &&
           (title.s == NULL || str_eq(title, json_member(reply, "title")));
}

static const json_t *
find_quick_reply(const struct act *act, const json_t *message)
{
    const json_t *replies = json_object_get(message, "quick_replies");

    for (size_t i = 0; i < json_array_size(replies); i++)
        if (quick_reply_fits(act, json_array_get(replies, i)))
            return json_array_get(replies, i);
    return NULL;
}

/* For phone numbers and addresses the value is both text and payload [documented: webhooks.md 2.1]. */
static void
say_quick_reply(struct act *act, struct str text, struct str payload)
{
    struct buf members = {0};

    jw_kv_str(&members, "text", text);
    jw_key(&members, "quick_reply");
    jw_open(&members, '{');
    jw_kv_str(&members, "payload", payload);
    jw_close(&members, '}');
    act_say(act, &members, NULL);
    buf_fini(&members);
}

int
act_quick_reply(struct act *act)
{
    struct str type = act_text(act, AF_TYPE), payload = act_text(act, AF_PAYLOAD);
    struct str title = act_has(act, AF_TITLE) ? act_text(act, AF_TITLE) : act_text(act, AF_TEXT);
    const json_t *found;
    json_t *message;

    if (type.s != NULL && !str_eq_lit(type, "text")) {
        if (!str_eq_lit(type, "user_phone_number") && !str_eq_lit(type, "user_email"))
            return act_refuse(act, "/type: expected text, user_phone_number or user_email");
        if (title.s == NULL)
            return act_refuse(
                act, "/text: missing, expected the number or address that the person sends");
        say_quick_reply(act, title, title);
        return 0;
    }
    const struct message *asked = act_newest_fitting(act, find_quick_reply, &message, &found);
    /* They disappear with the next message, whoever writes it [documented: webhooks.md 3.4]. Whoever gives the payload knows better. */
    if (found != NULL && payload.s == NULL &&
        asked != world_message(act->world, act->thread->newest)) {
        json_decref(message);
        return act_refuse(act, "quick_reply: it is gone, a message came after it");
    }
    if (found == NULL && payload.s == NULL)
        return act_refuse(
            act,
            "quick_reply: the page has sent no quick reply that fits, and no payload was given");
    if (found != NULL)
        say_quick_reply(
            act, json_member(found, "title").s != NULL ? json_member(found, "title") : payload,
            json_member(found, "payload"));
    else
        say_quick_reply(act, title.s != NULL ? title : payload, payload);
    json_decref(message);
    return 0;
}

/* ---- the rest ------------------------------------------------------------------------------------------------------------------------------ */

int
act_command(struct act *act)
{
    struct buf members = {0}, typed = {0};

    buf_printf(&typed, "/%.*s", STR_ARG(act_text(act, AF_NAME)));
    jw_kv_str(&members, "text", act_has(act, AF_TEXT) ? act_text(act, AF_TEXT) : buf_view(&typed));
    jw_key(&members, "commands");
    jw_open(&members, '[');
    jw_open(&members, '{');
    jw_kv_str(&members, "name", act_text(act, AF_NAME));
    jw_close(&members, '}');
    jw_close(&members, ']');
    act_say(act, &members, NULL);
    buf_fini(&members);
    buf_fini(&typed);
    return 0;
}

int
act_product_question(struct act *act)
{
    struct buf members = {0};

    jw_kv_str(&members, "text",
              act_has(act, AF_TEXT) ? act_text(act, AF_TEXT) : STR("Is this still available?"));
    jw_key(&members, "referral");
    jw_open(&members, '{');
    jw_key(&members, "product");
    jw_open(&members, '{');
    jw_kv_str(&members, "id", act_text(act, AF_PRODUCT_ID));
    jw_close(&members, '}');
    jw_close(&members, '}');
    act_say(act, &members, NULL);
    buf_fini(&members);
    return 0;
}

static int
find_own(struct act *act, uint64_t *number, struct message **message)
{
    if (act_find_message(act, AF_MID, "own", number, message) < 0)
        return -1;
    if (((*message)->flags & MESSAGE_FROM_PAGE) != 0)
        return act_refuse(act, "/mid: this message is the page's, not the person's");
    if (((*message)->flags & MESSAGE_UNSENT) != 0)
        return act_refuse(act, "/mid: the person has taken this message back");
    return 0;
}

int
act_edit(struct act *act)
{
    uint64_t number;
    struct message *message;
    char mid[MID_SIZE];

    if (find_own(act, &number, &message) < 0)
        return -1;
    if (message->edits >= EDITS_MAX)
        return act_refuse(act, "edit: a message can be edited five times");
    if (act->world->now - message->at > EDIT_WITHIN_MS)
        return act_refuse(act, "edit: a message can be edited within 15 minutes");
    message->edits++;
    world_mid(act->world, number, mid);
    jw_kv_text(&act->made, "mid", mid);
    jw_kv_int(&act->made, "num_edit", message->edits);
    event_edit(act->world, act->thread, str_of(mid), act_text(act, AF_TEXT), message->edits);
    return 0;
}

int
act_unsend(struct act *act)
{
    uint64_t number;
    struct message *message;

    if (find_own(act, &number, &message) < 0)
        return -1;
    message->flags |= MESSAGE_UNSENT;
    made_mid(act, number);
    return 0;
}
