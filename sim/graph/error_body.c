#include "graph/error_body.h"

#include <string.h>

#include "world/sixes.h"

void
fbtrace_id(char out[FBTRACE_SIZE], uint64_t seed)
{
    char letters[16];

    out[0] = 'A';
    for (unsigned i = 0; i < FBTRACE_SIZE - 2; i += 10) { /* splitmix64: each step gives bits for ten letters */
        seed += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t bits = seed;
        bits = (bits ^ bits >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        bits = (bits ^ bits >> 27) * UINT64_C(0x94D049BB133111EB);
        bits ^= bits >> 31;
        sixes_write(letters, bits, bits >> 48, SIXES_URL);
        memcpy(out + 1 + i, letters, i + 10 < FBTRACE_SIZE - 2 ? 10 : FBTRACE_SIZE - 2 - i);
    }
    out[FBTRACE_SIZE - 1] = '\0';
}

/* The extra text if there is one, else that of the row, else no key. */
static void
put_user_text(struct buf *buf, const char *key, struct str extra, const char *row)
{
    if (extra.s != NULL)
        jw_kv_str(buf, key, extra);
    else if (row != NULL)
        jw_kv_str(buf, key, str_of(row));
}

/* is_transient comes early for code 4 and late for all others, as seen on the platform. */
static void
put_transient(struct buf *buf, const struct graph_error *row)
{
    if (row->transient >= 0)
        jw_kv_bool(buf, "is_transient", row->transient == 1);
}

void
error_body(struct buf *buf, const struct graph_error *row, struct str message, struct str fbtrace,
           const struct error_extra *extra)
{
    static const struct error_extra nothing;
    const bool transient_first = row->code == 4;

    if (extra == NULL)
        extra = &nothing;
    buf_adds(buf, "{\"error\":{");
    jw_kv_str(buf, "message", message);
    jw_kv_str(buf, "type", str_of(row->type));
    if (transient_first)
        put_transient(buf, row);
    jw_kv_int(buf, "code", row->code);
    if (row->subcode != 0)
        jw_kv_int(buf, "error_subcode", row->subcode);
    if (extra->error_data.s != NULL)
        jw_kv_raw(buf, "error_data", extra->error_data);
    if (!transient_first)
        put_transient(buf, row);
    put_user_text(buf, "error_user_title", extra->user_title, row->user_title);
    put_user_text(buf, "error_user_msg", extra->user_msg, row->user_msg);
    jw_kv_str(buf, "fbtrace_id", fbtrace);
    buf_adds(buf, "}}");
}

/* Errors of codes that a log-in gives out have a kind of their own [observed]. */
static bool
is_login_code(const struct graph_error *row)
{
    return row >= graph_error(ERR_LOGIN_CODE) && row <= graph_error(ERR_LOGIN_CODE_FORMAT);
}

/* [observed], that of errors with status 500 of code 1 alone. */
static const char *
kind_of(const struct graph_error *row)
{
    if (row->code == 190 || row->code == 102)
        return "invalid_token";
    if (is_login_code(row))
        return "invalid_code";
    return row->code == 803 ? "not_found" : row->http >= 500 ? "unknown_error" : "invalid_request";
}

void
error_www_authenticate(struct buf *buf, const struct graph_error *row, struct str message)
{
    buf_adds(buf, "OAuth \"Facebook Platform\" \"");
    buf_adds(buf, kind_of(row));
    buf_adds(buf, "\" \"");
    for (size_t i = 0; i < message.n; i++) { /* no line end and no quote may leave a header value */
        char c = message.s[i];

        if ((unsigned char)c < 0x20 || c == 0x7f)
            c = ' ';
        if (c == '"' || c == '\\')
            buf_char(buf, '\\');
        buf_char(buf, c);
    }
    buf_char(buf, '"');
}
