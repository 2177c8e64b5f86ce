/* Files that hold one JSON document after the other, as `cat message_*.json` makes them. */
#include "conformance/import.h"

/* Lines before this place of the file. */
static unsigned long
lines_before(FILE *in, long place)
{
    unsigned long lines = 0;

    rewind(in);
    for (long i = 0; i < place; i++)
        lines += getc_unlocked(in) == '\n';
    return lines;
}

json_t *
import_documents(struct import *im, const char *expected)
{
    json_t *documents = json_array(), *document;
    json_error_t error;
    int c;

    for (;;) {
        while ((c = getc_unlocked(im->in)) == ' ' || c == '\n' || c == '\r' || c == '\t')
            ;
        if (c == EOF)
            return documents;
        ungetc(c, im->in);
        long start = ftell(im->in);
        document = json_loadf(im->in, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        if (document == NULL) {
            im->line = lines_before(im->in, start) + (unsigned long)error.line;
            import_wrong(im, "no JSON: %s, expected %s", error.text, expected);
            json_decref(documents);
            return NULL;
        }
        json_array_append_new(documents, document);
    }
}
