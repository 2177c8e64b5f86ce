#include "edge/signer.h"

#include <stdio.h>
#include <stdlib.h>

#include <gnutls/crypto.h>

#include "graph/jwrite.h"
#include "world/map.h"
#include "world/xalloc.h"

enum { KEYED_COUNT = 64, SECRET_SIZE = 40, DIGEST_MAX = 32 };

/* Digests that know an app's secret already. */
struct keyed {
    char secret[SECRET_SIZE];
    gnutls_hmac_hd_t sha1, sha256;
};

struct signer {
    struct keyed keyed[KEYED_COUNT];
};

struct signer *
signer_new(void)
{
    return xcalloc(1, sizeof(struct signer));
}

static void
forget(struct keyed *keyed)
{
    if (keyed->sha1 == NULL)
        return;
    gnutls_hmac_deinit(keyed->sha1, NULL);
    gnutls_hmac_deinit(keyed->sha256, NULL);
    keyed->sha1 = keyed->sha256 = NULL;
}

void
signer_free(struct signer **signer)
{
    for (size_t i = 0; i < KEYED_COUNT; i++)
        forget(&(*signer)->keyed[i]);
    free(*signer);
    *signer = NULL;
}

static struct keyed *
keyed_for(struct signer *signer, const char *secret)
{
    size_t n = strlen(secret);
    struct keyed *keyed = &signer->keyed[hash_bytes(secret, n) % KEYED_COUNT];

    if (keyed->sha1 != NULL && strcmp(keyed->secret, secret) == 0)
        return keyed;
    forget(keyed);
    snprintf(keyed->secret, sizeof keyed->secret, "%s", secret);
    if (gnutls_hmac_init(&keyed->sha1, GNUTLS_MAC_SHA1, secret, n) != 0 ||
        gnutls_hmac_init(&keyed->sha256, GNUTLS_MAC_SHA256, secret, n) != 0)
        abort(); /* GnuTLS without SHA */
    return keyed;
}

static void
put(struct buf *head, struct str name, gnutls_hmac_hd_t hmac, size_t digest_n, struct str body)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[DIGEST_MAX];
    char hex[2 * DIGEST_MAX];

    gnutls_hmac(hmac, body.s, body.n);
    gnutls_hmac_output(hmac, digest);
    for (size_t i = 0; i < digest_n; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    buf_str(head, name);
    buf_add(head, hex, 2 * digest_n);
    buf_add(head, "\r\n", 2);
}

void
signer_sign(struct signer *signer, const char *secret, struct str body, struct buf *head)
{
    struct keyed *keyed = keyed_for(signer, secret);

    put(head, STR("X-Hub-Signature: sha1="), keyed->sha1, 20, body);
    put(head, STR("X-Hub-Signature-256: sha256="), keyed->sha256, 32, body);
}
