/* problem.h - problem documents (RFC 9457): what the control API answers when it cannot do what was asked. */
#ifndef UNDERSTUDY_EDGE_PROBLEM_H
#define UNDERSTUDY_EDGE_PROBLEM_H

#include <jansson.h>

#include "graph/api.h"

enum problem_id {
#define PROBLEM(symbol, ...) PROBLEM_##symbol,
#include "edge/problems.def"
#undef PROBLEM
    PROBLEM_COUNT
};

/* A problem on its way up to the reply. */
struct problem {
    enum problem_id id;
    char pointer[256]; /* JSON pointer into what was sent; "" : none */
    char detail[768];
};

/* Fills it; always false, so that readers can `return problem_set(...)`. */
bool problem_set(struct problem *problem, enum problem_id id, const char *pointer,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Makes the reply of it. extra: further members, NULL or an object (borrowed). */
void problem_answer(struct reply *reply, const struct problem *problem, const json_t *extra);

/* Both in one. */
void problem_say(struct reply *reply, enum problem_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
