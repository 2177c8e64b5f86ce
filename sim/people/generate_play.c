/* What made-up people do with it: a recording on paper, or acts in a world. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "people/generate.h"
#include "world/xalloc.h"

/* ---- as a recording -------------------------------------------------------------------------------------------------------------------------------------- */

void
generator_write_header_part(const struct generator *g, uint32_t first, uint32_t end,
                            struct buf *out)
{
    char now[DATETIME_SIZE];

    datetime_iso(now, generator_from(g));
    if (first == 0)
        buf_printf(out,
                   "{\"understudy\":\"recording\",\"version\":1,\"title\":\"%u made-up "
                   "people\",\"now\":\"%s\",\"people\":[",
                   generator_people(g), now);
    for (uint32_t i = first; i < end; i++) {
        double timezone;
        const char *locale = generator_locale(g, i, &timezone);

        buf_printf(out, "%s{\"name\":\"p%u\",\"locale\":\"%s\",\"timezone\":%g}", i > 0 ? "," : "",
                   i + 1, locale, timezone);
    }
    if (end == generator_people(g))
        buf_adds(out, "]}\n");
}

void
generator_write_header(const struct generator *g, struct buf *out)
{
    generator_write_header_part(g, 0, generator_people(g), out);
}

static void
put_fields(const struct generated_act *act, struct buf *out)
{
    static const char *const names[AF_COUNT] = {
#define ACT_FIELD(symbol, name, ...) [AF_##symbol] = name,
#include "people/act_fields.def"
#undef ACT_FIELD
    };

    jw_kv_text(out, "act", act_rows[act->act].name);
    for (unsigned i = 0; i < act->field_count; i++)
        jw_kv_strf(out, names[act->fields[i].field], act->fields[i].text, JW_OURS);
}

void
generator_write_act(const struct generated_act *act, struct buf *out)
{
    char at[DATETIME_SIZE];

    datetime_iso(at, act->at);
    buf_printf(out, "{\"at\":\"%s\",\"who\":\"p%u\"", at, act->person + 1);
    put_fields(act, out);
    buf_adds(out, "}\n");
}

/* ---- in a world ------------------------------------------------------------------------------------------------------------------------------------------- */

void
generator_settle_people(const struct generator *g, struct world *world, uint32_t page)
{
    char alias[16];

    for (uint32_t i = 0; i < generator_people(g); i++) {
        snprintf(alias, sizeof alias, "p%u", i + 1);
        if (world_find_person(world, str_of(alias)) != NULL)
            continue;
        struct thread *thread = world_add_thread(world, page, 0);
        struct thread_extra *extra = thread_extra(thread);

        thread_set_alias(world, thread, alias);
        extra->locale = xstrdup(generator_locale(g, i, &extra->timezone));
        extra->has_timezone = true;
    }
}

int
generate_play(struct world *world, uint32_t page, const struct generated_act *generated)
{
    struct act act;
    char alias[16], problem[256] = "";
    struct buf input = {0};

    snprintf(alias, sizeof alias, "p%u", generated->person + 1);
    memset(&act, 0, offsetof(struct act, values));
    memset(&act.opens, 0, sizeof act - offsetof(struct act, opens));
    act.world = world;
    act.row = &act_rows[generated->act];
    act.page_index = page;
    act.page = world->pages[page];
    act.thread = world_find_person(world, str_of(alias));
    assert(act.thread != NULL);
    act.problem = problem;
    act.problem_size = sizeof problem;
    for (unsigned i = 0; i < generated->field_count; i++)
        act_set_text(&act, generated->fields[i].field, generated->fields[i].text);

    buf_printf(&input, "{\"user\":\"%s\"", alias);
    put_fields(generated, &input);
    buf_char(&input, '}');
    int result = act_play(&act, buf_view(&input));
    buf_fini(&input);
    buf_fini(&act.made);
    return result;
}

static void
fire_until(struct world *world, ms_t at)
{
    struct outbox_item item;

    while (outbox_next_due(&world->outbox) <= at) {
        if (outbox_next_due(&world->outbox) > world->now)
            world_set_now(world, outbox_next_due(&world->outbox));
        if (!outbox_pop(&world->outbox, world->now, &item))
            break;
        assert(item.delivery == NULL);
        item.fire(world, &item);
    }
    if (at > world->now)
        world_set_now(world, at);
}

int
generate_play_all(struct world *world, uint32_t page, struct generator *generator, uint64_t *played,
                  char *problem, size_t size)
{
    struct generated_act act;

    *played = 0;
    for (size_t i = 0; i < world->outbox.count; i++)
        if (world->outbox.heap[i].delivery != NULL) {
            snprintf(problem, size, "webhooks wait to be posted: settle first");
            return -1;
        }
    for (uint32_t i = 0; i < world->app_count; i++)
        if (world->apps[i]->webhook.url != NULL) {
            snprintf(problem, size, "app %s listens: its webhooks must be posted on the way",
                     world->apps[i]->id);
            return -1;
        }
    generator_settle_people(generator, world, page);
    while (generate_next(generator, &act)) {
        fire_until(world, act.at);
        generate_play(world, page, &act);
        ++*played;
    }
    return 0;
}
