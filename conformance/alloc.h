/* Memory that is always there: a failed allocation aborts, because this is a tool.
 * Knows nothing of the harness. Everything returned is freed with free(). */
#ifndef CONFORMANCE_ALLOC_H
#define CONFORMANCE_ALLOC_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *
alloc_checked(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static inline void *
alloc_zero(size_t count, size_t size)
{
    return alloc_checked(calloc(count == 0 ? 1 : count, size));
}

static inline char *
alloc_text(const char *text)
{
    return alloc_checked(strdup(text));
}

static inline char *
alloc_slice(const char *text, size_t length)
{
    return alloc_checked(strndup(text, length));
}

__attribute__((format(printf, 1, 2))) static inline char *
alloc_print(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    return text;
}

/* Room for one more element in an array that grows by doubling: call before writing element `count`. */
static inline void *
alloc_one_more(void *array, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return array;
    return alloc_checked(realloc(array, (count == 0 ? 1 : count * 2) * size));
}

#endif
