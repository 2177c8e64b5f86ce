/* map.h - two small hash maps: from text and from a 64-bit number to an index. They own their slots, never the keys. */
#ifndef UNDERSTUDY_WORLD_MAP_H
#define UNDERSTUDY_WORLD_MAP_H

#include <stdint.h>

#include "core/str.h"

#define MAP_NONE UINT32_MAX

/* Text -> index. Keys are borrowed: they must not move or change while they are in the map. */
struct map {
    struct map_slot *slots;
    uint32_t size, used, live;
};

void map_fini(struct map *map);
/* The index of a key, MAP_NONE when it is not there. */
uint32_t map_get(const struct map *map, struct str key);
/* Adds or replaces. */
void map_put(struct map *map, struct str key, uint32_t index);
void map_drop(struct map *map, struct str key);

/* A hash of any bytes; the same in every run. */
uint64_t hash_bytes(const void *bytes, size_t n);

/* Number (> 0) -> index, for page-scoped ids: nothing is ever dropped. 8 bytes a slot, because whoever the index means knows her number:
 * key_of(owner, index) tells it. */
struct idmap {
    struct idmap_slot *slots;
    uint32_t size, used;
};

typedef uint64_t idmap_key_of(const void *owner, uint32_t index);

void idmap_fini(struct idmap *map);
/* The index of a key, MAP_NONE when it is not there. */
uint32_t idmap_get(const struct idmap *map, uint64_t key, idmap_key_of *key_of, const void *owner);
/* Adds a key that is not there. */
void idmap_add(struct idmap *map, uint64_t key, uint32_t index);

#endif
