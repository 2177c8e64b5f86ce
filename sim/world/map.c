#include "world/map.h"

#include <stdlib.h>

#include "world/ids.h"
#include "world/xalloc.h"

struct map_slot {
    const char *key; /* NULL: free; DROPPED: was used */
    uint32_t length;
    uint32_t hash;
    uint32_t index;
};

static const char dropped_key[] = "";
#define DROPPED dropped_key

uint64_t
hash_bytes(const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) ^ n;

    for (; n >= 8; at += 8, n -= 8) {
        uint64_t word;

        memcpy(&word, at, 8);
        hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    if (n > 0) /* bytes may be NULL then */
        memcpy(&rest, at, n);
    hash = (hash ^ rest) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ (hash >> 29);
}

void
map_fini(struct map *map)
{
    free(map->slots);
    *map = (struct map){ 0 };
}

static struct map_slot *
map_find(const struct map *map, struct str key, uint32_t hash)
{
    if (map->size == 0)
        return NULL;
    for (uint32_t i = hash & (map->size - 1);; i = (i + 1) & (map->size - 1)) {
        struct map_slot *slot = &map->slots[i];

        if (slot->key == NULL)
            return NULL;
        if (slot->key != DROPPED && slot->hash == hash && slot->length == key.n &&
            memcmp(slot->key, key.s, key.n) == 0)
            return slot;
    }
}

uint32_t
map_get(const struct map *map, struct str key)
{
    const struct map_slot *slot = map_find(map, key, (uint32_t)hash_bytes(key.s, key.n));

    return slot != NULL ? slot->index : MAP_NONE;
}

static void
map_place(struct map *map, struct map_slot new)
{
    uint32_t i = new.hash & (map->size - 1);

    while (map->slots[i].key != NULL)
        i = (i + 1) & (map->size - 1);
    map->slots[i] = new;
    map->used++;
}

static void
map_grow(struct map *map)
{
    struct map old = *map;

    map->size = old.live * 2 < 16 ? 16 : old.size * (old.live * 2 > old.size ? 2 : 1);
    map->used = 0;
    map->slots = xcalloc(map->size, sizeof *map->slots);
    for (uint32_t i = 0; i < old.size; i++)
        if (old.slots[i].key != NULL && old.slots[i].key != DROPPED)
            map_place(map, old.slots[i]);
    free(old.slots);
}

void
map_put(struct map *map, struct str key, uint32_t index)
{
    uint32_t hash = (uint32_t)hash_bytes(key.s, key.n);
    struct map_slot *slot = map_find(map, key, hash);

    if (slot != NULL) {
        slot->key = key.s;
        slot->index = index;
        return;
    }
    if (map->size == 0 || map->used * 4 >= map->size * 3)
        map_grow(map);
    map_place(map, (struct map_slot){ key.s, (uint32_t)key.n, hash, index });
    map->live++;
}

void
map_drop(struct map *map, struct str key)
{
    struct map_slot *slot = map_find(map, key, (uint32_t)hash_bytes(key.s, key.n));

    if (slot != NULL) {
        slot->key = DROPPED;
        map->live--;
    }
}

/* ---- numbers ------------------------------------------------------------------------------------------------------------ */

struct idmap_slot {
    uint32_t hash;
    uint32_t index_plus_one; /* 0: free */
};

void
idmap_fini(struct idmap *map)
{
    free(map->slots);
    *map = (struct idmap){ 0 };
}

uint32_t
idmap_get(const struct idmap *map, uint64_t key, idmap_key_of *key_of, const void *owner)
{
    if (map->size == 0 || key == 0)
        return MAP_NONE;
    uint32_t hash = (uint32_t)mix64(key, 0);

    for (uint32_t i = hash & (map->size - 1); map->slots[i].index_plus_one != 0; i = (i + 1) & (map->size - 1)) {
        uint32_t index = map->slots[i].index_plus_one - 1;

        if (map->slots[i].hash == hash && key_of(owner, index) == key)
            return index;
    }
    return MAP_NONE;
}

/* Into the first free slot from where its hash points. */
static void
idmap_place(struct idmap *map, struct idmap_slot new)
{
    uint32_t i = new.hash & (map->size - 1);

    while (map->slots[i].index_plus_one != 0)
        i = (i + 1) & (map->size - 1);
    map->slots[i] = new;
}

void
idmap_add(struct idmap *map, uint64_t key, uint32_t index)
{
    if (map->used * 4 >= map->size * 3) {
        struct idmap old = *map;

        map->size = old.size == 0 ? 16 : old.size * 2;
        map->slots = xcalloc(map->size, sizeof *map->slots);
        for (uint32_t i = 0; i < old.size; i++)
            if (old.slots[i].index_plus_one != 0)
                idmap_place(map, old.slots[i]);
        free(old.slots);
    }
    map->used++;
    idmap_place(map, (struct idmap_slot){ (uint32_t)mix64(key, 0), index + 1 });
}
