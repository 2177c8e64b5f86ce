/* understudy run: reads and checks all scenarios, then plays them, several at a time. */
#include "conformance/run.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "conformance/alloc.h"
#include "conformance/check.h"
#include "conformance/hub.h"
#include "conformance/options.h"
#include "conformance/paths.h"
#include "conformance/result.h"
#include "conformance/server.h"
#include "conformance/session.h"
#include "conformance/story.h"
#include "conformance/tables.h"

enum { EXIT_TROUBLE = 2, JOBS_MAX = 64 };

/* A whole run. */
struct run {
    struct options options;
    long seed, jobs;
    struct found_files files;
    struct script **scripts;
    size_t script_count;
    struct server server;
    struct control control;
    struct tables tables;
    struct client_plan client;
    struct plan plan;
    struct result *results;
    size_t result_count;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t is_done_changed;
    size_t next; /* result to play */
    bool *is_done;
};

/* ---- reading ---- */

static int
read_scripts(struct run *run)
{
    struct complaints complaints = {0};

    run->scripts = alloc_zero(run->files.count, sizeof(struct script *));
    for (size_t i = 0; i < run->files.count; i++) {
        const struct found_file *file = &run->files.items[i];
        size_t before = complaints.count;
        run->scripts[i] = script_read(file->path, file->name, &complaints);
        run->script_count++;
        if (complaints.count == before)
            check_script(run->scripts[i], &complaints);
        for (size_t j = 0; j < i; j++)
            if (strcmp(run->scripts[j]->name, file->name) == 0)
                complaints_add(&complaints, file->path, 0,
                               "is called %s as %s is, expected another name", file->name,
                               run->scripts[j]->path);
    }
    complaints_print(&complaints, stderr);
    int result = complaints.count == 0 ? 0 : -1;
    complaints_fini(&complaints);
    return result;
}

static int
check_ids(struct run *run)
{
    struct complaints complaints = {0};

    for (size_t i = 0; i < run->script_count; i++)
        check_script_tables(run->scripts[i], &run->tables.by_name, &complaints);
    complaints_print(&complaints, stderr);
    int result = complaints.count == 0 ? 0 : -1;
    complaints_fini(&complaints);
    return result;
}

static void
list_results(struct run *run)
{
    for (size_t i = 0; i < run->script_count; i++)
        run->result_count += run->scripts[i]->row_count > 0 ? run->scripts[i]->row_count : 1;
    run->results = alloc_zero(run->result_count, sizeof *run->results);
    run->is_done = alloc_zero(run->result_count, sizeof *run->is_done);
    size_t at = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct script *script = run->scripts[i];
        run->results[at++] =
            (struct result){.script = script, .row = script->row_count > 0 ? 0 : -1};
        for (size_t row = 1; row < script->row_count; row++)
            run->results[at++] = (struct result){.script = script, .row = (long)row};
    }
}

/* ---- playing ---- */

static void *
work(void *given_run)
{
    struct run *run = given_run;

    for (;;) {
        pthread_mutex_lock(&run->lock);
        size_t mine = run->next++;
        pthread_mutex_unlock(&run->lock);
        if (mine >= run->result_count)
            return NULL;
        struct result *result = &run->results[mine];
        story_tell(&run->plan, result->script, result->row, &result->outcome);
        pthread_mutex_lock(&run->lock);
        run->is_done[mine] = true;
        pthread_cond_signal(&run->is_done_changed);
        pthread_mutex_unlock(&run->lock);
    }
}

/* A scenario that claims a rule which none of its rows has reached fails, with its last row. */
static void
judge_covers(struct run *run, size_t last)
{
    const struct script *script = run->results[last].script;
    size_t first = last + 1 - (script->row_count > 0 ? script->row_count : 1);
    struct outcome *outcome = &run->results[last].outcome;

    for (size_t i = first; i <= last; i++)
        if (run->results[i].outcome.verdict != VERDICT_PASS &&
            run->results[i].outcome.verdict != VERDICT_FIXED)
            return;
    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        for (size_t j = 0; step->verb == VERB_COVERS && j < step->word_count; j++) {
            bool is_reached = run->plan.client != NULL; /* a client may have its own way */
            for (size_t k = first; !is_reached && k <= last; k++)
                is_reached =
                    json_object_get(run->results[k].outcome.reached, step->words[j].text) != NULL;
            if (is_reached)
                continue;
            outcome->failure =
                (struct failure){.file = step->file,
                                 .line = step->line,
                                 .step = alloc_text(step->source),
                                 .message = alloc_text("the scenario never reaches this rule"),
                                 .rule_id = alloc_text(step->words[j].text)};
            outcome->verdict = outcome->verdict == VERDICT_FIXED ? VERDICT_KNOWN : VERDICT_FAIL;
            return;
        }
    }
}

/* Prints results in the order of the files, each as soon as those before it are through. */
static void
print_results(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++) {
        pthread_mutex_lock(&run->lock);
        while (!run->is_done[i])
            pthread_cond_wait(&run->is_done_changed, &run->lock);
        pthread_mutex_unlock(&run->lock);
        if (i + 1 == run->result_count || run->results[i + 1].script != run->results[i].script)
            judge_covers(run, i);
        result_print(&run->results[i], run->tables.by_name.rules, stdout);
    }
    result_print_summary(run->results, run->result_count, stdout);
}

static void
play(struct run *run)
{
    pthread_t workers[JOBS_MAX];
    long started = 0;

    while (started < run->jobs && pthread_create(&workers[started], NULL, work, run) == 0)
        started++;
    if (started == 0)
        work(run);
    print_results(run);
    for (long i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
}

/* ---- the plan ---- */

static int
read_numbers(struct run *run)
{
    const struct options *options = &run->options;

    if (options_number(options, OPTION_SEED, 0, 2147483647, 1, &run->seed) != 0 ||
        options_number(options, OPTION_JOBS, 1, JOBS_MAX, 1, &run->jobs) != 0)
        return -1;
    const char *api = options_text(options, OPTION_API, "v19.0");
    if (check_api_number(api) < 0) {
        fprintf(stderr, "understudy: bad --api `%s`, expected v19.0 or the like\n", api);
        return -1;
    }
    return session_client_read(&run->client, options);
}

static int
start_server(struct run *run)
{
    char **arguments = session_server_arguments(&run->options);
    int result = server_start(&run->server, arguments);

    options_arguments_free(arguments);
    if (result != 0)
        return -1;
    control_init(&run->control, run->server.base, NULL);
    return tables_fetch(&run->tables, &run->control);
}

static int
make_plan(struct run *run)
{
    bool has_client = run->client.command != NULL || run->client.webhook != NULL;

    run->client.ready = run->server.ready;
    run->plan = (struct plan){.base = run->server.base,
                              .api = options_text(&run->options, OPTION_API, "v19.0"),
                              .as_of = options_text(&run->options, OPTION_AS_OF, NULL),
                              .seed = run->seed,
                              .tables = run->tables.by_name,
                              .client = has_client ? &run->client : NULL,
                              .hub = hub_new()};
    if (run->client.webhook != NULL) { /* its credentials belong to one world at a time */
        run->plan.is_seed_shared = true;
        run->jobs = 1;
        control_drop(&run->control, "default");
    }
    return run->plan.hub == NULL ? -1 : 0;
}

static int
publish(struct run *run)
{
    bool has_client = run->plan.client != NULL;
    json_t *results = json_array(), *journals = json_array();
    int code = result_exit_code(run->results, run->result_count);

    for (size_t i = 0; i < run->result_count; i++)
        result_add(&run->results[i], run->tables.by_name.rules, has_client, results, journals);
    json_t *tree = session_tree_new("run", run->seed, results, journals);
    if (has_client)
        json_object_set_new(tree, "quiet_ms", json_integer(run->client.quiet_ms));
    int published = session_report(tree, run->tables.all, &run->options, has_client);
    json_decref(tree);

    struct stream *streams = alloc_zero(run->result_count, sizeof *streams);
    for (size_t i = 0; i < run->result_count; i++)
        streams[i] = run->results[i].outcome.stream;
    if (session_journals(&run->options, run->seed, streams, run->result_count) != 0)
        published = EXIT_TROUBLE;
    free(streams);
    return published > code ? published : code;
}

static int
run_all(struct run *run)
{
    for (int i = 0; i < run->options.rest_count; i++)
        if (paths_find(&run->files, run->options.rest[i]) != 0)
            return EXIT_TROUBLE;
    /* What a mistake in a file costs must not depend on whether a server starts. */
    if (read_scripts(run) != 0 || start_server(run) != 0 || check_ids(run) != 0)
        return EXIT_TROUBLE;
    if (options_has(&run->options, OPTION_CHECK)) {
        printf("%zu scenario%s read and checked\n", run->script_count,
               run->script_count == 1 ? "" : "s");
        return 0;
    }
    if (make_plan(run) != 0)
        return EXIT_TROUBLE;
    list_results(run);
    play(run);
    return publish(run);
}

static void
run_fini(struct run *run)
{
    hub_free(&run->plan.hub);
    control_fini(&run->control);
    server_stop(&run->server);
    tables_fini(&run->tables);
    for (size_t i = 0; i < run->result_count; i++)
        outcome_fini(&run->results[i].outcome);
    for (size_t i = 0; i < run->script_count; i++)
        script_free(&run->scripts[i]);
    free(run->results);
    free(run->is_done);
    free(run->scripts);
    paths_fini(&run->files);
    session_client_fini(&run->client);
    options_fini(&run->options);
    pthread_mutex_destroy(&run->lock);
    pthread_cond_destroy(&run->is_done_changed);
}

int
run_main(int argc, char **argv)
{
    static const char operands[] = "PATH...";
    struct run run = {.server = {.process = {.out = -1, .err_file = -1}}};
    int code = EXIT_TROUBLE;

    signal(SIGPIPE, SIG_IGN);
    wire_setup();
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.is_done_changed, NULL);
    if (options_read(&run.options, OPTIONS_RUN, argc, argv) != 0) {
        /* said already */
    } else if (options_has(&run.options, OPTION_HELP)) {
        options_usage(OPTIONS_RUN, "run", operands, stdout);
        code = 0;
    } else if (options_has(&run.options, OPTION_VERBS)) {
        verb_manual(stdout);
        code = 0;
    } else if (run.options.rest_count == 0) {
        fprintf(stderr, "understudy run: no scenario given; type: understudy run scenarios\n");
    } else if (read_numbers(&run) == 0 && session_check_options(&run.options) == 0) {
        code = run_all(&run);
    }
    run_fini(&run);
    return code;
}
