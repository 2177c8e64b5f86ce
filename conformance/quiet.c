#include "conformance/quiet.h"

#include <time.h>

#include "conformance/alloc.h"

enum {
    BUSY_SECONDS_MAX = 60,
    MEASURED_MIN = 10, /* before that nobody knows how fast a client is */
    PATIENCE = 4,      /* times as long as it ever took */
    PATIENCE_MS_MIN = 5
};

int
quiet_read_journal(struct watch *watch, long wait_ms)
{
    char *rest = wait_ms > 0
                     ? alloc_print("/journal?after=%lld&wait=%ld",
                                   (long long)watch->stream->last_seq, wait_ms)
                     : alloc_print("/journal?after=%lld", (long long)watch->stream->last_seq);
    char *path = control_world_path(watch->world, rest);
    struct wire_reply reply;
    int result = control_call(watch->control, "GET", path, NULL, &reply);

    if (result == 0 && stream_take(watch->stream, reply.body, reply.body_length) != 0) {
        snprintf(watch->control->error, sizeof watch->control->error,
                 "GET %s: the answer is not a journal", path);
        result = -1;
    }
    wire_reply_fini(&reply);
    free(path);
    free(rest);
    return result;
}

/* True when a record from `considered` on may make the client call: a webhook that reached it, or a call of its own. */
static bool
client_may_be_busy(const struct watch *watch)
{
    for (size_t i = watch->considered; i < stream_count(watch->stream); i++) {
        const json_t *record = stream_record(watch->stream, i);
        if (stream_is(record, "call") || stream_is(record, "webhook"))
            return true;
    }
    return false;
}

static int
settle_and_read(struct watch *watch, char error[static QUIET_ERROR_SIZE])
{
    if (control_settle(watch->control, watch->world) != 0 || quiet_read_journal(watch, 0) != 0) {
        snprintf(error, QUIET_ERROR_SIZE, "%s", watch->control->error);
        return -1;
    }
    return 0;
}

static long
real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How long the client has to be quiet. */
static long
patience_ms(const struct watch *watch)
{
    long enough = watch->slowest_ms * PATIENCE + PATIENCE_MS_MIN;

    if (!watch->is_adaptive || watch->calls < MEASURED_MIN || enough > watch->plan->quiet_ms)
        return watch->plan->quiet_ms;
    return enough;
}

/* Waits for something to happen. Returns 0, or -1 with the control's error set. */
static int
wait_once(struct watch *watch)
{
    long started = real_ms();
    int result = quiet_read_journal(watch, patience_ms(watch));

    if (stream_count(watch->stream) > watch->considered) {
        long taken = real_ms() - started;
        watch->slowest_ms = taken > watch->slowest_ms ? taken : watch->slowest_ms;
        watch->calls++;
    }
    return result;
}

int
quiet_wait(struct watch *watch, char error[static QUIET_ERROR_SIZE])
{
    time_t started = time(NULL);

    if (settle_and_read(watch, error) != 0)
        return -1;
    while (watch->client != NULL && client_may_be_busy(watch)) {
        watch->considered = stream_count(watch->stream);
        if (wait_once(watch) != 0) {
            snprintf(error, QUIET_ERROR_SIZE, "%s", watch->control->error);
            return -1;
        }
        if (!client_lives(watch->client, error) || settle_and_read(watch, error) != 0)
            return -1;
        if (time(NULL) - started > BUSY_SECONDS_MAX) {
            snprintf(error, QUIET_ERROR_SIZE,
                     "the client is still calling after %d seconds, expected it to be quiet for "
                     "%ld ms at some time",
                     BUSY_SECONDS_MAX, watch->plan->quiet_ms);
            return -1;
        }
    }
    return watch->client == NULL || client_lives(watch->client, error) ? 0 : -1;
}
