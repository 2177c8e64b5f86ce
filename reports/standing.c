#include "reports/standing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"
#include "reports/wording.h"

json_t *
standing_rows_new(json_t *results)
{
    static const char *const keys[] = {"inbox", "health", "restriction", "oracle"};
    json_t *rows = json_array(), *result, *page;
    size_t i, k;

    json_array_foreach(results, i, result)
    {
        json_array_foreach(json_object_get(result, "pages"), k, page)
        {
            json_t *row = json_object();

            tree_set_text(row, "result", tree_text(result, "id"));
            tree_set_text(row, "file", tree_text(result, "file"));
            tree_set_text(row, "played_by", tree_text(result, "played_by"));
            tree_set_text(row, "page", tree_text(page, "id"));
            for (size_t n = 0; n < sizeof keys / sizeof *keys; n++)
                tree_copy(row, page, keys[n]);
            tree_add(rows, row);
        }
        json_object_del(result, "pages");
    }
    return rows;
}

bool
standing_is_telling(const json_t *row)
{
    const json_t *health = json_object_get(row, "health"), *oracle = json_object_get(row, "oracle");

    return strcmp(tree_text(row, "played_by"), "client") == 0 ||
           strcmp(tree_text(json_object_get(row, "restriction"), "state"), "free") != 0 ||
           tree_int(health, "blocked") + tree_int(health, "reported") > 0 ||
           tree_int(oracle, "refusals_avoidable") > 0;
}

static double
share(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* Milliseconds as people say them: 250 ms, 12.5 s, 3 min, 2.1 h. */
static char *
duration_new(json_int_t ms)
{
    if (ms < 1000)
        return wording_new("%lld ms", (long long)ms);
    if (ms < 120 * 1000)
        return wording_new("%.1f s", (double)ms / 1000);
    if (ms < 120 * 60 * 1000)
        return wording_new("%.1f min", (double)ms / (60 * 1000));
    return wording_new("%.1f h", (double)ms / (60 * 60 * 1000));
}

/* First answers of the seven days before the end. */
static char *
answers_new(const json_t *health)
{
    bool has_time = json_is_integer(json_object_get(health, "response_time_ms"));
    char *after = duration_new(tree_int(health, "response_time_ms")), *text;

    if (tree_int(health, "asked") == 0)
        text = wording_new("nobody asked in the last 7 days");
    else
        text = wording_new(
            "%lld of %lld answered in the last 7 days (%lld %%)%s%s%s: %s",
            (long long)tree_int(health, "answered"), (long long)tree_int(health, "asked"),
            (long long)tree_int(health, "response_rate"), has_time ? ", after " : "",
            has_time ? after : "", has_time ? " on average" : "",
            tree_is_true(health, "very_responsive") ? "very responsive" : "not very responsive");
    free(after);
    return text;
}

char *
standing_health_new(const json_t *row)
{
    const json_t *health = json_object_get(row, "health");
    char *answers = answers_new(health);
    char *text =
        wording_new("%s; of %lld people %lld blocked (%.1f %%) and %lld reported (%.1f %%)",
                    answers, (long long)tree_int(health, "people"),
                    (long long)tree_int(health, "blocked"), share(health, "block_rate"),
                    (long long)tree_int(health, "reported"), share(health, "report_rate"));

    free(answers);
    return text;
}

char *
standing_restriction_new(const json_t *row)
{
    const json_t *restriction = json_object_get(row, "restriction");
    const char *state = tree_text(restriction, "state"), *until = tree_text(restriction, "until");

    return wording_new("%s%s%s%s", state, *until ? " until " : "", until,
                       strcmp(tree_text(row, "inbox"), "blind") == 0 ? "; the inbox is blind" : "");
}

/* "; 2 avoidable refusals, 1 given up; waited 5.0 s in all (at best 1.0 s), lost 4.0 s"; nothing when no limit was met. */
static char *
waiting_new(const json_t *oracle)
{
    if (tree_int(oracle, "refusals_avoidable") == 0 && tree_int(oracle, "waited_ms") == 0)
        return wording_new("; no limit was met");
    char *waited = duration_new(tree_int(oracle, "waited_ms")),
         *at_best = duration_new(tree_int(oracle, "waited_at_best_ms")),
         *lost = duration_new(tree_int(oracle, "lost_ms"));
    char *text = wording_new(
        "; avoidable refusals %lld, given up %lld; waited %s in all (at best %s), lost %s",
        (long long)tree_int(oracle, "refusals_avoidable"), (long long)tree_int(oracle, "given_up"),
        waited, at_best, lost);

    free(waited);
    free(at_best);
    free(lost);
    return text;
}

char *
standing_sends_new(const json_t *row)
{
    const json_t *oracle = json_object_get(row, "oracle");
    bool has_rate = json_is_number(json_object_get(oracle, "rate_used"));
    char *took = duration_new(tree_int(oracle, "took_ms")),
         *at_best = duration_new(tree_int(oracle, "took_at_best_ms")),
         *rate = has_rate ? wording_new(", %.1f %% of %s used", share(oracle, "rate_used"),
                                        tree_text(oracle, "rate"))
                          : wording_new("%s", ""),
         *waiting = waiting_new(oracle);
    char *text = wording_new("%lld sent in %s (at best %s), at most %lld in a window%s%s",
                             (long long)tree_int(oracle, "sent"), took, at_best,
                             (long long)tree_int(oracle, "peak"), rate, waiting);

    free(took);
    free(at_best);
    free(rate);
    free(waiting);
    return text;
}
