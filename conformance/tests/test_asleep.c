/* Who sleeps and who does not: our own children, blocked in a read or busy, alone or with children of their own. */
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conformance/asleep.h"

/* A child in a group of its own that sleeps in a read; with `depth`, a child of a child; busy ones never stop. */
static pid_t
start_child(bool is_busy, int depth)
{
    int said[2];
    char byte;

    ck_assert_int_eq(pipe(said), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        pid_t inner = depth > 0 ? fork() : -1;
        if (depth == 0 || inner == 0) {
            if (write(said[1], "x", 1) != 1)
                _exit(1);
            for (volatile unsigned i = 0; is_busy; i++)
                ;
        }
        for (;;)
            pause();
    }
    ck_assert_int_eq(read(said[0], &byte, 1), 1);
    close(said[0]);
    close(said[1]);
    return pid;
}

static void
stop_child(pid_t pid)
{
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ASLEEP_YES as soon as it is seen, within ten seconds; a child needs its moment to fall asleep. */
static enum asleep
await_sleep(struct sleepers *sleepers)
{
    enum asleep seen = ASLEEP_NO;

    for (int i = 0; i < 10000 && seen == ASLEEP_NO; i++) {
        const struct timespec nap = {.tv_nsec = 1000000};
        seen = asleep_look(sleepers);
        nanosleep(&nap, NULL);
    }
    return seen;
}

START_TEST(test_who_waits_sleeps)
{
    for (int depth = 0; depth < 2; depth++) {
        struct sleepers sleepers = {.roots = {start_child(false, depth)}, .root_count = 1};
        ck_assert_int_eq(await_sleep(&sleepers), ASLEEP_YES);
        ck_assert_uint_eq(sleepers.member_count, (size_t)depth + 1);
        stop_child(sleepers.roots[0]);
        asleep_fini(&sleepers);
    }
}
END_TEST

START_TEST(test_who_works_does_not_sleep)
{
    for (int depth = 0; depth < 2; depth++) {
        struct sleepers sleepers = {.roots = {start_child(true, depth)}, .root_count = 1};
        for (int i = 0; i < 200; i++)
            ck_assert_int_eq(asleep_look(&sleepers), ASLEEP_NO);
        stop_child(sleepers.roots[0]);
        asleep_fini(&sleepers);
    }
}
END_TEST

START_TEST(test_all_of_them_count)
{
    struct sleepers sleepers = {.roots = {start_child(false, 0), start_child(true, 0)},
                                .root_count = 2};

    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(asleep_look(&sleepers), ASLEEP_NO);
    stop_child(sleepers.roots[1]);
    ck_assert_int_eq(await_sleep(&sleepers), ASLEEP_YES);
    stop_child(sleepers.roots[0]);
    asleep_fini(&sleepers);
}
END_TEST

START_TEST(test_who_listens)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    ck_assert_int_eq(asleep_listener(ntohs(address.sin_port)), 0); /* bound, but deaf */
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(asleep_listener(ntohs(address.sin_port)), getpid());
    close(listener);
    ck_assert_int_eq(asleep_listener(ntohs(address.sin_port)), 0);
}
END_TEST

START_TEST(test_of_nobody_nothing_is_known)
{
    struct sleepers nobody = {0};

    ck_assert_int_eq(asleep_look(&nobody), ASLEEP_UNKNOWN);
    asleep_fini(&nobody);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("asleep");
    TCase *tests = tcase_create("asleep");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_who_waits_sleeps);
    tcase_add_test(tests, test_who_works_does_not_sleep);
    tcase_add_test(tests, test_all_of_them_count);
    tcase_add_test(tests, test_who_listens);
    tcase_add_test(tests, test_of_nobody_nothing_is_known);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
