/*
 * Random bytes as JSON. Whatever is read must write and read back as the same text, in every mode.
 */
#include <stdlib.h>

#include "graph/json.h"
#include "graph/jwrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
must(bool fact)
{
    if (!fact)
        abort();
}

static void
write_and_read_back(struct arena *arena, const struct jnode *root, unsigned mode)
{
    struct buf once = {0}, again = {0};

    jw_node(&once, root, mode);

    const struct jnode *back = json_read(arena, buf_view(&once), 0, NULL);

    must(back != NULL);
    jw_node(&again, back, mode);
    must(str_eq(buf_view(&once), buf_view(&again)));
    buf_fini(&once);
    buf_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    char first[256];
    struct arena arena;

    arena_init_buffer(&arena, first, sizeof first);
    for (unsigned flags = 0; flags <= (JSON_LAST_WINS | JSON_LENIENT); flags++) {
        struct json_error error = {0};
        const struct jnode *root = json_read(&arena, text, flags, &error);

        must(root != NULL || error.reason != NULL);
        must(error.offset <= size);
        if (root == NULL)
            continue;
        write_and_read_back(&arena, root, JW_GRAPH);
        write_and_read_back(&arena, root, JW_OURS);
        write_and_read_back(&arena, root, JW_WEBHOOK);
    }
    arena_fini(&arena);
    return 0;
}
