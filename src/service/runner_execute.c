/* From a request to a program: environment, standard input, and nothing that was ours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "service/runner_request.h"

enum { VARIABLE_BYTES = 4096, VARIABLES = 7, CANNOT_RUN = 127 };

/* NAME=value; what does not fit is left out, which only PATH and LANG could be too long for. */
struct environment {
    char texts[VARIABLES][VARIABLE_BYTES];
    char *list[VARIABLES + 1];
    unsigned count;
};

static void set(struct environment *environment, const char *name, const char *value) {
    char *text = environment->texts[environment->count];
    if (value && snprintf(text, VARIABLE_BYTES, "%s=%s", name, value) < VARIABLE_BYTES)
        environment->list[environment->count++] = text;
}

static void fill(struct environment *environment, const struct runner_request *request) {
    char severity[16];
    snprintf(severity, sizeof severity, "%u", request->severity);
    set(environment, "PATH", getenv("PATH"));
    set(environment, "LANG", getenv("LANG"));
    set(environment, "SMBLAME_RULE", request->rule);
    set(environment, "SMBLAME_ACCOUNT", request->account);
    set(environment, "SMBLAME_CLIENT", request->client);
    set(environment, "SMBLAME_DIAGNOSIS", request->diagnosis);
    set(environment, "SMBLAME_SEVERITY", severity);
}

/* A file in memory: the command may read the record when it likes, or not at all. */
static bool give_record(const struct runner_request *request) {
    int fd = memfd_create("record", MFD_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t written = write(fd, request->record, request->record_bytes);
    return written == (ssize_t)request->record_bytes && lseek(fd, 0, SEEK_SET) == 0 &&
           dup2(fd, STDIN_FILENO) == STDIN_FILENO;
}

static void reset_signals(void) {
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void runner_execute(const struct command *command, const struct runner_request *request) {
    struct environment environment = {0};
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    reset_signals();
    fill(&environment, request);
    if (give_record(request))
        execve(command->path, command->words, environment.list);
    fprintf(stderr, "smblame: --exec-on-open: cannot run '%s': %s\n", command->path,
            strerror(errno));
    _exit(CANNOT_RUN);
}
