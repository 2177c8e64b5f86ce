/* Transcripts as CSV (RFC 4180) with a header line. Columns: time, from, text; optionally name, type, payload. Others are left alone. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/import.h"
#include "conformance/moment.h"

enum column { TIME, FROM, TEXT, NAME, TYPE, PAYLOAD, COLUMNS };

/* Its name here, then what others call it; the first of them that the header line has counts. */
static const char *const column_names[COLUMNS][9] = {
    {"time", "timestamp", "created_time", "created_at", "sent_at", "datetime", "date_time", "date"},
    {"from", "from_id", "sender_id", "psid", "user_id", "sender", "author", "user"},
    {"text", "message", "message_text", "content", "body"},
    {"name", "from_name", "sender_name", "author_name", "user_name"},
    {"type"},
    {"payload"}};

#define HEADER_BYTES_MAX 65536
#define CELLS_MAX 64
#define RECORD_BYTES_MAX ((size_t)1 << 20)

struct record {
    char comma; /* ',', ';' or a tab: the first of them in the header line */
    char *bytes;
    size_t n, room;
    size_t starts[CELLS_MAX];
    unsigned cells;
};

static void
add(struct record *r, char c)
{
    if (r->n + 1 >= r->room) {
        r->room = r->room == 0 ? 4096 : r->room * 2;
        r->bytes = realloc(r->bytes, r->room);
        if (r->bytes == NULL)
            abort();
    }
    r->bytes[r->n++] = c;
}

/* One cell; gives the character after it: the comma, '\n' or EOF; -2 after import_wrong. */
static int
read_cell(struct import *im, struct record *r)
{
    int c = getc_unlocked(im->in);
    bool is_quoted = c == '"';

    if (is_quoted)
        c = getc_unlocked(im->in);
    for (;; c = getc_unlocked(im->in)) {
        if (r->n >= RECORD_BYTES_MAX)
            return import_wrong(im, "a record of more than 1 MiB, expected a closing quote before"),
                   -2;
        if (c == EOF && is_quoted)
            return import_wrong(im, "the file ends inside quotes"), -2;
        if (is_quoted && c == '"') {
            c = getc_unlocked(im->in);
            if (c == '"') {
                add(r, '"');
                continue;
            }
            if (c == '\r')
                c = getc_unlocked(im->in);
            if (c != r->comma && c != '\n' && c != EOF)
                return import_wrong(
                           im,
                           "`%c` after a closing quote, expected a comma or the end of the line",
                           c),
                       -2;
            break;
        }
        if (!is_quoted && (c == r->comma || c == '\n' || c == EOF))
            break;
        if (c == '\0')
            return import_wrong(im, "a NUL, expected text in UTF-8"), -2;
        if (c == '\n')
            im->line++;
        add(r, (char)c);
    }
    if (!is_quoted && c != r->comma && r->n > 0 && r->bytes[r->n - 1] == '\r')
        r->n--;
    add(r, '\0');
    return c;
}

/* 1: a record; 0: the end; -1 after import_wrong. */
static int
read_record(struct import *im, struct record *r)
{
    int c;

    r->n = 0;
    r->cells = 0;
    im->line++;
    do {
        if (r->cells == CELLS_MAX)
            return import_wrong(im, "more than %d columns", CELLS_MAX);
        r->starts[r->cells++] = r->n;
        c = read_cell(im, r);
        if (c == -2)
            return -1;
    } while (c == r->comma);
    return c == EOF && r->cells == 1 && r->n == 1 ? 0 : 1;
}

static const char *
cell(const struct record *r, const int places[COLUMNS], enum column column)
{
    return places[column] >= 0 && (unsigned)places[column] < r->cells
               ? r->bytes + r->starts[places[column]]
               : "";
}

/* Looks ahead in the header line. Spreadsheets may write a line `sep=;` before it. */
static void
find_comma(struct import *im, struct record *r)
{
    static const char mark[] = "sep=";
    long start = ftell(im->in);
    char first[6] = "";
    int c;
    bool is_quoted = false;

    if (fgets(first, sizeof first, im->in) != NULL && strncasecmp(first, mark, 4) == 0 &&
        first[4] != '\0' && strchr("\r\n\"", first[4]) == NULL) {
        r->comma = first[4];
        while ((c = getc_unlocked(im->in)) != EOF && c != '\n')
            ;
        im->line++;
        return;
    }
    fseek(im->in, start, SEEK_SET);
    r->comma = ',';
    for (int i = 0; i < HEADER_BYTES_MAX && (c = getc_unlocked(im->in)) != EOF && c != '\n'; i++) {
        is_quoted = is_quoted != (c == '"');
        if (!is_quoted && (c == ',' || c == ';' || c == '\t')) {
            r->comma = (char)c;
            break;
        }
    }
    fseek(im->in, start, SEEK_SET);
}

/* "Created At" is created_at. */
static bool
is_called(const char *cell, const char *name)
{
    size_t n;

    cell += strspn(cell, " ");
    for (n = strlen(cell); n > 0 && cell[n - 1] == ' ';)
        n--;
    if (n != strlen(name))
        return false;
    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)cell[i]) != name[i] &&
            !(name[i] == '_' && (cell[i] == ' ' || cell[i] == '-')))
            return false;
    return true;
}

/* -1: the header line has none. */
static int
place_of(const struct record *r, enum column column)
{
    for (const char *const *name = column_names[column]; *name != NULL; name++)
        for (unsigned k = 0; k < r->cells; k++)
            if (is_called(r->bytes + r->starts[k], *name))
                return (int)k;
    return -1;
}

static int
read_header(struct import *im, struct record *r, int places[COLUMNS])
{
    find_comma(im, r);
    int got = read_record(im, r);
    if (got < 0)
        return -1;
    if (got == 0)
        return import_wrong(im, "the file is empty, expected a header line with time,from,text");
    for (unsigned i = 0; i < COLUMNS; i++) {
        places[i] = place_of(r, (enum column)i);
        if (places[i] < 0 && i <= TEXT)
            return import_wrong(im, "no column `%s`, expected a header line with time,from,text",
                                column_names[i][0]);
    }
    return 0;
}

static json_t *
record_act(const struct record *r, const int places[COLUMNS])
{
    const char *type = cell(r, places, TYPE), *text = cell(r, places, TEXT),
               *payload = cell(r, places, PAYLOAD);
    json_t *act = json_pack("{s:s}", "act", *type != '\0' ? type : "message");

    if (*text != '\0')
        json_object_set_new(act, "text", json_string(text));
    if (*payload != '\0')
        json_object_set_new(act, "payload", json_string(payload));
    return act;
}

static int
import_record(struct import *im, const struct record *r, const int places[COLUMNS])
{
    const char *from = cell(r, places, FROM), *name = cell(r, places, NAME);
    const char *page = im->page != NULL ? im->page : "page";
    ms_t at;

    for (enum column i = TIME; i < COLUMNS; i++) {
        json_t *text = json_string(cell(r, places, i));
        if (text == NULL)
            return import_wrong(im, "the text is not UTF-8");
        json_decref(text);
    }
    if (!import_read_time(cell(r, places, TIME), &at))
        return import_wrong(im, "no time `%s`, expected ISO 8601 like 2024-03-01T09:00:00Z",
                            cell(r, places, TIME));
    if (*from == '\0')
        return import_wrong(im, "nobody in column `from`, expected a name or an id");
    if (strcmp(from, page) == 0) {
        import_skip(im, "line of the page's own");
        return 0;
    }
    if (*cell(r, places, TYPE) == '\0' && *cell(r, places, TEXT) == '\0') {
        import_skip(im, "line without text and type");
        return 0;
    }
    json_t *act = record_act(r, places);
    if (*cell(r, places, TYPE) != '\0' && import_fit_act(im, act) < 0) {
        json_decref(act);
        return -1;
    }
    return import_act(im, at, from, *name != '\0' ? name : from, act);
}

int
import_csv(struct import *im)
{
    struct record r = {0};
    int places[COLUMNS];
    int result = read_header(im, &r, places), more;
    unsigned columns = r.cells;

    while (result == 0 && (more = read_record(im, &r)) != 0) {
        if (more < 0)
            result = -1;
        else if (r.cells > 1 && r.cells != columns)
            result =
                import_wrong(im, "%u columns, expected %u as in the header line", r.cells, columns);
        else if (r.cells > 1 || r.n > 1)
            result = import_record(im, &r, places);
    }
    free(r.bytes);
    return result;
}
