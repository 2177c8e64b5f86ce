/* The limits in a world's spec: "published", "off", or some of them otherwise. */
#include <string.h>

#include "core/datetime.h"
#include "edge/spec_parts.h"

bool
spec_make_limits(struct making *making, const json_t *limits)
{
    struct reading reading = reading_at(making->problem, "/limits");
    const char *text = json_string_value(limits);

    if (json_is_object(limits) || (text != NULL && (strcmp(text, "published") == 0 || strcmp(text, "off") == 0)))
        return true;
    return read_expected(&reading, limits, "\"published\", \"off\" or an object of limits");
}
