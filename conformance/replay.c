/* understudy replay: what people did, once more, against a client. */
#include "conformance/run.h"

#include <signal.h>

#include "conformance/alloc.h"
#include "conformance/options.h"
#include "conformance/quiet.h"
#include "conformance/recording.h"
#include "conformance/result.h"
#include "conformance/rewind.h"
#include "conformance/server.h"
#include "conformance/session.h"
#include "conformance/tables.h"

enum { EXIT_TROUBLE = 2, REFUSALS_SHOWN_MAX = 20 };

/* A whole replay. */
struct replay {
    struct options options;
    long seed, people, days;
    ms_t tail;
    struct server server;
    struct control control;
    struct tables tables;
    struct client_plan plan;
    bool has_client;
    struct recording **recordings;
    size_t recording_count;
};

/* One recording as it plays. */
struct performance {
    const struct replay *replay;
    const struct recording *recording;
    struct control *control;
    struct outcome *outcome;
    struct client client;
    struct watch watch;
    json_t *psids; /* of the people, in their order */
    ms_t now;
    size_t refused;
};

/* ---- one recording ---- */

static int
trouble(struct performance *performance, int line, const char *message)
{
    struct failure *failure = &performance->outcome->failure;

    if (failure->message != NULL)
        return -1;
    failure->file = performance->recording->path;
    failure->line = line;
    failure->step = alloc_text("replay");
    failure->message = alloc_text(message);
    performance->outcome->verdict = VERDICT_ERROR;
    return -1;
}

static json_t *
world_request_new(const struct performance *performance)
{
    const struct recording *recording = performance->recording;
    const char *as_of = options_text(&performance->replay->options, OPTION_AS_OF, NULL);
    char now[MOMENT_TEXT_SIZE];
    json_t *users = json_array();

    moment_write(recording->now, now);
    for (size_t i = 0; i < json_array_size(recording->people); i++) {
        json_t *person = json_deep_copy(json_array_get(recording->people, i));
        json_object_del(person, "name"); /* how lines call them; not what they are called */
        json_array_append_new(users, person);
    }
    json_t *spec = json_pack("{s:s, s:I, s:s, s:s, s:o}", "name", performance->outcome->world,
                             "seed", (json_int_t)performance->replay->seed, "now", now, "clock",
                             "frozen", "users", users);
    if (as_of != NULL)
        json_object_set_new(spec, "policy_date", json_string(as_of));
    json_object_update(spec, recording->world);
    return spec;
}

static int
subscribe(struct performance *performance)
{
    json_t *body = json_pack("{s:s, s:O}", "url", performance->client.webhook, "fields",
                             performance->replay->plan.fields);
    char *path = control_world_path(performance->outcome->world, "/webhook");
    json_t *answer = control_json_new(performance->control, "PUT", path, body);
    int result = answer == NULL ? trouble(performance, 1, performance->control->error) : 0;

    json_decref(answer);
    json_decref(body);
    free(path);
    return result;
}

static int
begin(struct performance *performance)
{
    json_t *spec = world_request_new(performance);
    json_t *world = control_json_new(performance->control, "POST", "/_sim/worlds", spec);
    char error[CLIENT_ERROR_SIZE];
    int result = 0;

    json_decref(spec);
    if (world == NULL)
        return trouble(performance, 1, performance->control->error);
    performance->psids = json_array();
    for (size_t i = 0; i < json_array_size(json_object_get(world, "users")); i++)
        json_array_append(
            performance->psids,
            json_object_get(json_array_get(json_object_get(world, "users"), i), "psid"));
    performance->now = performance->recording->now;
    if (json_array_size(performance->psids) < json_array_size(performance->recording->people))
        result = trouble(performance, 1, "the world has fewer people than the recording");
    if (result == 0 && performance->replay->has_client) {
        performance->watch.client = &performance->client;
        performance->watch.plan = &performance->replay->plan;
        if (client_start(&performance->client, &performance->replay->plan, world, error) != 0)
            result = trouble(performance, 1, error);
        else
            result = subscribe(performance);
    }
    json_decref(world);
    return result;
}

static int
wait_quiet(struct performance *performance, int line)
{
    char error[QUIET_ERROR_SIZE];

    return quiet_wait(&performance->watch, error) == 0 ? 0 : trouble(performance, line, error);
}

static int
move_to(struct performance *performance, ms_t at, int line)
{
    if (at <= performance->now)
        return 0;
    if (control_clock_to(performance->control, performance->outcome->world, at) != 0)
        return trouble(performance, line, performance->control->error);
    performance->now = at;
    return wait_quiet(performance, line);
}

/* What a person can do depends on what the client did: a refused act is told, and the story goes on. */
static void
tell_refusal(struct performance *performance, int line, const struct wire_reply *reply)
{
    const char *detail = json_string_value(json_object_get(reply->json, "detail"));

    if (performance->refused++ < REFUSALS_SHOWN_MAX)
        printf("%s:%d: the act was refused: %s\n", performance->recording->path, line,
               detail != NULL ? detail : reply->body);
}

static int
perform(struct performance *performance, const struct recorded_act *recorded)
{
    json_t *act = json_deep_copy(recorded->act);
    char *path = control_world_path(performance->outcome->world, "/acts");
    struct wire_reply reply;

    if (json_object_get(act, "user") == NULL)
        json_object_set(act, "user", json_array_get(performance->psids, recorded->who));
    json_array_append_new(
        performance->outcome->places,
        json_pack("[I, i]", performance->outcome->stream.last_seq + 1, recorded->line));
    int result = control_call(performance->control, "POST", path, act, &reply);
    performance->outcome->steps++;
    if (result != 0 && reply.status >= 400 && reply.status < 500 && reply.status != 404) {
        tell_refusal(performance, recorded->line, &reply);
        result = 0;
    } else if (result != 0) {
        trouble(performance, recorded->line, performance->control->error);
    }
    wire_reply_fini(&reply);
    free(path);
    json_decref(act);
    return result == 0 ? wait_quiet(performance, recorded->line) : result;
}

/* The line of the recording that record `index` belongs to. */
static int
line_of(const struct performance *performance, size_t index)
{
    const json_t *places = performance->outcome->places;
    json_int_t seq = json_integer_value(
        json_object_get(stream_record(&performance->outcome->stream, index), "seq"));
    int line = 1;

    for (size_t i = 0; i < json_array_size(places); i++) {
        const json_t *place = json_array_get(places, i);
        if (json_integer_value(json_array_get(place, 0)) <= seq)
            line = (int)json_integer_value(json_array_get(place, 1));
    }
    return line;
}

/* The first rule that the client broke gravely enough fails the recording. */
static void
judge(struct performance *performance)
{
    const struct stream *stream = &performance->outcome->stream;
    bool is_strict = options_has(&performance->replay->options, OPTION_WARNINGS);
    struct failure *failure = &performance->outcome->failure;

    for (size_t i = 0; performance->replay->has_client && i < stream_count(stream); i++) {
        const char *rule = NULL, *severity = NULL;
        const json_t *record = stream_record(stream, i);
        if (stream_violations(record, performance->replay->tables.by_name.rules, NULL, &rule,
                              &severity) == 0 ||
            (!is_strict && strcmp(severity, "error") != 0))
            continue;
        *failure =
            (struct failure){.file = performance->recording->path,
                             .line = line_of(performance, i),
                             .step = alloc_text("replay"),
                             .message = alloc_print("the client broke %s (%s)", rule, severity),
                             .rule_id = alloc_text(rule),
                             .at = alloc_text(stream_text(record, "at")),
                             .expected = alloc_text("no rule broken"),
                             .rule = alloc_text(rule),
                             .journal_line = stream_line(i),
                             .is_violation = true};
        performance->outcome->verdict = VERDICT_FAIL;
        return;
    }
}

static void
play(const struct replay *replay, struct control *control, const struct recording *recording,
     struct outcome *outcome)
{
    struct performance performance = {.replay = replay,
                                      .recording = recording,
                                      .control = control,
                                      .outcome = outcome,
                                      .client = {.process = {.out = -1, .err_file = -1}}};
    performance.watch =
        (struct watch){.control = control, .world = outcome->world, .stream = &outcome->stream};
    int result = begin(&performance);

    for (size_t i = 0; result == 0 && i < recording->act_count; i++) {
        const struct recorded_act *act = &recording->acts[i];
        result = move_to(&performance, act->at, act->line);
        if (result == 0 && act->act != NULL)
            result = perform(&performance, act);
    }
    if (result == 0)
        result =
            move_to(&performance, performance.now + replay->tail,
                    recording->act_count == 0 ? 1 : recording->acts[recording->act_count - 1].line);
    if (result == 0)
        judge(&performance);
    else
        quiet_read_journal(&performance.watch, 0);
    outcome->duration_ms = performance.now - recording->now;
    if (performance.refused > 0)
        outcome->reason = alloc_print("%zu act%s refused", performance.refused,
                                      performance.refused == 1 ? "" : "s");
    client_stop(&performance.client);
    if (performance.psids != NULL)
        control_drop(control, outcome->world);
    json_decref(performance.psids);
}

/* ---- all of them ---- */

/* fixtures/recordings/returns.jsonl -> returns */
static char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(from, '.');
    char *name =
        alloc_slice(from, dot == NULL || dot == from ? strlen(from) : (size_t)(dot - from));

    for (char *c = name; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *c) == NULL)
            *c = '-';
    return name;
}

static int
play_all(struct replay *replay)
{
    size_t count = replay->recording_count;
    struct script *names =
        alloc_zero(count, sizeof *names); /* recordings as reports see them: without steps */
    struct result *results = alloc_zero(count, sizeof *results);
    struct stream *streams = alloc_zero(count, sizeof *streams);
    json_t *list = json_array(), *journals = json_array();

    for (size_t i = 0; i < count; i++) {
        struct outcome *outcome = &results[i].outcome;
        names[i] = (struct script){.path = replay->recordings[i]->path,
                                   .name = name_of(replay->recordings[i]->path),
                                   .title = replay->recordings[i]->title};
        results[i].script = &names[i];
        results[i].row = -1;
        *outcome = (struct outcome){
            .world = alloc_text(names[i].name), .reached = json_object(), .places = json_array()};
        stream_init(&outcome->stream);
        play(replay, &replay->control, replay->recordings[i], outcome);
        result_print(&results[i], replay->tables.by_name.rules, stdout);
        result_add(&results[i], replay->tables.by_name.rules, true, list, journals);
        streams[i] = outcome->stream;
    }
    int code = result_exit_code(results, count);
    json_t *tree = session_tree_new("replay", replay->seed, list, journals);
    json_object_set_new(tree, "quiet_ms", json_integer(replay->plan.quiet_ms));
    int published = session_report(tree, replay->tables.all, &replay->options, replay->has_client);
    if (session_journals(&replay->options, replay->seed, streams, count) != 0)
        published = EXIT_TROUBLE;
    json_decref(tree);
    for (size_t i = 0; i < count; i++) {
        free(names[i].name);
        outcome_fini(&results[i].outcome);
    }
    free(names);
    free(results);
    free(streams);
    return published > code ? published : code;
}

/* What --check says of a recording. */
static void
describe(const struct recording *recording, ms_t tail)
{
    char now[MOMENT_TEXT_SIZE], end[MOMENT_TEXT_SIZE];
    size_t acts = 0;
    ms_t last = recording->now;

    for (size_t i = 0; i < recording->act_count; i++) {
        acts += recording->acts[i].act != NULL;
        last = recording->acts[i].at;
    }
    moment_write(recording->now, now);
    moment_write(last + tail, end);
    printf("%s: \"%s\", %zu people, %zu acts, from %s to %s\n", recording->path, recording->title,
           json_array_size(recording->people), acts, now, end);
}

static int
read_recordings(struct replay *replay)
{
    struct complaints complaints = {0};

    replay->recordings = alloc_zero((size_t)replay->options.rest_count, sizeof(struct recording *));
    for (int i = 0; i < replay->options.rest_count; i++)
        replay->recordings[replay->recording_count++] =
            recording_read(replay->options.rest[i], &replay->tables.by_name, &complaints);
    complaints_print(&complaints, stderr);
    int result = complaints.count == 0 ? 0 : -1;
    complaints_fini(&complaints);
    return result;
}

static int
start(struct replay *replay)
{
    char **arguments = session_server_arguments(&replay->options);
    int result = server_start(&replay->server, arguments);

    options_arguments_free(arguments);
    if (result != 0)
        return -1;
    control_init(&replay->control, replay->server.base, NULL);
    replay->plan.ready = replay->server.ready;
    if (replay->plan.webhook != NULL) /* its credentials belong to one world at a time */
        control_drop(&replay->control, "default");
    return tables_fetch(&replay->tables, &replay->control);
}

static int
replay_all(struct replay *replay)
{
    if (start(replay) != 0)
        return EXIT_TROUBLE;
    if (options_has(&replay->options, OPTION_INPUTS))
        return rewind_journal(&replay->control, options_text(&replay->options, OPTION_INPUTS, NULL),
                              options_text(&replay->options, OPTION_JOURNAL, NULL));
    if (read_recordings(replay) != 0)
        return EXIT_TROUBLE;
    if (!options_has(&replay->options, OPTION_CHECK))
        return play_all(replay);
    for (size_t i = 0; i < replay->recording_count; i++)
        describe(replay->recordings[i], replay->tail);
    return 0;
}

static int
read_options(struct replay *replay)
{
    const struct options *options = &replay->options;
    const char *tail = options_text(options, OPTION_TAIL, "+1d");

    if (options_number(options, OPTION_SEED, 0, 2147483647, 1, &replay->seed) != 0 ||
        options_number(options, OPTION_PEOPLE, 1, 10000000, 100, &replay->people) != 0 ||
        options_number(options, OPTION_DAYS, 1, 3660, 1, &replay->days) != 0 ||
        session_client_read(&replay->plan, options) != 0 || session_check_options(options) != 0)
        return -1;
    replay->has_client = replay->plan.command != NULL || replay->plan.webhook != NULL;
    if (!moment_read_duration(tail, &replay->tail)) {
        fprintf(stderr, "understudy: bad --tail `%s`, expected +1d or the like\n", tail);
        return -1;
    }
    if (options->rest_count == 0 && !options_has(options, OPTION_INPUTS) &&
        !options_has(options, OPTION_GENERATE)) {
        fprintf(stderr, "understudy replay: no recording given; type: understudy replay --client "
                        "COMMAND RECORDING\n");
        return -1;
    }
    return 0;
}

static void
replay_fini(struct replay *replay)
{
    control_fini(&replay->control);
    server_stop(&replay->server);
    tables_fini(&replay->tables);
    for (size_t i = 0; i < replay->recording_count; i++)
        recording_free(&replay->recordings[i]);
    free(replay->recordings);
    session_client_fini(&replay->plan);
    options_fini(&replay->options);
}

int
replay_main(int argc, char **argv)
{
    struct replay replay = {.server = {.process = {.out = -1, .err_file = -1}}};
    int code = EXIT_TROUBLE;

    signal(SIGPIPE, SIG_IGN);
    wire_setup();
    if (options_read(&replay.options, OPTIONS_REPLAY, argc, argv) != 0) {
        /* said already */
    } else if (options_has(&replay.options, OPTION_HELP)) {
        options_usage(OPTIONS_REPLAY, "replay", "RECORDING...", stdout);
        code = 0;
    } else if (read_options(&replay) == 0) {
        code = replay_all(&replay);
    }
    replay_fini(&replay);
    return code;
}
