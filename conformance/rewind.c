#include "conformance/rewind.h"

#include <errno.h>
#include <stdint.h>

#include "conformance/alloc.h"
#include "conformance/encode.h"
#include "conformance/hub.h"
#include "conformance/scope.h"
#include "conformance/script.h"
#include "conformance/stream.h"

enum { EXIT_DIFFERENT = 1, EXIT_TROUBLE = 2 };
static const size_t JOURNAL_BYTES_MAX = (size_t)1 << 30;

/* One line of the journal. */
struct old_line {
    const char *text; /* borrowed from the file's bytes, without newline */
    size_t length;
    int number;
    unsigned passed_over; /* records of its world before it that no input makes again */
    json_t *record;
};

/* A journal and what becomes of it. */
struct rewinding {
    struct control *control;
    const char *path;
    char *bytes;
    struct old_line *lines;
    size_t line_count;
    struct hub *hub;
    FILE *out;
    /* The world that is being fed. */
    const char *world; /* borrowed from a record */
    json_t *made;      /* as POST /_sim/worlds answered */
    struct hub_bot **bots;
    json_t *bot_paths; /* url_path -> index in bots */
    size_t bot_count;
    struct stream stream;
    size_t offset; /* in its text: what has been compared */
};

/* ---- reading ---- */

static int
complain(const struct rewinding *rewinding, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", rewinding->path, line, what);
    return -1;
}

static bool
is_output_of_harness(const json_t *record)
{
    return stream_is(record, "note") && strcmp(stream_text(record, "note"), "verdict") == 0;
}

/* What came over HTTP and was no call: it changed nothing but the numbers of the records after it. */
static bool
is_of_http(const json_t *record)
{
    return stream_is(record, "note") && (strcmp(stream_text(record, "note"), "http_refused") == 0 ||
                                         strcmp(stream_text(record, "note"), "proxy_refused") == 0);
}

static bool
begins_world(const json_t *record)
{
    return stream_is(record, "world") && strcmp(stream_text(record, "event"), "created") == 0;
}

static int
read_lines(struct rewinding *rewinding, size_t length)
{
    unsigned passed_over = 0;
    const char *at = rewinding->bytes, *end = at + length;
    json_error_t error;

    for (int number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline == NULL ? end : newline) - at);
        json_t *record = size == 0 ? NULL : json_loadb(at, size, 0, &error);

        if (size > 0 && record == NULL)
            return complain(rewinding, number, error.text);
        if (begins_world(record))
            passed_over = 0;
        if (record == NULL || json_object_get(record, "understudy") != NULL ||
            is_output_of_harness(record) || is_of_http(record)) {
            passed_over += is_of_http(record);
            json_decref(record);
        } else {
            rewinding->lines =
                alloc_one_more(rewinding->lines, rewinding->line_count, sizeof *rewinding->lines);
            rewinding->lines[rewinding->line_count++] =
                (struct old_line){at, size, number, passed_over, record};
        }
        at += size + 1;
    }
    return rewinding->line_count > 0
               ? 0
               : complain(rewinding, 1, "no record in it, expected a journal");
}

/* ---- worlds and webhooks ---- */

static int
server_trouble(const struct rewinding *rewinding, const struct old_line *line)
{
    return complain(rewinding, line->number, rewinding->control->error);
}

static void
end_world(struct rewinding *rewinding)
{
    if (rewinding->made == NULL)
        return;
    control_drop(rewinding->control, rewinding->world);
    for (size_t i = 0; i < rewinding->bot_count; i++)
        hub_bot_free(&rewinding->bots[i]);
    free(rewinding->bots);
    json_decref(rewinding->bot_paths);
    json_decref(rewinding->made);
    stream_fini(&rewinding->stream);
    rewinding->bots = NULL;
    rewinding->bot_count = 0;
    rewinding->bot_paths = NULL;
    rewinding->made = NULL;
}

static int
feed_world(struct rewinding *rewinding, const struct old_line *line)
{
    const json_t *record = line->record;
    json_t *spec = json_deep_copy(json_object_get(record, "spec"));

    if (strcmp(stream_text(record, "event"), "created") != 0) {
        json_decref(spec);
        return 0;
    }
    end_world(rewinding);
    if (!json_is_object(spec)) {
        json_decref(spec);
        spec = json_object();
    }
    json_object_set(spec, "name", json_object_get(record, "world"));
    if (json_object_get(spec, "seed") == NULL && json_object_get(record, "seed") != NULL)
        json_object_set(spec, "seed", json_object_get(record, "seed"));
    if (json_object_get(spec, "now") == NULL)
        json_object_set(spec, "now", json_object_get(record, "at"));
    if (json_object_get(spec, "clock") == NULL)
        json_object_set(spec, "clock", json_object_get(record, "clock"));
    rewinding->world = stream_text(record, "world");
    control_drop(rewinding->control, rewinding->world);
    rewinding->made = control_json_new(rewinding->control, "POST", "/_sim/worlds", spec);
    rewinding->bot_paths = json_object();
    stream_init(&rewinding->stream);
    rewinding->offset = 0;
    json_decref(spec);
    return rewinding->made == NULL ? server_trouble(rewinding, line) : 0;
}

/* The app of a handshake; the first one when the record does not say. */
static const json_t *
app_of(const struct rewinding *rewinding, const json_t *record)
{
    const json_t *apps = json_object_get(rewinding->made, "apps");

    for (size_t i = 0; i < json_array_size(apps); i++)
        if (json_equal(json_object_get(json_array_get(apps, i), "id"),
                       json_object_get(record, "app")))
            return json_array_get(apps, i);
    return json_array_get(apps, 0);
}

/* A bot at the same path, which will answer what was answered then. */
static struct hub_bot *
bot_at(struct rewinding *rewinding, const struct old_line *line)
{
    const char *path = stream_text(line->record, "url_path");
    const json_t *known = json_object_get(rewinding->bot_paths, path);
    const json_t *app = app_of(rewinding, line->record);

    if (known != NULL)
        return rewinding->bots[json_integer_value(known)];
    struct hub_bot *bot = hub_bot_new(rewinding->hub, path, stream_text(app, "secret"),
                                      stream_text(app, "verify_token"));
    for (const struct old_line *later = line + 1; later < rewinding->lines + rewinding->line_count;
         later++) {
        if (strcmp(stream_text(later->record, "world"), rewinding->world) != 0)
            break;
        if (!stream_is(later->record, "webhook") ||
            strcmp(stream_text(later->record, "url_path"), path) != 0 ||
            strcmp(stream_text(later->record, "field"), "handshake") == 0 ||
            strcmp(stream_text(later->record, "outcome"), "dropped") == 0)
            continue;
        int status = (int)json_integer_value(json_object_get(later->record, "status"));
        hub_bot_answer_next(bot, status == 0 ? HUB_ANSWER_CLOSE : status);
    }
    rewinding->bots = alloc_checked(
        realloc(rewinding->bots, (rewinding->bot_count + 1) * sizeof(struct hub_bot *)));
    json_object_set_new(rewinding->bot_paths, path, json_integer((json_int_t)rewinding->bot_count));
    rewinding->bots[rewinding->bot_count++] = bot;
    return bot;
}

static int
world_call(struct rewinding *rewinding, const struct old_line *line, const char *method,
           const char *rest, const json_t *body, bool may_be_refused)
{
    char *path = control_world_path(rewinding->world, rest);
    struct wire_reply reply;
    int result = control_call(rewinding->control, method, path, body, &reply);

    if (result != 0 && may_be_refused && reply.status >= 400 && reply.status < 500)
        result = 0;
    wire_reply_fini(&reply);
    free(path);
    return result == 0 ? 0 : server_trouble(rewinding, line);
}

static int
feed_handshake(struct rewinding *rewinding, const struct old_line *line)
{
    const json_t *record = line->record;
    char *url = hub_bot_url(bot_at(rewinding, line));
    json_t *body = json_pack("{s:s}", "url", url);
    const json_t *fields = json_object_get(record, "fields");

    if (json_object_get(record, "app") != NULL)
        json_object_set(body, "app", json_object_get(record, "app"));
    if (fields != NULL)
        json_object_set_new(body, "fields", json_deep_copy(fields));
    if (json_object_get(record, "version") != NULL)
        json_object_set(body, "version", json_object_get(record, "version"));
    int result = world_call(rewinding, line, "PUT", "/webhook", body, true);
    json_decref(body);
    free(url);
    return result;
}

/* ---- calls ---- */

/* page:0 -> the token of the first page. */
static const char *
token_named(const struct rewinding *rewinding, const char *name)
{
    const char *colon = strchr(name, ':');
    size_t index = colon == NULL ? 0 : strtoul(colon + 1, NULL, 10);
    size_t length = colon == NULL ? strlen(name) : (size_t)(colon - name);
    static const struct {
        const char *kind, *list;
    } lists[] = {{"page", "pages"}, {"app", "apps"}};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const json_t *list = json_object_get(rewinding->made, lists[i].list);
        if (strncmp(lists[i].kind, name, length) != 0 || lists[i].kind[length] != '\0')
            continue;
        if (index < json_array_size(list))
            return stream_text(json_array_get(list, index), "access_token");
        index -= json_array_size(list);
    }
    const json_t *tokens = json_object_get(rewinding->made, "tokens");
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        const json_t *token = json_array_get(tokens, i);
        const char *kind = stream_text(token, "kind");
        if (strlen(kind) == length && strncmp(kind, name, length) == 0 && index-- == 0)
            return stream_text(token, "access_token");
    }
    return "unknown";
}

/* The token of a call; new text. */
static char *
token_new(const struct rewinding *rewinding, const char *name)
{
    const json_t *app = json_array_get(json_object_get(rewinding->made, "apps"), 0);

    return strcmp(name, "wrong_secret") == 0 ? alloc_print("%s|wrong", stream_text(app, "id"))
                                             : alloc_text(token_named(rewinding, name));
}

/* The text with what stands for the first `mask` replaced; takes the old one, gives a new one. */
static char *
unmasked(char *text, const char *mask, const char *name, const char *secret)
{
    char *at = strstr(text, mask);

    if (at == NULL)
        return text;
    char *encoded = scope_percent_encode(secret);
    char *out =
        alloc_print("%.*s%s=%s%s", (int)(at - text), text, name, encoded, at + strlen(mask));
    free(encoded);
    free(text);
    return out;
}

/* The query with the credentials in the place of their masks; new text. */
static char *
unmasked_query(const struct rewinding *rewinding, const char *query, const char *token)
{
    const json_t *app = json_array_get(json_object_get(rewinding->made, "apps"), 0);
    char *text = unmasked(alloc_text(query), "access_token=***", "access_token", token);

    return unmasked(text, "client_secret=***", "client_secret", stream_text(app, "secret"));
}

/* Files are in the journal by name, type and size; the content is made up again. */
static void
restore_files(json_t *body)
{
    json_t *file;

    while ((file = json_object_get(body, "(file)")) != NULL) {
        json_t *part = json_pack(
            "{s:{s:O*, s:O*, s:O*}}", "file", "name", json_object_get(file, "filename"), "type",
            json_object_get(file, "content_type"), "bytes", json_object_get(file, "bytes"));
        char *name = alloc_text(stream_text(file, "name"));
        json_object_del(body, "(file)");
        json_object_set_new(body, name, part);
        free(name);
    }
}

/* Parameters of the query stand in the record's request too; they are not of the body. */
static void
remove_query_parameters(json_t *body, const char *query)
{
    while (*query != '\0') {
        size_t pair = strcspn(query, "&"), name = strcspn(query, "=&");
        char *key = alloc_slice(query, name);
        json_object_del(body, key);
        free(key);
        query += pair + (query[pair] == '&');
    }
}

static bool
was_cut(const json_t *record)
{
    return json_is_true(json_object_get(record, "cut"));
}

/* A body that nobody could read is not in the journal: another one that nobody can read stands for it. */
static bool
was_unreadable(const json_t *record, const json_t *body)
{
    return json_object_size(body) == 0 &&
           (was_cut(record) || strcmp(stream_text(record, "rule"), "FORM-BODY") == 0);
}

static void
add_body(struct wire_request *request, const json_t *record, const char *token)
{
    static const char unreadable[] = "{ \"a\": ";
    const char *encoding = stream_text(record, "encoding");
    enum encoding as = encode_named(encoding);
    json_t *body = json_deep_copy(json_object_get(record, "request"));

    if (body == NULL && was_cut(record))
        body = json_object();
    if (!json_is_object(body) || strcmp(encoding, "none") == 0 || strcmp(encoding, "query") == 0) {
        json_decref(body);
        return;
    }
    remove_query_parameters(body, stream_text(record, "query"));
    if (strcmp(stream_text(body, "access_token"), "***") == 0)
        json_object_set_new(body, "access_token", json_string(token));
    restore_files(body);
    if (was_unreadable(record, body)) {
        request->body = alloc_text(unreadable);
        request->body_length = strlen(unreadable);
    } else {
        request->body = encode_body_new(as, body, &request->body_length);
    }
    wire_request_header(request, "Content-Type", encode_content_type(as));
    json_decref(body);
}

/* Returns 0; -1 when there is no answer, though no fault took it. */
static int
make_call(struct rewinding *rewinding, const struct wire_request *request, const json_t *injected)
{
    struct wire_reply reply;

    wire_call(rewinding->control->wire, request, &reply);
    int result = reply.status == 0 && !json_is_true(injected) ? -1 : 0;
    wire_reply_fini(&reply);
    return result;
}

static int
feed_call(struct rewinding *rewinding, const struct old_line *line)
{
    const json_t *record = line->record;
    const char *name = stream_text(record, "token"), *query = stream_text(record, "query");
    char *token = token_new(rewinding, name);
    bool is_in_query = strstr(query, "access_token=") != NULL;
    bool is_in_body = json_object_get(json_object_get(record, "request"), "access_token") != NULL;
    char *full = unmasked_query(rewinding, query, token);
    struct wire_request request = {.method = alloc_text(stream_text(record, "method")),
                                   .url = alloc_print("%s%s%s%s", rewinding->control->base,
                                                      stream_text(record, "path"),
                                                      full[0] == '\0' ? "" : "?", full)};

    if (strcmp(name, "none") != 0 && !is_in_body && !is_in_query) {
        char *bearer = alloc_print("Bearer %s", token);
        wire_request_header(&request, "Authorization", bearer);
        free(bearer);
    }
    wire_request_header(&request, "X-Understudy-World", rewinding->world);
    if (json_object_get(record, "client") != NULL)
        wire_request_header(&request, "User-Agent", stream_text(record, "client"));
    wire_request_header(&request, "X-Understudy-World", rewinding->world);
    add_body(&request, record, token);
    int result = was_cut(record)
                     ? wire_call_cut(rewinding->control->wire, &request)
                     : make_call(rewinding, &request, json_object_get(record, "injected"));
    wire_request_fini(&request);
    free(full);
    free(token);
    return result == 0
               ? 0
               : complain(rewinding, line->number, "the server gave no answer to this call");
}

/* ---- the rest ---- */

static int
feed_clock(struct rewinding *rewinding, const struct old_line *line)
{
    const json_t *record = line->record;
    bool moves = !json_equal(json_object_get(record, "from"), json_object_get(record, "to"));
    json_t *body = moves ? json_pack("{s:O}", "now", json_object_get(record, "to"))
                         : json_pack("{s:O}", "mode", json_object_get(record, "mode"));
    int result = world_call(rewinding, line, "POST", "/clock", body, false);

    json_decref(body);
    return result;
}

static bool
is_input(const json_t *record)
{
    static const char *const kinds[] = {"world", "act", "clock", "call"};

    if (json_is_true(
            json_object_get(record, "batched"))) /* comes with its batch, whose record follows */
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (stream_is(record, kinds[i]))
            return true;
    if (stream_is(record, "fault")) /* as it was set, not as it hit */
        return json_object_get(record, "spec") != NULL;
    return stream_is(record, "webhook") && strcmp(stream_text(record, "field"), "handshake") == 0;
}

/* Takes one line of the old journal as an input, if it is one. */
static int
feed(struct rewinding *rewinding, const struct old_line *line)
{
    const json_t *record = line->record;

    if (stream_is(record, "world"))
        return feed_world(rewinding, line);
    if (rewinding->made == NULL)
        return complain(rewinding, line->number,
                        "a record before its world, expected {\"kind\":\"world\",...} first");
    if (stream_is(record, "act"))
        return world_call(rewinding, line, "POST", "/acts", json_object_get(record, "input"), true);
    if (stream_is(record, "fault") && is_input(record))
        return world_call(rewinding, line, "POST", "/faults", json_object_get(record, "spec"),
                          false);
    if (stream_is(record, "clock"))
        return feed_clock(rewinding, line);
    if (stream_is(record, "call"))
        return is_input(record) ? feed_call(rewinding, line) : 0;
    if (stream_is(record, "webhook") && strcmp(stream_text(record, "field"), "handshake") == 0)
        return feed_handshake(rewinding, line);
    return 0;
}

static int
read_new(struct rewinding *rewinding)
{
    char *rest = alloc_print("/journal?after=%lld", (long long)rewinding->stream.last_seq);
    char *path = control_world_path(rewinding->world, rest);
    struct wire_reply reply;
    int result = control_settle(rewinding->control, rewinding->world);

    if (result == 0)
        result = control_call(rewinding->control, "GET", path, NULL, &reply);
    else
        reply = (struct wire_reply){0};
    if (result == 0)
        result = stream_take(&rewinding->stream, reply.body, reply.body_length);
    wire_reply_fini(&reply);
    free(path);
    free(rest);
    return result;
}

/* The next line of the new journal, with its length; NULL when it ends before. */
static const char *
next_new_line(struct rewinding *rewinding, size_t *length)
{
    const struct stream *stream = &rewinding->stream;

    if (rewinding->offset >= stream->text_length)
        return NULL;
    const char *at = stream->text + rewinding->offset;
    *length = strcspn(at, "\n");
    rewinding->offset += *length + 1;
    return at;
}

/* The same record, though its number is lower by those that were passed over. */
static bool
is_same(const struct old_line *line, const char *text, size_t length)
{
    static const char start[] = "{\"seq\":";
    const char *then = line->text, *then_end = then + line->length, *now_end = text + length;
    char *then_rest, *now_rest;

    if (line->passed_over == 0)
        return length == line->length && memcmp(text, then, length) == 0;
    if (line->length < sizeof start || length < sizeof start ||
        memcmp(text, start, sizeof start - 1) != 0 || memcmp(then, start, sizeof start - 1) != 0)
        return false;
    unsigned long then_seq = strtoul(then + sizeof start - 1, &then_rest, 10),
                  now_seq = strtoul(text + sizeof start - 1, &now_rest, 10);
    return then_seq == now_seq + line->passed_over && then_end - then_rest == now_end - now_rest &&
           memcmp(then_rest, now_rest, (size_t)(then_end - then_rest)) == 0;
}

static int
compare(struct rewinding *rewinding, const struct old_line *line, const char *text, size_t length)
{
    if (text != NULL && is_same(line, text, length))
        return 0;
    printf("%s:%d: DIFFERENT\n  then  %.*s\n  now   %.*s\n", rewinding->path, line->number,
           (int)line->length, line->text, text == NULL ? 7 : (int)length,
           text == NULL ? "nothing" : text);
    return EXIT_DIFFERENT;
}

/* Makes the line at index `at` come out: what is not there yet follows from this input or from the next one. */
static int
feed_next(struct rewinding *rewinding, size_t at)
{
    size_t input = at;

    while (input < rewinding->line_count && !is_input(rewinding->lines[input].record))
        input++;
    if (input == rewinding->line_count)
        return 0;
    if (feed(rewinding, &rewinding->lines[input]) != 0)
        return -1;
    return read_new(rewinding) == 0 ? 0 : server_trouble(rewinding, &rewinding->lines[input]);
}

static int
rewind_lines(struct rewinding *rewinding)
{
    for (size_t i = 0; i < rewinding->line_count; i++) {
        struct old_line *line = &rewinding->lines[i];
        bool is_there = !begins_world(line->record) && rewinding->made != NULL &&
                        rewinding->offset < rewinding->stream.text_length;
        size_t length = 0;

        if (!is_there && feed_next(rewinding, i) != 0)
            return EXIT_TROUBLE;
        const char *text = next_new_line(rewinding, &length);
        if (text != NULL && rewinding->out != NULL)
            fprintf(rewinding->out, "%.*s\n", (int)length, text);
        int result = compare(rewinding, line, text, length);
        if (result != 0)
            return result;
    }
    return 0;
}

static int
open_out(struct rewinding *rewinding, const char *out)
{
    if (out == NULL)
        return 0;
    rewinding->out = fopen(out, "wb");
    if (rewinding->out == NULL) {
        fprintf(stderr, "understudy: %s: cannot be written: %s\n", out, strerror(errno));
        return -1;
    }
    const char *newline = strchr(rewinding->bytes, '\n');
    if (newline != NULL &&
        strncmp(rewinding->bytes, "{\"understudy\"", 13) == 0) /* the header is the file's own */
        fwrite(rewinding->bytes, 1, (size_t)(newline - rewinding->bytes) + 1, rewinding->out);
    return 0;
}

int
rewind_journal(struct control *control, const char *path, const char *out)
{
    struct rewinding rewinding = {.control = control, .path = path};
    struct complaints complaints = {0};
    size_t length = 0;
    int code = EXIT_TROUBLE;

    rewinding.bytes = script_load(path, JOURNAL_BYTES_MAX, &length, &complaints);
    complaints_print(&complaints, stderr);
    complaints_fini(&complaints);
    if (rewinding.bytes != NULL && read_lines(&rewinding, length) == 0 &&
        open_out(&rewinding, out) == 0 && (rewinding.hub = hub_new()) != NULL)
        code = rewind_lines(&rewinding);
    if (code == 0)
        printf("%zu records, all the same\n", rewinding.line_count);
    end_world(&rewinding);
    hub_free(&rewinding.hub);
    if (rewinding.out != NULL && fclose(rewinding.out) != 0)
        code = EXIT_TROUBLE;
    for (size_t i = 0; i < rewinding.line_count; i++)
        json_decref(rewinding.lines[i].record);
    free(rewinding.lines);
    free(rewinding.bytes);
    return code;
}
