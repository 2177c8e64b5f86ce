#include "conformance/words.h"

#include <ctype.h>
#include <string.h>

#include "conformance/moment.h"
#include "conformance/scope.h"

bool
word_is_name(const char *text)
{
    if (!islower((unsigned char)text[0]) || strlen(text) > REFERENCE_PART_MAX)
        return false;
    for (; *text != '\0'; text++)
        if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && *text != '_')
            return false;
    return true;
}

bool
word_is_reserved(const char *text)
{
    static const char *const words[] = {"next", "any", "body", "none"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

bool
word_is_count(const char *text)
{
    return text[0] != '\0' && strlen(text) <= 7 && text[strspn(text, "0123456789")] == '\0';
}

bool
word_is_bounded_count(const char *text)
{
    if (strncmp(text, ">=", 2) == 0 || strncmp(text, "<=", 2) == 0)
        text += 2;
    return word_is_count(text);
}

bool
word_is_status(const char *text)
{
    if (strcmp(text, "any") == 0)
        return true;
    return strlen(text) == 3 && text[0] >= '1' && text[0] <= '5' &&
           ((isdigit((unsigned char)text[1]) && isdigit((unsigned char)text[2])) ||
            strcmp(text + 1, "xx") == 0);
}

bool
word_is_webhook_answer(const char *text)
{
    return strcmp(text, "close") == 0 || strcmp(text, "hang") == 0 ||
           (word_is_status(text) && isdigit((unsigned char)text[2]));
}

bool
word_is_clock_mode(const char *text)
{
    return strcmp(text, "frozen") == 0 || strcmp(text, "wall") == 0 ||
           (text[0] == 'x' && word_is_count(text + 1) && strcmp(text, "x0") != 0);
}

bool
word_is_clock(const char *text)
{
    ms_t unused;
    return word_is_clock_mode(text) || moment_read(text, &unused) ||
           moment_read_duration(text, &unused);
}

/* What stands before the world exists: where it begins, and how its clock goes. */
bool
word_is_clock_start(const char *text)
{
    ms_t unused;
    return word_is_clock_mode(text) || moment_read(text, &unused);
}

bool
word_is_method(const char *text)
{
    size_t length = strlen(text);
    return length >= 3 && length <= 10 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

bool
word_is_path(const char *text)
{
    return text[0] == '/';
}

bool
word_is_verdict(const char *text)
{
    return strcmp(text, "permitted") == 0 || strcmp(text, "refused") == 0;
}

bool
word_is_header_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return false;
    return text[0] != '\0';
}

bool
word_is_bytes(const char *text)
{
    if (strncmp(text, "hex:", 4) != 0)
        return true;
    return strlen(text) % 2 == 0 && text[4 + strspn(text + 4, "0123456789abcdefABCDEF")] == '\0';
}
