#include "graph/jwrite.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/utf8.h"
#include "world/ids.h"
#include "world/xalloc.h"

/* --- Buffer ----------------------------------------------------------------------------------- */

void
buf_grow(struct buf *buf, size_t more)
{
    size_t needed = buf->n + more + 1;

    assert(needed > more); /* no body comes near the end of the address space */
    buf->cap = buf->cap * 2 > needed ? buf->cap * 2 : needed;
    if (buf->cap < 256)
        buf->cap = 256;
    buf->s = xrealloc(buf->s, buf->cap);
}

void
buf_add(struct buf *buf, const void *bytes, size_t n)
{
    buf_reserve(buf, n);
    if (n > 0)
        memcpy(buf->s + buf->n, bytes, n);
    buf->n += n;
    buf->s[buf->n] = '\0';
}

void
buf_adds(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void
buf_str(struct buf *buf, struct str text)
{
    buf_add(buf, text.s, text.n);
}

void
buf_int64(struct buf *buf, int64_t number)
{
    char digits[20];
    char *at = digits + sizeof digits;
    uint64_t left = number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        *--at = '-';
    buf_add(buf, at, (size_t)(digits + sizeof digits - at));
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);

    int n = vsnprintf(NULL, 0, format, arguments);

    va_end(arguments);
    assert(n >= 0);
    buf_reserve(buf, (size_t)n);
    va_start(arguments, format);
    vsnprintf(buf->s + buf->n, (size_t)n + 1, format, arguments);
    va_end(arguments);
    buf->n += (size_t)n;
}

void
buf_reset(struct buf *buf)
{
    buf->n = 0;
}

void
buf_fini(struct buf *buf)
{
    free(buf->s);
    *buf = (struct buf){0};
}

struct str
buf_view(const struct buf *buf)
{
    return (struct str){buf->s == NULL ? "" : buf->s, buf->n};
}

/* --- Strings ---------------------------------------------------------------------------------- */

static const char hex_lower[] = "0123456789abcdef";

static void
put_unit(struct buf *buf, unsigned unit)
{
    char escape[6] = {'\\',
                      'u',
                      hex_lower[unit >> 12 & 15],
                      hex_lower[unit >> 8 & 15],
                      hex_lower[unit >> 4 & 15],
                      hex_lower[unit & 15]};

    buf_add(buf, escape, sizeof escape);
}

static void
put_point(struct buf *buf, unsigned point)
{
    if (point < 0x10000) {
        put_unit(buf, point);
        return;
    }
    point -= 0x10000;
    put_unit(buf, 0xD800 | point >> 10);
    put_unit(buf, 0xDC00 | (point & 0x3FF));
}

/* Decodes the character at text[at] into *point; gives its bytes, or 0 when it is not UTF-8. */
static unsigned
decode(struct str text, size_t at, unsigned *point)
{
    unsigned lead = (unsigned char)text.s[at];
    unsigned size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

    if (text.n - at < size || !utf8_valid((struct str){text.s + at, size}))
        return 0;
    *point = lead & (0xFFu >> (size + 1));
    for (unsigned i = 1; i < size; i++)
        *point = *point << 6 | ((unsigned char)text.s[at + i] & 0x3Fu);
    return size;
}

/*
 * Writes the character beyond ASCII at text[at] and gives its bytes; a byte that is none becomes
 * U+FFFD.
 */
static size_t
put_beyond_ascii(struct buf *buf, struct str text, size_t at, unsigned flags)
{
    unsigned point = 0xFFFD;
    unsigned size = decode(text, at, &point);

    if (size > 0 && (flags & JW_UTF8) != 0)
        buf_add(buf, text.s + at, size);
    else
        put_point(buf, point);
    return size > 0 ? size : 1;
}

static void
put_ascii(struct buf *buf, char c)
{
    switch (c) {
    case '"':
        buf_add(buf, "\\\"", 2);
        break;
    case '\\':
        buf_add(buf, "\\\\", 2);
        break;
    case '/':
        buf_add(buf, "\\/", 2);
        break;
    case '\b':
        buf_add(buf, "\\b", 2);
        break;
    case '\f':
        buf_add(buf, "\\f", 2);
        break;
    case '\n':
        buf_add(buf, "\\n", 2);
        break;
    case '\r':
        buf_add(buf, "\\r", 2);
        break;
    case '\t':
        buf_add(buf, "\\t", 2);
        break;
    case '<': /* the platform writes these three, and only these, in capitals */
        buf_add(buf, "\\u003C", 6);
        break;
    case '%':
        buf_add(buf, "\\u0025", 6);
        break;
    case '@':
        buf_add(buf, "\\u0040", 6);
        break;
    default:
        put_unit(buf, (unsigned char)c);
    }
}

/* Who escapes a character: everybody, all but those who write JW_PLAIN_SLASH, or JW_WEBHOOK only. */
enum { BY_ALL = 1, BY_SLASH = 2, BY_WEBHOOK = 4 };

static const unsigned char escaped_by[256] = {
    [0 ... 0x1F] = BY_ALL, ['"'] = BY_ALL,     ['\\'] = BY_ALL,    [0x80 ... 0xFF] = BY_ALL,
    ['/'] = BY_SLASH,      ['<'] = BY_WEBHOOK, ['%'] = BY_WEBHOOK, ['@'] = BY_WEBHOOK,
};

#ifdef __SSE2__
/* A bit for each of the sixteen bytes that needs an escape; `slash` is what stands for itself, or a quote. */
static inline unsigned
special_of(__m128i bytes, char slash)
{
    __m128i escaped = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    /* signed: bytes beyond ASCII are negative and so also below 0x20 */
    __m128i special =
        _mm_or_si128(_mm_or_si128(escaped, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(slash))),
                     _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)));

    return (unsigned)_mm_movemask_epi8(special);
}

/* 4 to 15 bytes in a register, some of them twice. */
static inline __m128i
short_text(struct str text)
{
    uint64_t first = 0, last = 0;

    if (text.n >= 8) {
        memcpy(&first, text.s, 8);
        memcpy(&last, text.s + text.n - 8, 8);
    } else {
        uint32_t front, back;

        memcpy(&front, text.s, 4);
        memcpy(&back, text.s + text.n - 4, 4);
        first = last = (uint64_t)back << 32 | front;
    }
    return _mm_set_epi64x((long long)last, (long long)first);
}
#endif

/* Where the next character to escape stands, or text.n. */
static size_t
skip_plain(struct str text, size_t at, unsigned flags)
{
#ifdef __SSE2__
    const char slash = (flags & JW_PLAIN_SLASH) != 0 ? '"' : '/';

    while ((flags & JW_WEBHOOK) == 0 && at < text.n && text.n >= 16) {
        size_t from =
            text.n - at >= 16 ? at : text.n - 16; /* the last look may go over bytes again */
        unsigned mask =
            special_of(_mm_loadu_si128((const __m128i *)(const void *)(text.s + from)), slash) >>
            (at - from);

        if (mask != 0)
            return at + (size_t)__builtin_ctz(mask);
        at = from + 16;
    }
    if (at == 0 && text.n >= 4 && text.n < 16 && (flags & JW_WEBHOOK) == 0 &&
        special_of(short_text(text), slash) == 0)
        return text.n;
#endif
    const unsigned by = BY_ALL | ((flags & JW_PLAIN_SLASH) == 0 ? BY_SLASH : 0u) |
                        ((flags & JW_WEBHOOK) != 0 ? BY_WEBHOOK : 0u);

    while (at < text.n && (escaped_by[(unsigned char)text.s[at]] & by) == 0)
        at++;
    return at;
}

void
jw_string(struct buf *buf, struct str text, unsigned flags)
{
    size_t at = skip_plain(text, 0, flags);

    buf_reserve(buf, text.n + 3);
    buf->s[buf->n++] = '"';
    if (at > 0) {
        memcpy(buf->s + buf->n, text.s, at);
        buf->n += at;
    }
    if (at == text.n) {
        buf->s[buf->n++] = '"';
        buf->s[buf->n] = '\0';
        return;
    }
    while (at < text.n) {
        if (text.s[at] == '/') { /* by far the most frequent */
            buf_reserve(buf, 2);
            buf->s[buf->n++] = '\\';
            buf->s[buf->n++] = text.s[at++];
        } else if ((unsigned char)text.s[at] >= 0x80) {
            at += put_beyond_ascii(buf, text, at, flags);
        } else {
            put_ascii(buf, text.s[at++]);
        }

        size_t next = skip_plain(text, at, flags);

        buf_reserve(buf, next - at);
        memcpy(buf->s + buf->n, text.s + at, next - at);
        buf->n += next - at;
        at = next;
    }
    buf_char(buf, '"');
}

/* --- Trees ------------------------------------------------------------------------------------ */

/* NOLINTBEGIN(misc-no-recursion): no deeper than the tree, which its reader bounds. */
static void
put_children(struct buf *buf, const struct jnode *node, unsigned flags)
{
    for (const struct jnode *child = node->first; child != NULL; child = child->next) {
        if (child != node->first)
            buf_char(buf, ',');
        if (node->type == J_OBJECT) {
            jw_string(buf, child->key, flags);
            buf_char(buf, ':');
        }
        jw_node(buf, child, flags);
    }
}

/* Whether readers with 64 bits have a place for a number. */
static bool
number_fits(struct str text)
{
    char copy[40];
    int64_t whole;

    if (text.n <= 18 && memchr(text.s, 'e', text.n) == NULL && memchr(text.s, 'E', text.n) == NULL)
        return true;
    if (text.n >= sizeof copy)
        return false;
    memcpy(copy, text.s, text.n);
    copy[text.n] = '\0';
    if (strpbrk(copy, ".eE") != NULL)
        return isfinite(strtod(copy, NULL));
    return json_int64(&(struct jnode){.type = J_NUMBER, .text = text}, &whole);
}

void
jw_node(struct buf *buf, const struct jnode *node, unsigned flags)
{
    switch (node->type) {
    case J_NULL:
        buf_adds(buf, "null");
        break;
    case J_FALSE:
        buf_adds(buf, "false");
        break;
    case J_TRUE:
        buf_adds(buf, "true");
        break;
    case J_NUMBER:
        if (number_fits(node->text))
            buf_str(buf, node->text);
        else
            jw_string(buf, node->text, flags);
        break;
    case J_STRING:
        jw_string(buf, node->text, flags);
        break;
    case J_ARRAY:
        buf_char(buf, '[');
        put_children(buf, node, flags);
        buf_char(buf, ']');
        break;
    case J_OBJECT:
        buf_char(buf, '{');
        put_children(buf, node, flags);
        buf_char(buf, '}');
        break;
    }
}

/* NOLINTEND(misc-no-recursion) */

/* --- Piece by piece --------------------------------------------------------------------------- */

void
jw_item(struct buf *buf)
{
    /* A value never ends in one of these, so whatever does is a place where one begins. */
    switch (buf->n > 0 ? buf->s[buf->n - 1] : '\n') {
    case '{':
    case '[':
    case ':':
    case ',':
    case '\n':
        break;
    default:
        buf_char(buf, ',');
    }
}

void
jw_open(struct buf *buf, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    jw_item(buf);
    buf_char(buf, bracket);
}

void
jw_close(struct buf *buf, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    buf_char(buf, bracket);
}

void
jw_key_str(struct buf *buf, struct str key, unsigned flags)
{
    jw_item(buf);
    jw_string(buf, key, flags);
    buf_char(buf, ':');
}

void
jw_kv_int(struct buf *buf, const char *key, int64_t value)
{
    jw_key(buf, key);
    buf_int64(buf, value);
}

void
jw_kv_id(struct buf *buf, const char *key, struct str id)
{
    uint64_t number = digits_read(id.s, id.n);

    if (number != 0 && number <= UINT64_C(9007199254740991))
        jw_kv_raw(buf, key, id);
    else
        jw_kv_str(buf, key, id);
}

void
jw_kv_bool(struct buf *buf, const char *key, bool value)
{
    jw_key(buf, key);
    buf_adds(buf, value ? "true" : "false");
}

void
jw_kv_null(struct buf *buf, const char *key)
{
    jw_key(buf, key);
    buf_adds(buf, "null");
}

void
jw_kv_raw(struct buf *buf, const char *key, struct str json)
{
    jw_key(buf, key);
    buf_str(buf, json);
}

void
jw_kv_node(struct buf *buf, const char *key, const struct jnode *node, unsigned flags)
{
    jw_key(buf, key);
    jw_node(buf, node, flags);
}
