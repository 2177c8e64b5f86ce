#include "graph/record.h"

#include <stdio.h>
#include <string.h>

#include "graph/fields.h"
#include "graph/route.h"

static const char *const secret_keys[] = { "access_token", "appsecret_proof", "client_secret", "input_token", "fb_exchange_token", "verify_token", "hub.verify_token" };

static bool
is_secret(struct str key)
{
    for (size_t i = 0; i < sizeof secret_keys / sizeof *secret_keys; i++)
        if (str_eq(key, str_of(secret_keys[i])))
            return true;
    return false;
}

/* Writes a key and a text without the platform's escapes: the journal is ours. */
static void
kv(struct buf *out, const char *key, struct str text)
{
    jw_kv_strf(out, key, text, JW_OURS);
}

/* The query as it came, with the values of secret parameters masked. */
static void
record_query(struct buf *out, struct str query)
{
    struct buf masked = { 0 };

    while (query.n > 0) {
        const char *amp = memchr(query.s, '&', query.n);
        struct str pair = { query.s, amp != NULL ? (size_t)(amp - query.s) : query.n };
        const char *equals = memchr(pair.s, '=', pair.n);
        struct str key = { pair.s, equals != NULL ? (size_t)(equals - pair.s) : pair.n };

        if (masked.n > 0)
            buf_char(&masked, '&');
        if (is_secret(key)) {
            buf_str(&masked, key);
            buf_adds(&masked, "=***");
        } else {
            buf_str(&masked, pair);
        }
        query = str_from(query, pair.n + (amp != NULL));
    }
    kv(out, "query", buf_view(&masked));
    buf_fini(&masked);
}

/* Which credential of the world it was: "page:0"; so that inputs can be fed again. */
static void
record_token(struct buf *out, const struct call *c)
{
    const struct world *w = c->world;
    char text[40];
    unsigned place = 0;

    if (c->credential == NULL) {
        jw_kv_text(out, "token", c->token.s == NULL ? "none" : "unknown");
        return;
    }
    for (uint32_t i = 0; i < w->credential_count && w->credentials[i] != c->credential; i++)
        place += w->credentials[i]->kind == c->credential->kind;
    snprintf(text, sizeof text, "%s:%u", credential_kind_text(c->credential->kind), place);
    jw_kv_text(out, "token", text);
}

static void
record_parameters(struct buf *out, const struct call *c)
{
    jw_open(out, '{');
    for (unsigned i = 0; i < c->params->n; i++) {
        jw_key_str(out, c->params->at[i].key, JW_OURS);
        if (is_secret(c->params->at[i].key))
            jw_string(out, STR("***"), JW_OURS);
        else
            jw_node(out, c->params->at[i].value, JW_OURS);
    }
    for (unsigned i = 0; i < c->params->nfiles; i++) {
        const struct file_part *file = &c->params->files[i];

        jw_key(out, "(file)");
        jw_open(out, '{');
        kv(out, "name", file->name);
        if (file->filename.s != NULL)
            kv(out, "filename", file->filename);
        kv(out, "content_type", file->content_type);
        jw_kv_int(out, "bytes", (int64_t)file->data.n);
        jw_close(out, '}');
    }
    jw_close(out, '}');
}

static bool
has_secret_or_break(struct str text)
{
    return memchr(text.s, '\n', text.n) != NULL || memchr(text.s, '\r', text.n) != NULL ||
           memmem(text.s, text.n, "access_token", 12) != NULL || memmem(text.s, text.n, "appsecret_proof", 15) != NULL ||
           memmem(text.s, text.n, "verify_token", 12) != NULL || memmem(text.s, text.n, "\\u", 2) != NULL;
}

/* A JSON body goes in as it came; anything else as the object of its parameters. */
static void
record_request(struct buf *out, const struct call *c)
{
    struct str text = c->params->json_text;

    if (c->params->encoding == ENC_NONE || (c->params->n == 0 && c->params->nfiles == 0))
        return;
    if (c->params->encoding == ENC_QUERY)
        return;
    jw_key(out, "request");
    if (c->params->encoding == ENC_JSON && text.n > 0 && c->params->problem == NULL && !has_secret_or_break(text))
        buf_str(out, text);
    else
        record_parameters(out, c);
}

static void
record_error(struct buf *out, const struct call *c)
{
    const struct graph_error *row;

    if (c->verdict.error == ERR_NONE || !c->reply->is_error) {
        jw_kv_null(out, "error");
        return;
    }
    row = graph_error(c->verdict.error);
    jw_key(out, "error");
    jw_open(out, '{');
    jw_kv_int(out, "code", row->code);
    if (row->subcode != 0)
        jw_kv_int(out, "subcode", row->subcode);
    else
        jw_kv_null(out, "subcode");
    jw_kv_text(out, "type", row->type);
    char text[1024];
    size_t n = graph_error_text(text, sizeof text, row, c->error_args, c->error_arg_count);
    kv(out, "message", (struct str){ text, n });
    jw_close(out, '}');
}

static void
record_findings(struct buf *out, const struct call *c)
{
    jw_key(out, "findings");
    jw_open(out, '[');
    for (unsigned i = 0; i < c->reply->finding_count; i++) {
        const struct finding *f = &c->reply->findings[i];

        jw_item(out);
        jw_open(out, '{');
        jw_kv_text(out, "rule", policy_rules[f->rule].id);
        jw_kv_text(out, "severity", severity_text(policy_rules[f->rule].severity));
        kv(out, "detail", str_of(f->detail));
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
record_seen(struct buf *out, const struct call *c)
{
    jw_key(out, "seen");
    jw_open(out, '[');
    for (unsigned w = 0; w < RULE_SET_WORDS; w++)
        for (uint64_t bits = c->verdict.seen.word[w]; bits != 0; bits &= bits - 1) {
            const char *id = policy_rules[w * 64 + (unsigned)__builtin_ctzll(bits)].id;

            buf_adds(out, out->s[out->n - 1] == '[' ? "\"" : ",\"");
            buf_adds(out, id);
            buf_char(out, '"');
        }
    jw_close(out, ']');

    jw_key(out, "fields");
    jw_open(out, '[');
    for (unsigned f = 0; f < F_COUNT; f++) {
        if (!(c->fields_seen[f / 8] >> (f % 8) & 1))
            continue;
        buf_adds(out, out->s[out->n - 1] == '[' ? "\"" : ",\"");
        buf_adds(out, schema_name(field_row((enum field)f)->schema));
        buf_char(out, '.');
        buf_adds(out, field_row((enum field)f)->key);
        buf_char(out, '"');
    }
    jw_close(out, ']');
}

static void
record_who(struct buf *out, const struct call *c)
{
    char psid[UINT64_SIZE];

    if (c->app != NULL)
        jw_kv_text(out, "app", c->app->id);
    if (c->page != NULL)
        jw_kv_text(out, "page", c->page->id);
    if (c->thread != NULL) {
        format_uint64(psid, c->thread->psid);
        jw_kv_text(out, "user", psid);
    }
    record_token(out, c);
}

void
record_call(struct call *c)
{
    struct buf *out = &c->reply->scratch;
    const struct reply *r = c->reply;
    char version[16];

    buf_reset(out);
    buf_char(out, ',');
    kv(out, "method", c->req->method_text);
    kv(out, "path", c->req->path);
    if (c->req->query.n > 0)
        record_query(out, c->req->query);
    snprintf(version, sizeof version, "v%d.%d", c->version / 100, c->version % 100);
    jw_kv_text(out, "version", version);
    if (c->route != NULL)
        jw_kv_text(out, "endpoint", route_id(c->route));
    else
        jw_kv_null(out, "endpoint");
    record_who(out, c);
    jw_kv_text(out, "encoding", encoding_name(c->params->encoding));
    if (c->req->user_agent.s != NULL)
        kv(out, "client", c->req->user_agent);
    jw_kv_int(out, "status", r->status);
    jw_kv_text(out, "rule", r->rule);
    jw_kv_text(out, "outcome", r->is_error ? "refused" : "permitted");
    record_error(out, c);
    record_findings(out, c);
    record_seen(out, c);
    if (c->template_kind != NULL)
        jw_kv_text(out, "template", c->template_kind);
    if (c->is_injected)
        jw_kv_bool(out, "injected", true);
    record_request(out, c);
    if (r->body.n > 0 && r->body.n < 65536 && (r->body.s[0] == '{' || r->body.s[0] == '['))
        jw_kv_raw(out, "response", buf_view(&r->body));
    buf_char(out, '}');
    world_record(c->world, "call", buf_view(out));
}
