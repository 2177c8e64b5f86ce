#include "world/arena.h"

#include <stdlib.h>

#include "world/xalloc.h"

#define BLOCK_SIZE ((size_t)8 * 1024)

/* Lies in front of the memory it gives. Blocks double, so that a large body needs few of them. */
struct arena_block {
    struct arena_block *older;
    size_t size; /* bytes behind this header */
};

_Static_assert(sizeof(struct arena_block) % 8 == 0, "what lies behind the header must be aligned");

static void
open_block(struct arena *arena, char *memory, size_t size)
{
    arena->at = memory;
    arena->end = memory + size;
}

/* The first byte of the buffer that is aligned; size becomes what is left. */
static char *
aligned(char *buffer, size_t *size)
{
    size_t skip = (size_t)(-(uintptr_t)buffer & 7);

    if (skip >= *size) {
        *size = 0;
        return buffer;
    }
    *size = (*size - skip) & ~(size_t)7;
    return buffer + skip;
}

void
arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void
arena_init_buffer(struct arena *arena, void *buffer, size_t size)
{
    *arena = (struct arena){.buffer = aligned(buffer, &size)};
    arena->buffer_size = size;
    open_block(arena, arena->buffer, size);
}

void *
arena_grow(struct arena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    size_t room = arena->blocks == NULL ? BLOCK_SIZE : arena->blocks->size * 2;

    if (rounded < size)
        abort(); /* nearly the whole address space was asked for */
    if (room < rounded)
        room = rounded;

    struct arena_block *block = xmalloc(sizeof *block + room);
    char *memory = (char *)(block + 1);

    *block = (struct arena_block){arena->blocks, room};
    arena->blocks = block;
    open_block(arena, memory + rounded, room - rounded);
    return memory;
}

char *
arena_strndup(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);

    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

void
arena_reset(struct arena *arena)
{
    struct arena_block *keep = NULL;

    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->older;
        if (block->older == NULL && arena->buffer == NULL)
            keep = block;
        else
            free(block);
    }
    arena->blocks = keep;
    if (keep != NULL) {
        keep->older = NULL;
        open_block(arena, (char *)(keep + 1), keep->size);
    } else {
        open_block(arena, arena->buffer, arena->buffer_size);
    }
}

void
arena_fini(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->older;
        free(block);
    }
    *arena = (struct arena){0};
}
