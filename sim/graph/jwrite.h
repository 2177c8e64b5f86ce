/*
 * Writes JSON as the platform does: compact, '/' as '\/', everything beyond ASCII as lower-case
 * \uXXXX. A growable buffer, a handful of writers, no tree needed. It knows no field names.
 */
#ifndef UNDERSTUDY_GRAPH_JWRITE_H
#define UNDERSTUDY_GRAPH_JWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/str.h"
#include "graph/json.h"

/*
 * A growable text. {0} is an empty one. s is NUL-terminated once anything was added; n does not
 * count the NUL.
 */
struct buf {
    char *s; /* owned */
    size_t n;
    size_t cap;
};

void buf_grow(struct buf *, size_t more); /* the slow path of buf_reserve */

/* Room for that many more bytes and a NUL. */
static inline void
buf_reserve(struct buf *buf, size_t more)
{
    if (buf->cap - buf->n <= more)
        buf_grow(buf, more);
}

void buf_add(struct buf *, const void *bytes, size_t n);
void buf_adds(struct buf *, const char *text);
void buf_str(struct buf *, struct str text);

static inline void
buf_char(struct buf *buf, char c)
{
    buf_reserve(buf, 1);
    buf->s[buf->n++] = c;
    buf->s[buf->n] = '\0';
}

void buf_int64(struct buf *, int64_t number);
void buf_printf(struct buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_reset(struct buf *); /* empty, memory kept; no NUL is written until something is added */
void buf_fini(struct buf *);  /* memory given back, {0} again */
struct str buf_view(const struct buf *); /* borrowed until the next change */

/* JW_WEBHOOK: also '<' '%' '@' as \u003C \u0025 \u0040, as some webhook bodies had them. */
enum jw_flag {
    JW_GRAPH = 0,       /* replies: \uXXXX beyond ASCII, \/ */
    JW_UTF8 = 1,        /* characters beyond ASCII as they are */
    JW_PLAIN_SLASH = 2, /* '/' as it is */
    JW_WEBHOOK = 4,
    JW_OURS = JW_UTF8 | JW_PLAIN_SLASH, /* our own files and replies: plain JSON */
};

/* A quoted JSON string of a UTF-8 text. flags: jw_flag, or-ed. Invalid bytes become U+FFFD. */
void jw_string(struct buf *, struct str text, unsigned flags);

/*
 * A whole tree, compact. Numbers keep their literal; those beyond 64 bits become texts, as nobody
 * could read them.
 */
void jw_node(struct buf *, const struct jnode *, unsigned flags);

/*
 * Objects and arrays piece by piece, commas set by themselves: a comma is due unless the buffer is
 * empty or ends in '{', '[', ':', ',' or a newline. jw_open and jw_key set it; jw_string, jw_node
 * and buf_* inside an array need jw_item() first. Strings written by these use JW_GRAPH unless the
 * name says otherwise.
 */
void jw_open(struct buf *, char bracket);  /* '{' or '[' */
void jw_close(struct buf *, char bracket); /* '}' or ']' */
void jw_item(struct buf *);                /* a comma when one is due */
void jw_key_str(struct buf *, struct str key, unsigned flags);
void jw_kv_int(struct buf *, const char *key, int64_t value);
void jw_kv_id(struct buf *, const char *key,
              struct str id); /* digits as a number; as a text when JavaScript would round them */
void jw_kv_bool(struct buf *, const char *key, bool value);
void jw_kv_null(struct buf *, const char *key);
void jw_kv_raw(struct buf *, const char *key, struct str json); /* a value that is JSON already */
void jw_kv_node(struct buf *, const char *key, const struct jnode *, unsigned flags);

/* These are inline so that the length of a constant key is one too. */
static inline void
jw_key(struct buf *buf, const char *key)
{
    jw_key_str(buf, str_of(key), JW_GRAPH);
}

static inline void
jw_kv_strf(struct buf *buf, const char *key, struct str value, unsigned flags)
{
    jw_key(buf, key);
    jw_string(buf, value, flags);
}

static inline void
jw_kv_str(struct buf *buf, const char *key, struct str value)
{
    jw_kv_strf(buf, key, value, JW_GRAPH);
}

/* NULL is written as null. */
static inline void
jw_kv_text(struct buf *buf, const char *key, const char *value)
{
    if (value == NULL)
        jw_kv_null(buf, key);
    else
        jw_kv_str(buf, key, str_of(value));
}

#endif
