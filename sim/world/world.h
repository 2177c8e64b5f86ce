/* world.h - one tenant: its apps, pages, people, credentials, messages, clock, outbox and journal. Owns all state and all memory of it; knows no
 * sockets, no JSON (texts that are JSON are opaque bytes here) and no machine clock: its now is set from outside and never goes back.
 *
 * Objects never move: apps, pages, threads and nodes are referred to by index across modules and by pointer inside a call. A world has no lock of
 * its own: whoever works on it (edge) holds the tenant's lock for the whole call. */
#ifndef UNDERSTUDY_WORLD_WORLD_H
#define UNDERSTUDY_WORLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/policy.h"
#include "core/span.h"
#include "core/str.h"
#include "core/webhook_field.h"
#include "world/ids.h"
#include "world/log.h"
#include "world/map.h"
#include "world/outbox.h"

#define INDEX_NONE UINT32_MAX

/* Kinds of seeded ids (ids.h); never renumber: the ids of the default world are a public contract. */
enum id_kind {
    ID_APP = 1, ID_APP_SECRET, ID_VERIFY_TOKEN, ID_PAGE, ID_PAGE_TOKEN, ID_PSID, ID_NAME, ID_ATTACHMENT, ID_PERSONA, ID_LABEL, ID_POST,
    ID_COMMENT, ID_TOKEN, ID_OTN, ID_RN, ID_USER_REF, ID_MID, ID_TRACE, ID_REQUEST, ID_ADMIN, ID_TEMPLATE, ID_ASID, ID_AD, ID_CHALLENGE, ID_OTHER
};

/* ---- apps, pages, credentials ------------------------------------------------------------------------------------------- */

/* Where an app's webhooks go: one callback an app (object `page`). */
struct subscription {
    char *url;               /* owned; NULL: none */
    char *verify_token;      /* owned */
    webhook_fields fields;   /* of the app's webhook product */
    version_t version;       /* payload version of the fields; 0: newest at the date */
    bool include_values;
    ms_t failing_since;      /* first failure without a success after it; MS_NEVER: healthy */
    bool is_alerted;         /* the alert after 15 minutes has been given */
};

struct app {
    char id[20];
    char secret[33];
    char access_token[56];   /* APP_ID|secret */
    char *verify_token;      /* owned; what a handshake sends unless another one is given */
    char *name;              /* owned */
    bool is_live;            /* false: development mode, only people with a role */
    bool requires_proof;
    bool human_agent;        /* the approved feature */
    struct subscription webhook;
};

/* One app on one page (POST /{page}/subscribed_apps). */
struct page_app {
    uint32_t app;
    webhook_fields fields;   /* 0: connected, but not subscribed */
    bool is_subscribed;
};

struct page {
    char id[20];
    char *name, *username, *category; /* owned */
    uint64_t next_user;       /* counter for PSIDs */
    struct page_app *apps;    /* owned; in the order of app_ids */
    uint32_t app_count;
    uint32_t default_app;     /* conversation routing: owner of idle threads; INDEX_NONE: no routing */
    ms_t restricted_until;    /* MS_NEVER: not restricted; MS_ALWAYS: until lifted */
    bool is_news, subscription_messaging, messaging_is_on;
    bool lacks_matching;      /* customer matching: the page is not of the United States */
    bool owes_matching_fee;
    bool lacks_recurring;     /* never used recurring notifications before 2025-09-01, when no page could begin any more */
    uint32_t thread_count;
    uint32_t event_count;     /* behind `seq` of the years until 2019 */
    struct page_extra *extra; /* owned by page_extra.c; NULL until needed: profile texts, settings of families that are rare */
    struct page_watch *watch; /* owned; NULL until needed: what its conduct has brought it (watch.h) */
};

enum credential_kind { CREDENTIAL_PAGE, CREDENTIAL_USER, CREDENTIAL_SYSTEM_USER, CREDENTIAL_APP };
enum credential_state {
#define TOKEN_STATE(symbol, word, error) TOKEN_##symbol,
#include "world/token_states.def"
#undef TOKEN_STATE
    TOKEN_STATE_COUNT
};

/* Permissions, or-ed. Names in permission_name(). */
enum permission {
    PERM_PAGES_MESSAGING = 1, PERM_MANAGE_METADATA = 2, PERM_SHOW_LIST = 4, PERM_UTILITY = 8, PERM_READ_ENGAGEMENT = 16,
    PERM_USER_LOCALE = 32, PERM_USER_TIMEZONE = 64, PERM_USER_GENDER = 128, PERM_ADS = 256, PERM_MARKETING = 512, PERM_PHONE = 1024,
    PERM_CATALOG = 2048, PERM_MANAGE_ENGAGEMENT = 4096, PERM_READ_USER_CONTENT = 8192, PERM_ALL = 16383
};

/* An access token that the world gave out. */
struct credential {
    char *token;            /* owned */
    uint32_t index;         /* its own */
    enum credential_kind kind;
    enum credential_state state;
    unsigned permissions;   /* permission bits */
    uint32_t app, page;     /* page INDEX_NONE for app tokens */
    ms_t issued, expires;   /* MS_ALWAYS: never */
    uint64_t user;          /* id of the person behind a user token, 0: none */
    bool was_in_url;        /* seen in a query: told once */
};

/* "pages_messaging" ...; NULL past the last. i counts bits from 0. */
const char *permission_name(unsigned i);
/* The bit of a name, 0 when unknown. */
unsigned permission_named(struct str name);
const char *credential_kind_text(enum credential_kind kind);   /* "page", "user", "system_user", "app" */
const char *credential_state_text(enum credential_state state); /* "valid", "expired", ... */
enum graph_err credential_state_error(enum credential_state state); /* what a call with such a token is answered; ERR_NONE: the token is taken */

/* ---- people and threads -------------------------------------------------------------------------------------------------- */

enum thread_flag {
    THREAD_STARTED = 1,          /* the person has done something in the thread */
    THREAD_BLOCKED = 2,          /* the person blocked the page */
    THREAD_BANNED = 4,           /* the page blocked the person */
    THREAD_DEACTIVATED = 8,      /* the account is gone */
    THREAD_MESSAGES_OFF = 16,    /* the person turned the page's messages off */
    THREAD_READS_OFF = 32,       /* no read receipts */
    THREAD_MUTED = 64,
    THREAD_DELETED = 128,        /* the person deleted the conversation; a new act brings it back */
    THREAD_PHONE_ONLY = 256,     /* an account made from a phone number: no profile */
    THREAD_REPORTED = 512,
    THREAD_SPAM = 1024,
    THREAD_HAS_ROLE = 2048,      /* has a role on the app */
    THREAD_OPTED_OUT = 4096,     /* said stop */
    THREAD_GUEST = 8192,         /* chat plugin guest */
    THREAD_OPEN = 16384,         /* the person is looking at the thread: what arrives is read at once */
    THREAD_REQUEST = 32768,      /* lies among the message requests, until the page answers */
    THREAD_MARKETED = 65536      /* has got a paid marketing message */
};

enum { WORLD_PAGES_MAX = UINT16_MAX }; /* a thread knows its page in 16 bits */

/* One person on one page: the unit of policy. Small on purpose: a page may have millions. */
struct thread {
    uint64_t psid;
    ms_t last_act;               /* last act that opens the standard window; MS_NEVER */
    ms_t last_message;           /* last message or act in the thread by the person; MS_NEVER */
    uint64_t newest;             /* number of its newest message, 0: none */
    ms_t delivered, read;        /* watermarks of the page's messages, MS_NEVER */
    uint16_t page;
    uint16_t page_run;           /* messages of the page since the person's last one; stays at its most */
    uint32_t flags;              /* thread_flag */
    uint32_t message_count;
    uint32_t index;              /* its own */
    struct thread_extra *extra;  /* owned; NULL until needed */
};

/* What few threads have. */
struct thread_extra {
    char *alias;                 /* the name a test uses ("ann"); owned, as all texts here; NULL: seeded from the PSID */
    char *first_name, *last_name, *locale, *gender, *region, *asid, *profile_pic;
    double timezone;
    bool has_timezone;
    ms_t ad_message;             /* first message after an ad click; MS_NEVER */
    ms_t plus_one_after;         /* last_act for which the one message after the window went out; MS_NEVER */
    uint32_t owner;              /* app index that controls the thread; INDEX_NONE: idle; OWNER_INBOX, OWNER_LEADS */
    ms_t owner_until;            /* extension; MS_NEVER: the ordinary 24 hours */
    /* What findings.c remembers of the client's last failing send in this thread. */
    uint64_t failed_hash;
    ms_t failed_at;
    enum graph_err failed_error;
    ms_t unreachable_since;      /* first 551; MS_NEVER */
    ms_t opted_out_at;           /* switched the page's messages off by the button; MS_NEVER: never, or wrote since */
    unsigned run_at_opt_out, sent_since_opt_out;
    ms_t against_at;             /* when the person's last block or report was counted against the page (graph/enforce.c); MS_NEVER */
    ms_t forged_at;              /* the last post about this thread was not the platform's; MS_NEVER: it was */
    uint64_t last_event;         /* number of the last delivery about this thread that wants an answer */
    ms_t last_event_at;
};
#define OWNER_INBOX (INDEX_NONE - 1)
#define OWNER_LEADS (INDEX_NONE - 2) /* Meta's lead app, while it asks the questions of an ad */

/* What a profile shows, filled from the extra or from the seed. Texts are borrowed: from the thread or from constants. */
struct person {
    const char *alias, *first_name, *last_name, *locale, *gender, *region;
    char asid[24];
    double timezone;
};

/* ---- messages ------------------------------------------------------------------------------------------------------------ */

enum message_flag { MESSAGE_FROM_PAGE = 1, MESSAGE_UNSENT = 2, MESSAGE_FROM_INBOX = 4, MESSAGE_HIDDEN = 8, /* not shown: postback bubbles keep it off */
                    MESSAGE_AUTOMATIC = 16, /* the inbox said it by itself */ MESSAGE_WHILE_AWAY = 32, /* came outside the office hours of the inbox */
                    MESSAGE_REACTED = 64 /* the person's reaction is on it */ };

/* One message of a thread, in the world's message log. `text` is the `message` object as JSON (opaque here), as a webhook would show it without mid. */
struct message {
    uint64_t previous;      /* the message before it in its thread, 0: none */
    ms_t at;
    uint32_t thread, app;   /* app INDEX_NONE: from the person or unknown */
    uint32_t flags;         /* message_flag */
    uint32_t text_n;
    uint32_t persona;       /* node index or INDEX_NONE */
    uint32_t edits;
    char text[];
};

/* ---- nodes: every other Graph object --------------------------------------------------------------------------------------- */

enum node_kind {
    NODE_ATTACHMENT, NODE_PERSONA, NODE_LABEL, NODE_POST, NODE_COMMENT, NODE_OTN_TOKEN, NODE_RN_TOKEN, NODE_USER_REF, NODE_PHONE, NODE_TEMPLATE,
    NODE_LINK_TOKEN, NODE_AD, NODE_PRODUCT, NODE_CAMPAIGN, NODE_CODE, NODE_OTHER, NODE_MARKETED, NODE_KIND_COUNT
};

/* An object with an id (or token) that paths, recipients and payloads may name. */
struct node {
    enum node_kind kind;
    char *id;               /* owned; key of the node map */
    uint32_t index;
    uint32_t page, app;     /* or INDEX_NONE */
    uint32_t thread;        /* whom it is about, or INDEX_NONE */
    ms_t made, until;       /* until: MS_ALWAYS when it never dies */
    ms_t next;              /* earliest next use (recurring tokens); MS_NEVER: any time */
    bool is_spent, is_deleted, is_stopped;
    uint64_t a, b;          /* the family's own numbers */
    char *text;             /* owned; the family's own JSON or text, may be NULL */
    char *text2;            /* owned; a second one, may be NULL */
};

/* ---- the world ------------------------------------------------------------------------------------------------------------- */

struct world_limits;  /* world/limits.c */
struct world_faults;  /* people/faults.c */

struct world {
    char *name;              /* owned */
    uint64_t seed;
    uint64_t salt;           /* ids come from (seed, salt): 0 unless another living world has the same seed */
    uint64_t key;            /* mix of both */
    char *spec;              /* owned; the JSON it was made from, for reset; opaque */
    ms_t now;
    bool policy_date_is_clock;
    ms_t policy_date;        /* when not the clock */
    ms_t look_ahead;         /* findings tell what will be refused so much later (graph/ahead.c); 0: they do not look */

    struct app **apps;
    uint32_t app_count;
    struct page **pages;
    uint32_t page_count;
    struct credential **credentials;
    uint32_t credential_count, credential_room;
    struct map tokens;       /* token -> credential index */
    struct map page_ids;     /* id and username -> page index */
    struct map app_ids;      /* id -> app index */

    struct thread **thread_chunks;
    uint32_t thread_count;
    struct idmap psids;      /* PSID -> thread index */
    struct map aliases;      /* alias -> thread index */

    struct node **nodes;
    uint32_t node_count, node_room;
    struct map node_ids;     /* id -> node index */
    uint64_t node_counters[NODE_KIND_COUNT];

    struct log messages;
    struct log journal;      /* read with world_journal_read */
    void (*on_record)(void *sink, const char *line, size_t n); /* streams records to a file; NULL: none */
    void *record_sink;

    struct outbox outbox;
    uint64_t next_delivery;  /* numbers of deliveries */
    uint64_t next_trace;     /* counter behind fbtrace ids */
    ms_t delivered_after_ms; /* virtual time from a send to its delivery event; 550 as captured */

    struct map urls;         /* URL -> index in url_answers: what the world's outside answers */
    char **url_answers;      /* pairs: url, answer; owned */
    uint32_t url_count;

    bool ad_window_is_on;
    bool content_rules_are_off; /* nobody looks at what messages say (graph/misuse.def) */
    struct world_limits *limits;
    struct world_faults *faults;
    void (*faults_free)(struct world_faults *faults); /* set by whoever makes them */
    /* Whether a fault answers this Graph call instead of the platform: then *code and *subcode (0: none) are the error. NULL: no faults. */
    bool (*fault_on_call)(struct world *world, struct str method, struct str path, int *code, int *subcode);
};

/* An empty world at `now`: no apps, no pages. Copies name. Give it back with world_free. */
/* name: at most 120 characters of [A-Za-z0-9._/ -], checked by the caller: it stands in every journal record as it is. */
struct world *world_new(const char *name, uint64_t seed, uint64_t salt, ms_t now);
void world_free(struct world **world);
void world_threads_free(struct world *world); /* part of world_free, in thread.c */

/* Moves the clock; asserts that it does not go back. */
void world_set_now(struct world *world, ms_t now);
/* The date that eras are looked up with. */
static inline ms_t
world_policy_date(const struct world *world)
{
    return world->policy_date_is_clock ? world->now : world->policy_date;
}

/* Adds an object. NULL arguments take the seeded value; texts are copied. Ids are unique in the world: returns NULL when `id` is taken. */
struct app *world_add_app(struct world *world, const char *id, const char *secret, const char *verify_token, const char *name);
struct page *world_add_page(struct world *world, const char *id, const char *name, const char *username);
/* Connects an app to a page (no fields subscribed yet). */
struct page_app *page_connect_app(struct page *page, uint32_t app);
struct page_app *page_find_app(const struct page *page, uint32_t app);
/* A new person on a page; psid 0: the next seeded one. NULL when the PSID is taken. */
struct thread *world_add_thread(struct world *world, uint32_t page, uint64_t psid);
/* Gives out a token; token NULL: seeded. NULL when the token is taken. */
struct credential *world_add_credential(struct world *world, enum credential_kind kind, uint32_t app, uint32_t page, const char *token);

/* Look-ups: NULL or INDEX_NONE when not there. */
uint32_t world_find_app(const struct world *world, struct str id);
uint32_t world_find_page(const struct world *world, struct str id_or_username);
struct credential *world_find_token(const struct world *world, struct str token);
struct thread *world_thread(const struct world *world, uint32_t index);
struct thread *world_find_psid(const struct world *world, uint64_t psid);
/* By PSID or alias. */
struct thread *world_find_person(const struct world *world, struct str psid_or_alias);

struct thread_extra *thread_extra(struct thread *thread); /* makes it when needed */
void thread_set_alias(struct world *world, struct thread *thread, const char *alias);
void thread_person(const struct world *world, const struct thread *thread, struct person *person);
/* "t_" and digits, from the PSID and back (0: none). */
#define CONVERSATION_ID_SIZE 28
void thread_conversation_id(const struct thread *thread, char out[CONVERSATION_ID_SIZE]);
struct thread *world_find_conversation(const struct world *world, struct str conversation_id);
/* Who may send now: app index, INDEX_NONE (idle: anybody, or the default app when routing is set), OWNER_INBOX, OWNER_LEADS. Looks at the 24 hours. */
uint32_t thread_owner(const struct world *world, const struct thread *thread);

/* Messages. Stores a message of a thread at the world's now; returns its number. */
uint64_t world_add_message(struct world *world, struct thread *thread, uint32_t app, unsigned flags, struct str text);
struct message *world_message(const struct world *world, uint64_t number); /* NULL when unknown or forgotten */
/* Its id, in the form of the era in which it was written; it stays the same for ever. */
void world_mid(const struct world *world, uint64_t number, char out[MID_SIZE]);
struct message *world_find_mid(const struct world *world, struct str mid, uint64_t *number);

/* Nodes. id NULL: seeded digits (15 to 17, by kind). NULL when the id is taken. */
struct node *world_add_node(struct world *world, enum node_kind kind, const char *id, uint32_t page);
struct node *world_find_node(const struct world *world, enum node_kind kind, struct str id); /* not deleted */
bool world_node_is_deleted(const struct world *world, struct str id); /* there was one of that id */
struct node *world_any_node(const struct world *world, struct str id);                        /* of any kind, not deleted */
struct node *world_node(const struct world *world, uint32_t index);
void node_set_text(struct node *node, struct str text);
void node_set_text2(struct node *node, struct str text);

/* The journal. A record is kept either as its text or raw, to be written out when somebody reads it: a call is decided far more often than it is read.
 * world_record appends a text: `rest` continues the head {"seq":..,"at":..,"world":..,"kind":.. from its first comma to the closing brace. Returns its seq. */
uint64_t world_record(struct world *world, const char *kind, struct str rest);

/* Takes a line (a JSON object, without newline). */
typedef void journal_line_fn(void *to, const char *line, size_t n);
/* Writes a raw record out: the same text whenever it is asked. */
typedef void journal_format_fn(const struct world *world, uint64_t seq, const void *record, size_t n, journal_line_fn *emit, void *to);

/* Room for a raw record of n bytes, 8-byte aligned, to be filled by the caller, who then calls world_recorded. */
void *world_record_raw(struct world *world, size_t n, journal_format_fn *format, uint64_t *seq);
void world_recorded(struct world *world, uint64_t seq);

/* Gives the line of a record to emit; false when it was never there or has been dropped. Seqs begin at 1; world_journal_first is the oldest still held. */
bool world_journal_read(const struct world *world, uint64_t seq, journal_line_fn *emit, void *to);
uint64_t world_journal_first(const struct world *world);
uint64_t world_journal_next(const struct world *world); /* the seq of the next record */

/* The common head of a line, as text: {"seq":1,"at":"...","world":"...","kind":"call" */
#define JOURNAL_HEAD_SIZE 256
size_t world_record_head(const struct world *world, uint64_t seq, ms_t at, const char *kind, char out[JOURNAL_HEAD_SIZE]);

/* What the outside answers for a URL: NULL when fine and unsaid, else the world's word ("unreachable", "image/png" ...). */
const char *world_url_answer(const struct world *world, struct str url);
void world_set_url_answer(struct world *world, const char *url, const char *answer);

#endif
