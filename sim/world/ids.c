#include "world/ids.h"

#include <string.h>

#include "world/sixes.h"

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* An odd multiplier and its inverse modulo 2^64: what makes message ids reversible. */
#define MID_FACTOR UINT64_C(0x9E3779B97F4A7C15)
#define MID_FACTOR_INVERSE UINT64_C(0xF1DE83E19937733D)

static uint64_t
splitmix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

uint64_t
mix64(uint64_t a, uint64_t b)
{
    return splitmix(splitmix(a) ^ (b * UINT64_C(0xD6E8FEB86659FD93)));
}

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

void
mid_write(char out[MID_SIZE], uint64_t key, uint64_t n)
{
    char text[MID_LENGTH + 16]; /* more is written than is taken */
    uint64_t x = mid_scramble(key, n);

    text[0] = 'm';
    text[1] = '_';
    sixes_write(text + 2, x, x >> 48, SIXES_URL);
    for (unsigned at = 13; at < MID_LENGTH; at += 10) {
        x = splitmix(x ^ key);
        sixes_write(text + at, x, x >> 48, SIXES_URL);
    }
    memcpy(out, text, MID_LENGTH);
    out[MID_LENGTH] = '\0';
}

uint64_t
mid_read(uint64_t key, const char *text, size_t n)
{
    char again[MID_SIZE];
    uint64_t x = 0;

    if (n == MID_LENGTH && text[0] == 'm' && text[1] == '_') {
        text += 2;
        n -= 2;
    }
    if (n != MID_LENGTH - 2)
        return 0;
    for (unsigned i = 11; i-- > 0;) {
        const char *place = text[i] != '\0' ? strchr(url_alphabet, text[i]) : NULL;

        if (place == NULL)
            return 0;
        x = (x << 6) | (uint64_t)(place - url_alphabet);
    }
    uint64_t number = mid_unscramble(key, x);
    mid_write(again, key, number);
    return memcmp(again + 2, text, n) == 0 ? number : 0;
}

void
id_text(char *out, size_t n, uint64_t seed, unsigned kind, uint64_t index, bool is_url)
{
    uint64_t state = mix64(mix64(seed, kind), index);

    for (size_t i = 0; i < n; i++) {
        state = splitmix(state);
        out[i] = url_alphabet[state % (is_url ? 64 : 62)];
    }
    out[n] = '\0';
}

void
id_hex(char *out, size_t n, uint64_t seed, unsigned kind, uint64_t index)
{
    uint64_t state = mix64(mix64(seed, kind), index);

    for (size_t i = 0; i < n; i++) {
        state = splitmix(state);
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
    char reversed[UINT64_SIZE];
    size_t n = 0;

    do
        reversed[n++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
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
