#include "conformance/complaints.h"

#include <stdarg.h>
#include <stdlib.h>

#include "conformance/alloc.h"

void
complaints_add(struct complaints *list, const char *file, int line, const char *format, ...)
{
    char *what = NULL;
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(&what, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();

    list->lines = alloc_one_more(list->lines, list->count, sizeof *list->lines);
    list->lines[list->count++] =
        line > 0 ? alloc_print("%s:%d: %s", file, line, what) : alloc_print("%s: %s", file, what);
    free(what);
}

void
complaints_print(const struct complaints *list, FILE *to)
{
    for (size_t i = 0; i < list->count; i++)
        fprintf(to, "%s\n", list->lines[i]);
}

void
complaints_fini(struct complaints *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->lines[i]);
    free(list->lines);
    *list = (struct complaints){0};
}
