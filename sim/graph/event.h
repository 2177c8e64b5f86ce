/* event.h - webhook events: builds the event objects as the platform writes them and queues them for every app that subscribed. One builder a row of
 * events.def; the bytes are the platform's (key order, escapes). Knows no sockets.
 *
 * What a message stores (world_add_message): the whole `message` object as JSON. Of a page's message that is the `message` of the request as it came (quick
 * replies, template payload and all), because people tap on what is in it; what its echo shows is made from it by event_echo_members. */
#ifndef UNDERSTUDY_GRAPH_EVENT_H
#define UNDERSTUDY_GRAPH_EVENT_H

#include "graph/jwrite.h"
#include "world/delivery.h"
#include "world/world.h"

/* Rows of events.def, in its order. */
enum event_id {
#define EVENT(symbol, ...) EVENT_##symbol,
#include "graph/events.def"
#undef EVENT
    EVENT_COUNT
};

struct event_row {
    const char *id;
    enum webhook_field field;
    bool goes_to_standby;
    enum fidelity fidelity;
    const char *cite;
};
const struct event_row *event_rows(unsigned *count);
/* EVENT_COUNT when there is none of that name. */
enum event_id event_named(struct str id);

/* The app id of the Page inbox in echoes and handovers [documented: webhooks.md 1.8]. */
#define INBOX_APP_ID "263902037430900"
/* Of the app that asks the questions of lead ads [documented: webhooks.md 3.6]. */
#define LEADS_APP_ID "413038776280800"
/* The id of a thread's owner, NULL for INDEX_NONE. */
const char *event_owner_id(const struct world *world, uint32_t owner);

/* ---- queueing -------------------------------------------------------------------------------------------------------------- */

/* For whom an event object is written: what differs between apps. */
struct event_form {
    version_t version;     /* payload version of the app's webhook fields */
    ms_t as_of;            /* policy date */
    webhook_fields fields; /* what the app gets on this page */
    uint32_t seq;          /* which of the page's events it is */
    bool is_standby;
    bool owns_payload; /* made the button that was tapped */
};

/* Appends one event object (or, for `changes`, one {"field":..,"value":..}). */
typedef void event_writer(struct buf *out, const struct event_form *form, const void *what);

/* One event about to be queued. Zero is not a default: start from event_post_of. */
struct event_post {
    enum event_id event;
    struct thread *thread; /* whom it is about; NULL: nobody (page-level events) */
    event_writer *write;
    const void *what;  /* the writer's own, borrowed for the call */
    ms_t due;          /* when it leaves, >= now */
    uint32_t only_app; /* an app index; INDEX_NONE: all */
    uint32_t maker;    /* the app that made the button; INDEX_NONE: payload for all */
};
struct event_post event_post_of(const struct world *world, enum event_id event,
                                struct thread *thread, event_writer *write, const void *what);

/* Queues it for every app on the page that is subscribed to its field (in the app's webhook and on the page), has a callback, and is live or the person has
 * a role; under `standby` for apps that do not own the thread when routing is on. Applies the world's faults. Returns how many deliveries were queued. */
unsigned event_send(struct world *world, struct page *page, const struct event_post *post);

/* The same for an object that is JSON already. event: row id. due: >= now. only_app: an app index, or INDEX_NONE for all. */
void event_queue(struct world *world, struct page *page, struct thread *thread, const char *event,
                 struct str item, ms_t due, uint32_t only_app);

/* ---- builders ------------------------------------------------------------------------------------------------------------------ */

/* Opens the object with sender, recipient, timestamp of a person's act. What was not written (postbacks, handovers, referrals, payments: HEAD_TOLD) had
 * recipient, timestamp, sender from September 2016 to July 2019 [observed]. at MS_NEVER: no timestamp. thread NULL: no sender. The caller adds its key and
 * closes the object. */
enum event_head { HEAD_WRITTEN, HEAD_TOLD };
void event_open(struct buf *out, enum event_head head, ms_t as_of, const struct page *page,
                const struct thread *thread, ms_t at);

/* From that day on messages, echoes and postbacks have the order of keys that they have today; the day is that on which `seq` went [observed: the old order on 6 May
 * 2019, the new one on 15 September; the day inferred]. */
#define EVENT_ORDER_FROM CIVIL(2019, 8, 1)

/* {"field":..,"value":..}, the value in front from 2020 on [observed: behind in February 2019, in front in February 2021; the day inferred]. */
#define EVENT_VALUE_FIRST_FROM CIVIL(2020, 1, 1)
void event_put_change(struct buf *out, ms_t as_of, enum webhook_field field, struct str value_json);

/* The mid of message `number` as a JSON string / as text. */
void event_put_mid(struct buf *out, const struct world *world, uint64_t number);

/* The ordinary events. text arguments are UTF-8; `json` arguments are complete JSON texts. All queue at now unless said otherwise. */

/* What may come with a message beside its members. STR_NONE: nothing. */
struct event_message_extra {
    struct str
        referral_json;     /* message.referral, only for apps that have messaging_referrals too */
    struct str nlp_json;   /* message.nlp */
    struct str prior_json; /* prior_message, beside `message` */
    struct str
        old_members; /* members for payload versions before v6.0 (fallback, sticker); STR_NONE: the same */
    struct str
        sticker_json; /* the payload of a sticker: its attachments are written by date, members must hold none */
};
/* A person's message was stored as message `number`: members of its `message` object without mid (`"text":"..."`, no braces). extra: NULL for nothing. */
void event_message(struct world *world, struct thread *thread, uint64_t number, struct str members,
                   const struct event_message_extra *extra);

/* The members that the echo of a page's message shows (`"text":..,"attachments":[..]`), from the `message` object of the request. reply_to: mid or STR_NONE.
 * attachment_id: of an upload that came with it or was re-used, or STR_NONE. */
struct echo_maker {
    const char *page_id, *app_id; /* shown in the button of a coupon */
    ms_t as_of;                   /* policy date: stickers and templates changed their shape */
};
void event_echo_members(struct buf *out, const struct jnode *message, struct str reply_to,
                        struct str attachment_id, const struct echo_maker *maker);

/* The echo of a page's message, at once; then the delivery event after world->delivered_after_ms; then a read if the person is looking at the thread
 * (THREAD_OPEN). app: the sending app's index, OWNER_INBOX for staff in the Page inbox. metadata: STR_NONE when there was none. Not to be called for sends by
 * user_ref or phone number, nor for sender actions: they have no echo, delivery or read [documented: webhooks.md 2.2]. */
void event_echo(struct world *world, struct thread *thread, uint64_t number, struct str members,
                struct str metadata, uint32_t app);
/* What follows the echo, without one. */
void event_arrival(struct world *world, struct thread *thread, uint64_t number);
void event_delivery(struct world *world, struct thread *thread, uint64_t number, ms_t due);
/* The person has read everything up to the newest message. Nothing is sent when nothing of the page's is unread, or read receipts are off. True when an
 * event went out. */
bool event_read(struct world *world, struct thread *thread);

/* number: the bubble that the tap left in the thread, 0 for none (its mid is shown from v11.0 on). maker: who gets the payload, INDEX_NONE: all. */
void event_postback(struct world *world, struct thread *thread, uint64_t number, struct str title,
                    struct str payload, struct str referral_json, uint32_t maker);
void event_referral(struct world *world, struct thread *thread, struct str referral_json);
void event_optin(struct world *world, struct thread *thread, struct str optin_json);
/* event: one of the EVENT_OPTIN_* rows. thread NULL: checkbox plugin, no sender; then page says whose. */
void event_optin_of(struct world *world, struct page *page, struct thread *thread,
                    enum event_id event, struct str optin_json);
/* is_off: unreact, which named neither in a capture of 2019 and both in a fixture of 2026 [webhooks.md 8]: reaction may be STR_NONE then. */
void event_reaction(struct world *world, struct thread *thread, struct str mid, struct str reaction,
                    struct str emoji, bool is_off);
void event_edit(struct world *world, struct thread *thread, struct str mid, struct str text,
                unsigned edits);
/* {"recipient":..,"timestamp":..,"sender":..,"<key>":<json>}: account_linking, order, messaging_feedback, game_play ... */
void event_plain(struct world *world, struct thread *thread, enum event_id event, const char *key,
                 struct str json);

/* Handovers. from, to: app indexes, INDEX_NONE (idle: null), OWNER_INBOX. only_app: who is told; INDEX_NONE: all subscribed. */
void event_pass_control(struct world *world, struct thread *thread, uint32_t from, uint32_t to,
                        struct str metadata, uint32_t only_app);
void event_take_control(struct world *world, struct thread *thread, uint32_t from, uint32_t to,
                        struct str metadata, uint32_t only_app);
void event_request_control(struct world *world, struct thread *thread, uint32_t requested,
                           struct str metadata, uint32_t only_app);
/* action: warning, block, unblock; reason STR_NONE on unblock. Told by messaging_policy_enforcement, and by business_integrity since it exists. */
void event_policy(struct world *world, struct page *page, const char *action, struct str reason);

/* Paid marketing messages. sent: a NODE_MARKETED with the message's number in `a`, its campaign in text, the subscription token in text2; is_spent once read. */
#define TRACKING_ID_SIZE 40
void event_marketing_tracking_id(const struct world *world, uint64_t number,
                                 char out[TRACKING_ID_SIZE]);
void event_marketing(struct world *world, struct thread *thread, enum event_id event,
                     const struct node *sent, ms_t due);
/* The newest one of the thread, or that of message `number` when it is not 0. */
struct node *event_marketing_newest(const struct world *world, const struct thread *thread,
                                    uint64_t number);
/* The person has read the thread. */
void event_marketing_reads(struct world *world, struct thread *thread);

/* Page content and other `changes`; value: JSON. */
void event_change(struct world *world, struct page *page, struct thread *thread,
                  enum event_id event, struct str value_json);
/* A label was put on a conversation or taken off. */
void event_label(struct world *world, struct thread *thread, struct str label_id,
                 struct str label_name, bool is_added);

/* ---- on the way ----------------------------------------------------------------------------------------------------------------- */

/* Before every post of a delivery: counts the attempt and stamps the body {"object":"page","entry":[...]} with entry.time = now (ms; seconds
 * for changes) into delivery->body; a retry differs from it in that instant alone [observed: one echo three times in March 2019]. */
void event_stamp(struct world *world, struct delivery *delivery);

/* Applies the outcome of a post: journal record, retry, alert after 15 minutes of failing, unsubscription after an hour (webhooks.md 1.6). Takes ownership of the
 * delivery. status 0: no answer (reason says why, a constant or NULL). */
void event_outcome(struct world *world, struct delivery *delivery, int status, const char *reason);

#endif
