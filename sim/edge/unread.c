#include "edge/unread.h"

#include <microhttpd.h>

#include "edge/answer.h"
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/graph_call.h"
#include "edge/problem.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "graph/jwrite.h"

static void
take_body(struct exchange *exchange)
{
    if (!exchange->is_body_too_large)
        exchange->request.body = (struct str){exchange->body, exchange->body_n};
}

void
unread_cut(struct exchange *exchange)
{
    take_body(exchange);
    if (control_is_asked(exchange->request.path))
        problem_say(&exchange->reply, PROBLEM_CUT, "%zu bytes of the body have come",
                    exchange->body_n);
    else
        graph_call_cut(exchange);
    answer_write(exchange);
}

/* ---- what HTTP refuses ----------------------------------------------------------------------------------------------------------- */

static void
write_text(struct buf *rest, const char *key, struct str text)
{
    if (text.s != NULL)
        jw_kv_strf(rest, key, text, JW_OURS);
}

/* No call: nobody has asked the platform anything. request NULL: nothing is known of it. Lets go of the world. */
static void
note(struct tenant *tenant, unsigned status, const struct request *request)
{
    struct buf rest = {0};

    if (tenant == NULL)
        return;
    buf_adds(&rest, ",\"note\":\"http_refused\"");
    jw_kv_text(&rest, "text", MHD_get_reason_phrase_for(status));
    jw_kv_int(&rest, "status", status);
    if (request != NULL) {
        write_text(&rest, "method", request->method_text);
        write_text(&rest, "path", request->path);
        write_text(&rest, "client", request->user_agent);
    }
    buf_char(&rest, '}');
    if (tenant_enter(tenant)) {
        world_record(tenant->world, "note", buf_view(&rest));
        tenant_leave(tenant);
    }
    tenant_release(tenant);
    buf_fini(&rest);
}

/* The platform's front answers broken HTTP before the Graph API hears of it [inferred]. */
static void
make_page(struct reply *reply, unsigned status)
{
    const char *phrase = MHD_get_reason_phrase_for(status);

    reply->status = (int)status;
    reply->content_type = "text/html; charset=utf-8";
    buf_printf(&reply->body,
               "<!DOCTYPE html>\n<html><head><title>%s</title></head>"
               "<body><h1>%u %s</h1></body></html>\n",
               phrase, status, phrase);
}

void
unread_refuse(struct exchange *exchange, unsigned status, bool is_answered)
{
    take_body(exchange);
    if (!control_is_asked(exchange->request.path)) /* whose calls are in no journal */
        note(graph_call_world(exchange), status, &exchange->request);
    if (is_answered)
        return;
    make_page(&exchange->reply, status);
    answer_write(exchange);
}

void
unread_line(struct server *server, unsigned status)
{
    note(registry_find_name(server->registry, STR("default")), status, NULL);
}
