/* Reading a journal file: every line is checked before anything is computed from it. */
#include "reports/evidence.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reports/instant.h"
#include "reports/tree.h"

enum { JOURNAL_SCHEMA = 1 };
enum value_type { TYPE_TEXT, TYPE_NUMBER, TYPE_LIST, TYPE_OBJECT, TYPE_TRUTH };

static const char *const type_names[] = {"a text", "a whole number", "a list", "an object",
                                         "true or false"};

static const struct record_key {
    const char *kind;
    const char *key;
    enum value_type type;
    bool is_needed;
} record_keys[] = {
#define KEY(kind, key, type, needed) {kind, key, TYPE_##type, needed},
#include "reports/record_keys.def"
#undef KEY
};

static const char *const record_kinds[] = {"world", "call",  "webhook", "act",
                                           "clock", "fault", "note"};

struct reader {
    const char *path;
    FILE *in;
    size_t line;
    json_t *records;
    json_t *last_seq; /* by world */
    size_t torn_line;
    char *why;
    size_t why_size;
};

__attribute__((format(printf, 2, 3))) static int
broken(struct reader *reader, const char *format, ...)
{
    char *what;
    va_list values;

    va_start(values, format);
    if (vasprintf(&what, format, values) < 0)
        abort();
    va_end(values);
    snprintf(reader->why, reader->why_size, "%s:%zu: %s", reader->path, reader->line, what);
    free(what);
    return -1;
}

static bool
has_type(const json_t *value, enum value_type type)
{
    switch (type) {
    case TYPE_TEXT:
        return json_is_string(value);
    case TYPE_NUMBER:
        return json_is_integer(value);
    case TYPE_LIST:
        return json_is_array(value);
    case TYPE_OBJECT:
        return json_is_object(value);
    case TYPE_TRUTH:
        return json_is_boolean(value);
    }
    return false;
}

static int
check_header(struct reader *reader, json_t *header)
{
    json_t *schema = json_object_get(header, "schema");

    if (strcmp(tree_text(header, "understudy"), "journal") != 0)
        return broken(reader,
                      "not a journal, expected {\"understudy\":\"journal\",\"schema\":1,..}");
    if (!json_is_integer(schema) || json_integer_value(schema) != JOURNAL_SCHEMA)
        return broken(reader, "a journal of another schema, expected \"schema\":%d",
                      JOURNAL_SCHEMA);
    json_object_clear(reader->last_seq);
    return 0;
}

/* `kind`: of the rows that are asked beside those for every kind. */
static int
check_keys(struct reader *reader, const char *kind, const json_t *record)
{
    for (size_t i = 0; i < sizeof record_keys / sizeof *record_keys; i++) {
        const struct record_key *row = &record_keys[i];
        const json_t *value = json_object_get(record, row->key);

        if (strcmp(row->kind, kind) != 0)
            continue;
        if ((!value || json_is_null(value)) && !row->is_needed)
            continue;
        if (!has_type(value, row->type))
            return broken(reader, "\"%s\" is %s, expected %s", row->key,
                          value ? "of another type" : "missing", type_names[row->type]);
    }
    return 0;
}

static int
check_kind(struct reader *reader, const json_t *record)
{
    const char *kind = tree_text(record, "kind");

    for (size_t i = 0; i < sizeof record_kinds / sizeof *record_kinds; i++)
        if (strcmp(kind, record_kinds[i]) == 0)
            return 0;
    return broken(reader,
                  "\"kind\" is \"%s\", expected world, call, webhook, act, clock, fault or note",
                  kind);
}

static int
check_verdict(struct reader *reader, const json_t *record)
{
    static const char *const verdicts[] = {"pass", "fail", "skip", "error", "known", "fixed"};
    const json_t *result = json_object_get(record, "result");
    const char *verdict = tree_text(result, "verdict");

    if (strcmp(tree_text(record, "note"), "verdict") != 0)
        return 0;
    if (!json_is_object(result))
        return broken(reader, "a verdict without \"result\", expected an object");
    if (check_keys(reader, "verdict", result) != 0)
        return -1;
    if (tree_int(result, "duration_virtual_ms") < 0)
        return broken(reader, "\"duration_virtual_ms\" is negative, expected 0 or more");
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (strcmp(verdict, verdicts[i]) == 0)
            return 0;
    return broken(reader, "\"verdict\" is \"%s\", expected pass, fail, skip, error, known or fixed",
                  verdict);
}

/* Numbers rise in each world; a world of the same name that was made anew starts again. */
static int
check_seq(struct reader *reader, const json_t *record)
{
    const char *world = tree_text(record, "world");
    json_int_t seq = tree_int(record, "seq"), last = tree_int(reader->last_seq, world);

    if (seq < 1)
        return broken(reader, "\"seq\" is %lld, expected 1 or more", (long long)seq);
    if (seq <= last && strcmp(tree_text(record, "kind"), "world") != 0)
        return broken(reader, "\"seq\" is %lld after %lld in world \"%s\", expected more",
                      (long long)seq, (long long)last, world);
    tree_set_int(reader->last_seq, world, seq);
    return 0;
}

static int
check_record(struct reader *reader, json_t *record)
{
    long long at_ms;

    if (json_object_get(record, "understudy"))
        return check_header(reader, record);
    if (check_keys(reader, "", record) != 0 || check_kind(reader, record) != 0 ||
        check_keys(reader, tree_text(record, "kind"), record) != 0 ||
        check_verdict(reader, record) != 0 || check_seq(reader, record) != 0)
        return -1;
    if (!instant_parse(tree_text(record, "at"), &at_ms))
        return broken(reader, "\"at\" is \"%s\", expected a time like 2024-03-01T09:00:00.000Z",
                      tree_text(record, "at"));
    return 0;
}

/* Half of a journal is bodies that no report looks at. */
static void
forget_unread(json_t *record)
{
    static const char *const keys[] = {"response", "body", "made", "input", "spec"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_del(record, keys[i]);
}

static int
read_line(struct reader *reader, const char *text, size_t length)
{
    bool is_whole = length > 0 && text[length - 1] == '\n';
    json_error_t error;
    json_t *record = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(record)) {
        bool is_json = record != NULL;

        json_decref(record);
        if (!is_whole && reader->line > 1) {
            reader->torn_line = reader->line;
            return 0;
        }
        return broken(reader, "%s, expected one JSON object",
                      is_json ? "not an object" : error.text);
    }
    tree_add(reader->records, record);
    if (reader->line == 1)
        return check_header(reader, record);
    forget_unread(record);
    return check_record(reader, record);
}

static int
read_lines(struct reader *reader)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    int outcome = 0;

    while (outcome == 0 && (length = getline(&text, &room, reader->in)) >= 0) {
        reader->line++;
        outcome = read_line(reader, text, (size_t)length);
    }
    free(text);
    if (outcome == 0 && ferror(reader->in)) {
        snprintf(reader->why, reader->why_size, "%s: %s", reader->path, strerror(errno));
        return -1;
    }
    if (outcome == 0 && reader->line == 0) {
        reader->line = 1;
        return broken(reader, "empty, expected a journal's header line");
    }
    return outcome;
}

static json_t *
journal_new(const struct reader *reader)
{
    const char *slash = strrchr(reader->path, '/');
    json_t *journal = json_object();

    tree_set_text(journal, "name", slash ? slash + 1 : reader->path);
    tree_set_text(journal, "path", reader->path);
    tree_set(journal, "records", json_incref(reader->records));
    if (reader->torn_line)
        tree_set_int(journal, "torn_line", (json_int_t)reader->torn_line);
    return journal;
}

json_t *
evidence_read_new(const char *path, char *why, size_t why_size)
{
    struct reader reader = {.path = path, .why = why, .why_size = why_size};
    json_t *journal = NULL;

    reader.in = fopen(path, "r");
    if (!reader.in) {
        snprintf(why, why_size, "%s: %s, expected a journal", path, strerror(errno));
        return NULL;
    }
    reader.records = json_array();
    reader.last_seq = json_object();
    if (read_lines(&reader) == 0)
        journal = journal_new(&reader);
    json_decref(reader.records);
    json_decref(reader.last_seq);
    fclose(reader.in);
    return journal;
}
