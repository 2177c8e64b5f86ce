/* answer.h - the reply of an exchange onto the wire: status, body, and the headers of whoever is speaking, the platform or the simulator. */
#ifndef UNDERSTUDY_EDGE_ANSWER_H
#define UNDERSTUDY_EDGE_ANSWER_H

#include <stdbool.h>

struct exchange;

/* Queues it on the connection. False: the connection is to be closed without an answer. */
bool answer_send(struct exchange *exchange);

/* Writes it past libmicrohttpd, which takes no answer to a request that has not come to its end. As much as the socket takes at once; the connection is to be closed. */
void answer_write(struct exchange *exchange);

/* Gives back what a record keeps for its next answer. */
void answer_forget(struct exchange *exchange);

#endif
