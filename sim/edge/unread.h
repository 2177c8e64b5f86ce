/* unread.h - requests that never came to their end, so that nobody could handle them: each gets an answer if the peer still listens, and a record in the journal. */
#ifndef UNDERSTUDY_EDGE_UNREAD_H
#define UNDERSTUDY_EDGE_UNREAD_H

struct exchange;

/* The connection ends while the body is still due. Called on its thread, before its socket is closed. */
void unread_cut(struct exchange *exchange);

#endif
