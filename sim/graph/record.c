#include "graph/record.h"

#include <stdio.h>
#include <string.h>

#include "graph/fields.h"
#include "graph/route.h"

/* A call as it is kept: numbers, then the texts one after the other in the order of enum text. */
enum text { TEXT_METHOD, TEXT_PATH, TEXT_QUERY, TEXT_CLIENT, TEXT_ERROR, TEXT_FINDINGS, TEXT_REQUEST, TEXT_RESPONSE, TEXT_COUNT };

struct call_record {
    ms_t at;
    struct rule_set seen;
    const struct route *route;
    const char *template_kind;
    uint8_t fields_seen[(F_COUNT + 7) / 8];
    uint32_t app, page, thread, credential;
    uint32_t length[TEXT_COUNT];
    int32_t version;
    uint16_t status;
    uint16_t rule, error;
    uint8_t encoding;
    bool has_token, is_error, is_injected, is_batched, is_cut;
    bool is_bare; /* the error was written without its subcode, as at its time */
};

/* ---- keeping ------------------------------------------------------------------------------------------------------------------ */

static const struct str secret_keys[] = { { "access_token", 12 }, { "appsecret_proof", 15 }, { "client_secret", 13 }, { "input_token", 11 },
                                          { "fb_exchange_token", 17 }, { "verify_token", 12 }, { "hub.verify_token", 16 } };

static bool
is_secret(struct str key)
{
    if (key.n < 11)
        return false;
    for (size_t i = 0; i < sizeof secret_keys / sizeof *secret_keys; i++)
        if (str_eq(key, secret_keys[i]))
            return true;
    return false;
}

/* A secret that is no app's of this world is told apart, and an empty one stays empty, so that a journal can be fed again. */
static const char *
mask_of(const struct call *c, struct str key, struct str value)
{
    if (value.n == 0)
        return "=";
    if (!str_eq_lit(key, "client_secret"))
        return "=***";
    for (uint32_t i = 0; i < c->world->app_count; i++)
        if (str_eq(value, str_of(c->world->apps[i]->secret)))
            return "=***";
    return "=(wrong)";
}

/* The query as it came, with the values of secret parameters masked. */
static void
mask_query(struct buf *out, const struct call *c, struct str query)
{
    while (query.n > 0) {
        const char *amp = memchr(query.s, '&', query.n);
        struct str pair = { query.s, amp != NULL ? (size_t)(amp - query.s) : query.n };
        const char *equals = memchr(pair.s, '=', pair.n);
        struct str key = { pair.s, equals != NULL ? (size_t)(equals - pair.s) : pair.n };

        if (is_secret(key)) {
            buf_str(out, key);
            buf_adds(out, mask_of(c, key, equals != NULL ? str_from(pair, key.n + 1) : STR("")));
        } else {
            buf_str(out, pair);
        }
        query = str_from(query, pair.n + (amp != NULL));
        if (query.n > 0)
            buf_char(out, '&');
    }
}

static void
write_file(struct buf *out, const struct file_part *file)
{
    jw_key(out, "(file)");
    jw_open(out, '{');
    jw_kv_strf(out, "name", file->name, JW_OURS);
    if (file->filename.s != NULL)
        jw_kv_strf(out, "filename", file->filename, JW_OURS);
    if (file->content_type.s != NULL)
        jw_kv_strf(out, "content_type", file->content_type, JW_OURS);
    jw_kv_int(out, "bytes", (int64_t)file->data.n);
    jw_close(out, '}');
}

static bool
is_empty_text(const struct jnode *value)
{
    return value->type == J_STRING && value->text.n == 0;
}

static void
write_parameters(struct buf *out, const struct parameters *params)
{
    jw_open(out, '{');
    for (unsigned i = 0; i < params->n; i++) {
        jw_key_str(out, params->at[i].key, JW_OURS);
        if (is_secret(params->at[i].key) && !is_empty_text(params->at[i].value))
            jw_string(out, STR("***"), JW_OURS);
        else
            jw_node(out, params->at[i].value, JW_OURS);
    }
    for (unsigned i = 0; i < params->nfiles; i++)
        write_file(out, &params->files[i]);
    jw_close(out, '}');
}

/* Whether a JSON body may go in as it came: one line, nothing secret, nothing from the query beside it. */
static bool
is_plain(const struct call *c)
{
    struct str text = c->params->json_text;

    if (c->params->encoding != ENC_JSON || text.n == 0 || c->params->problem != NULL || c->params->is_odd || memchr(text.s, '\n', text.n) != NULL ||
        memchr(text.s, '\r', text.n) != NULL)
        return false;
    for (unsigned i = 0; i < c->params->n; i++)
        if (is_secret(c->params->at[i].key) && str_find(text, c->params->at[i].key, 6) != NULL)
            return false;
    return true;
}

static struct str
request_text(struct call *c, struct buf *scratch)
{
    if (c->params->encoding == ENC_NONE || c->params->encoding == ENC_QUERY || (c->params->n == 0 && c->params->nfiles == 0))
        return STR_NONE;
    if (is_plain(c))
        return c->params->json_text;
    size_t start = scratch->n;
    buf_char(scratch, '\n'); /* the writers look at the character before: after a line end no comma is due */
    write_parameters(scratch, c->params);
    return (struct str){ scratch->s + start + 1, scratch->n - start - 1 };
}

static void
write_findings(struct buf *out, const struct reply *r)
{
    for (unsigned i = 0; i < r->finding_count; i++) {
        const struct finding *f = &r->findings[i];

        jw_open(out, '{');
        jw_kv_text(out, "rule", policy_rules[f->rule].id);
        jw_kv_text(out, "severity", severity_text(policy_rules[f->rule].severity));
        jw_kv_strf(out, "detail", str_of(f->detail), JW_OURS);
        jw_close(out, '}');
    }
}

/* Tokens that stand in a text (a log-in's answer, links of paging, elements of a batch) are masked. */
static struct str
without_tokens(const struct world *w, struct str text, struct buf *masked)
{
    for (uint32_t i = 0; i < w->credential_count; i++) {
        struct str token = str_of(w->credentials[i]->token);
        struct buf next = { 0 };
        const char *at;

        if (token.n == 0 || memmem(text.s, text.n, token.s, token.n) == NULL)
            continue;
        while ((at = memmem(text.s, text.n, token.s, token.n)) != NULL) {
            buf_add(&next, text.s, (size_t)(at - text.s));
            buf_adds(&next, "***");
            text = str_from(text, (size_t)(at - text.s) + token.n);
        }
        buf_str(&next, text);
        buf_fini(masked);
        *masked = next;
        text = buf_view(masked);
    }
    return text;
}

static bool
may_hold_token(struct str text)
{
    return str_find(text, STR("access_token"), 6) != NULL; /* there are few underscores */
}

static journal_format_fn write_call;

void
record_call(struct call *c)
{
    const struct reply *r = c->reply;
    struct str texts[TEXT_COUNT] = { [TEXT_METHOD] = c->req->method_text, [TEXT_PATH] = c->req->path, [TEXT_CLIENT] = c->req->user_agent };
    struct buf *scratch = &c->reply->scratch, request = { 0 }, response = { 0 };
    size_t total = sizeof(struct call_record), at[3];
    char error[ERROR_TEXT_MAX];
    uint64_t seq;

    /* What must be written first lies in the scratch buffer, whose address may change until all of it is there. */
    buf_reset(scratch);
    buf_reserve(scratch, c->req->query.n + 4096 + c->req->body.n * 2);
    mask_query(scratch, c, c->req->query);
    at[0] = scratch->n;
    buf_char(scratch, '\n'); /* no comma is due */
    if (r->finding_count > 0)
        write_findings(scratch, r);
    at[1] = scratch->n;
    texts[TEXT_REQUEST] = request_text(c, scratch);
    texts[TEXT_QUERY] = (struct str){ scratch->s, at[0] };
    texts[TEXT_FINDINGS] = (struct str){ scratch->s + at[0] + 1, at[1] - at[0] - 1 };
    if (r->is_error && c->verdict.error != ERR_NONE)
        texts[TEXT_ERROR] = (struct str){ error, graph_error_text(error, sizeof error, graph_error(c->verdict.error), c->error_args, c->error_arg_count) };
    if (r->body.n > 0 && r->body.n < 65536 && (r->body.s[0] == '{' || r->body.s[0] == '['))
        texts[TEXT_RESPONSE] = buf_view(&r->body);
    if (may_hold_token(texts[TEXT_RESPONSE]))
        texts[TEXT_RESPONSE] = without_tokens(c->world, texts[TEXT_RESPONSE], &response);
    if (c->object == OBJECT_ROOT && may_hold_token(texts[TEXT_REQUEST]))
        texts[TEXT_REQUEST] = without_tokens(c->world, texts[TEXT_REQUEST], &request);

    for (unsigned i = 0; i < TEXT_COUNT; i++)
        total += texts[i].n;
    struct call_record *record = world_record_raw(c->world, total, write_call, &seq);
    *record = (struct call_record){
        .at = c->now, .seen = c->verdict.seen, .route = c->route, .template_kind = c->template_kind, .app = c->app_index,
        .page = c->page != NULL ? c->page_index : INDEX_NONE, .thread = c->thread != NULL ? c->thread->index : INDEX_NONE,
        .credential = c->credential != NULL ? c->credential->index : INDEX_NONE, .version = c->version, .status = (uint16_t)r->status, .rule = (uint16_t)c->verdict.rule,
        .error = (uint16_t)c->verdict.error, .encoding = (uint8_t)c->params->encoding, .has_token = c->token.n > 0,
        .is_error = r->is_error, .is_injected = c->is_injected, .is_batched = c->is_batched,
        .is_cut = c->req->is_cut,
        .is_bare = r->is_error && !c->is_injected && c->verdict.error != ERR_NONE && graph_error_subcode_then(c->verdict.error, c->as_of) == 0,
    };
    memcpy(record->fields_seen, c->fields_seen, sizeof record->fields_seen);
    char *to = (char *)(record + 1);
    for (unsigned i = 0; i < TEXT_COUNT; i++) {
        record->length[i] = (uint32_t)texts[i].n;
        if (texts[i].n > 0)
            memcpy(to, texts[i].s, texts[i].n);
        to += texts[i].n;
    }
    buf_fini(&request);
    buf_fini(&response);
    world_recorded(c->world, seq);
}

/* ---- writing out ---------------------------------------------------------------------------------------------------------------- */

/* What a token was that the world does not hold. */
static const char *
foreign_token(const struct call_record *r)
{
    if (!r->has_token)
        return "none";
    return r->error == ERR_TOKEN_INVALID ? "wrong_secret" : "unknown";
}

/* Which credential of the world it was: "page:0"; so that inputs can be fed again. */
static void
write_token(struct buf *out, const struct world *w, const struct call_record *r)
{
    char text[40];
    unsigned place = 0;

    if (r->credential == INDEX_NONE) {
        jw_kv_text(out, "token", foreign_token(r));
        return;
    }
    for (uint32_t i = 0; i < r->credential; i++)
        place += w->credentials[i]->kind == w->credentials[r->credential]->kind;
    snprintf(text, sizeof text, "%s:%u", credential_kind_text(w->credentials[r->credential]->kind), place);
    jw_kv_text(out, "token", text);
}

static void
write_who(struct buf *out, const struct world *w, const struct call_record *r)
{
    char psid[UINT64_SIZE];

    if (r->app != INDEX_NONE)
        jw_kv_text(out, "app", w->apps[r->app]->id);
    if (r->page != INDEX_NONE)
        jw_kv_text(out, "page", w->pages[r->page]->id);
    if (r->thread != INDEX_NONE) {
        format_uint64(psid, world_thread(w, r->thread)->psid);
        jw_kv_text(out, "user", psid);
    }
    write_token(out, w, r);
}

static void
write_error(struct buf *out, const struct call_record *r, struct str message)
{
    const struct graph_error *row;

    if (!r->is_error || r->error == ERR_NONE) {
        jw_kv_null(out, "error");
        return;
    }
    row = graph_error((enum graph_err)r->error);
    jw_key(out, "error");
    jw_open(out, '{');
    jw_kv_text(out, "id", row->id);
    jw_kv_int(out, "code", row->code);
    if (row->subcode != 0 && !r->is_bare)
        jw_kv_int(out, "subcode", row->subcode);
    else
        jw_kv_null(out, "subcode");
    jw_kv_text(out, "type", row->type);
    jw_kv_strf(out, "message", message, JW_OURS);
    jw_close(out, '}');
}

static void
write_sets(struct buf *out, const struct call_record *r)
{
    jw_key(out, "seen");
    jw_open(out, '[');
    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (rule_set_has(&r->seen, (enum rule_id)i)) {
            jw_item(out);
            jw_string(out, str_of(policy_rules[i].id), JW_OURS);
        }
    jw_close(out, ']');
    jw_key(out, "fields");
    jw_open(out, '[');
    for (unsigned f = 0; f < F_COUNT; f++) {
        if (!(r->fields_seen[f / 8] >> (f % 8) & 1))
            continue;
        jw_item(out);
        buf_printf(out, "\"%s.%s\"", schema_name(field_row((enum field)f)->schema), field_row((enum field)f)->key);
    }
    jw_close(out, ']');
}

static void
write_call(const struct world *w, uint64_t seq, const void *record, size_t n, journal_line_fn *emit, void *to)
{
    const struct call_record *r = record;
    struct str texts[TEXT_COUNT];
    const char *at = (const char *)(r + 1);
    struct buf line = { 0 }, *out = &line;
    char head[JOURNAL_HEAD_SIZE], version[16];

    (void)n;
    for (unsigned i = 0; i < TEXT_COUNT; at += r->length[i++])
        texts[i] = (struct str){ at, r->length[i] };
    buf_add(out, head, world_record_head(w, seq, r->at, "call", head));
    jw_kv_strf(out, "method", texts[TEXT_METHOD], JW_OURS);
    jw_kv_strf(out, "path", texts[TEXT_PATH], JW_OURS);
    if (texts[TEXT_QUERY].n > 0)
        jw_kv_strf(out, "query", texts[TEXT_QUERY], JW_OURS);
    snprintf(version, sizeof version, "v%d.%d", r->version / 100, r->version % 100);
    jw_kv_text(out, "version", version);
    if (r->route != NULL)
        jw_kv_strf(out, "endpoint", str_of(route_id(r->route)), JW_OURS);
    else
        jw_kv_null(out, "endpoint");
    write_who(out, w, r);
    jw_kv_text(out, "encoding", encoding_name((enum encoding)r->encoding));
    if (texts[TEXT_CLIENT].n > 0)
        jw_kv_strf(out, "client", texts[TEXT_CLIENT], JW_OURS);
    jw_kv_int(out, "status", r->status);
    jw_kv_text(out, "rule", r->rule < RULE_COUNT ? policy_rules[r->rule].id : NULL);
    jw_kv_text(out, "outcome", r->is_error ? "refused" : "permitted");
    write_error(out, r, texts[TEXT_ERROR]);
    jw_key(out, "findings");
    buf_char(out, '[');
    buf_str(out, texts[TEXT_FINDINGS]);
    buf_char(out, ']');
    write_sets(out, r);
    if (r->template_kind != NULL)
        jw_kv_text(out, "template", r->template_kind);
    if (r->is_injected)
        jw_kv_bool(out, "injected", true);
    if (r->is_batched)
        jw_kv_bool(out, "batched", true);
    if (r->is_cut)
        jw_kv_bool(out, "cut", true);
    if (texts[TEXT_REQUEST].n > 0)
        jw_kv_raw(out, "request", texts[TEXT_REQUEST]);
    if (texts[TEXT_RESPONSE].n > 0)
        jw_kv_raw(out, "response", texts[TEXT_RESPONSE]);
    buf_char(out, '}');
    emit(to, line.s, line.n);
    buf_fini(&line);
}
