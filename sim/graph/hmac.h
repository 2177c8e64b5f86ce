/* hmac.h - the two places where the platform signs: appsecret_proof and webhook signatures. A thin wrapper, so that the crypto library's names stay in one file. */
#ifndef UNDERSTUDY_GRAPH_HMAC_H
#define UNDERSTUDY_GRAPH_HMAC_H

#include <stdbool.h>
#include <stddef.h>

#include "core/str.h"

enum hmac_kind { HMAC_SHA1, HMAC_SHA256 };
#define HMAC_HEX_SIZE 65

/* Lower-case hex of HMAC(key, data), NUL-terminated (40 or 64 characters). */
void hmac_hex(char out[HMAC_HEX_SIZE], enum hmac_kind kind, struct str key, struct str data);

/* Whether the proof is hex HMAC-SHA256(secret, token), any case, compared in constant time. */
bool proof_matches(const char *secret, struct str token, struct str proof);

#endif
