/* unread.h - requests that never came to their end, so that nobody could handle them: each gets an answer if the peer still listens, and a record in the journal of the
 * world that it concerns. Called on the connection's thread, before its socket is closed. */
#ifndef UNDERSTUDY_EDGE_UNREAD_H
#define UNDERSTUDY_EDGE_UNREAD_H

#include <stdbool.h>

struct exchange;
struct server;

/* The connection ends while the body is still due. */
void unread_cut(struct exchange *exchange);

/* It is no request as HTTP wants them; of its head there is what was read of it. is_answered: libmicrohttpd has said so itself. */
void unread_refuse(struct exchange *exchange, unsigned status, bool is_answered);

/* libmicrohttpd has refused a request before anybody knew what it was about. */
void unread_line(struct server *server, unsigned status);

#endif
