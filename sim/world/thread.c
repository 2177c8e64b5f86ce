#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "world/world.h"
#include "world/xalloc.h"

/* Threads live in chunks, so that they never move and a million of them cost no copying. */
#define CHUNK 256

void
world_threads_free(struct world *w)
{
    for (uint32_t i = 0; i < w->thread_count; i++) {
        struct thread_extra *x = world_thread(w, i)->extra;

        if (x == NULL)
            continue;
        char *texts[] = { x->alias, x->first_name, x->last_name, x->locale, x->gender, x->region, x->asid, x->profile_pic };
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            free(texts[t]);
        free(x);
    }
    for (uint32_t i = 0; i < w->thread_count; i += CHUNK)
        free(w->thread_chunks[i / CHUNK]);
    free(w->thread_chunks);
}

struct thread *
world_thread(const struct world *w, uint32_t index)
{
    return index < w->thread_count ? &w->thread_chunks[index / CHUNK][index % CHUNK] : NULL;
}

static uint64_t
psid_of(const void *world, uint32_t index)
{
    return world_thread(world, index)->psid;
}

static uint32_t
find_psid(const struct world *w, uint64_t psid)
{
    return idmap_get(&w->psids, psid, psid_of, w);
}

/* Until May 2016 webhooks showed ids as JSON numbers: those of that time are short enough to be exact in JavaScript [observed: 16 digits in April 2016]. */
#define EXACT_IDS_UNTIL CIVIL(2016, 6, 1)
#define EXACT_MAX UINT64_C(9007199254740991)

static uint64_t
next_psid(struct world *w, uint32_t page)
{
    bool is_exact = world_policy_date(w) < EXACT_IDS_UNTIL;
    uint64_t psid;

    do
        psid = id_number(w->key, ID_PSID + page * 64, w->pages[page]->next_user++, is_exact ? 16 : 17);
    while (find_psid(w, psid) != MAP_NONE || (is_exact && psid > EXACT_MAX));
    return psid;
}

struct thread *
world_add_thread(struct world *w, uint32_t page, uint64_t psid)
{
    uint32_t index = w->thread_count;

    if (psid == 0)
        psid = next_psid(w, page);
    else if (find_psid(w, psid) != MAP_NONE)
        return NULL;
    if (index % CHUNK == 0) {
        uint32_t chunks = index / CHUNK;

        if ((chunks & (chunks - 1)) == 0)
            w->thread_chunks = xrealloc(w->thread_chunks, (chunks == 0 ? 1 : (size_t)chunks * 2) * sizeof *w->thread_chunks);
        w->thread_chunks[chunks] = xmalloc(CHUNK * sizeof **w->thread_chunks);
    }
    w->thread_count++;
    struct thread *t = world_thread(w, index);
    *t = (struct thread){ .psid = psid, .last_act = MS_NEVER, .last_message = MS_NEVER, .delivered = MS_NEVER, .read = MS_NEVER,
                          .page = (uint16_t)page, .index = index };
    idmap_add(&w->psids, psid, index);
    w->pages[page]->thread_count++;
    return t;
}

struct thread *
world_find_psid(const struct world *w, uint64_t psid)
{
    uint32_t i = find_psid(w, psid);

    return i != MAP_NONE ? world_thread(w, i) : NULL;
}

struct thread *
world_find_person(const struct world *w, struct str name)
{
    uint32_t i = map_get(&w->aliases, name);

    return i != MAP_NONE ? world_thread(w, i) : world_find_psid(w, digits_read(name.s, name.n));
}

struct thread_extra *
thread_extra(struct thread *t)
{
    if (t->extra == NULL) {
        t->extra = xcalloc(1, sizeof *t->extra);
        t->extra->ad_message = t->extra->plus_one_after = t->extra->owner_until = MS_NEVER;
        t->extra->failed_at = t->extra->unreachable_since = t->extra->last_event_at = MS_NEVER;
        t->extra->forged_at = t->extra->opted_out_at = t->extra->against_at = MS_NEVER;
        t->extra->owner = INDEX_NONE;
    }
    return t->extra;
}

void
thread_set_alias(struct world *w, struct thread *t, const char *alias)
{
    struct thread_extra *x = thread_extra(t);

    if (x->alias != NULL)
        map_drop(&w->aliases, str_of(x->alias));
    free(x->alias);
    x->alias = xstrdup(alias);
    map_put(&w->aliases, str_of(x->alias), t->index);
}

static const struct person people[] = {
#define PERSON(first, last, language, zone, sex, area) \
    { .first_name = first, .last_name = last, .locale = language, .gender = sex, .region = area, .timezone = zone },
#include "world/names.def"
#undef PERSON
};
#define PEOPLE (sizeof people / sizeof *people)

void
thread_person(const struct world *w, const struct thread *t, struct person *person)
{
    const struct thread_extra *x = t->extra;
    uint64_t draw = mix64(mix64(w->key, ID_NAME), t->psid);

    *person = people[draw % PEOPLE];
    if (draw >> 40 & 1)
        person->last_name = people[(draw >> 20) % PEOPLE].locale == person->locale ? people[(draw >> 20) % PEOPLE].last_name
                                                                                   : person->last_name;
    format_uint64(person->asid, id_number(w->key, ID_ASID, t->psid, 17));
    if (x == NULL)
        return;
    person->alias = x->alias;
    if (x->first_name != NULL)
        person->first_name = x->first_name;
    if (x->last_name != NULL)
        person->last_name = x->last_name;
    if (x->locale != NULL)
        person->locale = x->locale;
    if (x->gender != NULL)
        person->gender = x->gender;
    if (x->region != NULL)
        person->region = x->region;
    if (x->has_timezone)
        person->timezone = x->timezone;
    if (x->asid != NULL)
        strncpy(person->asid, x->asid, sizeof person->asid - 1);
}

/* ---- conversations ------------------------------------------------------------------------------------------------------ */

/* Keeps conversation ids apart from PSIDs without a table. */
#define CONVERSATION_OFFSET UINT64_C(100000000000000000)

void
thread_conversation_id(const struct thread *t, char out[CONVERSATION_ID_SIZE])
{
    out[0] = 't';
    out[1] = '_';
    format_uint64(out + 2, t->psid + CONVERSATION_OFFSET);
}

struct thread *
world_find_conversation(const struct world *w, struct str id)
{
    if (id.n < 3 || id.s[0] != 't' || id.s[1] != '_')
        return NULL;
    uint64_t number = digits_read(id.s + 2, id.n - 2);
    return number > CONVERSATION_OFFSET ? world_find_psid(w, number - CONVERSATION_OFFSET) : NULL;
}

/* A thread is idle again 24 hours after the person's last message (webhooks.md 4.6), unless control was extended. */
uint32_t
thread_owner(const struct world *w, const struct thread *t)
{
    const struct thread_extra *x = t->extra;

    if (x == NULL || x->owner == INDEX_NONE)
        return INDEX_NONE;
    if (w->now < x->owner_until || within_ms(t->last_message, 24 * HOUR, w->now))
        return x->owner;
    return INDEX_NONE;
}

/* ---- messages ----------------------------------------------------------------------------------------------------------- */

uint64_t
world_add_message(struct world *w, struct thread *t, uint32_t app, unsigned flags, struct str text)
{
    uint64_t number;
    struct message *m = log_append(&w->messages, sizeof *m + text.n + 1, &number);

    *m = (struct message){ .previous = t->newest, .at = w->now, .thread = t->index, .app = app, .flags = flags,
                           .text_n = (uint32_t)text.n, .persona = INDEX_NONE };
    memcpy(m->text, text.s, text.n);
    m->text[text.n] = '\0';
    t->newest = number;
    t->message_count++;
    if (!(flags & MESSAGE_FROM_PAGE)) {
        t->page_run = 0;
    } else {
        t->flags &= ~(uint32_t)THREAD_REQUEST; /* who answers accepts */
        if (t->page_run < UINT16_MAX)
            t->page_run++;
    }
    return number;
}

struct message *
world_message(const struct world *w, uint64_t number)
{
    size_t n;

    return log_get(&w->messages, number, &n);
}

/* From which day on which form: none of them is public [inferred from captures of February and April 2017, 27 June and 22 August 2018, May 2019 and January 2020]. */
static enum mid_form
mid_form_at(ms_t date)
{
    return date < CIVIL(2017, 3, 1)    ? MID_TIME
           : date < CIVIL(2018, 8, 1)  ? MID_DOLLAR
           : date < CIVIL(2020, 1, 1)  ? MID_BARE
                                       : MID_NOW;
}

void
world_mid(const struct world *w, uint64_t number, char out[MID_SIZE])
{
    const struct message *m = world_message(w, number);
    ms_t at = m != NULL ? m->at : w->now;

    mid_write(out, mix64(w->key, ID_MID), number, mid_form_at(w->policy_date_is_clock ? at : w->policy_date), at);
}

struct message *
world_find_mid(const struct world *w, struct str mid, uint64_t *number)
{
    uint64_t found = mid_read(mix64(w->key, ID_MID), mid.s, mid.n);
    struct message *message = found != 0 ? world_message(w, found) : NULL;
    char again[MID_SIZE];

    if (message != NULL) { /* told as it was given out, but for the `m_` */
        world_mid(w, found, again);
        const char *bare = again + (strncmp(again, "m_", 2) == 0 ? 2 : 0);
        if (!str_ends(mid, str_of(bare)))
            message = NULL;
    }
    if (number != NULL)
        *number = message != NULL ? found : 0;
    return message;
}
