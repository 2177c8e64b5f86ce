/* registry.h - all worlds of the server by name, and by what a request may say: an access token, the id or user name of a page, the id of an app. Finding one
 * costs the same however many there are. Knows nothing of HTTP. */
#ifndef UNDERSTUDY_EDGE_REGISTRY_H
#define UNDERSTUDY_EDGE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/str.h"

struct driver;
struct journal_file;
struct registry;
struct tenant;

/* Both are borrowed by every tenant; file NULL: records stay in memory. */
struct registry *registry_new(struct driver *driver, struct journal_file *file);
/* All tenants must have been dropped. */
void registry_free(struct registry **registry);

/* Takes a name (STR_NONE: the lowest free one of w1, w2 ...) for a world that is about to be made; nobody can enter it yet. *salt is the lowest one that no living
 * world of the same seed has. Returns the tenant, held for the caller, or NULL when the name is taken. */
struct tenant *registry_reserve(struct registry *registry, struct str name, uint64_t seed,
                                uint64_t *salt);

/* Makes the world findable by its credentials, pages and apps, those that came since the last time included. The tenant's lock is held, or nobody else has it. Of two
 * worlds that share a key the older one is found. */
void registry_index(struct registry *registry, struct tenant *tenant);

/* Forgets the tenant: name and keys are free. False when somebody else was faster. */
bool registry_drop(struct registry *registry, struct tenant *tenant);

/* Forgets only the keys, for a world that is about to be made anew. The seed and salt stay taken. */
void registry_unindex(struct registry *registry, struct tenant *tenant);

/* Each returns a held tenant or NULL. */
struct tenant *registry_find_name(struct registry *registry, struct str name);
struct tenant *registry_find_key(struct registry *registry, struct str key);

/* All tenants, oldest first, held; the array is the caller's (free). */
struct tenant **registry_all(struct registry *registry, size_t *count);

/* How many there are. */
size_t registry_count(struct registry *registry);

#endif
