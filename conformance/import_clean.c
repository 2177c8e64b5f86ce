/* What must not leave the machine in a recording: phone numbers, mail addresses, access tokens, long numbers (cards, ids). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/import.h"

/* With all that people put between the digits; what is longer is cut into several. */
enum { NUMBER_LENGTH_MAX = 64 };

static uint64_t
hash_of(const char *text, size_t n)
{
    uint64_t hash = UINT64_C(1469598103934665603);

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash;
}

static bool
is_mail_character(char c)
{
    return c != '\0' && (isalnum((unsigned char)c) || strchr("._%+-", c) != NULL);
}

/* The length of a mail address that begins here; 0: none. */
static size_t
mail_at(const char *text)
{
    size_t at = 0, to;

    while (is_mail_character(text[at]))
        at++;
    if (at == 0 || text[at] != '@')
        return 0;
    for (to = at + 1; isalnum((unsigned char)text[to]) || text[to] == '.' || text[to] == '-'; to++)
        ;
    while (text[to - 1] == '.') /* the end of a sentence */
        to--;
    return to > at + 2 && memchr(text + at, '.', to - at) != NULL ? to : 0;
}

/* The length of a number of seven digits or more that begins here, with the spaces and dashes people put in; 0: none. */
static size_t
number_at(const char *text)
{
    size_t n = text[0] == '+' ? 1 : 0, digits = 0, end = 0;

    if (!isdigit((unsigned char)text[n]) && text[n] != '(')
        return 0;
    for (; n < NUMBER_LENGTH_MAX && text[n] != '\0' &&
           (isdigit((unsigned char)text[n]) || strchr(" -()./", text[n]) != NULL);
         n++)
        if (isdigit((unsigned char)text[n])) {
            digits++;
            end = n + 1;
        }
    return digits >= 7 ? end : 0;
}

/* An access token: EA and at least forty letters and digits, or a run of sixty of them. */
static size_t
token_at(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '-')
        n++;
    return n >= 60 || (n >= 40 && strncmp(text, "EA", 2) == 0) ? n : 0;
}

struct text {
    char *s;
    size_t n, room;
};

static void
add(struct text *to, const char *bytes, size_t n)
{
    if (to->n + n + 1 > to->room) {
        to->room = (to->n + n + 1) * 2;
        to->s = realloc(to->s, to->room);
        if (to->s == NULL)
            abort();
    }
    memcpy(to->s + to->n, bytes, n);
    to->n += n;
    to->s[to->n] = '\0';
}

static void
add_stand_in(struct text *to, const char *original, size_t n, const char *before, const char *after)
{
    char stand_in[64];
    int length = snprintf(stand_in, sizeof stand_in, "%s%u%s", before,
                          (unsigned)(hash_of(original, n) % 9000000 + 1000000), after);

    add(to, stand_in, (size_t)length);
}

/* A letter of any alphabet; the typographic apostrophe of "Anna's" is none. */
static bool
is_letter(const char *c)
{
    return isalpha((unsigned char)*c) ||
           ((unsigned char)*c >= 0x80 && strncmp(c, "\xe2\x80", 2) != 0);
}

/* The length of a person's name that begins here, and what stands for it; 0: none. */
static size_t
name_at(const struct import *im, const char *text, size_t i, const char **stand_in)
{
    char word[64];
    size_t n = 0;

    if (json_object_size(im->names) == 0 || (i > 0 && is_letter(text + i - 1)))
        return 0;
    text += i;

    while (is_letter(text + n) && n + 1 < sizeof word) {
        word[n] = (char)tolower((unsigned char)text[n]);
        n++;
    }
    word[n] = '\0';
    *stand_in =
        n > 0 && !is_letter(text + n) ? json_string_value(json_object_get(im->names, word)) : NULL;
    return *stand_in != NULL ? n : 0;
}

/* Puts what stands at `i` into `out`, or what stands for it. Gives how much of the text that was. */
static size_t
clean_at(const struct import *im, const char *text, size_t i, struct text *out)
{
    char before = '\0';

    if (i > 0)
        before = text[i - 1];
    bool is_start = !isalnum((unsigned char)before);
    const char *stand_in;
    size_t n;

    if (!is_mail_character(before) && (n = mail_at(text + i)) > 0) {
        add_stand_in(out, text + i, n, "person", "@example.com");
        return n;
    }
    if (is_start && (n = number_at(text + i)) > 0) {
        add_stand_in(out, text + i, n, text[i] == '+' ? "+1555" : "555", "");
        return n;
    }
    if (is_start && (n = token_at(text + i)) > 0) {
        add(out, "***", 3);
        return n;
    }
    if ((n = name_at(im, text, i, &stand_in)) > 0) {
        char first = (char)toupper((unsigned char)*stand_in);
        add(out, &first, 1);
        add(out, stand_in + 1, strlen(stand_in + 1));
        return n;
    }
    add(out, text + i, 1);
    return 1;
}

json_t *
import_clean(const struct import *im, const char *text)
{
    struct text out = {0};

    add(&out, "", 0);
    for (size_t i = 0; text[i] != '\0';)
        i += clean_at(im, text, i, &out);
    json_t *clean = json_stringn(out.s, out.n);
    free(out.s);
    return clean;
}
