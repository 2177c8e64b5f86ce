/* graph_call.h - a request to the platform: finds the world that it belongs to and lets the Graph API answer it there. */
#ifndef UNDERSTUDY_EDGE_GRAPH_CALL_H
#define UNDERSTUDY_EDGE_GRAPH_CALL_H

struct exchange;
struct tenant;

/* Answers the exchange, or suspends it when the answer needs the outside first. */
void graph_call(struct exchange *exchange);

/* Makes the reply to a request whose body ended early, and its record. Never suspends: there is nobody left to wait for. */
void graph_call_cut(struct exchange *exchange);

/* The world that the request belongs to, held; NULL when there is none. Reads its parameters. */
struct tenant *graph_call_world(struct exchange *exchange);

#endif
