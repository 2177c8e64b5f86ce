/* generate.h - people made up by a model: how many come when, what they do, how fast they react, who blocks the page, in which languages. The same seed gives the same
 * behaviour on every machine. Acts stream in order of time; memory is a byte for each person and what is going on at once, however long it lasts. Knows no clock. */
#ifndef UNDERSTUDY_PEOPLE_GENERATE_H
#define UNDERSTUDY_PEOPLE_GENERATE_H

#include <jansson.h>

#include "graph/jwrite.h"
#include "people/act_in.h"

/* One act of a made-up person. Texts are constants or belong to the generator until the next act. */
struct generated_act {
    ms_t at;
    uint32_t person; /* 0 .. people-1 */
    enum act_id act;
    unsigned field_count;
    struct {
        enum act_field field;
        struct str text;
    } fields[3];
};

struct generator;

/* spec: {"seed","people","days","from"?,"model"?}; seed 1, 1000 people, 30 days when left out. `from`: ISO 8601; otherwise. model: an object as docs/people.md says, or "default".
 * NULL with the reason in problem. */
struct generator *generator_new(const json_t *spec, ms_t otherwise_from, char *problem,
                                size_t size);
void generator_free(struct generator **generator);

/* The next act; false when the last day is over. */
bool generate_next(struct generator *generator, struct generated_act *act);

ms_t generator_from(const struct generator *generator);
uint32_t generator_people(const struct generator *generator);
uint32_t generator_days(const struct generator *generator);
/* "tr_TR" ... of a person, and the hours that their locale lives at. */
const char *generator_locale(const struct generator *generator, uint32_t person, double *timezone);

/* The header and a line of a recording (docs/recordings.md), with a newline. People are called p1, p2 ... */
void generator_write_header(const struct generator *generator, struct buf *out);
/* The same in parts, for those who do not want to hold the line: people from `first` up to `end`, with what stands before the first and behind the last. */
void generator_write_header_part(const struct generator *generator, uint32_t first, uint32_t end,
                                 struct buf *out);
void generator_write_act(const struct generated_act *act, struct buf *out);

/* Puts the made-up people on a page (their aliases are p1, p2 ...; those that are there already are taken). */
void generator_settle_people(const struct generator *generator, struct world *world, uint32_t page);
/* Lets the person do it, now. The world must hold the people, and its now should be act->at. 0, or -1 when the act was refused (which the journal tells). */
int generate_play(struct world *world, uint32_t page, const struct generated_act *act);
/* Plays everything to the end without anybody listening, firing timers on the way: the fast path. Refused (-1) while any app has a webhook on the page. *played counts acts. */
int generate_play_all(struct world *world, uint32_t page, struct generator *generator,
                      uint64_t *played, char *problem, size_t size);

#endif
