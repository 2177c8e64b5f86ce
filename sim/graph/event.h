/* event.h - webhook events: builds the event objects as the platform writes them and queues them for every app that subscribed. One builder a row of
 * events.def; the bytes are the platform's (key order, escapes). Knows no sockets. */
#ifndef UNDERSTUDY_GRAPH_EVENT_H
#define UNDERSTUDY_GRAPH_EVENT_H

#include "graph/jwrite.h"
#include "world/world.h"

/* Rows of events.def, in its order. */
struct event_row {
    const char *id;
    enum webhook_field field;
    enum fidelity fidelity;
    const char *cite;
};
const struct event_row *event_rows(unsigned *count);

/* Queues one event object (JSON) about a thread for every app that is subscribed to its field on the page: under `standby` for apps that do not own the thread
 * when routing is on. event: row id. due: when it leaves (>= now). only_app: an app index, or INDEX_NONE for all. */
void event_queue(struct world *world, struct page *page, struct thread *thread, const char *event, struct str item, ms_t due, uint32_t only_app);

/* Queues a `changes` entry ({"field":..,"value":..}) for a page. */
void event_queue_change(struct world *world, struct page *page, const char *event, struct str change, ms_t due);

/* Builders: each appends one event object. sender/recipient of a person's act: {"sender":{"id":PSID},"recipient":{"id":PAGE},"timestamp":MS,...}. */
/* Opens the object with sender, recipient, timestamp (messages) or recipient, timestamp, sender (postbacks, handovers, referrals: webhooks.md 1.4). */
enum event_head { HEAD_SENDER_FIRST, HEAD_RECIPIENT_FIRST };
void event_open(struct buf *out, enum event_head head, const struct page *page, const struct thread *thread, ms_t at);

/* The ordinary events. text arguments are UTF-8; `json` arguments are complete JSON texts. All queue at now unless said otherwise. */
/* A person's message was stored as message `number`: its text is the message object without mid (`"text":"..."` members, no braces). */
void event_message(struct world *world, struct thread *thread, uint64_t number, struct str members);
/* The echo of a page's message, at once; then the delivery event after world->delivered_after_ms, unless the person cannot be reached. */
void event_echo(struct world *world, struct thread *thread, uint64_t number, struct str members, struct str metadata, uint32_t app);
void event_delivery(struct world *world, struct thread *thread, uint64_t number, ms_t due);
/* The person has read everything up to the newest message. */
void event_read(struct world *world, struct thread *thread);
void event_postback(struct world *world, struct thread *thread, struct str title, struct str payload, struct str referral_json, uint32_t only_app);
void event_referral(struct world *world, struct thread *thread, struct str referral_json);
void event_optin(struct world *world, struct thread *thread, struct str optin_json);
void event_reaction(struct world *world, struct thread *thread, struct str mid, struct str reaction, struct str emoji);

/* The body of a delivery, stamped at its first post: {"object":"page","entry":[...]} with entry.time = now (ms; seconds for changes). Fills d->body. */
void event_stamp(struct world *world, struct delivery *delivery);

/* Applies the outcome of a post: journal record, retry, alert after 15 minutes of failing, unsubscription after an hour (webhooks.md 1.6). Takes ownership of the
 * delivery. status 0: no answer (reason says why). */
void event_outcome(struct world *world, struct delivery *delivery, int status, const char *reason);

#endif
