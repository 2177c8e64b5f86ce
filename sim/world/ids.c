#include "world/ids.h"

#include <stdio.h>
#include <string.h>

#include "world/sixes.h"

/* An odd multiplier and its inverse modulo 2^64: what makes message ids reversible. */
#define MID_FACTOR UINT64_C(0x9E3779B97F4A7C15)
#define MID_FACTOR_INVERSE UINT64_C(0xF1DE83E19937733D)

uint64_t
id_number(uint64_t seed, unsigned kind, uint64_t n, unsigned digits)
{
    uint64_t low = 1;

    for (unsigned i = 1; i < digits; i++)
        low *= 10;
    return low + mix64(mix64(seed, kind), n) % (low * 9);
}

static uint64_t
mid_scramble(uint64_t key, uint64_t n)
{
    uint64_t x = (n ^ key) * MID_FACTOR;

    x ^= x >> 32;
    return x * MID_FACTOR;
}

static uint64_t
mid_unscramble(uint64_t key, uint64_t x)
{
    x *= MID_FACTOR_INVERSE;
    x ^= x >> 32;
    return (x * MID_FACTOR_INVERSE) ^ key;
}

static void
write_time(char out[MID_SIZE], uint64_t x, uint64_t key, long long at_ms)
{
    snprintf(out, MID_SIZE, "mid.%lld:%016llx%02x", at_ms, (unsigned long long)x,
             (unsigned)(ids_step(x ^ key) & 255));
}

/* `left` characters that follow from x: they make the id long, and guessing one hard. */
static char *
write_filler(char *at, uint64_t x, uint64_t key, unsigned left)
{
    for (; left > 10; left -= 10) {
        x = ids_step(x ^ key);
        at = sixes_put(at, x, 10);
    }
    return sixes_put(at, ids_step(x ^ key), left);
}

static void
write_dollar(char *at, uint64_t x, uint64_t key)
{
    memcpy(at, "mid.$cAA", 8);
    at = sixes_put(at + 8, x, SIXES_NUMBER);
    *write_filler(at, x, key, 15) = '\0';
}

/* 64 bytes as base64url: of the last character only the upper two bits are used. */
static void
write_bare(char *at, uint64_t x, uint64_t key)
{
    at = write_filler(sixes_put(at, x, SIXES_NUMBER), x, key, 74);
    *at++ = sixes_alphabet[ids_step(x + key) & 0x30];
    *at = '\0';
}

void
mid_write(char out[MID_SIZE], uint64_t key, uint64_t n, enum mid_form form, long long at_ms)
{
    uint64_t x = mid_scramble(key, n);

    switch (form) {
    case MID_TIME:
        write_time(out, x, key, at_ms);
        return;
    case MID_DOLLAR:
        write_dollar(out, x, key);
        return;
    case MID_NOW:
        out[0] = 'm';
        out[1] = '_';
        write_bare(out + 2, x, key);
        return;
    case MID_BARE:
        break;
    }
    write_bare(out, x, key);
}

static bool
read_hex(const char *text, uint64_t *x)
{
    *x = 0;
    for (unsigned i = 0; i < 16; i++) {
        char c = text[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        *x = *x << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* The scrambled number of an id, and the form that it has; false when it has none. */
static bool
read_form(const char *text, size_t n, enum mid_form *form, uint64_t *x)
{
    const char *colon = n > 4 && memcmp(text, "mid.", 4) == 0 ? memchr(text, ':', n) : NULL;

    if (colon != NULL) {
        *form = MID_TIME;
        return n - (size_t)(colon - text) == 19 && n < MID_SIZE && read_hex(colon + 1, x);
    }
    if (n == 34 && memcmp(text, "mid.$cAA", 8) == 0) {
        *form = MID_DOLLAR;
        return sixes_read(text + 8, x);
    }
    *form = MID_BARE;
    return n == MID_LENGTH - 2 && sixes_read(text, x);
}

uint64_t
mid_read(uint64_t key, const char *text, size_t n)
{
    char again[MID_SIZE];
    enum mid_form form;
    uint64_t x;

    if (n > 2 && text[0] == 'm' && text[1] == '_' && n != MID_LENGTH - 2) {
        text += 2;
        n -= 2;
    }
    if (!read_form(text, n, &form, &x))
        return 0;
    uint64_t number = mid_unscramble(key, x);
    if (number >> 48 != 0) /* nobody writes so many */
        return 0;
    mid_write(again, key, number, form, 0);
    if (form != MID_TIME)
        return memcmp(again, text, n) == 0 ? number : 0;
    return memcmp(again + strlen(again) - 18, text + n - 18, 18) == 0 ? number : 0;
}

void
id_text(char *out, size_t n, uint64_t seed, unsigned kind, uint64_t index, bool is_url)
{
    uint64_t state = mix64(mix64(seed, kind), index);

    for (size_t i = 0; i < n; i++) {
        state = ids_step(state);
        out[i] = sixes_alphabet[state % (is_url ? 64 : 62)];
    }
    out[n] = '\0';
}

void
id_hex(char *out, size_t n, uint64_t seed, unsigned kind, uint64_t index)
{
    uint64_t state = mix64(mix64(seed, kind), index);

    for (size_t i = 0; i < n; i++) {
        state = ids_step(state);
        out[i] = "0123456789abcdef"[state & 15];
    }
    out[n] = '\0';
}

uint64_t
digits_read(const char *text, size_t n)
{
    uint64_t number = 0;

    if (n == 0 || n > 18)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    return number;
}

size_t
format_uint64(char *out, uint64_t number)
{
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                                "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    char digits[UINT64_SIZE];
    char *const end = digits + sizeof digits, *at = end;

    for (; number >= 10; number /= 100)
        memcpy(at -= 2, pairs + 2 * (number % 100), 2);
    if (number > 0 || at == end)
        *--at = (char)('0' + number);
    size_t n = (size_t)(end - at);
    memcpy(out, at, n);
    out[n] = '\0';
    return n;
}

void
phone_plain(char out[PHONE_SIZE], const char *text, size_t n)
{
    size_t to = 0;

    out[to++] = '+';
    for (size_t i = 0; i < n && to < PHONE_SIZE - 1; i++)
        if (text[i] >= '0' && text[i] <= '9')
            out[to++] = text[i];
    out[to] = '\0';
}
