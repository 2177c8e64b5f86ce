#include "conformance/performance.h"

#include "conformance/alloc.h"
#include "conformance/client.h"
#include "conformance/pace.h"
#include "conformance/quiet.h"
#include "conformance/standing.h"

enum { REFUSALS_SHOWN_MAX = 20 };

/* One recording as it plays. */
struct performance {
    const struct performance_plan *plan;
    const struct recording *recording;
    struct control *control;
    struct outcome *outcome;
    struct client client;
    struct watch watch;
    json_t *psids; /* of the people, in their order */
    ms_t now;
    struct pace pace;
    size_t refused;
};

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
    const char *as_of = performance->plan->as_of;
    char now[MOMENT_TEXT_SIZE];
    json_t *users = json_array();

    moment_write(recording->now, now);
    for (size_t i = 0; i < json_array_size(recording->people); i++) {
        json_t *person = json_deep_copy(json_array_get(recording->people, i));
        json_object_del(person, "name"); /* how lines call them; not what they are called */
        json_array_append_new(users, person);
    }
    json_t *spec = json_pack("{s:s, s:I, s:s, s:s, s:o}", "name", performance->outcome->world,
                             "seed", (json_int_t)performance->plan->seed, "now", now, "clock",
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
                             performance->plan->client->fields);
    char *path = control_world_path(performance->outcome->world, "/webhook");
    json_t *answer = control_json_new(performance->control, "PUT", path, body);
    int result = answer == NULL ? trouble(performance, 1, performance->control->error) : 0;

    json_decref(answer);
    json_decref(body);
    free(path);
    return result;
}

/* The port of a URL of this machine; 0: it is elsewhere, or does not say. */
static unsigned short
local_port(const char *url)
{
    static const char *const hosts[] = {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"};

    for (size_t i = 0; url != NULL && i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp(url, hosts[i], strlen(hosts[i])) == 0)
            return (unsigned short)strtoul(url + strlen(hosts[i]), NULL, 10);
    return 0;
}

/* A client of this machine can be watched asleep: one that we have started, or whoever listens where it is said to run. */
static void
watch_sleep(struct performance *performance)
{
    struct sleepers *sleepers = &performance->watch.sleepers;
    unsigned short port = local_port(performance->plan->client->webhook);
    pid_t client = port == 0 ? performance->client.process.pid : asleep_listener(port);

    if (performance->plan->habits != NULL)
        habits_begin(performance->plan->habits);
    if (client == 0 || performance->plan->server == 0)
        return;
    sleepers->roots[sleepers->root_count++] = client;
    sleepers->roots[sleepers->root_count++] = performance->plan->server;
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
    if (result == 0 && performance->plan->client != NULL) {
        performance->watch.client = &performance->client;
        performance->watch.plan = performance->plan->client;
        if (client_start(&performance->client, performance->plan->client, world, error) != 0)
            result = trouble(performance, 1, error);
        else
            result = subscribe(performance);
        watch_sleep(performance);
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

/* On a clock that runs nobody is waited for: what comes late is late. */
static int
run_until(struct performance *performance, ms_t at, int line)
{
    char error[QUIET_ERROR_SIZE];
    bool has_come = false;

    while (!has_come) {
        has_come = pace_sleep(&performance->pace, at);
        if (quiet_read_journal(&performance->watch, 0) != 0)
            return trouble(performance, line, performance->control->error);
        if (performance->plan->client != NULL && !client_lives(&performance->client, error))
            return trouble(performance, line, error);
    }
    performance->now = at;
    return 0;
}

static int
go_to(struct performance *performance, ms_t at, int line)
{
    return performance->pace.times > 0 ? run_until(performance, at, line)
                                       : move_to(performance, at, line);
}

/* The clock runs only while people act: not while the client starts, and not in the tail. */
static int
let_run(struct performance *performance)
{
    char mode[16];

    if (performance->pace.times == 0)
        return 0;
    snprintf(mode, sizeof mode, "x%u", performance->pace.times);
    if (control_clock_mode(performance->control, performance->outcome->world, mode) != 0)
        return trouble(performance, 1, performance->control->error);
    pace_begin(&performance->pace, performance->now);
    return 0;
}

static int
let_stand(struct performance *performance, int line)
{
    if (performance->pace.times == 0)
        return 0;
    if (wait_quiet(performance, line) != 0)
        return -1;
    json_t *mode = json_pack("{s:s}", "mode", "frozen");
    char *path = control_world_path(performance->outcome->world, "/clock");
    json_t *answer = control_json_new(performance->control, "POST", path, mode);
    int result = answer == NULL ? trouble(performance, line, performance->control->error) : 0;

    if (answer != NULL)
        moment_read(stream_text(answer, "now"), &performance->now);
    performance->pace.times = 0;
    json_decref(answer);
    json_decref(mode);
    free(path);
    return result;
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
    if (result != 0 || performance->pace.times > 0)
        return result;
    return wait_quiet(performance, recorded->line);
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
    bool is_strict = performance->plan->fails_on_warnings;
    struct failure *failure = &performance->outcome->failure;

    for (size_t i = 0; performance->plan->client != NULL && i < stream_count(stream); i++) {
        const char *rule = NULL, *severity = NULL;
        const json_t *record = stream_record(stream, i);
        if (stream_violations(record, performance->plan->rules, NULL, &rule, &severity) == 0 ||
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
end(struct performance *performance)
{
    client_stop(&performance->client);
    asleep_fini(&performance->watch.sleepers);
    if (performance->psids != NULL) {
        performance->outcome->pages =
            standing_new(performance->control, performance->outcome->world);
        control_drop(performance->control, performance->outcome->world);
    }
    json_decref(performance->psids);
}

/* From an act to the next, or to the end. */
static ms_t
time_ahead(const struct performance *performance, size_t index)
{
    const struct recording *recording = performance->recording;

    if (index + 1 == recording->act_count)
        return performance->plan->tail;
    return recording->acts[index + 1].at - recording->acts[index].at;
}

/* What the reader of a report has to know besides the verdict. */
static void
remark(struct performance *performance)
{
    const struct habits *habits = performance->watch.habits;
    size_t refused = performance->refused, late = habits == NULL ? 0 : habits->late_calls;
    char *refusals = alloc_print("%zu act%s refused", refused, refused == 1 ? "" : "s");
    char *late_calls = alloc_print("%zu call%s late or unasked, after the client had seemed quiet: "
                                   "--quiet-ms sets a longer silence",
                                   late, late == 1 ? "" : "s");

    if (refused + late > 0)
        performance->outcome->reason =
            alloc_print("%s%s%s", refused > 0 ? refusals : "", refused > 0 && late > 0 ? "; " : "",
                        late > 0 ? late_calls : "");
    free(refusals);
    free(late_calls);
}

void
performance_play(const struct performance_plan *plan, struct control *control,
                 const struct recording *recording, struct outcome *outcome)
{
    struct performance performance = {.plan = plan,
                                      .recording = recording,
                                      .control = control,
                                      .outcome = outcome,
                                      .pace = {.times = plan->times},
                                      .client = {.process = {.out = -1, .err_file = -1}}};
    performance.watch = (struct watch){.control = control,
                                       .world = outcome->world,
                                       .stream = &outcome->stream,
                                       .habits = plan->client == NULL ? NULL : plan->habits};
    int result = begin(&performance), last_line = 1;

    if (result == 0)
        result = let_run(&performance);
    for (size_t i = 0; result == 0 && i < recording->act_count; i++) {
        const struct recorded_act *act = &recording->acts[i];
        performance.watch.ahead = 0;
        last_line = act->line;
        result = go_to(&performance, act->at, act->line);
        performance.watch.ahead = time_ahead(&performance, i);
        if (result == 0 && act->act != NULL)
            result = perform(&performance, act);
    }
    if (result == 0)
        result = let_stand(&performance, last_line);
    if (result == 0)
        result = move_to(&performance, performance.now + plan->tail, last_line);
    if (result == 0)
        judge(&performance);
    else
        quiet_read_journal(&performance.watch, 0);
    outcome->duration_ms = performance.now - recording->now;
    remark(&performance);
    end(&performance);
}

/* ---- made up at once ---- */

static int
generate(struct performance *performance, const json_t *request)
{
    char *path = control_world_path(performance->outcome->world, "/generate");
    json_t *answer = control_json_new(performance->control, "POST", path, request);
    int result = answer == NULL ? trouble(performance, 1, performance->control->error) : 0;

    if (result == 0) {
        performance->outcome->steps = (size_t)json_integer_value(json_object_get(answer, "acts"));
        printf("%zu acts of %lld people\n", performance->outcome->steps,
               (long long)json_integer_value(json_object_get(answer, "people")));
        moment_read(stream_text(answer, "now"), &performance->now);
    }
    json_decref(answer);
    free(path);
    return result;
}

void
performance_generate(const struct performance_plan *plan, struct control *control,
                     const json_t *request, struct outcome *outcome)
{
    static char path[] = "generated";
    struct recording nobody = {.path = path, .people = json_array(), .world = json_object()};
    struct performance performance = {.plan = plan,
                                      .recording = &nobody,
                                      .control = control,
                                      .outcome = outcome,
                                      .client = {.process = {.out = -1, .err_file = -1}}};
    performance.watch =
        (struct watch){.control = control, .world = outcome->world, .stream = &outcome->stream};

    moment_read("2024-03-04T00:00:00Z", &nobody.now);
    int result = begin(&performance);
    if (result == 0)
        result = generate(&performance, request);
    if (result == 0 && quiet_read_journal(&performance.watch, 0) != 0)
        trouble(&performance, 1, control->error);
    outcome->duration_ms = performance.now - nobody.now;
    end(&performance);
    json_decref(nobody.people);
    json_decref(nobody.world);
}
