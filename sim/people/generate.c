#include "people/generate.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "people/generate_model.h"
#include "world/ids.h"
#include "world/xalloc.h"

enum phrase_kind {
    PHRASE_ASK,
    PHRASE_MORE,
    PHRASE_END,
    PHRASE_COMMENT,
    PHRASE_ANGRY,
    PHRASE_KINDS
};

static const struct {
    enum language language;
    enum phrase_kind kind;
    const char *text;
} phrases[] = {
#define PHRASE(language, kind, text) {LANG_##language, PHRASE_##kind, text},
#include "people/phrases.def"
#undef PHRASE
};
#define PHRASES (sizeof phrases / sizeof *phrases)

/* What is remembered of a person. */
enum { SEEN = 1, BLOCKED = 2, WROTE = 4 };

/* A conversation that is going on: its next act. */
struct session {
    ms_t at;
    uint64_t order; /* breaks ties */
    uint32_t person;
    enum kind kind;
    unsigned step; /* 0: the first */
    bool is_last;
};

#define STEP_BLOCK UINT32_MAX /* of a session: the person blocks the page */

#define EXPONENTIAL_STEPS 1024

struct generator {
    struct model model;
    uint64_t seed, drawn;
    uint32_t people;
    ms_t from, until;
    ms_t arrival;         /* of the next session */
    uint8_t *states;      /* owned; one a person */
    struct session *heap; /* owned; what is going on */
    size_t count, room;
    uint64_t order;
    uint32_t exponential
        [EXPONENTIAL_STEPS]; /* quantiles of the exponential distribution, in 1/65536 of its mean */
    enum act_id acts[KIND_COUNT];
    struct str *phrase_lists[LANG_COUNT][PHRASE_KINDS]; /* owned */
    unsigned phrase_counts[LANG_COUNT][PHRASE_KINDS];
    char number[UINT64_SIZE];
    char ref[24];
};

/* ---- chance -------------------------------------------------------------------------------------------------------------------------------- */

static uint64_t
draw(struct generator *g)
{
    return mix64(g->seed, g->drawn++);
}

/* 0 .. below-1 */
static uint32_t
draw_below(struct generator *g, uint32_t below)
{
    return (uint32_t)(((draw(g) >> 32) * below) >> 32);
}

static bool
draw_permille(struct generator *g, unsigned permille)
{
    return draw_below(g, 1000) < permille;
}

static unsigned
draw_weighted(struct generator *g, const unsigned *weights, unsigned count)
{
    uint32_t sum = 0, at;
    unsigned i = 0;

    for (unsigned j = 0; j < count; j++)
        sum += weights[j];
    at = draw_below(g, sum);
    while (at >= weights[i])
        at -= weights[i++];
    return i;
}

/* With this mean, from a table, so that no machine's logarithm decides what happens. */
static ms_t
draw_exponential(struct generator *g, double mean_ms)
{
    return (ms_t)(mean_ms * g->exponential[draw_below(g, EXPONENTIAL_STEPS)] / 65536);
}

static enum kind
draw_kind(struct generator *g, enum session_part part)
{
    unsigned weights[KIND_COUNT];

    for (unsigned i = 0; i < KIND_COUNT; i++)
        weights[i] = kind_rows[i].part == part ? g->model.kinds[i] : 0;
    return (enum kind)draw_weighted(g, weights, KIND_COUNT);
}

/* A property of the person, the same however often it is asked. */
static enum language
language_of(const struct generator *g, uint32_t person)
{
    uint64_t sum = 0;
    unsigned i = 0;

    for (unsigned j = 0; j < LANG_COUNT; j++)
        sum += g->model.languages[j];
    uint64_t at = mix64(g->seed ^ UINT64_C(0x1a6), person) % sum;
    while (at >= g->model.languages[i])
        at -= g->model.languages[i++];
    return (enum language)i;
}

/* ---- when ------------------------------------------------------------------------------------------------------------------------------------ */

static double
mean_of(const unsigned *weights, unsigned count)
{
    double sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += weights[i];
    return sum / count;
}

/* Sessions in the hour around `at`, of all people together. */
static double
sessions_an_hour(const struct generator *g, ms_t at)
{
    struct civil local = civil_of(at + (ms_t)(g->model.utc_offset * (double)HOUR));

    return g->people * g->model.sessions_a_day / 24 *
           (g->model.hours[local.hour] / mean_of(g->model.hours, 24)) *
           (g->model.weekdays[local.weekday] / mean_of(g->model.weekdays, 7));
}

/* Hours have no memory: when the gap leads out of its hour, it is drawn anew from the beginning of the next. */
static void
next_arrival(struct generator *g)
{
    while (g->arrival < g->until) {
        ms_t end = g->arrival - g->arrival % HOUR + HOUR;
        double rate = sessions_an_hour(g, g->arrival);

        if (rate > 0) {
            ms_t at = g->arrival + draw_exponential(g, (double)HOUR / rate) + 1;
            if (at < end) {
                g->arrival = at;
                return;
            }
        }
        g->arrival = end;
    }
    g->arrival = MS_ALWAYS;
}

/* ---- what is going on ------------------------------------------------------------------------------------------------------------------------- */

static bool
is_before(const struct session *a, const struct session *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
push(struct generator *g, struct session session)
{
    if (g->count == g->room) {
        g->room = g->room == 0 ? 64 : g->room * 2;
        g->heap = xrealloc(g->heap, g->room * sizeof *g->heap);
    }
    session.order = g->order++;
    size_t i = g->count++;
    for (; i > 0 && is_before(&session, &g->heap[(i - 1) / 2]); i = (i - 1) / 2)
        g->heap[i] = g->heap[(i - 1) / 2];
    g->heap[i] = session;
}

static struct session
pop(struct generator *g)
{
    struct session first = g->heap[0], last = g->heap[--g->count];
    size_t i = 0;

    for (;;) {
        size_t least = i * 2 + 1;

        if (least >= g->count)
            break;
        if (least + 1 < g->count && is_before(&g->heap[least + 1], &g->heap[least]))
            least++;
        if (!is_before(&g->heap[least], &last))
            break;
        g->heap[i] = g->heap[least];
        i = least;
    }
    g->heap[i] = last;
    return first;
}

static bool
goes_on(struct generator *g)
{
    return draw_below(g, 1000000) >= (uint32_t)(1000000 / g->model.acts_a_session);
}

/* Somebody comes. */
static void
arrive(struct generator *g)
{
    uint32_t person = draw_below(g, g->people);
    uint8_t *state = &g->states[person];
    ms_t at = g->arrival;

    next_arrival(g);
    if ((*state & BLOCKED) != 0) {
        if (!draw_permille(g, g->model.unblock_permille))
            return;
        *state &= (uint8_t)~BLOCKED;
        push(g, (struct session){
                    .at = at, .person = person, .kind = KIND_COUNT, .step = 0}); /* unblock */
        return;
    }
    enum kind kind = draw_kind(g, (*state & SEEN) == 0 ? PART_FIRST : PART_OPENING);
    *state |= SEEN;
    push(g, (struct session){.at = at, .person = person, .kind = kind, .is_last = !goes_on(g)});
}

/* What follows an act: an arrival without a word (link, ad) is always followed by one. */
static void
follow(struct generator *g, const struct session *now)
{
    struct session next = {.at = now->at + 800 +
                                 draw_exponential(g, g->model.reaction_seconds * 1000),
                           .person = now->person,
                           .step = now->step + 1};
    bool is_silent = now->kind == KIND_FIRST_M_ME || now->kind == KIND_FIRST_AD_CLICK ||
                     now->kind == KIND_OPENING_AD_CLICK || now->kind == KIND_COUNT;

    if (is_silent) {
        next.kind = now->kind == KIND_FIRST_M_ME ? KIND_FIRST_GET_STARTED : KIND_OPENING_MESSAGE;
    } else if (!now->is_last) {
        next.kind = draw_kind(g, PART_THEN);
    } else {
        return;
    }
    next.is_last = !goes_on(g);
    push(g, next);
}

/* ---- the act ------------------------------------------------------------------------------------------------------------------------------------- */

static void
add_field(struct generated_act *act, enum act_field field, struct str text)
{
    assert(act->field_count < sizeof act->fields / sizeof *act->fields);
    act->fields[act->field_count].field = field;
    act->fields[act->field_count++].text = text;
}

static struct str
phrase(struct generator *g, uint32_t person, enum phrase_kind kind)
{
    enum language language = language_of(g, person);

    return g->phrase_lists[language][kind][draw_below(g, g->phrase_counts[language][kind])];
}

typedef void fill_fn(struct generator *g, const struct session *session, struct generated_act *act);

static void
fill_nothing(struct generator *g, const struct session *session, struct generated_act *act)
{
    (void)g;
    (void)session;
    (void)act;
}

static void
fill_words(struct generator *g, const struct session *session, struct generated_act *act)
{
    add_field(act, AF_TEXT,
              phrase(g, session->person,
                     session->step == 0 ? PHRASE_ASK
                     : session->is_last ? PHRASE_END
                                        : PHRASE_MORE));
}

static void
fill_comment(struct generator *g, const struct session *session, struct generated_act *act)
{
    add_field(act, AF_TEXT, phrase(g, session->person, PHRASE_COMMENT));
}

static void
fill_topic(struct generator *g, const struct session *session, struct generated_act *act)
{
    static const struct {
        const char *payload, *title;
    } topics[] = {{"ORDER", "Order"},
                  {"HOURS", "Hours"},
                  {"PRODUCTS", "Products"},
                  {"HUMAN", "Human"},
                  {"MENU", "Menu"}};
    uint32_t i = draw_below(g, sizeof topics / sizeof *topics);

    (void)session;
    add_field(act, AF_PAYLOAD, str_of(topics[i].payload));
    add_field(act, AF_TITLE, str_of(topics[i].title));
}

static void
fill_news(struct generator *g, const struct session *session, struct generated_act *act)
{
    (void)g;
    (void)session;
    add_field(act, AF_PAYLOAD, STR("NEWS"));
    add_field(act, AF_TITLE, STR("News"));
}

static void
fill_ad(struct generator *g, const struct session *session, struct generated_act *act)
{
    (void)session;
    snprintf(g->number, sizeof g->number, "60452462474%02u", (unsigned)draw_below(g, 20));
    add_field(act, AF_AD_ID, str_of(g->number));
}

static void
fill_link(struct generator *g, const struct session *session, struct generated_act *act)
{
    (void)session;
    snprintf(g->ref, sizeof g->ref, "campaign_%u", (unsigned)draw_below(g, 12) + 1);
    add_field(act, AF_REF, str_of(g->ref));
}

/* A reaction needs a message that is there: the page may not have answered. */
static void
fill_own(struct generator *g, const struct session *session, struct generated_act *act)
{
    (void)g;
    (void)session;
    add_field(act, AF_MID, STR("own"));
}

static fill_fn *const fills[KIND_COUNT] = {
#define KIND(symbol, act, in_session, weight, fill) [KIND_##symbol] = (fill),
#include "people/generate_kinds.def"
#undef KIND
};

/* A session that goes wrong ends with angry words and a block. */
static bool
ends_in_block(struct generator *g, const struct session *session)
{
    return session->is_last && session->kind != KIND_COUNT &&
           draw_permille(g, g->model.block_permille);
}

/* The next act of a session that is going on; false when nothing is left before the end. */
static bool
next_session(struct generator *g, struct session *session)
{
    do {
        while (g->arrival < g->until && (g->count == 0 || g->arrival <= g->heap[0].at))
            arrive(g);
        if (g->count == 0)
            return false;
        *session = pop(g);
    } while (session->at >= g->until); /* what is left over of sessions */
    return true;
}

bool
generate_next(struct generator *g, struct generated_act *act)
{
    struct session session;

    if (!next_session(g, &session))
        return false;
    *act = (struct generated_act){.at = session.at, .person = session.person};
    if (session.step == STEP_BLOCK) {
        act->act = ACT_BLOCK;
        g->states[session.person] |= BLOCKED;
        return true;
    }
    if (ends_in_block(g, &session)) {
        act->act = ACT_MESSAGE;
        add_field(act, AF_TEXT, phrase(g, session.person, PHRASE_ANGRY));
        push(g, (struct session){
                    .at = session.at + 2 * SECOND, .person = session.person, .step = STEP_BLOCK});
        return true;
    }
    if (session.kind == KIND_THEN_REACT && (g->states[session.person] & WROTE) == 0)
        session.kind = KIND_THEN_MESSAGE; /* there is nothing yet to react to */
    act->act = session.kind == KIND_COUNT ? ACT_UNBLOCK : g->acts[session.kind];
    if (act->act == ACT_MESSAGE || act->act == ACT_ATTACHMENT || act->act == ACT_STICKER)
        g->states[session.person] |= WROTE;
    if (session.kind != KIND_COUNT)
        fills[session.kind](g, &session, act);
    follow(g, &session);
    return true;
}

/* ---- making ---------------------------------------------------------------------------------------------------------------------------------------- */

static void
index_phrases(struct generator *g)
{
    for (unsigned language = 0; language < LANG_COUNT; language++)
        for (unsigned kind = 0; kind < PHRASE_KINDS; kind++) {
            struct str *list = xmalloc(PHRASES * sizeof *list);
            unsigned count = 0;

            for (size_t i = 0; i < PHRASES; i++)
                if (phrases[i].language == language && phrases[i].kind == kind)
                    list[count++] = str_of(phrases[i].text);
            assert(count > 0);
            g->phrase_lists[language][kind] = list;
            g->phrase_counts[language][kind] = count;
        }
}

static void
index_acts(struct generator *g)
{
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        unsigned i = 0;

        while (i < ACT_COUNT && strcmp(act_rows[i].name, kind_rows[kind].act) != 0)
            i++;
        assert(i < ACT_COUNT);
        g->acts[kind] = (enum act_id)i;
    }
}

static int
read_whole(const json_t *spec, const char *key, json_int_t least, json_int_t most,
           json_int_t otherwise, json_int_t *out, char *problem, size_t size)
{
    const json_t *value = json_object_get(spec, key);

    *out = otherwise;
    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most) {
        snprintf(problem, size, "/%s: expected a whole number from %lld to %lld", key,
                 (long long)least, (long long)most);
        return -1;
    }
    *out = json_integer_value(value);
    return 0;
}

static int
read_spec(struct generator *g, const json_t *spec, ms_t otherwise_from, char *problem, size_t size)
{
    static const char *const known[] = {"seed", "people", "days", "from", "model", "page"};
    json_int_t seed, people, days;
    json_t *object = json_to_iterate(spec);

    if (spec != NULL && !json_is_object(spec)) {
        snprintf(problem, size, "/: expected an object {\"people\":...}");
        return -1;
    }
    for (void *at = object != NULL ? json_object_iter(object) : NULL; at != NULL;
         at = json_object_iter_next(object, at)) {
        size_t i = 0;

        while (i < sizeof known / sizeof *known && strcmp(known[i], json_object_iter_key(at)) != 0)
            i++;
        if (i == sizeof known / sizeof *known) {
            snprintf(problem, size, "/%.40s: unknown, expected seed, people, days, from or model",
                     json_object_iter_key(at));
            return -1;
        }
    }
    if (read_whole(spec, "seed", INT64_MIN, INT64_MAX, 1, &seed, problem, size) < 0 ||
        read_whole(spec, "people", 1, 10000000, 1000, &people, problem, size) < 0 ||
        read_whole(spec, "days", 1, 3660, 30, &days, problem, size) < 0)
        return -1;
    g->from = otherwise_from;
    const json_t *from = json_object_get(spec, "from");
    if (from != NULL && !json_is_null(from) && !datetime_read(json_str(from), &g->from)) {
        snprintf(problem, size, "/from: expected an instant (ISO 8601)");
        return -1;
    }
    g->seed = mix64((uint64_t)seed, 0x9e0);
    g->people = (uint32_t)people;
    g->until = g->from + days * DAY;
    return model_read(&g->model, json_object_get(spec, "model"), problem, size);
}

struct generator *
generator_new(const json_t *spec, ms_t otherwise_from, char *problem, size_t size)
{
    struct generator *g = xcalloc(1, sizeof *g);

    if (read_spec(g, spec, otherwise_from, problem, size) < 0) {
        generator_free(&g);
        return NULL;
    }
    for (unsigned i = 0; i < EXPONENTIAL_STEPS; i++)
        g->exponential[i] = (uint32_t)lround(-log(1 - (i + 0.5) / EXPONENTIAL_STEPS) * 65536);
    g->states = xcalloc(g->people, 1);
    g->arrival = g->from;
    index_phrases(g);
    index_acts(g);
    next_arrival(g);
    return g;
}

void
generator_free(struct generator **generator)
{
    struct generator *g = *generator;

    if (g == NULL)
        return;
    for (unsigned language = 0; language < LANG_COUNT; language++)
        for (unsigned kind = 0; kind < PHRASE_KINDS; kind++)
            free(g->phrase_lists[language][kind]);
    free(g->states);
    free(g->heap);
    free(g);
    *generator = NULL;
}

ms_t
generator_from(const struct generator *g)
{
    return g->from;
}

uint32_t
generator_days(const struct generator *g)
{
    return (uint32_t)((g->until - g->from) / DAY);
}

uint32_t
generator_people(const struct generator *g)
{
    return g->people;
}

const char *
generator_locale(const struct generator *g, uint32_t person, double *timezone)
{
    enum language language = language_of(g, person);

    *timezone = language_timezone(language);
    return language_locale(language);
}
