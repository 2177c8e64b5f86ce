#include "edge/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "core/str.h"
#include "edge/exchange.h"
#include "edge/unconst.h"
#include "graph/jwrite.h"
#include "world/delivery.h"
#include "world/subscription.h"
#include "world/map.h"
#include "world/xalloc.h"

/* webhooks.md 1.2: what the platform sends itself with, and nothing else. */
#define USER_AGENT "facebookexternalua"
#define ACCEPT_ENCODING "deflate, gzip"

enum { SEALS = 64, SECRET_SIZE = 40 };

/* Digests that know an app's secret already. */
struct keyed {
    char secret[SECRET_SIZE];
    gnutls_hmac_hd_t sha1, sha256;
};

struct deliverer {
    CURLM *multi;
    struct post *free;
    struct keyed keyed[SEALS];
};

struct deliverer *
deliverer_new(CURLM *multi)
{
    struct deliverer *deliverer = xcalloc(1, sizeof *deliverer);

    deliverer->multi = multi;
    return deliverer;
}

static void
forget_key(struct keyed *keyed)
{
    if (keyed->sha1 == NULL)
        return;
    gnutls_hmac_deinit(keyed->sha1, NULL);
    gnutls_hmac_deinit(keyed->sha256, NULL);
    keyed->sha1 = keyed->sha256 = NULL;
}

void
deliverer_free(struct deliverer **deliverer)
{
    struct deliverer *d = *deliverer;

    while (d->free != NULL) {
        struct post *post = d->free;

        d->free = post->next;
        curl_easy_cleanup(post->easy);
        free(post);
    }
    for (size_t i = 0; i < SEALS; i++)
        forget_key(&d->keyed[i]);
    free(d);
    *deliverer = NULL;
}

/* ---- signing ------------------------------------------------------------------------------------------------------------------ */

static struct keyed *
keyed_for(struct deliverer *deliverer, const char *secret)
{
    size_t n = strlen(secret);
    struct keyed *keyed = &deliverer->keyed[hash_bytes(secret, n) % SEALS];

    if (keyed->sha1 != NULL && strcmp(keyed->secret, secret) == 0)
        return keyed;
    forget_key(keyed);
    snprintf(keyed->secret, sizeof keyed->secret, "%s", secret);
    if (gnutls_hmac_init(&keyed->sha1, GNUTLS_MAC_SHA1, secret, n) != 0 ||
        gnutls_hmac_init(&keyed->sha256, GNUTLS_MAC_SHA256, secret, n) != 0)
        abort(); /* GnuTLS without SHA */
    return keyed;
}

static void
put_hex(char *out, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static void
sign(struct deliverer *deliverer, struct post *post, const char *secret)
{
    static const char header1[] = "X-Hub-Signature: sha1=",
                      header256[] = "X-Hub-Signature-256: sha256=";
    const struct delivery *delivery = post->delivery;
    struct keyed *keyed = keyed_for(deliverer, secret);
    unsigned char digest[32];

    gnutls_hmac(keyed->sha1, delivery->body, delivery->body_n);
    gnutls_hmac_output(keyed->sha1, digest);
    memcpy(post->sha1, header1, sizeof header1);
    put_hex(post->sha1 + sizeof header1 - 1, digest, 20);
    gnutls_hmac(keyed->sha256, delivery->body, delivery->body_n);
    gnutls_hmac_output(keyed->sha256, digest);
    memcpy(post->sha256, header256, sizeof header256);
    put_hex(post->sha256 + sizeof header256 - 1, digest, 32);
}

/* ---- handles ------------------------------------------------------------------------------------------------------------------ */

/* libcurl sends a request again by itself when a kept connection turns out to be closed. The platform does not: a receiver that takes a post and hangs up has failed
 * once, and gets it again as another attempt. */
static int
on_sending(void *into, char *there, char *here, int port_there, int port_here)
{
    struct post *post = into;

    (void)there;
    (void)here;
    (void)port_there;
    (void)port_here;
    return post->sent++ == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *into)
{
    struct post *post = into;
    size_t n = size * count;

    if (post->exchange != NULL) {
        struct handshake *handshake = &post->exchange->handshake;
        size_t room = sizeof handshake->received - 1 - handshake->received_n;
        size_t taken = n < room ? n : room;

        memcpy(handshake->received + handshake->received_n, bytes, taken);
        handshake->received_n += taken;
    }
    return n;
}

static size_t
on_header(char *line, size_t size, size_t count, void *into)
{
    struct post *post = into;
    struct str text = str_trim((struct str){line, size * count});

    /* "HTTP/1.1 404 Not Found": what stands behind the number. */
    if (post->exchange != NULL && str_starts_lit(text, "HTTP/")) {
        const char *space = memchr(text.s, ' ', text.n);
        struct str rest = space != NULL ? str_from(text, (size_t)(space + 1 - text.s)) : STR("");

        rest = rest.n > 4 ? str_from(rest, 4) : STR("");
        snprintf(post->exchange->handshake.reason, HANDSHAKE_TEXT, "%.*s",
                 (int)(rest.n < 200 ? rest.n : 200), rest.s);
    }
    return size * count;
}

static CURL *
easy_new(struct post *post)
{
    CURL *easy = curl_easy_init();

    if (easy == NULL)
        abort();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, post);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, post->error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ACCEPT_ENCODING);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)WEBHOOK_ANSWER_MS);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 4L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, post);
    return easy;
}

static struct post *
post_new(struct deliverer *deliverer)
{
    struct post *post = deliverer->free;

    if (post == NULL) {
        post = xcalloc(1, sizeof *post);
        post->easy = easy_new(post);
    } else {
        deliverer->free = post->next;
    }
    post->next = NULL;
    post->tenant = NULL;
    post->delivery = NULL;
    post->exchange = NULL;
    post->sent = 0;
    post->error[0] = '\0';
    return post;
}

void
deliver_done(struct deliverer *deliverer, struct post *post)
{
    curl_multi_remove_handle(deliverer->multi, post->easy);
    post->next = deliverer->free;
    deliverer->free = post;
}

/* ---- on the wire -------------------------------------------------------------------------------------------------------------- */

/* Strings that libcurl takes as `char *` and only reads. */
static char *
constant(const char *text)
{
    return unconst(text);
}

static void
chain_headers(struct post *post, char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        post->headers[i] =
            (struct curl_slist){lines[i], i + 1 < count ? &post->headers[i + 1] : NULL};
    curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
}

struct post *
deliver_event(struct deliverer *deliverer, struct delivery *delivery, const struct seal *seal)
{
    struct post *post = post_new(deliverer);
    char *lines[6] = {constant("Content-Type: application/json"), constant("Expect:"),
                      post->api_version, post->sha1, post->sha256};
    bool is_signed = (delivery->tricks & TRICK_UNSIGNED) == 0;

    post->delivery = delivery;
    snprintf(post->api_version, sizeof post->api_version, "Facebook-API-Version: v%d.%d",
             seal->version / 100, seal->version % 100);
    if (is_signed)
        sign(deliverer, post,
             (delivery->tricks & TRICK_FORGED) != 0 ? "not the secret of this app" : seal->secret);
    chain_headers(post, lines, is_signed ? 5 : 3);
    curl_easy_setopt(post->easy, CURLOPT_URL, seal->url);
    curl_easy_setopt(post->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, delivery->body);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)delivery->body_n);
    curl_easy_setopt(post->easy, CURLOPT_HEADERFUNCTION, NULL);
    curl_multi_add_handle(deliverer->multi, post->easy);
    return post;
}

struct post *
deliver_handshake(struct deliverer *deliverer, struct exchange *exchange)
{
    struct handshake *handshake = &exchange->handshake;
    struct post *post = post_new(deliverer);
    char *token = curl_easy_escape(post->easy, handshake->verify_token, 0);
    struct buf url = {0};

    post->exchange = exchange;
    handshake->status = handshake->curl_errno = 0;
    handshake->received_n = 0;
    handshake->reason[0] = '\0';
    handshake->is_right = false;
    buf_printf(&url, "%s%shub.mode=subscribe&hub.challenge=%s&hub.verify_token=%s", handshake->url,
               strchr(handshake->url, '?') != NULL ? "&" : "?", handshake->challenge, token);
    curl_free(token);
    curl_easy_setopt(post->easy, CURLOPT_URL, url.s);
    buf_fini(&url);
    curl_easy_setopt(post->easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(post->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(post->easy, CURLOPT_HEADERDATA, post);
    curl_multi_add_handle(deliverer->multi, post->easy);
    return post;
}

/* ---- outcomes ------------------------------------------------------------------------------------------------------------------ */

/* Reasons go into the journal, so they must be the same on every machine: no addresses, no times. */
static const char *
reason_of(CURLcode result)
{
    switch ((int)result) {
    case CURLE_OPERATION_TIMEDOUT:
        return "no answer within 5 seconds";
    case CURLE_COULDNT_CONNECT:
        return "connection refused";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host is not known";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_PARTIAL_FILE:
        return "the connection was closed without an answer";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
        return "TLS failed";
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "the callback is no http or https URL";
    default:
        return "the answer is not HTTP";
    }
}

int
deliver_outcome(struct post *post, CURLcode result, const char **reason)
{
    long status = 0;

    *reason = NULL;
    if (result == CURLE_OK)
        curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
    else
        *reason = reason_of(result);
    return (int)status;
}

void
deliver_handshake_outcome(struct post *post, CURLcode result)
{
    struct handshake *handshake = &post->exchange->handshake;
    const char *reason;

    handshake->status = deliver_outcome(post, result, &reason);
    if (handshake->status == 0) {
        handshake->curl_errno = (int)result;
        snprintf(handshake->reason, sizeof handshake->reason, "%s", reason);
    }
    handshake->received[handshake->received_n] = '\0';
    /* The body is the challenge and nothing else; line ends behind it are forgiven, as one published client has them. [inferred] */
    struct str body = str_trim((struct str){handshake->received, handshake->received_n});
    handshake->is_right = handshake->status == 200 && str_eq(body, str_of(handshake->challenge)) &&
                          handshake->received[0] == body.s[0];
}
