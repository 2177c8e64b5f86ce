/* A log of webhooks, as loggers and people keep it: where in a line, or in the lines of one pretty-printed document, the bodies are. */
#include <stdlib.h>
#include <string.h>

#include "conformance/alloc.h"
#include "conformance/import.h"

enum { DEPTH_MAX = 8, TRIES_MAX = 16, RECORD_BYTES_MAX = 16 << 20 };

/* ---- bodies in a document -------------------------------------------------------------------------------------------------------- */

static int import_found(struct import *im, json_t *value, bool is_base64, unsigned depth,
                        unsigned *bodies);

/* A text that holds a document of its own: the body as it was received. */
static int
import_inner(struct import *im, const json_t *text, bool is_base64, unsigned depth,
             unsigned *bodies)
{
    const char *s = json_string_value(text);
    char *plain = is_base64 ? import_base64(s) : NULL;
    json_error_t error;
    json_t *inner;
    int result;

    if (plain != NULL)
        s = plain;
    if (strstr(s, "\"entry\"") == NULL) {
        free(plain);
        return 0;
    }
    inner = json_loads(s, JSON_REJECT_DUPLICATES, &error);
    free(plain);
    if (inner == NULL)
        return import_wrong(im, "the body is no JSON: %s", error.text);
    result = import_found(im, inner, false, depth + 1, bodies);
    json_decref(inner);
    return result;
}

/* All bodies in a document, wherever a logger, a gateway or a database put them; counted in `bodies`. */
static int
import_found(struct import *im, json_t *value, bool is_base64, unsigned depth, unsigned *bodies)
{
    const char *key;
    json_t *member;
    size_t i;

    if (depth > DEPTH_MAX)
        return 0;
    if (json_is_string(value))
        return import_inner(im, value, is_base64, depth, bodies);
    if (json_is_array(json_object_get(value, "entry"))) {
        ++*bodies;
        return import_body(im, value);
    }
    is_base64 = json_is_true(json_object_get(value, "isBase64Encoded")); /* an API gateway's */
    json_object_foreach(value, key, member) if (import_found(im, member, is_base64, depth + 1,
                                                             bodies) < 0) return -1;
    json_array_foreach(value, i, member) if (import_found(im, member, false, depth + 1, bodies) <
                                             0) return -1;
    return 0;
}

/* ---- documents in a text ---------------------------------------------------------------------------------------------------------- */

static int
hex_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *digit = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

    return digit == NULL ? -1 : (int)(digit - digits);
}

/* nginx writes quotes as \x22. A new text without that. */
static char *
unescaped(const char *text)
{
    char *plain = alloc_text(text), *to = plain;

    for (const char *s = text; *s != '\0'; s++) {
        int high = s[0] == '\\' && s[1] == 'x' ? hex_of(s[2]) : -1,
            low = high < 0 ? -1 : hex_of(s[3]);

        if (low >= 0) {
            *to++ = (char)(high << 4 | low);
            s += 3;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
    return plain;
}

static bool
is_about_entries(const json_t *document)
{
    char *text = document == NULL ? NULL : json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
    /* also of a document in a text */
    bool is_about = text != NULL &&
                    (strstr(text, "\"entry\"") != NULL || strstr(text, "\\\"entry\\\"") != NULL);

    free(text);
    return is_about;
}

/* Behind what a logger wrote before it: the first document with a body in it. NULL: none. */
static json_t *
behind(const char *text)
{
    unsigned tries = 0;

    for (const char *s = text; *s != '\0' && tries < TRIES_MAX; s++) {
        bool is_text = s[0] == '"' && s[1] == '{' && s[2] == '\\';

        if (*s != '{' && !is_text)
            continue;
        tries++;
        json_t *document =
            json_loads(s, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, NULL);
        if (is_about_entries(document))
            return document;
        json_decref(document);
    }
    return NULL;
}

static json_t *
document_new(const char *text, size_t n, json_error_t *error)
{
    json_t *document = json_loadb(text, n, JSON_REJECT_DUPLICATES, error);

    if (document != NULL || *text == '{')
        return document;
    document = behind(text);
    if (document == NULL && strstr(text, "\\x22entry\\x22") != NULL) {
        char *plain = unescaped(text);
        document = behind(plain);
        free(plain);
    }
    return document;
}

static int
import_record(struct import *im, json_t *document, const char *text)
{
    unsigned bodies = 0;

    if (import_found(im, document, false, 0, &bodies) < 0)
        return -1;
    if (bodies > 0)
        return 0;
    if (strstr(text, "hub.mode") == NULL && strstr(text, "hub.challenge") == NULL)
        return import_wrong(im, "no webhook body, expected {\"object\":\"page\",\"entry\":[...]}");
    import_skip(im, "handshake of the subscription");
    return 0;
}

/* ---- records in the log ------------------------------------------------------------------------------------------------------------ */

/* Lines that belong together: a document over several lines is one record. */
struct record {
    char *s;
    size_t n, room;
    size_t scanned;
    long open; /* brackets */
};

static void
record_add(struct record *r, const char *line, size_t n)
{
    if (r->n + n + 2 > r->room) {
        r->room = (r->n + n + 2) * 2;
        r->s = alloc_checked(realloc(r->s, r->room));
    }
    if (r->n > 0)
        r->s[r->n++] = '\n';
    memcpy(r->s + r->n, line, n);
    r->n += n;
    r->s[r->n] = '\0';
}

/* True when brackets are open at the end of it, outside of texts: no line break stands in those. */
static bool
record_goes_on(struct record *r)
{
    bool is_text = false;

    for (; r->scanned < r->n; r->scanned++) {
        char c = r->s[r->scanned];

        if (is_text && c == '\\')
            r->scanned++;
        else if (c == '"')
            is_text = !is_text;
        else if (!is_text && (c == '{' || c == '['))
            r->open++;
        else if (!is_text && (c == '}' || c == ']'))
            r->open--;
    }
    return !is_text && r->open > 0;
}

static int
wrong_json(struct import *im, const json_error_t *error)
{
    char further[32] = "";

    if (error->line > 1)
        snprintf(further, sizeof further, " of line %lu",
                 im->line + (unsigned long)error->line - 1);
    return import_wrong(im, "no JSON at column %d%s: %s, expected one webhook body a line",
                        error->column, further, error->text);
}

/* The lines of the record that begins with this one are read when it is not whole. */
static int
import_lines(struct import *im, struct record *r, char **line, size_t *room, size_t n)
{
    unsigned long first = im->line, last;
    json_error_t error;
    json_t *document;
    int more = 1;

    r->n = r->scanned = 0;
    r->open = 0;
    record_add(r, *line, n);
    document = document_new(r->s, r->n, &error);
    if (document == NULL && record_goes_on(r)) {
        do {
            more = import_line(im, line, room, &n);
            if (more == 1)
                record_add(r, *line, n);
        } while (more == 1 && record_goes_on(r) && r->n <= RECORD_BYTES_MAX);
        if (more < 0)
            return -1;
        if (r->n > RECORD_BYTES_MAX) {
            im->line = first;
            return import_wrong(im,
                                "a record of more than 16 MiB, expected one webhook body a line");
        }
        document = document_new(r->s, r->n, &error);
    }
    last = im->line;
    im->line = first;
    int result = document != NULL ? import_record(im, document, r->s) : wrong_json(im, &error);
    json_decref(document);
    im->line = result == 0 ? last : first;
    return result;
}

int
import_webhooks(struct import *im)
{
    struct record record = {0};
    char *line = NULL;
    size_t room = 0, n;
    int more, result = 0;

    im->late_ms_max = IMPORT_RETRIES_MS;
    while (result == 0 && (more = import_line(im, &line, &room, &n)) != 0) {
        if (more < 0)
            result = -1;
        else if (strspn(line, " \t") < n)
            result = import_lines(im, &record, &line, &room, n);
    }
    free(record.s);
    free(line);
    return result;
}
