#include "graph/multipart.h"

#include <stdbool.h>
#include <string.h>

/* --- Header values ---------------------------------------------------------------------------- */

/* Cuts the text up to the first separator outside of quotes off *rest; the separator goes too. */
static struct str
cut_parameter(struct str *rest)
{
    bool quoted = false;
    size_t at = 0;

    for (; at < rest->n && (quoted || rest->s[at] != ';'); at++) {
        if (rest->s[at] == '\\' && quoted && at + 1 < rest->n && rest->s[at + 1] == '"')
            at++;
        else if (rest->s[at] == '"')
            quoted = !quoted;
    }

    struct str piece = {rest->s, at};

    *rest = str_from(*rest, at < rest->n ? at + 1 : at);
    return str_trim(piece);
}

/*
 * Without the quotes around it. Escapes inside stay: names with them are not seen, and paths of old
 * browsers hold plain backslashes.
 */
static struct str
unquote(struct str text)
{
    if (text.n >= 2 && text.s[0] == '"' && text.s[text.n - 1] == '"')
        return (struct str){text.s + 1, text.n - 2};
    return text;
}

/*
 * A parameter of a header value, such as name in `form-data; name="x"`; case of the name is
 * ignored; STR_NONE when absent.
 */
static struct str
header_parameter(struct str value, struct str name)
{
    struct str rest = value;

    cut_parameter(&rest);
    while (rest.n > 0) {
        struct str piece = cut_parameter(&rest);
        const char *equals = piece.n == 0 ? NULL : memchr(piece.s, '=', piece.n);

        if (equals == NULL)
            continue;

        size_t n = (size_t)(equals - piece.s);

        if (str_eq_nocase(str_trim((struct str){piece.s, n}), name))
            return unquote(str_trim(str_from(piece, n + 1)));
    }
    return STR_NONE;
}

struct str
multipart_boundary(struct str content_type)
{
    struct str boundary = header_parameter(content_type, STR("boundary"));

    return boundary.n == 0 ? STR_NONE : boundary;
}

/* --- Parts ------------------------------------------------------------------------------------ */

void
multipart_begin(struct multipart *multipart, struct str body, struct str boundary)
{
    *multipart = (struct multipart){.body = body, .boundary = boundary};
}

/* What may stand behind a boundary: another boundary may begin with the same letters. */
static bool
ends_delimiter(struct str rest)
{
    if (rest.n == 0 || str_starts_lit(rest, "--"))
        return true;

    char c = rest.s[0];

    return c == '\r' || c == '\n' || c == ' ' || c == '\t';
}

/*
 * The next line from `from` on that begins with "--" and the boundary: gives where the line begins,
 * or body.n when there is none. *behind is where its text behind the boundary begins.
 */
static size_t
find_delimiter(const struct multipart *multipart, size_t from, size_t *behind)
{
    struct str body = multipart->body, boundary = multipart->boundary;

    while (from < body.n) {
        const char *hit = memmem(body.s + from, body.n - from, boundary.s, boundary.n);

        if (hit == NULL)
            break;

        size_t at = (size_t)(hit - body.s);

        bool begins_line = at >= 2 && body.s[at - 1] == '-' && body.s[at - 2] == '-' &&
                           (at == 2 || body.s[at - 3] == '\n');

        if (begins_line && ends_delimiter(str_from(body, at + boundary.n))) {
            *behind = at + boundary.n;
            return at - 2;
        }
        from = at + 1;
    }
    return body.n;
}

/*
 * The line at *at without its end; *at moves behind it. False when the body ends before the line
 * does.
 */
static bool
read_line(const struct multipart *multipart, size_t *at, struct str *line)
{
    struct str rest = str_from(multipart->body, *at);
    const char *newline = rest.n == 0 ? NULL : memchr(rest.s, '\n', rest.n);

    if (newline == NULL)
        return false;

    size_t n = (size_t)(newline - rest.s);

    *at += n + 1;
    *line = (struct str){rest.s, n > 0 && rest.s[n - 1] == '\r' ? n - 1 : n};
    return true;
}

static void
read_header(struct str line, struct part *part)
{
    const char *colon = memchr(line.s, ':', line.n);

    if (colon == NULL)
        return;

    size_t n = (size_t)(colon - line.s);
    struct str name = str_trim((struct str){line.s, n});
    struct str value = str_trim(str_from(line, n + 1));

    if (str_eq_nocase(name, STR("content-disposition"))) {
        part->name = header_parameter(value, STR("name"));
        part->filename = header_parameter(value, STR("filename"));
        if (part->filename.s == NULL)
            part->filename = header_parameter(value, STR("filename*"));
    } else if (str_eq_nocase(name, STR("content-type"))) {
        part->content_type = value;
    }
}

static int
give_up(struct multipart *multipart, const char *problem)
{
    multipart->problem = problem;
    return -1;
}

int
multipart_next(struct multipart *multipart, struct part *part)
{
    size_t at = 0, behind = 0;
    struct str line;

    *part = (struct part){0};
    if (multipart->at > 0 && multipart->at == multipart->body.n)
        return 0; /* the part before had no end */
    if (multipart->boundary.n == 0)
        return give_up(multipart, "multipart body without a boundary in its content type");
    at = find_delimiter(multipart, multipart->at, &behind);
    if (at == multipart->body.n)
        return give_up(multipart, "multipart body without its boundary");
    multipart->at = at;
    if (str_starts_lit(str_from(multipart->body, behind), "--"))
        return 0;
    at = behind;
    if (!read_line(multipart, &at, &line))
        return give_up(multipart, "multipart body is cut off");
    for (;;) {
        if (!read_line(multipart, &at, &line))
            return give_up(multipart, "multipart body is cut off");
        if (line.n == 0)
            break;
        read_header(line, part);
    }

    size_t end = find_delimiter(multipart, at, &behind);

    if (end == multipart->body.n && part->filename.s != NULL)
        return give_up(multipart, "multipart body is cut off");
    multipart->at = end;
    if (end == multipart->body.n) {
        part->data = str_from(multipart->body, at);
        return 1;
    }
    /* the line end in front of the boundary belongs to the boundary */
    if (end > at && multipart->body.s[end - 1] == '\n')
        end--;
    if (end > at && multipart->body.s[end - 1] == '\r')
        end--;
    part->data = (struct str){multipart->body.s + at, end - at};
    return 1;
}
