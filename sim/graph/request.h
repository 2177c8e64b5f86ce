/*
 * One call as it came over the wire, and its parameters, whichever of the four encodings brought
 * them. It reads bytes into one kind of tree; it does not judge what the parameters mean.
 */
#ifndef UNDERSTUDY_GRAPH_REQUEST_H
#define UNDERSTUDY_GRAPH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/str.h"
#include "graph/json.h"
#include "world/arena.h"

enum method {
    METHOD_GET,
    METHOD_POST,
    METHOD_DELETE,
    METHOD_PUT,
    METHOD_HEAD,
    METHOD_OPTIONS,
    METHOD_OTHER
};

/*
 * All slices are borrowed from the connection for the length of the call. A header that was not
 * sent is STR_NONE.
 */
struct request {
    enum method method;
    struct str method_text;
    struct str path;  /* raw, without the query; may be the absolute form: see request_target */
    struct str query; /* raw, without '?' */
    struct str content_type;
    struct str authorization;
    struct str if_none_match;
    struct str user_agent;
    struct str body; /* decoded from chunks, whole */
    bool is_too_large; /* the body was longer than the platform takes; none of it is here */
    bool is_cut;       /* the body ended before its announced end; what came of it is here */
};

/* In any case of letters: batch items and the parameter `method` come in lower case. */
enum method method_of(struct str word);

/* "get", "post", "delete" ... as error texts want it. */
const char *method_word(enum method);

/*
 * Sets path and query from a request target: `/v19.0/me?x=1` or `http://host/v19.0/me?x=1` (RFC
 * 9112 3.2.2).
 */
void request_target(struct request *, struct str target);

enum encoding { ENC_NONE, ENC_JSON, ENC_FORM, ENC_MULTIPART, ENC_QUERY };
const char *encoding_name(enum encoding); /* "none", "json", "form", "multipart", "query" */

#define PARAMS_MAX 256
#define FILES_MAX 8

struct param {
    struct str key;
    const struct jnode
        *value; /* never NULL; of a form: a J_STRING unless it begins with '{' or '[' */
};

struct file_part {
    struct str name;         /* of the form field; any name is taken */
    struct str filename;     /* STR_NONE when absent */
    struct str content_type; /* without parameters; STR_NONE when absent */
    struct str data;
};

/*
 * What params_read makes. `problem` is NULL or a constant that tells what is wrong with the body,
 * at problem_offset: not JSON, cut off ... (GnuTLS owns the tag `params`.)
 */
struct parameters {
    struct param at[PARAMS_MAX];
    unsigned n;
    struct file_part files[FILES_MAX];
    unsigned nfiles;
    enum encoding encoding; /* of the body; without one ENC_QUERY, without a query ENC_NONE */
    const char *problem;
    size_t problem_offset; /* bytes from the start of the body */
    struct str json_text;  /* ENC_JSON: the body as sent, for the journal */
    bool body_ignored;     /* there was a body, but of a content type that nobody reads */
    bool is_odd;           /* json_text is nothing that every reader of JSON takes */
};

/*
 * All parameters of the request. Those of the body win over those of the query. The trees lie in
 * the arena; strings may point into the request. Reads bodies of GET and DELETE as well. After a
 * problem the parameters of the query, and what was read of the body until then, are still there.
 *
 * Which body is read how: a content type with "json" as JSON, multipart/ as multipart,
 * application/x-www-form-urlencoded as a form, even when the text looks like JSON, as the platform
 * does; no content type at all: JSON when it begins with '{', else a form [inferred]; any other
 * content type is not read. A text value that begins with '{' or '[' is read as JSON, leniently,
 * and stays a text when it is none; so is `a[b][0]=x`, as PHP writes it, except that its leaves
 * always stay texts.
 */
void params_read(struct parameters *, const struct request *, struct arena *);

/*
 * The same for one item of a batch: `body` is read as a form (or as JSON when it begins with '{'),
 * merged over the query.
 */
void params_read_item(struct parameters *, struct str query, struct str body, struct arena *);

/* Every member of the object as a parameter; they win over those that are there. */
void params_merge(struct parameters *, const struct jnode *object, struct arena *);

/*
 * The parameter of that name, or NULL; null counts as not given (several clients send "tag":null).
 */
const struct jnode *params_find(const struct parameters *, struct str name);

static inline const struct jnode *
params_get(const struct parameters *params, const char *name)
{
    return params_find(params, str_of(name)); /* inline: the length of a constant is one */
}

/* Its text when it is a string or a number, else STR_NONE. */
static inline struct str
params_text(const struct parameters *params, const char *name)
{
    return json_text(params_get(params, name));
}

/*
 * access_token from any parameter, else from `Authorization: Bearer x` or `OAuth x`; STR_NONE when
 * there is none.
 */
struct str params_token(const struct parameters *, const struct request *);

/* The method that counts: the request's, or on a POST the parameter `method` (any case). */
enum method params_method(const struct parameters *, const struct request *);

/*
 * %XX decoded, '+' as a space when it is a form; a '%' without two hex digits stays. In the arena
 * when anything had to be decoded.
 */
struct str percent_decode(struct str text, bool is_form, struct arena *);

#endif
