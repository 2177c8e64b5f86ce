/* world_show.h - a world as JSON, as the control API and the ready line show it. The tenant's lock is held. */
#ifndef UNDERSTUDY_EDGE_WORLD_SHOW_H
#define UNDERSTUDY_EDGE_WORLD_SHOW_H

#include <jansson.h>

#include "core/webhook_field.h"

struct tenant;
struct world;

/* Everything, credentials too: a new reference. */
json_t *world_show_new(const struct tenant *tenant);

/* For the list of worlds: name, seed, clock, now, and how many of each there are. */
json_t *world_show_short_new(const struct tenant *tenant);

/* The value of "policy_date". */
json_t *world_policy_date_new(const struct world *world);

/* Names of webhook fields. */
json_t *webhook_fields_new(webhook_fields fields);

/* The spec of a world with its secrets masked, for the journal: takes the JSON, gives it back changed. */
void world_mask_secrets(json_t *spec);

#endif
