/* pool.h - blocks of one size, named by numbers of 32 bits. Blocks never move; one that was given back is handed out again first, and giving it back does not
 * touch it. For many small things that come and go. */
#ifndef UNDERSTUDY_WORLD_POOL_H
#define UNDERSTUDY_WORLD_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
    size_t block;    /* bytes of one */
    unsigned shift;  /* blocks of a chunk, as a power of two */
    char **chunks;   /* owned */
    uint32_t used;   /* blocks ever handed out */
    uint32_t *idle;  /* owned: blocks given back */
    uint32_t idle_count, idle_room;
};

void pool_init(struct pool *pool, size_t block);
void pool_fini(struct pool *pool); /* empty again, all blocks gone; may be used on */
/* A block; what is in it is not said. */
uint32_t pool_take(struct pool *pool);
void pool_give(struct pool *pool, uint32_t block);
static inline void *
pool_at(const struct pool *pool, uint32_t block)
{
    return pool->chunks[block >> pool->shift] + (size_t)(block & ((UINT32_C(1) << pool->shift) - 1)) * pool->block;
}

size_t pool_bytes(const struct pool *pool); /* held from the system */

#endif
