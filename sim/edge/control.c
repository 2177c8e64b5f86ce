#include "edge/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/exchange.h"
#include "edge/listener.h"
#include "edge/registry.h"
#include "edge/server.h"
#include "edge/spec_read.h"
#include "edge/tenant.h"
#include "people/nearest.h"

static const struct control_route routes[] = {
#define CONTROL_ROUTE(method, path, handler, flags, summary, query, takes, gives)                  \
    {METHOD_##method, path, handler, flags, summary, query, takes, gives},
#include "edge/control_routes.def"
#undef CONTROL_ROUTE
};
#define ROUTE_COUNT (sizeof routes / sizeof *routes)

const struct control_route *
control_routes(size_t *count)
{
    *count = ROUTE_COUNT;
    return routes;
}

/* ---- who may --------------------------------------------------------------------------------------------------------------------- */

/* The host of "host:port", "[::1]:port", "http://host:port". */
static struct str
bare_host(struct str text)
{
    if (text.s == NULL)
        return STR("");
    const char *scheme = memmem(text.s, text.n, "://", 3);
    if (scheme != NULL)
        text = str_from(text, (size_t)(scheme + 3 - text.s));
    if (text.n > 0 && text.s[0] == '[') {
        const char *end = memchr(text.s, ']', text.n);

        return end != NULL ? (struct str){text.s + 1, (size_t)(end - text.s - 1)} : STR("");
    }
    const char *colon = text.n > 0 ? memchr(text.s, ':', text.n) : NULL;
    return colon != NULL ? (struct str){text.s, (size_t)(colon - text.s)} : text;
}

static bool
is_loopback(struct str host)
{
    char text[64];

    if (host.n == 0 || host.n >= sizeof text)
        return false;
    memcpy(text, host.s, host.n);
    text[host.n] = '\0';
    return listener_is_loopback(text);
}

/* "http://host:port" against the Host header "host:port". */
static bool
is_same_origin(struct str origin, struct str host)
{
    const char *scheme = memmem(origin.s, origin.n, "://", 3);

    return scheme != NULL && str_eq_nocase(str_from(origin, (size_t)(scheme + 3 - origin.s)), host);
}

/* Whether two texts are the same, in a time that does not tell how far they are. */
static bool
is_same_secret(struct str a, const char *b)
{
    size_t n = strlen(b);
    unsigned char differs = a.n != n;

    for (size_t i = 0; i < a.n && n > 0; i++)
        differs |= (unsigned char)(a.s[i] ^ b[i % n]);
    return differs == 0;
}

static bool
has_admin_token(const struct exchange *exchange)
{
    struct str given = exchange->request.authorization;

    if (given.n < 7 || !str_eq_nocase((struct str){given.s, 7}, STR("Bearer ")))
        return false;
    return exchange->server->admin_token != NULL &&
           is_same_secret(str_trim(str_from(given, 7)), exchange->server->admin_token);
}

/* No web page may drive the server: a page that is allowed to call it would come from elsewhere, or under another name for this machine. */
static bool
may_come_in(struct exchange *exchange)
{
    struct str host = exchange->host, origin = exchange->origin;

    if (exchange->server->is_open && !is_loopback(bare_host(host))) {
        problem_say(&exchange->reply, PROBLEM_FOREIGN,
                    "the Host header is \"%.*s\", expected localhost, 127.0.0.1 or [::1]",
                    host.n < 80 ? (int)host.n : 80, host.s != NULL ? host.s : "");
        return false;
    }
    if (origin.s != NULL && !is_same_origin(origin, host)) {
        problem_say(&exchange->reply, PROBLEM_FOREIGN,
                    "the Origin header is \"%.*s\", expected none, or that of this server",
                    origin.n < 80 ? (int)origin.n : 80, origin.s);
        return false;
    }
    if (!exchange->server->is_open && !has_admin_token(exchange)) {
        problem_say(&exchange->reply, PROBLEM_UNAUTHORIZED,
                    "expected Authorization: Bearer and the token given with --admin-token");
        reply_header(&exchange->reply, "WWW-Authenticate", "Bearer");
        return false;
    }
    return true;
}

/* ---- which route ------------------------------------------------------------------------------------------------------------------ */

static struct str
next_word(struct str *rest)
{
    while (rest->n > 0 && *rest->s == '/')
        *rest = str_from(*rest, 1);
    const char *slash = rest->n > 0 ? memchr(rest->s, '/', rest->n) : NULL;
    struct str word = {rest->s, slash != NULL ? (size_t)(slash - rest->s) : rest->n};

    *rest = str_from(*rest, word.n);
    return word;
}

/* *name: the word of the path where the route has {w}. */
static bool
path_matches(const char *pattern, struct str path, struct str *name)
{
    struct str wanted = str_of(pattern);

    for (;;) {
        struct str a = next_word(&wanted), b = next_word(&path);

        if (a.n == 0 || b.n == 0)
            return a.n == b.n;
        if (str_eq_lit(a, "{w}"))
            *name = b;
        else if (!str_eq(a, b))
            return false;
    }
}

static const struct control_route *
find_route(enum method method, struct str path, struct str *name, char *allowed, size_t size)
{
    allowed[0] = '\0';
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (!path_matches(routes[i].path, path, name))
            continue;
        if (routes[i].method == method || (method == METHOD_HEAD && routes[i].method == METHOD_GET))
            return &routes[i];
        size_t n = strlen(allowed);
        snprintf(allowed + n, size - n, "%s%s", n > 0 ? ", " : "",
                 routes[i].method == METHOD_GET    ? "GET"
                 : routes[i].method == METHOD_POST ? "POST"
                 : routes[i].method == METHOD_PUT  ? "PUT"
                                                   : "DELETE");
    }
    return NULL;
}

static void
say_no_route(struct exchange *exchange, const char *allowed)
{
    struct str path = exchange->request.path;
    struct nearest nearest = {path, NULL, 0};

    if (allowed[0] != '\0') {
        problem_say(&exchange->reply, PROBLEM_BAD_METHOD, "%.*s has no %.*s, expected %s",
                    path.n < 200 ? (int)path.n : 200, path.s,
                    STR_ARG(exchange->request.method_text), allowed);
        reply_header(&exchange->reply, "Allow", allowed);
        return;
    }
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        nearest_try(&nearest, routes[i].path);
    problem_say(&exchange->reply, PROBLEM_NO_PATH,
                "%.*s is not there%s%s; GET /_sim/openapi.json lists all paths",
                path.n < 200 ? (int)path.n : 200, path.s,
                nearest.name != NULL ? "; did you mean " : "",
                nearest.name != NULL ? nearest.name : "");
}

/* ---- what it needs ------------------------------------------------------------------------------------------------------------------ */

static bool
find_world(struct control *control, struct str encoded)
{
    struct exchange *exchange = control->exchange;
    struct str name = percent_decode(encoded, false, &exchange->arena);

    control->tenant = exchange->tenant = registry_find_name(control->server->registry, name);
    if (control->tenant != NULL)
        return true;
    problem_say(control->reply, PROBLEM_NO_WORLD, "there is no world named \"%.*s\"",
                name.n < 130 ? (int)name.n : 130, name.s);
    return false;
}

/* Whether `word` is one of the words of a list with a blank between. */
static bool
has_word(const char *list, struct str word)
{
    struct str rest = str_of(list);

    while (rest.n > 0) {
        const char *blank = memchr(rest.s, ' ', rest.n);
        struct str one = {rest.s, blank != NULL ? (size_t)(blank - rest.s) : rest.n};

        if (str_eq(one, word))
            return true;
        rest = str_from(rest, one.n + (blank != NULL));
    }
    return false;
}

/* A parameter that is not understood is refused: whoever sent it would wait for its effect. */
static bool
check_query(struct control *control, const struct control_route *route)
{
    struct str query = control->exchange->request.query;

    while (query.n > 0) {
        const char *amp = memchr(query.s, '&', query.n);
        struct str pair = {query.s, amp != NULL ? (size_t)(amp - query.s) : query.n};
        const char *equals = pair.n > 0 ? memchr(pair.s, '=', pair.n) : NULL;
        struct str key = {pair.s, equals != NULL ? (size_t)(equals - pair.s) : pair.n};

        if (key.n > 0 && !has_word(route->query, key)) {
            problem_say(control->reply, PROBLEM_BAD_QUERY, "%.*s is not understood, expected %s",
                        key.n < 40 ? (int)key.n : 40, key.s,
                        route->query[0] != '\0' ? route->query : "no parameter");
            return false;
        }
        query = str_from(query, pair.n + (amp != NULL));
    }
    return true;
}

/* The same for a member of a body where none is taken. */
static bool
check_no_body(struct control *control, const struct control_route *route, const json_t *body)
{
    struct problem problem;
    struct reading reading = reading_at(&problem, "");

    if (route->takes[0] != '\0' || read_object(&reading, NULL, body, NULL, 0))
        return true;
    problem_answer(control->reply, &problem, NULL);
    return false;
}

static json_t *
read_body(struct control *control, const struct control_route *route)
{
    struct str body = str_trim(control->exchange->request.body);
    json_error_t error;

    if (control->exchange->is_body_too_large) {
        problem_say(control->reply, PROBLEM_TOO_LARGE, "the body has more than 26 MB");
        return NULL;
    }
    if (body.n == 0)
        return json_object();
    json_t *json = json_loadb(body.s, body.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (json == NULL) {
        problem_say(control->reply, PROBLEM_BAD_JSON, "line %d, column %d: %.160s", error.line,
                    error.column, error.text);
        return NULL;
    }
    if (json_is_object(json) || (json_is_array(json) && (route->flags & CONTROL_TAKES_LIST) != 0))
        return json;
    problem_say(control->reply, PROBLEM_BAD_VALUE, "the body is no %s",
                (route->flags & CONTROL_TAKES_LIST) != 0 ? "object or list of objects" : "object");
    json_decref(json);
    return NULL;
}

bool
control_is_asked(struct str path)
{
    return str_starts_lit(path, "/_sim") && (path.n == 5 || path.s[5] == '/');
}

void
control_handle(struct exchange *exchange)
{
    struct control control = {exchange, exchange->server, &exchange->reply, NULL, NULL};
    struct str name = STR_NONE;
    char allowed[64];

    atomic_fetch_add_explicit(&exchange->server->counts.control_calls, 1, memory_order_relaxed);
    if (!may_come_in(exchange))
        return;
    const struct control_route *route = find_route(exchange->request.method, exchange->request.path,
                                                   &name, allowed, sizeof allowed);
    if (route == NULL) {
        say_no_route(exchange, allowed);
        return;
    }
    if (((route->flags & CONTROL_OF_WORLD) != 0 && !find_world(&control, name)) ||
        !check_query(&control, route))
        return;
    json_t *body = read_body(&control, route);
    if (body == NULL)
        return;
    control.body = body;
    if (check_no_body(&control, route, body))
        route->handler(&control);
    json_decref(body);
}

/* ---- for control_*.c ------------------------------------------------------------------------------------------------------------------ */

bool
control_enter(struct control *control)
{
    if (tenant_enter(control->tenant))
        return true;
    problem_say(control->reply, PROBLEM_NO_WORLD, "the world \"%s\" has been dropped",
                control->tenant->name);
    return false;
}

void
control_leave(struct control *control)
{
    tenant_leave(control->tenant);
}

struct str
control_query_text(struct control *control, const char *name)
{
    struct str query = control->exchange->request.query, wanted = str_of(name);

    while (query.n > 0) {
        const char *amp = memchr(query.s, '&', query.n);
        struct str pair = {query.s, amp != NULL ? (size_t)(amp - query.s) : query.n};

        if (pair.n > wanted.n && pair.s[wanted.n] == '=' && str_starts(pair, wanted))
            return percent_decode(str_from(pair, wanted.n + 1), true, &control->exchange->arena);
        query = str_from(query, pair.n + (amp != NULL));
    }
    return STR_NONE;
}

bool
control_query_number(struct control *control, const char *name, uint64_t usual, uint64_t *number)
{
    struct str text = control_query_text(control, name);

    *number = usual;
    if (text.s == NULL)
        return true;
    *number = digits_read(text.s, text.n);
    if (*number != 0 || str_eq_lit(text, "0"))
        return true;
    problem_say(control->reply, PROBLEM_BAD_QUERY, "%s is \"%.*s\", expected a number from 0", name,
                text.n < 40 ? (int)text.n : 40, text.s);
    return false;
}
