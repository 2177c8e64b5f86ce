#include "edge/settings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/datetime.h"
#include "edge/listener.h"
#include "edge/pace.h"
#include "people/nearest.h"
#include "world/ids.h"

enum option_id {
#define SERVE_OPTION(symbol, ...) OPTION_##symbol,
#include "edge/serve_options.def"
#undef SERVE_OPTION
    OPTION_COUNT
};

static const struct option {
    const char *name, *argument, *help;
} options[OPTION_COUNT] = {
#define SERVE_OPTION(symbol, name, argument, help) [OPTION_##symbol] = {name, argument, help},
#include "edge/serve_options.def"
#undef SERVE_OPTION
};

void
settings_usage(FILE *out)
{
    fputs("usage: understudy serve [options]\n\nThe fake platform, until SIGTERM. Prints one JSON "
          "line when it answers.\n\n",
          out);
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        char left[48];

        snprintf(left, sizeof left, "--%s%s%s", options[i].name,
                 options[i].argument != NULL ? " " : "",
                 options[i].argument != NULL ? options[i].argument : "");
        fprintf(out, "  %-22s %s\n", left, options[i].help);
    }
}

static int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int
complain(const char *format, ...)
{
    va_list arguments;

    fputs("understudy serve: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return -1;
}

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

static int
bad_value(enum option_id id, const char *value, const char *expected)
{
    return complain("--%s is '%s', expected %s; try: understudy help serve", options[id].name,
                    value, expected);
}

static int
read_address(enum option_id id, struct address *address, const char *value)
{
    static const char expected[] = "HOST:PORT, as in 127.0.0.1:8080";
    const char *colon = strrchr(value, ':');
    const char *host = value;
    size_t n;

    if (colon == NULL)
        return bad_value(id, value, expected);
    n = (size_t)(colon - value);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    } else if (memchr(host, ':', n) != NULL) {
        return bad_value(id, value, "brackets around an IPv6 address, as in [::1]:8080");
    }
    uint64_t port = digits_read(colon + 1, strlen(colon + 1));
    if (n == 0 || n >= sizeof address->host || (port == 0 && strcmp(colon + 1, "0") != 0) ||
        port > 65535)
        return bad_value(id, value, expected);
    memcpy(address->host, host, n);
    address->host[n] = '\0';
    address->port = (uint16_t)port;
    address->is_set = true;
    return 0;
}

static int
read_now(struct settings *settings, const char *value)
{
    ms_t at;

    if (!datetime_read(str_of(value), &at) || at < CIVIL(2016, 1, 1) || at > PACE_END)
        return bad_value(OPTION_NOW, value,
                         "an ISO 8601 time from 2016 on, as in 2024-03-01T09:00:00Z");
    settings->now = at;
    return 0;
}

static int
read_number(enum option_id id, const char *value, uint64_t least, uint64_t most, uint64_t *number)
{
    char expected[80];
    uint64_t read = digits_read(value, strlen(value));

    if ((read != 0 || strcmp(value, "0") == 0) && read >= least && read <= most) {
        *number = read;
        return 0;
    }
    snprintf(expected, sizeof expected, "a number from %llu to %llu", (unsigned long long)least,
             (unsigned long long)most);
    return bad_value(id, value, expected);
}

static int
add_world(struct settings *settings, const char *value)
{
    if (settings->world_count == SETTINGS_WORLDS_MAX)
        return complain(
            "--world was given more than %d times; put the others in with POST /_sim/worlds",
            SETTINGS_WORLDS_MAX);
    settings->worlds[settings->world_count++] = value;
    return 0;
}

static int
read_text(enum option_id id, const char **text, const char *value)
{
    if (value[0] == '\0')
        return bad_value(id, value, "something that is not empty");
    *text = value;
    return 0;
}

static int
read_threads(struct settings *settings, const char *value)
{
    uint64_t number = 1;

    if (read_number(OPTION_THREADS, value, 1, 64, &number) != 0)
        return -1;
    settings->threads = (unsigned)number;
    return 0;
}

static int
take(struct settings *settings, enum option_id id, const char *value)
{
    switch (id) {
    case OPTION_LISTEN:
        return read_address(id, &settings->listen, value);
    case OPTION_TLS:
        return read_address(id, &settings->tls, value);
    case OPTION_PROXY:
        return read_address(id, &settings->proxy, value);
    case OPTION_WORLD:
        return add_world(settings, value);
    case OPTION_NOW:
        return read_now(settings, value);
    case OPTION_CLOCK:
        return pace_read(str_of(value), &settings->times)
                   ? 0
                   : bad_value(id, value, "wall, frozen or xN with N from 1 to 1000000");
    case OPTION_SEED:
        return read_number(id, value, 0, UINT64_C(999999999999999999), &settings->seed);
    case OPTION_JOURNAL:
        return read_text(id, &settings->journal, value);
    case OPTION_ADMIN:
        return read_text(id, &settings->admin_token, value);
    case OPTION_THREADS:
        return read_threads(settings, value);
    case OPTION_BRIDGE:
        settings->has_clock_files = true;
        return 0;
    case OPTION_STRICT:
        settings->is_strict = true;
        return 0;
    case OPTION_HELP:
        settings->wants_help = true;
        return 0;
    case OPTION_COUNT:
    default:
        return -1;
    }
}

/* ---- the command line ----------------------------------------------------------------------------------------------------------- */

static int
unknown_option(const char *argument)
{
    struct nearest nearest = {str_of(argument + strspn(argument, "-")), NULL, 0};

    if (argument[0] != '-')
        return complain("'%s' is not expected here; try: understudy help serve", argument);
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        nearest_try(&nearest, options[i].name);
    if (nearest.name != NULL)
        return complain("no option '%s'; try: --%s", argument, nearest.name);
    return complain("no option '%s'; try: understudy help serve", argument);
}

/* "--name" or "--name=value". */
static enum option_id
find_option(const char *argument, const char **value)
{
    size_t n = strcspn(argument, "=");

    *value = argument[n] == '=' ? argument + n + 1 : NULL;
    for (unsigned i = 0; i < OPTION_COUNT && n > 2 && strncmp(argument, "--", 2) == 0; i++)
        if (strlen(options[i].name) == n - 2 && strncmp(options[i].name, argument + 2, n - 2) == 0)
            return (enum option_id)i;
    return strcmp(argument, "-h") == 0 ? OPTION_HELP : OPTION_COUNT;
}

static int
check(const struct settings *settings)
{
    if (settings->admin_token == NULL)
        for (unsigned i = 0; i < 2; i++) {
            const struct address *address = i == 0 ? &settings->listen : &settings->tls;

            if (address->is_set && !listener_is_loopback(address->host))
                return complain("%s is not loopback, so that others could drive the server; add "
                                "--admin-token TOKEN, or listen on 127.0.0.1",
                                address->host);
        }
    if (settings->proxy.is_set && !settings->tls.is_set)
        return complain("--proxy leads to the TLS listener; add --tls 127.0.0.1:0");
    return 0;
}

int
settings_read(struct settings *settings, int argc, char **argv)
{
    *settings = (struct settings){
        .listen = {"127.0.0.1", 8080, true}, .now = MS_NEVER, .times = 1, .seed = 1, .threads = 1};
    for (int i = 1; i < argc; i++) {
        const char *value;
        enum option_id id = find_option(argv[i], &value);

        if (id == OPTION_COUNT)
            return unknown_option(argv[i]);
        if (options[id].argument == NULL && value != NULL)
            return complain("--%s takes no value; leave out '=%s'", options[id].name, value);
        if (options[id].argument != NULL && value == NULL && (value = argv[++i]) == NULL)
            return complain("--%s needs a value; try: --%s %s", options[id].name, options[id].name,
                            options[id].argument);
        if (take(settings, id, value != NULL ? value : "") != 0)
            return -1;
    }
    return settings->wants_help ? 0 : check(settings);
}
