#include "edge/deliver.h"

#include <stdlib.h>

#include "edge/signer.h"
#include "graph/jwrite.h"
#include "world/delivery.h"
#include "world/subscription.h"
#include "world/xalloc.h"

struct deliverer {
    struct lines *lines;
    struct signer *signer;
    struct buf headers;
    struct post *free;
};

struct deliverer *
deliverer_new(struct reactor *reactor)
{
    struct deliverer *deliverer = xcalloc(1, sizeof *deliverer);

    deliverer->lines = lines_new(reactor);
    deliverer->signer = signer_new();
    return deliverer;
}

void
deliverer_free(struct deliverer **deliverer)
{
    struct deliverer *d = *deliverer;

    while (d->free != NULL) {
        struct post *post = d->free;

        d->free = post->next;
        free(post);
    }
    lines_free(&d->lines);
    signer_free(&d->signer);
    buf_fini(&d->headers);
    free(d);
    *deliverer = NULL;
}

/* In the order of captured posts (webhooks.md 1.2). */
static void
write_headers(struct deliverer *deliverer, const struct delivery *delivery, const struct seal *seal)
{
    struct buf *headers = &deliverer->headers;
    struct str body = {delivery->body, delivery->body_n};

    buf_reset(headers);
    buf_str(headers, STR("User-Agent: " PLATFORM_USER_AGENT "\r\nAccept: */*\r\n"
                         "Accept-Encoding: " PLATFORM_ACCEPT_ENCODING "\r\n"
                         "Content-Type: application/json\r\nFacebook-API-Version: v"));
    buf_int64(headers, seal->version / 100);
    buf_char(headers, '.');
    buf_int64(headers, seal->version % 100);
    buf_str(headers, STR("\r\n"));
    if ((delivery->tricks & TRICK_UNSIGNED) == 0)
        signer_sign(deliverer->signer,
                    (delivery->tricks & TRICK_FORGED) != 0 ? "not the secret of this app"
                                                           : seal->secret,
                    body, headers);
}

struct post *
deliver_event(struct deliverer *deliverer, struct delivery *delivery, const struct seal *seal)
{
    struct post *post = deliverer->free;

    if (post != NULL)
        deliverer->free = post->next;
    else
        post = xmalloc(sizeof *post);
    *post = (struct post){.delivery = delivery,
                          .sending = {.answer_ms = seal->patience->answer_ms,
                                      .no_answer = seal->patience->no_answer}};
    write_headers(deliverer, delivery, seal);
    lines_post(deliverer->lines, &post->sending, seal->url, buf_view(&deliverer->headers),
               (struct str){delivery->body, delivery->body_n});
    return post;
}

struct post *
deliver_ended(struct deliverer *deliverer)
{
    return (struct post *)(void *)lines_ended(deliverer->lines);
}

void
deliver_done(struct deliverer *deliverer, struct post *post)
{
    post->next = deliverer->free;
    deliverer->free = post;
}

int64_t
deliver_expire(struct deliverer *deliverer)
{
    return lines_expire(deliverer->lines);
}
