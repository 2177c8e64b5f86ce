#include "people/act.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "people/act_family.h"
#include "people/act_in.h"
#include "people/nearest.h"
#include "world/limits.h"

/* ---- the tables ----------------------------------------------------------------------------------------------------------- */

enum field_type { TYPE_TEXT, TYPE_ID, TYPE_NUMBER, TYPE_FLAG, TYPE_OBJECT, TYPE_LIST, TYPE_ANY };
static const char *const type_names[] = {"text",   "id",   "number", "true or false",
                                         "object", "list", "any"};

static const struct {
    const char *name;
    enum field_type type;
    const char *doc;
} fields[AF_COUNT] = {
#define ACT_FIELD(symbol, name, type, doc) [AF_##symbol] = {name, TYPE_##type, doc},
#include "people/act_fields.def"
#undef ACT_FIELD
};

_Static_assert(AF_COUNT <= 64, "more fields than a word has bits");

#define F(symbol) (UINT64_C(1) << AF_##symbol)
#define WINDOW_OPENS true
#define WINDOW_NOT false
const struct act_row act_rows[ACT_COUNT] = {
#define ACT(symbol, name_, by_, play_, required_, optional_, state_, window, from, until,          \
            fidelity_, cite_, summary_)                                                            \
    [ACT_##symbol] = {.name = (name_),                                                             \
                      .play = (play_),                                                             \
                      .required = (required_),                                                     \
                      .optional = (optional_),                                                     \
                      .span = {from, until},                                                       \
                      .cite = (cite_),                                                             \
                      .summary = (summary_),                                                       \
                      .by = BY_##by_,                                                              \
                      .state = NEEDS_##state_,                                                     \
                      .fidelity = FIDELITY_##fidelity_,                                            \
                      .opens_window = WINDOW_##window},
#include "people/acts.def"
#undef ACT
};

static bool
takes(const struct act_row *row, unsigned field)
{
    return ((row->required | row->optional | F(USER) | F(PAGE)) >> field & 1) != 0;
}

/* ---- saying no -------------------------------------------------------------------------------------------------------------- */

int
act_refuse(struct act *act, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(act->problem, act->problem_size, format, args);
    va_end(args);
    return -1;
}

static const char *
hint(const struct nearest *best, char out[100])
{
    if (best->name == NULL)
        return "";
    snprintf(out, 100, ", nearest is \"%s\"", best->name);
    return out;
}

/* ---- reading the spec --------------------------------------------------------------------------------------------------------- */

static const struct act_row *
read_name(struct act *act, const json_t *spec)
{
    struct str name = json_member(spec, "act");
    struct nearest best = {name, NULL, 0};
    char near[100];

    if (name.s == NULL) {
        act_refuse(act, "/act: missing, expected the name of an act (GET /_sim/acts lists them)");
        return NULL;
    }
    for (unsigned i = 0; i < ACT_COUNT; i++) {
        if (str_eq(name, str_of(act_rows[i].name)))
            return &act_rows[i];
        nearest_try(&best, act_rows[i].name);
    }
    act_refuse(act, "/act: unknown act \"%.*s\"%s", (int)(name.n < 60 ? name.n : 60), name.s,
               hint(&best, near));
    return NULL;
}

/* What recordings, the Graph API and webhooks call the same things. */
static const struct {
    const char *name;
    enum act_field field;
} other_names[] = {{"who", AF_USER},       {"psid", AF_USER},      {"page_id", AF_PAGE},
                   {"message", AF_TEXT},   {"message_id", AF_MID}, {"latitude", AF_LAT},
                   {"longitude", AF_LONG}, {"lon", AF_LONG},       {"page_label_name", AF_LABEL}};

/* AF_COUNT, refused, when the act takes no such field. */
static unsigned
read_key(struct act *act, const char *key)
{
    struct nearest best = {str_of(key), NULL, 0};
    char near[100];

    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (strcmp(key, other_names[i].name) == 0 && takes(act->row, other_names[i].field))
            return other_names[i].field;
    for (unsigned i = 0; i < AF_COUNT; i++) {
        if (!takes(act->row, i))
            continue;
        if (strcmp(key, fields[i].name) == 0)
            return i;
        nearest_try(&best, fields[i].name);
    }
    act_refuse(act, "/%.60s: the act %s takes no such field%s", key, act->row->name,
               hint(&best, near));
    return AF_COUNT;
}

static bool
read_id(struct act *act, struct act_value *out, const json_t *value)
{
    if (!json_is_integer(value)) {
        out->text = json_str(value);
        return out->text.n > 0;
    }
    if (act->number_count == sizeof act->numbers / sizeof *act->numbers ||
        json_integer_value(value) < 0)
        return false;
    char *text = act->numbers[act->number_count++];
    snprintf(text, UINT64_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    out->text = str_of(text);
    return true;
}

static bool
read_value(struct act *act, unsigned field, const json_t *value)
{
    struct act_value *out = &act->values[field];

    *out = (struct act_value){.json = value,
                              .number = json_is_number(value) ? json_number_value(value)
                                                              : json_is_true(value)};
    switch (fields[field].type) {
    case TYPE_TEXT:
        out->text = json_str(value);
        return json_is_string(value);
    case TYPE_ID:
        return read_id(act, out, value);
    case TYPE_NUMBER:
        return json_is_number(value);
    case TYPE_FLAG:
        return json_is_boolean(value);
    case TYPE_OBJECT:
        return json_is_object(value);
    case TYPE_LIST:
        return json_is_array(value);
    case TYPE_ANY:
        break;
    }
    return true;
}

static int
read_fields(struct act *act, const json_t *spec)
{
    const char *key;
    const json_t *value;
    void *at;

    for (at = json_object_iter(json_to_iterate(spec)); at != NULL;
         at = json_object_iter_next(json_to_iterate(spec), at)) {
        key = json_object_iter_key(at);
        value = json_object_iter_value(at);
        if (strcmp(key, "act") == 0)
            continue;
        unsigned field = read_key(act, key);
        if (field == AF_COUNT)
            return -1;
        if (json_is_null(value))
            continue;
        if (!read_value(act, field, value))
            return act_refuse(act, "/%s: wrong type, expected %s", key,
                              type_names[fields[field].type]);
        act->given |= UINT64_C(1) << field;
    }
    for (unsigned i = 0; i < AF_COUNT; i++)
        if ((act->row->required >> i & 1) != 0 && !act_has(act, (enum act_field)i))
            return act_refuse(act, "/%s: missing, the act %s needs it: %s", fields[i].name,
                              act->row->name, fields[i].doc);
    return 0;
}

void
act_set_text(struct act *act, enum act_field field, struct str text)
{
    act->values[field] = (struct act_value){.text = text};
    act->given |= UINT64_C(1) << (unsigned)field;
}

/* ---- who and where -------------------------------------------------------------------------------------------------------------- */

static int
unknown_person(struct act *act, struct str name)
{
    struct nearest best = {name, NULL, 0};
    char near[100];

    for (uint32_t i = 0; i < act->world->thread_count && i < 1000; i++) {
        const struct thread *thread = world_thread(act->world, i);

        if (thread->extra != NULL && thread->extra->alias != NULL)
            nearest_try(&best, thread->extra->alias);
    }
    return act_refuse(act, "/user: nobody here is called \"%.*s\"%s",
                      (int)(name.n < 60 ? name.n : 60), name.s, hint(&best, near));
}

/* Whether the person's name, in full or the first alone, is that. */
static bool
is_called(const struct world *world, const struct thread *thread, struct str name)
{
    struct person person;

    thread_person(world, thread, &person);
    struct str first = str_of(person.first_name), last = str_of(person.last_name);
    if (str_eq(name, first))
        return true;
    return name.n == first.n + 1 + last.n && str_starts(name, first) && name.s[first.n] == ' ' &&
           str_eq(str_from(name, first.n + 1), last);
}

/* By what their profile calls them, when only one is called so; looked for only when nobody has that PSID or alias. */
static struct thread *
named_person(const struct act *act, struct str name)
{
    struct thread *found = NULL;

    for (uint32_t i = 0; name.n > 0 && i < act->world->thread_count; i++) {
        struct thread *thread = world_thread(act->world, i);

        if ((act->page != NULL && thread->page != act->page_index) ||
            !is_called(act->world, thread, name))
            continue;
        if (found != NULL)
            return NULL;
        found = thread;
    }
    return found;
}

/* The only person there is, or NULL. */
static struct thread *
only_person(const struct world *world, const struct page *page)
{
    struct thread *found = NULL;

    if (page == NULL)
        return world->thread_count == 1 ? world_thread(world, 0) : NULL;
    if (page->thread_count != 1)
        return NULL;
    for (uint32_t i = 0; i < world->thread_count && found == NULL; i++)
        if (world->pages[world_thread(world, i)->page] == page)
            found = world_thread(world, i);
    return found;
}

static int
find_page(struct act *act)
{
    struct world *world = act->world;
    struct str name = act_text(act, AF_PAGE);

    if (name.s == NULL)
        return 0;
    act->page_index = world_find_page(world, name);
    if (act->page_index == INDEX_NONE)
        return act_refuse(act, "/page: there is no page \"%.*s\"", (int)(name.n < 60 ? name.n : 60),
                          name.s);
    act->page = world->pages[act->page_index];
    return 0;
}

static int
find_person(struct act *act)
{
    struct str name = act_text(act, AF_USER);

    if (name.s != NULL) {
        act->thread = world_find_person(act->world, name);
        if (act->thread == NULL)
            act->thread = named_person(act, name);
        if (act->thread == NULL)
            return unknown_person(act, name);
    } else if (act->row->state != NEEDS_NOBODY) {
        act->thread = only_person(act->world, act->page);
        if (act->thread == NULL)
            return act_refuse(act,
                              "/user: missing, expected the PSID or alias of one of the %u people",
                              (unsigned)act->world->thread_count);
    }
    if (act->thread != NULL && act->page != NULL && act->thread->page != act->page_index)
        return act_refuse(act, "/user: this person is not one of page %s", act->page->id);
    return 0;
}

static int
find_everybody(struct act *act)
{
    struct world *world = act->world;

    if (find_page(act) < 0 || find_person(act) < 0)
        return -1;
    if (act->page != NULL)
        return 0;
    if (act->thread != NULL)
        act->page_index = act->thread->page;
    else if (world->page_count == 1)
        act->page_index = 0;
    else
        return act_refuse(act, "/page: missing, expected one of the %u pages",
                          (unsigned)world->page_count);
    act->page = world->pages[act->page_index];
    return 0;
}

/* ---- may it be? ------------------------------------------------------------------------------------------------------------------- */

static int
check_date(struct act *act)
{
    const struct span span = act->row->span;
    ms_t date = world_policy_date(act->world);
    char at[DATETIME_SIZE], limit[DATETIME_SIZE];

    if (span_has(span, date))
        return 0;
    if (span.from >= span.until)
        return act_refuse(act, "%s: the platform never had this: %s", act->row->name,
                          act->row->summary);
    datetime_iso(at, date);
    datetime_iso(limit, date < span.from ? span.from : span.until);
    return act_refuse(act, "%s: not possible at %.10s, %s %.10s", act->row->name, at,
                      date < span.from ? "it began on" : "it ended on", limit);
}

static int
check_state(struct act *act)
{
    unsigned flags = act->thread != NULL ? act->thread->flags : 0;
    enum act_state state = act->row->state;

    if (state == NEEDS_ANY)
        return 0;
    if ((flags & THREAD_DEACTIVATED) != 0)
        return act_refuse(act, "%s: the person's account is deactivated; act reactivate first",
                          act->row->name);
    if (state != NEEDS_REACHABLE)
        return 0;
    if ((flags & THREAD_BLOCKED) != 0)
        return act_refuse(act, "%s: the person has blocked the page; act unblock first",
                          act->row->name);
    if ((flags & THREAD_MESSAGES_OFF) != 0)
        return act_refuse(act,
                          "%s: the person has turned the page's messages off; act messages_off "
                          "with on: false first",
                          act->row->name);
    if ((flags & THREAD_BANNED) != 0)
        return act_refuse(act, "%s: the page has blocked the person", act->row->name);
    if (!act->page->messaging_is_on)
        return act_refuse(act, "%s: the page has switched messaging off", act->row->name);
    return 0;
}

/* Above the mark of LIM-HIGH-VOLUME staff neither sees conversations nor does anything in them; settings are elsewhere. */
static int
check_inbox(struct act *act)
{
    char window[DURATION_SIZE];

    if (act->row->by != BY_STAFF || act->row->state == NEEDS_NOBODY ||
        !limits_inbox_is_blind(act->world, act->page_index))
        return 0;
    struct limit_state mark =
        limit_state(act->world, LIMIT_HIGH_VOLUME, limit_key_of(act->page_index), act->page_index);
    duration_write(window, mark.window);
    return act_refuse(act,
                      "%s: the page sends more than %lld messages in %s, its inbox is blind until "
                      "that drops",
                      act->row->name, (long long)mark.max, window);
}

/* ---- playing ------------------------------------------------------------------------------------------------------------------------ */

static void
record(struct act *act, struct str input, bool is_refused)
{
    char psid[UINT64_SIZE];
    struct buf rest = {0};

    buf_char(&rest, ',');
    jw_kv_text(&rest, "act", act->row->name);
    if (act->thread != NULL) {
        format_uint64(psid, act->thread->psid);
        jw_kv_text(&rest, "user", psid);
    }
    if (act->page != NULL)
        jw_kv_text(&rest, "page", act->page->id);
    jw_kv_raw(&rest, "input", input);
    if (is_refused) {
        jw_kv_strf(&rest, "refused", str_of(act->problem), JW_OURS);
    } else {
        jw_key(&rest, "made");
        buf_char(&rest, '{');
        buf_str(&rest, buf_view(&act->made));
        buf_char(&rest, '}');
    }
    buf_char(&rest, '}');
    world_record(act->world, "act", buf_view(&rest));
    buf_fini(&rest);
}

/* A thread that fell idle stays idle: what the person does now does not give it back to whom it belonged. */
static void
settle_owner(struct act *act)
{
    struct thread_extra *extra = act->thread != NULL ? act->thread->extra : NULL;

    if (extra != NULL && extra->owner != INDEX_NONE &&
        thread_owner(act->world, act->thread) == INDEX_NONE)
        extra->owner = INDEX_NONE;
}

static void
open_window(struct act *act)
{
    struct thread *thread = act->thread;

    thread->last_act = thread->last_message = act->world->now;
    thread->flags = (thread->flags | THREAD_STARTED) & ~(uint32_t)THREAD_DELETED;
}

int
act_play(struct act *act, struct str input)
{
    int result = check_date(act) < 0 || check_state(act) < 0 || check_inbox(act) < 0 ? -1 : 0;

    if (result == 0) {
        act->opens = act->row->opens_window;
        settle_owner(act);
        result = act->row->play(act);
    }
    if (result == 0) {
        if (act->opens && act->thread != NULL)
            open_window(act);
        jw_kv_int(&act->made, "timestamp", act->world->now);
    }
    record(act, input, result < 0);
    return result;
}

static json_t *
made_new(const struct buf *members)
{
    struct buf text = {0};

    buf_char(&text, '{');
    buf_str(&text, buf_view(members));
    buf_char(&text, '}');
    json_t *made = json_loadb(text.s, text.n, 0, NULL);
    assert(made != NULL);
    buf_fini(&text);
    return made;
}

int
people_act(struct world *world, const json_t *spec, json_t **made, char *problem, size_t size)
{
    struct act act;
    struct buf input = {0};

    memset(&act, 0, offsetof(struct act, values));
    memset(&act.opens, 0, sizeof act - offsetof(struct act, opens));
    act.world = world;
    act.page_index = INDEX_NONE;
    act.problem = problem;
    act.problem_size = size;
    if (!json_is_object(spec))
        return act_refuse(&act, "expected an object {\"act\":...}");
    act.row = read_name(&act, spec);
    if (act.row == NULL)
        return -1;
    put_json(&input, spec, JW_OURS);

    int result = read_fields(&act, spec) < 0 || find_everybody(&act) < 0 ? -1 : 0;
    if (result < 0)
        record(&act, buf_view(&input), true);
    else
        result = act_play(&act, buf_view(&input));
    if (result == 0 && made != NULL)
        *made = made_new(&act.made);
    buf_fini(&input);
    buf_fini(&act.made);
    return result;
}

/* ---- the table as JSON ----------------------------------------------------------------------------------------------------------------- */

static json_t *
instant_new(ms_t at)
{
    char text[DATETIME_SIZE];

    if (at == MS_NEVER || at == MS_ALWAYS)
        return json_null();
    datetime_iso(text, at);
    return json_stringn(text, 10);
}

static json_t *
fields_new(const struct act_row *row)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < AF_COUNT; i++)
        if (takes(row, i))
            json_array_append_new(list,
                                  json_pack("{s:s,s:s,s:b,s:s}", "name", fields[i].name, "type",
                                            type_names[fields[i].type], "required",
                                            (int)(row->required >> i & 1), "doc", fields[i].doc));
    return list;
}

json_t *
acts_json(void)
{
    static const char *const by[] = {"person", "staff", "platform"};
    json_t *list = json_array();

    for (unsigned i = 0; i < ACT_COUNT; i++) {
        const struct act_row *row = &act_rows[i];

        json_array_append_new(
            list,
            json_pack("{s:s,s:s,s:s,s:o,s:b,s:b,s:o,s:o,s:s,s:s}", "name", row->name, "summary",
                      row->summary, "by", by[row->by], "fields", fields_new(row), "opens_window",
                      row->opens_window, "existed", row->span.from < row->span.until, "since",
                      instant_new(row->span.from), "until", instant_new(row->span.until),
                      "fidelity", fidelity_name(row->fidelity), "cite", row->cite));
    }
    return list;
}
