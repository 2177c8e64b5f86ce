/* record.h - stands between a platform and a client and writes down both directions. */
#ifndef UNDERSTUDY_CONFORMANCE_RECORD_H
#define UNDERSTUDY_CONFORMANCE_RECORD_H

/* The subcommand: understudy record --upstream URL --webhook URL [--listen HOST:PORT] [--har FILE] [--recording FILE], until SIGTERM or SIGINT. What a client calls is passed on to the
 * upstream, what the platform posts to /webhook is passed on to the client's webhook. Returns the exit code. */
int record_main(int argc, char **argv);

#endif
