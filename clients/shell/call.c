#include "shell.h"

#include <curl/curl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_BYTES = 2048, ANSWER_SECONDS_MAX = 30 };

struct shell_line {
    const struct shell_env *env; /* borrowed */
    CURL *curl;
    struct curl_slist *headers;
    char query[URL_BYTES / 2]; /* what every URL ends with */
    bool token_in_query;
};

struct answer {
    char *bytes;
    size_t length;
    struct shell_reply *reply; /* borrowed */
};

static size_t
on_bytes(char *bytes, size_t size, size_t count, void *closure)
{
    struct answer *answer = closure;
    char *grown = realloc(answer->bytes, answer->length + size * count + 1);

    if (!grown)
        abort();
    memcpy(grown + answer->length, bytes, size * count);
    answer->bytes = grown;
    answer->length += size * count;
    grown[answer->length] = '\0';
    return size * count;
}

/* {"<page or business>":[{"type":"messenger","estimated_time_to_regain_access":N, ...}]}, N in minutes. */
static long
regain_minutes(const char *usage)
{
    json_t *root = json_loads(usage, 0, NULL);
    long minutes = 0;
    const char *owner;
    json_t *list, *row;
    size_t i;

    json_object_foreach(root, owner, list)
    {
        json_array_foreach(list, i, row)
        {
            long row_minutes =
                (long)json_integer_value(json_object_get(row, "estimated_time_to_regain_access"));
            if (row_minutes > minutes)
                minutes = row_minutes;
        }
    }
    json_decref(root);
    return minutes;
}

static size_t
on_header(char *bytes, size_t size, size_t count, void *closure)
{
    static const char date[] = "Date:", usage[] = "X-Business-Use-Case-Usage:";
    struct answer *answer = closure;
    char line[4096];

    if (size * count < sizeof line) {
        memcpy(line, bytes, size * count);
        line[size * count] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        if (strncasecmp(line, date, sizeof date - 1) == 0) {
            time_t seconds = curl_getdate(line + sizeof date - 1, NULL);
            if (seconds > 0)
                answer->reply->date_ms = (long long)seconds * 1000;
        } else if (strncasecmp(line, usage, sizeof usage - 1) == 0) {
            answer->reply->regain_minutes = regain_minutes(line + sizeof usage - 1);
        }
    }
    return size * count;
}

static void
write_proof(const struct shell_env *env, char proof[65])
{
    unsigned char digest[32] = {0};

    gnutls_hmac_fast(GNUTLS_MAC_SHA256, env->app_secret, strlen(env->app_secret), env->page_token,
                     strlen(env->page_token), digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(proof + 2 * i, 3, "%02x", digest[i]);
}

struct shell_line *
shell_line_new(const struct shell_env *env, bool token_in_query)
{
    struct shell_line *line = shell_alloc(sizeof *line);
    char proof[65], bearer[URL_BYTES];

    *line = (struct shell_line){.env = env, .token_in_query = token_in_query};
    line->curl = curl_easy_init();
    if (!line->curl)
        abort();
    line->headers = curl_slist_append(NULL, "Content-Type: application/json");
    line->headers = curl_slist_append(line->headers, "Expect:");
    if (token_in_query) {
        char *escaped = curl_easy_escape(line->curl, env->page_token, 0);
        snprintf(line->query, sizeof line->query, "access_token=%s", escaped);
        curl_free(escaped);
    } else {
        write_proof(env, proof);
        snprintf(line->query, sizeof line->query, "appsecret_proof=%s", proof);
        snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", env->page_token);
        line->headers = curl_slist_append(line->headers, bearer);
    }
    curl_easy_setopt(line->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(line->curl, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS_MAX);
    curl_easy_setopt(line->curl, CURLOPT_HTTPHEADER, line->headers);
    curl_easy_setopt(line->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(line->curl, CURLOPT_HEADERFUNCTION, on_header);
    return line;
}

void
shell_line_free(struct shell_line **line)
{
    if (*line) {
        curl_easy_cleanup((*line)->curl);
        curl_slist_free_all((*line)->headers);
    }
    free(*line);
    *line = NULL;
}

int
shell_post(struct shell_line *line, const char *path, const json_t *body, struct shell_reply *reply)
{
    struct answer answer = {.reply = reply};
    char url[URL_BYTES];
    char *text = json_dumps(body, JSON_COMPACT);

    *reply = (struct shell_reply){0};
    snprintf(url, sizeof url, "%s/%s/%s?%s", line->env->graph_base, line->env->version, path,
             line->query);
    curl_easy_setopt(line->curl, CURLOPT_URL, url);
    curl_easy_setopt(line->curl, CURLOPT_POSTFIELDS, text ? text : "{}");
    curl_easy_setopt(line->curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(line->curl, CURLOPT_HEADERDATA, &answer);
    CURLcode outcome = curl_easy_perform(line->curl);
    curl_easy_getinfo(line->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    if (outcome == CURLE_OK && answer.bytes)
        reply->body = json_loadb(answer.bytes, answer.length, JSON_DECODE_ANY, NULL);
    else if (outcome != CURLE_OK)
        fprintf(stderr, "POST %s: %s\n", path, curl_easy_strerror(outcome));
    free(answer.bytes);
    free(text);
    return outcome == CURLE_OK ? 0 : -1;
}

void
shell_reply_free(struct shell_reply *reply)
{
    json_decref(reply->body);
    reply->body = NULL;
}
