/* limit.h - the limits of the platform as rows: what is counted, for whom, over how long, and what a call too many gets. Pure tables; the counters
 * are world/limits.c's, what a call is and the headers are graph/limits.c's. Every limit is a rule too (rules.def): its id names both. */
#ifndef UNDERSTUDY_CORE_LIMIT_H
#define UNDERSTUDY_CORE_LIMIT_H

#include "core/policy.h"

/* For whom is counted. */
enum limit_key { KEY_APP, KEY_PAGE, KEY_APP_PAGE, KEY_PERSON, KEY_TOKEN, KEY_TOPIC, KEY_USER, LIMIT_KEY_COUNT };

/* What a call is; one call can be several things. */
enum call_class {
    CLASS_SEND = 1,             /* a send of text, links, templates, pictures, reactions, actions */
    CLASS_SEND_MEDIA = 2,       /* a send of audio or video */
    CLASS_MESSAGE = 4,          /* any send that is a message */
    CLASS_PRIVATE_REPLY = 8,
    CLASS_PHONE = 16,           /* a send to a phone number */
    CLASS_TAGGED = 32,          /* a message with any tag */
    CLASS_RECURRING = 64,       /* a send by a notification token */
    CLASS_OPTIN_REQUEST = 128,  /* a request for recurring notifications */
    CLASS_MARKETING = 256,      /* a paid marketing message */
    CLASS_CONVERSATIONS = 512,
    CLASS_CONVERSATION_LIST = 1024, /* all conversations of a page */
    CLASS_PROFILE = 2048,       /* the Messenger profile */
    CLASS_USER_SETTINGS = 4096,
    CLASS_MESSENGER = 8192,     /* any call of the Messenger Platform */
    CLASS_PAGES = 16384,        /* any other call on a page, with a page or system token */
    CLASS_PAGES_BY_USER = 32768, /* the same with a user token */
    CLASS_BY_USER = 65536,      /* anything with a user token that is about no page */
    CLASS_BY_APP = 131072,      /* anything with an app token */
    CLASS_RN_DAILY = 262144,    /* a send by a token of that frequency */
    CLASS_RN_WEEKLY = 524288,
    CLASS_RN_MONTHLY = 1048576,
    CLASS_UPDATE_TAG = 2097152, /* a message with one of the update tags */
    CLASS_MISUSE = 4194304,     /* no call: a tag was found to be misused */
    CLASS_BLOCK = 8388608       /* no call: a person blocked or reported the page */
};

/* What is known only once the policy has decided: limits that refuse these are looked at after it. */
#define CLASSES_OF_CONSENT                                                                                                          \
    (CLASS_TAGGED | CLASS_UPDATE_TAG | CLASS_RECURRING | CLASS_RN_DAILY | CLASS_RN_WEEKLY | CLASS_RN_MONTHLY | CLASS_OPTIN_REQUEST | \
     CLASS_MARKETING)

/* Which calls are charged: those that the limits let pass, whatever else becomes of them, or those that succeeded. */
enum limit_counts { COUNTS_CALLS, COUNTS_SENT };

/* Which usage header a limit's counter feeds. */
enum limit_usage { USAGE_NONE, USAGE_APP, USAGE_MESSENGER, USAGE_PAGES };

enum limit_id {
#define LIMIT(symbol, ...) LIMIT_##symbol,
#include "core/limits.def"
#undef LIMIT
    LIMIT_COUNT
};

struct limit_row {
    enum rule_id rule;       /* its id, error, era, fidelity, cite and texts */
    enum limit_key key;
    ms_t window;
    int64_t max;
    bool is_per_person;      /* max is for each person whom the page can message */
    unsigned charged;        /* call_class: what is counted */
    unsigned refused;        /* call_class: what is refused when the window is full; other than `charged`: a mark, which is full above max and not at it */
    enum limit_counts counts;
    bool is_on;              /* without being asked for; limits whose numbers are not public are off */
    enum limit_usage usage;
};

const struct limit_row *limit_row(enum limit_id limit);
/* The limit of a rule, LIMIT_COUNT when it is none. */
enum limit_id limit_of_rule(enum rule_id rule);
/* By id, in any case of letters; LIMIT_COUNT: none. */
enum limit_id limit_named(const char *id);
const char *limit_key_text(enum limit_key key);

#endif
