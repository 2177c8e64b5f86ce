/* People made up by a model (people/generate.h): as a recording, or at once in a world that nobody listens to. */
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/tenant.h"
#include "people/generate.h"

/* Both run on a connection's thread, which others wait for. A recording is held until it has been sent: ten thousand people for a month, no more; people who are
 * played at once cost time only: three million for a day take a minute. */
#define RECORDED_PERSON_DAYS_MAX 300000
#define PLAYED_PERSON_DAYS_MAX 3000000
/* A recording begins where the world of a scenario would. */
#define RECORDING_FROM CIVIL(2024, 3, 4)

enum { REASON_SIZE = 512 };

/* NULL, and the reply says why. */
static struct generator *
made_new(struct control *control, ms_t from, uint64_t person_days_max)
{
    char reason[REASON_SIZE];
    struct generator *generator = generator_new(control->body, from, reason, sizeof reason);

    if (generator == NULL) {
        problem_say(control->reply, PROBLEM_BAD_VALUE, "%s", reason);
        return NULL;
    }
    if ((uint64_t)generator_people(generator) * generator_days(generator) > person_days_max) {
        problem_say(control->reply, PROBLEM_BAD_VALUE,
                    "people times days are more than %llu; understudy generate writes any number",
                    (unsigned long long)person_days_max);
        generator_free(&generator);
    }
    return generator;
}

void
control_generate(struct control *control)
{
    struct generator *generator = made_new(control, RECORDING_FROM, RECORDED_PERSON_DAYS_MAX);
    struct generated_act act;
    struct reply *reply = control->reply;

    if (generator == NULL)
        return;
    buf_reset(&reply->body);
    generator_write_header(generator, &reply->body);
    while (generate_next(generator, &act))
        generator_write_act(&act, &reply->body);
    reply->status = 200;
    reply->content_type = "application/x-ndjson";
    generator_free(&generator);
}

/* The tenant is locked. */
static void
play(struct control *control, struct generator *generator, uint32_t page)
{
    struct tenant *tenant = control->tenant;
    char reason[REASON_SIZE];
    uint64_t played;

    if (tenant->pace.times != 0) {
        problem_say(control->reply, PROBLEM_BAD_VALUE,
                    "the world's clock runs by itself, expected a frozen one");
    } else if (generate_play_all(tenant->world, page, generator, &played, reason, sizeof reason) <
               0) {
        problem_say(control->reply, PROBLEM_TAKEN, "%s", reason);
    } else {
        json_t *answer = json_object();

        tenant_set_pace(tenant, 0);
        json_object_set_new(answer, "acts", json_integer((json_int_t)played));
        json_object_set_new(answer, "people", json_integer(generator_people(generator)));
        json_object_set_new(answer, "now", json_time_new(tenant->world->now));
        json_reply(control->reply, 200, answer);
    }
}

void
control_generate_in_world(struct control *control)
{
    const json_t *name = json_object_get(control->body, "page");
    uint32_t page = 0;

    if (!control_enter(control))
        return;
    struct generator *generator =
        made_new(control, control->tenant->world->now, PLAYED_PERSON_DAYS_MAX);
    if (name != NULL)
        page = world_find_page(control->tenant->world, json_str(name));
    if (generator != NULL && page >= control->tenant->world->page_count)
        problem_say(control->reply, PROBLEM_BAD_VALUE, "/page: there is no such page");
    else if (generator != NULL && generator_from(generator) < control->tenant->world->now)
        problem_say(control->reply, PROBLEM_BACKWARDS, "/from: the world is further on already");
    else if (generator != NULL)
        play(control, generator, page);
    generator_free(&generator);
    control_leave(control);
}
