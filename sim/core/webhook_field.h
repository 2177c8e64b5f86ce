/* webhook_field.h - the names an app may subscribe to, as numbers below 64, so that a subscription is one word. Pure. */
#ifndef UNDERSTUDY_CORE_WEBHOOK_FIELD_H
#define UNDERSTUDY_CORE_WEBHOOK_FIELD_H

#include <stddef.h>
#include <stdint.h>

enum webhook_field {
#define WEBHOOK_FIELD(symbol, name, container) FIELD_##symbol,
#include "core/webhook_fields.def"
#undef WEBHOOK_FIELD
    FIELD_COUNT
};

/* Where its events stand in an entry. */
enum webhook_container { CONTAINER_MESSAGING, CONTAINER_CHANGES };

/* A set of fields. */
typedef uint64_t webhook_fields;
#define FIELD_BIT(field) (UINT64_C(1) << (field))

const char *webhook_field_name(enum webhook_field field);
enum webhook_container webhook_field_container(enum webhook_field field);
/* FIELD_COUNT when no field has that name. */
enum webhook_field webhook_field_named(const char *name, size_t n);

#endif
