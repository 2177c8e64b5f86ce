#include "conformance/record_har.h"

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

/* Masks what follows each name of a secret in a query, a form or a JSON text: up to the character that ends such a value. A new text. */
static char *
masked(const char *text, size_t n)
{
    char *out = alloc_checked(malloc(n * 4 + 1));
    size_t to = 0;

    for (size_t i = 0; i < n;) {
        size_t length = 0;

        for (size_t k = 0; k < sizeof secrets / sizeof *secrets && length == 0; k++)
            if (strlen(secrets[k]) <= n - i &&
                memcmp(text + i, secrets[k], strlen(secrets[k])) == 0)
                length = strlen(secrets[k]);
        if (length == 0) {
            out[to++] = text[i++];
            continue;
        }
        memcpy(out + to, text + i, length);
        to += length;
        i += length;
        while (i < n && strchr("\\\": =", text[i]) != NULL)
            out[to++] = text[i++];
        if (i < n && (strchr("&,}", text[i]) != NULL))
            continue;
        memcpy(out + to, "***", 3);
        to += 3;
        while (i < n && strchr("\\\"&,} \n", text[i]) == NULL)
            i++;
    }
    out[to] = '\0';
    return out;
}

static json_t *
text_or_size(const char *bytes, size_t n)
{
    char *plain = masked(bytes, n);
    json_t *text = json_string(plain);

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
    char *url = masked(entry->url, strlen(entry->url));
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
