/* What the families of acts share. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "graph/nlp.h"
#include "people/act_in.h"
#include "people/inbox.h"
#include "world/page_extra.h"

#define NLP_FROM                                                                                   \
    CIVIL(2017, 7, 25) /* built-in language understanding began [documented: OD/changelog] */

/* ---- jansson and our writer --------------------------------------------------------------------------------------------------- */

json_t *
json_to_iterate(const json_t *value)
{
    json_t *same;

    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the pointer itself */
    memcpy(&same, &value, sizeof value);
    return same;
}

struct str
json_str(const json_t *value)
{
    return json_is_string(value) ? (struct str){json_string_value(value), json_string_length(value)}
                                 : STR_NONE;
}

struct str
json_member(const json_t *object, const char *key)
{
    return json_str(json_object_get(object, key));
}

/* NOLINTBEGIN(misc-no-recursion): jansson bounds the depth of JSON. */

static void
put_list(struct buf *out, const json_t *value, unsigned flags)
{
    buf_char(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
        jw_item(out);
        put_json(out, json_array_get(value, i), flags);
    }
    buf_char(out, ']');
}

static void
put_object(struct buf *out, const json_t *value, unsigned flags)
{
    json_t *object = json_to_iterate(value);

    buf_char(out, '{');
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        jw_key_str(out, str_of(json_object_iter_key(at)), flags);
        put_json(out, json_object_iter_value(at), flags);
    }
    buf_char(out, '}');
}

void
put_json(struct buf *out, const json_t *value, unsigned flags)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, value, flags);
        break;
    case JSON_ARRAY:
        put_list(out, value, flags);
        break;
    case JSON_STRING:
        jw_string(out, json_str(value), flags);
        break;
    case JSON_INTEGER:
        buf_int64(out, json_integer_value(value));
        break;
    case JSON_REAL:
        buf_printf(out, "%.15g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        buf_adds(out, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
        break;
    }
}

/* NOLINTEND(misc-no-recursion) */

/* ---- messages -------------------------------------------------------------------------------------------------------------------- */

void
made_mid(struct act *act, uint64_t number)
{
    jw_key(&act->made, "mid");
    event_put_mid(&act->made, act->world, number);
}

/* The n-th newest (0: the newest) message of the page or of the person in the thread. */
static struct message *
nth_message(const struct act *act, bool of_page, unsigned n, uint64_t *number)
{
    *number = act->thread->newest;
    struct message *message = world_message(act->world, *number);

    while (message != NULL) {
        if (((message->flags & MESSAGE_FROM_PAGE) != 0) == of_page &&
            (message->flags & (MESSAGE_HIDDEN | MESSAGE_UNSENT)) == 0 && n-- == 0)
            return message;
        *number = message->previous;
        message = world_message(act->world, *number);
    }
    return NULL;
}

/* "last", "last-2", "own", "own-1"; false when the text is none of these. */
static bool
read_place(struct str text, bool *of_page, unsigned *n)
{
    size_t stem = str_starts_lit(text, "last") ? 4 : str_starts_lit(text, "own") ? 3 : 0;

    if (stem == 0)
        return false;
    *of_page = stem == 4;
    *n = 0;
    if (text.n == stem)
        return true;
    if (text.s[stem] != '-')
        return false;
    uint64_t back = digits_read(text.s + stem + 1, text.n - stem - 1);
    *n = (unsigned)(back < 1000000 ? back : 1000000);
    return back > 0;
}

int
act_find_mid(struct act *act, struct str mid, uint64_t *number, struct message **message)
{
    bool of_page;
    unsigned n;

    if (read_place(mid, &of_page, &n)) {
        *message = nth_message(act, of_page, n, number);
        return *message != NULL ? 0
                                : act_refuse(act, "/mid: the %s has no message %.*s in this thread",
                                             of_page ? "page" : "person", STR_ARG(mid));
    }
    *message = world_find_mid(act->world, mid, number);
    if (*message == NULL || (*message)->thread != act->thread->index)
        return act_refuse(
            act,
            "/mid: no message \"%.*s\" in this thread, expected an id, last, last-N, own or own-N",
            (int)(mid.n < 90 ? mid.n : 90), mid.s);
    return 0;
}

int
act_find_message(struct act *act, enum act_field field, const char *otherwise, uint64_t *number,
                 struct message **message)
{
    struct str mid = act_text(act, field);

    return act_find_mid(act, mid.s != NULL ? mid : str_of(otherwise), number, message);
}

/* What a message says; an empty object when it cannot be read. */
static json_t *
message_json_new(const struct message *message)
{
    json_t *json = json_loadb(message->text, message->text_n, 0, NULL);

    return json != NULL ? json : json_object();
}

struct message *
act_newest_fitting(struct act *act, fits_fn *fits, json_t **message_json, const json_t **found)
{
    uint64_t number = act->thread->newest;

    for (unsigned n = 0; n < LOOK_BACK_MAX; n++) {
        struct message *message = world_message(act->world, number);

        if (message == NULL)
            break;
        number = message->previous;
        if ((message->flags & MESSAGE_FROM_PAGE) == 0)
            continue;
        *message_json = message_json_new(message);
        *found = fits(act, *message_json);
        if (*found != NULL)
            return message;
        json_decref(*message_json);
    }
    *message_json = NULL;
    *found = NULL;
    return NULL;
}

const json_t *
message_template(const json_t *message, const char *type)
{
    const json_t *attachment = json_object_get(message, "attachment");

    if (attachment == NULL)
        attachment = json_array_get(json_object_get(message, "attachments"), 0);
    const json_t *payload = json_object_get(attachment, "payload");
    struct str found = json_member(payload, "template_type");
    return found.s != NULL && (type == NULL || str_eq(found, str_of(type))) ? payload : NULL;
}

/* ---- saying something ------------------------------------------------------------------------------------------------------------- */

/* An ad click or a link that nothing has been told of yet. In a thread that exists its referral comes as an event before the message; an ad's comes inside of the
 * first message of a new thread (webhooks.md 3.6). */
static void
bring_arrival(struct act *act, struct buf *referral, struct event_message_extra *extra)
{
    bool is_ad;

    if (!arrival_take(act, referral, &is_ad))
        return;
    if (is_ad)
        thread_extra(act->thread)->ad_message = act->world->now;
    if (is_ad && (act->thread->flags & THREAD_STARTED) == 0)
        extra->referral_json = buf_view(referral);
    else
        event_referral(act->world, act->thread, buf_view(referral));
}

/* As given, or worked out from what was typed when the page has it on. Taps on quick replies are not understood again [inferred]. */
static void
understand(const struct act *act, struct buf *out)
{
    const char *is_on = act->page->extra != NULL ? page_text(act->page, NLP_SWITCH) : NULL;
    struct person person;

    if (act_has(act, AF_NLP)) {
        put_json(out, act_json(act, AF_NLP), JW_GRAPH);
        return;
    }
    if (is_on == NULL || strcmp(is_on, "true") != 0 || !act_has(act, AF_TEXT) ||
        act_has(act, AF_QUICK_REPLY) || act->row == &act_rows[ACT_QUICK_REPLY] ||
        world_policy_date(act->world) < NLP_FROM)
        return;
    thread_person(act->world, act->thread, &person);
    struct nlp_speaker speaker = {str_of(person.locale), person.timezone, act->world->now};
    nlp_write(out, act_text(act, AF_TEXT), &speaker, world_policy_date(act->world));
}

void
act_say(struct act *act, struct buf *members, const struct event_message_extra *extra)
{
    struct event_message_extra brought = extra != NULL ? *extra : (struct event_message_extra){0};
    struct buf referral = {0}, prior = {0}, text = {0}, nlp = {0};

    bring_arrival(act, &referral, &brought);
    understand(act, &nlp);
    if (nlp.n > 0)
        brought.nlp_json = buf_view(&nlp);
    if (arrival_take_user_ref(act, &prior))
        brought.prior_json = buf_view(&prior);
    buf_char(&text, '{');
    buf_str(&text, buf_view(members));
    if (brought.sticker_json.s != NULL)
        jw_kv_raw(&text, "sticker", brought.sticker_json);
    buf_char(&text, '}');
    uint64_t number = world_add_message(act->world, act->thread, INDEX_NONE, 0, buf_view(&text));
    made_mid(act, number);
    event_message(act->world, act->thread, number, buf_view(members), &brought);
    buf_fini(&referral);
    buf_fini(&prior);
    buf_fini(&text);
    buf_fini(&nlp);
    inbox_answer(act);
}

bool
act_until(const struct act *act, enum act_field field, ms_t *until)
{
    struct str text = act_text(act, field);
    ms_t length;

    if (datetime_read(text, until))
        return true;
    if (!duration_read(text, &length) || length < 0)
        return false;
    *until = act->world->now + length;
    return true;
}

/* ---- how the person came ------------------------------------------------------------------------------------------------------------- */

/* Kept as a node that nobody can name over the Graph: a colon is in no id. text: the referral; a: 1 for an ad; text2: user_ref. */
static struct node *
arrival(const struct act *act, bool make)
{
    char id[40];

    snprintf(id, sizeof id, "arrival:%" PRIu64, act->thread->psid);
    struct node *node = world_find_node(act->world, NODE_OTHER, str_of(id));
    return node != NULL || !make ? node
                                 : world_add_node(act->world, NODE_OTHER, id, act->page_index);
}

void
arrival_set(struct act *act, struct str referral_json, bool is_ad)
{
    struct node *node = arrival(act, true);

    node_set_text(node, referral_json);
    node->a = is_ad;
}

bool
arrival_take(struct act *act, struct buf *out, bool *is_ad)
{
    struct node *node = arrival(act, false);

    if (node == NULL || node->text == NULL)
        return false;
    buf_adds(out, node->text);
    *is_ad = node->a != 0;
    free(node->text);
    node->text = NULL;
    return true;
}

void
arrival_set_user_ref(struct act *act, const struct node *user_ref)
{
    node_set_text2(arrival(act, true), str_of(user_ref->id));
}

bool
arrival_take_user_ref(struct act *act, struct buf *out)
{
    struct node *node = arrival(act, false);

    if (node == NULL || node->text2 == NULL)
        return false;
    const struct node *user_ref = world_find_node(act->world, NODE_USER_REF, str_of(node->text2));
    if (user_ref == NULL ||
        !user_ref->is_spent) /* the page has not written to it: this is no answer */
        return false;
    jw_open(out, '{');
    jw_kv_text(out, "source", "checkbox_plugin");
    jw_kv_text(out, "identifier", user_ref->id);
    jw_close(out, '}');
    free(node->text2);
    node->text2 = NULL;
    return true;
}

void
put_referral(struct buf *out, const struct act *act, const char *source)
{
    struct str ref = act_text(act, AF_REF);

    if (act_has(act, AF_REFERRAL)) {
        put_json(out, act_json(act, AF_REFERRAL), JW_GRAPH);
        return;
    }
    jw_open(out, '{');
    if (ref.s != NULL)
        jw_kv_str(out, "ref", ref);
    jw_kv_text(out, "source", source);
    jw_kv_text(out, "type", "OPEN_THREAD");
    jw_close(out, '}');
}
