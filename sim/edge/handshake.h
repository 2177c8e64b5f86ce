/* handshake.h - the GET that asks a callback whether it wants webhooks (webhooks.md 1.1), and what it answered. Knows libcurl; nothing of when. */
#ifndef UNDERSTUDY_EDGE_HANDSHAKE_H
#define UNDERSTUDY_EDGE_HANDSHAKE_H

struct exchange;
struct handshakes;
struct reactor;

/* `on_end` is told of each exchange whose handshake is over, with the owner it was made for. */
struct handshakes *handshakes_new(struct reactor *reactor,
                                  void (*on_end)(void *owner, struct exchange *exchange),
                                  void *owner);
/* None may be under way. */
void handshakes_free(struct handshakes **handshakes);

/* Puts the handshake of an exchange on the wire; its `handshake` says in the end what came of it. */
void handshakes_begin(struct handshakes *handshakes, struct exchange *exchange);

#endif
