#include "conformance/session.h"

#include <errno.h>

#include "conformance/alloc.h"
#include "conformance/bridge.h"
#include "reports/report.h"

enum { WHY_SIZE = 4000 };

int
session_check_options(const struct options *options)
{
    char why[WHY_SIZE];
    const char *formats = options_text(options, OPTION_FORMAT, NULL);

    if (formats != NULL && reports_formats_check(formats, why, sizeof why) != 0) {
        fprintf(stderr, "understudy: bad --format: %s\n", why);
        return -1;
    }
    return 0;
}

char **
session_server_arguments(const struct options *options)
{
    char **arguments = options_server_arguments(options);

    options_server_default(options, &arguments, OPTION_LISTEN, "127.0.0.1:0");
    options_server_default(options, &arguments, OPTION_CLOCK, "frozen");
    if (options_has(options, OPTION_CLIENT))
        options_server_for_client(options, &arguments);
    return arguments;
}

/* ---- the client ---- */

/* Everything a messaging bot usually subscribes to. */
static const char *const usual_fields[] = {
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "messaging_referrals",
    "messaging_handovers",
    "feed",
};

int
session_client_read(struct client_plan *plan, const struct options *options)
{
    *plan =
        (struct client_plan){.command = options_text(options, OPTION_CLIENT, NULL),
                             .webhook = options_text(options, OPTION_WEBHOOK, NULL),
                             .webhook_path = options_text(options, OPTION_WEBHOOK_PATH, "/webhook"),
                             .fields = json_array()};
    for (size_t i = 0; i < sizeof usual_fields / sizeof *usual_fields; i++)
        json_array_append_new(plan->fields, json_string(usual_fields[i]));
    if (plan->command != NULL && plan->webhook != NULL) {
        fprintf(stderr, "understudy: both --client and --webhook, expected one of them\n");
        return -1;
    }
    if (plan->webhook != NULL && strncmp(plan->webhook, "http://", 7) != 0 &&
        strncmp(plan->webhook, "https://", 8) != 0) {
        fprintf(stderr, "understudy: bad --webhook `%s`, expected http://HOST:PORT/PATH\n",
                plan->webhook);
        return -1;
    }
    if (options_has(options, OPTION_BRIDGE) && plan->command == NULL) {
        fprintf(stderr,
                "understudy: --clock-bridge without --client, expected a client to launch\n");
        return -1;
    }
    if (options_has(options, OPTION_BRIDGE) && !bridge_is_there())
        return -1;
    if (plan->webhook_path[0] != '/') {
        fprintf(stderr, "understudy: bad --webhook-path `%s`, expected one that begins with /\n",
                plan->webhook_path);
        return -1;
    }
    if (options_number(options, OPTION_QUIET_MS, 1, 60000, 150, &plan->quiet_ms) != 0 ||
        options_number(options, OPTION_START_MS, 1, 600000, 15000, &plan->start_ms) != 0)
        return -1;
    return 0;
}

void
session_client_fini(struct client_plan *plan)
{
    json_decref(plan->fields);
    *plan = (struct client_plan){0};
}

/* ---- reports ---- */

json_t *
session_tree_new(const char *kind, long seed, json_t *results, json_t *journals)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:o, s:o}", "program", "understudy", "version",
                     UNDERSTUDY_VERSION, "seed", (json_int_t)seed, "kind", kind, "results", results,
                     "journals", journals);
}

/* rules=90,endpoints=50 from several --fail-under; new text, NULL when there is none. */
static char *
joined_thresholds(const struct options *options)
{
    char *joined = NULL;

    for (size_t i = 0; i < options->counts[OPTION_FAIL_UNDER]; i++) {
        char *longer =
            alloc_print("%s%s%s", joined == NULL ? "" : joined, joined == NULL ? "" : ",",
                        options->values[OPTION_FAIL_UNDER][i]);
        free(joined);
        joined = longer;
    }
    return joined;
}

int
session_report(json_t *tree, json_t *rules, const struct options *options, bool prints)
{
    const char *folder = options_text(options, OPTION_REPORT, NULL);
    char *thresholds = joined_thresholds(options);
    const char *baseline = options_text(options, OPTION_BASELINE, NULL);
    bool has_limits = thresholds != NULL || baseline != NULL;
    char why[WHY_SIZE] = "";
    int code = 0;

    if (folder != NULL &&
        reports_write(tree, rules, folder, options_text(options, OPTION_FORMAT, NULL)) != 0) {
        free(thresholds);
        return 2;
    }
    if (prints || (has_limits && folder == NULL))
        reports_print(tree, rules, stdout);
    if (prints || has_limits) {
        code = reports_gate(tree, thresholds, baseline, why, sizeof why);
        if (code != 0 && why[0] != '\0')
            fprintf(stderr, "understudy: %s%s", why, why[strlen(why) - 1] == '\n' ? "" : "\n");
    }
    if (folder != NULL)
        printf("reports in %s\n", folder);
    free(thresholds);
    return code;
}

int
session_journals(const struct options *options, long seed, const struct stream *streams,
                 size_t count)
{
    const char *path = options_text(options, OPTION_JOURNAL, NULL);

    if (path == NULL)
        return 0;
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "understudy: %s: cannot be written: %s\n", path, strerror(errno));
        return -1;
    }
    fprintf(file, "{\"understudy\":\"journal\",\"schema\":1,\"version\":\"%s\",\"seed\":%ld}\n",
            UNDERSTUDY_VERSION, seed);
    for (size_t i = 0; i < count; i++)
        fwrite(streams[i].text, 1, streams[i].text_length, file);
    bool is_broken = ferror(file) != 0;
    if (fclose(file) != 0 || is_broken) {
        fprintf(stderr, "understudy: %s: cannot be written: %s\n", path, strerror(errno));
        return -1;
    }
    return 0;
}
