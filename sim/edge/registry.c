#include "edge/registry.h"

#include <stdio.h>
#include <stdlib.h>

#include <pthread.h>

#include "edge/tenant.h"
#include "world/map.h"
#include "world/xalloc.h"

struct slot {
    struct tenant *tenant; /* held; NULL: free */
    uint64_t seed, salt;
    uint64_t age; /* order of making */
    char **keys;  /* owned */
    size_t key_count, key_room;
    uint32_t indexed_pages, indexed_apps;
};

struct registry {
    pthread_rwlock_t lock;
    struct driver *driver;
    struct journal_file *file;
    struct slot *slots;
    uint32_t slot_count;
    size_t tenant_count;
    uint64_t next_age;
    struct map names, keys;
    size_t shared; /* keys that a world could not have because an older one has them */
};

struct registry *
registry_new(struct driver *driver, struct journal_file *file)
{
    struct registry *registry = xcalloc(1, sizeof *registry);

    pthread_rwlock_init(&registry->lock, NULL);
    registry->driver = driver;
    registry->file = file;
    return registry;
}

void
registry_free(struct registry **registry)
{
    if (*registry == NULL)
        return;
    map_fini(&(*registry)->names);
    map_fini(&(*registry)->keys);
    free((*registry)->slots);
    pthread_rwlock_destroy(&(*registry)->lock);
    free(*registry);
    *registry = NULL;
}

/* ---- names and seeds -------------------------------------------------------------------------------------------------------- */

static uint64_t
lowest_salt(const struct registry *registry, uint64_t seed)
{
    for (uint64_t salt = 0;; salt++) {
        bool is_taken = false;

        for (uint32_t i = 0; i < registry->slot_count && !is_taken; i++)
            is_taken = registry->slots[i].tenant != NULL && registry->slots[i].seed == seed &&
                       registry->slots[i].salt == salt;
        if (!is_taken)
            return salt;
    }
}

static uint32_t
free_slot(struct registry *registry)
{
    for (uint32_t i = 0; i < registry->slot_count; i++)
        if (registry->slots[i].tenant == NULL)
            return i;
    registry->slots =
        xrealloc(registry->slots, (registry->slot_count + 1) * sizeof *registry->slots);
    return registry->slot_count++;
}

static struct tenant *
reserve(struct registry *registry, struct str name, uint64_t seed, uint64_t *salt)
{
    char numbered[24];

    for (unsigned n = 1; name.s == NULL; n++) {
        snprintf(numbered, sizeof numbered, "w%u", n);
        if (map_get(&registry->names, str_of(numbered)) == MAP_NONE)
            name = str_of(numbered);
    }
    if (map_get(&registry->names, name) != MAP_NONE)
        return NULL;
    *salt = lowest_salt(registry, seed);

    uint32_t slot = free_slot(registry);
    char *text = xstrndup(name.s, name.n);
    struct tenant *tenant = tenant_new(text);
    free(text);
    tenant->registry = registry;
    tenant->driver = registry->driver;
    tenant->file = registry->file;
    tenant->slot = slot;
    tenant_hold(tenant);
    registry->slots[slot] =
        (struct slot){.tenant = tenant, .seed = seed, .salt = *salt, .age = registry->next_age++};
    registry->tenant_count++;
    map_put(&registry->names, str_of(tenant->name), slot);
    return tenant;
}

struct tenant *
registry_reserve(struct registry *registry, struct str name, uint64_t seed, uint64_t *salt)
{
    pthread_rwlock_wrlock(&registry->lock);
    struct tenant *tenant = reserve(registry, name, seed, salt);
    pthread_rwlock_unlock(&registry->lock);
    return tenant;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------------- */

static void
add_key(struct registry *registry, struct slot *slot, uint32_t index, const char *key)
{
    if (slot->key_count == slot->key_room) {
        slot->key_room = slot->key_room == 0 ? 8 : slot->key_room * 2;
        slot->keys = xrealloc(slot->keys, slot->key_room * sizeof *slot->keys);
    }
    char *copy = xstrdup(key);
    slot->keys[slot->key_count++] = copy;
    uint32_t found = map_get(&registry->keys, str_of(copy));
    if (found == MAP_NONE)
        map_put(&registry->keys, str_of(copy), index);
    else if (found != index)
        registry->shared++;
}

void
registry_index(struct registry *registry, struct tenant *tenant)
{
    const struct world *world = tenant->world;

    pthread_rwlock_wrlock(&registry->lock);
    struct slot *slot = &registry->slots[tenant->slot];
    if (slot->tenant == tenant) { /* not dropped meanwhile */
        for (uint32_t i = tenant->indexed_credentials; i < world->credential_count; i++)
            add_key(registry, slot, tenant->slot, world->credentials[i]->token);
        for (; slot->indexed_pages < world->page_count; slot->indexed_pages++) {
            add_key(registry, slot, tenant->slot, world->pages[slot->indexed_pages]->id);
            add_key(registry, slot, tenant->slot, world->pages[slot->indexed_pages]->username);
        }
        for (; slot->indexed_apps < world->app_count; slot->indexed_apps++)
            add_key(registry, slot, tenant->slot, world->apps[slot->indexed_apps]->id);
    }
    tenant->indexed_credentials = world->credential_count;
    pthread_rwlock_unlock(&registry->lock);
}

/* After keys went that younger worlds have too: these may have them now. */
static void
hand_on_keys(struct registry *registry)
{
    registry->shared = 0;
    for (uint32_t i = 0; i < registry->slot_count; i++) {
        struct slot *slot = &registry->slots[i];

        for (size_t k = 0; slot->tenant != NULL && k < slot->key_count; k++) {
            uint32_t found = map_get(&registry->keys, str_of(slot->keys[k]));

            if (found == MAP_NONE)
                map_put(&registry->keys, str_of(slot->keys[k]), i);
            else if (found != i)
                registry->shared++;
        }
    }
}

static void
unindex(struct registry *registry, uint32_t index)
{
    struct slot *slot = &registry->slots[index];
    char **keys = slot->keys;
    size_t count = slot->key_count;

    for (size_t i = 0; i < count; i++)
        if (map_get(&registry->keys, str_of(keys[i])) == index)
            map_drop(&registry->keys, str_of(keys[i]));
    slot->keys = NULL;
    slot->key_count = slot->key_room = 0;
    slot->indexed_pages = slot->indexed_apps = 0;
    if (registry->shared > 0)
        hand_on_keys(registry);
    for (size_t i = 0; i < count; i++)
        free(keys[i]);
    free(keys);
}

void
registry_unindex(struct registry *registry, struct tenant *tenant)
{
    pthread_rwlock_wrlock(&registry->lock);
    if (registry->slots[tenant->slot].tenant == tenant)
        unindex(registry, tenant->slot);
    tenant->indexed_credentials = 0;
    pthread_rwlock_unlock(&registry->lock);
}

bool
registry_drop(struct registry *registry, struct tenant *tenant)
{
    pthread_rwlock_wrlock(&registry->lock);
    bool is_ours = registry->slots[tenant->slot].tenant == tenant;
    if (is_ours) {
        unindex(registry, tenant->slot);
        map_drop(&registry->names, str_of(tenant->name));
        registry->slots[tenant->slot].tenant = NULL;
        registry->tenant_count--;
    }
    pthread_rwlock_unlock(&registry->lock);
    if (is_ours)
        tenant_release(tenant);
    return is_ours;
}

/* ---- finding ---------------------------------------------------------------------------------------------------------------- */

static struct tenant *
find(struct registry *registry, const struct map *map, struct str key)
{
    struct tenant *tenant = NULL;

    pthread_rwlock_rdlock(&registry->lock);
    uint32_t index = map_get(map, key);
    if (index != MAP_NONE) {
        tenant = registry->slots[index].tenant;
        tenant_hold(tenant);
    }
    pthread_rwlock_unlock(&registry->lock);
    return tenant;
}

struct tenant *
registry_find_name(struct registry *registry, struct str name)
{
    return find(registry, &registry->names, name);
}

struct tenant *
registry_find_key(struct registry *registry, struct str key)
{
    return find(registry, &registry->keys, key);
}

static int
by_age(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;

    return x->age < y->age ? -1 : x->age > y->age;
}

struct tenant **
registry_all(struct registry *registry, size_t *count)
{
    pthread_rwlock_rdlock(&registry->lock);
    struct slot *slots = xmalloc((registry->slot_count + 1) * sizeof *slots);
    struct tenant **tenants = xmalloc((registry->slot_count + 1) * sizeof(struct tenant *));
    size_t n = 0;

    for (uint32_t i = 0; i < registry->slot_count; i++)
        if (registry->slots[i].tenant != NULL)
            slots[n++] = registry->slots[i];
    qsort(slots, n, sizeof *slots, by_age);
    for (size_t i = 0; i < n; i++) {
        tenants[i] = slots[i].tenant;
        tenant_hold(tenants[i]);
    }
    pthread_rwlock_unlock(&registry->lock);
    free(slots);
    *count = n;
    return tenants;
}

size_t
registry_count(struct registry *registry)
{
    pthread_rwlock_rdlock(&registry->lock);
    size_t count = registry->tenant_count;
    pthread_rwlock_unlock(&registry->lock);
    return count;
}
