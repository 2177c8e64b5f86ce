#include "edge/handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "core/str.h"
#include "edge/exchange.h"
#include "edge/deliver.h"
#include "edge/reactor.h"
#include "graph/jwrite.h"
#include "world/xalloc.h"

enum { ANSWER_MS = 5000 };

struct shake {
    struct transfer transfer;
    struct handshakes *handshakes;
    struct shake *next; /* in the list of free ones */
    struct exchange *exchange;
    CURL *easy;
};

struct handshakes {
    struct reactor *reactor;
    void (*on_end)(void *owner, struct exchange *exchange);
    void *owner;
    struct shake *free;
};

struct handshakes *
handshakes_new(struct reactor *reactor, void (*on_end)(void *owner, struct exchange *exchange),
               void *owner)
{
    struct handshakes *handshakes = xcalloc(1, sizeof *handshakes);

    *handshakes = (struct handshakes){.reactor = reactor, .on_end = on_end, .owner = owner};
    return handshakes;
}

void
handshakes_free(struct handshakes **handshakes)
{
    while ((*handshakes)->free != NULL) {
        struct shake *shake = (*handshakes)->free;

        (*handshakes)->free = shake->next;
        curl_easy_cleanup(shake->easy);
        free(shake);
    }
    free(*handshakes);
    *handshakes = NULL;
}

/* ---- what comes ----------------------------------------------------------------------------------------------------------------- */

static size_t
on_body(char *bytes, size_t size, size_t count, void *into)
{
    struct handshake *handshake = &((struct shake *)into)->exchange->handshake;
    size_t n = size * count, room = sizeof handshake->received - 1 - handshake->received_n;
    size_t taken = n < room ? n : room;

    memcpy(handshake->received + handshake->received_n, bytes, taken);
    handshake->received_n += taken;
    return n;
}

/* "HTTP/1.1 404 Not Found": what stands behind the number. */
static size_t
on_header(char *line, size_t size, size_t count, void *into)
{
    struct shake *shake = into;
    struct str text = str_trim((struct str){line, size * count});

    if (str_starts_lit(text, "HTTP/")) {
        const char *space = memchr(text.s, ' ', text.n);
        struct str rest = space != NULL ? str_from(text, (size_t)(space + 1 - text.s)) : STR("");

        rest = rest.n > 4 ? str_from(rest, 4) : STR("");
        snprintf(shake->exchange->handshake.reason, HANDSHAKE_TEXT, "%.*s",
                 (int)(rest.n < 200 ? rest.n : 200), rest.s);
    }
    return size * count;
}

static void
on_end(struct transfer *transfer, CURLcode result)
{
    struct shake *shake = (struct shake *)(void *)transfer;
    struct handshakes *handshakes = shake->handshakes;
    struct exchange *exchange = shake->exchange;
    struct handshake *handshake = &exchange->handshake;
    long status = 0;

    if (result == CURLE_OK)
        curl_easy_getinfo(shake->easy, CURLINFO_RESPONSE_CODE, &status);
    handshake->status = (int)status;
    if (handshake->status == 0) {
        handshake->curl_errno = (int)result;
        snprintf(handshake->reason, sizeof handshake->reason, "%s", reactor_reason(result));
    }
    handshake->received[handshake->received_n] = '\0';
    /* The body is the challenge and nothing else; line ends behind it are forgiven, as one published client has them. [inferred] */
    struct str body = str_trim((struct str){handshake->received, handshake->received_n});
    handshake->is_right = handshake->status == 200 && str_eq(body, str_of(handshake->challenge)) &&
                          handshake->received[0] == body.s[0];
    curl_multi_remove_handle(reactor_multi(handshakes->reactor), shake->easy);
    shake->next = handshakes->free;
    handshakes->free = shake;
    handshakes->on_end(handshakes->owner, exchange);
}

/* ---- what goes ------------------------------------------------------------------------------------------------------------------ */

static struct shake *
shake_new(struct handshakes *handshakes)
{
    struct shake *shake = handshakes->free;

    if (shake != NULL) {
        handshakes->free = shake->next;
        return shake;
    }
    shake = xcalloc(1, sizeof *shake);
    shake->transfer.on_end = on_end;
    shake->handshakes = handshakes;
    shake->easy = reactor_easy_new(&shake->transfer);
    curl_easy_setopt(shake->easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(shake->easy, CURLOPT_USERAGENT, PLATFORM_USER_AGENT);
    curl_easy_setopt(shake->easy, CURLOPT_ACCEPT_ENCODING, PLATFORM_ACCEPT_ENCODING);
    curl_easy_setopt(shake->easy, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS);
    curl_easy_setopt(shake->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(shake->easy, CURLOPT_WRITEDATA, shake);
    curl_easy_setopt(shake->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(shake->easy, CURLOPT_HEADERDATA, shake);
    return shake;
}

void
handshakes_begin(struct handshakes *handshakes, struct exchange *exchange)
{
    struct shake *shake = shake_new(handshakes);
    struct handshake *handshake = &exchange->handshake;
    char *token = curl_easy_escape(shake->easy, handshake->verify_token, 0);
    struct buf url = {0};

    shake->exchange = exchange;
    handshake->status = handshake->curl_errno = 0;
    handshake->received_n = 0;
    handshake->reason[0] = '\0';
    handshake->is_right = false;
    buf_printf(&url, "%s%shub.mode=subscribe&hub.challenge=%s&hub.verify_token=%s", handshake->url,
               strchr(handshake->url, '?') != NULL ? "&" : "?", handshake->challenge, token);
    curl_free(token);
    curl_easy_setopt(shake->easy, CURLOPT_URL, url.s);
    buf_fini(&url);
    curl_multi_add_handle(reactor_multi(handshakes->reactor), shake->easy);
}
