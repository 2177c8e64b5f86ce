#include "conformance/recording.h"

#include <errno.h>

#include "conformance/alloc.h"
#include "conformance/loan.h"
#include "conformance/script.h"

enum { COMPLAINTS_MAX = 50 };

/* Where reading stands. */
struct recording_reader {
    struct recording *recording;
    struct complaints *complaints;
    const struct check_tables *tables;
    json_t *names; /* name -> index */
    int line;
    bool has_header;
    ms_t at; /* of the line before */
};

#define COMPLAIN(reader, ...)                                                                      \
    complaints_add((reader)->complaints, (reader)->recording->path, (reader)->line, __VA_ARGS__)

/* ---- the header ---- */

static bool
is_member_of(const char *key, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i], key) == 0)
            return true;
    return false;
}

static void
refuse_unknown(struct recording_reader *reader, json_t *object, const char *const *known,
               size_t count, const char *where)
{
    const char *key;
    json_t *member;

    json_object_foreach(object, key, member)
    {
        if (is_member_of(key, known, count))
            continue;
        const char *meant = verb_nearest(key, known, count);
        COMPLAIN(reader, "unknown member `%s` %s%s%s%s", key, where,
                 meant == NULL ? "" : ", did you mean `",
                 meant == NULL ? ", see docs/recordings.md" : meant, meant == NULL ? "" : "`?");
    }
}

static void
read_person(struct recording_reader *reader, json_t *person, size_t index)
{
    const char *name = json_string_value(json_object_get(person, "name"));

    if (name == NULL || name[0] == '\0')
        COMPLAIN(reader, "person %zu has no name, expected {\"name\":\"...\"}", index + 1);
    else if (json_object_get(reader->names, name) != NULL)
        COMPLAIN(reader, "two people are called `%s`, expected different names", name);
    else
        json_object_set_new(reader->names, name, json_integer((json_int_t)index));
}

static void
read_header(struct recording_reader *reader, json_t *header)
{
    static const char *const known[] = {"understudy", "version", "title", "now", "people", "world"};
    struct recording *recording = reader->recording;
    const char *kind = json_string_value(json_object_get(header, "understudy"));
    const char *now = json_string_value(json_object_get(header, "now"));
    const char *title = json_string_value(json_object_get(header, "title"));
    json_t *people = json_object_get(header, "people");
    json_t *world = json_object_get(header, "world");

    reader->has_header = true;
    if (kind == NULL || strcmp(kind, "recording") != 0) {
        COMPLAIN(reader, "no header, expected {\"understudy\":\"recording\",\"version\":1,...}");
        return;
    }
    refuse_unknown(reader, header, known, sizeof known / sizeof *known, "of the header");
    if (json_integer_value(json_object_get(header, "version")) != 1)
        COMPLAIN(reader, "unknown version of the format, expected \"version\":1");
    if (now == NULL || !moment_read(now, &recording->now))
        COMPLAIN(reader, "no beginning, expected \"now\":\"2024-03-01T09:00:00Z\"");
    if (!json_is_array(people) || json_array_size(people) == 0)
        COMPLAIN(reader, "nobody is in it, expected \"people\":[{\"name\":\"...\"}]");
    for (size_t i = 0; i < json_array_size(people); i++)
        read_person(reader, json_array_get(people, i), i);
    if (world != NULL && !json_is_object(world))
        COMPLAIN(reader, "`world` is not an object, expected {...}");
    free(recording->title);
    recording->title = alloc_text(title == NULL ? recording->path : title);
    recording->people = json_is_array(people) ? json_incref(people) : json_array();
    recording->world = json_is_object(world) ? json_incref(world) : json_object();
    reader->at = recording->now;
}

/* ---- acts ---- */

/* When the line happens; false after a complaint. */
static bool
read_time(struct recording_reader *reader, const json_t *line, ms_t *at)
{
    const char *text = json_string_value(json_object_get(line, "at"));
    ms_t length;

    if (text == NULL) {
        COMPLAIN(reader, "no time, expected \"at\":\"+5m\" or \"at\":\"2024-03-01T09:00:00Z\"");
        return false;
    }
    if (moment_read_duration(text, &length)) {
        *at = reader->at + length;
        return true;
    }
    if (!moment_read(text, at)) {
        COMPLAIN(reader,
                 "bad time `%s`, expected +90s, +1d2h, +0:00:00.001 or 2024-03-01T09:00:00Z", text);
        return false;
    }
    if (*at < reader->at) {
        char before[MOMENT_TEXT_SIZE];
        moment_write(reader->at, before);
        COMPLAIN(reader, "time runs backwards: `%s`, expected %s or later", text, before);
        return false;
    }
    return true;
}

/* Fields of an act by the server's table, `user` and `page` besides. */
static void
check_fields(struct recording_reader *reader, json_t *act, const char *name, const json_t *row)
{
    const json_t *fields = json_object_get(row, "fields");
    const char **known = alloc_zero(json_array_size(fields) + 3, sizeof *known);
    size_t count = 0;
    char *where = alloc_print("of the act `%s`", name);

    known[count++] = "act";
    known[count++] = "user";
    known[count++] = "page";
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        const char *called = json_string_value(json_object_get(field, "name"));
        if (called == NULL)
            continue;
        known[count++] = called;
        if (json_is_true(json_object_get(field, "required")) &&
            json_object_get(act, called) == NULL)
            COMPLAIN(reader, "the act `%s` lacks `%s`, expected it on the line", name, called);
    }
    if (json_is_array(fields))
        refuse_unknown(reader, act, known, count, where);
    free(where);
    free(known);
}

static void
check_act(struct recording_reader *reader, json_t *act)
{
    const char *name = json_string_value(json_object_get(act, "act"));
    const json_t *acts = reader->tables == NULL ? NULL : reader->tables->acts;

    if (name == NULL) {
        COMPLAIN(reader, "no act, expected \"act\":\"message\" or another of GET /_sim/acts");
        return;
    }
    if (acts == NULL)
        return;
    const json_t *row = json_object_get(acts, name);
    if (row != NULL) {
        check_fields(reader, act, name, row);
        return;
    }
    size_t count = 0;
    const char **names = alloc_zero(json_object_size(acts), sizeof *names);
    const char *key;
    json_t *other;
    json_object_foreach(loan(acts), key, other)
    {
        names[count++] = key;
    }
    const char *meant = verb_nearest(name, names, count);
    free(names);
    COMPLAIN(reader, "unknown act `%s`%s%s%s", name, meant == NULL ? "" : ", did you mean `",
             meant == NULL ? ", expected one of GET /_sim/acts" : meant, meant == NULL ? "" : "`?");
}

static void
read_act(struct recording_reader *reader, json_t *line)
{
    struct recording *recording = reader->recording;
    struct recorded_act act = {.line = reader->line};
    const char *who = json_string_value(json_object_get(line, "who"));
    bool only_waits = json_object_size(line) == 1;

    if (!read_time(reader, line, &act.at))
        return;
    reader->at = act.at;
    if (!only_waits) {
        const json_t *index = who == NULL ? NULL : json_object_get(reader->names, who);
        if (who == NULL)
            COMPLAIN(reader, "nobody does it, expected \"who\":\"...\" with a name of `people`");
        else if (index == NULL)
            COMPLAIN(reader, "unknown person `%s`, expected a name of `people` in the header", who);
        act.who = (size_t)json_integer_value(index);
        act.act = json_deep_copy(line);
        json_object_del(act.act, "at");
        json_object_del(act.act, "who");
        check_act(reader, act.act);
    }
    recording->acts = alloc_one_more(recording->acts, recording->act_count, sizeof act);
    recording->acts[recording->act_count++] = act;
}

/* ---- lines ---- */

static void
read_line(struct recording_reader *reader, const char *text, size_t length, bool is_last)
{
    json_error_t error;

    if (reader->line == 1 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; /* the mark that some editors write */
        length -= 3;
    }
    if (script_bad_text_line(text, length) != 0) {
        COMPLAIN(reader, "is not UTF-8 text");
        return;
    }
    if (text[strspn(text, " \t\r\n")] == '\0')
        return;
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL && is_last && text[length - 1] != '\n')
        COMPLAIN(reader, "the last line is cut off: %s", error.text);
    else if (value == NULL)
        COMPLAIN(reader, "%s", error.text);
    else if (!json_is_object(value))
        COMPLAIN(reader, "not an object, expected {...} on each line");
    else if (!reader->has_header)
        read_header(reader, value);
    else
        read_act(reader, value);
    json_decref(value);
}

/* One line, and room for it. */
struct line {
    char *bytes;
    size_t room;
};

/* Reads the next line; gives its length, 0 at the end. A line of `most` bytes or more is passed over without being kept. */
static size_t
next_line(FILE *file, struct line *line, size_t most)
{
    size_t length = 0;
    int c;

    while ((c = getc_unlocked(file)) != EOF) {
        if (length + 1 >= line->room && line->room <= most) {
            line->room = line->room == 0 ? 4096 : line->room * 2;
            line->bytes = alloc_checked(realloc(line->bytes, line->room));
        }
        if (length + 1 < line->room)
            line->bytes[length] = (char)c;
        length++;
        if (c == '\n')
            break;
    }
    if (line->bytes != NULL)
        line->bytes[length < line->room ? length : line->room - 1] = '\0';
    return length;
}

static void
read_lines(struct recording_reader *reader, FILE *file)
{
    struct line line = {0};
    size_t length, most;

    while (most = reader->has_header ? RECORDING_LINE_MAX : RECORDING_HEADER_MAX,
           (length = next_line(file, &line, most)) > 0 &&
               reader->complaints->count < COMPLAINTS_MAX) {
        reader->line++;
        if (length > most) {
            COMPLAIN(reader, "the line is %zu bytes long, expected at most %zu", length, most);
            continue;
        }
        int peeked = getc_unlocked(file);
        if (peeked != EOF)
            ungetc(peeked, file);
        read_line(reader, line.bytes, length, peeked == EOF);
    }
    free(line.bytes);
}

/* `file` NULL: it could not be opened, for `reason`. */
static struct recording *
read_recording(const char *path, FILE *file, int reason, const struct check_tables *tables,
               struct complaints *complaints)
{
    struct recording *recording = alloc_zero(1, sizeof *recording);
    struct recording_reader reader = {
        .recording = recording, .complaints = complaints, .tables = tables, .names = json_object()};

    recording->path = alloc_text(path);
    recording->title = alloc_text(path);
    if (file == NULL) {
        complaints_add(complaints, path, 0, "cannot be read: %s", strerror(reason));
    } else {
        read_lines(&reader, file);
        if (ferror(file))
            complaints_add(complaints, path, reader.line, "cannot be read: %s", strerror(errno));
        else if (!reader.has_header && reader.line == 0)
            complaints_add(complaints, path, 1,
                           "is empty, expected {\"understudy\":\"recording\",\"version\":1,...}");
        fclose(file);
    }
    if (recording->people == NULL)
        recording->people = json_array();
    if (recording->world == NULL)
        recording->world = json_object();
    json_decref(reader.names);
    return recording;
}

struct recording *
recording_read(const char *path, const struct check_tables *tables, struct complaints *complaints)
{
    FILE *file = fopen(path, "rb");

    return read_recording(path, file, errno, tables, complaints);
}

struct recording *
recording_read_bytes(const char *name, char *bytes, size_t length,
                     const struct check_tables *tables, struct complaints *complaints)
{
    FILE *file = fmemopen(bytes, length, "rb");

    return read_recording(name, file, errno, tables, complaints);
}

bool
recording_skip_to(struct recording *recording, long line)
{
    size_t skipped = 0;

    while (skipped < recording->act_count && recording->acts[skipped].line < line)
        json_decref(recording->acts[skipped++].act);
    if (skipped == 0)
        return recording->act_count > 0;
    recording->act_count -= skipped;
    memmove(recording->acts, recording->acts + skipped,
            recording->act_count * sizeof *recording->acts);
    if (recording->act_count > 0)
        recording->now = recording->acts[0].at;
    return recording->act_count > 0;
}

void
recording_move_to(struct recording *recording, ms_t now)
{
    ms_t by = now - recording->now;

    recording->now += by;
    for (size_t i = 0; i < recording->act_count; i++)
        recording->acts[i].at += by;
}

void
recording_free(struct recording **recording)
{
    struct recording *old = *recording;

    if (old == NULL)
        return;
    for (size_t i = 0; i < old->act_count; i++)
        json_decref(old->acts[i].act);
    free(old->acts);
    free(old->path);
    free(old->title);
    json_decref(old->people);
    json_decref(old->world);
    free(old);
    *recording = NULL;
}
