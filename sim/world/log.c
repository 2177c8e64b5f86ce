#include "world/log.h"

#include <stdlib.h>
#include <string.h>

#include "world/xalloc.h"

#define SEGMENT_BYTES ((size_t)256 * 1024)

struct log_segment {
    uint64_t first;    /* number of its first record */
    uint32_t count, room;
    uint32_t *ends;    /* where each record ends, unrounded */
    size_t used, size;
    char bytes[] __attribute__((aligned(8)));
};

void
log_init(struct log *log, size_t bytes_max)
{
    *log = (struct log){ .next = 1, .bytes_max = bytes_max };
}

static void
segment_free(struct log_segment *segment)
{
    free(segment->ends);
    free(segment);
}

void
log_fini(struct log *log)
{
    for (size_t i = 0; i < log->count; i++)
        segment_free(log->segments[i]);
    free(log->segments);
    log_init(log, log->bytes_max);
}

static void
drop_oldest(struct log *log)
{
    while (log->count > 1 && log->bytes > log->bytes_max) {
        log->bytes -= log->segments[0]->size;
        segment_free(log->segments[0]);
        memmove(log->segments, log->segments + 1, --log->count * sizeof *log->segments);
    }
}

/* Small logs begin with small segments, so that an idle world costs little. */
static struct log_segment *
segment_new(struct log *log, size_t n)
{
    size_t size = log->count == 0 ? 4096 : log->count == 1 ? 32768 : SEGMENT_BYTES;
    struct log_segment *segment;

    if (size < n)
        size = n;
    segment = xmalloc(sizeof *segment + size);
    *segment = (struct log_segment){ .first = log->next, .size = size };
    if (log->count == log->room) {
        log->room = log->room == 0 ? 8 : log->room * 2;
        log->segments = xrealloc(log->segments, log->room * sizeof *log->segments);
    }
    log->segments[log->count++] = segment;
    log->bytes += size;
    drop_oldest(log);
    return segment;
}

static size_t
rounded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

void *
log_append(struct log *log, size_t n, uint64_t *number)
{
    struct log_segment *segment = log->count > 0 ? log->segments[log->count - 1] : NULL;

    if (segment == NULL || segment->used + n > segment->size)
        segment = segment_new(log, n);
    if (segment->count == segment->room) {
        segment->room = segment->room == 0 ? 16 : segment->room * 2;
        segment->ends = xrealloc(segment->ends, segment->room * sizeof *segment->ends);
    }
    char *at = segment->bytes + segment->used;
    segment->ends[segment->count++] = (uint32_t)(segment->used + n);
    segment->used = rounded(segment->used + n);
    if (segment->used > segment->size)
        segment->used = segment->size;
    *number = log->next++;
    return at;
}

void *
log_get(const struct log *log, uint64_t number, size_t *n)
{
    size_t low = 0, high = log->count;

    if (number == 0 || number >= log->next || log->count == 0 || number < log->segments[0]->first)
        return NULL;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (log->segments[middle]->first <= number)
            low = middle;
        else
            high = middle;
    }
    struct log_segment *segment = log->segments[low];
    size_t i = number - segment->first;
    size_t start = i == 0 ? 0 : rounded(segment->ends[i - 1]);
    *n = segment->ends[i] - start;
    return segment->bytes + start;
}

uint64_t
log_first(const struct log *log)
{
    return log->count > 0 ? log->segments[0]->first : log->next;
}
