#include "world/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "world/xalloc.h"

/* So many bytes make a chunk, or one block when it is larger. */
#define CHUNK_BYTES 16384

void
pool_init(struct pool *pool, size_t block)
{
    *pool = (struct pool){ .block = block };
    while (((size_t)2 << pool->shift) * block <= CHUNK_BYTES)
        pool->shift++;
}

static uint32_t
per_chunk(const struct pool *pool)
{
    return UINT32_C(1) << pool->shift;
}

void
pool_fini(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->used; i += per_chunk(pool))
        free(pool->chunks[i >> pool->shift]); /* NOLINT(clang-analyzer-unix.Malloc): each chunk once */
    free(pool->chunks);
    free(pool->idle);
    pool_init(pool, pool->block);
}

uint32_t
pool_take(struct pool *pool)
{
    if (pool->idle_count > 0)
        return pool->idle[--pool->idle_count];
    uint32_t chunk = pool->used >> pool->shift;

    if ((pool->used & (per_chunk(pool) - 1)) == 0) {
        if ((chunk & (chunk - 1)) == 0) /* powers of two: the list is full exactly then */
            pool->chunks = xrealloc(pool->chunks, (chunk == 0 ? 1 : (size_t)chunk * 2) * sizeof *pool->chunks);
        pool->chunks[chunk] = xmalloc(per_chunk(pool) * pool->block);
    }
    return pool->used++;
}

void
pool_give(struct pool *pool, uint32_t block)
{
    assert(block < pool->used);
    if (pool->idle_count == pool->idle_room) {
        pool->idle_room = pool->idle_room == 0 ? 16 : pool->idle_room * 2;
        pool->idle = xrealloc(pool->idle, pool->idle_room * sizeof *pool->idle);
    }
    pool->idle[pool->idle_count++] = block;
    if (pool->idle_count == pool->used) /* nobody holds any */
        pool_fini(pool);
}

size_t
pool_bytes(const struct pool *pool)
{
    size_t chunks = (pool->used + per_chunk(pool) - 1) >> pool->shift;

    return chunks * per_chunk(pool) * pool->block + pool->idle_room * sizeof *pool->idle;
}
