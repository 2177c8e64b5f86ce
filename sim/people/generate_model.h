/* generate_model.h - the model behind made-up people: numbers that say how they behave. */
#ifndef UNDERSTUDY_PEOPLE_GENERATE_MODEL_H
#define UNDERSTUDY_PEOPLE_GENERATE_MODEL_H

#include <jansson.h>
#include <stddef.h>

#include "people/act_in.h"

enum language { LANG_TR, LANG_AR, LANG_RU, LANG_FI, LANG_EN, LANG_COUNT };

enum session_part { PART_FIRST, PART_OPENING, PART_THEN, PART_COUNT };

enum kind {
#define KIND(symbol, ...) KIND_##symbol,
#include "people/generate_kinds.def"
#undef KIND
    KIND_COUNT
};

struct kind_row {
    const char *act;
    enum session_part part;
    unsigned weight;
};
extern const struct kind_row kind_rows[KIND_COUNT];

struct model {
    unsigned hours[24];   /* weight of each hour of the day, local to the model's offset */
    unsigned weekdays[7]; /* weight of each day, Sunday first */
    unsigned languages[LANG_COUNT]; /* weights */
    unsigned kinds[KIND_COUNT];     /* weights within their part of a session */
    double sessions_a_day;          /* of one person, on average */
    double acts_a_session;          /* on average, at least 1 */
    double reaction_seconds;        /* between two acts of a session, on average */
    unsigned block_permille;        /* sessions that end in a block */
    unsigned
        unblock_permille; /* tries of a person who blocked the page that begin with an unblock */
    double utc_offset;    /* hours */
};

/* spec NULL, or the text "default": the default model. Otherwise an object; what it leaves out is the default's. -1 with the reason. */
int model_read(struct model *model, const json_t *spec, char *problem, size_t size);

const char *language_locale(enum language language);
double language_timezone(enum language language);

#endif
