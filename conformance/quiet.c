#include "conformance/quiet.h"

#include <time.h>

#include "conformance/alloc.h"

enum { BUSY_SECONDS_MAX = 60 };

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

int
quiet_wait(struct watch *watch, char error[static QUIET_ERROR_SIZE])
{
    time_t started = time(NULL);

    if (settle_and_read(watch, error) != 0)
        return -1;
    while (watch->client != NULL && client_may_be_busy(watch)) {
        watch->considered = stream_count(watch->stream);
        if (quiet_read_journal(watch, watch->plan->quiet_ms) != 0) {
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
