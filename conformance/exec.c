/* understudy exec: a server, a command beside it with its environment set, the command's exit code. */
#include "conformance/run.h"

#include <errno.h>
#include <signal.h>

#include "conformance/alloc.h"
#include "conformance/bridge.h"
#include "conformance/client.h"
#include "conformance/control.h"
#include "conformance/options.h"
#include "conformance/server.h"

enum { EXIT_TROUBLE = 2 };

/* The world of the ready line; with several the first. */
static json_t *
first_world(const json_t *ready)
{
    json_t *world = json_object_get(ready, "world");

    return json_is_array(world) ? json_array_get(world, 0) : world;
}

static int
run_command(const struct server *server, char **command)
{
    unsigned short port = client_free_port();
    char **environment = client_environment(server->ready, first_world(server->ready), port);
    struct process process;
    int code = EXIT_TROUBLE;

    if (process_start(&process, command, environment, PROCESS_OUR_GROUP) != 0) {
        fprintf(stderr, "understudy exec: cannot start %s: %s\n", command[0], strerror(errno));
    } else {
        pid_t pid = process.pid;

        code = process_wait(&process);
        process_stop(&process, 1000);
        bridge_sweep(pid);
    }
    client_environment_free(environment);
    return code;
}

int
exec_main(int argc, char **argv)
{
    static const char operands[] = "-- COMMAND...";
    struct options options;
    struct server server;
    int code = EXIT_TROUBLE;

    signal(SIGPIPE, SIG_IGN);
    if (options_read(&options, OPTIONS_EXEC, argc, argv) != 0) {
        /* said already */
    } else if (options_has(&options, OPTION_HELP)) {
        options_usage(OPTIONS_EXEC, "exec", operands, stdout);
        code = 0;
    } else if (options.rest_count == 0) {
        fprintf(stderr, "understudy exec: no command given; type: understudy exec -- COMMAND...\n");
    } else if (options_has(&options, OPTION_BRIDGE) && !bridge_is_there()) {
        /* said already */
    } else {
        char **arguments = options_server_arguments(&options);
        options_server_default(&options, &arguments, OPTION_LISTEN, "127.0.0.1:0");
        options_server_for_client(&options, &arguments);
        if (server_start(&server, arguments) == 0) {
            code = run_command(&server, options.rest);
            server_stop(&server);
        }
        options_arguments_free(arguments);
    }
    options_fini(&options);
    return code;
}
