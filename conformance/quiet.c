#include "conformance/quiet.h"

#include <time.h>

#include "conformance/alloc.h"

enum {
    BUSY_SECONDS_MAX = 60,
    NAP_US_MIN = 50,
    NAP_US_MAX = 2000,
    AWAKE_MS_MAX = 2000, /* after that a client is one that never sleeps */
    UNSEEN_MS_MIN = 20   /* silence of a client whose sleep nobody can see */
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
real_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Waits until the client sleeps, and the server has nothing left to do for it. A client that does something all the time
 * is found out once and not watched again. */
static enum asleep
wait_until_asleep(struct watch *watch)
{
    long started = real_us(), nap_us = NAP_US_MIN;
    enum asleep seen = ASLEEP_UNKNOWN;

    while (!watch->habits->never_sleeps && (seen = asleep_look(&watch->sleepers)) == ASLEEP_NO) {
        struct timespec nap = {.tv_nsec = nap_us * 1000};
        watch->habits->never_sleeps = real_us() - started > AWAKE_MS_MAX * 1000L;
        nanosleep(&nap, NULL);
        nap_us = nap_us < NAP_US_MAX ? nap_us * 2 : NAP_US_MAX;
    }
    return seen == ASLEEP_YES ? ASLEEP_YES : ASLEEP_UNKNOWN;
}

/* Waits for as long as this client has been known to let wait. Returns 0, or -1 with the control's error set. */
static int
wait_by_habit(struct watch *watch)
{
    long patience = habits_patience_ms(watch->habits, watch->plan->quiet_ms, watch->ahead);
    long surprise_ms = -1;
    int result = 0;

    if (wait_until_asleep(watch) == ASLEEP_UNKNOWN && patience < UNSEEN_MS_MIN)
        patience = UNSEEN_MS_MIN;
    long quiet_since = real_us();
    if (patience > 0 && (result = quiet_read_journal(watch, 0)) == 0 &&
        stream_count(watch->stream) == watch->considered) {
        result = quiet_read_journal(watch, patience);
        if (stream_count(watch->stream) > watch->considered)
            surprise_ms = (real_us() - quiet_since) / 1000 + 1;
    }
    habits_learn(watch->habits, surprise_ms);
    return result;
}

/* Waits for something to happen. Returns 0, or -1 with the control's error set. */
static int
wait_once(struct watch *watch)
{
    if (watch->habits == NULL)
        return quiet_read_journal(watch, watch->plan->quiet_ms);
    return wait_by_habit(watch);
}

int
quiet_wait(struct watch *watch, char error[static QUIET_ERROR_SIZE])
{
    time_t started = time(NULL);

    if (settle_and_read(watch, error) != 0)
        return -1;
    while (watch->client != NULL && client_may_be_busy(watch)) {
        if (watch->habits != NULL)
            habits_take(watch->habits, watch->stream, watch->considered, real_us() / 1000);
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
    if (watch->habits != NULL)
        habits_rest(watch->habits);
    return watch->client == NULL || client_lives(watch->client, error) ? 0 : -1;
}
