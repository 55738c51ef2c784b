/* The parent waits for signals instead of being interrupted by them: none can come between a look
 * and the waiting. */
#include "service/apart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "config/options.h"
#include "guard/process.h"

/* Until the child has ended: its wait status. */
static int wait_for(pid_t child, const sigset_t *awaited, volatile sig_atomic_t *interrupted) {
    int status = 0, number;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (sigwait(awaited, &number) != 0 || number == SIGCHLD)
            continue;
        *interrupted = 1;
        (void)kill(child, SIGTERM);
    }
    return status;
}

static int status_of(int waited, const char *name) {
    if (WIFEXITED(waited))
        return WEXITSTATUS(waited);
    fprintf(stderr, "smblame: %s: its analysis was ended by signal %d\n", name, WTERMSIG(waited));
    return EXIT_RUNTIME;
}

int apart_run(int (*work)(void *context), void *context, const char *name,
              volatile sig_atomic_t *interrupted) {
    sigset_t awaited, mask;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGCHLD);
    (void)signal(SIGCHLD, SIG_DFL); /* ignored, it would not be waited for */
    fflush(stdout);
    (void)sigprocmask(SIG_BLOCK, &awaited, &mask);
    pid_t child = process_fork(NULL, SIGKILL);
    if (child == 0) {
        (void)sigprocmask(SIG_SETMASK, &mask, NULL);
        exit(work(context));
    }
    int status = EXIT_RUNTIME;
    if (child < 0)
        fprintf(stderr, "smblame: %s: cannot start: %s\n", name, strerror(-child));
    else
        status = status_of(wait_for(child, &awaited, interrupted), name);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    return status;
}
