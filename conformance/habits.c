#include "conformance/habits.h"

#include "conformance/alloc.h"

enum {
    LEARNING = 5,   /* waits with full patience for each kind */
    LONG_WAITS = 3, /* for a client that has never called: it may take its time to type */
    LONG_WAIT_MS = 1500,
    PATIENCE_MS_MIN = 5,
    PATIENCE_MS_MAX = 5000,
    ANSWER_MS_MAX = 5000, /* what comes later is no answer */
    FORGETTING = 64,      /* each wait forgets one part in so many */
    WAITS_AFTER_LATE = 20 /* with full patience again */
};

/* Full patience before a leap of six hours, less before a shorter one: however short silence becomes on the way, no answer
 * falls out of a window of 24 hours unless it comes half a second late. */
#define LEAP_MS ((ms_t)6 * 3600 * 1000)

void
habits_init(struct habits *habits)
{
    *habits = (struct habits){.reached = json_object(), .fresh = json_object()};
}

void
habits_fini(struct habits *habits)
{
    json_decref(habits->reached);
    json_decref(habits->fresh);
    *habits = (struct habits){0};
}

void
habits_begin(struct habits *habits)
{
    json_object_clear(habits->reached);
    json_object_clear(habits->fresh);
    habits->late_calls = 0;
    habits->long_waits = 0;
}

static long
more_of(long a, long b)
{
    return a > b ? a : b;
}

static long
less_of(long a, long b)
{
    return a < b ? a : b;
}

/* Half as long again as it ever took. */
static long
longer_than(long ms)
{
    return ms + ms / 2 + PATIENCE_MS_MIN;
}

/* ---- what has come ---- */

static void
note_kind(struct habits *habits, const char *name)
{
    size_t i = 0;

    while (i < habits->kind_count && strncmp(habits->kinds[i].name, name, HABIT_NAME_SIZE - 1) != 0)
        i++;
    if (i == HABIT_KINDS_MAX)
        return;
    if (i == habits->kind_count) {
        habits->kinds[i] = (struct habit){0};
        snprintf(habits->kinds[i].name, HABIT_NAME_SIZE, "%s", name);
        habits->kind_count++;
    }
    habits->kinds[i].is_fresh = true;
}

/* Sender and recipient of one event; the page is among them, which harms nobody. */
struct taking {
    struct habits *habits;
    long real_ms;
};

static void
note_person(struct habits *habits, const char *id, long real_ms)
{
    json_object_set_new(habits->reached, id, json_integer(real_ms));
    json_object_set_new(habits->fresh, id, json_true());
}

static void
note_people(void *to, const char *field, json_t *event)
{
    static const char *const sides[] = {"sender", "recipient"};
    const struct taking *taking = to;

    (void)field;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const char *id = json_string_value(json_object_get(json_object_get(event, sides[i]), "id"));
        if (id != NULL)
            note_person(taking->habits, id, taking->real_ms);
    }
}

static void
note_call(struct habits *habits, const json_t *record, long real_ms)
{
    const char *user = stream_text(record, "user");
    const json_t *reached = json_object_get(habits->reached, user);

    habits->has_called = true;
    if (reached == NULL || json_object_get(habits->fresh, user) != NULL)
        return;
    long late_ms = real_ms - (long)json_integer_value(reached);
    if (late_ms > ANSWER_MS_MAX)
        return; /* of its own accord: a reminder, a wish come true */
    habits->late_calls++;
    habits->waits_after_late = WAITS_AFTER_LATE;
    habits->late_ms = more_of(habits->late_ms, less_of(longer_than(late_ms), LONG_WAIT_MS));
    json_object_set_new(habits->fresh, user, json_true()); /* one answer, however many calls */
}

void
habits_take(struct habits *habits, const struct stream *stream, size_t from, long real_ms)
{
    struct taking taking = {habits, real_ms};

    for (size_t i = from; i < stream_count(stream); i++) {
        json_t *record = stream_record(stream, i);
        if (stream_is(
                record,
                "act")) { /* its webhook is told when it has been answered, a call may be told before */
            note_person(habits, stream_text(record, "user"), real_ms);
        } else if (stream_is(record, "webhook")) {
            note_kind(habits, stream_text(record, "event"));
            stream_events(record, note_people, &taking);
        } else if (stream_is(record, "call") &&
                   strncmp(stream_text(record, "client"), "understudy/", 11) != 0) {
            note_kind(habits, "call");
            note_call(habits, record, real_ms);
        }
    }
}

/* ---- how long to wait ---- */

static long
patience_for(const struct habit *habit, long quiet_ms)
{
    if (habit->waits < LEARNING)
        return more_of(quiet_ms, longer_than(habit->slowest_ms));
    return habit->slowest_ms == 0 ? 0 : longer_than(habit->slowest_ms);
}

long
habits_patience_ms(const struct habits *habits, long quiet_ms, ms_t ahead)
{
    bool is_new = !habits->has_called && habits->long_waits < LONG_WAITS;
    long patience = (long)(ahead >= LEAP_MS ? quiet_ms : ahead * quiet_ms / LEAP_MS);

    for (size_t i = 0; i < habits->kind_count; i++)
        if (habits->kinds[i].is_fresh)
            patience = more_of(patience, patience_for(&habits->kinds[i], quiet_ms));
    if (habits->waits_after_late > 0)
        patience = more_of(patience, more_of(quiet_ms, habits->late_ms));
    if (is_new)
        patience = more_of(patience, more_of(quiet_ms, LONG_WAIT_MS));
    return patience < PATIENCE_MS_MAX ? patience : more_of(quiet_ms, PATIENCE_MS_MAX);
}

/* Rounded up, so that nothing is kept for ever. */
static long
forget(long ms, long one_in)
{
    return ms - (ms + one_in - 1) / one_in;
}

void
habits_learn(struct habits *habits, long surprise_ms)
{
    for (size_t i = 0; i < habits->kind_count; i++) {
        struct habit *habit = &habits->kinds[i];
        if (!habit->is_fresh)
            continue;
        habit->slowest_ms = more_of(forget(habit->slowest_ms, FORGETTING), surprise_ms);
        habit->waits += habit->waits < LEARNING;
        habit->is_fresh = false;
    }
    habits->waits_after_late -= habits->waits_after_late > 0;
    if (habits->waits_after_late == 0)
        habits->late_ms = 0;
    habits->long_waits += !habits->has_called && habits->long_waits < LONG_WAITS;
}

void
habits_rest(struct habits *habits)
{
    json_object_clear(habits->fresh);
}
