/* api.h - the Graph API as a function: a request and a world in, a reply out. Knows no sockets and no clock. Every stage is a row of an array and
 * there is one exit, where the reply is rendered and the journal line written. */
#ifndef UNDERSTUDY_GRAPH_API_H
#define UNDERSTUDY_GRAPH_API_H

#include "core/graph_error.h"
#include "core/policy.h"
#include "graph/error_body.h"
#include "graph/json.h"
#include "graph/jwrite.h"
#include "graph/request.h"
#include "world/arena.h"
#include "world/limits.h"
#include "world/world.h"

/* The longest message of an error: enum errors list all that would do. */
#define ERROR_TEXT_MAX 8192

#define FINDINGS_MAX 16
#define REPLY_HEADERS_MAX 8

struct finding {
    enum rule_id rule;
    const char *detail; /* arena or constant */
};

/* What goes back. Owned by the caller of graph_handle, who gives the buffer back with reply_fini and may reuse it. */
struct reply {
    int status;
    struct buf body;
    struct buf scratch;            /* the message, then the journal record in the making */
    const char *content_type;      /* constant; "application/json; charset=UTF-8" */
    char www_authenticate[600];    /* "" : no header */
    version_t version;             /* facebook-api-version; 0: none */
    char fbtrace[FBTRACE_SIZE];    /* x-fb-request-id, and fbtrace_id of errors */
    char trace_short[12];          /* x-fb-trace-id: 11 characters */
    char etag[40];                 /* "" : no header */
    const char *rule;              /* X-Understudy-Rule; NULL: none */
    struct finding findings[FINDINGS_MAX];
    unsigned finding_count;
    bool is_error;
    struct { const char *name; char *value; /* owned */ } headers[REPLY_HEADERS_MAX]; /* further ones: X-App-Usage, Location ... */
    unsigned header_count;
    /* Set when the answer needs the outside first: the edge performs the handshake, then calls graph_handshake_done. */
    bool wants_handshake;
    char *handshake_url;           /* owned */
    char *handshake_token;         /* owned */
    char handshake_challenge[24];
};

void reply_reset(struct reply *reply); /* ready for the next call; memory kept */
void reply_fini(struct reply *reply);
/* A copy of value is kept. */
void reply_header(struct reply *reply, const char *name, const char *value);

struct route;
struct handshake_outcome;

/* What the first component of a path names. */
enum object_kind {
    OBJECT_WORD,         /* debug_token, oauth ...: a word of the platform's own; the edge column holds it */
    OBJECT_ROOT,         /* no component at all: batch, ?ids= */
    OBJECT_PAGE,
    OBJECT_PERSON,       /* a PSID */
    OBJECT_USER,         /* `me` with a user token */
    OBJECT_APP,
    OBJECT_CONVERSATION, /* t_... */
    OBJECT_MESSAGE,      /* a message id */
    OBJECT_ATTACHMENT, OBJECT_PERSONA, OBJECT_LABEL, OBJECT_POST, OBJECT_COMMENT, OBJECT_TEMPLATE, OBJECT_AD_ACCOUNT,
    OBJECT_CAMPAIGN,     /* of marketing messages; broadcasts, creatives and estimates of old too */
    OBJECT_KIND_COUNT
};

/* One call on its way through the stages. Lives on the stack of graph_handle. */
struct call {
    struct world *world;           /* locked for the whole call */
    ms_t now;                      /* read once; nobody asks again */
    ms_t as_of;                    /* policy date */
    const struct request *req;     /* borrowed */
    struct parameters *params;         /* borrowed; of all encodings */
    struct arena *arena;           /* memory until the reply is gone */
    struct reply *reply;
    struct str token;              /* access token as sent, STR_NONE */
    enum method method;            /* after the `method` parameter */

    /* The path, taken apart by match_route. Slices of the request. */
    version_t version_asked;       /* 0: none in the path */
    version_t version;             /* that serves */
    struct str node_id;            /* "me" stays as it is; STR_NONE for the root */
    struct str edge;               /* what follows it: "messages", "a/b", "" */
    const struct route *route;
    bool is_batched;               /* an element of a batch */
    enum object_kind item_object;  /* what the items of the list being written are, when their edges can be shown as fields; OBJECT_WORD: they cannot */
    unsigned depth;                /* 0: the object that the path names; more: inside an edge shown as its field (node.c) */
    struct str selection;          /* what follows the name of the field being written: ".limit(2){id}" (node.c) */
    const char *shown_type;        /* the platform's name for the kind of object being written, where the path does not tell (node.c); constant, NULL */

    /* Set by authenticate and find_object. */
    struct credential *credential;
    struct app *app;               /* the calling app */
    uint32_t app_index;
    struct page *page;             /* the page the call works on */
    uint32_t page_index;
    struct thread *thread;         /* the person, when known */
    ms_t edge_until;               /* of edges that ended on a date: that date; 0: none */
    struct node *node;             /* the object in the path when it is one of the node store */
    struct app *object_app;        /* the app in the path */
    struct message *message;       /* the message in the path */
    uint64_t message_number;
    enum object_kind object;       /* what the first component names (route.h) */

    /* Set by check_fields: the value of each field by symbol (fields.def), NULL when absent. */
    const struct jnode **fields;
    uint8_t *fields_seen;          /* bit per field symbol, for coverage */
    const char *template_kind;     /* for coverage; constant */

    /* Set by decide_policy. */
    struct policy_ask ask;
    struct policy_view view;       /* what the policy saw */
    struct node *grant;            /* the token, comment or user_ref that `recipient` names */

    /* Set by check_content. */
    struct node *attachment;       /* made by this call: is_reusable or an upload */
    struct node *persona;

    /* Set by check_limits and check_consent: what the call counts as, and for whom. */
    struct limit_ask limit_ask;

    struct verdict verdict;        /* rule, error and what was seen */
    bool is_injected;              /* a fault made the answer */
    const struct handshake_outcome *handshake; /* second half of a call that wanted one; NULL in the first */
    const char *error_args[4];     /* what the %s of the error's text stand for */
    unsigned error_arg_count;
    struct error_extra error_extra;
};

/* Once, before the first call: the look-up tables of routes and fields. */
void graph_init(void);

/* Handles one call, decides everything, writes the journal record and fills the reply. params were read by params_read (outside the lock); token by
 * params_token. All memory of the call comes from the arena. Returns when the reply is ready, or with reply->wants_handshake. */
void graph_handle(struct world *world, const struct request *req, struct parameters *params, struct arena *arena, struct reply *reply);

/* A call inside another one, an element of a batch or one of `ids`: the same in all, its own journal record too. What it takes from the arena lives as long as the
 * outer call. A handshake cannot be had in there: then reply->wants_handshake is set and nothing was recorded. */
enum graph_err graph_handle_item(struct call *parent, const struct request *req, struct parameters *params, struct reply *reply);

/* What the edge got from the callback: status 0 and a curl error, or a status and whether the body was the challenge. */
struct handshake_outcome {
    int status;
    const char *reason;     /* reason phrase, borrowed; "" when none */
    bool body_matches;
    int curl_errno;
    const char *curl_error; /* borrowed; NULL when there was an answer */
};

/* The second half of a call that wanted a handshake; same arguments as before. The stages run again: what the first half saw may have changed meanwhile. */
void graph_handshake_done(struct world *world, const struct request *req, struct parameters *params, struct arena *arena, struct reply *reply,
                          const struct handshake_outcome *outcome);

/* ---- for handlers ---------------------------------------------------------------------------------------------------------- */

/* A handler fills c->reply->body (status 200 is preset) and returns ERR_NONE, or an error: then it set the arguments with call_fail. */
typedef enum graph_err handler_fn(struct call *call);

/* Sets rule, error and up to four arguments (C strings or arena text; NULL ends) and returns the error, so that handlers write
 * `return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "name", NULL);` */
enum graph_err call_fail(struct call *call, enum rule_id rule, enum graph_err error, ...) __attribute__((sentinel));
/* The same for a str argument. */
enum graph_err call_fail_str(struct call *call, enum rule_id rule, enum graph_err error, struct str argument);
/* Who has this PSID at the call's page becomes call->thread; else RCPT-KNOWN. */
enum graph_err call_find_person(struct call *call, struct str psid);
/* Marks a rule as consulted and, when it held, as the quiet outcome. */
void call_saw(struct call *call, enum rule_id rule);
/* Adds a finding (detail: arena or constant text). */
void call_finding(struct call *call, enum rule_id rule, const char *detail);
/* A parameter by name: body before query; NULL. */
static inline const struct jnode *
call_param(const struct call *call, const char *name)
{
    return params_get(call->params, name);
}
/* Its text when it is a string or number, STR_NONE. */
static inline struct str
call_text(const struct call *call, const char *name)
{
    return params_text(call->params, name);
}
/* Formats into the arena. */
char *call_printf(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The day of an instant, 2026-04-27, in the call's arena. */
char *call_date(struct call *call, ms_t at);

/* ---- tables as JSON: what `understudy rules --json` and GET /_sim/rules print (docs/design.md) ------------------------------- */
/* acts: the list of acts as JSON (they live above this room), STR_NONE: none. */
void rules_json(struct buf *out, ms_t as_of, struct str acts);

#endif
