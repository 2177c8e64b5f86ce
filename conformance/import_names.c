/* Names of people in texts, in any alphabet: what the file calls somebody gives way to the stand-in wherever a text calls them so, in capitals or small letters. */
#include <locale.h>
#include <string.h>
#include <wctype.h>

#include "conformance/import.h"

/* One character of a text in UTF-8 (all of jansson's are). Gives its length; 0 at the end. */
size_t
import_character(const char *text, uint32_t *c)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (s[0] == '\0')
        return 0;
    *c = n == 1 ? s[0] : (uint32_t)(s[0] & (0xff >> (n + 1)));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return i;
        *c = *c << 6 | (s[i] & 0x3f);
    }
    return n;
}

/* The length of a letter that begins here, and its small form; 0: none. Of the Turkish i's one is made: they are each other's small forms abroad. */
static size_t
letter_at(const struct import *im, const char *text, uint32_t *small)
{
    uint32_t c = 0;
    size_t n = import_character(text, &c);

    if (n == 0 || !iswalpha_l((wint_t)c, im->letters) || (c < 0x80 && c >= '0' && c <= '9'))
        return 0;
    *small = (uint32_t)towlower_l((wint_t)c, im->letters);
    if (*small == 0x131 || *small == 0x130)
        *small = 'i';
    return n;
}

static bool
is_letter_before(const struct import *im, const char *text, size_t i)
{
    uint32_t c;

    if (i == 0)
        return false;
    do
        i--;
    while (i > 0 && ((unsigned char)text[i] & 0xc0) == 0x80);
    return letter_at(im, text + i, &c) > 0;
}

/* Chinese, Japanese, Korean and Thai put no space around a name. */
static bool
is_unspaced(uint32_t c)
{
    return (c >= 0xe00 && c < 0xe80) || (c >= 0x3040 && c < 0x3100) ||
           (c >= 0x3400 && c < 0xa000) || (c >= 0xac00 && c < 0xd7a4) ||
           (c >= 0x20000 && c < 0x32000);
}

/* A word under construction: the small letters of it. */
struct word {
    char s[64];
    size_t n, letters;
};

static bool
word_add(struct word *word, uint32_t c)
{
    char *s = word->s + word->n;

    if (word->n + 5 > sizeof word->s)
        return false;
    if (c < 0x80) {
        *s++ = (char)c;
    } else if (c < 0x800) {
        *s++ = (char)(0xc0 | c >> 6);
        *s++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *s++ = (char)(0xe0 | c >> 12);
        *s++ = (char)(0x80 | (c >> 6 & 0x3f));
        *s++ = (char)(0x80 | (c & 0x3f));
    } else {
        *s++ = (char)(0xf0 | c >> 18);
        *s++ = (char)(0x80 | (c >> 12 & 0x3f));
        *s++ = (char)(0x80 | (c >> 6 & 0x3f));
        *s++ = (char)(0x80 | (c & 0x3f));
    }
    *s = '\0';
    word->n = (size_t)(s - word->s);
    word->letters++;
    return true;
}

void
import_learn_name(struct import *im, const char *person_name, const char *stand_in)
{
    const char *s = person_name;

    if (strchr(s, '@') != NULL) /* an address; it is replaced as such */
        return;
    while (*s != '\0') {
        struct word word = {0};
        bool is_name = true;
        uint32_t c = 0;
        size_t n;

        while (*s != '\0' && ((n = letter_at(im, s, &c)) > 0 || (*s >= '0' && *s <= '9'))) {
            is_name = is_name && n > 0 && word_add(&word, c);
            s += n > 0 ? n : 1;
        }
        /* initials are none, nor is "user12" */
        if (is_name && word.n >= 3 && word.letters >= 2 &&
            json_object_get(im->names, word.s) == NULL)
            json_object_set_new(im->names, word.s, json_string(stand_in));
        if (*s != '\0' && letter_at(im, s, &c) == 0)
            s += import_character(s, &c);
    }
}

size_t
import_name_at(const struct import *im, const char *text, size_t i, const char **stand_in)
{
    struct word word = {0};
    size_t n = 0, length, found = 0;
    uint32_t c = 0, next = 0;

    if (json_object_size(im->names) == 0 || letter_at(im, text + i, &c) == 0 ||
        (!is_unspaced(c) && is_letter_before(im, text, i)))
        return 0;
    while ((length = letter_at(im, text + i + n, &c)) > 0 && word_add(&word, c)) {
        n += length;
        if (!is_unspaced(c) && letter_at(im, text + i + n, &next) > 0)
            continue;
        const char *known = json_string_value(json_object_get(im->names, word.s));
        if (known != NULL) {
            *stand_in = known;
            found = n;
        }
    }
    return found;
}
