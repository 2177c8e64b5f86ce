#include "graph/sniff.h"

#define PLAIN false
#define BOX true

static const struct magic magics[] = {
#define MAGIC(at, text, kind, holds) { at, { text, sizeof text - 1 }, kind, holds },
#include "graph/sniff.def"
#undef MAGIC
};

const struct magic *
sniff(struct str bytes)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (bytes.n >= magics[i].offset + magics[i].bytes.n && str_starts(str_from(bytes, magics[i].offset), magics[i].bytes))
            return &magics[i];
    return NULL;
}
