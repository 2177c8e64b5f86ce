#include "world/log.h"

#include <stdlib.h>
#include <string.h>

#include "world/xalloc.h"

#define SEGMENT_BYTES ((size_t)256 * 1024)

struct log_segment {
    uint32_t count, room;
    uint32_t *ends;    /* where each record ends, unrounded */
    size_t used, size;
    char bytes[] __attribute__((aligned(8)));
};

/* The numbers of the first records stand together, so that a search does not touch the segments. */
struct log_place {
    uint64_t first;
    struct log_segment *segment; /* owned */
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
        segment_free(log->segments[i].segment);
    free(log->segments);
    log_init(log, log->bytes_max);
}

static struct log_segment *
take_oldest(struct log *log)
{
    struct log_segment *oldest = log->segments[0].segment;

    log->bytes -= oldest->size;
    memmove(log->segments, log->segments + 1, --log->count * sizeof *log->segments);
    return oldest;
}

static void
drop_oldest(struct log *log)
{
    while (log->count > 1 && log->bytes > log->bytes_max)
        segment_free(take_oldest(log));
}

/* A log that is full writes over its oldest segment: it neither asks for memory nor gives any back. */
static struct log_segment *
segment_again(struct log *log, size_t size)
{
    if (log->count < 2 || log->bytes + size <= log->bytes_max || log->segments[0].segment->size != size)
        return NULL;
    struct log_segment *segment = take_oldest(log);
    segment->count = 0;
    segment->used = 0;
    return segment;
}

/* Small logs begin with small segments, so that an idle world costs little. */
static struct log_segment *
segment_new(struct log *log, size_t n)
{
    size_t size = log->count == 0 ? 4096 : log->count == 1 ? 32768 : SEGMENT_BYTES;

    if (size < n)
        size = n;
    struct log_segment *segment = segment_again(log, size);
    if (segment == NULL) {
        segment = xmalloc(sizeof *segment + size);
        *segment = (struct log_segment){ .size = size };
    }
    if (log->count == log->room) {
        log->room = log->room == 0 ? 8 : log->room * 2;
        log->segments = xrealloc(log->segments, log->room * sizeof *log->segments);
    }
    log->segments[log->count++] = (struct log_place){ log->next, segment };
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
    struct log_segment *segment = log->count > 0 ? log->segments[log->count - 1].segment : NULL;

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

    if (number == 0 || number >= log->next || log->count == 0 || number < log->segments[0].first)
        return NULL;
    if (number >= log->segments[high - 1].first) /* most who ask, ask for something new */
        low = high - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (log->segments[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    struct log_segment *segment = log->segments[low].segment;
    size_t i = number - log->segments[low].first;
    size_t start = i == 0 ? 0 : rounded(segment->ends[i - 1]);
    *n = segment->ends[i] - start;
    return segment->bytes + start;
}

uint64_t
log_first(const struct log *log)
{
    return log->count > 0 ? log->segments[0].first : log->next;
}
