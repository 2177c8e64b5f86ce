/* Journals in memory: completing them with verdicts, and walking them. Reading files is in
 * evidence_read.c. */
#include "reports/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "reports/instant.h"
#include "reports/tree.h"

static const char EPOCH[] = "1970-01-01T00:00:00.000Z";
static const char SCRIPT_AGENT[] = "understudy/";

static bool
is_header(const json_t *record)
{
    return json_object_get(record, "understudy") != NULL;
}

static bool
is_verdict(const json_t *record)
{
    return strcmp(tree_text(record, "kind"), "note") == 0 &&
           strcmp(tree_text(record, "note"), "verdict") == 0 &&
           json_is_object(json_object_get(record, "result"));
}

/* ---- completing ---- */

/* What the harness knows of the run goes into each header, so that a report from journals knows it
 * too. */
static json_t *
header_new(json_t *result, json_t *there)
{
    static const char *const keys[] = {"program", "version", "seed", "kind", "quiet_ms"};
    json_t *header = there ? json_deep_copy(there) : json_object();

    if (!there) {
        tree_set_text(header, "understudy", "journal");
        tree_set_int(header, "schema", 1);
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!json_object_get(header, keys[i]))
            tree_copy(header, result, keys[i]);
    return header;
}

static json_t *
journal_copy_new(json_t *result, json_t *journal)
{
    json_t *copy = json_object(), *records = json_array(),
           *there = json_object_get(journal, "records");
    json_t *first = json_array_get(there, 0), *record;
    size_t i;

    tree_copy(copy, journal, "torn_line");
    tree_set_text(copy, "name",
                  *tree_text(journal, "name") ? tree_text(journal, "name") : "journal.jsonl");
    tree_add(records, header_new(result, is_header(first) ? first : NULL));
    json_array_foreach(there, i, record) if (i > 0 || !is_header(record))
        tree_add(records, json_incref(record));
    tree_set(copy, "records", records);
    return copy;
}

static int
by_name(const json_t *left, const json_t *right)
{
    return strcmp(tree_text(left, "name"), tree_text(right, "name"));
}

static json_t *
journal_named(json_t *journals, const char *name)
{
    json_t *journal;
    size_t i;

    json_array_foreach(journals, i,
                       journal) if (strcmp(tree_text(journal, "name"), name) == 0) return journal;
    return json_array_get(journals, 0);
}

/* A verdict that is in the journal already; taken out of `verdicts`, so that a result that came
 * twice needs two. */
static bool
take_verdict(json_t *verdicts, const json_t *wanted)
{
    json_t *verdict;
    size_t i;

    json_array_foreach(verdicts, i, verdict)
    {
        if (json_equal(verdict, wanted)) {
            json_array_remove(verdicts, i);
            return true;
        }
    }
    return false;
}

static json_t *
verdicts_new(json_t *journal)
{
    json_t *verdicts = json_array(), *record;
    size_t i;

    json_array_foreach(json_object_get(journal, "records"), i, record) if (is_verdict(record))
        tree_add(verdicts, json_incref(json_object_get(record, "result")));
    return verdicts;
}

static void
append_verdict(json_t *journal, const char *world, json_t *verdict)
{
    json_t *records = json_object_get(journal, "records"), *note = json_object();
    const char *at = EPOCH;
    json_int_t seq = 0;

    for (size_t i = json_array_size(records); i-- > 1;) {
        json_t *record = json_array_get(records, i);

        if (*world == '\0')
            world = tree_text(record, "world"); /* not said: that of the last record */
        if (strcmp(tree_text(record, "world"), world) == 0) {
            at = tree_text(record, "at");
            seq = tree_int(record, "seq");
            break;
        }
    }
    tree_set_int(note, "seq", seq + 1);
    tree_set_text(note, "at", at);
    tree_set_text(note, "world", *world ? world : "default");
    tree_set_text(note, "kind", "note");
    tree_set_text(note, "note", "verdict");
    tree_set(note, "result", json_incref(verdict));
    tree_add(records, note);
}

static void
complete_verdict(json_t *journals, json_t *there, json_t *result)
{
    json_t *journal = journal_named(journals, tree_text(result, "journal"));
    json_t *verdict = json_deep_copy(result);

    json_object_del(verdict,
                    "journal"); /* a file may be renamed; it is known by where the verdict stands */
    if (!take_verdict(json_object_get(there, tree_text(journal, "name")), verdict))
        append_verdict(journal, tree_text(result, "world"), verdict);
    json_decref(verdict);
}

json_t *
evidence_complete_new(json_t *result)
{
    json_t *journals = json_array(), *there = json_object(), *journal, *one;
    size_t i;

    json_array_foreach(json_object_get(result, "journals"), i, journal)
        tree_add(journals, journal_copy_new(result, journal));
    if (json_array_size(journals) == 0)
        tree_add(journals, journal_copy_new(result, NULL));
    journals = tree_sorted_new(journals, by_name);

    json_array_foreach(journals, i, journal)
        tree_set(there, tree_text(journal, "name"), verdicts_new(journal));
    json_array_foreach(json_object_get(result, "results"), i, one)
        complete_verdict(journals, there, one);
    json_decref(there);
    return journals;
}

/* ---- reading back ---- */

json_t *
evidence_results_new(json_t *journals)
{
    json_t *results = json_array(), *journal, *record;
    size_t i, j;

    json_array_foreach(journals, i, journal)
    {
        json_array_foreach(json_object_get(journal, "records"), j, record)
        {
            if (!is_verdict(record))
                continue;
            json_t *one = json_copy(json_object_get(record, "result"));

            tree_set_text(one, "journal", tree_text(journal, "name"));
            tree_set_text(one, "world", tree_text(record, "world"));
            tree_add(results, one);
        }
    }
    return results;
}

struct owner {
    const json_t *result;
    size_t number;
};

/* For each record the verdict that closes its part of its world: the next one of the same world.
 * `verdicts`: how many stand in the journals before; raised by those of this one. */
static struct owner *
owners_new(json_t *records, size_t *verdicts)
{
    size_t count = json_array_size(records), number;
    struct owner *owners = tree_alloc(count, sizeof *owners);
    json_t *closing = json_object(); /* world -> index of its next verdict */

    for (size_t i = 0; i < count; i++)
        *verdicts += is_verdict(json_array_get(records, i));
    number = *verdicts;
    for (size_t i = count; i-- > 0;) {
        json_t *record = json_array_get(records, i), *next;
        const char *world = tree_text(record, "world");

        if (is_verdict(record)) {
            owners[i] = (struct owner){json_object_get(record, "result"), --number};
            tree_set_int(closing, world, (json_int_t)i);
        } else if ((next = json_object_get(closing, world)) != NULL) {
            owners[i] = owners[json_integer_value(next)];
        }
    }
    json_decref(closing);
    return owners;
}

/* The line of the last pair [seq, line] that is not after `seq`; the pairs ascend. */
static json_int_t
source_line(const json_t *result, json_int_t seq)
{
    json_t *places = json_object_get(result, "places");
    size_t low = 0, high = json_array_size(places);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (json_integer_value(json_array_get(json_array_get(places, middle), 0)) <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? json_integer_value(json_array_get(json_array_get(places, low - 1), 1)) : 0;
}

/* Whether a scenario's own bot is behind a record. What happens between calls (a note) is behind whoever called last in that
 * world: `callers` keeps that by world. */
static bool
is_scripted(const json_t *result, const json_t *record, json_t *callers)
{
    const char *world = tree_text(record, "world");

    if (strcmp(tree_text(result, "played_by"), "script") == 0)
        return true;
    if (strcmp(tree_text(record, "kind"), "call") != 0)
        return json_is_true(json_object_get(callers, world));
    tree_set_bool(callers, world,
                  strncmp(tree_text(record, "client"), SCRIPT_AGENT, sizeof SCRIPT_AGENT - 1) == 0);
    return json_is_true(json_object_get(callers, world));
}

static void
walk_journal(json_t *journal, size_t *verdicts,
             void (*visit)(const struct place *, json_t *, void *), void *who)
{
    json_t *records = json_object_get(journal, "records"), *record;
    struct owner *owners = owners_new(records, verdicts);
    json_t *callers = json_object();
    size_t i;

    json_array_foreach(records, i, record)
    {
        if (is_header(record) || is_verdict(record))
            continue;
        struct place place = {
            .journal = tree_text(journal, "name"),
            .line = i + 1,
            .world = tree_text(record, "world"),
            .seq = tree_int(record, "seq"),
            .at = tree_text(record, "at"),
            .result = owners[i].result,
            .result_number = owners[i].number,
            .source_line = source_line(owners[i].result, tree_int(record, "seq")),
            .is_scripted = is_scripted(owners[i].result, record, callers),
        };

        if (!instant_parse(place.at, &place.at_ms))
            place.at_ms = 0;
        visit(&place, record, who);
    }
    json_decref(callers);
    free(owners);
}

void
evidence_walk(json_t *journals, void (*visit)(const struct place *, json_t *record, void *who),
              void *who)
{
    json_t *journal;
    size_t verdicts = 0, i;

    json_array_foreach(journals, i, journal) walk_journal(journal, &verdicts, visit, who);
}

json_t *
evidence_place_new(const struct place *place)
{
    json_t *made = json_object();

    tree_copy(made, place->result, "file");
    if (place->source_line > 0)
        tree_set_int(made, "line", place->source_line);
    if (place->result)
        tree_set_text(made, "result", tree_text(place->result, "id"));
    tree_set_text(made, "journal", place->journal);
    tree_set_int(made, "journal_line", (json_int_t)place->line);
    tree_set_text(made, "world", place->world);
    tree_set_int(made, "seq", place->seq);
    tree_set_text(made, "at", place->at);
    return made;
}

json_t *
evidence_summary_new(json_t *journals)
{
    json_t *summary = json_array(), *journal, *record;
    size_t i, j;

    json_array_foreach(journals, i, journal)
    {
        json_t *row = json_object(), *records = json_object_get(journal, "records");
        json_t *header = json_array_get(records, 0);

        tree_copy(row, journal, "name");
        tree_copy(row, journal, "torn_line");
        tree_copy(row, header, "version");
        tree_copy(row, header, "seed");
        tree_copy(row, header, "quiet_ms");
        tree_set_int(row, "records", 0);
        json_array_foreach(records, j, record)
        {
            if (is_header(record) || is_verdict(record))
                continue;
            tree_count(row, "records", 1);
            if (!json_object_get(row, "first_at"))
                tree_set_text(row, "first_at", tree_text(record, "at"));
            tree_set_text(row, "last_at", tree_text(record, "at"));
        }
        tree_add(summary, row);
    }
    return summary;
}

void
evidence_write(json_t *journal, FILE *out)
{
    json_t *records = json_object_get(journal, "records");

    for (size_t i = 0; i < json_array_size(records); i++) {
        char *line = json_dumps(json_array_get(records, i), JSON_COMPACT);

        if (!line)
            abort();
        fprintf(out, "%s\n", line);
        free(line);
    }
}
