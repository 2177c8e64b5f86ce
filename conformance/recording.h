/* Recordings: JSON Lines of what people did and when, read and checked completely before anything is played.
 * Knows the format of docs/recordings.md; talks to nobody. */
#ifndef CONFORMANCE_RECORDING_H
#define CONFORMANCE_RECORDING_H

#include <stdbool.h>

#include <jansson.h>

#include "conformance/check.h"
#include "conformance/complaints.h"
#include "conformance/moment.h"

struct recorded_act {
    int line;
    ms_t at;    /* virtual time */
    size_t who; /* index in `people`; meaningless when `act` is NULL */
    json_t *
        act; /* the members of the line without `at` and `who`; NULL: the line only lets time pass */
};

struct recording {
    char *path;
    char *title;
    ms_t now;       /* when it begins */
    json_t *people; /* array of objects, each with a `name` */
    json_t *world;  /* further members for POST /_sim/worlds; an object */
    struct recorded_act *acts;
    size_t act_count;
};

/* The header has a line for everybody. */
enum { RECORDING_LINE_MAX = 1024 * 1024, RECORDING_HEADER_MAX = 128 * 1024 * 1024 };

/* Reads a file. `tables` (may be NULL) knows the acts and their fields. Every mistake becomes a complaint, up to a number
 * after which reading on makes no sense. Returns a recording in any case; free it with recording_free. */
struct recording *recording_read(const char *path, const struct check_tables *tables,
                                 struct complaints *complaints);

/* The same from memory; `name` stands in messages for the path. */
struct recording *recording_read_bytes(const char *name, char *bytes, size_t length,
                                       const struct check_tables *tables,
                                       struct complaints *complaints);

/* Leaves out what stands before a line of the file; begins with what is left. False when nothing is. */
bool recording_skip_to(struct recording *recording, long line);

/* Moves everything so that it begins then. */
void recording_move_to(struct recording *recording, ms_t now);

void recording_free(struct recording **recording);

#endif
