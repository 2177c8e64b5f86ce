#include "core/webhook_field.h"

#include <string.h>

static const struct {
    const char *name;
    enum webhook_container container;
} fields[FIELD_COUNT] = {
#define WEBHOOK_FIELD(symbol, name, container) [FIELD_##symbol] = { name, CONTAINER_##container },
#include "core/webhook_fields.def"
#undef WEBHOOK_FIELD
};

_Static_assert(FIELD_COUNT <= 64, "more fields than a word has bits");

const char *
webhook_field_name(enum webhook_field field)
{
    return fields[field].name;
}

enum webhook_container
webhook_field_container(enum webhook_field field)
{
    return fields[field].container;
}

enum webhook_field
webhook_field_named(const char *name, size_t n)
{
    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (strlen(fields[i].name) == n && memcmp(fields[i].name, name, n) == 0)
            return (enum webhook_field)i;
    return FIELD_COUNT;
}
