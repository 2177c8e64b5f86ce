/* What must not leave the machine in a recording: phone numbers, mail addresses, access tokens, long numbers (cards, ids). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/import.h"

/* With all that people put between the digits; what is longer is cut into several. */
enum { NUMBER_LENGTH_MAX = 64 };

/* Of one mail address or number, however it is written. */
static uint64_t
hash_of(const char *text, size_t n)
{
    uint64_t hash = UINT64_C(1469598103934665603);

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)tolower((unsigned char)text[i])) * UINT64_C(1099511628211);
    return hash;
}

static bool
is_mail_character(char c)
{
    return c != '\0' && (isalnum((unsigned char)c) || strchr("._%+-", c) != NULL);
}

/* The length of a mail address that begins here; 0: none. */
static size_t
mail_at(const char *text)
{
    size_t at = 0, to;

    while (is_mail_character(text[at]))
        at++;
    if (at == 0 || text[at] != '@')
        return 0;
    for (to = at + 1; isalnum((unsigned char)text[to]) || ((unsigned char)text[to] & 0x80) != 0 ||
                      text[to] == '.' || text[to] == '-';
         to++)
        ;
    while (text[to - 1] == '.') /* the end of a sentence */
        to--;
    return to > at + 2 && memchr(text + at, '.', to - at) != NULL ? to : 0;
}

/* The digit that this character is, in the alphabets whose phones write their own; -1: none. */
static int
digit_of(uint32_t c)
{
    static const uint32_t zeros[] = {'0', 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10};

    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < zeros[i] + 10)
            return (int)(c - zeros[i]);
    return -1;
}

/* What people and address books put between digits: spaces and dashes, also those that break no line. */
static bool
is_between_digits(uint32_t c)
{
    return (c < 0x80 && strchr(" -()./", (int)c) != NULL) || c == 0xa0 || c == 0x202f ||
           (c >= 0x2007 && c <= 0x2015);
}

/* The length of a number of seven digits or more that begins here, with what people put in; 0: none. Its digits alone go to `plain`. */
static size_t
number_at(const char *text, char plain[NUMBER_LENGTH_MAX + 1])
{
    size_t n = text[0] == '+' ? 1 : 0, digits = 0, end = 0, length;
    uint32_t c = 0;

    import_character(text + n, &c);
    if (digit_of(c) < 0 && c != '(')
        return 0;
    for (; n < NUMBER_LENGTH_MAX && (length = import_character(text + n, &c)) > 0; n += length) {
        int digit = digit_of(c);

        if (digit >= 0) {
            plain[digits++] = (char)('0' + digit);
            end = n + length;
        } else if (!is_between_digits(c)) {
            break;
        }
    }
    plain[digits] = '\0';
    return digits >= 7 ? end : 0;
}

/* The number that these digits are; -1 when there are none, or more. */
static int
short_number(const char **text, int digits_max)
{
    int value = 0, digits = 0;

    for (; isdigit((unsigned char)**text); ++*text)
        if (++digits <= digits_max)
            value = value * 10 + (**text - '0');
    return digits > 0 && digits <= digits_max ? value : -1;
}

/* The length of a date that begins here (2024-03-01, 1.3.2024, 3/1/2024), which is no phone number; 0: none. */
static size_t
date_at(const char *text)
{
    const char *s = text;
    int parts[3];
    char between = '\0';

    for (int i = 0; i < 3; i++) {
        parts[i] = short_number(&s, 4);
        if (i < 2 && (*s == '\0' || strchr("-./", *s) == NULL || (i == 1 && *s != between)))
            return 0;
        if (i < 2)
            between = *s++;
    }
    if (*s == between && isdigit((unsigned char)s[1]))
        return 0;
    int year = parts[0] > 31 ? parts[0] : parts[2], other = parts[0] > 31 ? parts[2] : parts[0];
    bool is_date = year >= 1900 && year <= 2100 && other >= 1 && other <= 31 && parts[1] >= 1 &&
                   parts[1] <= 31 && (other <= 12 || parts[1] <= 12);
    return is_date ? (size_t)(s - text) : 0;
}

/* An access token: EA and at least forty letters and digits, or a run of sixty of them. */
static size_t
token_at(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '-')
        n++;
    return n >= 60 || (n >= 40 && strncmp(text, "EA", 2) == 0) ? n : 0;
}

/* An app's own token: its id, a bar, its secret. */
static size_t
app_token_at(const char *text)
{
    size_t digits = strspn(text, "0123456789"), n = digits + 1;

    if (digits < 8 || text[digits] != '|')
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '-')
        n++;
    return n > digits + 16 ? n : 0;
}

struct text {
    char *s;
    size_t n, room;
};

static void
add(struct text *to, const char *bytes, size_t n)
{
    if (to->n + n + 1 > to->room) {
        to->room = (to->n + n + 1) * 2;
        to->s = realloc(to->s, to->room);
        if (to->s == NULL)
            abort();
    }
    memcpy(to->s + to->n, bytes, n);
    to->n += n;
    to->s[to->n] = '\0';
}

static void
add_stand_in(struct text *to, const char *original, size_t n, const char *before, const char *after)
{
    char stand_in[64];
    int length = snprintf(stand_in, sizeof stand_in, "%s%u%s", before,
                          (unsigned)(hash_of(original, n) % 9000000 + 1000000), after);

    add(to, stand_in, (size_t)length);
}

/* Puts what stands at `i` into `out`, or what stands for it. Gives how much of the text that was. */
static size_t
clean_at(const struct import *im, const char *text, size_t i, struct text *out)
{
    char before = '\0', number[NUMBER_LENGTH_MAX + 1];

    if (i > 0)
        before = text[i - 1];
    bool is_start = !isalnum((unsigned char)before);
    const char *stand_in;
    size_t n;

    if (!is_mail_character(before) && (n = mail_at(text + i)) > 0) {
        add_stand_in(out, text + i, n, "person", "@example.com");
        return n;
    }
    if (is_start && (n = date_at(text + i)) > 0) {
        add(out, text + i, n);
        return n;
    }
    if (is_start && ((n = app_token_at(text + i)) > 0 || (n = token_at(text + i)) > 0)) {
        add(out, "***", 3);
        return n;
    }
    if (!isdigit((unsigned char)before) && (n = number_at(text + i, number)) > 0) {
        add_stand_in(out, number, strlen(number), text[i] == '+' ? "+1555" : "555", "");
        return n;
    }
    if ((n = import_name_at(im, text, i, &stand_in)) > 0) {
        char first = (char)toupper((unsigned char)*stand_in);
        add(out, &first, 1);
        add(out, stand_in + 1, strlen(stand_in + 1));
        return n;
    }
    add(out, text + i, 1);
    return 1;
}

json_t *
import_clean(const struct import *im, const char *text)
{
    struct text out = {0};

    add(&out, "", 0);
    for (size_t i = 0; text[i] != '\0';)
        i += clean_at(im, text, i, &out);
    json_t *clean = json_stringn(out.s, out.n);
    free(out.s);
    return clean;
}
