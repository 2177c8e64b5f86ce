#include "reports/react.h"

#include <stdlib.h>
#include <string.h>

#include "reports/part.h"
#include "reports/tree.h"

struct react {
    json_t *rows;
    json_t *index;   /* id, and "code/subcode" -> row; the first row of a code pair has it */
    json_t *unknown; /* "code/subcode" -> a row like the others, of no table */
    json_t *pending; /* thread -> {"row","at_ms","call"}: refused, and no further call yet */
};

static void
error_key(const json_t *error, char *key, size_t size)
{
    if (json_is_integer(json_object_get(error, "subcode")))
        snprintf(key, size, "%lld/%lld", (long long)tree_int(error, "code"),
                 (long long)tree_int(error, "subcode"));
    else
        snprintf(key, size, "%lld", (long long)tree_int(error, "code"));
}

static json_t *
row_new(json_t *error)
{
    static const char *const kept[] = {"id",       "http", "code",    "subcode", "message",
                                       "fidelity", "cite", "reached", "reason"};
    static const char *const counts[] = {"count",   "injected",   "scripted",
                                         "retried", "sent_other", "gave_up"};
    json_t *row = json_object();
    char key[64];

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        tree_copy(row, error, kept[i]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        tree_set_int(row, counts[i], 0);
    error_key(error, key, sizeof key);
    if (!*tree_text(row, "id"))
        tree_set_text(row, "id", key);
    tree_set(row, "delays", json_array());
    return row;
}

struct react *
react_new(json_t *errors)
{
    struct react *react = tree_alloc(1, sizeof *react);
    json_t *error;
    size_t i;

    react->rows = json_array();
    react->index = json_object();
    react->unknown = json_object();
    react->pending = json_object();
    json_array_foreach(errors, i, error)
    {
        json_t *row = row_new(error);
        char key[64];

        error_key(error, key, sizeof key);
        tree_add(react->rows, row);
        if (!json_object_get(react->index, key))
            tree_set(react->index, key, json_incref(row));
        tree_set(react->index, tree_text(row, "id"), json_incref(row));
    }
    return react;
}

static json_t *
row_of(struct react *react, json_t *error)
{
    char key[64];
    json_t *row = json_object_get(react->index, tree_text(error, "id"));

    error_key(error, key, sizeof key);
    if (!row)
        row = json_object_get(react->index, key);
    if (!row)
        row = json_object_get(react->unknown, key);
    if (!row) {
        row = row_new(error);
        tree_set(react->unknown, key, row);
    }
    return row;
}

/* ---- what came next ---- */

/* A thread is one page and one person; without a person, one recipient or one path. */
static char *
thread_new(const struct place *place, const json_t *record)
{
    json_t *names = json_array();
    json_t *recipient = json_object_get(json_object_get(record, "request"), "recipient");

    tree_add(names, tree_text_new(place->journal));
    tree_add(names, tree_text_new(place->world));
    tree_add(names, tree_text_new(tree_text(record, "page")));
    if (*tree_text(record, "user"))
        tree_add(names, tree_text_new(tree_text(record, "user")));
    else if (recipient)
        tree_add(names, json_incref(recipient));
    else
        tree_add(names, tree_text_new(tree_text(record, "path")));

    char *thread = tree_line_new(names);

    json_decref(names);
    return thread;
}

static bool
is_same_request(const json_t *before, const json_t *after)
{
    static const char *const keys[] = {"request", "query"};

    if (strcmp(tree_text(before, "method"), tree_text(after, "method")) != 0 ||
        strcmp(tree_text(before, "path"), tree_text(after, "path")) != 0)
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *a = json_object_get(before, keys[i]), *b = json_object_get(after, keys[i]);

        if ((a || b) && !json_equal(a, b))
            return false;
    }
    return true;
}

static void
next_call(struct react *react, const char *thread, const struct place *place, const json_t *record)
{
    json_t *pending = json_object_get(react->pending, thread);

    if (!pending)
        return;
    json_t *row = json_object_get(pending, "row");

    if (is_same_request(json_object_get(pending, "call"), record)) {
        tree_count(row, "retried", 1);
        tree_add(json_object_get(row, "delays"),
                 json_integer(place->at_ms - tree_int(pending, "at_ms")));
    } else {
        tree_count(row, "sent_other", 1);
    }
    json_object_del(react->pending, thread);
}

static void
await_next(struct react *react, const char *thread, const struct place *place, json_t *record,
           json_t *row)
{
    json_t *pending = json_object();

    tree_set(pending, "row", json_incref(row));
    tree_set(pending, "call", json_incref(record));
    tree_set_int(pending, "at_ms", place->at_ms);
    tree_set_text(pending, "world", place->world);
    tree_set_text(pending, "journal", place->journal);
    tree_set(react->pending, thread, pending);
}

/* A world made anew, or dropped, ends every thread it had. `place` NULL: everything ends. */
static void
end_threads(struct react *react, const struct place *place)
{
    json_t *pending;
    const char *thread;
    void *next;

    json_object_foreach_safe(react->pending, next, thread, pending)
    {
        if (place && (strcmp(tree_text(pending, "world"), place->world) != 0 ||
                      strcmp(tree_text(pending, "journal"), place->journal) != 0))
            continue;
        tree_count(json_object_get(pending, "row"), "gave_up", 1);
        json_object_del(react->pending, thread);
    }
}

static void
react_call(struct react *react, const struct place *place, json_t *record)
{
    json_t *error = json_object_get(record, "error");
    char *thread = thread_new(place, record);

    if (!place->is_scripted)
        next_call(react, thread, place, record);
    if (json_is_object(error)) {
        json_t *row = row_of(react, error);

        tree_count(row, "count", 1);
        if (tree_is_true(record, "injected"))
            tree_count(row, "injected", 1);
        if (place->is_scripted)
            tree_count(row, "scripted", 1);
        else
            await_next(react, thread, place, record, row);
    }
    free(thread);
}

void
react_record(struct react *react, const struct place *place, json_t *record)
{
    if (strcmp(tree_text(record, "kind"), "call") == 0)
        react_call(react, place, record);
    else if (strcmp(tree_text(record, "kind"), "world") == 0)
        end_threads(react, place);
}

/* ---- finishing ---- */

static int
number_order(const void *left, const void *right)
{
    const long long *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static void
finish_delays(json_t *row)
{
    json_t *delays = json_object_get(row, "delays");
    size_t count = json_array_size(delays);
    long long *sorted = tree_alloc(count, sizeof *sorted);

    for (size_t i = 0; i < count; i++)
        sorted[i] = json_integer_value(json_array_get(delays, i));
    qsort(sorted, count, sizeof *sorted, number_order);
    if (count > 0) {
        json_t *after = tree_object(row, "retry_after_ms");

        tree_set_int(after, "min", sorted[0]);
        tree_set_int(after, "median", sorted[(count - 1) / 2]);
        tree_set_int(after, "max", sorted[count - 1]);
    }
    json_object_del(row, "delays");
    free(sorted);
}

static json_t *
unknown_new(json_t *rows)
{
    char *sorted = tree_line_new(rows);
    json_t *in_order = json_loads(sorted, 0, NULL), *list = json_array(), *row;
    const char *key;

    json_object_foreach(in_order, key, row)
    {
        finish_delays(row);
        tree_add(list, json_incref(row));
    }
    json_decref(in_order);
    free(sorted);
    return list;
}

json_t *
react_finish_new(struct react *react)
{
    json_t *made = json_object(), *never = json_array(), *unreachable = json_array(), *row;
    json_int_t reached = 0, total = 0;
    size_t i;

    end_threads(react, NULL);
    json_array_foreach(react->rows, i, row)
    {
        bool is_met = tree_int(row, "count") > 0;

        finish_delays(row);
        if (json_is_false(json_object_get(row, "reached")) && !is_met) {
            tree_add(unreachable, tree_text_new(tree_text(row, "id")));
            continue;
        }
        total++;
        reached += is_met;
        if (!is_met)
            tree_add(never, tree_text_new(tree_text(row, "id")));
    }
    part_set_share(made, reached, total);
    tree_set(made, "rows", react->rows);
    tree_set(made, "never", never);
    tree_set(made, "unreachable", unreachable);
    tree_set(made, "unknown", unknown_new(react->unknown));
    json_decref(react->index);
    json_decref(react->unknown);
    json_decref(react->pending);
    free(react);
    return made;
}
