#include "world/sixes.h"

const char sixes_alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool
sixes_read(const char *text, uint64_t *bits)
{
    *bits = 0;
    for (unsigned i = SIXES_NUMBER; i-- > 0;) {
        const char *place = text[i] != '\0' ? strchr(sixes_alphabet, text[i]) : NULL;

        if (place == NULL)
            return false;
        *bits = *bits << 6 | (uint64_t)(place - sixes_alphabet);
    }
    return true;
}
