/* What people do, and what goes wrong. */
#include "edge/control.h"

#include <stdio.h>
#include <string.h>

#include "edge/exchange.h"
#include "edge/json_reply.h"
#include "edge/tenant.h"
#include "people/act.h"
#include "people/faults.h"

enum { REASON_SIZE = 512 };

void
control_acts_table(struct control *control)
{
    json_t *table = json_object();

    json_object_set_new(table, "acts", acts_json());
    json_reply(control->reply, 200, table);
}

/* The JSON pointer that a reason begins with, as in "/text: missing"; "" when it begins with none. */
static void
copy_pointer(char *to, size_t size, const char *reason)
{
    size_t n = reason[0] == '/' ? strcspn(reason, ": ") : 0;

    snprintf(to, size, "%.*s", (int)n, reason);
}

/* An act that is not possible ends the list; those before it have happened. */
static void
refuse(struct control *control, const char *reason, size_t index, json_t *made)
{
    struct problem problem;
    json_t *extra = NULL;
    char member[64], pointer[96];

    copy_pointer(member, sizeof member, reason);
    if (json_is_array(control->body))
        snprintf(pointer, sizeof pointer, "/%zu%s", index, member);
    else
        snprintf(pointer, sizeof pointer, "%s", member);
    problem_set(&problem, PROBLEM_ACT_REFUSED, pointer, "%s", reason);
    if (json_is_array(control->body)) {
        extra = json_object();
        json_object_set_new(extra, "index", json_integer((json_int_t)index));
        json_object_set(extra, "made", made);
    }
    problem_answer(control->reply, &problem, extra);
    json_decref(extra);
}

static void
act_list(struct control *control)
{
    json_t *made = json_array(), *act;
    char reason[REASON_SIZE];
    size_t i;

    json_array_foreach(control->body, i, act)
    {
        json_t *one = NULL;

        if (people_act(control->tenant->world, act, &one, reason, sizeof reason) != 0) {
            refuse(control, reason, i, made);
            json_decref(made);
            return;
        }
        json_array_append_new(made, one);
    }
    json_reply(control->reply, 200, made);
}

void
control_acts(struct control *control)
{
    json_t *made = NULL;
    char reason[REASON_SIZE];

    if (!control_enter(control))
        return;
    if (json_is_array(control->body))
        act_list(control);
    else if (people_act(control->tenant->world, control->body, &made, reason, sizeof reason) == 0)
        json_reply(control->reply, 200, made);
    else
        refuse(control, reason, 0, NULL);
    control_leave(control);
}

static void
show_faults(struct control *control)
{
    json_t *shown = json_object();

    json_object_set_new(shown, "faults", faults_json(control->tenant->world));
    json_reply(control->reply, 200, shown);
}

void
control_faults(struct control *control)
{
    char reason[REASON_SIZE], pointer[96];
    struct problem problem;

    if (!control_enter(control))
        return;
    if (faults_set(control->tenant->world, control->body, reason, sizeof reason) == 0) {
        show_faults(control);
    } else {
        copy_pointer(pointer, sizeof pointer, reason);
        problem_set(&problem, PROBLEM_BAD_VALUE, pointer, "%s", reason);
        problem_answer(control->reply, &problem, NULL);
    }
    control_leave(control);
}

void
control_faults_show(struct control *control)
{
    if (!control_enter(control))
        return;
    show_faults(control);
    control_leave(control);
}
