/* Tables, counts and the description of the control API itself. */
#include <string.h>

#include "core/datetime.h"
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/registry.h"
#include "edge/rules_table.h"
#include "edge/server.h"
#include "edge/tally.h"
#include "edge/tenant.h"
#include "edge/wallclock.h"

void
control_violations(struct control *control)
{
    if (!control_enter(control))
        return;
    json_reply(control->reply, 200, tally_violations_new(control->tenant->world));
    control_leave(control);
}

void
control_coverage(struct control *control)
{
    if (!control_enter(control))
        return;
    json_reply(control->reply, 200, tally_coverage_new(control->tenant->world));
    control_leave(control);
}

/* ?as_of=DATE; today's otherwise. */
void
control_rules(struct control *control)
{
    struct str text = control_query_text(control, "as_of");
    ms_t as_of = wallclock_now();

    if (text.s != NULL && !datetime_read(text, &as_of)) {
        problem_say(control->reply, PROBLEM_BAD_QUERY,
                    "as_of is \"%.*s\", expected a date, as in 2024-03-01",
                    text.n < 40 ? (int)text.n : 40, text.s);
        return;
    }
    buf_reset(&control->reply->body);
    rules_table_write(&control->reply->body, as_of);
    control->reply->status = 200;
    control->reply->content_type = "application/json";
}

/* ---- metrics ------------------------------------------------------------------------------------------------------------------ */

static void
put_counter(struct buf *out, const char *name, const char *help, atomic_ullong *value)
{
    buf_printf(out,
               "# TYPE understudy_%s counter\n# HELP understudy_%s %s\nunderstudy_%s_total %llu\n",
               name, name, help, name, atomic_load_explicit(value, memory_order_relaxed));
}

static void
put_gauge(struct buf *out, const char *name, const char *help, unsigned long long value)
{
    buf_printf(out, "# TYPE understudy_%s gauge\n# HELP understudy_%s %s\nunderstudy_%s %llu\n",
               name, name, help, name, value);
}

void
control_metrics(struct control *control)
{
    struct server *server = control->server;
    struct buf *out = &control->reply->body;

    buf_reset(out);
    put_counter(out, "graph_calls", "Calls of the Graph API.", &server->counts.graph_calls);
    put_counter(out, "graph_errors", "Calls of the Graph API that were answered with an error.",
                &server->counts.graph_errors);
    put_counter(out, "control_calls", "Calls of the control API.", &server->counts.control_calls);
    put_counter(out, "deliveries", "Webhook posts, every attempt counted.",
                &server->counts.deliveries);
    put_counter(out, "deliveries_failed", "Webhook posts that were not answered with 200.",
                &server->counts.deliveries_failed);
    put_counter(out, "worlds_made", "Worlds made since the start.", &server->counts.worlds_made);
    put_gauge(out, "worlds", "Worlds alive.", registry_count(server->registry));
    put_gauge(out, "waiting", "Calls that wait for time, a webhook or the journal.",
              atomic_load(&server->suspended));
    buf_adds(out, "# EOF\n");
    control->reply->status = 200;
    control->reply->content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

/* ---- openapi ------------------------------------------------------------------------------------------------------------------ */

static const char *
method_key(enum method method)
{
    return method == METHOD_GET    ? "get"
           : method == METHOD_POST ? "post"
           : method == METHOD_PUT  ? "put"
                                   : "delete";
}

static void
add_parameter(json_t *list, const char *name, int n, const char *in, bool is_required)
{
    json_array_append_new(list, json_pack("{s:s#, s:s, s:b, s:{s:s}}", "name", name, n, "in", in,
                                          "required", is_required, "schema", "type", "string"));
}

static json_t *
parameters_new(const struct control_route *route)
{
    json_t *list = json_array();

    if ((route->flags & CONTROL_OF_WORLD) != 0)
        add_parameter(list, "w", 1, "path", true);
    for (const char *word = route->query; *word != '\0'; word += strspn(word, " ")) {
        size_t n = strcspn(word, " ");

        add_parameter(list, word, (int)n, "query", false);
        word += n;
    }
    return list;
}

/* An object with the members that "{a, b?, c|d}" names, and no others; else any object or, where the route takes one, a list of them. */
static json_t *
body_schema_new(const struct control_route *route)
{
    const char *word = route->takes;
    json_t *members = json_object(), *required = json_array();

    if (word[0] != '{') {
        json_decref(members);
        json_decref(required);
        return json_pack("{s:[{s:s}, {s:s, s:{s:s}}]}", "oneOf", "type", "object", "type", "array",
                         "items", "type", "object");
    }
    while (*++word != '\0') {
        size_t n = strcspn(word, "?|, }");

        if (n > 0) {
            json_t *name = json_stringn(word, n);
            json_object_set_new(members, json_string_value(name), json_object());
            if (word[n] != '?' && word[n] != '|' && word[-1] != '|')
                json_array_append(required, name);
            json_decref(name);
            word += n - 1;
        }
    }
    json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", members,
                               "additionalProperties", 0);
    if (json_array_size(required) > 0)
        json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

static json_t *
operation_new(const struct control_route *route)
{
    char status[4] = {route->gives[0], route->gives[1], route->gives[2], '\0'};
    json_t *operation =
        json_pack("{s:s, s:{s:{s:s}, s:{s:s, s:{s:{s:{s:s}}}}}}", "summary", route->summary,
                  "responses", status, "description", route->gives, "default", "description",
                  "A problem document (RFC 9457).", "content", "application/problem+json", "schema",
                  "$ref", "#/components/schemas/Problem");

    if (route->takes[0] != '\0')
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:s, s:{s:{s:o}}}", "description", route->takes, "content",
                                      "application/json", "schema", body_schema_new(route)));
    json_object_set_new(operation, "parameters", parameters_new(route));
    return operation;
}

void
control_openapi(struct control *control)
{
    size_t count;
    const struct control_route *routes = control_routes(&count);
    json_t *paths = json_object();

    for (size_t i = 0; i < count; i++) {
        json_t *path = json_object_get(paths, routes[i].path);

        if (path == NULL) {
            path = json_object();
            json_object_set_new(paths, routes[i].path, path);
        }
        json_object_set_new(path, method_key(routes[i].method), operation_new(&routes[i]));
    }
    json_t *problem =
        json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object",
                  "properties", "type", "type", "string", "title", "type", "string", "status",
                  "type", "integer", "detail", "type", "string", "pointer", "type", "string");
    json_reply(control->reply, 200,
               json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:{s:o}}}", "openapi", "3.1.0", "info",
                         "title", "Understudy control API", "version", UNDERSTUDY_VERSION, "paths",
                         paths, "components", "schemas", "Problem", problem));
}
