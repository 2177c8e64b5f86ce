/* Where a world's webhooks go: the handshake, and the subscription after it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/control.h"
#include "edge/drive.h"
#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/server.h"
#include "edge/spec.h"
#include "edge/tenant.h"
#include "edge/world_show.h"
#include "world/xalloc.h"

static void
show_webhook(struct exchange *exchange, const struct spec_webhook *webhook)
{
    json_t *shown = json_object();

    json_object_set_new(shown, "url",
                        webhook->url != NULL ? json_text_new(webhook->url) : json_null());
    json_object_set_new(shown, "fields", webhook_fields_new(webhook->fields));
    json_object_set_new(shown, "app", json_string(exchange->tenant->world->apps[webhook->app]->id));
    json_reply(&exchange->reply, 200, shown);
}

/* The path of a URL without host and query, as other webhook records have it. */
static struct str
path_of(const char *url)
{
    const char *path = strchr(strstr(url, "://") + 3, '/');

    return path != NULL ? (struct str){path, strcspn(path, "?#")} : STR("/");
}

static void
record(struct exchange *exchange, const struct spec_webhook *webhook)
{
    struct world *world = exchange->tenant->world;
    const struct handshake *handshake = &exchange->handshake;
    json_t *fields = webhook_fields_new(webhook->fields);
    char *names = json_dumps(fields, JSON_COMPACT), version[16];
    struct buf rest = {0};

    buf_char(&rest, ',');
    jw_kv_text(&rest, "app", world->apps[webhook->app]->id);
    jw_kv_text(&rest, "field", "handshake");
    jw_kv_int(&rest, "attempt", 1);
    jw_kv_strf(&rest, "url_path", path_of(webhook->url), JW_OURS);
    jw_kv_raw(&rest, "fields", str_of(names));
    if (webhook->version != 0) {
        snprintf(version, sizeof version, "v%d.%d", webhook->version / 100, webhook->version % 100);
        jw_kv_text(&rest, "version", version);
    }
    jw_kv_int(&rest, "status", handshake->status);
    jw_kv_text(&rest, "outcome", handshake->is_right ? "delivered" : "failed");
    if (!handshake->is_right)
        jw_kv_strf(&rest, "reason",
                   handshake->status == 200 ? STR("the body is not the challenge")
                                            : str_of(handshake->reason),
                   JW_OURS);
    buf_char(&rest, '}');
    world_record(world, "webhook", buf_view(&rest));
    buf_fini(&rest);
    free(names);
    json_decref(fields);
}

static void
say_failed(struct exchange *exchange)
{
    const struct handshake *handshake = &exchange->handshake;
    struct problem problem;
    json_t *extra = json_object(), *received = json_object();

    if (handshake->status == 0)
        problem_set(&problem, PROBLEM_HANDSHAKE, "/url", "%.200s: %s", handshake->url,
                    handshake->reason);
    else if (handshake->status != 200)
        problem_set(&problem, PROBLEM_HANDSHAKE, "/url",
                    "%.200s answered %d %s, expected 200 and the challenge %s", handshake->url,
                    handshake->status, handshake->reason, handshake->challenge);
    else
        problem_set(&problem, PROBLEM_HANDSHAKE, "/url",
                    "%.200s answered 200 with \"%.80s\", expected the challenge %s", handshake->url,
                    handshake->received, handshake->challenge);
    json_object_set_new(received, "status", json_integer(handshake->status));
    json_object_set_new(received, "reason", json_text_new(handshake->reason));
    json_object_set_new(received, "body", json_text_new(handshake->received));
    json_object_set_new(extra, "received", received);
    json_object_set_new(extra, "challenge", json_string(handshake->challenge));
    problem_answer(&exchange->reply, &problem, extra);
    json_decref(extra);
}

/* The world may have changed meanwhile, so the request is read again. The tenant is locked. */
static void
finish(struct exchange *exchange, const json_t *body)
{
    struct spec_webhook webhook;
    struct problem problem;

    if (!spec_read_webhook(exchange->tenant->world, body, "", &webhook, &problem)) {
        problem_answer(&exchange->reply, &problem, NULL);
        return;
    }
    record(exchange, &webhook);
    if (exchange->handshake.is_right) {
        spec_apply_webhook(exchange->tenant->world, &webhook);
        show_webhook(exchange, &webhook);
    } else {
        say_failed(exchange);
    }
}

static void
after_handshake(struct exchange *exchange)
{
    json_t *body = exchange->purpose;

    if (tenant_enter(exchange->tenant)) {
        finish(exchange, body);
        tenant_leave(exchange->tenant);
    } else {
        control_refuse(exchange);
    }
    json_decref(body);
}

void
control_webhook(struct control *control)
{
    struct exchange *exchange = control->exchange;
    struct tenant *tenant = control->tenant;
    struct spec_webhook webhook;
    struct problem problem;

    if (json_object_get(control->body, "url") == NULL) {
        problem_set(&problem, PROBLEM_BAD_VALUE, "/url",
                    "/url is missing, expected a URL, or null for no more webhooks");
        problem_answer(control->reply, &problem, NULL);
        return;
    }
    if (!control_enter(control))
        return;
    if (!spec_read_webhook(tenant->world, control->body, "", &webhook, &problem)) {
        problem_answer(control->reply, &problem, NULL);
        control_leave(control);
        return;
    }
    if (webhook.url == NULL) { /* no more webhooks */
        spec_apply_webhook(tenant->world, &webhook);
        show_webhook(exchange, &webhook);
        control_leave(control);
        return;
    }
    struct world *world = tenant->world;
    exchange->handshake.url = xstrdup(webhook.url);
    exchange->handshake.verify_token =
        xstrdup(webhook.verify_token != NULL ? webhook.verify_token
                                             : world->apps[webhook.app]->verify_token);
    format_uint64(exchange->handshake.challenge,
                  id_number(world->key, ID_CHALLENGE, tenant->handshakes++, 10));
    control_leave(control);
    exchange->purpose = json_deep_copy(control->body);
    if (exchange_sleep(exchange, after_handshake)) {
        driver_shake_hands(control->server->driver, exchange);
        return;
    }
    json_decref(exchange->purpose);
    control_refuse(exchange);
}
