#include "reports/markup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/tree.h"

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

/* U+FFFE and U+FFFF are the only letters beyond the control characters that XML refuses; JSON has
 * no lone surrogates. */
static bool
is_no_letter(const char *text)
{
    return strncmp(text, "\xEF\xBF\xBE", 3) == 0 || strncmp(text, "\xEF\xBF\xBF", 3) == 0;
}

void
markup_xml(FILE *out, const char *text)
{
    for (; *text; text++) {
        unsigned char letter = (unsigned char)*text;

        if (letter == '&')
            fputs("&amp;", out);
        else if (letter == '<')
            fputs("&lt;", out);
        else if (letter == '>')
            fputs("&gt;", out);
        else if (letter == '"')
            fputs("&quot;", out);
        else if (letter == '\'')
            fputs("&#39;", out);
        else if (letter < 0x20 && letter != '\n' && letter != '\t')
            fputs(REPLACEMENT, out);
        else if (is_no_letter(text)) {
            fputs(REPLACEMENT, out);
            text += 2;
        } else
            fputc(letter, out);
    }
}

void
markup_xml_new(FILE *out, char *text)
{
    markup_xml(out, text);
    free(text);
}

void
markup_md(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\r')
            fputc(' ', out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (strchr("\\`*_[]|~#", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

/* A bar would end the cell even here, and a backquote the code: GitHub's tables take the one
 * escaped; the other becomes an apostrophe. */
void
markup_md_code(FILE *out, const char *text)
{
    fputc('`', out);
    for (; *text; text++) {
        if (*text == '\n' || *text == '\r')
            fputc(' ', out);
        else if (*text == '|')
            fputs("\\|", out);
        else
            fputc(*text == '`' ? '\'' : *text, out);
    }
    fputc('`', out);
}

char *
markup_uri_new(const char *path)
{
    char *uri = tree_alloc(strlen(path) * 3 + 1, 1), *end = uri;

    for (; *path; path++) {
        unsigned char letter = (unsigned char)*path;
        bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                        (letter >= '0' && letter <= '9') || strchr("-._~/", letter);

        if (is_plain)
            *end++ = (char)letter;
        else
            end += sprintf(end, "%%%02X", letter);
    }
    return uri;
}
