/* utf8.h - text as UTF-8: how many characters it has, whether it is UTF-8 at all, one character read or written. Knows no JSON and no forms. */
#ifndef UNDERSTUDY_CORE_UTF8_H
#define UNDERSTUDY_CORE_UTF8_H

#include "core/str.h"

/* Code points in a text of valid UTF-8. */
size_t utf8_length(struct str);

/* Whether a text is UTF-8. Surrogates, overlong forms and everything above U+10FFFF are not. */
bool utf8_valid(struct str);

/* Writes a code point, up to four bytes; returns their end. */
char *utf8_put(char *out, unsigned long point);

/* Whether a byte goes on with a character that began before it. */
static inline bool
utf8_is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes of the character beyond ASCII that begins at `at`, or 0 when it is none (Unicode 15, table 3-7). Inline: readers go through long texts by it. */
static inline unsigned
utf8_step(const char *at, const char *end)
{
    size_t left = (size_t)(end - at);
    unsigned char lead = (unsigned char)at[0];

    if (lead >= 0xC2 && lead <= 0xDF)
        return left >= 2 && utf8_is_continuation(at[1]) ? 2 : 0;
    if (left < 3 || !utf8_is_continuation(at[1]) || !utf8_is_continuation(at[2]))
        return 0;

    unsigned char second = (unsigned char)at[1];

    if ((lead & 0xF0) == 0xE0)
        return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ? 0 : 3;
    if (lead < 0xF0 || lead > 0xF4 || left < 4 || !utf8_is_continuation(at[3]))
        return 0;
    return (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F) ? 0 : 4;
}

#endif
