/* The subcommands of the harness. Each takes its own name as argv[0] and returns the exit code:
 * 0 as wanted, 1 the client broke a rule or a scenario failed, 2 the harness or its surroundings failed. */
#ifndef CONFORMANCE_RUN_H
#define CONFORMANCE_RUN_H

int run_main(int argc, char **argv); /* scenarios against a scripted bot or a client */
int replay_main(int argc,
                char **argv); /* recordings against a client; journals against a fresh world */
int exec_main(int argc, char **argv); /* a command with a server beside it */

#endif
