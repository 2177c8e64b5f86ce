#include "graph/hmac.h"

#include <assert.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

void
hmac_hex(char out[HMAC_HEX_SIZE], enum hmac_kind kind, struct str key, struct str data)
{
    unsigned char digest[32];
    size_t n = kind == HMAC_SHA1 ? 20 : 32;
    int result = gnutls_hmac_fast(kind == HMAC_SHA1 ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_SHA256, key.s, key.n, data.s, data.n, digest);

    assert(result == 0);
    (void)result;
    for (size_t i = 0; i < n; i++) {
        out[i * 2] = "0123456789abcdef"[digest[i] >> 4];
        out[i * 2 + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    out[n * 2] = '\0';
}

bool
proof_matches(const char *secret, struct str token, struct str proof)
{
    char right[HMAC_HEX_SIZE];
    unsigned different = 0;

    if (proof.n != 64)
        return false;
    hmac_hex(right, HMAC_SHA256, str_of(secret), token);
    for (size_t i = 0; i < 64; i++) {
        char given = proof.s[i] >= 'A' && proof.s[i] <= 'F' ? (char)(proof.s[i] + 32) : proof.s[i];

        different |= (unsigned)(right[i] ^ given);
    }
    return different == 0;
}
