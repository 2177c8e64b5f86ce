#include "edge/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/json_reply.h"

static const struct {
    int status;
    const char *type, *title;
} rows[PROBLEM_COUNT] = {
#define PROBLEM(symbol, status, slug, title)                                                       \
    [PROBLEM_##symbol] = {status, "urn:understudy:problem:" slug, title},
#include "edge/problems.def"
#undef PROBLEM
};

bool
problem_set(struct problem *problem, enum problem_id id, const char *pointer, const char *format,
            ...)
{
    va_list arguments;

    problem->id = id;
    snprintf(problem->pointer, sizeof problem->pointer, "%s", pointer != NULL ? pointer : "");
    va_start(arguments, format);
    vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
    va_end(arguments);
    return false;
}

void
problem_answer(struct reply *reply, const struct problem *problem, const json_t *extra)
{
    json_t *document = json_object();

    json_object_set_new(document, "type", json_string(rows[problem->id].type));
    json_object_set_new(document, "title", json_string(rows[problem->id].title));
    json_object_set_new(document, "status", json_integer(rows[problem->id].status));
    json_object_set_new(document, "detail", json_text_new(problem->detail));
    if (problem->pointer[0] != '\0')
        json_object_set_new(document, "pointer", json_text_new(problem->pointer));
    if (extra != NULL) {
        json_t *copy = json_deep_copy(extra);

        json_object_update(document, copy);
        json_decref(copy);
    }
    json_reply(reply, rows[problem->id].status, document);
    reply->content_type = "application/problem+json";
}

void
problem_say(struct reply *reply, enum problem_id id, const char *format, ...)
{
    struct problem problem = {.id = id};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem.detail, sizeof problem.detail, format, arguments);
    va_end(arguments);
    problem_answer(reply, &problem, NULL);
}
