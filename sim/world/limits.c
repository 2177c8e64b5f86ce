#include "world/limits.h"

#include <stdlib.h>

void
limits_free(struct world_limits *limits)
{
    free(limits);
}
