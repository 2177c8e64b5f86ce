/* Loaded into clients in front of libfaketime. That takes a sleep until an instant of the monotonic clock for one of its own time even when it leaves that clock alone
 * (0.9.10: EINVAL at once, as Python's time.sleep() shows), so such sleeps go to the kernel as they are. Those by the wall clock are libfaketime's. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *left)
{
    if (clock == CLOCK_REALTIME) {
        int (*next)(clockid_t, int, const struct timespec *, struct timespec *);

        *(void **)&next = dlsym(RTLD_NEXT, "clock_nanosleep");
        return next(clock, flags, request, left);
    }
    return syscall(SYS_clock_nanosleep, clock, flags, request, left) == 0 ? 0 : errno;
}
