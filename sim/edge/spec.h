/* spec.h - from the JSON that asks for a world to the world (contract: what a world may be asked for). Objects may be partial, the seed fills in the rest; a member that is
 * not understood is an error with its JSON pointer, never ignored. Knows no HTTP. */
#ifndef UNDERSTUDY_EDGE_SPEC_H
#define UNDERSTUDY_EDGE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "core/str.h"
#include "edge/problem.h"
#include "world/world.h"

#define WORLD_NAME_MAX 120

/* What has to be known before the world is made. Before reading: what holds when the spec does not say. */
struct spec_head {
    struct str name; /* of the JSON; STR_NONE: not given */
    uint64_t seed;
    unsigned times; /* pace */
    ms_t now;
};

/* Each returns false with the problem set. */
bool spec_read_head(const json_t *spec, struct spec_head *head, struct problem *problem);

/* Makes the world; *world is the caller's. The head is that of the same spec. */
bool spec_make_world(const json_t *spec, const struct spec_head *head, const char *name,
                     uint64_t salt, struct world **world, struct problem *problem);

/* What PUT webhook takes, and what `webhook` in a spec takes beside it. */
struct spec_webhook {
    const char *url;          /* NULL: none */
    const char *verify_token; /* NULL: the app's */
    webhook_fields fields;
    version_t version; /* 0: newest */
    bool include_values;
    uint32_t app;
};
bool spec_read_webhook(const struct world *world, const json_t *spec, const char *pointer,
                       struct spec_webhook *webhook, struct problem *problem);
/* The callback takes effect: for the app, and on all of its pages. */
void spec_apply_webhook(struct world *world, const struct spec_webhook *webhook);

/* All fields whose events stand in `messaging`. */
webhook_fields spec_usual_fields(void);

#endif
