#include "conformance/record_har.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conformance/alloc.h"
#include "conformance/moment.h"

struct har_file {
    FILE *file;
    char *path, *part;
    pthread_mutex_t lock;
    bool has_entries;
};

static const char *const secrets[] = {"access_token", "appsecret_proof",   "client_secret",
                                      "input_token",  "fb_exchange_token", "verify_token"};

/* The length of a name of a secret that begins here; 0: none. */
static size_t
secret_name_at(const char *text, size_t n)
{
    for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
        if (strlen(secrets[k]) <= n && memcmp(text, secrets[k], strlen(secrets[k])) == 0)
            return strlen(secrets[k]);
    return 0;
}

static size_t
letters_at(const char *text, size_t n)
{
    size_t length = 0;

    while (length < n && isalnum((unsigned char)text[length]))
        length++;
    return length;
}

/* What looks like a token under whatever name, from here on: EA and forty letters and digits more, or the secret behind
 * APP-ID| however the bar is written. Gives its length, and where in it the secret begins; 0: none. */
static size_t
token_at(const char *text, size_t n, size_t *secret_from)
{
    static const char *const bars[] = {"|", "%7C", "%7c", "\\u007c", "\\u007C"};
    size_t length = letters_at(text, n), digits = 0;

    *secret_from = 0;
    if (length >= 42 && text[0] == 'E' && text[1] == 'A')
        return length;
    while (digits < n && isdigit((unsigned char)text[digits]))
        digits++;
    for (size_t k = 0; digits >= 8 && k < sizeof bars / sizeof *bars; k++) {
        size_t bar = strlen(bars[k]);
        if (bar > n - digits || memcmp(text + digits, bars[k], bar) != 0)
            continue;
        *secret_from = digits + bar;
        length = letters_at(text + *secret_from, n - *secret_from);
        return length >= 8 ? *secret_from + length : 0;
    }
    return 0;
}

/* A text under construction that is never longer than four times its source. */
struct plain {
    char *s;
    size_t n;
};

static void
put(struct plain *to, const char *bytes, size_t n)
{
    memcpy(to->s + to->n, bytes, n);
    to->n += n;
}

/* The value behind a name of a secret, in a query, a form, a part of one or a JSON text, up to the character that ends such a
 * value. Gives where it ends. */
static size_t
mask_value(struct plain *to, const char *text, size_t n, size_t i)
{
    for (; i < n && strchr("\\\": =\r\n", text[i]) != NULL && text[i] != '\0'; i++)
        put(to, text + i, 1);
    if (i == n || strchr("&,}", text[i]) != NULL)
        return i;
    put(to, "***", 3);
    while (i < n && strchr("\\\"&,} \r\n", text[i]) == NULL)
        i++;
    return i;
}

/* Without secrets: those behind their names, and what looks like one. A new text of *masked_n bytes. */
static char *
masked(const char *text, size_t n, size_t *masked_n)
{
    struct plain out = {alloc_checked(malloc(n * 4 + 4)), 0};
    size_t length, secret_from;

    for (size_t i = 0; i < n;) {
        bool is_start = i == 0 || !isalnum((unsigned char)text[i - 1]);

        if ((length = secret_name_at(text + i, n - i)) > 0) {
            put(&out, text + i, length);
            i = mask_value(&out, text, n, i + length);
        } else if (is_start && (length = token_at(text + i, n - i, &secret_from)) > 0) {
            put(&out, text + i, secret_from);
            put(&out, "***", 3);
            i += length;
        } else {
            put(&out, text + i++, 1);
        }
    }
    out.s[out.n] = '\0';
    *masked_n = out.n;
    return out.s;
}

static json_t *
text_or_size(const char *bytes, size_t n)
{
    size_t length;
    char *plain = masked(bytes, n, &length);
    json_t *text = json_stringn(plain, length);

    free(plain);
    return text != NULL ? text : json_sprintf("(%zu bytes)", n);
}

struct har_file *
har_open(const char *path, char *why, size_t size)
{
    struct har_file *har = alloc_zero(1, sizeof *har);

    har->path = alloc_text(path);
    har->part = alloc_print("%s.part", path);
    har->file = fopen(har->part, "w");
    if (har->file == NULL) {
        snprintf(why, size, "cannot write %s: %s", har->part, strerror(errno));
        free(har->path);
        free(har->part);
        free(har);
        return NULL;
    }
    pthread_mutex_init(&har->lock, NULL);
    fputs("{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"understudy\",\"version\":"
          "\"" UNDERSTUDY_VERSION "\"},\"entries\":[\n",
          har->file);
    return har;
}

void
har_add(struct har_file *har, const struct har_entry *entry)
{
    char started[MOMENT_TEXT_SIZE];
    size_t length;
    char *url = masked(entry->url, strlen(entry->url), &length);
    json_t *request, *response, *shown;

    moment_write(entry->started_ms, started);
    request = json_pack("{s:s, s:s, s:s, s:[], s:[], s:[], s:i, s:I}", "method", entry->method,
                        "url", url, "httpVersion", "HTTP/1.1", "headers", "queryString", "cookies",
                        "headersSize", -1, "bodySize", (json_int_t)entry->request_n);
    if (entry->request_n > 0)
        json_object_set_new(request, "postData",
                            json_pack("{s:s, s:o}", "mimeType",
                                      entry->request_type != NULL ? entry->request_type : "",
                                      "text", text_or_size(entry->request, entry->request_n)));
    response =
        json_pack("{s:i, s:s, s:s, s:[], s:[], s:s, s:i, s:I, s:{s:I, s:s, s:o}}", "status",
                  entry->status, "statusText", "", "httpVersion", "HTTP/1.1", "headers", "cookies",
                  "redirectURL", "", "headersSize", -1, "bodySize", (json_int_t)entry->response_n,
                  "content", "size", (json_int_t)entry->response_n, "mimeType",
                  entry->response_type != NULL ? entry->response_type : "", "text",
                  text_or_size(entry->response, entry->response_n));
    shown =
        json_pack("{s:s, s:I, s:o, s:o, s:{}, s:{s:i, s:I, s:i}}", "startedDateTime", started,
                  "time", (json_int_t)entry->took_ms, "request", request, "response", response,
                  "cache", "timings", "send", 0, "wait", (json_int_t)entry->took_ms, "receive", 0);
    pthread_mutex_lock(&har->lock);
    if (har->has_entries)
        fputs(",\n", har->file);
    har->has_entries = true;
    json_dumpf(shown, har->file, JSON_COMPACT);
    pthread_mutex_unlock(&har->lock);
    json_decref(shown);
    free(url);
}

int
har_close(struct har_file *har, char *why, size_t size)
{
    bool is_written = fputs("\n]}}\n", har->file) >= 0;

    is_written &= fclose(har->file) == 0;
    is_written = is_written && rename(har->part, har->path) == 0;
    if (!is_written)
        snprintf(why, size, "cannot write %s: %s", har->path, strerror(errno));
    pthread_mutex_destroy(&har->lock);
    free(har->path);
    free(har->part);
    free(har);
    return is_written ? 0 : -1;
}
