#include "graph/sniff.h"

static const struct {
    size_t offset;
    struct str bytes;
    const char *type;
} magics[] = {
#define MAGIC(at, text, kind) { at, { text, sizeof text - 1 }, kind },
#include "graph/sniff.def"
#undef MAGIC
};

const char *
sniff(struct str bytes)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (bytes.n >= magics[i].offset + magics[i].bytes.n && str_starts(str_from(bytes, magics[i].offset), magics[i].bytes))
            return magics[i].type;
    return NULL;
}
