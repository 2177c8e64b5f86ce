#include "graph/words.h"

#include <stdint.h>
#include <string.h>

#include "core/utf8.h"

/* The code point at `at`, which is not past the end; its length in *n. A byte that begins none is itself. */
static uint32_t
code_point(struct str text, size_t at, size_t *n)
{
    const unsigned char *s = (const unsigned char *)text.s + at;
    size_t left = text.n - at;

    *n = 1;
    if (s[0] >= 0xc2 && s[0] < 0xe0 && left > 1) {
        *n = 2;
        return (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
    }
    if (s[0] >= 0xe0 && s[0] < 0xf0 && left > 2) {
        *n = 3;
        return (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
    }
    if (s[0] >= 0xf0 && s[0] < 0xf5 && left > 3) {
        *n = 4;
        return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 | (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
    }
    return s[0];
}

static uint32_t
fold(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c == 0x130 || c == 0x131) /* the Turkish ones */
        return 'i';
    if (c >= 0xc0 && c <= 0xde && c != 0xd7)
        return c + 32;
    if (c >= 0x100 && c <= 0x137)
        return c | 1;
    if (c >= 0x139 && c <= 0x148)
        return c + (c & 1);
    if (c >= 0x14a && c <= 0x177)
        return c | 1;
    if (c >= 0x391 && c <= 0x3a9)
        return c + 32;
    if (c >= 0x410 && c <= 0x42f)
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    return c;
}

struct str
words_fold(struct str text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t used = 0, n;

    for (size_t i = 0; i < text.n; i += n) {
        uint32_t c = code_point(text, i, &n), folded = fold(c);

        if (folded < 0x80 && (folded != c || n == 1)) {
            out[used++] = (char)folded;
        } else if (folded != c) { /* all that change are of two bytes, before and after */
            out[used++] = (char)(0xc0 | folded >> 6);
            out[used++] = (char)(0x80 | (folded & 0x3f));
        } else {
            memcpy(out + used, text.s + i, n);
            used += n;
        }
    }
    out[used] = '\0';
    return (struct str){ out, used };
}

/* Letters and digits make words, and so does everything beyond ASCII but dashes, quotes and the like. */
static bool
is_of_word(struct str text, size_t at)
{
    size_t n;
    unsigned char s = (unsigned char)text.s[at];

    if (s < 0x80)
        return (s >= 'a' && s <= 'z') || (s >= '0' && s <= '9');
    while (at > 0 && utf8_is_continuation(text.s[at]))
        at--;
    uint32_t c = code_point(text, at, &n);
    return !(c >= 0xa0 && c <= 0xbf) && !(c >= 0x2000 && c <= 0x2bff) && c != 0x60c && c != 0x61f && !(c >= 0x1f000);
}

bool
words_have(struct str folded, const char *phrase)
{
    size_t n = strlen(phrase);
    bool is_stem = n > 0 && phrase[n - 1] == '*';

    if (is_stem)
        n--;
    for (size_t i = 0; n > 0 && i + n <= folded.n; i++) {
        const char *found = memmem(folded.s + i, folded.n - i, phrase, n);

        if (found == NULL)
            return false;
        i = (size_t)(found - folded.s);
        bool begins = i == 0 || !is_of_word(folded, i - 1) || !is_of_word(folded, i);
        bool ends = is_stem || i + n == folded.n || !is_of_word(folded, i + n) || !is_of_word(folded, i + n - 1);
        if (begins && ends)
            return true;
    }
    return false;
}
