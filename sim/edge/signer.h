/* signer.h - the two signature headers of a webhook, over the exact bytes of its body (webhooks.md 1.3). */
#ifndef UNDERSTUDY_EDGE_SIGNER_H
#define UNDERSTUDY_EDGE_SIGNER_H

#include "core/str.h"

struct buf;
struct signer;

struct signer *signer_new(void);
void signer_free(struct signer **signer);

/* Adds the lines X-Hub-Signature (SHA-1) and X-Hub-Signature-256 with HMACs of the body under an app's secret. Keeps digests that know the secret already, so it is for
 * one thread. */
void signer_sign(struct signer *signer, const char *secret, struct str body, struct buf *head);

#endif
