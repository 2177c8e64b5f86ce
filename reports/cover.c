#include "reports/cover.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reports/era.h"
#include "reports/part.h"
#include "reports/tree.h"

struct cover {
    struct era *era;
    json_t *rules; /* rows in the order of the table, with their counts */
    json_t *rules_by_id;
    json_t *rules_unknown; /* id -> count: in a journal, in no row */
    struct part endpoints, fields, templates, events;
};

struct directions
cover_directions(const char *kind)
{
    static const struct {
        const char *kind;
        struct directions directions;
    } kinds[] = {
#define RULE_KIND(kind, quiet, loud) {kind, {quiet, loud}},
#include "reports/rule_kinds.def"
#undef RULE_KIND
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].directions;
    return (struct directions){"permitted", "refused"};
}

static void
rules_init(struct cover *cover, json_t *table)
{
    static const char *const kept[] = {"id",       "kind", "severity", "title",
                                       "fidelity", "cite", "from",     "until"};
    json_t *rule;
    size_t i;

    cover->rules = json_array();
    cover->rules_by_id = json_object();
    cover->rules_unknown = json_object();
    json_array_foreach(table, i, rule)
    {
        struct directions way = cover_directions(tree_text(rule, "kind"));
        json_t *row = json_object();

        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
            tree_copy(row, rule, kept[k]);
        tree_set_int(row, "consulted", 0);
        tree_set_int(row, way.quiet, 0);
        tree_set_int(row, way.loud, 0);
        tree_set(row, "reached_by", json_array());
        tree_add(cover->rules, row);
        tree_set(cover->rules_by_id, tree_text(rule, "id"), json_incref(row));
    }
}

struct cover *
cover_new(json_t *rules)
{
    struct cover *cover = tree_alloc(1, sizeof *cover);

    cover->era = era_new();
    rules_init(cover, json_object_get(rules, "rules"));
    part_init(&cover->endpoints, json_object_get(rules, "endpoints"));
    part_init(&cover->fields, json_object_get(rules, "fields"));
    part_init(&cover->templates, json_object_get(rules, "templates"));
    part_init(&cover->events, json_object_get(rules, "events"));
    return cover;
}

/* ---- rules ---- */

static json_t *
rule_row(struct cover *cover, const char *id)
{
    json_t *row = json_object_get(cover->rules_by_id, id);

    if (!row && *id)
        tree_count(cover->rules_unknown, id, 1);
    return row;
}

static void
rule_met(json_t *row, const struct place *place, bool is_loud)
{
    struct directions way = cover_directions(tree_text(row, "kind"));

    tree_count(row, "consulted", 1);
    tree_count(row, is_loud ? way.loud : way.quiet, 1);
    if (*tree_text(place->result, "file"))
        tree_add_once(json_object_get(row, "reached_by"), tree_text(place->result, "file"));
}

static bool
finding_is_raised(const json_t *record, const char *rule)
{
    json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(record, "findings"), i,
                       finding) if (strcmp(tree_text(finding, "rule"), rule) == 0) return true;
    return false;
}

/* Who was asked without deciding had the quiet outcome: a form, gate or limit let the request be, a
 * grant withheld. */
static bool
is_loud(const json_t *row, const json_t *record)
{
    const char *kind = tree_text(row, "kind"), *id = tree_text(row, "id");
    bool decided = strcmp(id, tree_text(record, "rule")) == 0;
    bool refused = strcmp(tree_text(record, "outcome"), "refused") == 0;

    if (strcmp(kind, "finding") == 0)
        return finding_is_raised(record, id);
    if (strcmp(kind, "grant") == 0)
        return !decided || refused;
    return decided && refused;
}

/* Every rule that the call or note met, once each: those consulted, the one that decided, the
 * findings raised. An injected answer was not decided by the rules, but what the client did again is
 * its own: there only findings count. */
static void
cover_rules(struct cover *cover, const struct place *place, const json_t *record)
{
    json_t *met = json_object(), *value;
    bool is_injected = tree_is_true(record, "injected");
    const char *id;
    size_t i;

    json_array_foreach(json_object_get(record, "seen"), i, value) if (json_is_string(value))
        tree_set_bool(met, json_string_value(value), true);
    if (*tree_text(record, "rule"))
        tree_set_bool(met, tree_text(record, "rule"), true);
    json_array_foreach(json_object_get(record, "findings"), i, value) if (*tree_text(value, "rule"))
        tree_set_bool(met, tree_text(value, "rule"), true);

    json_object_foreach(met, id, value)
    {
        json_t *row = rule_row(cover, id);

        if (row && (!is_injected || strcmp(tree_text(row, "kind"), "finding") == 0))
            rule_met(row, place, is_loud(row, record));
    }
    json_decref(met);
}

/* ---- endpoints, fields, templates, events ---- */

/* "/v19.0/123456/photos" -> "/{version}/{id}/photos", so that one mistake is one line. */
static void
path_shape(const char *path, char *shape, size_t size)
{
    size_t used = 0;

    while (*path && used + 12 < size) {
        size_t length = strcspn(path + 1, "/") + 1; /* with its slash */
        size_t figures = strspn(path + 1, "0123456789_") + 1;
        const char *put = NULL;

        if (path[1] == 'v' && isdigit((unsigned char)path[2]))
            put = "/{version}";
        else if (length > 4 && figures == length)
            put = "/{id}";
        if (put)
            used += (size_t)snprintf(shape + used, size - used, "%s", put);
        else
            used += (size_t)snprintf(shape + used, size - used, "%.*s", (int)length, path);
        if (used >= size)
            used = size - 1;
        path += length;
    }
    shape[used] = '\0';
}

static void
cover_endpoint(struct cover *cover, const json_t *record)
{
    char shape[256], call[300];

    if (*tree_text(record, "endpoint")) {
        part_hit(&cover->endpoints, tree_text(record, "endpoint"), tree_text(record, "outcome"));
        return;
    }
    path_shape(tree_text(record, "path"), shape, sizeof shape);
    snprintf(call, sizeof call, "%s %s", tree_text(record, "method"), shape);

    json_t *readable = tree_text_new(call); /* cut in the middle of a letter, it would be no text */

    part_hit(&cover->endpoints, json_string_value(readable), NULL);
    json_decref(readable);
}

static void
cover_call(struct cover *cover, const struct place *place, const json_t *record)
{
    json_t *path;
    size_t i;

    cover_endpoint(cover, record);
    json_array_foreach(json_object_get(record, "fields"), i, path) if (json_is_string(path))
        part_hit(&cover->fields, json_string_value(path), NULL);
    if (*tree_text(record, "template"))
        part_hit(&cover->templates, tree_text(record, "template"), tree_text(record, "outcome"));
    cover_rules(cover, place, record);
}

void
cover_record(struct cover *cover, const struct place *place, json_t *record)
{
    const char *kind = tree_text(record, "kind");

    era_record(cover->era, place, record);
    if (strcmp(kind, "call") == 0)
        cover_call(cover, place, record);
    else if (strcmp(kind, "note") == 0)
        cover_rules(cover, place, record); /* findings outside a call */
    else if (strcmp(kind, "webhook") == 0 && *tree_text(record, "event"))
        part_hit(&cover->events, tree_text(record, "event"), tree_text(record, "outcome"));
}

/* ---- finishing ---- */

static int
text_order(const json_t *left, const json_t *right)
{
    return strcmp(json_string_value(left), json_string_value(right));
}

static json_int_t
check_direction(json_t *missing, const json_t *row, const char *direction)
{
    if (tree_int(row, direction) > 0)
        return 1;

    json_t *gap = json_object();

    tree_copy(gap, row, "title");
    tree_set_text(gap, "rule", tree_text(row, "id"));
    tree_set_text(gap, "direction", direction);
    tree_add(missing, gap);
    return 0;
}

/* Only rules in force are owed both directions; the others are counted all the same. */
static json_t *
rules_finish_new(struct cover *cover)
{
    json_t *made = json_object(), *missing = json_array(), *row;
    json_int_t reached = 0, total = 0;
    size_t i;

    json_array_foreach(cover->rules, i, row)
    {
        struct directions way = cover_directions(tree_text(row, "kind"));

        tree_set(row, "reached_by",
                 tree_sorted_new(json_incref(json_object_get(row, "reached_by")), text_order));
        tree_set_bool(row, "in_force", era_has(cover->era, row));
        if (!tree_is_true(row, "in_force"))
            continue;
        total += 2;
        reached += check_direction(missing, row, way.quiet);
        reached += check_direction(missing, row, way.loud);
    }
    part_set_share(made, reached, total);
    tree_set(made, "rows", cover->rules);
    tree_set(made, "missing", missing);
    tree_set(made, "unknown", part_unknown_new(cover->rules_unknown));
    era_free(cover->era);
    json_decref(cover->rules_by_id);
    json_decref(cover->rules_unknown);
    return made;
}

json_t *
cover_finish_new(struct cover *cover)
{
    json_t *made = json_object();

    tree_set(made, "rules", rules_finish_new(cover));
    tree_set(made, "endpoints", part_finish_new(&cover->endpoints));
    tree_set(made, "fields", part_finish_new(&cover->fields));
    tree_set(made, "templates", part_finish_new(&cover->templates));
    tree_set(made, "events", part_finish_new(&cover->events));
    free(cover);
    return made;
}
