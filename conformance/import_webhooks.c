/* Webhook bodies from a log: what the platform told a client, turned back into what people did. */
#include <stdlib.h>
#include <string.h>

#include "conformance/import.h"

/* A reply written in the page's inbox echoes with the inbox's app id. */
#define INBOX_APP "263902037430900"

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* An id may be a text or, in very old logs, a number. */
static const char *
id_in(const json_t *somebody, char number[32])
{
    const json_t *id = json_object_get(somebody, "id");

    if (json_is_integer(id)) {
        snprintf(number, 32, "%lld", (long long)json_integer_value(id));
        return number;
    }
    return json_string_value(id);
}

static const char *
id_of(const json_t *object, const char *key, char number[32])
{
    return id_in(json_object_get(object, key), number);
}

static void
copy(json_t *act, const char *to, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);

    if (json_is_string(value) || json_is_integer(value))
        json_object_set(act, to, value);
}

/* ---- messages ------------------------------------------------------------------------------------------------------------------ */

/* Kinds of attachments that an act can send by itself. */
static const char *const attachment_types[] = {"image", "video",   "audio", "file",   "fallback",
                                               "reel",  "ig_reel", "post",  "ig_post"};

/* Whatever else comes (contacts, shared products, places without coordinates ...) is shown to clients that do not know it as a fallback. */
static const char *
attachment_type(const char *type)
{
    for (size_t i = 0; i < sizeof attachment_types / sizeof *attachment_types; i++)
        if (strcmp(attachment_types[i], type) == 0)
            return type;
    return "fallback";
}

static json_t *
attachment_act(const json_t *attachment)
{
    const char *type = text_of(attachment, "type");
    const json_t *payload = json_object_get(attachment, "payload");
    const json_t *place = json_object_get(payload, "coordinates");

    if (type == NULL)
        return NULL;
    if (json_is_number(json_object_get(place, "lat")) &&
        json_is_number(json_object_get(place, "long")))
        return json_pack("{s:s, s:O, s:O}", "act", "location", "lat", json_object_get(place, "lat"),
                         "long", json_object_get(place, "long"));
    if (json_object_get(payload, "sticker_id") != NULL || strcmp(type, "sticker") == 0) {
        json_t *act = json_pack("{s:s}", "act", "sticker");

        copy(act, "sticker_id", payload, "sticker_id");
        return act;
    }
    return json_pack("{s:s, s:s}", "act", "attachment", "type", attachment_type(type));
}

static json_t *
message_act(const json_t *message)
{
    const json_t *quick = json_object_get(message, "quick_reply");
    const json_t *attachment = json_array_get(json_object_get(message, "attachments"), 0);
    const json_t *command = json_array_get(json_object_get(message, "commands"), 0);
    json_t *act;

    if (json_is_true(json_object_get(message, "is_deleted")))
        return json_pack("{s:s, s:s}", "act", "unsend", "mid", "own");

    if (quick != NULL) {
        act = json_pack("{s:s}", "act", "quick_reply");
        copy(act, "payload", quick, "payload");
        copy(act, "text", message, "text");
        return act;
    }
    if (attachment != NULL) {
        act = attachment_act(attachment);
        if (act != NULL && strcmp(text_of(act, "act"), "attachment") == 0)
            copy(act, "text", message, "text");
        return act;
    }
    if (json_string_length(json_object_get(message, "text")) == 0)
        return NULL;
    if (text_of(command, "name") != NULL) {
        act = json_pack("{s:s, s:s}", "act", "command", "name", text_of(command, "name"));
        copy(act, "text", message, "text");
        return act;
    }
    act = json_pack("{s:s}", "act",
                    json_object_get(message, "reply_to") != NULL ? "reply" : "message");
    copy(act, "text", message, "text");
    return act;
}

static json_t *
echo_act(const json_t *message)
{
    const json_t *app = json_object_get(message, "app_id");
    bool is_inbox = json_is_integer(app)
                        ? json_integer_value(app) == strtoll(INBOX_APP, NULL, 10)
                        : json_is_string(app) && strcmp(json_string_value(app), INBOX_APP) == 0;

    if (!is_inbox || text_of(message, "text") == NULL)
        return NULL;
    return json_pack("{s:s, s:s}", "act", "inbox_reply", "text", text_of(message, "text"));
}

/* ---- everything else -------------------------------------------------------------------------------------------------------------- */

static json_t *
postback_act(const json_t *postback)
{
    const char *payload = text_of(postback, "payload");
    bool is_start = payload != NULL && strstr(payload, "GET_STARTED") != NULL;
    json_t *act = json_pack("{s:s}", "act", is_start ? "get_started" : "postback");

    copy(act, "payload", postback, "payload");
    copy(act, "title", postback, "title");
    if (is_start)
        copy(act, "ref", json_object_get(postback, "referral"), "ref");
    return act;
}

static json_t *
optin_act(const json_t *optin)
{
    const char *type = text_of(optin, "type"),
               *status = text_of(optin, "notification_messages_status");
    json_t *act;

    if (type != NULL && strcmp(type, "one_time_notif_req") == 0) {
        act = json_pack("{s:s}", "act", "notify_me");
        copy(act, "payload", optin, "payload");
        return act;
    }
    if (type != NULL && strcmp(type, "notification_messages") == 0) {
        act = json_pack("{s:s}", "act",
                        status == NULL                    ? "opt_in"
                        : strncmp(status, "STOP", 4) == 0 ? "stop"
                                                          : "resume");
        if (status == NULL) {
            copy(act, "payload", optin, "payload");
            copy(act, "frequency", optin, "notification_messages_frequency");
            copy(act, "timezone", optin, "notification_messages_timezone");
        }
        copy(act, "title", optin, "title");
        return act;
    }
    act = json_pack("{s:s}", "act",
                    json_object_get(optin, "user_ref") != NULL ? "checkbox" : "send_to_messenger");
    copy(act, "ref", optin, "ref");
    return act;
}

static json_t *
referral_act(const json_t *referral)
{
    const char *source = text_of(referral, "source");
    bool is_ad = source != NULL && strcmp(source, "ADS") == 0;
    bool is_code = source != NULL && strcmp(source, "MESSENGER_CODE") == 0;
    json_t *act = json_pack("{s:s}", "act",
                            is_ad     ? "ad_click"
                            : is_code ? "messenger_code"
                                      : "m_me");

    copy(act, "ref", referral, "ref");
    if (is_ad)
        copy(act, "ad_id", referral, "ad_id");
    return act;
}

static json_t *
reaction_act(const json_t *reaction)
{
    const char *action = text_of(reaction, "action");
    bool is_off = action != NULL && strcmp(action, "unreact") == 0;
    json_t *act = json_pack("{s:s, s:s}", "act", is_off ? "unreact" : "react", "mid", "last");

    if (!is_off) {
        copy(act, "reaction", reaction, "reaction");
        copy(act, "emoji", reaction, "emoji");
    }
    return act;
}

static json_t *
link_act(const json_t *linking)
{
    const char *status = text_of(linking, "status");

    return json_pack("{s:s}", "act",
                     status != NULL && strcmp(status, "unlinked") == 0 ? "unlink_account"
                                                                       : "link_account");
}

static json_t *
read_act(const json_t *read)
{
    (void)read;
    return json_pack("{s:s}", "act", "read");
}

static json_t *
edit_act(const json_t *edit)
{
    return text_of(edit, "text") != NULL ? json_pack("{s:s, s:s, s:s}", "act", "edit", "text",
                                                     text_of(edit, "text"), "mid", "own")
                                         : NULL;
}

static const struct {
    const char *key;
    json_t *(*act)(const json_t *);
} events[] = {{"postback", postback_act}, {"optin", optin_act}, {"referral", referral_act},
              {"reaction", reaction_act}, {"read", read_act},   {"account_linking", link_act},
              {"message_edit", edit_act}};

/* Several files in one message: the first is the act of the message, each other one an act of its own at that time. */
static int
import_other_files(struct import *im, const json_t *message, int64_t at_ms, const char *who)
{
    const json_t *files = json_object_get(message, "attachments");

    for (size_t i = 1; i < json_array_size(files); i++) {
        json_t *act = attachment_act(json_array_get(files, i));
        if (act == NULL)
            import_skip(im, "attachment without a type");
        else if (import_act(im, at_ms, who, NULL, act) < 0)
            return -1;
    }
    return 0;
}

/* What an event that is nobody's act is called in the summary. */
static const char *
lost_as(const json_t *event, bool is_from_page)
{
    static const char *const known[] = {"delivery",
                                        "pass_thread_control",
                                        "take_thread_control",
                                        "request_thread_control",
                                        "policy_enforcement",
                                        "messaging_feedback",
                                        "message"};

    if (is_from_page)
        return "echo of the client's own";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (json_object_get(event, known[i]) != NULL)
            return known[i];
    return "event that no act stands for";
}

static json_t *
event_act(const json_t *event, bool *is_from_page)
{
    const json_t *message = json_object_get(event, "message");

    if (message != NULL) {
        *is_from_page = json_is_true(json_object_get(message, "is_echo"));
        return *is_from_page ? echo_act(message) : message_act(message);
    }
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (json_object_get(event, events[i].key) != NULL)
            return events[i].act(json_object_get(event, events[i].key));
    return NULL;
}

/* ---- entries ---------------------------------------------------------------------------------------------------------------------- */

/* Referral events from ads have been seen in seconds. */
static int64_t
in_ms(json_int_t timestamp)
{
    return timestamp < INT64_C(100000000000) ? timestamp * 1000 : timestamp;
}

static int
import_event(struct import *im, const json_t *event, json_int_t entry_time, const char *page)
{
    char number[32];
    bool is_from_page = false;
    json_t *act = event_act(event, &is_from_page);
    const json_t *stamp = json_object_get(event, "timestamp");
    const char *who = id_of(event, is_from_page ? "recipient" : "sender", number);

    if (who == NULL)
        who = text_of(json_object_get(event, "optin"), "user_ref");
    const json_t *message = json_object_get(event, "message"); /* the page's own are echoes */
    bool is_own = message == NULL && who != NULL && page != NULL && strcmp(who, page) == 0;
    if (act == NULL || who == NULL || is_own) {
        json_decref(act);
        import_skip(im, who == NULL ? "event of nobody"
                        : is_own    ? "event of the page's own"
                                    : lost_as(event, is_from_page));
        return 0;
    }
    const char *mid =
        text_of(message != NULL ? message : json_object_get(event, "postback"), "mid");
    if (mid != NULL && !json_is_true(json_object_get(message, "is_deleted")) &&
        import_seen_before(im, mid)) {
        json_decref(act);
        import_skip(im, "message told twice");
        return 0;
    }
    int64_t at_ms = in_ms(json_is_integer(stamp) ? json_integer_value(stamp) : entry_time);
    if (import_act(im, at_ms, who, NULL, act) < 0)
        return -1;
    return is_from_page ? 0 : import_other_files(im, message, at_ms, who);
}

static int
import_change(struct import *im, const json_t *change, const char *page)
{
    const json_t *value = json_object_get(change, "value"), *from = json_object_get(value, "from");
    const char *item = text_of(value, "item"), *verb = text_of(value, "verb"),
               *text = text_of(value, "message");
    char number[32];
    const char *who = id_of(value, "from", number);
    const json_t *stamp = json_object_get(value, "created_time");
    bool is_comment = item != NULL && strcmp(item, "comment") == 0;

    if (item == NULL || verb == NULL || strcmp(verb, "add") != 0 || text == NULL || who == NULL ||
        !json_is_integer(stamp) ||
        (!is_comment && strcmp(item, "post") != 0 && strcmp(item, "status") != 0)) {
        import_skip(im, "change of the feed that is no new comment or post");
        return 0;
    }
    if (page != NULL && strcmp(who, page) == 0) {
        import_skip(im, "comment or post of the page's own");
        return 0;
    }
    return import_act(
        im, in_ms(json_integer_value(stamp)), who, text_of(from, "name"),
        json_pack("{s:s, s:s}", "act", is_comment ? "comment" : "visitor_post", "text", text));
}

static int
import_list(struct import *im, const json_t *list, json_int_t entry_time, const char *page)
{
    size_t i;
    json_t *event;

    json_array_foreach(list, i, event) if (import_event(im, event, entry_time, page) < 0) return -1;
    return 0;
}

int
import_body(struct import *im, const json_t *body)
{
    const json_t *entries = json_object_get(body, "entry");
    size_t i, k;
    json_t *entry, *change;

    const char *object = text_of(body, "object");

    if (json_is_array(entries) && object != NULL && strcmp(object, "page") != 0) {
        import_skip(im, "webhook that is not about a page");
        return 0;
    }
    if (!json_is_array(entries))
        return import_wrong(im, "no webhook body, expected {\"object\":\"page\",\"entry\":[...]}");
    json_array_foreach(entries, i, entry)
    {
        json_int_t time = json_integer_value(json_object_get(entry, "time"));

        char number[32];
        const char *page = id_in(entry, number);

        if (import_list(im, json_object_get(entry, "messaging"), time, page) < 0 ||
            import_list(im, json_object_get(entry, "standby"), time, page) < 0)
            return -1;
        json_array_foreach(json_object_get(entry, "changes"), k,
                           change) if (import_change(im, change, page) < 0) return -1;
    }
    return 0;
}
