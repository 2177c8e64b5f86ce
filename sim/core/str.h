/*
 * A borrowed slice of bytes: a pointer and a length, no terminator, no heap. It says nothing about
 * who owns the bytes; whoever hands one out says how long it lives.
 */
#ifndef UNDERSTUDY_CORE_STR_H
#define UNDERSTUDY_CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *s; /* borrowed; NULL only when nothing was there at all */
    size_t n;      /* bytes */
};

/* A slice of a string literal. STR("") is empty but there; STR_NONE is not there. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})

/* For printf: printf("%.*s", STR_ARG(slice)). */
#define STR_ARG(slice) (int)(slice).n, (slice).s == NULL ? "" : (slice).s

#define str_eq_lit(slice, literal) str_eq((slice), STR(literal))
#define str_starts_lit(slice, literal) str_starts((slice), STR(literal))

/* The slice of a C string; NULL gives STR_NONE. */
static inline struct str
str_of(const char *text)
{
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

static inline bool
str_eq(struct str a, struct str b)
{
    return a.n == b.n &&
           (a.n == 0 ||
            (*a.s == *b.s && memcmp(a.s, b.s, a.n) == 0)); /* most of a length begin differently */
}

static inline bool
str_starts(struct str text, struct str prefix)
{
    return text.n >= prefix.n && (prefix.n == 0 || memcmp(text.s, prefix.s, prefix.n) == 0);
}

static inline bool
str_ends(struct str text, struct str suffix)
{
    return text.n >= suffix.n &&
           (suffix.n == 0 || memcmp(text.s + text.n - suffix.n, suffix.s, suffix.n) == 0);
}

/* Equal but for the case of ASCII letters. */
static inline bool
str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    if (str_eq(a, b)) /* most are written as everybody writes them */
        return true;
    for (size_t i = 0; i < a.n; i++) {
        char x = a.s[i], y = b.s[i];

        if (x >= 'A' && x <= 'Z')
            x = (char)(x + ('a' - 'A'));
        if (y >= 'A' && y <= 'Z')
            y = (char)(y + ('a' - 'A'));
        if (x != y)
            return false;
    }
    return true;
}

/* Where `part` begins in a text, NULL when nowhere. It is looked for by its byte at `rare`: when few bytes of the text are that one, nothing is faster. */
static inline const char *
str_find(struct str text, struct str part, size_t rare)
{
    const char *end = text.s + text.n;

    if (part.n > text.n)
        return NULL;
    for (const char *at = text.s + rare;
         (at = (const char *)memchr(at, part.s[rare], (size_t)(end - at))) != NULL; at++)
        if ((size_t)(end - at) >= part.n - rare && memcmp(at - rare, part.s, part.n) == 0)
            return at - rare;
    return NULL;
}

/* What is left after the first n bytes (n <= text.n). */
static inline struct str
str_from(struct str text, size_t n)
{
    return (struct str){text.s + n, text.n - n};
}

/* Without spaces, tabs and line ends on both sides. */
static inline struct str
str_trim(struct str text)
{
    while (text.n > 0 && (text.s[0] == ' ' || (text.s[0] >= '\t' && text.s[0] <= '\r'))) {
        text.s++;
        text.n--;
    }
    while (text.n > 0 && (text.s[text.n - 1] == ' ' ||
                          (text.s[text.n - 1] >= '\t' && text.s[text.n - 1] <= '\r')))
        text.n--;
    return text;
}

#endif
