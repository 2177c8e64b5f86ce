#include "core/graph_error.h"

#include <assert.h>
#include <string.h>

#include "core/calendar.h"

static const struct graph_error rows[] = {
    [ERR_NONE] = {.id = "NONE"},
#define ERROR(sym, http, type, code, subcode, transient, user_title, user_msg, text, fidelity,     \
              cite)                                                                                \
    [ERR_##sym] = {#sym,                                                                           \
                   type,                                                                           \
                   http,                                                                           \
                   code,                                                                           \
                   subcode,                                                                        \
                   transient,                                                                      \
                   user_title,                                                                     \
                   user_msg,                                                                       \
                   text,                                                                           \
                   cite,                                                                           \
                   FIDELITY_##fidelity},
#include "core/errors.def"
#undef ERROR
};

const char *
fidelity_name(enum fidelity fidelity)
{
    static const char *const names[] = {"documented", "observed", "inferred"};

    return names[fidelity];
}

const char *
graph_error_unreached(enum graph_err error)
{
    static const struct {
        enum graph_err first, last;
        const char *reason;
    } unreached[] = {
#define UNREACHED(first, last, reason) {ERR_##first, ERR_##last, reason},
#include "core/errors_unreached.def"
#undef UNREACHED
    };

    for (size_t i = 0; i < sizeof unreached / sizeof *unreached; i++)
        if (error >= unreached[i].first && error <= unreached[i].last)
            return unreached[i].reason;
    return NULL;
}

const struct graph_error *
graph_error(enum graph_err error)
{
    assert(error > ERR_NONE && error < GRAPH_ERR_COUNT);
    return &rows[error];
}

enum graph_err
graph_error_find(int code, int subcode)
{
    enum graph_err found = ERR_NONE;

    for (int i = ERR_NONE + 1; i < GRAPH_ERR_COUNT; i++) {
        if (rows[i].code != code || rows[i].subcode != subcode || rows[i].http == 0)
            continue;
        if (graph_error_args(&rows[i]) == 0)
            return (enum graph_err)i;
        if (found == ERR_NONE)
            found = (enum graph_err)i;
    }
    return found;
}

enum graph_err
graph_error_then(enum graph_err error, ms_t as_of)
{
#define SAID_THEN(now, in_era, then)                                                               \
    if (error == ERR_##now && span_has(era_row(ERA_##in_era)->span, as_of))                        \
        return ERR_##then;
#define BARE_THEN(now, in_era)
#include "core/errors_dated.def"
#undef SAID_THEN
#undef BARE_THEN
    return error;
}

int
graph_error_subcode_then(enum graph_err error, ms_t as_of)
{
#define EVERY_ERROR error
#define SAID_THEN(now, in_era, then)
#define BARE_THEN(now, in_era)                                                                     \
    if (error == (now) && span_has(era_row(ERA_##in_era)->span, as_of))                            \
        return 0;
#include "core/errors_dated.def"
#undef SAID_THEN
#undef BARE_THEN
#undef EVERY_ERROR
    return rows[error].subcode;
}

unsigned
graph_error_args(const struct graph_error *row)
{
    unsigned count = 0;

    for (const char *at = row->text; (at = strstr(at, "%s")) != NULL; at += 2)
        count++;
    return count;
}

static size_t
put(char *out, size_t size, size_t at, const char *text, size_t n)
{
    if (n >= size - at)
        n = size - at - 1;
    memcpy(out + at, text, n);
    return at + n;
}

size_t
graph_error_fill(char *out, size_t size, const char *pattern, const char *const *args,
                 unsigned nargs)
{
    size_t at = 0;
    unsigned used = 0;

    assert(size > 0);
    for (;;) {
        const char *gap = strstr(pattern, "%s");

        at = put(out, size, at, pattern, gap == NULL ? strlen(pattern) : (size_t)(gap - pattern));
        if (gap == NULL)
            break;
        if (args != NULL && used < nargs && args[used] != NULL)
            at = put(out, size, at, args[used], strlen(args[used]));
        used++;
        pattern = gap + 2;
    }
    out[at] = '\0';
    return at;
}

size_t
graph_error_text(char *out, size_t size, const struct graph_error *row, const char *const *args,
                 unsigned nargs)
{
    return graph_error_fill(out, size, row->text, args, nargs);
}
