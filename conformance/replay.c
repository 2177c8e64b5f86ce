/* understudy replay: what people did, once more, against a client. */
#include "conformance/run.h"

#include <assert.h>
#include <signal.h>

#include "conformance/alloc.h"
#include "conformance/options.h"
#include "conformance/pace.h"
#include "conformance/performance.h"
#include "conformance/recording.h"
#include "conformance/result.h"
#include "conformance/rewind.h"
#include "conformance/server.h"
#include "conformance/session.h"
#include "conformance/tables.h"

enum { EXIT_TROUBLE = 2 };

/* A whole replay. */
struct replay {
    struct options options;
    long seed, people, days;
    ms_t tail;
    long from_line;
    unsigned times; /* of the clock, see pace.h */
    ms_t now;       /* when it is to begin; meaningful with --now */
    struct server server;
    struct control control;
    struct tables tables;
    struct client_plan plan;
    bool has_client;
    struct recording **recordings;
    size_t recording_count;
};

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

/* The people of --generate, as the server makes them up: as a recording. */
static json_t *
generate_request_new(const struct replay *replay)
{
    const char *model = options_text(&replay->options, OPTION_GENERATE, "default");
    json_t *request = json_pack("{s:I, s:I, s:I}", "people", (json_int_t)replay->people, "days",
                                (json_int_t)replay->days, "seed", (json_int_t)replay->seed);
    json_error_t error;

    if (options_has(&replay->options, OPTION_NOW))
        json_object_set_new(request, "from",
                            json_string(options_text(&replay->options, OPTION_NOW, NULL)));
    if (strcmp(model, "default") == 0)
        return request;
    json_t *numbers = json_load_file(model, JSON_REJECT_DUPLICATES, &error);
    if (numbers == NULL) {
        fprintf(stderr, "%s:%d: %s\n", model, error.line > 0 ? error.line : 1, error.text);
        json_decref(request);
        return NULL;
    }
    json_object_set_new(request, "model", numbers);
    return request;
}

/* What has been played. Recordings stand among the results as scripts without steps. */
struct played {
    struct script *scripts;
    struct result *results;
    size_t count;
};

static struct outcome *
add_result(struct played *played, const char *path, const char *title)
{
    struct script *script = &played->scripts[played->count];
    struct result *result = &played->results[played->count++];

    *script = (struct script){
        .path = alloc_text(path), .name = name_of(path), .title = alloc_text(title)};
    *result = (struct result){.script = script,
                              .row = -1,
                              .outcome = {.world = alloc_text(script->name),
                                          .reached = json_object(),
                                          .places = json_array()}};
    stream_init(&result->outcome.stream);
    return &result->outcome;
}

static int
publish(const struct replay *replay, const struct played *played)
{
    json_t *list = json_array(), *journals = json_array();
    struct stream *streams = alloc_zero(played->count, sizeof *streams);
    int code = result_exit_code(played->results, played->count);

    for (size_t i = 0; i < played->count; i++) {
        result_add(&played->results[i], replay->tables.by_name.rules, true, list, journals);
        streams[i] = played->results[i].outcome.stream;
    }
    json_t *tree = session_tree_new("replay", replay->seed, list, journals);
    if (replay->has_client)
        json_object_set_new(tree, "quiet_ms", json_integer(replay->plan.quiet_ms));
    int published = session_report(tree, replay->tables.all, &replay->options, replay->has_client);
    if (session_journals(&replay->options, replay->seed, streams, played->count) != 0)
        published = EXIT_TROUBLE;
    json_decref(tree);
    free(streams);
    return published > code ? published : code;
}

static void
played_fini(struct played *played)
{
    for (size_t i = 0; i < played->count; i++) {
        free(played->scripts[i].path);
        free(played->scripts[i].name);
        free(played->scripts[i].title);
        outcome_fini(&played->results[i].outcome);
    }
    free(played->scripts);
    free(played->results);
}

/* With nobody listening the server plays made-up people faster than acts can be asked for. */
static int
play_all(struct replay *replay)
{
    struct habits habits;
    struct performance_plan plan = {
        .seed = replay->seed,
        .tail = replay->tail,
        .times = replay->times,
        .as_of = options_text(&replay->options, OPTION_AS_OF, NULL),
        .client = replay->has_client ? &replay->plan : NULL,
        .rules = replay->tables.by_name.rules,
        .fails_on_warnings = options_has(&replay->options, OPTION_WARNINGS),
        .habits = options_has(&replay->options, OPTION_QUIET_MS) ? NULL : &habits,
        .server = replay->server.process.pid};
    struct played played = {alloc_zero(replay->recording_count + 1, sizeof(struct script)),
                            alloc_zero(replay->recording_count + 1, sizeof(struct result)), 0};

    habits_init(&habits);
    for (size_t i = 0; i < replay->recording_count; i++) {
        const struct recording *recording = replay->recordings[i];
        struct outcome *outcome = add_result(&played, recording->path, recording->title);
        performance_play(&plan, &replay->control, recording, outcome);
        result_print(&played.results[i], plan.rules, stdout);
    }
    if (replay->recording_count == 0) {
        json_t *request = generate_request_new(replay);
        struct outcome *outcome = add_result(&played, "generated", "People made up by a model");
        performance_generate(&plan, &replay->control, request, outcome);
        result_print(&played.results[0], plan.rules, stdout);
        json_decref(request);
    }
    int code = publish(replay, &played);
    habits_fini(&habits);
    played_fini(&played);
    return code;
}

/* "message 12, read 3": how often who does what. */
static void
describe_acts(const struct recording *recording)
{
    json_t *counts = json_object(), *number;
    const char *act;
    const char *between = "  ";

    for (size_t i = 0; i < recording->act_count; i++) {
        const char *name = recording->acts[i].act == NULL
                               ? NULL
                               : json_string_value(json_object_get(recording->acts[i].act, "act"));
        if (name != NULL)
            json_object_set_new(
                counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + 1));
    }
    json_object_foreach(counts, act, number)
    {
        printf("%s%s %lld", between, act, (long long)json_integer_value(number));
        between = ", ";
    }
    if (json_object_size(counts) > 0)
        printf("\n");
    json_decref(counts);
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
    describe_acts(recording);
}

static int
generate_recording(struct replay *replay)
{
    struct complaints complaints = {0};
    struct wire_reply reply = {0};
    json_t *request = generate_request_new(replay);
    bool is_wanted = replay->has_client || options_has(&replay->options, OPTION_CHECK);
    int result = request == NULL ? -1 : 0;

    if (request != NULL && is_wanted)
        result = control_call(&replay->control, "POST", "/_sim/generate", request, &reply);
    if (request != NULL && result != 0)
        fprintf(stderr, "understudy replay: %s\n", replay->control.error);
    if (result == 0 && is_wanted) {
        replay->recordings = alloc_zero(1, sizeof(struct recording *));
        replay->recordings[replay->recording_count++] = recording_read_bytes(
            "generated", reply.body, reply.body_length, &replay->tables.by_name, &complaints);
        complaints_print(&complaints, stderr);
        result = complaints.count == 0 ? 0 : -1;
    }
    complaints_fini(&complaints);
    wire_reply_fini(&reply);
    json_decref(request);
    return result;
}

/* --from-line and --now. */
static int
place_recordings(struct replay *replay)
{
    for (size_t i = 0; i < replay->recording_count; i++) {
        struct recording *recording = replay->recordings[i];
        assert(recording != NULL); /* with a complaint nothing is placed */
        if (replay->from_line > 1 && !recording_skip_to(recording, replay->from_line)) {
            fprintf(stderr, "%s:%ld: nothing is left from this line on, expected an earlier one\n",
                    recording->path, replay->from_line);
            return -1;
        }
        if (options_has(&replay->options, OPTION_NOW))
            recording_move_to(recording, replay->now);
    }
    return 0;
}

static int
read_recordings(struct replay *replay)
{
    struct complaints complaints = {0};

    if (options_has(&replay->options, OPTION_GENERATE))
        return generate_recording(replay);
    replay->recordings = alloc_zero((size_t)replay->options.rest_count, sizeof(struct recording *));
    for (int i = 0; i < replay->options.rest_count; i++)
        replay->recordings[replay->recording_count++] =
            recording_read(replay->options.rest[i], &replay->tables.by_name, &complaints);
    complaints_print(&complaints, stderr);
    int result = complaints.count == 0 ? 0 : -1;
    complaints_fini(&complaints);
    return result == 0 ? place_recordings(replay) : result;
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
        options_number(options, OPTION_FROM_LINE, 1, 2147483647, 1, &replay->from_line) != 0 ||
        options_number(options, OPTION_DAYS, 1, 3660, 1, &replay->days) != 0 ||
        session_client_read(&replay->plan, options) != 0 || session_check_options(options) != 0)
        return -1;
    replay->has_client = replay->plan.command != NULL || replay->plan.webhook != NULL;
    if (!moment_read_duration(tail, &replay->tail)) {
        fprintf(stderr, "understudy: bad --tail `%s`, expected +1d or the like\n", tail);
        return -1;
    }
    if (!pace_of(options_text(options, OPTION_CLOCK, "frozen"), &replay->times)) {
        fprintf(stderr, "understudy: bad --clock `%s`, expected wall, frozen or x1 to x%d\n",
                options_text(options, OPTION_CLOCK, NULL), PACE_TIMES_MAX);
        return -1;
    }
    if (options_has(options, OPTION_NOW) &&
        !moment_read(options_text(options, OPTION_NOW, NULL), &replay->now)) {
        fprintf(stderr, "understudy: bad --now `%s`, expected 2024-03-01T09:00:00Z\n",
                options_text(options, OPTION_NOW, NULL));
        return -1;
    }
    if (options_has(options, OPTION_FROM_LINE) && options->rest_count != 1) {
        fprintf(stderr, "understudy replay: --from-line with %d recordings, expected one\n",
                options->rest_count);
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
