/* log.h - an append-only log of byte records in segments, bounded in bytes: the oldest segment goes when the cap is passed.
 * Knows nothing of what a record means. The journal and the messages of a world are one each. */
#ifndef UNDERSTUDY_WORLD_LOG_H
#define UNDERSTUDY_WORLD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log {
    struct log_place *segments; /* oldest first */
    size_t count, room;
    uint64_t next;    /* the number of the next record; the first is 1 */
    size_t bytes;     /* held now */
    size_t bytes_max; /* at least one segment is always kept */
};

void log_init(struct log *log, size_t bytes_max);
void log_fini(struct log *log);

/* Room for a record of n bytes, 8-byte aligned, to be filled by the caller; *number is the record's. */
void *log_append(struct log *log, size_t n, uint64_t *number);

/* The record of that number, its length in *n; NULL when it was never there or has been dropped. */
void *log_get(const struct log *log, uint64_t number, size_t *n);

/* The oldest number still held (== next when empty). */
uint64_t log_first(const struct log *log);

#endif
