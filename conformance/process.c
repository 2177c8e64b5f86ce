#include "conformance/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conformance/alloc.h"

extern char **environ;

static char **
joined_environment(char *const more[])
{
    size_t ours = 0, theirs = 0;

    while (environ[ours] != NULL)
        ours++;
    while (more != NULL && more[theirs] != NULL)
        theirs++;
    char **all = alloc_zero(ours + theirs + 1, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < ours; i++) {
        size_t name = strcspn(environ[i], "=") + 1;
        bool is_replaced = false;
        for (size_t j = 0; j < theirs; j++)
            is_replaced = is_replaced || strncmp(environ[i], more[j], name) == 0;
        if (!is_replaced)
            all[count++] = environ[i];
    }
    for (size_t i = 0; i < theirs; i++)
        all[count++] = more[i];
    return all;
}

static int
unlinked_file(void)
{
    char path[] = "/tmp/understudy-XXXXXX";
    int file = mkostemp(path, O_CLOEXEC);

    if (file >= 0)
        unlink(path);
    return file;
}

/* In the child; never returns. */
static void
become(const struct process *process, char *const argv[], char **environment, int out, int report,
       pid_t parent)
{
    sigset_t none;
    int err = process->err_file;

    if (!process->is_in_our_group)
        setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (out >= 0)
        dup2(out, STDOUT_FILENO);
    if (err >= 0) {
        dup2(err, STDERR_FILENO);
        if (out < 0)
            dup2(err, STDOUT_FILENO);
    }
    execvpe(argv[0], argv, environment);
    int reason = errno;
    ssize_t unused = write(report, &reason, sizeof reason);
    (void)unused;
    _exit(127);
}

int
process_start(struct process *process, char *const argv[], char *const environment[], unsigned way)
{
    int out[2] = {-1, -1}, report[2] = {-1, -1};
    pid_t parent = getpid();

    *process = (struct process){
        .out = -1, .err_file = -1, .is_in_our_group = (way & PROCESS_OUR_GROUP) != 0};
    if (pipe2(report, O_CLOEXEC) != 0 || ((way & PROCESS_OUT) != 0 && pipe2(out, O_CLOEXEC) != 0) ||
        ((way & PROCESS_ERR) != 0 && (process->err_file = unlinked_file()) < 0))
        return -1;
    char **all = joined_environment(environment);
    pid_t pid = fork();
    if (pid == 0)
        become(process, argv, all, out[1], report[1], parent);
    int reason = pid < 0 ? errno : 0;
    free(all);
    close(report[1]);
    if (out[1] >= 0)
        close(out[1]);
    process->out = out[0];
    if (pid > 0) {
        if (!process->is_in_our_group)
            setpgid(pid, pid); /* in the child too: whoever comes first */
        process->pid = pid;
        if (read(report[0], &reason, sizeof reason) == (ssize_t)sizeof reason)
            process_stop(process, 1000);
        else
            reason = 0;
    }
    close(report[0]);
    errno = reason;
    return reason == 0 ? 0 : -1;
}

bool
process_ended(struct process *process)
{
    if (process->pid != 0 && !process->has_ended &&
        waitpid(process->pid, &process->status, WNOHANG) == process->pid)
        process->has_ended = true;
    return process->pid == 0 || process->has_ended;
}

static void
nap(void)
{
    struct timespec wait = {.tv_nsec = 2000000L};
    nanosleep(&wait, NULL);
}

void
process_stop(struct process *process, int patience_ms)
{
    pid_t whom = process->is_in_our_group ? process->pid : -process->pid;

    if (process->pid != 0 && !process_ended(process)) {
        kill(whom, SIGTERM);
        for (int waited = 0; waited < patience_ms && !process_ended(process); waited += 2)
            nap();
    }
    if (process->pid != 0) {
        if (!process->is_in_our_group || !process->has_ended)
            kill(whom, SIGKILL); /* children of the group that stayed behind, too */
        if (!process->has_ended)
            waitpid(process->pid, &process->status, 0);
        process->has_ended = true;
        process->pid = 0;
    }
    if (process->out >= 0)
        close(process->out);
    if (process->err_file >= 0)
        close(process->err_file);
    process->out = process->err_file = -1;
}

int
process_wait(struct process *process)
{
    while (!process->has_ended) {
        if (waitpid(process->pid, &process->status, 0) == process->pid)
            process->has_ended = true;
        else if (errno != EINTR)
            break;
    }
    return WIFEXITED(process->status) ? WEXITSTATUS(process->status)
                                      : 128 + WTERMSIG(process->status);
}

char *
process_last_words(const struct process *process, size_t most)
{
    char *text = alloc_zero(most + 1, 1);
    off_t end = process->err_file < 0 ? 0 : lseek(process->err_file, 0, SEEK_END);
    off_t start = end > (off_t)most ? end - (off_t)most : 0;

    if (process->err_file >= 0) {
        ssize_t got = pread(process->err_file, text, most, start);
        text[got > 0 ? got : 0] = '\0';
    }
    return text;
}

char *
process_end_text(const struct process *process)
{
    if (!process->has_ended)
        return alloc_text("still running");
    if (WIFEXITED(process->status))
        return alloc_print("exit code %d", WEXITSTATUS(process->status));
    return alloc_print("signal %d (%s)", WTERMSIG(process->status),
                       strsignal(WTERMSIG(process->status)));
}
