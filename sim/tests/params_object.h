/* All parameters of a call as one object, made in the arena: what the tests of the reader look at, and what random input must leave readable. */
#ifndef UNDERSTUDY_TESTS_PARAMS_OBJECT_H
#define UNDERSTUDY_TESTS_PARAMS_OBJECT_H

#include "graph/request.h"

static inline const struct jnode *
params_object(const struct parameters *params, struct arena *arena)
{
    struct jnode *object = json_node_new(arena, J_OBJECT);
    struct jnode **last = &object->first;

    for (unsigned i = 0; i < params->n; i++) {
        struct jnode *copy = arena_alloc(arena, sizeof *copy);

        *copy = *params->at[i].value;
        copy->key = params->at[i].key;
        copy->next = NULL;
        *last = copy;
        last = &copy->next;
    }
    object->count = params->n;
    return object;
}

#endif
