#include "conformance/import.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "conformance/alloc.h"
#include "conformance/moment.h"

#define LINE_MAX_BYTES ((size_t)16 << 20)

static const struct import_format formats[] = {
#define IMPORT(name, function, summary, lost) {name, function, summary, lost},
#include "conformance/imports.def"
#undef IMPORT
};
#define FORMATS (sizeof formats / sizeof *formats)

/* ---- telling ------------------------------------------------------------------------------------------------------------------ */

int
import_wrong(struct import *im, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s:", im->path);
    if (im->line > 0)
        fprintf(stderr, "%lu:", im->line);
    fputc(' ', stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return -1;
}

void
import_skip(struct import *im, const char *what)
{
    json_object_set_new(im->skipped, what,
                        json_integer(json_integer_value(json_object_get(im->skipped, what)) + 1));
}

/* No world begins before the platform did. Whole weeks, so that days stay days of the week. */
static int64_t
begin_ms(const struct import *im)
{
    const int64_t opened_ms = INT64_C(1460419200000) /* 2016-04-12 */, week_ms = INT64_C(604800000);
    int64_t early_ms = opened_ms - im->first_ms;

    return early_ms <= 0 ? im->first_ms
                         : im->first_ms + (early_ms + week_ms - 1) / week_ms * week_ms;
}

/* "understudy: 7 acts of 2 people; left out: 3 calls, 1 reaction" */
static void
tell(const struct import *im)
{
    const char *what, *between = "; left out: ";
    json_t *count;

    fprintf(stderr, "understudy: %lu act%s of %zu %s", im->acts, im->acts == 1 ? "" : "s",
            json_object_size(im->people), json_object_size(im->people) == 1 ? "person" : "people");
    json_object_foreach(im->skipped, what, count)
    {
        fprintf(stderr, "%s%lld x %s", between, (long long)json_integer_value(count), what);
        between = ", ";
    }
    if (begin_ms(im) != im->first_ms)
        fputs("; begins before there were bots on the platform, so moved to 2016", stderr);
    fputc('\n', stderr);
}

bool
import_seen_before(struct import *im, const char *id)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const char *c = id; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    uint64_t *place = &im->seen[hash % IMPORT_SEEN];
    if (*place == hash)
        return true;
    *place = hash;
    return false;
}

/* Passes over a byte order mark. Returns 0, or -1 after import_wrong when it is one of UTF-16. */
static int
import_skip_mark(struct import *im)
{
    unsigned char mark[3] = {0};
    size_t n = fread(mark, 1, sizeof mark, im->in);

    if (n >= 2 && ((mark[0] == 0xff && mark[1] == 0xfe) || (mark[0] == 0xfe && mark[1] == 0xff))) {
        im->line = 1;
        return import_wrong(im, "is UTF-16, expected UTF-8");
    }
    if (n < 3 || memcmp(mark, "\xef\xbb\xbf", 3) != 0)
        rewind(im->in);
    return 0;
}

/* ---- lines ---------------------------------------------------------------------------------------------------------------------- */

int
import_line(struct import *im, char **line, size_t *room, size_t *n)
{
    int c;

    *n = 0;
    im->line++;
    while ((c = getc_unlocked(im->in)) != EOF && c != '\n') {
        if (*n + 2 > *room) {
            *room = *room == 0 ? 4096 : *room * 2;
            *line = realloc(*line, *room);
            if (*line == NULL)
                abort();
        }
        if (*n >= LINE_MAX_BYTES)
            return import_wrong(im, "a line of more than 16 MiB, expected one record a line");
        (*line)[(*n)++] = (char)c;
    }
    if (ferror(im->in))
        return import_wrong(im, "cannot read: %s", strerror(errno));
    if (c == EOF && *n == 0)
        return 0;
    if (*n > 0 && (*line)[*n - 1] == '\r')
        --*n;
    if (*room == 0) {
        *room = 16;
        *line = realloc(*line, *room);
        if (*line == NULL)
            abort();
    }
    (*line)[*n] = '\0';
    return 1;
}

/* ---- people ----------------------------------------------------------------------------------------------------------------------- */

/* Stand-ins that read like people; the n-th person of a file always gets the same one. */
static const char *const stand_ins[] = {"ada",   "bora", "cem",  "dina", "eero", "fay",
                                        "goran", "hana", "ilse", "juha", "kira", "lale",
                                        "mira",  "nils", "olga", "pia",  "rami", "sara",
                                        "timo",  "ulla", "vera", "wim",  "yara", "zeki"};

static json_t *
person_new(const struct import *im, const char *person_name)
{
    size_t n = json_object_size(im->people);
    char name[64];

    if (n < sizeof stand_ins / sizeof *stand_ins)
        snprintf(name, sizeof name, "%s", stand_ins[n]);
    else
        snprintf(name, sizeof name, "%s%zu", stand_ins[n % (sizeof stand_ins / sizeof *stand_ins)],
                 n / (sizeof stand_ins / sizeof *stand_ins));
    json_t *person = json_pack("{s:s}", "name", name);
    if (im->keeps_names && person_name != NULL) {
        const char *space = strrchr(person_name, ' ');

        json_object_set_new(person, "first_name",
                            json_stringn(person_name, space != NULL ? (size_t)(space - person_name)
                                                                    : strlen(person_name)));
        if (space != NULL)
            json_object_set_new(person, "last_name", json_string(space + 1));
    }
    return person;
}

static const char *
person_of(struct import *im, const char *who, const char *person_name)
{
    json_t *person = json_object_get(im->people, who);

    if (person == NULL) {
        person = person_new(im, person_name);
        json_object_set_new(im->people, who, person);
        if (person_name != NULL && !im->keeps_names)
            import_learn_name(im, person_name, json_string_value(json_object_get(person, "name")));
    }
    return json_string_value(json_object_get(person, "name"));
}

/* ---- acts --------------------------------------------------------------------------------------------------------------------------- */

static void
clean_member(const struct import *im, json_t *act, const char *key)
{
    json_t *value = json_object_get(act, key);

    if (json_is_string(value)) {
        json_object_set_new(act, key, import_clean(im, json_string_value(value)));
    } else if (json_is_integer(value)) { /* an id as a number */
        char number[32];
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        json_object_set_new(act, key, import_clean(im, number));
    }
}

static void
write_act(struct import *im, int64_t at_ms, const char *name, json_t *act)
{
    static const char *const texts[] = {"text", "title", "ref", "payload", "note", "ad_id"};
    int64_t pause = im->last_ms == INT64_MIN ? at_ms - im->first_ms : at_ms - im->last_ms;
    char at[64];
    json_t *line;

    if (pause < 0)
        pause = 0;
    at[0] = '+';
    moment_write_duration(pause, at + 1);
    line = json_pack("{s:s, s:s}", "at", at, "who", name);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        clean_member(im, act, texts[i]);
    json_object_update(line, act);
    json_dumpf(line, im->out, JSON_COMPACT | JSON_ENCODE_ANY);
    fputc('\n', im->out);
    json_decref(line);
}

int
import_act(struct import *im, int64_t at_ms, const char *who, const char *person_name, json_t *act)
{
    const char *name = person_of(im, who, person_name);

    if (at_ms < INT64_C(946684800000) || at_ms > INT64_C(32503680000000)) {
        json_decref(act);
        return import_wrong(
            im,
            "the time %lld lies outside the years 2000 to 3000, expected milliseconds since 1970",
            (long long)at_ms);
    }
    if (im->last_ms != INT64_MIN && at_ms < im->last_ms - im->late_ms_max) {
        char late[MOMENT_TEXT_SIZE], last[MOMENT_TEXT_SIZE];
        json_decref(act);
        moment_write(at_ms, late);
        moment_write(im->last_ms, last);
        return import_wrong(
            im, "time runs backwards: %s after %s, expected a file in order of time", late, last);
    }
    if (im->first_ms == INT64_MIN || (!im->is_writing && at_ms < im->first_ms && im->acts == 0))
        im->first_ms = at_ms;
    if (im->is_writing)
        write_act(im, at_ms, name, act);
    if (im->last_ms == INT64_MIN || at_ms > im->last_ms)
        im->last_ms = at_ms;
    im->acts++;
    json_decref(act);
    return 0;
}

/* ---- the two passes ------------------------------------------------------------------------------------------------------------------- */

static void
write_header(struct import *im)
{
    json_t *people = json_array(), *header;
    const char *key;
    json_t *person;
    char now[64];

    json_object_foreach(im->people, key, person) json_array_append(people, person);
    moment_write(begin_ms(im), now);
    header =
        json_pack("{s:s, s:i, s:s, s:s, s:o}", "understudy", "recording", "version", 1, "title",
                  im->title != NULL ? im->title : "imported", "now", now, "people", people);
    json_dumpf(header, im->out, JSON_COMPACT);
    fputc('\n', im->out);
    json_decref(header);
}

static int
pass(struct import *im, const struct import_format *format, bool is_writing)
{
    rewind(im->in);
    im->is_writing = is_writing;
    im->line = 0;
    im->acts = 0;
    memset(im->seen, 0, IMPORT_SEEN * sizeof *im->seen);
    json_object_clear(im->skipped);
    im->last_ms = INT64_MIN;
    return import_skip_mark(im) == 0 ? format->read(im) : -1;
}

static int
import_file(struct import *im, const struct import_format *format)
{
    struct stat kind;
    int result = 2;

    im->in = fopen(im->path, "rb");
    if (im->in == NULL) {
        import_wrong(im, "cannot open: %s", strerror(errno));
        return 2;
    }
    if (fstat(fileno(im->in), &kind) == 0 && S_ISDIR(kind.st_mode)) {
        import_wrong(im, "is a directory, expected a file");
    } else if (fseek(im->in, 0, SEEK_END) != 0) {
        im->line = 0;
        import_wrong(im, "cannot be read twice, expected a file and no pipe");
    } else if (pass(im, format, false) == 0) {
        im->line = 0;
        if (im->acts == 0) {
            import_wrong(im, "nothing in it that a person did, expected %s", format->summary);
        } else {
            write_header(im);
            result = pass(im, format, true) == 0 ? 0 : 2;
            im->line = 0;
            if (result == 0 && (fflush(im->out) != 0 || ferror(im->out) != 0)) {
                fprintf(stderr, "understudy import: cannot write: %s\n", strerror(errno));
                result = 2;
            }
            if (result == 0)
                tell(im);
        }
    }
    fclose(im->in);
    return result;
}

/* ---- the command ------------------------------------------------------------------------------------------------------------------------ */

static void
usage(FILE *to)
{
    fputs("usage: understudy import FORMAT FILE [--keep-names] [--page NAME] [--title TEXT] > "
          "recording.jsonl\n\nFORMAT is one of\n",
          to);
    for (size_t i = 0; i < FORMATS; i++)
        fprintf(to, "  %-14s %s\n  %-14s   lost: %s\n", formats[i].name, formats[i].summary, "",
                formats[i].lost);
    fputs("\nNames, ids, tokens, phone numbers and mail addresses are replaced, the same one "
          "always by the same stand-in; --keep-names keeps names.\n"
          "--page says how the file calls the page itself (inbox, conversations, csv); otherwise "
          "it is the last participant, in inbox of two the one that the conversation is not "
          "called by, in csv `page`.\n",
          to);
}

static const struct import_format *
format_named(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}

int
import_main(int argc, char **argv)
{
    static const struct option options[] = {{"keep-names", no_argument, NULL, 'k'},
                                            {"page", required_argument, NULL, 'p'},
                                            {"title", required_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct import im = {.out = stdout, .first_ms = INT64_MIN, .last_ms = INT64_MIN};
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            usage(stdout);
            return 0;
        }
        if (option == '?')
            return 2;
        if (option == 'k')
            im.keeps_names = true;
        else if (option == 'p')
            im.page = optarg;
        else
            im.title = optarg;
    }
    const struct import_format *format = optind < argc ? format_named(argv[optind]) : NULL;
    if (format == NULL || argc - optind != 2) {
        if (optind < argc && format == NULL)
            fprintf(stderr, "understudy import: no format `%s`; type: understudy import --help\n",
                    argv[optind]);
        else
            fputs("understudy import: expected FORMAT and FILE; type: understudy import --help\n",
                  stderr);
        return 2;
    }
    im.path = argv[optind + 1];
    im.people = json_object();
    im.skipped = json_object();
    im.names = json_object();
    im.letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (im.letters == (locale_t)0)
        im.letters = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
    im.seen = alloc_zero(IMPORT_SEEN, sizeof *im.seen);
    int result = import_file(&im, format);
    json_decref(im.people);
    json_decref(im.skipped);
    json_decref(im.names);
    freelocale(im.letters);
    json_decref(im.acts_known);
    free(im.seen);
    return result;
}
