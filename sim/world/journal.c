/* The journal of a world: everything that happened, in order. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "world/world.h"

/* Every record begins with who writes it out; NULL: it is text already. */
struct record {
    journal_format_fn *format;
    char bytes[];
};

size_t
world_record_head(const struct world *w, uint64_t seq, ms_t at, const char *kind, char out[JOURNAL_HEAD_SIZE])
{
    char when[DATETIME_SIZE];

    datetime_iso(when, at);
    int n = snprintf(out, JOURNAL_HEAD_SIZE, "{\"seq\":%llu,\"at\":\"%s\",\"world\":\"%s\",\"kind\":\"%s\"", (unsigned long long)seq, when,
                     w->name, kind);
    assert(n > 0 && n < JOURNAL_HEAD_SIZE);
    return (size_t)n;
}

uint64_t
world_record(struct world *w, const char *kind, struct str rest)
{
    char head[JOURNAL_HEAD_SIZE];
    size_t n = world_record_head(w, w->journal.next, w->now, kind, head);
    uint64_t seq;
    struct record *record = log_append(&w->journal, sizeof *record + n + rest.n, &seq);

    record->format = NULL;
    memcpy(record->bytes, head, n);
    memcpy(record->bytes + n, rest.s, rest.n);
    world_recorded(w, seq);
    return seq;
}

void *
world_record_raw(struct world *w, size_t n, journal_format_fn *format, uint64_t *seq)
{
    struct record *record = log_append(&w->journal, sizeof *record + n, seq);

    record->format = format;
    return record->bytes;
}

void
world_recorded(struct world *w, uint64_t seq)
{
    if (w->on_record != NULL)
        world_journal_read(w, seq, w->on_record, w->record_sink);
}

bool
world_journal_read(const struct world *w, uint64_t seq, journal_line_fn *emit, void *to)
{
    size_t n;
    const struct record *record = log_get(&w->journal, seq, &n);

    if (record == NULL)
        return false;
    n -= sizeof *record;
    if (record->format == NULL)
        emit(to, record->bytes, n);
    else
        record->format(w, seq, record->bytes, n, emit, to);
    return true;
}

uint64_t
world_journal_first(const struct world *w)
{
    return log_first(&w->journal);
}

uint64_t
world_journal_next(const struct world *w)
{
    return w->journal.next;
}
