#include "edge/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"

struct tally {
    const struct world *world;
    struct {
        unsigned long long consulted, permitted, refused, violations, first_seq;
    } rules[RULE_COUNT];
    json_t *endpoints, *refused, *fields, *templates, *events, *errors; /* name -> count */
};

static enum rule_id
rule_named(const char *id)
{
    unsigned i = 0;

    while (id != NULL && i < RULE_COUNT && strcmp(policy_rules[i].id, id) != 0)
        i++;
    return id != NULL ? (enum rule_id)i : RULE_NONE;
}

static void
count_one(json_t *counts, const char *name)
{
    if (name != NULL)
        json_object_set_new(counts, name,
                            json_integer(json_integer_value(json_object_get(counts, name)) + 1));
}

static void
note_violation(struct tally *tally, enum rule_id rule, const json_t *record)
{
    if (rule == RULE_NONE || policy_rules[rule].severity < SEV_WARNING)
        return;
    if (tally->rules[rule].violations++ == 0)
        tally->rules[rule].first_seq =
            (unsigned long long)json_integer_value(json_object_get(record, "seq"));
}

static void
take_findings(struct tally *tally, const json_t *record)
{
    const json_t *findings = json_object_get(record, "findings");
    size_t i;
    json_t *finding;

    json_array_foreach(findings, i, finding)
    {
        enum rule_id rule = rule_named(json_string_value(json_object_get(finding, "rule")));

        if (rule != RULE_NONE)
            tally->rules[rule].refused++;
        note_violation(tally, rule, record);
    }
}

static void
take_seen(struct tally *tally, const json_t *record)
{
    size_t i;
    json_t *id;

    json_array_foreach(json_object_get(record, "seen"), i, id)
    {
        enum rule_id rule = rule_named(json_string_value(id));

        if (rule != RULE_NONE)
            tally->rules[rule].consulted++;
    }
}

static void
take_call(struct tally *tally, const json_t *record)
{
    const char *outcome = json_string_value(json_object_get(record, "outcome"));
    bool is_refused = outcome != NULL && strcmp(outcome, "refused") == 0;
    enum rule_id rule = rule_named(json_string_value(json_object_get(record, "rule")));
    const char *endpoint = json_string_value(json_object_get(record, "endpoint"));
    const json_t *error = json_object_get(record, "error");
    size_t i;
    json_t *field;

    count_one(tally->endpoints, endpoint != NULL ? endpoint : "(unknown)");
    if (is_refused)
        count_one(tally->refused, endpoint != NULL ? endpoint : "(unknown)");
    count_one(tally->templates, json_string_value(json_object_get(record, "template")));
    json_array_foreach(json_object_get(record, "fields"), i, field)
        count_one(tally->fields, json_string_value(field));
    if (json_is_object(error)) {
        char name[48];

        snprintf(name, sizeof name, "%lld/%lld",
                 (long long)json_integer_value(json_object_get(error, "code")),
                 (long long)json_integer_value(json_object_get(error, "subcode")));
        count_one(tally->errors, name);
    }
    if (json_is_true(json_object_get(record, "injected")) || rule == RULE_NONE)
        return;
    if (is_refused) {
        tally->rules[rule].refused++;
        note_violation(tally, rule, record);
    } else {
        tally->rules[rule].permitted++;
    }
}

static void
take_line(void *to, const char *line, size_t n)
{
    struct tally *tally = to;
    json_t *record = json_loadb(line, n, 0, NULL);
    const char *kind = json_string_value(json_object_get(record, "kind"));

    if (kind != NULL && strcmp(kind, "call") == 0)
        take_call(tally, record);
    if (kind != NULL && strcmp(kind, "webhook") == 0)
        count_one(tally->events, json_string_value(json_object_get(record, "event")));
    take_seen(tally, record);
    take_findings(tally, record);
    json_decref(record);
}

static struct tally *
tally_new(const struct world *world)
{
    struct tally *tally = calloc(1, sizeof *tally);

    if (tally == NULL)
        abort();
    tally->world = world;
    tally->endpoints = json_object();
    tally->refused = json_object();
    tally->fields = json_object();
    tally->templates = json_object();
    tally->events = json_object();
    tally->errors = json_object();
    for (uint64_t seq = world_journal_first(world); seq < world_journal_next(world); seq++)
        world_journal_read(world, seq, take_line, tally);
    return tally;
}

static void
tally_free(struct tally *tally)
{
    json_decref(tally->endpoints);
    json_decref(tally->refused);
    json_decref(tally->fields);
    json_decref(tally->templates);
    json_decref(tally->events);
    json_decref(tally->errors);
    free(tally);
}

/* ---- violations ------------------------------------------------------------------------------------------------------------------ */

static json_t *
violation_new(const struct tally *tally, enum rule_id id)
{
    const struct rule *rule = &policy_rules[id];

    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s?, s:s?, s:s?}", "rule", rule->id, "severity",
                     severity_text(rule->severity), "title", rule->title, "count",
                     (json_int_t)tally->rules[id].violations, "first_seq",
                     (json_int_t)tally->rules[id].first_seq, "why", rule->why, "advice",
                     rule->advice, "cite", rule->cite);
}

/* The next most frequent one after those that were taken. */
static enum rule_id
next_violation(const struct tally *tally, const bool *taken)
{
    enum rule_id best = RULE_NONE;

    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (!taken[i] && tally->rules[i].violations > 0 &&
            (best == RULE_NONE || tally->rules[i].violations > tally->rules[best].violations))
            best = (enum rule_id)i;
    return best;
}

json_t *
tally_violations_new(const struct world *world)
{
    struct tally *tally = tally_new(world);
    json_t *list = json_array();
    bool taken[RULE_COUNT] = {false};
    enum rule_id rule;

    while ((rule = next_violation(tally, taken)) != RULE_NONE) {
        taken[rule] = true;
        json_array_append_new(list, violation_new(tally, rule));
    }
    tally_free(tally);
    return json_pack("{s:o}", "violations", list);
}

/* ---- coverage -------------------------------------------------------------------------------------------------------------------- */

static void
add_rules(const struct tally *tally, json_t *coverage)
{
    json_t *rules = json_array(), *never = json_array();
    ms_t as_of = world_policy_date(tally->world);

    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = &policy_rules[i];
        bool is_idle =
            tally->rules[i].consulted + tally->rules[i].permitted + tally->rules[i].refused == 0;
        /* What is no grant and did not refuse held. */
        unsigned long long permitted = rule->kind == RULE_KIND_GRANT
                                           ? tally->rules[i].permitted
                                           : tally->rules[i].consulted - tally->rules[i].refused;

        json_array_append_new(rules, json_pack("{s:s, s:s, s:I, s:I, s:I}", "id", rule->id, "kind",
                                               rule_kind_text(rule->kind), "consulted",
                                               (json_int_t)tally->rules[i].consulted, "permitted",
                                               (json_int_t)permitted, "refused",
                                               (json_int_t)tally->rules[i].refused));
        if (is_idle && span_has(era_row(rule->era)->span, as_of))
            json_array_append_new(never, json_string(rule->id));
    }
    json_object_set_new(coverage, "rules", rules);
    json_object_set_new(coverage, "never", never);
}

static void
add_endpoints(const struct tally *tally, json_t *coverage)
{
    json_t *list = json_array(), *calls;
    const char *id;

    json_object_foreach(tally->endpoints, id, calls) json_array_append_new(
        list, json_pack("{s:s, s:O, s:I}", "id", id, "calls", calls, "refused",
                        json_integer_value(json_object_get(tally->refused, id))));
    json_object_set_new(coverage, "endpoints", list);
}

json_t *
tally_coverage_new(const struct world *world)
{
    struct tally *tally = tally_new(world);
    json_t *coverage = json_object();

    add_rules(tally, coverage);
    add_endpoints(tally, coverage);
    json_object_set(coverage, "fields", tally->fields);
    json_object_set(coverage, "templates", tally->templates);
    json_object_set(coverage, "events", tally->events);
    json_object_set(coverage, "errors", tally->errors);
    tally_free(tally);
    return coverage;
}
