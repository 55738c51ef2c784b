/* The first steps of a child. */
#include "guard/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

pid_t process_fork(const char *name, int signal) {
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return -errno;
    if (pid > 0)
        return pid;
    if (name)
        (void)prctl(PR_SET_NAME, name, 0, 0, 0);
    if (signal && prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) == 0 && getppid() != parent)
        (void)raise(signal); /* it had ended before we asked to be told */
    return 0;
}

void process_reset_signals(void) {
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &usual, NULL); /* not SIGKILL, SIGSTOP and libc's own */
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void process_descriptors_note(struct process_descriptors *descriptors) {
    memset(descriptors, 0, sizeof *descriptors);
    for (int fd = STDERR_FILENO + 1; fd < PROCESS_DESCRIPTORS; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            descriptors->is_open[fd / 64] |= UINT64_C(1) << (fd % 64);
}

void process_descriptors_close(const struct process_descriptors *descriptors) {
    for (int fd = 0; fd < PROCESS_DESCRIPTORS; fd++)
        if (descriptors->is_open[fd / 64] >> (fd % 64) & 1)
            (void)close(fd);
}
