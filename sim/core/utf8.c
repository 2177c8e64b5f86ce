#include "core/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

size_t
utf8_length(struct str text)
{
    size_t length = 0;

    for (size_t i = 0; i < text.n; i++)
        length += !utf8_is_continuation(text.s[i]);
    return length;
}

bool
utf8_valid(struct str text)
{
    if (text.n == 0)
        return true;

    const char *end = text.s + text.n;

    for (const char *at = text.s; at < end;) {
#ifdef __SSE2__
        while (end - at >= 16 && _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)at)) == 0)
            at += 16;
        if (at == end)
            break;
#endif
        unsigned step = (unsigned char)*at < 0x80 ? 1 : utf8_step(at, end);

        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

char *
utf8_put(char *out, unsigned long point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xC0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        *out++ = (char)(0xE0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
        *out++ = (char)(0x80 | (point & 0x3F));
    } else {
        *out++ = (char)(0xF0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3F));
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
        *out++ = (char)(0x80 | (point & 0x3F));
    }
    return out;
}
