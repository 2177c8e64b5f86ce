#include "edge/unread.h"

#include "edge/answer.h"
#include "edge/control.h"
#include "edge/exchange.h"
#include "edge/graph_call.h"
#include "edge/problem.h"

void
unread_cut(struct exchange *exchange)
{
    if (!exchange->is_body_too_large)
        exchange->request.body = (struct str){exchange->body, exchange->body_n};
    if (control_is_asked(exchange->request.path))
        problem_say(&exchange->reply, PROBLEM_CUT, "%zu bytes of the body have come",
                    exchange->body_n);
    else
        graph_call_cut(exchange);
    answer_write(exchange);
}
