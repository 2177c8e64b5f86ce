/* HAR 1.2: the webhook posts among the requests of a proxy or browser log. */
#include <stdlib.h>
#include <string.h>

#include "conformance/alloc.h"
#include "conformance/import.h"

char *
import_base64(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *bytes = alloc_zero(strlen(text) + 1, 1);
    uint32_t bits = 0;
    size_t n = 0;
    unsigned held = 0;

    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        if (digit == NULL) {
            free(bytes);
            return NULL;
        }
        bits = bits << 6 | (uint32_t)(digit - digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[n++] = (char)(bits >> held & 0xff);
        }
    }
    return bytes;
}

/* mitmproxy and others write bodies that they take for binary as base64. */
static json_t *
body_new(const json_t *post)
{
    const char *text = json_string_value(json_object_get(post, "text"));
    const char *encoding = json_string_value(json_object_get(post, "encoding"));

    if (text == NULL || encoding == NULL || strcmp(encoding, "base64") != 0)
        return text == NULL ? NULL : json_loads(text, 0, NULL);
    char *plain = import_base64(text);
    json_t *body = plain == NULL ? NULL : json_loads(plain, 0, NULL);
    free(plain);
    return body;
}

static int
import_entry(struct import *im, const json_t *entry)
{
    const json_t *request = json_object_get(entry, "request");
    const json_t *post = json_object_get(request, "postData");
    const char *method = json_string_value(json_object_get(request, "method"));
    const char *text = json_string_value(json_object_get(post, "text"));
    bool is_post = method != NULL && strcasecmp(method, "POST") == 0 && text != NULL;
    json_t *body = is_post ? body_new(post) : NULL;
    int result = 0;

    if (body != NULL && json_is_string(json_object_get(body, "object")) &&
        json_is_array(json_object_get(body, "entry")))
        result = import_body(im, body);
    else if (body == NULL && is_post && strstr(text, "\"object\"") != NULL &&
             strstr(text, "\"entry\"") != NULL)
        import_skip(im, "webhook post whose body is cut off");
    else
        import_skip(im, "request that is no webhook post");
    json_decref(body);
    return result;
}

/* Entries in the order they began: proxies write them down as they end. One whose time cannot be read stays behind the one before it. */
struct begun {
    int64_t at;
    size_t place;
    const json_t *entry;
};

static int
by_time(const void *a, const void *b)
{
    const struct begun *x = a, *y = b;

    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->place < y->place ? -1 : 1);
}

static int
import_entries(struct import *im, const json_t *entries)
{
    size_t count = json_array_size(entries);
    struct begun *begun = alloc_zero(count, sizeof *begun);
    int64_t at = INT64_MIN;
    int result = 0;

    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);

        import_read_time(json_string_value(json_object_get(entry, "startedDateTime")), &at);
        begun[i] = (struct begun){at, i, entry};
    }
    if (count > 0)
        qsort(begun, count, sizeof *begun, by_time);
    for (size_t i = 0; i < count && result == 0; i++)
        result = import_entry(im, begun[i].entry);
    free(begun);
    return result;
}

/* The number behind \\u; -1 when there is none. */
static long
escaped_at(const char *text)
{
    char digits[5] = "";

    if (text[0] != '\\' || text[1] != 'u')
        return -1;
    memcpy(digits, text + 2, strnlen(text + 2, 4));
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

/* Answers that were cut off may end within a character: half of a pair, which no JSON may hold, becomes U+FFFD. */
static void
mend_halves(char *text)
{
    for (char *s = strchr(text, '\\'); s != NULL; s = strchr(s, '\\')) {
        long c = escaped_at(s);
        bool is_high = c >= 0xd800 && c < 0xdc00, is_low = c >= 0xdc00 && c < 0xe000;
        long next = is_high ? escaped_at(s + 6) : -1;

        if (is_high && next >= 0xdc00 && next < 0xe000) {
            s += 12;
            continue;
        }
        if (is_high || is_low)
            memcpy(s + 2, "fffd", 4);
        s += c >= 0 ? 6 : s[1] != '\0' ? 2 : 1;
    }
}

/* The rest of the file as a text, for it is read whole anyway. */
static char *
text_of_file(FILE *in, size_t *n)
{
    size_t room = 65536;
    char *text = alloc_checked(malloc(room));

    *n = 0;
    for (size_t got; (got = fread(text + *n, 1, room - *n - 1, in)) > 0;) {
        *n += got;
        if (room - *n < 2)
            text = alloc_checked(realloc(text, room *= 2));
    }
    text[*n] = '\0';
    return text;
}

int
import_har(struct import *im)
{
    json_error_t error;
    size_t n;
    char *text = text_of_file(im->in, &n);
    mend_halves(text);
    json_t *har = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    free(text);
    const json_t *entries = json_object_get(json_object_get(har, "log"), "entries");
    int result;

    im->line = har == NULL ? (unsigned long)error.line : 0;
    if (har == NULL)
        return import_wrong(im, "no JSON: %s, expected a HAR 1.2 file", error.text);
    im->late_ms_max = IMPORT_RETRIES_MS;
    result = json_is_array(entries) ? import_entries(im, entries)
                                    : import_wrong(im, "no log.entries, expected a HAR 1.2 file");
    json_decref(har);
    return result;
}
