#include "graph/api.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "graph/ahead.h"
#include "graph/auth.h"
#include "graph/conduct.h"
#include "graph/content.h"
#include "graph/conventions.h"
#include "graph/fields.h"
#include "graph/findings.h"
#include "graph/limits.h"
#include "graph/node.h"
#include "graph/record.h"
#include "graph/route.h"
#include "graph/send.h"
#include "world/xalloc.h"

/* ---- stages that are one step ------------------------------------------------------------------------------------------------ */

static enum graph_err
check_fields(struct call *c)
{
    if (c->req->is_too_large)
        return call_fail(c, RULE_FORM_ATT_SIZE, ERR_ATTACHMENT_SIZE, NULL);
    if (c->req->is_cut) /* whatever came of it: what it would have gone on to say is not known */
        return call_fail(c, RULE_FORM_BODY, ERR_INVALID_PARAMETER, NULL);
    if (c->route->schema == SCHEMA_NONE)
        return ERR_NONE;
    enum graph_err error = fields_check(c, c->route->schema);
    if (c->params->encoding != ENC_QUERY && c->params->encoding != ENC_NONE)
        call_saw(c, RULE_FORM_BODY);
    if (error != ERR_NONE && c->params->problem != NULL)
        c->verdict.rule = RULE_FORM_BODY; /* what is missing is missing because nobody could read it */
    return error;
}

static enum graph_err
run_handler(struct call *c)
{
    enum graph_err error = conventions_check(c);

    if (error == ERR_NONE && (c->method == METHOD_GET || c->method == METHOD_HEAD))
        error = node_check_fields(c);
    return error != ERR_NONE ? error : c->route->handler(c);
}

/* The order in which mistakes are reported can be read from this array (send.md 1.7). The first stage that does not return ERR_NONE ends the walk. */
typedef enum graph_err stage_fn(struct call *);

static stage_fn *const stages[] = {
    split_path, check_version, authenticate, find_object, match_route, check_permission, inject_fault, check_limits, check_fields, decide_policy,
    check_content, check_consent, run_handler,
};

void
graph_init(void)
{
    fields_init();
    routes_init();
}

/* ---- the reply ------------------------------------------------------------------------------------------------------------ */

void
reply_reset(struct reply *r)
{
    for (unsigned i = 0; i < r->header_count; i++)
        free(r->headers[i].value);
    free(r->handshake_url);
    free(r->handshake_token);
    buf_reset(&r->body);
    buf_reset(&r->scratch);
    r->status = 200;
    r->content_type = "application/json; charset=UTF-8";
    r->www_authenticate[0] = r->etag[0] = r->fbtrace[0] = r->trace_short[0] = '\0';
    r->version = 0;
    r->rule = NULL;
    r->finding_count = r->header_count = 0;
    r->is_error = r->wants_handshake = false;
    r->handshake_url = r->handshake_token = NULL;
}

void
reply_fini(struct reply *r)
{
    reply_reset(r);
    buf_fini(&r->body);
    buf_fini(&r->scratch);
}

void
reply_header(struct reply *r, const char *name, const char *value)
{
    assert(r->header_count < REPLY_HEADERS_MAX);
    r->headers[r->header_count].name = name;
    r->headers[r->header_count++].value = xstrdup(value);
}

/* ---- for handlers ----------------------------------------------------------------------------------------------------------- */

void
call_saw(struct call *c, enum rule_id rule)
{
    rule_set_add(&c->verdict.seen, rule);
}

enum graph_err
call_fail(struct call *c, enum rule_id rule, enum graph_err error, ...)
{
    va_list arguments;
    const char *argument;

    call_saw(c, rule);
    c->verdict.rule = rule;
    c->verdict.error = error;
    c->error_arg_count = 0;
    va_start(arguments, error);
    while ((argument = va_arg(arguments, const char *)) != NULL && c->error_arg_count < 4)
        c->error_args[c->error_arg_count++] = argument;
    va_end(arguments);
    return error;
}

enum graph_err
call_fail_str(struct call *c, enum rule_id rule, enum graph_err error, struct str argument)
{
    return call_fail(c, rule, error, arena_strndup(c->arena, argument.s != NULL ? argument.s : "", argument.n), NULL);
}

enum graph_err
call_find_person(struct call *c, struct str psid)
{
    struct thread *thread = world_find_psid(c->world, digits_read(psid.s, psid.n));

    call_saw(c, RULE_RCPT_KNOWN);
    if (thread == NULL || thread->page != c->page_index)
        return call_fail(c, RULE_RCPT_KNOWN, ERR_NO_MATCHING_USER, NULL);
    c->thread = thread;
    return ERR_NONE;
}

void
call_finding(struct call *c, enum rule_id rule, const char *detail)
{
    struct reply *r = c->reply;

    if (r->finding_count < FINDINGS_MAX)
        r->findings[r->finding_count++] = (struct finding){ rule, detail };
}

char *
call_printf(struct call *c, const char *format, ...)
{
    va_list arguments;
    char text[512];

    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return arena_strndup(c->arena, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

char *
call_date(struct call *c, ms_t at)
{
    char text[DATETIME_SIZE];

    datetime_iso(text, at);
    return arena_strndup(c->arena, text, sizeof "2026-04-27" - 1);
}

/* ---- one exit ----------------------------------------------------------------------------------------------------------------- */

static void
render_error(struct call *c, enum graph_err error)
{
    struct graph_error row = *graph_error(error);
    struct reply *r = c->reply;
    struct buf header = { 0 };
    char text[ERROR_TEXT_MAX];

    if (!c->is_injected)
        row.subcode = graph_error_subcode_then(error, c->as_of);
    size_t n = graph_error_text(text, sizeof text, &row, c->error_args, c->error_arg_count);
    struct str message = { text, n };
    buf_reset(&r->body);
    r->status = row.http;
    r->is_error = true;
    error_body(&r->body, &row, message, str_of(r->fbtrace), &c->error_extra);
    error_www_authenticate(&header, graph_error(error), message);
    snprintf(r->www_authenticate, sizeof r->www_authenticate, "%.*s", (int)header.n, header.s);
    buf_fini(&header);
}

static void
trace_ids(struct call *c)
{
    uint64_t n = mix64(mix64(c->world->key, ID_TRACE), c->world->next_trace++);

    id_text(c->reply->trace_short, 11, n, 1, 0, false);
    c->reply->trace_short[0] = (char)('A' + n % 8);
    if (span_has(era_row(ERA_SHORT_TRACES)->span, c->now))
        memcpy(c->reply->fbtrace, c->reply->trace_short, sizeof c->reply->trace_short);
    else
        fbtrace_id(c->reply->fbtrace, n);
}

static void
finish(struct call *c, enum graph_err error)
{
    struct reply *r = c->reply;

    r->version = c->version;
    charge_limits(c, error);
    if (error != ERR_NONE) {
        if (!c->is_injected) /* what is ordered by its numbers comes as it was ordered */
            error = graph_error_then(error, c->as_of);
        c->verdict.error = error;
        render_error(c, error);
    }
    conventions_finish(c);
    find_findings(c);
    conduct_of_call(c);
    ahead_of_call(c);
    r->rule = c->verdict.rule != RULE_NONE ? policy_rules[c->verdict.rule].id : NULL;
    record_call(c);
    conventions_layout(c);
}

static void
call_begin(struct call *c, struct world *world, const struct request *req, struct parameters *params, struct arena *arena, struct reply *reply)
{
    *c = (struct call){ .world = world, .now = world->now, .as_of = world_policy_date(world), .req = req, .params = params,
                        .arena = arena, .reply = reply, .token = params_token(params, req), .method = params_method(params, req),
                        .app_index = INDEX_NONE, .page_index = INDEX_NONE, .verdict = { .rule = RULE_NONE } };
    c->fields = arena_zalloc(arena, F_COUNT * sizeof *c->fields);
    c->fields_seen = arena_zalloc(arena, (F_COUNT + 7) / 8);
    trace_ids(c);
}

static enum graph_err
walk_stages(struct call *c)
{
    enum graph_err error = ERR_NONE;

    if (conventions_options(c))
        return ERR_NONE;
    for (size_t i = 0; i < sizeof stages / sizeof *stages && error == ERR_NONE; i++)
        error = stages[i](c);
    return error;
}

void
graph_handle(struct world *world, const struct request *req, struct parameters *params, struct arena *arena, struct reply *reply)
{
    struct call call;

    call_begin(&call, world, req, params, arena, reply);
    enum graph_err error = walk_stages(&call);
    if (!reply->wants_handshake)
        finish(&call, error);
}

enum graph_err
graph_handle_item(struct call *parent, const struct request *req, struct parameters *params, struct reply *reply)
{
    struct call call;

    call_begin(&call, parent->world, req, params, parent->arena, reply);
    call.is_batched = true;
    enum graph_err error = walk_stages(&call);
    if (!reply->wants_handshake)
        finish(&call, error);
    return error;
}

void
graph_handshake_done(struct world *world, const struct request *req, struct parameters *params, struct arena *arena, struct reply *reply,
                     const struct handshake_outcome *outcome)
{
    struct call call;

    reply->wants_handshake = false;
    call_begin(&call, world, req, params, arena, reply);
    call.handshake = outcome;
    finish(&call, walk_stages(&call));
}
