/* How a child begins and what it leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/process.h"

static int wait_status(pid_t child) {
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_child_has_a_name(void **state) {
    (void)state;
    pid_t child = process_fork("smblame-test", 0);
    assert_true(child >= 0);
    if (child == 0) {
        char name[16] = "";
        (void)prctl(PR_GET_NAME, name, 0, 0, 0);
        _exit(strcmp(name, "smblame-test") == 0 ? 0 : 1);
    }
    assert_int_equal(wait_status(child), 0);
}

/* The pipe stays open as long as the grandchild lives. */
static void a_child_ends_with_its_parent(void **state) {
    (void)state;
    int alive[2];
    char letter;
    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    pid_t child = process_fork(NULL, SIGKILL);
    if (child == 0) {
        pid_t grandchild = process_fork(NULL, SIGKILL);
        if (grandchild == 0)
            for (;;)
                pause();
        _exit(grandchild > 0 ? 0 : 1);
    }
    close(alive[1]);
    assert_int_equal(wait_status(child), 0);
    assert_int_equal(read(alive[0], &letter, 1), 0);
    close(alive[0]);
}

static void on_signal(int number) {
    (void)number;
}

static void signals_are_as_they_were_born(void **state) {
    (void)state;
    pid_t child = process_fork(NULL, 0);
    if (child == 0) {
        const struct sigaction ours = {.sa_handler = on_signal};
        sigset_t all, now;
        sigfillset(&all);
        (void)sigaction(SIGTERM, &ours, NULL);
        (void)signal(SIGPIPE, SIG_IGN);
        (void)sigprocmask(SIG_SETMASK, &all, NULL);
        process_reset_signals();
        struct sigaction term, pipe;
        if (sigaction(SIGTERM, NULL, &term) != 0 || term.sa_handler != SIG_DFL ||
            sigaction(SIGPIPE, NULL, &pipe) != 0 || pipe.sa_handler != SIG_DFL ||
            sigprocmask(SIG_BLOCK, NULL, &now) != 0 || !sigisemptyset(&now))
            _exit(1);
        (void)raise(SIGTERM);
        _exit(2);
    }
    int status = wait_status(child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static bool is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

static void what_was_inherited_is_closed(void **state) {
    (void)state;
    pid_t child = process_fork(NULL, 0);
    if (child == 0) {
        int low = open("/dev/null", O_RDONLY | O_CLOEXEC);
        int high = fcntl(low, F_DUPFD_CLOEXEC, 200);
        struct process_descriptors inherited;
        process_descriptors_note(&inherited);
        int own = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (low < 3 || high < 200 || own < 3)
            _exit(1);
        process_descriptors_close(&inherited);
        if (is_open(low) || is_open(high))
            _exit(2);
        _exit(is_open(own) && is_open(STDERR_FILENO) ? 0 : 3);
    }
    assert_int_equal(wait_status(child), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_has_a_name),
        cmocka_unit_test(a_child_ends_with_its_parent),
        cmocka_unit_test(signals_are_as_they_were_born),
        cmocka_unit_test(what_was_inherited_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
