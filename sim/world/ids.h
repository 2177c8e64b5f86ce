/* ids.h - seeded identifiers: the same world spec gives the same ids on every machine. Knows no objects; numbers and text only.
 *
 * Shapes follow the platform [observed, webhooks.md 1.8]: PSIDs 17 digits, page ids 15, app ids 16, message ids `m_` + 86 base64url characters,
 * tokens `EAA...`. All ids fit a signed 64-bit integer and are strings on the wire. */
#ifndef UNDERSTUDY_WORLD_IDS_H
#define UNDERSTUDY_WORLD_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* splitmix64: the number after x. */
static inline uint64_t
ids_step(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/* A well-mixed 64-bit number of (a, b); the same everywhere. */
static inline uint64_t
mix64(uint64_t a, uint64_t b)
{
    return ids_step(ids_step(a) ^ (b * UINT64_C(0xD6E8FEB86659FD93)));
}

/* A number of exactly `digits` decimal digits (2..18), drawn from (seed, kind, n). */
uint64_t id_number(uint64_t seed, unsigned kind, uint64_t n, unsigned digits);

#define MID_LENGTH 88 /* "m_" and 86 characters: the longest */
#define MID_SIZE (MID_LENGTH + 1)

/* What message ids looked like, by era [observed: webhooks.md 1.8]; the days of change are not public [inferred]. */
enum mid_form {
    MID_TIME,   /* 2016 and early 2017: `mid.<ms>:` and 18 hex digits */
    MID_DOLLAR, /* 2017 to the summer of 2018: `mid.$cAA` and 26 characters */
    MID_BARE,   /* from then to the end of 2019: 86 characters */
    MID_NOW,    /* from about 2020: `m_` and 86 characters */
};

/* The message id of message number `n` (> 0) in the world with this key: reversible, so no table of ids is kept. at_ms: only MID_TIME shows it. */
void mid_write(char out[MID_SIZE], uint64_t key, uint64_t n, enum mid_form form, long long at_ms);

/* The number of a message id of any form, 0 when the text is none that this world gave out. A missing `m_` is accepted (documentation samples), and one too many
 * (message nodes prefix old ids with it). The instant in a MID_TIME is not looked at. */
uint64_t mid_read(uint64_t key, const char *text, size_t n);

/* `n` characters of the alphabet [A-Za-z0-9] (base64url with '-' and '_' when `is_url`), drawn from (seed, kind, index), NUL-terminated. */
void id_text(char *out, size_t n, uint64_t seed, unsigned kind, uint64_t index, bool is_url);

/* `n` lower-case hex digits, NUL-terminated. */
void id_hex(char *out, size_t n, uint64_t seed, unsigned kind, uint64_t index);

/* Decimal digits and a NUL; returns their number. */
#define UINT64_SIZE 24
size_t format_uint64(char *out, uint64_t number); /* out: room for its digits and the NUL */

/* The decimal digits of a positive number that fits: returns 0 when the text is empty, too long, or holds anything else. */
uint64_t digits_read(const char *text, size_t n);

/* The plain form of a phone number, under which the world keeps it: `+1(212)555-2368` -> `+12125552368`. NUL-terminated; digits beyond the room are cut. */
#define PHONE_SIZE 24
void phone_plain(char out[PHONE_SIZE], const char *text, size_t n);

#endif
