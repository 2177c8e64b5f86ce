#include "conformance/bridge.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <libgen.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/alloc.h"

#define FAKETIME "libfaketimeMT.so.1"
/* Beside the program. */
#define SLEEPER "clock_bridge.so"

/* The one for programs with several threads, beside the C library that we have ourselves: a machine may hold those of other architectures, too. Else where it installs itself.
 * New text, NULL when there is none. */
static char *
faketime_new(void)
{
    Dl_info c_library;
    char *path = NULL;

    if (dladdr((void *)gnu_get_libc_version, &c_library) != 0 && c_library.dli_fname != NULL) {
        char *folder = alloc_text(c_library.dli_fname);

        path = alloc_print("%s/faketime/" FAKETIME, dirname(folder));
        free(folder);
    }
    if (path == NULL || access(path, R_OK) != 0) {
        free(path);
        path = alloc_text("/usr/local/lib/faketime/" FAKETIME);
    }
    if (access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static char *
sleeper_new(void)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    if (n < 0)
        return NULL;
    program[n] = '\0';
    char *path = alloc_print("%s/" SLEEPER, dirname(program));
    if (access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}

bool
bridge_is_there(void)
{
    if (getenv("FAKETIME") != NULL) {
        fprintf(stderr, "understudy: --clock-bridge with FAKETIME set, which libfaketime obeys "
                        "before all files, expected none; type: unset FAKETIME\n");
        return false;
    }
    char *faketime = faketime_new(), *sleeper = sleeper_new();
    bool is_there = faketime != NULL && sleeper != NULL;

    if (faketime == NULL)
        fprintf(stderr,
                "understudy: --clock-bridge needs libfaketime, expected " FAKETIME " in the "
                "folder faketime beside the C library; install the Debian package libfaketime\n");
    else if (sleeper == NULL)
        fprintf(stderr,
                "understudy: --clock-bridge needs " SLEEPER ", expected it beside the program, "
                "where the build leaves it\n");
    free(faketime);
    free(sleeper);
    return is_there;
}

char *
bridge_preload_new(void)
{
    char *faketime = faketime_new(), *sleeper = sleeper_new(), *preload = NULL;
    const char *others = getenv("LD_PRELOAD");

    if (faketime != NULL && sleeper != NULL)
        preload = alloc_print("%s:%s%s%s", sleeper, faketime, others != NULL ? ":" : "",
                              others != NULL ? others : "");
    free(faketime);
    free(sleeper);
    return preload;
}

void
bridge_sweep(pid_t pid)
{
    char name[48];

    if (pid == 0)
        return;
    snprintf(name, sizeof name, "/faketime_sem_%ld", (long)pid);
    sem_unlink(name);
    snprintf(name, sizeof name, "/faketime_shm_%ld", (long)pid);
    shm_unlink(name);
}
