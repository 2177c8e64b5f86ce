#include "conformance/script.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>

#include "conformance/alloc.h"

/* Where reading stands in one file. */
struct reader {
    struct script *script;
    struct complaints *complaints;
    const char *file;
    const char *at, *end;
    int line;
    bool is_included;
};

static void read_steps(struct reader *reader);

/* ---- bytes ---- */

/* Length of the UTF-8 sequence at `at`; 0 when it is none. Overlong forms, surrogates and NUL are none. */
static size_t
sequence_length(const unsigned char *at, size_t left)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80    ? 1
                    : at[0] >= 0xf0 ? 4
                    : at[0] >= 0xe0 ? 3
                    : at[0] >= 0xc0 ? 2
                                    : 0;

    if (length == 0 || length > left)
        return 0;
    uint32_t code = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3f);
    }
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return length;
}

int
script_bad_text_line(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    int line = 1;

    for (size_t i = 0; i < length;) {
        size_t size = sequence_length(at + i, length - i);
        if (size == 0)
            return line;
        line += at[i] == '\n';
        i += size;
    }
    return 0;
}

char *
script_load(const char *path, size_t most, size_t *length, struct complaints *complaints)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        complaints_add(complaints, path, 0, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    char *bytes = NULL;
    size_t used = 0, room = 0, got = 0;
    do {
        used += got;
        if (room - used < 4096) {
            room = room == 0 ? 16384 : room * 2;
            bytes = alloc_checked(realloc(bytes, room + 1));
        }
        got = fread(bytes + used, 1, room - used, file);
    } while (got > 0 && used + got <= most);

    bool is_broken = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    if (is_broken || got > 0) {
        if (is_broken)
            complaints_add(complaints, path, 0, "cannot be read: %s", strerror(reason));
        else
            complaints_add(complaints, path, 0, "is too long, expected at most %zu bytes", most);
        free(bytes);
        return NULL;
    }
    bytes[used] = '\0';
    *length = used;
    return bytes;
}

/* ---- words ---- */

/* What stands between words; other control characters belong to the word they stand in. */
static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && is_blank(*reader->at))
        reader->at++;
    if (reader->at < reader->end && *reader->at == '#')
        while (reader->at < reader->end && *reader->at != '\n')
            reader->at++;
}

static bool
line_is_over(const struct reader *reader)
{
    return reader->at == reader->end || *reader->at == '\n';
}

static void
next_line(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at != '\n')
        reader->at++;
    if (reader->at < reader->end) {
        reader->at++;
        reader->line++;
    }
}

/* A JSON string, up to its closing quote on the same line. */
static bool
read_quoted(struct reader *reader, struct word *word)
{
    const char *end = reader->at + 1;

    while (end < reader->end && *end != '"' && *end != '\n')
        end += *end == '\\' && end + 1 < reader->end ? 2 : 1;
    if (end >= reader->end || *end != '"') {
        complaints_add(reader->complaints, reader->file, reader->line,
                       "a text has no end, expected \" on the same line");
        return false;
    }
    end++;
    json_error_t error;
    json_t *value = json_loadb(reader->at, (size_t)(end - reader->at), JSON_DECODE_ANY, &error);
    if (value == NULL) {
        complaints_add(reader->complaints, reader->file, reader->line,
                       "a text is not a JSON string: %s", error.text);
        return false;
    }
    *word = (struct word){alloc_text(json_string_value(value)), true};
    json_decref(value);
    reader->at = end;
    if (!line_is_over(reader) && !is_blank(*reader->at)) {
        free(word->text);
        complaints_add(reader->complaints, reader->file, reader->line,
                       "something is stuck to the end of a text, expected a space");
        return false;
    }
    return true;
}

static bool
read_word(struct reader *reader, struct word *word)
{
    if (*reader->at == '"')
        return read_quoted(reader, word);

    const char *start = reader->at;
    while (!line_is_over(reader) && !is_blank(*reader->at) && *reader->at != '"')
        reader->at++;
    if (!line_is_over(reader) && *reader->at == '"') {
        complaints_add(reader->complaints, reader->file, reader->line,
                       "a quote inside a bare word, expected the whole word in quotes");
        return false;
    }
    *word = (struct word){alloc_slice(start, (size_t)(reader->at - start)), false};
    return true;
}

/* The JSON value that begins here; it may go on over lines. */
static json_t *
read_json(struct reader *reader)
{
    json_error_t error;
    json_t *value = json_loadb(reader->at, (size_t)(reader->end - reader->at),
                               JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);

    if (value == NULL) {
        complaints_add(reader->complaints, reader->file, reader->line + error.line - 1, "%s",
                       error.text);
        return NULL;
    }
    for (const char *end = reader->at + error.position; reader->at < end; reader->at++)
        reader->line += *reader->at == '\n';
    return value;
}

static void
words_free(struct word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(words[i].text);
    free(words);
}

/* Words up to the end of the line or the JSON value. False after a complaint. */
static bool
read_words(struct reader *reader, struct step *step)
{
    for (;;) {
        skip_blanks(reader);
        if (line_is_over(reader))
            return true;
        if (step->word_count > 0 && (*reader->at == '{' || *reader->at == '['))
            break;
        struct word word;
        if (!read_word(reader, &word))
            return false;
        step->words = alloc_one_more(step->words, step->word_count, sizeof word);
        step->words[step->word_count++] = word;
    }
    step->json = read_json(reader);
    if (step->json == NULL)
        return false;
    skip_blanks(reader);
    if (!line_is_over(reader)) {
        complaints_add(reader->complaints, reader->file, reader->line,
                       "something follows the JSON value, expected the end of the line");
        return false;
    }
    return true;
}

/* ---- steps ---- */

static void
step_fini(struct step *step)
{
    words_free(step->words, step->word_count);
    json_decref(step->json);
    free(step->source);
}

static void
drop_words(struct step *step, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(step->words[i].text);
    step->word_count -= count;
    memmove(step->words, step->words + count, step->word_count * sizeof *step->words);
}

/* Finds the verb in the first words and takes its name out of them. */
static bool
name_verb(struct reader *reader, struct step *step)
{
    struct word *words = step->words;
    size_t taken;

    assert(step->word_count > 0); /* a line that is not empty begins with a word */
    const char *second = step->word_count > 1 && !words[1].is_quoted ? words[1].text : NULL;

    step->verb = words[0].is_quoted ? VERB_COUNT : verb_find(words[0].text, second, &taken);
    if (step->verb == VERB_COUNT) {
        const char *meant = verb_suggest(words[0].text);
        if (meant != NULL)
            complaints_add(reader->complaints, reader->file, step->line,
                           "unknown verb `%s`, did you mean `%s`?", words[0].text, meant);
        else
            complaints_add(reader->complaints, reader->file, step->line,
                           "unknown verb `%s`, expected one of `understudy run --verbs`",
                           words[0].text);
        return false;
    }
    drop_words(step, taken);
    return true;
}

static bool
check_arity(struct reader *reader, const struct step *step)
{
    const struct verb_row *row = &verb_table[step->verb];
    bool is_wanted = row->json == JSON_MUST, is_welcome = row->json != JSON_NO;

    if (step->word_count >= row->min && step->word_count <= row->max &&
        (step->json == NULL ? !is_wanted : is_welcome))
        return true;
    complaints_add(reader->complaints, reader->file, step->line, "usage: %s", row->usage);
    return false;
}

/* The line as written, up to the JSON value or comment, without trailing blanks. */
static char *
source_of(const struct step *step)
{
    char *text = alloc_text(verb_table[step->verb].name);

    for (size_t i = 0; i < step->word_count; i++) {
        const struct word *word = &step->words[i];
        json_t *quoted = word->is_quoted ? json_string(word->text) : NULL;
        char *shown = quoted == NULL ? NULL : json_dumps(quoted, JSON_ENCODE_ANY);
        char *longer = alloc_print("%s %s", text, shown == NULL ? word->text : shown);
        json_decref(quoted);
        free(shown);
        free(text);
        text = longer;
    }
    return text;
}

/* The indented lines below `rows`. */
static void
read_rows(struct reader *reader, const struct step *step)
{
    struct script *script = reader->script;

    while (reader->at < reader->end) {
        bool is_indented = *reader->at == ' ' || *reader->at == '\t';
        struct step cells = {.line = reader->line};

        skip_blanks(reader);
        if (line_is_over(reader)) {
            next_line(reader);
            continue;
        }
        if (!is_indented)
            return;
        if (!read_words(reader, &cells)) {
            /* complained of already */
        } else if (cells.json != NULL || cells.word_count != step->word_count) {
            complaints_add(reader->complaints, reader->file, cells.line,
                           "a row of %zu cells, expected %zu as in `rows`", cells.word_count,
                           step->word_count);
        } else {
            script->rows = alloc_one_more(script->rows, script->row_count, sizeof *script->rows);
            script->rows[script->row_count++] =
                (struct row){cells.line, cells.words, cells.word_count};
            cells = (struct step){0};
        }
        step_fini(&cells);
        next_line(reader);
    }
}

/* NOLINTBEGIN(misc-no-recursion): an include inside an include is refused. */
static void
read_include(struct reader *reader, const struct step *step)
{
    struct script *script = reader->script;
    const char *name = step->words[0].text;
    const char *slash = strrchr(reader->file, '/');

    if (reader->is_included) {
        complaints_add(reader->complaints, reader->file, step->line,
                       "an include inside an include, expected one level");
        return;
    }
    char *path = slash == NULL || name[0] == '/'
                     ? alloc_text(name)
                     : alloc_print("%.*s/%s", (int)(slash - reader->file), reader->file, name);
    script->files = alloc_one_more(script->files, script->file_count, sizeof *script->files);
    script->files[script->file_count++] = path;

    size_t length;
    char *bytes = script_load(path, SCRIPT_BYTES_MAX, &length, reader->complaints);
    if (bytes == NULL) {
        complaints_add(reader->complaints, reader->file, step->line, "included from here");
        return;
    }
    int bad_line = script_bad_text_line(bytes, length);
    if (bad_line > 0) {
        complaints_add(reader->complaints, path, bad_line, "is not UTF-8 text");
    } else {
        struct reader inner = {script, reader->complaints, path, bytes, bytes + length, 1, true};
        read_steps(&inner);
    }
    free(bytes);
}

static void
keep_step(struct reader *reader, const struct step *step)
{
    struct script *script = reader->script;

    script->steps = alloc_one_more(script->steps, script->step_count, sizeof *step);
    script->steps[script->step_count++] = *step;
}

/* After a mistake, reading goes on at the next line that is neither indented nor begins as JSON does, so that the rest
 * of a broken value is not taken for steps. */
static bool
line_goes_on(const struct reader *reader)
{
    return reader->at < reader->end &&
           (isspace((unsigned char)*reader->at) || strchr("{}[]\",", *reader->at) != NULL);
}

/* One line that is not empty. */
static void
read_step(struct reader *reader)
{
    struct step step = {.file = reader->file, .line = reader->line, .verb = VERB_COUNT};

    if (!read_words(reader, &step) || !name_verb(reader, &step) || !check_arity(reader, &step)) {
        step_fini(&step);
        do
            next_line(reader);
        while (line_goes_on(reader));
        return;
    }
    next_line(reader);
    step.source = source_of(&step);
    if (reader->is_included && (step.verb == VERB_SCENARIO || step.verb == VERB_ROWS)) {
        complaints_add(reader->complaints, reader->file, step.line,
                       "`%s` in an included file, expected it in the file that includes",
                       verb_table[step.verb].name);
        step_fini(&step);
        while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
            next_line(reader);
        return;
    }
    if (step.verb == VERB_INCLUDE) {
        read_include(reader, &step);
        step_fini(&step);
        return;
    }
    if (step.verb == VERB_ROWS)
        read_rows(reader, &step);
    keep_step(reader, &step);
}

static void
read_steps(struct reader *reader)
{
    while (reader->at < reader->end) {
        skip_blanks(reader);
        if (line_is_over(reader))
            next_line(reader);
        else
            read_step(reader);
    }
}
/* NOLINTEND(misc-no-recursion) */

static void
find_title_and_rows(struct script *script, struct complaints *complaints)
{
    for (size_t i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];

        if (step->verb == VERB_SCENARIO) {
            free(script->title);
            script->title = alloc_text(step->words[0].text);
        } else if (step->verb == VERB_ROWS) {
            if (script->rows_step != NULL)
                complaints_add(complaints, step->file, step->line,
                               "a second table, expected one `rows` in a file");
            script->rows_step = step;
        }
    }
}

struct script *
script_read_bytes(const char *path, const char *name, const char *bytes, size_t length,
                  struct complaints *complaints)
{
    struct script *script = alloc_zero(1, sizeof *script);

    script->path = alloc_text(path);
    script->name = alloc_text(name);
    script->title = alloc_text("");
    int bad_line = script_bad_text_line(bytes, length);
    if (bad_line > 0) {
        complaints_add(complaints, path, bad_line, "is not UTF-8 text");
        return script;
    }
    struct reader reader = {script, complaints, script->path, bytes, bytes + length, 1, false};
    read_steps(&reader);
    find_title_and_rows(script, complaints);
    return script;
}

struct script *
script_read(const char *path, const char *name, struct complaints *complaints)
{
    size_t length = 0;
    char *bytes = script_load(path, SCRIPT_BYTES_MAX, &length, complaints);
    struct script *script =
        script_read_bytes(path, name, bytes == NULL ? "" : bytes, length, complaints);

    free(bytes);
    return script;
}

void
script_free(struct script **script)
{
    struct script *old = *script;

    if (old == NULL)
        return;
    for (size_t i = 0; i < old->step_count; i++)
        step_fini(&old->steps[i]);
    for (size_t i = 0; i < old->row_count; i++)
        words_free(old->rows[i].words, old->rows[i].word_count);
    for (size_t i = 0; i < old->file_count; i++)
        free(old->files[i]);
    free(old->steps);
    free(old->rows);
    free(old->files);
    free(old->path);
    free(old->name);
    free(old->title);
    free(old);
    *script = NULL;
}
