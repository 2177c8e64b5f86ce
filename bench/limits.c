/* What the limits cost: the time of a decision over all limits of a send while some 200,000 people have something in their windows, come and go, and the memory of a million people with
 * limits. Prints one line of JSON; bench.py holds it against the bars.
 *
 * usage: bench_limits */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "world/limits.h"
#include "world/world.h"

#define CROWD 240000u /* of whom some 200,000 have written within the window */
#define WINDOW (20 * MINUTE)
#define PEOPLE 1000000u
#define ROUNDS 25
#define DECISIONS 200000u

static double
seconds(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static uint64_t
draw(void)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static struct world *
world_with(uint32_t people)
{
    struct world *world = world_new("bench", 1, 0, CIVIL(2025, 6, 1));
    char problem[128];

    world_add_app(world, NULL, NULL, NULL, NULL);
    world_add_page(world, NULL, NULL, NULL);
    for (uint32_t i = 0; i < people; i++)
        world_add_thread(world, 0, 0);
    limits_switch(world, "*", true, problem, sizeof problem);
    return world;
}

/* What is asked for a tagged message to somebody. */
static struct limit_ask
tagged_message(void)
{
    struct limit_ask ask = {.classes = CLASS_MESSENGER | CLASS_SEND | CLASS_MESSAGE | CLASS_TAGGED |
                                       CLASS_UPDATE_TAG,
                            .page = 0};

    ask.keys[KEY_APP] = ask.keys[KEY_PAGE] = limit_key_of(0);
    ask.keys[KEY_APP_PAGE] = limit_key_pair(0, 0);
    return ask;
}

/* All that is looked at and charged for one such message, limits by person among them; one in ten is a call too many. */
static void
decide(struct world *world, struct limit_ask *ask, uint32_t person, unsigned *refused)
{
    struct rule_set seen = {{0}};

    ask->keys[KEY_PERSON] = limit_key_of(person);
    ask->found_for = 0;
    if (limits_look(world, ask, false, &seen) != LIMIT_COUNT ||
        limits_look(world, ask, true, &seen) != LIMIT_COUNT) {
        ++*refused;
        return;
    }
    limits_charge(world, ask, true);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median nanoseconds of a decision; the clock goes on by 3 ms with each, so that a steady 350 a second arrive. As in a send, the person is known a while before the
 * decision is made: here by one decision, there by the reading of a message. */
static double
decision_ns(size_t *active)
{
    double rounds[ROUNDS];
    struct world *world = world_with(CROWD);
    struct limit_ask ask = tagged_message();
    uint32_t person = 0, next;
    unsigned refused = 0;
    char problem[128];

    limits_configure(world, "LIM-TAGGED", 20, WINDOW, problem, sizeof problem);
    limits_configure(world, "LIM-SEND-TEXT", 600, SECOND, problem, sizeof problem);
    for (unsigned r = 0; r < ROUNDS; r++) {
        double begun = seconds();
        for (unsigned i = 0; i < DECISIONS; i++) {
            if (i % 10 != 0)
                world_set_now(world, world->now + 3 + (i & 1));
            next = (uint32_t)(draw() % CROWD);
            limits_expect(world, KEY_PERSON, limit_key_of(next));
            decide(world, &ask, person, &refused);
            person = next;
        }
        rounds[r] = (seconds() - begun) * 1e9 / DECISIONS;
    }
    size_t bytes;
    limits_held(world, LIMIT_TAGGED, active, &bytes);
    world_free(&world);
    qsort(rounds, ROUNDS, sizeof *rounds, compare);
    return rounds[ROUNDS / 2];
}

/* Bytes of a million people, each with two messages in their windows. */
static double
people_mb(void)
{
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct world *world = world_with(PEOPLE);
    struct limit_ask ask = tagged_message();
    unsigned refused = 0;

    for (unsigned turn = 0; turn < 2; turn++)
        for (uint32_t i = 0; i < PEOPLE; i++) {
            if (i % 256 == 0)
                world_set_now(world, world->now + 1000);
            decide(world, &ask, i, &refused);
        }
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    world_free(&world);
    return (double)(after - before) / 1e6;
}

int
main(void)
{
    size_t active;
    double ns = decision_ns(&active), mb = people_mb();

    printf("{\"decision_ns\":%.1f,\"active_keys\":%zu,\"people_mb\":%.1f,\"people\":%u}\n", ns,
           active, mb, PEOPLE);
    return 0;
}
