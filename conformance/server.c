#include "conformance/server.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "conformance/alloc.h"

enum { READY_MS_MAX = 20000, READY_BYTES_MAX = 4 * 1024 * 1024, STOP_MS_MAX = 10000 };

/* One line from the server's stdout, NULL when it ends or is silent for too long. The caller frees. */
static char *
read_line(int from)
{
    char *line = NULL;
    size_t length = 0, room = 0;

    while (length < READY_BYTES_MAX) {
        struct pollfd waiting = {.fd = from, .events = POLLIN};
        if (poll(&waiting, 1, READY_MS_MAX) <= 0)
            break;
        if (length + 1 >= room) {
            room = room == 0 ? 4096 : room * 2;
            line = alloc_checked(realloc(line, room));
        }
        ssize_t got = read(from, line + length, room - length - 1);
        if (got <= 0)
            break;
        length += (size_t)got;
        line[length] = '\0';
        if (line[length - 1] == '\n')
            return line;
    }
    free(line);
    return NULL;
}

int
server_start(struct server *server, char *const arguments[])
{
    static char serve[] = "serve", self[] = "/proc/self/exe";
    char *other = getenv("UNDERSTUDY_SERVER");
    size_t count = 0;

    *server = (struct server){0};
    while (arguments[count] != NULL)
        count++;
    char **argv = alloc_zero(count + 3, sizeof *argv);
    argv[0] = other != NULL && other[0] != '\0' ? other : self;
    argv[1] = serve;
    memcpy(argv + 2, arguments, count * sizeof *argv);
    int started = process_start(&server->process, argv, NULL, PROCESS_OUT);
    if (started != 0)
        fprintf(stderr, "understudy: cannot start %s: %s\n", argv[0], strerror(errno));
    free(argv);
    if (started != 0)
        return -1;

    char *line = read_line(server->process.out);
    server->ready = line == NULL ? NULL : json_loads(line, 0, NULL);
    const char *base = json_string_value(json_object_get(server->ready, "listen"));
    free(line);
    if (base == NULL) {
        process_stop(&server->process, STOP_MS_MAX);
        char *end = process_end_text(&server->process);
        fprintf(stderr, "understudy: the server did not become ready (%s)\n", end);
        free(end);
        server_stop(server);
        return -1;
    }
    server->base = alloc_text(base);
    return 0;
}

void
server_stop(struct server *server)
{
    process_stop(&server->process, STOP_MS_MAX);
    free(server->base);
    json_decref(server->ready);
    *server = (struct server){.process = {.out = -1, .err_file = -1}};
}
