#include "graph/json.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/utf8.h"

/*
 * Members up to which the names of an object are compared one by one; from there on a table finds
 * them.
 */
#define FEW_MEMBERS 12

struct reader {
    const char *at;
    const char *end;
    const char *start;
    struct arena *arena;
    unsigned flags;
    unsigned depth;
    const char *bad;    /* where it went wrong */
    const char *reason; /* NULL: nothing did */
    const char *oddity; /* what others may refuse; NULL: nothing */
};

/*
 * The names of one object, once there are many: open addressing, a power of two of slots, at most
 * half of them in use.
 */
struct names {
    struct jnode **slots;
    size_t size;
};

static bool
refuse(struct reader *reader, const char *where, const char *reason)
{
    reader->bad = where;
    reader->reason = reason;
    return false;
}

static void
skip_space(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

/* --- Strings ---------------------------------------------------------------------------------- */

static bool
is_plain(char c, char quote)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != quote && c != '\\';
}

/* The first byte from `at` on that is not plain ASCII of a string, or end. */
static const char *
skip_plain(const char *at, const char *end, char quote)
{
#ifdef __SSE2__
    const __m128i quotes = _mm_set1_epi8(quote);
    const __m128i backslashes = _mm_set1_epi8('\\');
    const __m128i lowest = _mm_set1_epi8(0x20);

    while (end - at >= 16) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* signed: bytes beyond ASCII are negative and so also below 0x20 */
        __m128i special = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(text, quotes), _mm_cmpeq_epi8(text, backslashes)),
            _mm_cmplt_epi8(text, lowest));
        unsigned mask = (unsigned)_mm_movemask_epi8(special);

        if (mask != 0)
            return at + __builtin_ctz(mask);
        at += 16;
    }
#endif
    while (at < end && is_plain(*at, quote))
        at++;
    return at;
}

/* Four hex digits, or -1. */
static long
hex4(const char *at)
{
    long value = 0;

    for (unsigned i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/*
 * Decodes \uXXXX at `at` (behind the 'u'; `end` is the closing quote) and a second half behind it.
 * Gives how much was read, 0: refused.
 */
static size_t
unescape_unicode(struct reader *reader, const char *at, const char *end, char **out)
{
    long unit = end - at >= 4 ? hex4(at) : -1;

    if (unit < 0) {
        refuse(reader, at, "\\u needs four hex digits");
        return 0;
    }
    if (unit == 0 && (reader->flags & JSON_NO_NUL) != 0) {
        refuse(reader, at, "a NUL in a text");
        return 0;
    }
    if (unit < 0xD800 || unit > 0xDFFF) {
        *out = utf8_put(*out, (unsigned long)unit);
        return 4;
    }

    long low =
        unit <= 0xDBFF && end - at >= 10 && at[4] == '\\' && at[5] == 'u' ? hex4(at + 6) : -1;

    if (low < 0xDC00 || low > 0xDFFF) {
        refuse(reader, at, "half a surrogate pair");
        return 0;
    }
    *out = utf8_put(*out, 0x10000UL + ((unsigned long)(unit - 0xD800) << 10) +
                              (unsigned long)(low - 0xDC00));
    return 10;
}

static char
unescape_simple(const struct reader *reader, char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '\'':
        if ((reader->flags & JSON_LENIENT) != 0)
            return c;
        return '\0';
    default:
        return '\0';
    }
}

/*
 * Decodes a string with escapes whose bytes are already known to be UTF-8 without control
 * characters.
 */
static bool
unescape(struct reader *reader, const char *at, const char *end, struct str *text)
{
    char *decoded = arena_alloc(
        reader->arena, (size_t)(end - at)); /* no escape is shorter than what it stands for */
    char *out = decoded;

    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t run = (size_t)((backslash == NULL ? end : backslash) - at);

        memcpy(out, at, run);
        out += run;
        at += run;
        if (at == end)
            break;
        if (at[1] == 'u') {
            size_t used = unescape_unicode(reader, at + 2, end, &out);

            if (used == 0)
                return false;
            at += 2 + used;
        } else {
            char c = unescape_simple(reader, at[1]);

            if (c == '\0')
                return refuse(reader, at, "unknown escape");
            *out++ = c;
            at += 2;
        }
    }
    *text = (struct str){decoded, (size_t)(out - decoded)};
    return true;
}

/* Reads the string whose quote is at reader->at. */
static bool
read_string(struct reader *reader, struct str *text)
{
    const char *open = reader->at;
    const char *at = open + 1;
    const char quote = *open;
    bool escaped = false;

    for (;;) {
        at = skip_plain(at, reader->end, quote);
        if (at == reader->end)
            return refuse(reader, open, "string without an end");
        if (*at == quote)
            break;
        if (*at == '\\') {
            if (reader->end - at < 2)
                return refuse(reader, open, "string without an end");
            if ((unsigned char)at[1] < 0x20 || (unsigned char)at[1] >= 0x80)
                return refuse(reader, at, "unknown escape");
            escaped = true;
            at += 2;
        } else if ((unsigned char)*at < 0x20) {
            return refuse(reader, at, "control character in a string");
        } else {
            unsigned step = utf8_step(at, reader->end);

            if (step == 0)
                return refuse(reader, at, "not UTF-8");
            at += step;
        }
    }
    reader->at = at + 1;
    if (escaped)
        return unescape(reader, open + 1, at, text);
    *text = (struct str){open + 1, (size_t)(at - open - 1)};
    return true;
}

static bool
at_quote(const struct reader *reader)
{
    return reader->at < reader->end &&
           (*reader->at == '"' || (*reader->at == '\'' && (reader->flags & JSON_LENIENT) != 0));
}

/* --- Numbers and words ------------------------------------------------------------------------ */

static bool
skip_digits(struct reader *reader)
{
    const char *from = reader->at;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return reader->at > from;
}

static bool
skip_char(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool
read_number(struct reader *reader, struct jnode *node)
{
    const char *from = reader->at;

    skip_char(reader, '-');
    if (!skip_char(reader, '0') && !skip_digits(reader))
        return refuse(reader, from, "number without digits");
    if (skip_char(reader, '.') && !skip_digits(reader))
        return refuse(reader, from, "number without digits behind the point");
    if (skip_char(reader, 'e') || skip_char(reader, 'E')) {
        if (!skip_char(reader, '+'))
            skip_char(reader, '-');
        if (!skip_digits(reader))
            return refuse(reader, from, "number without digits in the exponent");
        reader->oddity = "a number with an exponent";
    }
    node->type = J_NUMBER;
    node->text = (struct str){from, (size_t)(reader->at - from)};
    if (node->text.n > 18)
        reader->oddity = "a number that may not fit 64 bits";
    return true;
}

static bool
read_word(struct reader *reader, struct str word, enum jtype type, struct jnode *node)
{
    if (!str_starts((struct str){reader->at, (size_t)(reader->end - reader->at)}, word))
        return refuse(reader, reader->at, "value expected");
    node->type = type;
    node->text = (struct str){reader->at, word.n};
    reader->at += word.n;
    return true;
}

/* --- Objects and arrays ----------------------------------------------------------------------- */

static size_t
hash_of(struct str key)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

    for (size_t i = 0; i < key.n; i++)
        hash = (hash ^ (unsigned char)key.s[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

static struct jnode **
slot_of(const struct names *names, struct str key)
{
    size_t i = hash_of(key) & (names->size - 1);

    while (names->slots[i] != NULL && !str_eq(names->slots[i]->key, key))
        i = (i + 1) & (names->size - 1);
    return &names->slots[i];
}

/* A table for twice the members the object has now. */
static void
fill_names(struct reader *reader, struct names *names, const struct jnode *object)
{
    names->size = 64;
    while (names->size < (size_t)object->count * 4)
        names->size *= 2;
    names->slots = arena_zalloc(reader->arena, names->size * sizeof(void *));
    for (struct jnode *child = object->first; child != NULL; child = child->next)
        *slot_of(names, child->key) = child;
}

static struct jnode *
find_member(struct reader *reader, struct names *names, const struct jnode *object, struct str key)
{
    if (object->count <= FEW_MEMBERS) {
        for (struct jnode *child = object->first; child != NULL; child = child->next) {
            if (str_eq(child->key, key))
                return child;
        }
        return NULL;
    }
    if (names->size < (size_t)object->count * 2)
        fill_names(reader, names, object);
    return *slot_of(names, key);
}

/* NOLINTBEGIN(misc-no-recursion): JSON_DEPTH_MAX bounds it. */
static bool read_value(struct reader *, struct jnode *);

/* A name without quotes: {id:PSID}. */
static bool
read_bare_name(struct reader *reader, struct str *name)
{
    const char *from = reader->at;

    while (reader->at < reader->end &&
           (*reader->at == '_' || (*reader->at >= 'a' && *reader->at <= 'z') ||
            (*reader->at >= 'A' && *reader->at <= 'Z') ||
            (reader->at > from && *reader->at >= '0' && *reader->at <= '9')))
        reader->at++;
    *name = (struct str){from, (size_t)(reader->at - from)};
    return name->n > 0;
}

static bool
read_name(struct reader *reader, struct str *name)
{
    const char *from = reader->at;

    if (at_quote(reader))
        return read_string(reader, name);
    if ((reader->flags & JSON_LENIENT) != 0 && read_bare_name(reader, name))
        return true;
    return refuse(reader, from, "name in quotes expected");
}

/* Reads `"name": value` and adds it behind *last, or lets it take the place of an older one. */
static bool
read_member(struct reader *reader, struct jnode *object, struct names *names, struct jnode ***last)
{
    const char *from = reader->at;
    struct jnode *node = arena_alloc(reader->arena, sizeof *node);

    if (!read_name(reader, &node->key))
        return false;
    skip_space(reader);
    if (!skip_char(reader, ':'))
        return refuse(reader, reader->at, "':' expected");

    struct jnode *older = find_member(reader, names, object, node->key);

    if (older != NULL && (reader->flags & JSON_LAST_WINS) == 0)
        return refuse(reader, from, "name given twice");
    if (!read_value(reader, node))
        return false;
    if (older != NULL) {
        reader->oddity = "a name given twice";
        older->type = node->type;
        older->count = node->count;
        older->text = node->text;
        older->first = node->first;
        return true;
    }
    **last = node;
    *last = &node->next;
    object->count++;
    if (names->size > 0)
        *slot_of(names, node->key) = node;
    return true;
}

static bool
read_element(struct reader *reader, struct jnode *array, struct jnode ***last)
{
    struct jnode *node = arena_alloc(reader->arena, sizeof *node);

    node->key = STR_NONE;
    if (!read_value(reader, node))
        return false;
    **last = node;
    *last = &node->next;
    array->count++;
    return true;
}

/* Reads the object or array whose bracket is at reader->at. */
static bool
read_container(struct reader *reader, struct jnode *node)
{
    const char *from = reader->at;
    const bool is_object = *from == '{';
    const char close = is_object ? '}' : ']';
    struct names names = {NULL, 0};
    struct jnode **last = &node->first;

    if (++reader->depth > JSON_DEPTH_MAX)
        return refuse(reader, from, "nested too deeply");
    node->type = is_object ? J_OBJECT : J_ARRAY;
    reader->at++;
    skip_space(reader);
    if (!skip_char(reader, close)) {
        do {
            skip_space(reader);
            if (!(is_object ? read_member(reader, node, &names, &last)
                            : read_element(reader, node, &last)))
                return false;
            skip_space(reader);
        } while (skip_char(reader, ','));
        if (!skip_char(reader, close))
            return refuse(reader, reader->at,
                          is_object ? "',' or '}' expected" : "',' or ']' expected");
    }
    reader->depth--;
    node->text = (struct str){from, (size_t)(reader->at - from)};
    return true;
}

/* Fills all of *node but its key. */
static bool
read_value(struct reader *reader, struct jnode *node)
{
    node->count = 0;
    node->first = NULL;
    node->next = NULL;
    skip_space(reader);
    if (reader->at == reader->end)
        return refuse(reader, reader->at, "text ends where a value is expected");
    switch (*reader->at) {
    case '{':
    case '[':
        return read_container(reader, node);
    case '\'':
        if ((reader->flags & JSON_LENIENT) == 0)
            return refuse(reader, reader->at, "value expected");
        /* fall through */
    case '"':
        node->type = J_STRING;
        return read_string(reader, &node->text);
    case 't':
        return read_word(reader, STR("true"), J_TRUE, node);
    case 'f':
        return read_word(reader, STR("false"), J_FALSE, node);
    case 'n':
        return read_word(reader, STR("null"), J_NULL, node);
    case '-':
        return read_number(reader, node);
    default:
        if (*reader->at >= '0' && *reader->at <= '9')
            return read_number(reader, node);
        return refuse(reader, reader->at, "value expected");
    }
}

/* NOLINTEND(misc-no-recursion) */

static void
report(const struct reader *reader, struct json_error *error)
{
    if (error == NULL)
        return;
    *error = (struct json_error){(size_t)(reader->bad - reader->start), 1, reader->reason};
    for (const char *at = reader->start; at < reader->bad; at++)
        error->line += *at == '\n';
}

const struct jnode *
json_read(struct arena *arena, struct str text, unsigned flags, struct json_error *error)
{
    const char *start = text.s == NULL ? "" : text.s;
    struct reader reader = {
        .at = start, .end = start + text.n, .start = start, .arena = arena, .flags = flags};
    struct jnode *root = arena_alloc(arena, sizeof *root);

    root->key = STR_NONE;
    if (read_value(&reader, root)) {
        skip_space(&reader);
        if (reader.at == reader.end) {
            if (error != NULL)
                *error = (struct json_error){0, 1, reader.oddity};
            return root;
        }
        refuse(&reader, reader.at, "text behind the end of the value");
    }
    report(&reader, error);
    return NULL;
}
