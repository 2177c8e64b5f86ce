#include "reports/wording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/instant.h"
#include "reports/tree.h"

char *
wording_new(const char *format, ...)
{
    char *text;
    va_list values;

    va_start(values, format);
    if (vasprintf(&text, format, values) < 0)
        abort();
    va_end(values);
    return text;
}

/* A text that grows; done with fclose(), which leaves it in `text`. */
static FILE *
growing(char **text, size_t *size)
{
    FILE *out = open_memstream(text, size);

    if (!out)
        abort();
    return out;
}

/* "scenarios/late.scn:14", or "run.jsonl:23" when the scenario is not known. */
static char *
wording_where_new(const json_t *place)
{
    if (tree_int(place, "line") > 0)
        return wording_new("%s:%lld", tree_text(place, "file"), (long long)tree_int(place, "line"));
    if (*tree_text(place, "file"))
        return wording_new("%s", tree_text(place, "file"));
    return wording_new("%s:%lld", tree_text(place, "journal"),
                       (long long)tree_int(place, "journal_line"));
}

char *
wording_place_new(const json_t *place)
{
    if (!*tree_text(place, "file"))
        return wording_new("journal %s:%lld, %s", tree_text(place, "journal"),
                           (long long)tree_int(place, "journal_line"), tree_text(place, "at"));

    char *where = wording_where_new(place);
    char *whole = wording_new("%s, journal %s:%lld, %s", where, tree_text(place, "journal"),
                              (long long)tree_int(place, "journal_line"), tree_text(place, "at"));

    free(where);
    return whole;
}

/* Ends the text after so many letters of UTF-8, with two dots. The text has room: it only becomes
 * shorter. */
static void
cut(char *text, size_t letters_max)
{
    size_t letters = 0;

    for (char *next = text; *next; next++) {
        if (((unsigned char)*next & 0xC0) == 0x80)
            continue;
        if (letters++ == letters_max && strlen(next) > 2) {
            memcpy(next, "..", 3);
            return;
        }
    }
}

char *
wording_sent_new(const json_t *violation, size_t letters_max)
{
    const json_t *sent = json_object_get(violation, "sent"),
                 *request = json_object_get(sent, "request");
    char *body = request ? tree_line_new(request) : wording_new("%s", "");
    char *text = wording_new("%s%s%s%s%s", tree_text(sent, "method"), sent ? " " : "",
                             tree_text(sent, "path"), *body ? " " : "", body);

    free(body);
    if (letters_max > 0)
        cut(text, letters_max);
    return text;
}

char *
wording_answered_new(const json_t *violation)
{
    const json_t *answered = json_object_get(violation, "answered"),
                 *error = json_object_get(answered, "error");

    if (!answered)
        return wording_new("%s", "");
    if (!json_is_object(error))
        return wording_new("%lld", (long long)tree_int(answered, "status"));
    if (json_is_integer(json_object_get(error, "subcode")))
        return wording_new("%lld, %lld/%lld %s", (long long)tree_int(answered, "status"),
                           (long long)tree_int(error, "code"),
                           (long long)tree_int(error, "subcode"), tree_text(error, "message"));
    return wording_new("%lld, %lld %s", (long long)tree_int(answered, "status"),
                       (long long)tree_int(error, "code"), tree_text(error, "message"));
}

static void
add_part(FILE *out, bool *is_first, const char *name, json_int_t count)
{
    if (count == 0)
        return;
    fprintf(out, "%s%s %lld", *is_first ? "" : ", ", name, (long long)count);
    *is_first = false;
}

char *
wording_reaction_new(const json_t *error)
{
    char *text;
    size_t size;
    FILE *out = growing(&text, &size);
    const json_t *after = json_object_get(error, "retry_after_ms");
    bool is_first = true;

    add_part(out, &is_first, "retried", tree_int(error, "retried"));
    if (after) {
        char least[INSTANT_TEXT_SIZE], most[INSTANT_TEXT_SIZE];

        instant_span(tree_int(after, "min"), least);
        instant_span(tree_int(after, "max"), most);
        fprintf(out, strcmp(least, most) == 0 ? " (after %s)" : " (after %s to %s)", least, most);
    }
    add_part(out, &is_first, "sent other", tree_int(error, "sent_other"));
    add_part(out, &is_first, "gave up", tree_int(error, "gave_up"));
    if (is_first)
        fputs("-", out);
    fclose(out);
    return text;
}

char *
wording_share_new(const json_t *share)
{
    if (tree_int(share, "total") == 0)
        return wording_new("none");
    return wording_new("%lld of %lld, %.1f %%", (long long)tree_int(share, "reached"),
                       (long long)tree_int(share, "total"),
                       json_real_value(json_object_get(share, "percent")));
}

/* "3 errors, 1 warning": what is not there is not said. */
static char *
counts_new(const json_t *counts, const char *const *names, size_t name_count, bool has_plural)
{
    char *text;
    size_t size;
    FILE *out = growing(&text, &size);
    bool is_first = true;

    for (size_t i = 0; i < name_count; i++) {
        json_int_t count = tree_int(counts, names[i]);

        if (count == 0)
            continue;
        fprintf(out, "%s%lld %s%s", is_first ? "" : ", ", (long long)count, names[i],
                has_plural && count > 1 ? "s" : "");
        is_first = false;
    }
    if (is_first)
        fputs("none", out);
    fclose(out);
    return text;
}

char *
wording_severities_new(const json_t *counts)
{
    static const char *const names[] = {"error", "warning", "note"};

    return counts_new(counts, names, sizeof names / sizeof *names, true);
}

char *
wording_verdicts_new(const json_t *counts)
{
    static const char *const names[] = {"pass", "fail", "error", "skip", "known", "fixed"};

    return counts_new(counts, names, sizeof names / sizeof *names, false);
}

char *
wording_source_new(const json_t *violation)
{
    const char *source = tree_text(violation, "source"), *url = tree_text(violation, "url");

    return *url ? wording_new("%s, %s", source, url) : wording_new("%s", source);
}

/* Whatever the harness put there: texts as they are, other values as JSON. */
static void
failure_part(FILE *out, const json_t *failure, const char *key)
{
    const json_t *value = json_object_get(failure, key);

    if (!value || json_is_null(value) || (json_is_string(value) && !*json_string_value(value)))
        return;

    char *text =
        json_is_string(value) ? wording_new("%s", json_string_value(value)) : tree_line_new(value);

    fprintf(out, "%-9s %s\n", key, text);
    free(text);
}

char *
wording_failure_new(const json_t *result)
{
    static const char *const keys[] = {"step",     "message", "requires", "at",
                                       "expected", "actual",  "rule"};
    const json_t *failure = json_object_get(result, "failure");
    char *text;
    size_t size;
    FILE *out = growing(&text, &size);

    for (size_t i = 0; json_is_object(failure) && i < sizeof keys / sizeof *keys; i++)
        failure_part(out, failure, keys[i]);
    if (tree_int(failure, "journal_line") > 0)
        fprintf(out, "%-9s %s:%lld\n", "journal", tree_text(result, "journal"),
                (long long)tree_int(failure, "journal_line"));
    fclose(out);
    return text;
}

char *
wording_brief_new(const json_t *result)
{
    const json_t *failure = json_object_get(result, "failure");
    const char *what = tree_text(failure, *tree_text(failure, "message") ? "message" : "step");
    const json_t *expected = json_object_get(failure, "expected"),
                 *actual = json_object_get(failure, "actual");

    if (!expected || !actual)
        return wording_new("%s", what);
    if (json_is_null(actual) && json_is_string(expected))
        return wording_new("%s; expected %s", what, json_string_value(expected));

    char *wanted = json_is_string(expected) ? wording_new("%s", json_string_value(expected))
                                            : tree_line_new(expected);
    char *got = json_is_string(actual) ? wording_new("%s", json_string_value(actual))
                                       : tree_line_new(actual);
    char *brief = wording_new("%s; expected %s, got %s", what, wanted, got);

    free(wanted);
    free(got);
    return brief;
}
