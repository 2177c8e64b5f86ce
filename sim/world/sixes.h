/* sixes.h - numbers as text of 6 bits a character, as in base64, lowest bits first. Inline, because a send writes two hundred of these characters. */
#ifndef UNDERSTUDY_WORLD_SIXES_H
#define UNDERSTUDY_WORLD_SIXES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Of URLs, with its NUL. */
extern const char sixes_alphabet[65];

/* The two last characters of an alphabet, behind A-Z, a-z and 0-9. */
#define SIXES_URL '-', '_'
#define SIXES_BASE64 '+', '/'

/* The lowest 48 bits in eight bytes. */
static inline uint64_t
sixes_spread(uint64_t bits)
{
    uint64_t x = (bits & 0xFFFFFF) | (bits & UINT64_C(0xFFFFFF000000)) << 8;

    x = (x & UINT64_C(0x00000FFF00000FFF)) | (x & UINT64_C(0x00FFF00000FFF000)) << 4;
    return (x & UINT64_C(0x003F003F003F003F)) | (x & UINT64_C(0x0FC00FC00FC00FC0)) << 2;
}

/* The lowest 48 bits of `first`, then of `second`, as sixteen characters. */
static inline void
sixes_write(char out[16], uint64_t first, uint64_t second, char before_last, char last)
{
#ifdef __SSE2__
/* What characters above a place lie further away from their number than those up to there. */
#define STEP(above, distance)                                                                      \
    _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8(above)), _mm_set1_epi8((char)(distance)))
    __m128i x = _mm_set_epi64x((long long)sixes_spread(second), (long long)sixes_spread(first));
    __m128i letters = _mm_add_epi8(_mm_add_epi8(x, _mm_set1_epi8('A')), STEP(25, 'a' - 26 - 'A'));
    __m128i others = _mm_add_epi8(
        _mm_add_epi8(STEP(51, '0' - 52 - ('a' - 26)), STEP(61, before_last - 62 - ('0' - 52))),
        STEP(62, last - 1 - before_last));

    _mm_storeu_si128((__m128i *)(void *)out, _mm_add_epi8(letters, others));
#undef STEP
#else
    for (unsigned i = 0; i < 16; i++) {
        unsigned six = (unsigned)((i < 8 ? first >> 6 * i : second >> 6 * (i - 8)) & 63);

        out[i] = six == 62 ? before_last : six == 63 ? last : sixes_alphabet[six];
    }
#endif
}

/* 64 bits are eleven characters. */
#define SIXES_NUMBER 11

/* The first `count` of them, for URLs; returns their end. */
static inline char *
sixes_put(char *out, uint64_t bits, unsigned count)
{
    char letters[16];

    sixes_write(letters, bits, bits >> 48, SIXES_URL);
    memcpy(out, letters, count);
    return out + count;
}

/* The number that stands in eleven characters; false when one is none of URLs, such as a NUL. */
bool sixes_read(const char *text, uint64_t *bits);

#endif
