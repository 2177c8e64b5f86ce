#include "conformance/wire.h"

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>

#include "conformance/alloc.h"

enum { CALL_SECONDS_MAX = 600, CONNECT_SECONDS_MAX = 10, PARALLEL_MAX = 100 };

struct wire {
    CURL *one;
    CURLM *many;
};

/* One call under way. */
struct exchange {
    CURL *handle;
    struct curl_slist *headers;
    struct wire_reply *reply;
};

static void
setup_once(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

void
wire_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, setup_once);
}

struct wire *
wire_new(void)
{
    struct wire *wire = alloc_zero(1, sizeof *wire);

    wire->one = alloc_checked(curl_easy_init());
    return wire;
}

void
wire_free(struct wire **wire)
{
    if (*wire == NULL)
        return;
    curl_easy_cleanup((*wire)->one);
    if ((*wire)->many != NULL)
        curl_multi_cleanup((*wire)->many);
    free(*wire);
    *wire = NULL;
}

static void
add_header(struct wire_header **headers, size_t *count, char *name, char *value)
{
    *headers = alloc_one_more(*headers, *count, sizeof **headers);
    (*headers)[(*count)++] = (struct wire_header){name, value};
}

static void
headers_free(struct wire_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(headers[i].name);
        free(headers[i].value);
    }
    free(headers);
}

void
wire_request_header(struct wire_request *request, const char *name, const char *value)
{
    add_header(&request->headers, &request->header_count, alloc_text(name), alloc_text(value));
}

void
wire_request_fini(struct wire_request *request)
{
    headers_free(request->headers, request->header_count);
    free(request->method);
    free(request->url);
    free(request->body);
    *request = (struct wire_request){0};
}

void
wire_reply_fini(struct wire_reply *reply)
{
    headers_free(reply->headers, reply->header_count);
    free(reply->body);
    free(reply->error);
    json_decref(reply->json);
    *reply = (struct wire_reply){0};
}

const char *
wire_reply_header(const struct wire_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *to)
{
    struct wire_reply *reply = to;
    size_t length = size * count;

    reply->body = alloc_checked(realloc(reply->body, reply->body_length + length + 1));
    memcpy(reply->body + reply->body_length, bytes, length);
    reply->body_length += length;
    reply->body[reply->body_length] = '\0';
    return length;
}

static size_t
take_header(char *bytes, size_t size, size_t count, void *to)
{
    struct wire_reply *reply = to;
    size_t length = size * count;
    const char *colon = memchr(bytes, ':', length);

    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) { /* a new reply, as after 100 Continue */
        headers_free(reply->headers, reply->header_count);
        reply->headers = NULL;
        reply->header_count = 0;
    } else if (colon != NULL) {
        const char *value = colon + 1, *end = bytes + length;
        while (value < end && (*value == ' ' || *value == '\t'))
            value++;
        while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
            end--;
        add_header(&reply->headers, &reply->header_count,
                   alloc_slice(bytes, (size_t)(colon - bytes)),
                   alloc_slice(value, (size_t)(end - value)));
    }
    return length;
}

static void
exchange_begin(struct exchange *exchange, const struct wire_request *request,
               struct wire_reply *reply)
{
    CURL *handle = exchange->handle;

    *reply = (struct wire_reply){0};
    exchange->reply = reply;
    exchange->headers = NULL;
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, request->url);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "understudy/" UNDERSTUDY_VERSION);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)CALL_SECONDS_MAX);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS_MAX);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, reply);
    if (strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    if (request->body != NULL) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    exchange->headers = curl_slist_append(exchange->headers, "Expect:");
    for (size_t i = 0; i < request->header_count; i++) {
        const struct wire_header *header = &request->headers[i];
        char *line =
            alloc_print(header->value[0] == '\0' ? "%s;%s" : "%s: %s", header->name, header->value);
        exchange->headers = curl_slist_append(exchange->headers, line);
        free(line);
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, exchange->headers);
}

static void
exchange_end(struct exchange *exchange, CURLcode result)
{
    struct wire_reply *reply = exchange->reply;

    curl_easy_getinfo(exchange->handle, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_slist_free_all(exchange->headers);
    if (result != CURLE_OK) {
        reply->status = 0;
        reply->error = alloc_text(curl_easy_strerror(result));
    }
    if (reply->body == NULL)
        reply->body = alloc_text("");
    if (reply->body_length > 0)
        reply->json = json_loadb(reply->body, reply->body_length, JSON_DECODE_ANY, NULL);
}

void
wire_call(struct wire *wire, const struct wire_request *request, struct wire_reply *reply)
{
    struct exchange exchange = {.handle = wire->one};

    exchange_begin(&exchange, request, reply);
    exchange_end(&exchange, curl_easy_perform(wire->one));
}

static void
collect(struct wire *wire, struct exchange *exchanges, size_t count)
{
    int left;

    for (CURLMsg *message; (message = curl_multi_info_read(wire->many, &left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        for (size_t i = 0; i < count; i++) {
            if (exchanges[i].handle != message->easy_handle)
                continue;
            curl_multi_remove_handle(wire->many, exchanges[i].handle);
            exchange_end(&exchanges[i], result);
            break;
        }
    }
}

static void
call_some(struct wire *wire, const struct wire_request *requests, struct wire_reply *replies,
          size_t count)
{
    struct exchange exchanges[PARALLEL_MAX];
    int running = 1;

    for (size_t i = 0; i < count; i++) {
        exchanges[i] = (struct exchange){.handle = alloc_checked(curl_easy_init())};
        exchange_begin(&exchanges[i], &requests[i], &replies[i]);
        curl_multi_add_handle(wire->many, exchanges[i].handle);
    }
    while (running > 0) {
        curl_multi_perform(wire->many, &running);
        collect(wire, exchanges, count);
        if (running > 0)
            curl_multi_poll(wire->many, NULL, 0, 1000, NULL);
    }
    for (size_t i = 0; i < count; i++)
        curl_easy_cleanup(exchanges[i].handle);
}

void
wire_call_all(struct wire *wire, const struct wire_request *requests, struct wire_reply *replies,
              size_t count)
{
    if (wire->many == NULL)
        wire->many = alloc_checked(curl_multi_init());
    for (size_t done = 0; done < count; done += PARALLEL_MAX)
        call_some(wire, requests + done, replies + done,
                  count - done < PARALLEL_MAX ? count - done : PARALLEL_MAX);
}

/* ---- calls that are cut ---- */

static int
say(int to, const char *bytes, size_t length)
{
    while (length > 0) {
        struct pollfd polled = {to, POLLOUT, 0};
        ssize_t sent = poll(&polled, 1, CALL_SECONDS_MAX * 1000) == 1
                           ? send(to, bytes, length, MSG_NOSIGNAL)
                           : -1;

        if (sent <= 0)
            return -1;
        bytes += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/* Something of what comes; 0 at its end. */
static ssize_t
hear(int from)
{
    struct pollfd polled = {from, POLLIN, 0};
    char part[4096];

    return poll(&polled, 1, CALL_SECONDS_MAX * 1000) == 1 ? recv(from, part, sizeof part, 0) : -1;
}

static char *
cut_head_new(const struct wire_request *request)
{
    const char *path = strchr(strstr(request->url, "://") + 3, '/');
    char *head = alloc_print("%s %s HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                             "Content-Length: %zu\r\n",
                             request->method, path != NULL ? path : "/", request->body_length + 1);

    for (size_t i = 0; i < request->header_count; i++) {
        char *longer =
            alloc_print("%s%s: %s\r\n", head, request->headers[i].name, request->headers[i].value);
        free(head);
        head = longer;
    }
    char *whole = alloc_print("%s\r\n", head);
    free(head);
    return whole;
}

/* The body, and the end of our side, only once the other side waits for them: it may miss an end that comes with the head. */
int
wire_call_cut(struct wire *wire, const struct wire_request *request)
{
    curl_socket_t connection = CURL_SOCKET_BAD;
    char *head = cut_head_new(request);
    int result = -1;

    curl_easy_reset(wire->one);
    curl_easy_setopt(wire->one, CURLOPT_URL, request->url);
    curl_easy_setopt(wire->one, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(wire->one, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(wire->one, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS_MAX);
    curl_easy_setopt(wire->one, CURLOPT_CONNECT_ONLY, 1L);
    if (curl_easy_perform(wire->one) == CURLE_OK &&
        curl_easy_getinfo(wire->one, CURLINFO_ACTIVESOCKET, &connection) == CURLE_OK &&
        connection != CURL_SOCKET_BAD && say(connection, head, strlen(head)) == 0 &&
        hear(connection) > 0 && say(connection, request->body, request->body_length) == 0 &&
        shutdown(connection, SHUT_WR) == 0) {
        while (hear(connection) > 0)
            ;
        result = 0;
    }
    free(head);
    return result;
}
