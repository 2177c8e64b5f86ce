/* serve.h - `understudy serve`, `understudy rules` and `understudy generate`. */
#ifndef UNDERSTUDY_EDGE_SERVE_H
#define UNDERSTUDY_EDGE_SERVE_H

/* Each gets its own name as argv[0] and returns the exit code: 0 as wanted, 2 when it cannot do what was asked (a line on stderr says why and what to type). */

/* The fake platform, until SIGTERM or SIGINT. Prints one JSON line on stdout when it answers. */
int serve_main(int argc, char **argv);

/* The rule table: text, or JSON with --json; --as-of DATE says which day's. */
int rules_main(int argc, char **argv);

/* People made up by a model, as a recording on stdout. */
int generate_main(int argc, char **argv);

#endif
