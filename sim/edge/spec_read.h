/* spec_read.h - reading JSON objects member by member from a table, with the JSON pointer of what is wrong. For the readers of the control API. */
#ifndef UNDERSTUDY_EDGE_SPEC_READ_H
#define UNDERSTUDY_EDGE_SPEC_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/span.h"
#include "edge/problem.h"

/* Where the reading stands. */
struct reading {
    struct problem *problem; /* borrowed */
    char pointer[256];       /* of the value being read */
    size_t pointer_n;
};

typedef bool member_reader(struct reading *reading, void *into, const json_t *value);

/* One member that an object may have. */
struct member {
    const char *key;
    member_reader *read;
    size_t
        offset; /* into what `into` of read_object points at; the reader gets the member's place */
};

struct reading reading_at(struct problem *problem, const char *pointer);
/* A member of what is being read. */
struct reading reading_below(const struct reading *reading, const char *key);

/* Reads an object; a key that no row has is refused, with the nearest one. */
bool read_object(struct reading *reading, void *into, const json_t *object,
                 const struct member *members, size_t count);

/* Calls `read` for each element of an array. into: handed on; element number in *index (may be NULL). */
bool read_array(struct reading *reading, void *into, const json_t *array, member_reader *read,
                size_t *index);

/* Says what was expected of the value being read; false. */
bool read_expected(struct reading *reading, const json_t *value, const char *expected);

/* Readers for the common kinds; `into` is as the comment says. null is refused unless said otherwise. */
bool read_text(struct reading *reading, void *into,
               const json_t *value); /* const char **, borrowed from the JSON, not empty */
bool read_digits(struct reading *reading, void *into,
                 const json_t *value); /* const char **: 1 to 18 digits */
bool read_flag(struct reading *reading, void *into, const json_t *value); /* bool * */
bool read_count(struct reading *reading, void *into,
                const json_t *value); /* uint64_t *, not negative */
bool read_time(struct reading *reading, void *into,
               const json_t *value); /* ms_t *, ISO 8601 from 2016 to 9999 */
bool read_json(struct reading *reading, void *into, const json_t *value); /* const json_t ** */

#endif
