#include "people/faults.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/datetime.h"
#include "core/graph_error.h"
#include "people/act_in.h"
#include "people/nearest.h"
#include "world/fault_list.h"
#include "world/xalloc.h"

#define STALE_AFTER_MS (1 * HOUR)
#define LATE_BY_MS                                                                                 \
    (30 * SECOND) /* 30 s, 65 s and 319 s have been seen [observed: webhooks.md 1.4] */

struct reader {
    struct world *world;
    struct fault fault;
    const char *pointer; /* of the object, "" or "/3" */
    char *problem;
    size_t size;
};

static int refuse(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
refuse(struct reader *reader, const char *format, ...)
{
    va_list args;

    snprintf(reader->problem, reader->size, "%s", reader->pointer);
    size_t n = strlen(reader->problem);
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the analyzer loses va_start */
    vsnprintf(reader->problem + n, reader->size - n, format, args);
    va_end(args);
    return -1;
}

/* ---- fields --------------------------------------------------------------------------------------------------------------------------------- */

static int
read_count(struct reader *reader, const json_t *value, void *out)
{
    unsigned *number = out;

    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > 1000000000)
        return refuse(reader, "wrong type, expected a number from 0");
    *number = (unsigned)json_integer_value(value);
    return 0;
}

static int
read_int(struct reader *reader, const json_t *value, void *out)
{
    int *number = out;

    if (!json_is_integer(value) || json_integer_value(value) < -1 ||
        json_integer_value(value) > 2000000000)
        return refuse(reader, "wrong type, expected an error number");
    *number = (int)json_integer_value(value);
    return 0;
}

static int
read_seed(struct reader *reader, const json_t *value, void *out)
{
    uint64_t *seed = out;

    if (!json_is_integer(value))
        return refuse(reader, "wrong type, expected a whole number");
    *seed = (uint64_t)json_integer_value(value);
    reader->fault.is_seeded = true;
    return 0;
}

/* Milliseconds, or a duration as text. */
static int
read_length(struct reader *reader, const json_t *value, void *out)
{
    ms_t *length = out;

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *length = json_integer_value(value);
    else if (!json_is_string(value) || !duration_read(json_str(value), length) || *length < 0)
        return refuse(reader, "expected milliseconds or a duration like \"30s\"");
    return 0;
}

static int
read_name(struct reader *reader, const json_t *value, void *out)
{
    char **name = out;

    if (!json_is_string(value))
        return refuse(reader, "wrong type, expected text");
    free(*name);
    *name = xstrdup(json_string_value(value));
    return 0;
}

static const struct field {
    const char *name;
    bool is_common;
    int (*read)(struct reader *reader, const json_t *value, void *out);
    size_t at;
} fields[] = {
    {"seed", true, read_seed, offsetof(struct fault, seed)},
    {"every", true, read_count, offsetof(struct fault, every)},
    {"after", true, read_count, offsetof(struct fault, after)},
    {"times", true, read_count, offsetof(struct fault, times)},
    {"endpoint", true, read_name, offsetof(struct fault, only)},
    {"event", true, read_name, offsetof(struct fault, only)},
    {"code", false, read_int, offsetof(struct fault, code)},
    {"subcode", false, read_int, offsetof(struct fault, subcode)},
    {"status", false, read_count, offsetof(struct fault, status)},
    {"entries", false, read_count, offsetof(struct fault, entries)},
    {"events", false, read_count, offsetof(struct fault, events)},
    {"by", false, read_length, offsetof(struct fault, by_ms)},
    {"ms", false, read_length, offsetof(struct fault, by_ms)},
};
#define FIELDS (sizeof fields / sizeof *fields)

/* Own fields of a kind are words of its row. */
static bool
has_word(const char *words, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

static bool
takes(const struct reader *reader, const struct field *field)
{
    const struct fault_row *row = fault_row(reader->fault.kind);

    if (strcmp(field->name, "endpoint") == 0)
        return row->side == FAULT_SIDE_CALL;
    if (strcmp(field->name, "event") == 0)
        return row->side == FAULT_SIDE_HOOK;
    return field->is_common || has_word(row->fields, field->name);
}

static int
read_field(struct reader *reader, const char *key, const json_t *value)
{
    struct nearest best = {str_of(key), NULL, 0};
    char pointer[100];
    const char *whole = reader->pointer;

    for (size_t i = 0; i < FIELDS; i++) {
        if (!takes(reader, &fields[i]))
            continue;
        if (strcmp(key, fields[i].name) != 0) {
            nearest_try(&best, fields[i].name);
            continue;
        }
        if (json_is_null(value))
            return 0;
        snprintf(pointer, sizeof pointer, "%s/%s: ", whole, key);
        reader->pointer = pointer;
        int result = fields[i].read(reader, value, (char *)&reader->fault + fields[i].at);
        reader->pointer = whole;
        return result;
    }
    return refuse(reader, "/%.40s: the fault %s takes no such field%s%s", key,
                  fault_row(reader->fault.kind)->name, best.name != NULL ? ", nearest is " : "",
                  best.name != NULL ? best.name : "");
}

/* ---- one fault -------------------------------------------------------------------------------------------------------------------------------- */

static int
read_kind(struct reader *reader, const json_t *spec)
{
    struct str name = json_member(spec, "fault");
    struct nearest best = {name, NULL, 0};

    if (name.s == NULL)
        return refuse(reader, "/fault: missing, expected the name of a fault");
    reader->fault.kind = fault_named(name);
    if (reader->fault.kind != FAULT_COUNT)
        return 0;
    for (unsigned i = 0; i < FAULT_COUNT; i++)
        nearest_try(&best, fault_row((enum fault_kind)i)->name);
    return refuse(reader, "/fault: unknown fault \"%.*s\"%s%s", (int)(name.n < 40 ? name.n : 40),
                  name.s, best.name != NULL ? ", nearest is " : "",
                  best.name != NULL ? best.name : "");
}

static int
check(struct reader *reader)
{
    struct fault *fault = &reader->fault;

    if (fault->kind == FAULT_ERROR && fault->code == 0)
        return refuse(reader, "/code: missing, expected the number of the error");
    if (fault->kind == FAULT_ERROR && graph_error_find(fault->code, fault->subcode) == ERR_NONE)
        return refuse(reader,
                      "/code: no known error has the numbers %d/%d, expected a pair that GET "
                      "/_sim/rules lists",
                      fault->code, fault->subcode);
    if (fault->kind == FAULT_LATENCY && fault->by_ms == 0)
        return refuse(reader, "/ms: missing, expected milliseconds");
    if (fault->kind == FAULT_BATCH &&
        fault->entries * (uint64_t)(fault->events > 0 ? fault->events : 1) > 1000)
        return refuse(reader,
                      "/entries: more than the 1000 updates that the platform puts together");
    if (fault->kind == FAULT_BATCH && fault->entries == 0 && fault->events == 0)
        fault->entries = 2;
    if (fault->kind == FAULT_STALE_REPLAY && fault->by_ms == 0)
        fault->by_ms = STALE_AFTER_MS;
    if (fault->kind == FAULT_LATE && fault->by_ms == 0)
        fault->by_ms = LATE_BY_MS;
    return 0;
}

static int
read_fault(struct reader *reader, const json_t *spec)
{
    json_t *object = json_to_iterate(spec);

    if (!json_is_object(spec))
        return refuse(reader, "/: expected an object {\"fault\":...}");
    if (read_kind(reader, spec) < 0)
        return -1;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        if (strcmp(json_object_iter_key(at), "fault") != 0 &&
            read_field(reader, json_object_iter_key(at), json_object_iter_value(at)) < 0)
            return -1;
    return check(reader);
}

static void
record(struct world *world, const json_t *spec)
{
    struct buf rest = {0};

    jw_kv_str(&rest, "fault", json_member(spec, "fault"));
    jw_key(&rest, "spec");
    put_json(&rest, spec, JW_OURS);
    buf_char(&rest, '}');
    struct buf whole = {0};
    buf_char(&whole, ',');
    buf_str(&whole, buf_view(&rest));
    world_record(world, "fault", buf_view(&whole));
    buf_fini(&rest);
    buf_fini(&whole);
}

/* ---- all of them -------------------------------------------------------------------------------------------------------------------------------- */

/* {"fault":"none"} ends all of them, {"fault":"release"} lets go what they hold back. False when it is neither. */
static bool
is_command(struct world *world, const json_t *spec, bool set)
{
    struct str name = json_member(spec, "fault");
    bool is_none = str_eq_lit(name, "none");

    if (!is_none && !str_eq_lit(name, "release"))
        return false;
    if (!set)
        return true;
    if (is_none)
        faults_clear(world);
    else
        faults_release(world);
    record(world, spec);
    return true;
}

/* Reads the i-th one; set says whether it also takes effect. */
static int
one(struct world *world, const json_t *spec, const char *pointer, bool set, char *problem,
    size_t size)
{
    struct reader reader = {.world = world,
                            .fault = {.every = 1},
                            .pointer = pointer,
                            .problem = problem,
                            .size = size};

    if (is_command(world, spec, set))
        return 0;
    int result = read_fault(&reader, spec);
    if (result < 0 || !set) {
        free(reader.fault.only);
        return result;
    }
    fault_add(world, &reader.fault);
    record(world, spec);
    return 0;
}

int
faults_set(struct world *world, const json_t *spec, char *problem, size_t size)
{
    char pointer[24];

    if (!json_is_array(spec))
        return one(world, spec, "", true, problem, size);
    for (unsigned set = 0; set < 2; set++) /* all must be good before the first takes effect */
        for (size_t i = 0; i < json_array_size(spec); i++) {
            snprintf(pointer, sizeof pointer, "/%zu", i);
            if (one(world, json_array_get(spec, i), pointer, set != 0, problem, size) < 0)
                return -1;
        }
    return 0;
}

bool
faults_let_go(struct world *world)
{
    if (!faults_hold_any(world))
        return false;
    json_t *spec = json_pack("{s:s}", "fault", "release");
    is_command(world, spec, true);
    json_decref(spec);
    return true;
}

static void
put_number(json_t *item, const char *key, int64_t number)
{
    if (number != 0)
        json_object_set_new(item, key, json_integer(number));
}

json_t *
faults_json(const struct world *world)
{
    json_t *list = json_array();

    for (unsigned i = 0; world->faults != NULL && i < world->faults->count; i++) {
        const struct fault *fault = &world->faults->list[i];
        json_t *item =
            json_pack("{s:s,s:i,s:i,s:i,s:i,s:i}", "fault", fault_row(fault->kind)->name, "after",
                      (int)fault->after, "every", (int)fault->every, "times", (int)fault->times,
                      "seen", (int)fault->seen, "hits", (int)fault->hits);

        if (fault->only != NULL)
            json_object_set_new(
                item, fault_row(fault->kind)->side == FAULT_SIDE_CALL ? "endpoint" : "event",
                json_string(fault->only));
        if (fault->is_seeded)
            json_object_set_new(item, "seed", json_integer((json_int_t)fault->seed));
        if (fault->code != 0)
            json_object_set_new(item, "code", json_integer(fault->code));
        if (fault->subcode != 0)
            json_object_set_new(item, "subcode", json_integer(fault->subcode));
        put_number(item, "status", fault->status);
        put_number(item, "entries", fault->entries);
        put_number(item, "events", fault->events);
        put_number(item, fault->kind == FAULT_LATENCY ? "ms" : "by", fault->by_ms);
        json_array_append_new(list, item);
    }
    return list;
}
