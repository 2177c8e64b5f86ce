/* Child processes: started in their own group, watched through a pipe, stopped for certain.
 * Knows nothing of what they are. */
#ifndef CONFORMANCE_PROCESS_H
#define CONFORMANCE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
    pid_t pid;    /* 0: none */
    int out;      /* read end of its stdout, -1: not ours */
    int err_file; /* what it says, in an unlinked file, -1: not ours */
    bool has_ended;
    bool is_in_our_group;
    int status; /* as waitpid says, once it has ended */
};

/* What to take from a child instead of letting it through, and whether it stays in our process group (for the terminal). */
enum process_way { PROCESS_OUT = 1, PROCESS_ERR = 2, PROCESS_OUR_GROUP = 4 };

/* Starts `argv` with `environment` (NULL-terminated NAME=VALUE, added to ours; NULL: none) in its own process group. It
 * is sent SIGTERM when we die. With PROCESS_ERR alone its stdout goes where its stderr goes. Returns 0, or -1 with errno. */
int process_start(struct process *process, char *const argv[], char *const environment[],
                  unsigned way);

/* True when it has ended; does not wait. */
bool process_ended(struct process *process);

/* SIGTERM to the group, SIGKILL when it is still there after `patience_ms`; waits; closes what we hold. The exit status
 * stays in `status`. Safe to call twice. */
void process_stop(struct process *process, int patience_ms);

/* Waits until it ends by itself and returns the exit code a shell would show. */
int process_wait(struct process *process);

/* The last lines of its stderr, at most `most` bytes; new text, the caller frees. */
char *process_last_words(const struct process *process, size_t most);

/* How it ended, for messages: `exit code 3`, `signal 11 (Segmentation fault)`; new text. */
char *process_end_text(const struct process *process);

#endif
