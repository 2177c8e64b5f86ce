#include "shell.h"
#include "inbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *
setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

int
shell_environment(struct shell_env *env)
{
    const struct {
        const char *name;
        const char **value;
        const char *otherwise; /* NULL: must be set */
    } rows[] = {
        {"GRAPH_API_BASE", &env->graph_base, NULL},
        {"GRAPH_API_VERSION", &env->version, "v19.0"},
        {"PAGE_ID", &env->page_id, NULL},
        {"PAGE_ACCESS_TOKEN", &env->page_token, NULL},
        {"APP_ID", &env->app_id, ""},
        {"APP_SECRET", &env->app_secret, NULL},
        {"VERIFY_TOKEN", &env->verify_token, NULL},
    };
    long port = strtol(setting("WEBHOOK_PORT", "0"), NULL, 10);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        *rows[i].value = setting(rows[i].name, rows[i].otherwise);
        if (!*rows[i].value) {
            fprintf(stderr, "%s is not set; launch this bot with: understudy exec -- BOT\n",
                    rows[i].name);
            return -1;
        }
    }
    if (port < 1 || port > 65535) {
        fprintf(stderr, "WEBHOOK_PORT: expected a port between 1 and 65535\n");
        return -1;
    }
    env->port = (unsigned short)port;
    return 0;
}

long long
shell_number(const char *name, long long otherwise)
{
    const char *value = setting(name, NULL);

    return value ? strtoll(value, NULL, 10) : otherwise;
}

long long
shell_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *
shell_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

int
shell_run(const struct shell_env *env, shell_hook *hook, void *(*work)(void *bot),
          struct inbox *inbox, void *bot)
{
    pthread_t worker;
    sigset_t ending;
    int which;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending,
                    NULL); /* before any thread starts, so that all inherit it */
    if (pthread_create(&worker, NULL, work, bot))
        abort();
    struct shell_listener *listener = shell_listen(env, hook, bot);
    if (listener)
        sigwait(&ending, &which);
    int status = listener ? 0 : 2;
    shell_stop(&listener);
    inbox_close(inbox);
    pthread_join(worker, NULL);
    return status;
}

void *
shell_alloc(size_t bytes)
{
    void *memory = malloc(bytes);

    if (!memory)
        abort();
    return memory;
}

char *
shell_copy(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(shell_alloc(bytes), text, bytes);
}
