/* drive.h - the one thread that lets time pass for all worlds and posts their webhooks. A frozen world is moved to the goals that clock calls set, and gets strictly
 * one delivery at a time, in the order of (due, seq); one whose clock runs is looked at when something falls due, and has up to 64 posts on the wire. Whoever waits
 * (clock, settle, handshake, journal) sleeps on a suspended connection and is woken from here. */
#ifndef UNDERSTUDY_EDGE_DRIVE_H
#define UNDERSTUDY_EDGE_DRIVE_H

#include <stdbool.h>

struct driver;
struct exchange;
struct server;
struct tenant;

/* Starts the thread. The server is borrowed. */
struct driver *driver_new(struct server *server);
/* Lets what is on the wire come home, then ends the thread. Nobody may wait any more. */
void driver_free(struct driver **driver);

/* Asks the driver to look at a tenant, soon. From any thread, with or without the tenant's lock. */
void driver_flag(struct driver *driver, struct tenant *tenant);

/* Performs the handshake of a sleeping exchange and wakes it. */
void driver_shake_hands(struct driver *driver, struct exchange *exchange);

/* Wakes a sleeping exchange at its deadline. */
void driver_delay(struct driver *driver, struct exchange *exchange);

/* Under the tenant's lock: whether nothing is due by `at`, on the wire or being answered, so that a frozen world's time can move there at once. */
bool driver_is_idle(struct tenant *tenant, long long at);

/* Under the tenant's lock: wakes everybody who waits for this world; it is going away. */
void driver_refuse_waiting(struct tenant *tenant);

/* No further deliveries are begun, and everybody who waits is refused: the server stops. */
void driver_wind_down(struct driver *driver);

#endif
