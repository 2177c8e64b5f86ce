/*
 * A bump allocator: many small things that die together. It gives memory and takes all of it back
 * at once; it runs no destructors and knows nothing of what lies in it.
 */
#ifndef UNDERSTUDY_WORLD_ARENA_H
#define UNDERSTUDY_WORLD_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena_block;

struct arena {
    char *at;                   /* next free byte of the newest block, 8-byte aligned */
    char *end;                  /* one past the newest block */
    struct arena_block *blocks; /* owned; newest first */
    char *buffer;               /* borrowed first block or NULL */
    size_t buffer_size;
};

/* An empty arena; the first block is made by the first arena_alloc. */
void arena_init(struct arena *);

/*
 * An arena whose first block is the caller's buffer (borrowed until arena_fini), so that a small
 * request needs no heap.
 */
void arena_init_buffer(struct arena *, void *buffer, size_t size);

/* The slow path of arena_alloc: a new block. */
void *arena_grow(struct arena *, size_t size);

/* size bytes, 8-byte aligned, not cleared; never NULL. Valid until arena_reset or arena_fini. */
static inline void *
arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;

    if (rounded - 1 >=
        (size_t)(arena->end - arena->at)) /* 0, an overflow too, counts as too large */
        return arena_grow(arena, size);
    void *memory = arena->at;
    arena->at += rounded;
    return memory;
}

/* The same, all bytes zero. */
static inline void *
arena_zalloc(struct arena *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

/* A copy of size bytes with a NUL behind it. */
char *arena_strndup(struct arena *, const char *text, size_t size);

/* Forgets everything but keeps the first block for the next round. */
void arena_reset(struct arena *);

/* Gives all memory back; the arena may be used again after arena_init. */
void arena_fini(struct arena *);

#endif
